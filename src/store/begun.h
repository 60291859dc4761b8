#pragma once

#include <stdint.h>

#include "base/error.h"

/*
 * The journal of hour files begun, one path a line, that frame_store_begun reads. Not synced: a
 * kill of the process is what it is for, and after a power cut nothing in a file that the catalog
 * does not know was acknowledged. Two files, so that it is bounded and the newest are always there.
 */
struct begun {
        char *path;
        int fd; /* -1: not open */
        int64_t bytes;
};

bool begun_init(struct begun *begun, const char *path, struct error *err) MUST_CHECK;
void begun_finish(struct begun *begun);

/* Before the file is created. */
bool begun_add(struct begun *begun, const char *path, struct error *err) MUST_CHECK;
