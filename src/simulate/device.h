#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "base/zone.h"

/*
 * A simulated IQeye: decides by itself when it uploads which frames (bursts around a trigger while
 * something moves in a motion window, nothing in between) and makes their bytes. Everything follows
 * from its options; used by one thread at a time.
 */
struct device;
struct camera_window;
enum { DEVICE_WINDOWS = 8 };

struct device_options {
        int number; /* 0 .. : which scene, name and identity it gets */
        uint64_t seed;
        int rate;     /* uploads a second while something moves, 1 .. 18 */
        float visits; /* usual number of visits an hour */
        int width, height;
        struct utc start, end;   /* frames are in start <= time < end; end UTC_NONE: for ever */
        const struct zone *zone; /* of the clock in the picture and of names; borrowed */
};

/* A frame that the camera uploads. */
struct upload {
        struct utc time; /* of capture */
        struct utc due;  /* when it is sent: pre-trigger frames wait for the trigger */
        int64_t sequence;
        int trigger;     /* -n before, 0 at, +n after the trigger */
        uint8_t windows; /* bit n-1: motion window n fired */
};

bool device_create(const struct device_options *options, struct device **device_out,
                   struct error *err) MUST_CHECK;
void device_free(struct device **device);

/* Gives back the memory of its pictures; it is taken again when needed. */
void device_rest(struct device *device);

/* "courtyard", "gate-2"; MAC as six bytes. Known without any picture being made. */
const char *device_name(const struct device *device);
const uint8_t *device_mac(const struct device *device);
/* Its motion windows; DEVICE_WINDOWS at most. */
size_t device_windows(const struct device *device, struct camera_window *windows_out);

/* The next upload in the order of `due`; false at the end. The first call looks at the scene, which
 * takes a part of a second. */
bool device_next(struct device *device, struct upload *upload_out, bool *more_out,
                 struct error *err) MUST_CHECK;

/* The JPEG of the upload that device_next gave last; the bytes are the device's and live until the
 * next call. */
bool device_picture(struct device *device, const struct upload *upload, const uint8_t **bytes_out,
                    size_t *length_out, struct error *err) MUST_CHECK;
