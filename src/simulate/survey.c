#include "simulate/survey.h"

#include <stdlib.h>

#include "simulate/material.h"
#include "simulate/noise.h"

enum { CELL = 32, BLOB_SHELLS = 3, CANDIDATES = SCENE_SOLIDS + SCENE_BLOBS };

static const float far_away = 1e6F;

/* Pixels that an object may cover. */
struct extent {
        float x0, y0, x1, y1;
};

struct hit {
        float t;
        struct vec normal;
        const struct look *look; /* NULL: leaves of `blob` */
        const struct blob *blob;
};

struct vec survey_ray(const struct survey *s, float x, float y)
{
        float cx = (x - (float)s->width * 0.5F) / s->focal;
        float cy = ((float)s->height * 0.5F - y) / s->focal;
        struct vec d = vec_add(s->forward, vec_add(vec_scale(s->right, cx), vec_scale(s->up, cy)));
        return vec_unit(d);
}

bool survey_project(const struct survey *s, struct vec point, struct spot_on_screen *out)
{
        struct vec rel = vec_sub(point, s->scene->view.eye);
        float z = vec_dot(rel, s->forward);
        if (z < 0.3F)
                return false;
        out->scale = s->focal / z;
        out->x = (float)s->width * 0.5F + vec_dot(rel, s->right) * out->scale;
        out->y = (float)s->height * 0.5F - vec_dot(rel, s->up) * out->scale;
        out->distance = sqrtf(vec_dot(rel, rel));
        return true;
}

static struct extent extent_of(const struct survey *s, struct vec low, struct vec high)
{
        struct extent all = {-far_away, -far_away, far_away, far_away};
        struct extent e = {far_away, far_away, -far_away, -far_away};
        for (int i = 0; i < 8; i++) {
                struct vec corner = {i & 1 ? high.x : low.x, i & 2 ? high.y : low.y,
                                     i & 4 ? high.z : low.z};
                struct spot_on_screen p;
                if (!survey_project(s, corner, &p))
                        return all;
                e.x0 = least(e.x0, p.x);
                e.y0 = least(e.y0, p.y);
                e.x1 = most(e.x1, p.x);
                e.y1 = most(e.y1, p.y);
        }
        return e;
}

static bool hit_solid(const struct solid *solid, struct vec from, struct vec dir, float near,
                      struct hit *hit)
{
        float enter = near;
        float leave = hit->t;
        int face = -1;
        for (int i = 0; i < solid->planes; i++) {
                float slope = vec_dot(solid->normal[i], dir);
                float gap = solid->offset[i] - vec_dot(solid->normal[i], from);
                if (fabsf(slope) < 1e-7F) {
                        if (gap < 0)
                                return false;
                        continue;
                }
                float t = gap / slope;
                if (slope < 0 && t > enter) {
                        enter = t;
                        face = i;
                } else if (slope > 0 && t < leave) {
                        leave = t;
                }
                if (enter >= leave)
                        return false;
        }
        if (face < 0)
                return false;
        hit->t = enter;
        hit->normal = solid->normal[face];
        hit->look = face >= solid->roof_from ? &solid->roof : &solid->look;
        return true;
}

/* Leaves have holes; `full` is how much of the surface has any. */
static bool leafy(const struct blob *blob, struct vec p, float full)
{
        float n = noise3(p.x * 3.3F, p.y * 3.3F, p.z * 3.3F, blob->seed);
        float fine = noise3(p.x * 13, p.y * 13, p.z * 13, blob->seed + 1);
        return 0.4F * n + 0.6F * fine < full;
}

/* Which way the leaves at a point face: out of the crown, more or less. */
static struct vec leaf_normal(const struct blob *blob, struct vec p, struct vec inverse)
{
        struct vec n = vec_unit(vec_times(vec_sub(p, blob->centre), vec_times(inverse, inverse)));
        n = vec_add(vec_scale(n, 0.5F), vec_unit(vec_sub(p, blob->heart)));
        struct vec stir = {noise3(p.x * 8, p.y * 8, p.z * 8, blob->seed + 5) - 0.5F,
                           noise3(p.x * 8, p.y * 8, p.z * 8, blob->seed + 6) - 0.35F,
                           noise3(p.x * 8, p.y * 8, p.z * 8, blob->seed + 7) - 0.5F};
        return vec_unit(vec_add(n, vec_scale(stir, 2.2F)));
}

/* A blob is so many shells of leaves, one in the other, seen through each other's holes. */
static bool hit_blob(const struct blob *blob, int shells, struct vec from, struct vec dir,
                     float near, struct hit *hit)
{
        static const float sizes[] = {1, 0.83F, 0.64F};
        static const float full[] = {0.43F, 0.52F, 0.70F};
        struct vec inverse = {1 / blob->radius.x, 1 / blob->radius.y, 1 / blob->radius.z};
        struct vec o = vec_times(vec_sub(from, blob->centre), inverse);
        struct vec d = vec_times(dir, inverse);
        float a = vec_dot(d, d);
        float b = vec_dot(o, d);
        float c = vec_dot(o, o);
        for (int i = 0; i < shells; i++) {
                float disc = b * b - a * (c - sizes[i] * sizes[i]);
                if (disc <= 0)
                        return false;
                float t = (-b - sqrtf(disc)) / a;
                if (t < near || t >= hit->t)
                        continue;
                struct vec p = vec_add(from, vec_scale(dir, t));
                if (!leafy(blob, p, shells == 1 ? 0.55F : full[i]))
                        continue;
                *hit = (struct hit){t, leaf_normal(blob, p, inverse), NULL, blob};
                return true;
        }
        return false;
}

float survey_visibility(const struct scene *scene, struct vec point, struct vec direction)
{
        for (int i = 0; i < scene->solid_count; i++) {
                const struct solid *solid = &scene->solids[i];
                struct vec rel = vec_sub(solid->centre, point);
                float along = vec_dot(rel, direction);
                if (along < -solid->radius ||
                    vec_dot(rel, rel) - along * along > solid->radius * solid->radius)
                        continue;
                struct hit hit = {.t = far_away};
                if (hit_solid(solid, point, direction, 0.02F, &hit))
                        return 0;
        }
        float light = 1;
        for (int i = 0; i < scene->blob_count && light > 0.1F; i++) {
                const struct blob *blob = &scene->blobs[i];
                struct vec rel = vec_sub(blob->centre, point);
                float along = vec_dot(rel, direction);
                float reach = most(blob->radius.x, most(blob->radius.y, blob->radius.z));
                if (along < -reach || vec_dot(rel, rel) - along * along > reach * reach)
                        continue;
                struct hit hit = {.t = far_away};
                if (hit_blob(blob, 1, point, direction, 0.05F, &hit))
                        light *= 0.22F;
        }
        return light;
}

static const struct look *ground_look(const struct scene *scene, float x, float z)
{
        for (int i = scene->patch_count - 1; i >= 0; i--) {
                const struct patch *p = &scene->patches[i];
                if (x >= p->x0 && x < p->x1 && z >= p->z0 && z < p->z1)
                        return &p->look;
        }
        return &scene->ground;
}

/* What little sky the foot of a wall sees. */
static float nearness(const struct scene *scene, struct vec p)
{
        float nearest = 4;
        for (int i = 0; i < scene->solid_count; i++) {
                const struct solid *s = &scene->solids[i];
                if (s->low.y > 0.6F || s->high.y < 0.25F)
                        continue;
                float dx = most(most(s->low.x - p.x, p.x - s->high.x), 0);
                float dz = most(most(s->low.z - p.z, p.z - s->high.z), 0);
                float reach = least(s->high.y, 3) / 3 + 0.25F;
                nearest = least(nearest, sqrtf(dx * dx + dz * dz) / reach);
        }
        for (int i = 0; i < scene->blob_count; i++) {
                const struct blob *b = &scene->blobs[i];
                if (b->centre.y - b->radius.y > 0.5F)
                        continue;
                float dx = (p.x - b->centre.x) / b->radius.x;
                float dz = (p.z - b->centre.z) / b->radius.z;
                nearest = least(nearest, most(sqrtf(dx * dx + dz * dz) - 0.75F, 0.05F) * 2);
        }
        return 0.48F + 0.52F * ramp(-0.1F, 1.6F, nearest);
}

static uint8_t pack(float value)
{
        return (uint8_t)(clampf(value, 0, 1) * 255 + 0.5F);
}

static void sample_set(struct sample *out, const struct surface *surface, struct vec n, float t,
                       float ambient)
{
        out->distance = t;
        out->albedo[0] = pack(sqrtf(clampf(surface->albedo.x * ambient, 0, 1)));
        out->albedo[1] = pack(sqrtf(clampf(surface->albedo.y * ambient, 0, 1)));
        out->albedo[2] = pack(sqrtf(clampf(surface->albedo.z * ambient, 0, 1)));
        out->glow = pack(surface->glow);
        out->normal[0] = (int8_t)(n.x * 127);
        out->normal[1] = (int8_t)(n.y * 127);
        out->normal[2] = (int8_t)(n.z * 127);
}

static void sample_hit(const struct scene *scene, const struct hit *hit, struct vec p,
                       struct sample *out)
{
        if (hit->blob != NULL && hit->look == NULL) {
                struct look look = {MATERIAL_LEAVES, hit->blob->tint, 0, 0, hit->blob->seed};
                struct surface surface = material_at(&look, p, hit->normal, hit->t);
                struct vec rel = vec_sub(p, hit->blob->heart);
                float out_of = sqrtf(vec_dot(rel, rel)) / hit->blob->crown;
                float low = ramp(-1.2F, 0.6F, rel.y / hit->blob->crown);
                sample_set(out, &surface, hit->normal, hit->t,
                           (0.22F + 0.83F * ramp(0.4F, 1.25F, out_of)) * (0.6F + 0.5F * low));
                out->kind = SAMPLE_LEAVES;
                return;
        }
        bool ground = hit->look == NULL;
        const struct look *look = ground ? ground_look(scene, p.x, p.z) : hit->look;
        struct surface surface = material_at(look, p, hit->normal, hit->t);
        float ambient = ground                 ? nearness(scene, p)
                        : hit->normal.y < 0.1F ? 0.72F + 0.28F * ramp(0, 0.9F, p.y)
                                               : 1;
        sample_set(out, &surface, hit->normal, hit->t, ambient);
        out->kind = ground ? SAMPLE_GROUND : surface.mirror ? SAMPLE_GLASS : SAMPLE_SOLID;
}

/* The objects that a cell of pixels may show; solids first, then blobs from SCENE_SOLIDS on. */
static int candidates(const struct scene *scene, const struct extent *extents, int x, int y,
                      short *out)
{
        int count = 0;
        for (int i = 0; i < SCENE_SOLIDS + scene->blob_count; i++) {
                if (i >= scene->solid_count && i < SCENE_SOLIDS)
                        continue;
                const struct extent *e = &extents[i];
                if (e->x1 + 1 < (float)x || e->x0 - 1 > (float)(x + CELL) || e->y1 + 1 < (float)y ||
                    e->y0 - 1 > (float)(y + CELL))
                        continue;
                out[count++] = (short)i;
        }
        return count;
}

static void follow(const struct survey *s, const short *list, int count, struct vec dir,
                   struct sample *out)
{
        const struct scene *scene = s->scene;
        struct vec eye = scene->view.eye;
        struct hit hit = {.t = far_away};
        if (dir.y < -1e-4F) {
                hit.t = -eye.y / dir.y;
                hit.normal = vec_make(0, 1, 0);
        }
        bool found = hit.t < 900;
        if (!found)
                hit.t = far_away;
        for (int i = 0; i < count; i++) {
                if (list[i] < SCENE_SOLIDS) {
                        if (hit_solid(&scene->solids[list[i]], eye, dir, 0.1F, &hit)) {
                                hit.blob = NULL;
                                found = true;
                        }
                } else if (hit_blob(&scene->blobs[list[i] - SCENE_SOLIDS], BLOB_SHELLS, eye, dir,
                                    0.1F, &hit)) {
                        found = true;
                }
        }
        if (!found) {
                *out = (struct sample){.distance = far_away, .kind = SAMPLE_SKY};
                return;
        }
        sample_hit(scene, &hit, vec_add(eye, vec_scale(dir, hit.t)), out);
}

static void look_around(struct survey *s, const struct extent *extents)
{
        short list[CANDIDATES];
        for (int y = 0; y < s->height; y += CELL) {
                for (int x = 0; x < s->width; x += CELL) {
                        int count = candidates(s->scene, extents, x, y, list);
                        int bottom = y + CELL < s->height ? y + CELL : s->height;
                        int right = x + CELL < s->width ? x + CELL : s->width;
                        for (int i = y * s->width; i < bottom * s->width; i += s->width) {
                                int row = i / s->width;
                                float py = (float)row + 0.5F;
                                for (int j = x; j < right; j++)
                                        follow(s, list, count, survey_ray(s, (float)j + 0.5F, py),
                                               &s->samples[i + j]);
                        }
                }
        }
}

bool survey_make(struct survey *s, const struct scene *scene, int width, int height,
                 struct error *err)
{
        const struct view *view = &scene->view;
        float sy = sinf(view->yaw);
        float cy = cosf(view->yaw);
        float sp = sinf(view->pitch);
        float cp = cosf(view->pitch);
        *s = (struct survey){.scene = scene, .width = width, .height = height};
        s->focal = view->focal * (float)width;
        s->right = vec_make(cy, 0, -sy);
        s->forward = vec_make(sy * cp, -sp, cy * cp);
        s->up = vec_make(sy * sp, cp, cy * sp);
        s->samples = malloc(sizeof *s->samples * (size_t)width * (size_t)height);
        if (s->samples == NULL)
                return error_set(err, ERROR_FULL, "no memory for a view of %dx%d", width, height);

        struct extent extents[CANDIDATES] = {0};
        for (int i = 0; i < scene->solid_count; i++)
                extents[i] = extent_of(s, scene->solids[i].low, scene->solids[i].high);
        for (int i = 0; i < scene->blob_count; i++) {
                const struct blob *b = &scene->blobs[i];
                extents[SCENE_SOLIDS + i] =
                        extent_of(s, vec_sub(b->centre, b->radius), vec_add(b->centre, b->radius));
        }
        look_around(s, extents);
        return true;
}

void survey_finish(struct survey *survey)
{
        free(survey->samples);
        *survey = (struct survey){0};
}
