#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "catalog/exports.h"
#include "export/order.h"

/*
 * Exports as the calls need them: made in the background by whoever joins the stages. Its functions
 * are safe from any thread; those that change something wait for the catalog's writer.
 */
struct exporting {
        void *context;
        /* Appends the path that the facts of a record in an hour file (JSON, not terminated) name:
         * what the camera called the picture. Nothing when they name none. */
        void (*record_path)(const char *facts, size_t length, struct text *path);
        /* Adds one that waits; the row is the caller's to free. */
        bool (*add)(void *context, const struct export_order *order, int64_t frames,
                    struct export_row *row_out, struct error *err);
        /* Cancels one that is not over, and forgets any other with its file. The row, the caller's
         * to free, is as it is now, or was. */
        bool (*remove)(void *context, int64_t id, struct export_row *row_out, bool *removed_out,
                       struct error *err);
        /* Pictures it has got through, of one that is being made; else 0. */
        int64_t (*done)(void *context, int64_t id);
};
