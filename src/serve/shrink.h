#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Makes a small JPEG of a large one. Pure but for the heap. Whatever the bytes are: no crash, time
 * and memory bounded. A picture cut short gives what is there of it. It lies as the picture is
 * stored, and says as that does which way up it is to be shown.
 */
enum {
        SHRINK_WIDTH_MIN = 16,
        SHRINK_WIDTH_MAX = 2048,
        SHRINK_BYTES_MOST = 64 << 20,  /* of the picture as stored */
        SHRINK_PIXELS_MOST = 100000000 /* of the picture as shown */
};

/* The width made for a wanted one: the next of a few steps, so that few are kept of each frame. */
int shrink_step(int width);

/* `width` pixels wide, or as wide as the picture when that is less; malloc'ed. ERROR_CORRUPT when
 * it cannot be decoded or is too large to be. */
bool shrink_jpeg(const uint8_t *bytes, size_t length, int width, uint8_t **out_bytes,
                 size_t *out_length, struct error *err) MUST_CHECK;
