#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/ingest.h"
#include "base/error.h"
#include "catalog/exports.h"
#include "export/order.h"

/*
 * Exports made in the background, one after the other, on a thread of its own at a low priority;
 * receiving and viewing come first. A file is made in DATA/exports/<id>.part/ and renamed once it
 * is whole and synced, and only then the catalog calls it done: so nothing that is half looks
 * whole. What was being made when the server ended is made anew. Safe from any thread but start and
 * stop.
 */
struct exports;

enum { EXPORTS_MOST = 200, EXPORT_TRIES_MOST = 3 };

struct exports_config {
        const char *data_directory; /* copied */
        struct ingest *ingest;      /* borrowed until exports_stop */
        int64_t bytes_most;         /* of all files together */
        int64_t bytes_free;         /* what receiving leaves free of the disk */
        struct utc (*clock)(void);  /* NULL: that of the machine */
        /* One came, got on or ended, or is no longer there; on any thread. */
        void (*on_change)(void *context, const struct export_row *row, int64_t done, bool removed);
        void *context;
};

/* Where nothing can be exported (no room for the folder, another process has it) it starts all the
 * same, and adding says why. */
bool exports_start(const struct exports_config *config, struct exports **exports_out,
                   struct error *err) MUST_CHECK;

/* What is being made ends at once, and is made anew after the next start. Accepts NULL inside. */
void exports_stop(struct exports **exports);

/* Adds one that waits. ERROR_FULL when there are too many, ERROR_CONFLICT when another process has
 * them. */
bool exports_add(struct exports *exports, const struct export_order *order, int64_t frames,
                 struct export_row *row_out, struct error *err) MUST_CHECK;

/* Cancels one that is not over, removes any other. */
bool exports_remove(struct exports *exports, int64_t id, struct export_row *row_out,
                    bool *removed_out, struct error *err) MUST_CHECK;

/* Pictures got through of the one that is being made; 0 for others. */
int64_t exports_done(struct exports *exports, int64_t id);
