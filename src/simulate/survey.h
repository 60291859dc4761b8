#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "simulate/scene.h"

/*
 * What the camera sees of a scene, without light: for each pixel what is there, how far, which way
 * it faces and its own colour. Made once a camera by following a ray through each pixel; light.h
 * turns it into a picture for an hour of the day, and things that move are hidden behind it.
 */

enum sample_kind { SAMPLE_SKY, SAMPLE_GROUND, SAMPLE_SOLID, SAMPLE_GLASS, SAMPLE_LEAVES };

struct sample {
        float distance;    /* metres from the eye along the ray */
        uint8_t albedo[3]; /* square root of the linear albedo, times 255 */
        uint8_t glow;      /* light of its own at night */
        int8_t normal[3];  /* times 127 */
        uint8_t kind;      /* enum sample_kind */
};

struct survey {
        const struct scene *scene; /* borrowed */
        int width, height;
        float focal;                   /* pixels */
        struct vec right, up, forward; /* axes of the camera in the world */
        struct sample *samples;        /* width * height, by rows */
};

bool survey_make(struct survey *survey, const struct scene *scene, int width, int height,
                 struct error *err) MUST_CHECK;
void survey_finish(struct survey *survey);

/* The direction through the middle of a pixel, length 1. */
struct vec survey_ray(const struct survey *survey, float x, float y);

/* Where a point of the world is on the picture; false when it is not before the camera. */
struct spot_on_screen {
        float x, y;     /* pixels */
        float scale;    /* pixels a metre there */
        float distance; /* from the eye */
};
bool survey_project(const struct survey *survey, struct vec point, struct spot_on_screen *out);

/* How much of a distant light in this direction reaches a point: 0 .. 1. */
float survey_visibility(const struct scene *scene, struct vec point, struct vec direction);
