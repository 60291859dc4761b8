#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "simulate/light.h"
#include "simulate/mosaic.h"

/*
 * The picture being made: the background of the present light, copied tile by tile as something is
 * drawn on it. Only tiles that were touched are encoded anew.
 */
struct canvas {
        const struct mosaic *mosaic; /* borrowed */
        const struct survey *survey; /* borrowed */
        struct light light;
        uint8_t *ground; /* background, padded_width * padded_height RGB */
        uint8_t *sunny;  /* see light_paint */
        uint8_t *rgb;    /* as ground; what is drawn */
        uint8_t *mask;   /* shadows: one byte a pixel; all 0 between frames */
        int8_t *noise;   /* of the sensor in this light: RGB, CANVAS_NOISE pixels */
        int *fresh;      /* for each tile -1, or its place among the touched ones */
        int *touched;    /* touched tiles in the order of their touching */
        int touched_count;
        int phase; /* how far the wind has moved the leaves, 0 .. CANVAS_PHASES - 1 */
};

enum { CANVAS_PHASES = 4, CANVAS_NOISE = 1 << 15 };

bool canvas_init(struct canvas *canvas, const struct mosaic *mosaic, const struct survey *survey,
                 struct error *err) MUST_CHECK;
void canvas_finish(struct canvas *canvas);

/* Paints the background for a light. */
bool canvas_light(struct canvas *canvas, const struct light *light, struct error *err) MUST_CHECK;

/* Forgets what was drawn. */
void canvas_clear(struct canvas *canvas, int phase);

/* Pixels from a column and row up to (not including) another, cut to the picture. */
struct area {
        int x0, y0, x1, y1;
};

/* Makes the pixels of an area ready to be drawn on; returns it cut to the picture. */
struct area canvas_touch(struct canvas *canvas, struct area area);

/* Copies a tile with noise as the sensor would add it: from what was drawn if it was touched, else
 * from the background. `out` has room for tile_width * 16 RGB pixels. */
void canvas_tile(const struct canvas *canvas, int tile, uint8_t *out);

/* Shapes, drawn where nothing nearer is in the way. Points in the world, radii in metres. */
struct brush {
        const struct gathered *light;
        struct vec albedo;
        bool shadow; /* draw the shape's shadow on the ground instead */
        float reach; /* metres by which the shape may be behind what is there and still be seen */
};

/* A limb: round, from one thickness to another. */
void canvas_limb(struct canvas *canvas, const struct brush *brush, struct vec from,
                 float from_radius, struct vec to, float to_radius);

/* A flat convex shape seen from its front; `normal` points out of it. Not drawn from behind. */
enum { CANVAS_CORNERS = 16 };
void canvas_face(struct canvas *canvas, const struct brush *brush, const struct vec *corners,
                 int count, struct vec normal);

/* Darkens the ground where shadows were drawn since the last call. `depth` 0 .. 1. */
void canvas_cast(struct canvas *canvas, struct area area, float depth);

/* The dark below whatever stands on the ground, wherever the sun is. */
void canvas_contact(struct canvas *canvas, struct vec place, float radius, float depth);

/* Light of its own with a halo: a head light. radius in pixels. */
void canvas_glow(struct canvas *canvas, struct vec place, float radius, struct vec colour);

/* The light of head lights on the ground before `place`, towards `heading`. */
void canvas_beam(struct canvas *canvas, struct vec place, struct vec heading, float strength);

/* White letters on black, `scale` pixels a dot, the upper left at x, y. */
void canvas_text(struct canvas *canvas, int x, int y, int scale, const char *text);
