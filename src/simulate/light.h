#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "simulate/survey.h"

/*
 * Light by the hour: sun, sky and lamps, and what the camera makes of it. Light changes in steps,
 * so that a background lasts for some minutes.
 */
struct light {
        int64_t step;   /* the same number: the same light */
        struct vec sun; /* direction to it */
        struct vec sun_colour;
        struct vec sky, horizon, bounce; /* from above, at the horizon, from the ground */
        float infrared;                  /* strength of the camera's own lamp */
        float lamps;                     /* of the lamps in the scene and behind windows, 0 .. 1 */
        bool grey;                       /* the camera is in night mode */
        float noise;                     /* sensor noise, standard deviation in grey levels */
        float exposure;
        float cloud; /* 0 clear .. 1 overcast */
        uint32_t cloud_seed;
};

/* The light of a scene at a local date and time. Places are some 45 degrees north. */
struct light light_at(const struct scene *scene, const struct civil *local, uint64_t seed);

/* The light that falls on something small, gathered once and used for each of its pixels. */
enum { GATHER_KEYS = 5 };
struct gathered {
        struct vec above, below;
        struct vec direction[GATHER_KEYS], colour[GATHER_KEYS];
        int keys;
        float haze; /* 0 .. 1 at this distance */
};
struct gathered light_gather(const struct light *light, const struct survey *survey,
                             struct vec point);

/* Linear light from a surface with this albedo. */
struct vec light_reflect(const struct gathered *gathered, struct vec albedo, struct vec normal);

/* What the camera makes of linear light in a direction from the middle: `fall` is the brightness
 * lost towards the corners (light_fall). */
void light_expose(const struct light *light, struct vec linear, float fall, uint8_t rgb[static 3]);
float light_fall(const struct survey *survey, float x, float y);

/* Paints the whole picture without noise: rgb of width * height, rows `stride` bytes apart, and how
 * sunny each pixel is (0 .. 255) at half the width and height, rounded up. */
bool light_paint(const struct light *light, const struct survey *survey, uint8_t *rgb,
                 size_t stride, uint8_t *sunny, struct error *err) MUST_CHECK;
