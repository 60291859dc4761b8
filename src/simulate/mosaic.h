#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * JPEGs put together from tiles. A tile is a row of blocks (16 lines high) of some width, encoded
 * as a restart interval of its own, which depends on nothing outside it. So the tiles of a
 * background are encoded once, and a frame costs only the tiles where something moved; the others
 * are copied as bytes. The result is an ordinary baseline JPEG with restart markers.
 */
struct mosaic {
        int width, height;  /* of the picture */
        int columns, rows;  /* tiles */
        int tile_width;     /* pixels, a multiple of 16 */
        int padded_width;   /* columns * tile_width */
        int padded_height;  /* rows * 16 */
        int quality;        /* 1 .. 100, as libjpeg has it */
        uint8_t head[1024]; /* DQT ... SOS */
        size_t head_length; /* bytes */
};

enum { MOSAIC_TILE_HEIGHT = 16 };

/* Encoded tiles one after another: tile i is bytes[start[i]] up to start[i + 1]. */
struct tiles {
        uint8_t *bytes;
        size_t room;
        uint32_t *start; /* count + 1 of them */
        int start_room;
        int count;
};

/* Sizes from 160 x 120 to 4096 x 4096; anything else is ERROR_INPUT. */
bool mosaic_init(struct mosaic *mosaic, int width, int height, int quality,
                 struct error *err) MUST_CHECK;

/* Encodes `count` tiles of RGB pixels, each tile_width x 16, one after another in `pixels`. The
 * memory of `tiles` (zeroed at first) is used again. */
bool mosaic_encode(const struct mosaic *mosaic, const uint8_t *pixels, int count,
                   struct tiles *tiles, struct error *err) MUST_CHECK;

void tiles_finish(struct tiles *tiles);

/* What a picture is put together from. */
struct mosaic_parts {
        const uint8_t *opening; /* SOI and the camera's own segments */
        size_t opening_length;
        const struct tiles *ground; /* all tiles */
        const struct tiles *fresh;  /* those that replace some of them */
        const int *fresh_index;     /* for each tile its place in `fresh`, or -1 */
};

/* Writes the picture and returns its length; `out` must have room for mosaic_bound bytes. */
size_t mosaic_assemble(const struct mosaic *mosaic, const struct mosaic_parts *parts, uint8_t *out);
size_t mosaic_bound(const struct mosaic *mosaic, const struct mosaic_parts *parts);
