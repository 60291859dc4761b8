#include "simulate/actor.h"

#include <assert.h>

static struct vec colour_of(struct rng *rng, const struct vec *from, int count)
{
        struct vec c = from[rng_below(rng, count)];
        return vec_scale(c, rng_range(rng, 0.8F, 1.2F));
}

static void dress(struct actor *a, struct rng *rng)
{
        static const struct vec coats[] = {
                {0.30F, 0.05F, 0.04F}, {0.04F, 0.07F, 0.18F}, {0.03F, 0.03F, 0.035F},
                {0.34F, 0.30F, 0.22F}, {0.07F, 0.13F, 0.07F}, {0.45F, 0.28F, 0.03F},
                {0.50F, 0.50F, 0.48F}, {0.10F, 0.20F, 0.30F},
        };
        static const struct vec trousers[] = {
                {0.03F, 0.04F, 0.08F},
                {0.03F, 0.03F, 0.03F},
                {0.16F, 0.13F, 0.09F},
                {0.07F, 0.09F, 0.14F},
        };
        static const struct vec hair[] = {
                {0.02F, 0.015F, 0.01F},
                {0.08F, 0.04F, 0.02F},
                {0.24F, 0.17F, 0.07F},
                {0.25F, 0.25F, 0.25F},
        };
        static const struct vec skin[] = {
                {0.48F, 0.30F, 0.21F},
                {0.36F, 0.21F, 0.13F},
                {0.13F, 0.07F, 0.045F},
        };
        a->coat = colour_of(rng, coats, 8);
        a->trousers = colour_of(rng, trousers, 4);
        a->hair = colour_of(rng, hair, 4);
        a->skin = colour_of(rng, skin, 3);
        a->bag = rng_below(rng, 4) == 0;
}

static void finish(struct actor *a, struct rng *rng)
{
        static const struct vec paints[] = {
                {0.52F, 0.52F, 0.51F}, {0.025F, 0.025F, 0.03F}, {0.20F, 0.21F, 0.22F},
                {0.28F, 0.03F, 0.03F}, {0.03F, 0.06F, 0.18F},   {0.10F, 0.16F, 0.13F},
                {0.34F, 0.31F, 0.25F},
        };
        a->van = rng_below(rng, 4) == 0;
        a->coat = a->van ? vec_make(0.55F, 0.55F, 0.54F) : colour_of(rng, paints, 7);
}

struct actor actor_make(enum actor_kind kind, const struct route *route, bool back, struct rng *rng)
{
        static const float speeds[ACTOR_KINDS] = {1.35F, 6.5F, 1.0F, 1.7F, 5.5F};
        struct actor a = {.kind = kind, .count = route->count};
        for (int i = 0; i < route->count; i++)
                a.points[i] = route->points[back ? route->count - 1 - i : i];
        a.pause_at = route->pause_at == 0 ? 0
                     : back               ? route->count - 1 - route->pause_at
                                          : route->pause_at;
        a.speed = speeds[kind] * rng_range(rng, 0.85F, 1.2F);
        if (kind == ACTOR_CAR && route->count > 2)
                a.speed *= 0.55F;
        a.size = rng_range(rng, 0.93F, 1.07F);
        a.step = rng_unit(rng);
        a.pause_s = rng_range(rng, 1.5F, 6);
        dress(&a, rng);
        if (kind == ACTOR_CAR)
                finish(&a, rng);
        else if (kind == ACTOR_CAT)
                a.coat = colour_of(rng,
                                   (struct vec[]){{0.03F, 0.03F, 0.03F},
                                                  {0.3F, 0.17F, 0.07F},
                                                  {0.2F, 0.2F, 0.19F}},
                                   3);
        else if (kind == ACTOR_FOX)
                a.coat = vec_make(0.36F, 0.14F, 0.045F);
        else if (kind == ACTOR_BIRD)
                a.coat = colour_of(
                        rng, (struct vec[]){{0.02F, 0.02F, 0.025F}, {0.25F, 0.25F, 0.27F}}, 2);
        return a;
}

static float leg_length(const struct actor *a, int i)
{
        struct vec d = vec_sub(a->points[i + 1], a->points[i]);
        return sqrtf(vec_dot(d, d));
}

static bool pauses(const struct actor *a, int point)
{
        return a->kind == ACTOR_PERSON && a->pause_at > 0 && point == a->pause_at;
}

float actor_duration(const struct actor *a)
{
        float seconds = 0;
        for (int i = 0; i + 1 < a->count; i++)
                seconds += leg_length(a, i) / a->speed + (pauses(a, i) ? a->pause_s : 0);
        return seconds;
}

/* Corners are rounded: near a corner the heading is that of a curve through it. */
static struct vec heading_at(const struct actor *a, int leg, float gone, float length)
{
        struct vec own = vec_unit(vec_sub(a->points[leg + 1], a->points[leg]));
        float turn = a->kind == ACTOR_CAR ? 3.0F : 0.7F;
        if (gone < turn && leg > 0) {
                /* cppcheck-suppress arrayIndexOutOfBoundsCond; leg is a leg */
                struct vec before = vec_unit(vec_sub(a->points[leg], a->points[leg - 1]));
                own = vec_mix(before, own, 0.5F + 0.5F * gone / turn);
        } else if (length - gone < turn && leg + 2 < a->count) {
                struct vec after = vec_unit(vec_sub(a->points[leg + 2], a->points[leg + 1]));
                own = vec_mix(after, own, 0.5F + 0.5F * (length - gone) / turn);
        }
        own.y = 0;
        return vec_unit(own);
}

struct pose actor_pose(const struct actor *a, float seconds)
{
        struct pose pose = {.heading = {0, 0, 1}};
        float left = seconds - a->start_s;
        if (left < 0)
                return pose;
        for (int i = 0; i + 1 < a->count; i++) {
                float length = leg_length(a, i);
                float takes = length / a->speed;
                bool stands = false;
                if (pauses(a, i)) {
                        stands = left < a->pause_s;
                        left = stands ? 0 : left - a->pause_s;
                }
                if (left < takes) {
                        float gone = left * a->speed;
                        pose.place = vec_mix(a->points[i], a->points[i + 1], gone / length);
                        pose.heading = heading_at(a, i, gone, length);
                        pose.walked += gone;
                        pose.moving = !stands;
                        pose.there = true;
                        return pose;
                }
                left -= takes;
                pose.walked += length;
        }
        return pose;
}

float actor_height(const struct actor *a)
{
        static const float heights[ACTOR_KINDS] = {1.76F, 1.45F, 0.30F, 0.42F, 0.2F};
        assert(a->kind < ACTOR_KINDS);
        return heights[a->kind] * a->size * (a->kind == ACTOR_CAR && a->van ? 1.4F : 1);
}

float actor_reach(const struct actor *a)
{
        static const float reaches[ACTOR_KINDS] = {0.3F, 2.1F, 0.3F, 0.5F, 0.3F};
        return reaches[a->kind];
}

static void draw_kind(struct canvas *canvas, const struct actor *a, const struct pose *pose,
                      struct brush *brush)
{
        switch (a->kind) {
        case ACTOR_PERSON: draw_person(canvas, a, pose, brush); break;
        case ACTOR_CAR: draw_car(canvas, a, pose, brush); break;
        case ACTOR_CAT:
        case ACTOR_FOX: draw_animal(canvas, a, pose, brush); break;
        case ACTOR_BIRD: draw_bird(canvas, a, pose, brush); break;
        case ACTOR_KINDS: break;
        }
}

/* What the thing and its shadow cover at most. */
static struct area shadow_area(const struct canvas *canvas, const struct actor *a,
                               const struct pose *pose)
{
        struct vec sun = canvas->light.sun;
        float along = least((actor_height(a) + (a->kind == ACTOR_BIRD ? pose->place.y : 0)) /
                                    most(sun.y, 0.05F),
                            14);
        float reach = actor_reach(a) + 1;
        struct area area = {1 << 20, 1 << 20, 0, 0};
        for (int i = 0; i < 8; i++) {
                struct vec p = pose->place;
                float part = i & 4 ? along : 0;
                p.x += (i & 1 ? reach : -reach) - sun.x * part;
                p.z += (i & 2 ? reach : -reach) - sun.z * part;
                p.y = 0;
                struct spot_on_screen at;
                if (!survey_project(canvas->survey, p, &at))
                        return (struct area){0, 0, canvas->mosaic->width, canvas->mosaic->height};
                area.x0 = (int)least((float)area.x0, clampf(at.x, 0, 9999));
                area.y0 = (int)least((float)area.y0, clampf(at.y, 0, 9999));
                area.x1 = (int)most((float)area.x1, clampf(at.x + 1, 0, 9999));
                area.y1 = (int)most((float)area.y1, clampf(at.y + 1, 0, 9999));
        }
        return area;
}

void actor_draw(struct canvas *canvas, const struct actor *a, const struct pose *pose)
{
        struct vec middle = pose->place;
        middle.y += 0.1F;
        struct gathered light = light_gather(&canvas->light, canvas->survey, middle);
        struct brush brush = {.light = &light, .reach = 0.15F + actor_reach(a)};
        struct light *sky = &canvas->light;
        if (sky->sun_colour.x > 0.05F && sky->sun.y > 0.03F) {
                brush.shadow = true;
                draw_kind(canvas, a, pose, &brush);
                brush.shadow = false;
                float strength = sky->sun_colour.y * sky->sun.y;
                canvas_cast(canvas, shadow_area(canvas, a, pose),
                            0.6F * strength / (strength + 0.45F));
        }
        if (a->kind == ACTOR_PERSON || a->kind == ACTOR_CAT || a->kind == ACTOR_FOX)
                canvas_contact(canvas, pose->place, a->kind == ACTOR_PERSON ? 0.42F : 0.36F, 0.38F);
        draw_kind(canvas, a, pose, &brush);
}
