#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "export/name.h"
#include "export/order.h"

/*
 * Makes the file of an export, whichever its format: by writing the stream of its frames, or by
 * handing that to ffmpeg.
 */
struct export_make {
        const char *data_directory;
        const struct export_order *order;
        const char *folder; /* an empty one to work in */
        int64_t bytes_most; /* the file may become so large; 0: any */
        int64_t bytes_free; /* what receiving leaves free of the disk; 0: nothing */
        void *context;
        /* How far it is; false when it is no longer wanted. */
        bool (*progress)(void *context, int64_t done, int64_t total);
};

#define EXPORT_MADE "export" /* the file, in the folder */

struct export_made {
        char name[EXPORT_NAME_SIZE]; /* to be saved under */
        int64_t frames;
        int64_t bytes;
};

/* The file is synced. When it fails the folder may hold anything. ERROR_BUSY when `progress` said
 * that it is not wanted. */
bool export_make(const struct export_make *make, struct export_made *made_out,
                 struct error *err) MUST_CHECK;

/* Writes an export of a direct format to a descriptor as it goes. `make`'s folder is not used. */
bool export_write(const struct export_make *make, int fd, struct export_made *made_out,
                  struct error *err) MUST_CHECK;

/* Empties and removes a folder that export_make worked in. That it is not there is fine. */
void export_clean(const char *folder);
