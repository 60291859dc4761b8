#pragma once

#include <sqlite3.h>

#include "base/error.h"

/* The schema, one step a version, from catalog/schema/NNN.sql; step i leads from version i to i+1.
 */
struct schema_step {
        const char *sql;
        bool adds_only; /* changes nothing that is there: can be undone without a copy */
};

extern const struct schema_step schema_steps[];
extern const int schema_step_count;

/* "cctv" */
enum { SCHEMA_APPLICATION_ID = 0x63637476 };

/* The version of the open file; 0 when it is new. ERROR_CORRUPT when it is not a catalog. */
bool schema_version(sqlite3 *db, const char *path, int *version_out, struct error *err) MUST_CHECK;

/* Brings the file to version `count`, in one transaction. A file that is not new is copied to
 * PATH.version-N first, unless all that is done to it is to add to it. A newer file is refused
 * (ERROR_CONFLICT). */
bool schema_migrate(sqlite3 *db, const char *path, const struct schema_step *steps, int count,
                    struct error *err) MUST_CHECK;
