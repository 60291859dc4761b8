#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "catalog/catalog.h"

/*
 * Exports that are made in the background, as the catalog remembers them. What is asked for is
 * a text of whoever asks (export/order.h).
 */
enum export_state {
        EXPORT_WAITING,
        EXPORT_RUNNING,
        EXPORT_DONE,
        EXPORT_FAILED,
        EXPORT_CANCELLED,
        EXPORT_STATES
};

enum { EXPORT_FILE_SIZE = 160, EXPORT_PROBLEM_SIZE = 600 };

struct export_row {
        int64_t id;
        struct utc made;
        struct utc ended; /* UTC_NONE: it is not over */
        enum export_state state;
        int tries;
        char *request; /* owned, see catalog_export_free */
        int64_t frames;
        char file[EXPORT_FILE_SIZE];
        int64_t bytes; /* of the file, once it is there */
        char problem[EXPORT_PROBLEM_SIZE];
};

/* Adds one that waits, of made, request and frames; sets its id. */
bool catalog_export_add(struct catalog *catalog, struct export_row *row,
                        struct error *err) MUST_CHECK;

/* The request is the caller's to free. ERROR_NOT_FOUND. */
bool catalog_export(struct catalog *catalog, int64_t id, struct export_row *row_out,
                    struct error *err) MUST_CHECK;

/* The one that waits longest; ERROR_NOT_FOUND when none does. */
bool catalog_export_waiting(struct catalog *catalog, struct export_row *row_out,
                            struct error *err) MUST_CHECK;

/* The newest one with an id less than `before`; ERROR_NOT_FOUND at the end. */
bool catalog_export_before(struct catalog *catalog, int64_t before, struct export_row *row_out,
                           struct error *err) MUST_CHECK;

/* How many there are, and the bytes of their files. */
bool catalog_exports_sums(struct catalog *catalog, int64_t *count_out, int64_t *bytes_out,
                          struct error *err) MUST_CHECK;

/* Sets ended, state, tries, file, bytes and problem of row->id. */
bool catalog_export_update(struct catalog *catalog, const struct export_row *row,
                           struct error *err) MUST_CHECK;

bool catalog_export_remove(struct catalog *catalog, int64_t id, struct error *err) MUST_CHECK;

/* Frees the request. Accepts what was never filled but is zeroed. */
void catalog_export_free(struct export_row *row);
