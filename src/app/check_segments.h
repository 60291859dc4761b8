#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "catalog/catalog.h"

/*
 * Holds hour files and catalog against each other: every received frame has an intact record of the
 * same facts and length, every record within a committed length is catalogued, every hour file is
 * known. May run beside a receiver, within catalog_read_begin and end.
 */
struct segment_check {
        bool fast; /* leave the pictures' checksums out */
        void (*difference)(void *context, const char *sentence);
        void *context;
        int64_t differences; /* added to */
};
bool check_segments(const char *data_directory, struct catalog *catalog,
                    struct segment_check *check, struct error *err) MUST_CHECK;
