#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"
#include "model/facts.h"

/*
 * The few things of EXIF (CIPA DC-008) that matter here. Pure, any bytes; at most one pass over the
 * entries of two directories.
 */
struct exif_time {
        struct civil civil;
        bool has_offset;
        int offset_s; /* seconds east of UTC */
};

enum { EXIF_TIMES = 3 };

struct exif_facts {
        int count;
        struct exif_time times[EXIF_TIMES]; /* most believed first: original, digitized, changed */
        bool has_mac;                       /* where the artist's name should be */
        uint8_t mac[6];
        char model[sizeof((struct facts *)0)->model]; /* "Make Model", valid UTF-8, may be empty */
};

/* True when an APP1 segment is EXIF. */
bool exif_is(const uint8_t *segment, size_t length);

/* False when there is nothing to be read in it. */
bool exif_read(const uint8_t *segment, size_t length, struct exif_facts *facts_out);
