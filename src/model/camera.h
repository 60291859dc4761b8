#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/frame.h"

enum {
        CAMERA_NAME_SIZE = 64,
        CAMERA_ZONE_SIZE = 64,
        CAMERA_TEMPLATE_SIZE = 256,
        CAMERA_MODEL_SIZE = 32,
        DWELL_DEFAULT_MS = 3000,
        DWELL_MIN_MS = 1000, /* what runs can answer */
        DWELL_MAX_MS = 24 * 3600 * 1000
};

/* A camera as the catalog keeps it. Names are UTF-8 without '/', control bytes or blanks at the
 * ends, and never "." or "..", so that they serve as a URL segment and a folder's name. */
struct camera {
        struct camera_id id;
        char name[CAMERA_NAME_SIZE];
        bool has_mac;
        uint8_t mac[6];
        char model[CAMERA_MODEL_SIZE];            /* empty if unknown */
        char zone[CAMERA_ZONE_SIZE];              /* IANA name, "UTC" by default */
        char path_template[CAMERA_TEMPLATE_SIZE]; /* empty: the generic rules */
        int64_t dwell_ms;
        char directory[CAMERA_NAME_SIZE]; /* of its received frames, below DATA/frames; never
                                             changes */
        bool disabled;                    /* nothing is taken from it */
        bool is_new;                      /* came by itself and nobody has looked at it yet */

        /* Sums over its frames, exact at each commit. */
        int64_t frames;
        int64_t motion_frames;
        int64_t bytes;
        bool has_frames; /* first and last are set */
        struct frame_key first;
        struct frame_key last;
};

/* A rectangle of the picture that the camera watches for motion, in parts of WINDOW_UNIT of the
 * picture's width and height, so that it holds for any size of picture. */
enum { CAMERA_WINDOWS = 64, WINDOW_NAME_SIZE = 64, WINDOW_UNIT = 100000 };
struct camera_window {
        int number;                  /* 1 .. CAMERA_WINDOWS, as frames name it */
        char name[WINDOW_NAME_SIZE]; /* UTF-8; empty: none */
        int32_t x, y, width, height;
};

/* Within the picture, not empty, each number once, names without control bytes; *at_out is the
 * first that is not so. */
bool camera_windows_valid(const struct camera_window *windows, size_t count,
                          size_t *at_out) MUST_CHECK;

#define MAC_TEXT_SIZE 18

/* "00:50:1a:02:2c:be" */
void mac_format(const uint8_t mac[static 6], char out[static MAC_TEXT_SIZE]);

/* Reads 12 hexadecimal digits in pairs, the pairs joined by nothing or by one of : - _ . */
bool mac_parse(const char *text, size_t length, uint8_t mac_out[static 6]) MUST_CHECK;

/* True when `name` may name a camera. */
bool camera_name_valid(const char *name);
