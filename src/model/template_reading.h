#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"
#include "model/facts.h"

/*
 * How a path template reads a path, for its owner to see: what the pieces found mean, or where it
 * stops fitting. Offsets are bytes.
 */
enum { TEMPLATE_PIECES = 32 };

struct template_piece {
        size_t at, length; /* in the path */
        const char *means; /* a stable word: "year", "mac", "text", ... */
};

struct template_reading {
        bool fits;
        size_t count;
        struct template_piece pieces[TEMPLATE_PIECES]; /* when it fits, in order */

        /* When it does not: how far the best try came. */
        size_t stops_at;    /* in the path; its length: more was wanted */
        size_t template_at; /* in the template */
        const char *wanted; /* a word as above, or "literal", "folder", "end" */
        char literal;       /* of "literal" */

        /* What is taken from the path, by the template or, where it does not fit, by rules that
         * hold for most cameras. */
        struct utc time; /* UTC_NONE: none */
        enum time_source time_source;
        bool has_mac;
        uint8_t mac[6];
        char camera_name[FACTS_NAME_SIZE]; /* empty: none */
};
