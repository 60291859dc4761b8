#pragma once

#include <stdint.h>

#include "simulate/canvas.h"
#include "simulate/random.h"

/*
 * Something that moves through a scene along a route: a person, a car, a cat, a fox, a bird. Where
 * it is and how it looks follow from the time alone.
 */
struct actor {
        enum actor_kind kind;
        struct vec points[ROUTE_POINTS];
        int count;
        float speed;   /* metres a second */
        float start_s; /* when it sets out, seconds since the visit began */
        int pause_at;  /* point at which it stops; 0: nowhere */
        float pause_s;
        float size; /* 1: as usual */
        struct vec coat, trousers, hair, skin;
        float step; /* where in its gait it begins */
        bool van;   /* a car that is one */
        bool bag;   /* a person who carries one */
};

struct pose {
        struct vec place;   /* on the ground, or the bird itself */
        struct vec heading; /* along the ground, length 1 */
        float walked;       /* metres since the start */
        bool moving;
        bool there; /* false before the start and after the end */
};

/* Something of this kind on a route, forwards or (if back) the other way. */
struct actor actor_make(enum actor_kind kind, const struct route *route, bool back,
                        struct rng *rng);

/* Seconds from its setting out to its end. */
float actor_duration(const struct actor *actor);
struct pose actor_pose(const struct actor *actor, float seconds);

/* Its height and half its length, metres. */
float actor_height(const struct actor *actor);
float actor_reach(const struct actor *actor);

/* Draws it and its shadow. */
void actor_draw(struct canvas *canvas, const struct actor *actor, const struct pose *pose);

/* Drawing of single kinds, in files of their own. */
void draw_person(struct canvas *canvas, const struct actor *actor, const struct pose *pose,
                 struct brush *brush);
void draw_car(struct canvas *canvas, const struct actor *actor, const struct pose *pose,
              struct brush *brush);
void draw_animal(struct canvas *canvas, const struct actor *actor, const struct pose *pose,
                 struct brush *brush);
void draw_bird(struct canvas *canvas, const struct actor *actor, const struct pose *pose,
               struct brush *brush);
