#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"

/*
 * Files that something happened to, each once, until they were looked at. No I/O. One thread.
 */
struct pending_file {
        char *path; /* absolute; owned */
        size_t root;
        bool whole;        /* it was closed or moved in: take it as it is */
        bool folder;       /* not a file: a folder that is gone from this path */
        struct mono due;   /* when to look at it */
        struct mono since; /* as it was then, it still is */
        struct mono first; /* first told of */
        int64_t bytes;     /* as last seen, -1: not yet */
        struct utc modified;
        int failures; /* times it could not be read */
        struct pending_file *next;
};

struct pending {
        struct pending_file **buckets;
        size_t bucket_count, count;
};

/* The entry of a path, made if there is none; *new_out tells. NULL without memory. */
struct pending_file *pending_note(struct pending *pending, const char *folder, const char *name,
                                  bool *new_out);

/*
 * Calls `each` for each entry that is due; it is taken out when `each` returns true. `each` must
 * not change the table. The time of the next due entry, or INT64_MAX, is returned.
 */
struct mono pending_visit(struct pending *pending, struct mono now,
                          bool (*each)(void *context, struct pending_file *file), void *context);

void pending_finish(struct pending *pending);
