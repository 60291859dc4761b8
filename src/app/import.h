#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/ingest.h"
#include "base/error.h"

/*
 * Import: frames from lists of paths and IQeye comments (receive/csv.h), without opening the
 * pictures. A path names its place, so importing a list again changes nothing, and a later scan of
 * the same folders completes what the list does not say. One thread.
 */
struct import;

struct import_config {
        struct ingest *ingest; /* borrowed until import_close */
        const char *zone;      /* NULL: UTC; borrowed until import_open returns, like all strings */
        const char *root;   /* relative paths are below it; of paths below it, its name is no part
                               that names a camera; NULL: see `beside` */
        const char *beside; /* the folder of the list: relative paths without a root */
        /* A row that cannot be used. Both texts live until it returns. */
        void (*on_bad)(void *context, int64_t line, const char *reason);
        void *context;
};

struct import_result {
        int64_t rows; /* good and bad */
        int64_t frames;
        int64_t bad;
        int64_t missing; /* frames whose file is not at its path now */
};

bool import_open(const struct import_config *config, struct import **import_out,
                 struct error *err) MUST_CHECK;

/* Takes the next bytes of the list; false when ingest failed. */
bool import_feed(struct import *import, const char *bytes, size_t length,
                 struct error *err) MUST_CHECK;

void import_progress(const struct import *import, struct import_result *result_out);

/* Takes the last row and hands everything to ingest. */
bool import_close(struct import **import, struct import_result *result_out,
                  struct error *err) MUST_CHECK;
