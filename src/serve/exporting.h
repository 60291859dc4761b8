#pragma once

#include <stddef.h>

#include "base/text.h"

/*
 * What exporting needs of who starts the server.
 */
struct exporting {
        void *context;
        /* Appends the path that the facts of a record in an hour file (JSON, not terminated) name:
         * what the camera called the picture. Nothing when they name none. */
        void (*record_path)(const char *facts, size_t length, struct text *path);
};
