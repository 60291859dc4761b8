#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/facts.h"

/*
 * The facts of a received frame as the JSON of its record in an hour file: all the catalog needs to
 * be built again. Pure. One line, UTF-8; unknown members are passed over when reading, so that
 * later versions may write more.
 */
enum {
        RECORD_PATH_SIZE = 1024,
        RECORD_USER_SIZE = 64,
        RECORD_FACTS_SIZE = 3900 /* the JSON at most; fits SEGMENT_HEADER_MAX */
};

struct record_facts {
        struct facts facts;          /* camera_name: the camera's name when it was received */
        struct utc received;         /* */
        char path[RECORD_PATH_SIZE]; /* as the camera named it, bytes; empty if none */
        char user[RECORD_USER_SIZE]; /* the account; empty if none */
};

/* Writes the JSON, not terminated, and returns its length. Always fits: a path that is too long
 * loses its start. */
size_t record_facts_format(const struct record_facts *record, char out[static RECORD_FACTS_SIZE]);

/* Any bytes at all; ERROR_CORRUPT, and *record_out is left alone, when it is no such JSON. Facts
 * the JSON does not hold (notes, complete, bytes) are as facts_init has them; is_jpeg is true. */
bool record_facts_parse(const char *json, size_t length, struct record_facts *record_out,
                        struct error *err) MUST_CHECK;
