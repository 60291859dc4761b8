#include "simulate/scene_parts.h"

#include <assert.h>
#include <stddef.h>

struct look look_of(enum material material, float r, float g, float b)
{
        return (struct look){.material = material, .tint = {r, g, b}, .seed = 11};
}

struct look look_windows(struct look look, float every, float storey)
{
        look.window_every = every;
        look.storey = storey;
        return look;
}

static void plane(struct solid *s, struct vec normal, struct vec through)
{
        assert(s->planes < SOLID_PLANES);
        normal = vec_unit(normal);
        s->normal[s->planes] = normal;
        s->offset[s->planes++] = vec_dot(normal, through);
}

static struct solid *new_solid(struct scene *scene, struct vec low, struct vec high,
                               struct look look, struct look roof)
{
        if (scene->solid_count == SCENE_SOLIDS)
                return NULL;
        struct solid *s = &scene->solids[scene->solid_count++];
        *s = (struct solid){.look = look, .roof = roof, .low = low, .high = high};
        s->look.seed += (uint32_t)scene->solid_count * 31 + scene->seed;
        s->roof.seed += (uint32_t)scene->solid_count * 57 + scene->seed;
        s->centre = vec_mix(low, high, 0.5F);
        struct vec half = vec_sub(high, s->centre);
        s->radius = sqrtf(vec_dot(half, half)) + 0.01F;
        return s;
}

void add_box(struct scene *scene, struct vec low, struct vec high, struct look look,
             struct look roof)
{
        struct solid *s = new_solid(scene, low, high, look, roof);
        if (s == NULL)
                return;
        plane(s, vec_make(-1, 0, 0), low);
        plane(s, vec_make(1, 0, 0), high);
        plane(s, vec_make(0, 0, -1), low);
        plane(s, vec_make(0, 0, 1), high);
        s->roof_from = s->planes;
        plane(s, vec_make(0, 1, 0), high);
        plane(s, vec_make(0, -1, 0), low);
}

void add_house(struct scene *scene, struct vec low, struct vec high, struct look look,
               struct roof roof)
{
        add_box(scene, low, high, look, look);
        float out = 0.45F;
        struct vec from = {low.x - out, high.y - 0.12F, low.z - out};
        struct vec to = {high.x + out, high.y + roof.rise, high.z + out};
        struct look gable = look;
        gable.window_every = 0;
        struct solid *s = new_solid(scene, from, to, gable, roof.look);
        if (s == NULL)
                return;
        struct vec ridge = vec_mix(from, to, 0.5F);
        ridge.y = to.y;
        if (roof.along_x) {
                plane(s, vec_make(-1, 0, 0), from);
                plane(s, vec_make(1, 0, 0), to);
        } else {
                plane(s, vec_make(0, 0, -1), from);
                plane(s, vec_make(0, 0, 1), to);
        }
        plane(s, vec_make(0, -1, 0), from);
        s->roof_from = s->planes;
        float half = roof.along_x ? (to.z - from.z) / 2 : (to.x - from.x) / 2;
        float up = half / (roof.rise + 0.12F);
        struct vec a = roof.along_x ? vec_make(0, up, -1) : vec_make(-1, up, 0);
        struct vec b = roof.along_x ? vec_make(0, up, 1) : vec_make(1, up, 0);
        plane(s, a, ridge);
        plane(s, b, ridge);
}

enum { TREE_BLOBS = 13 };

struct crown {
        struct vec heart;
        float radius;
};

static void add_blob(struct scene *scene, struct vec centre, struct vec radius,
                     const struct crown *crown, struct vec tint)
{
        if (scene->blob_count == SCENE_BLOBS)
                return;
        uint32_t seed = scene->seed + (uint32_t)scene->blob_count * 13;
        scene->blobs[scene->blob_count++] =
                (struct blob){centre, radius, crown->heart, crown->radius, tint, seed};
}

void add_tree(struct scene *scene, struct rng *rng, float x, float z, float height, struct vec tint)
{
        float trunk = 0.035F * height;
        struct look bark = look_of(MATERIAL_BARK, 0.15F, 0.11F, 0.08F);
        add_box(scene, vec_make(x - trunk, 0, z - trunk),
                vec_make(x + trunk, height * 0.55F, z + trunk), bark, bark);
        struct crown crown = {{x, height * 0.60F, z}, height * 0.36F};
        for (int i = 0; i < TREE_BLOBS; i++) {
                /* around and up in even steps, as leaves stand around a stem */
                float part = ((float)i + 0.5F) / TREE_BLOBS;
                float turn = 2.39996F * (float)i + rng_range(rng, -0.3F, 0.3F);
                float rise = 1 - 2 * part;
                float out = crown.radius * sqrtf(1 - rise * rise) * rng_range(rng, 0.62F, 0.85F);
                float size = height * rng_range(rng, 0.10F, 0.16F);
                struct vec centre = {x + cosf(turn) * out,
                                     crown.heart.y + rise * height * rng_range(rng, 0.24F, 0.30F),
                                     z + sinf(turn) * out};
                struct vec own = vec_scale(tint, rng_range(rng, 0.82F, 1.18F));
                add_blob(scene, centre, vec_make(size, size * 0.8F, size), &crown, own);
        }
        float core = height * 0.22F;
        add_blob(scene, crown.heart, vec_make(core, core, core), &crown, vec_scale(tint, 0.8F));
}

void add_hedge(struct scene *scene, struct rng *rng, struct vec from, struct vec to, float height,
               struct vec tint)
{
        struct vec way = vec_sub(to, from);
        float length = sqrtf(vec_dot(way, way));
        int count = (int)(length / (height * 0.42F)) + 1;
        for (int i = 0; i <= count; i++) {
                float size = height * rng_range(rng, 0.40F, 0.62F);
                struct vec c = vec_add(from, vec_scale(way, (float)i / (float)count));
                c.x += rng_range(rng, -0.12F, 0.12F);
                c.y = height * rng_range(rng, 0.38F, 0.46F);
                struct crown crown = {vec_make(c.x, 0.2F * height, c.z), size * 1.4F};
                c.z += rng_range(rng, -0.12F, 0.12F);
                add_blob(scene, c, vec_make(size, size * 1.02F, size), &crown,
                         vec_scale(tint, rng_range(rng, 0.85F, 1.15F)));
        }
}

void add_fence(struct scene *scene, struct vec from, struct vec to, float height, float every,
               struct look look)
{
        struct vec way = vec_sub(to, from);
        float length = sqrtf(vec_dot(way, way));
        int posts = (int)(length / every);
        for (int i = 0; i <= posts; i++) {
                struct vec p = vec_add(from, vec_scale(way, (float)i / (float)posts));
                add_box(scene, vec_make(p.x - 0.06F, 0, p.z - 0.06F),
                        vec_make(p.x + 0.06F, height, p.z + 0.06F), look, look);
        }
        for (int i = 0; i < 2; i++) {
                float y = height * (0.45F + 0.4F * (float)i);
                struct vec low = {least(from.x, to.x) - 0.03F, y - 0.05F,
                                  least(from.z, to.z) - 0.03F};
                struct vec high = {most(from.x, to.x) + 0.03F, y + 0.05F,
                                   most(from.z, to.z) + 0.03F};
                add_box(scene, low, high, look, look);
        }
}

void add_patch(struct scene *scene, float x0, float z0, float x1, float z1, struct look look)
{
        if (scene->patch_count == SCENE_PATCHES)
                return;
        look.seed += scene->seed + (uint32_t)scene->patch_count;
        scene->patches[scene->patch_count++] = (struct patch){x0, z0, x1, z1, look};
}

void add_lamp(struct scene *scene, struct vec place, struct vec colour, bool pole)
{
        struct look metal = look_of(MATERIAL_METAL, 0.12F, 0.13F, 0.13F);
        struct look bulb = look_of(MATERIAL_LAMP, 0.8F, 0.8F, 0.75F);
        float s = 0.13F;
        if (pole) {
                add_box(scene, vec_make(place.x - 0.05F, 0, place.z - 0.05F),
                        vec_make(place.x + 0.05F, place.y, place.z + 0.05F), metal, metal);
        }
        add_box(scene, vec_make(place.x - s, place.y, place.z - s),
                vec_make(place.x + s, place.y + 0.2F, place.z + s), bulb, bulb);
        add_box(scene, vec_make(place.x - s * 1.5F, place.y + 0.2F, place.z - s * 1.5F),
                vec_make(place.x + s * 1.5F, place.y + 0.27F, place.z + s * 1.5F), metal, metal);
        if (scene->lamp_count == SCENE_LAMPS)
                return;
        scene->lamps[scene->lamp_count++] =
                (struct lamp){vec_make(place.x, place.y - 0.15F, place.z), colour};
}

void add_block(struct scene *scene, float x, float z, struct vec size, struct look look)
{
        add_box(scene, vec_make(x - size.x / 2, 0, z - size.z / 2),
                vec_make(x + size.x / 2, size.y, z + size.z / 2), look, look);
}

struct route *add_route(struct scene *scene, unsigned kinds, int pause_at, int count,
                        const struct vec *points)
{
        assert(scene->route_count < SCENE_ROUTES && count <= ROUTE_POINTS);
        struct route *route = &scene->routes[scene->route_count++];
        *route = (struct route){.kinds = kinds, .count = count, .pause_at = pause_at};
        for (int i = 0; i < count; i++)
                route->points[i] = points[i];
        return route;
}

void add_window(struct scene *scene, const char *name, float x0, float y0, float x1, float y1)
{
        assert(scene->window_count < SCENE_WINDOWS);
        scene->windows[scene->window_count++] = (struct zone_rect){x0, y0, x1, y1, name};
}
