#pragma once

#include "simulate/random.h"
#include "simulate/scene.h"

/* Pieces from which scenes.c builds its scenes. They append to a scene and stop at its limits. */

struct look look_of(enum material material, float r, float g, float b);
struct look look_windows(struct look look, float every, float storey);

void add_box(struct scene *scene, struct vec low, struct vec high, struct look look,
             struct look roof);
/* A house: a box for its walls, and a roof on it. */
struct roof {
        struct look look;
        float rise;   /* of the ridge above the eaves */
        bool along_x; /* the ridge, else along z */
};
void add_house(struct scene *scene, struct vec low, struct vec high, struct look look,
               struct roof roof);
void add_tree(struct scene *scene, struct rng *rng, float x, float z, float height,
              struct vec tint);
/* Bushes in a row from one point to another. */
void add_hedge(struct scene *scene, struct rng *rng, struct vec from, struct vec to, float height,
               struct vec tint);
void add_fence(struct scene *scene, struct vec from, struct vec to, float height, float every,
               struct look look);
void add_patch(struct scene *scene, float x0, float z0, float x1, float z1, struct look look);
/* A lamp on a pole, or on a wall if pole is false. */
void add_lamp(struct scene *scene, struct vec place, struct vec colour, bool pole);
/* A crate, a bin, a bench: a box standing at a point. */
void add_block(struct scene *scene, float x, float z, struct vec size, struct look look);

struct route *add_route(struct scene *scene, unsigned kinds, int pause_at, int count,
                        const struct vec *points);
/* `name` lives for ever. */
void add_window(struct scene *scene, const char *name, float x0, float y0, float x1, float y1);
