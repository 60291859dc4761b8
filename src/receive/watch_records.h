#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the kernel says in the bytes read from inotify (inotify(7)). Pure. */
struct watch_record {
        int watch; /* descriptor; -1 for an overflow of the queue */
        uint32_t mask;
        uint32_t cookie;
        const char *name; /* "" when it is the folder itself; points into the bytes */
};

/* The record at *at, which is moved behind it; false at the end, or where no whole and terminated
 * record follows. */
bool watch_record_next(const char *bytes, size_t length, size_t *at,
                       struct watch_record *record_out) __attribute__((warn_unused_result));
