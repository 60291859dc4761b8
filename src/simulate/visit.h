#pragma once

#include <stdint.h>

#include "simulate/actor.h"

/*
 * A visit: something comes into a scene, alone or in company, and goes again. Visits follow one
 * another at a rhythm that depends on the hour.
 */
enum { VISIT_ACTORS = 3 };

struct visit {
        struct actor actors[VISIT_ACTORS];
        int count;
        int64_t start_ms; /* since 1970 */
        int64_t end_ms;
};

/* Something plausible for the light (nobody walks much at night, no bird flies). */
struct visit visit_make(const struct scene *scene, bool dark, int64_t start_ms, struct rng *rng);

/* Milliseconds until the next visit at an hour of the day (0 .. 23), where `an_hour` visits an hour
 * are usual by day. */
int64_t visit_gap(int hour, float an_hour, struct rng *rng);

/* Motion windows (bit n-1) in which something that can be seen moves at this time. */
uint8_t visit_windows(const struct visit *visit, const struct survey *survey, int64_t time_ms);

void visit_draw(const struct visit *visit, struct canvas *canvas, int64_t time_ms);
