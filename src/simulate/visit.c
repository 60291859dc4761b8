#include "simulate/visit.h"

static bool likely(enum actor_kind kind, bool dark, struct rng *rng)
{
        switch (kind) {
        case ACTOR_PERSON: return !dark || rng_below(rng, 5) < 2;
        case ACTOR_CAR: return true;
        case ACTOR_CAT: return rng_below(rng, 4) < (dark ? 3 : 1);
        case ACTOR_FOX: return rng_below(rng, 8) < (dark ? 7 : 1);
        case ACTOR_BIRD: return !dark && rng_below(rng, 3) == 0;
        case ACTOR_KINDS: break;
        }
        return false;
}

static struct actor somebody(const struct scene *scene, bool dark, struct rng *rng)
{
        const struct route *route = &scene->routes[0];
        int kind = 0;
        for (int tries = 0; tries < 12; tries++) {
                route = &scene->routes[rng_below(rng, scene->route_count)];
                do
                        kind = rng_below(rng, ACTOR_KINDS);
                while ((route->kinds >> kind & 1) == 0);
                if (likely((enum actor_kind)kind, dark, rng))
                        break;
        }
        /* cars keep to their side of the road */
        bool back = kind != ACTOR_CAR && rng_below(rng, 2) == 0;
        return actor_make((enum actor_kind)kind, route, back, rng);
}

/* Somebody who walks beside another. */
static struct actor companion(const struct actor *other, struct rng *rng)
{
        struct route route = {.kinds = 1, .count = other->count, .pause_at = other->pause_at};
        float side = rng_range(rng, 0.6F, 0.9F);
        for (int i = 0; i < other->count; i++)
                route.points[i] = vec_add(other->points[i], vec_make(side * 0.8F, 0, side));
        struct actor actor = actor_make(ACTOR_PERSON, &route, false, rng);
        actor.speed = other->speed;
        actor.pause_s = other->pause_s;
        actor.start_s = rng_range(rng, 0, 0.5F);
        return actor;
}

struct visit visit_make(const struct scene *scene, bool dark, int64_t start_ms, struct rng *rng)
{
        struct visit visit = {.start_ms = start_ms, .count = 1};
        visit.actors[0] = somebody(scene, dark, rng);
        if (visit.actors[0].kind == ACTOR_PERSON && rng_below(rng, 4) == 0)
                visit.actors[visit.count++] = companion(&visit.actors[0], rng);
        if (rng_below(rng, 5) == 0) {
                visit.actors[visit.count] = somebody(scene, dark, rng);
                visit.actors[visit.count++].start_s = rng_range(rng, 0, 6);
        }
        float longest = 0;
        for (int i = 0; i < visit.count; i++)
                longest = most(longest, visit.actors[i].start_s + actor_duration(&visit.actors[i]));
        visit.end_ms = start_ms + (int64_t)(longest * 1000);
        return visit;
}

int64_t visit_gap(int hour, float an_hour, struct rng *rng)
{
        static const unsigned char part[24] = {/* percent of the usual rhythm */
                                               20,  15,  15,  15,  15,  25,  50, 90,
                                               110, 100, 90,  100, 110, 100, 90, 90,
                                               110, 120, 110, 90,  60,  50,  40, 30};
        float mean = 3600000.0F / (an_hour * (float)part[hour] / 100);
        float gap = -logf(1 - rng_unit(rng)) * mean;
        return 4000 + (int64_t)least(gap, 12 * mean);
}

static bool in_sight(const struct survey *survey, const struct spot_on_screen *at, float reach)
{
        int x = (int)at->x;
        int y = (int)at->y;
        if (at->x < 0 || at->y < 0 || x >= survey->width || y >= survey->height)
                return false;
        return survey->samples[y * survey->width + x].distance > at->distance - reach;
}

static uint8_t windows_at(const struct survey *survey, const struct spot_on_screen *at)
{
        const struct scene *scene = survey->scene;
        float x = at->x / (float)survey->width;
        float y = at->y / (float)survey->height;
        uint8_t windows = 0;
        for (int i = 0; i < scene->window_count; i++) {
                const struct zone_rect *w = &scene->windows[i];
                if (x >= w->x0 && x < w->x1 && y >= w->y0 && y < w->y1)
                        windows |= (uint8_t)(1U << i);
        }
        return windows;
}

uint8_t visit_windows(const struct visit *visit, const struct survey *survey, int64_t time_ms)
{
        static const float points[][2] = {
                {0, 0.1F}, {0, 0.5F}, {0, 0.9F}, {-0.8F, 0.4F}, {0.8F, 0.4F}};
        float seconds = (float)(time_ms - visit->start_ms) / 1000;
        uint8_t windows = 0;
        for (int i = 0; i < visit->count; i++) {
                const struct actor *actor = &visit->actors[i];
                struct pose pose = actor_pose(actor, seconds);
                if (!pose.there || !pose.moving)
                        continue;
                for (size_t j = 0; j < sizeof points / sizeof points[0]; j++) {
                        struct vec p =
                                vec_add(pose.place,
                                        vec_scale(pose.heading, points[j][0] * actor_reach(actor)));
                        p.y += points[j][1] * actor_height(actor);
                        struct spot_on_screen at;
                        if (survey_project(survey, p, &at) &&
                            in_sight(survey, &at, actor_reach(actor)))
                                windows |= windows_at(survey, &at);
                }
        }
        return windows;
}

void visit_draw(const struct visit *visit, struct canvas *canvas, int64_t time_ms)
{
        float seconds = (float)(time_ms - visit->start_ms) / 1000;
        struct pose poses[VISIT_ACTORS];
        float distances[VISIT_ACTORS];
        for (int i = 0; i < visit->count; i++) {
                poses[i] = actor_pose(&visit->actors[i], seconds);
                struct vec d = vec_sub(poses[i].place, canvas->survey->scene->view.eye);
                distances[i] = poses[i].there ? vec_dot(d, d) : -1;
        }
        for (int done = 0; done < visit->count; done++) {
                int far = 0;
                for (int i = 1; i < visit->count; i++) {
                        if (distances[i] > distances[far])
                                far = i;
                }
                if (distances[far] < 0)
                        return;
                distances[far] = -1;
                actor_draw(canvas, &visit->actors[far], &poses[far]);
        }
}
