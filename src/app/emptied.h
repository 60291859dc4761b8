#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "catalog/catalog.h"

/*
 * Removes an hour file in SEGMENT_EMPTY and its row; *found_out says whether there was one. File
 * and row go together while the catalog is ours, as new hour files are told of: no other file can
 * have got this one's name before its row is gone. One in which something is left that no frame
 * tells of is kept, and said to be broken.
 */
bool emptied_remove_one(const char *data_directory, struct catalog *catalog, bool *found_out,
                        int64_t *freed_out, struct error *err) MUST_CHECK;
