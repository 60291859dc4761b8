#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "catalog/catalog.h"

/*
 * Looks at each file the catalog knows in a folder and below it, and marks as vanished those that
 * are not on disk. What cannot be looked at (permissions, I/O errors) is left alone. Needs the
 * writing handle, inside a transaction.
 */
bool sweep_folders(struct catalog *catalog, const char *path, struct utc now, int64_t *vanished_out,
                   struct error *err) MUST_CHECK;
