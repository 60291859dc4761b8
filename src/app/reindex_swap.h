#pragma once

#include <limits.h>

#include "base/error.h"

/* The files that reindex makes and moves; inner part of app/reindex. */

/* DATA/reindex, where the new catalog grows. */
bool reindex_directory(const char *data_directory, char out[static PATH_MAX],
                       struct error *err) MUST_CHECK;

/* Removes what an attempt left there. */
bool reindex_clear(const char *new_directory, struct error *err) MUST_CHECK;

/* Puts the new catalog, closed, in the place of the old one, which stays as
 * catalog.db.before-reindex. At any instant there is a whole catalog.db. */
bool reindex_swap(const char *data_directory, const char *new_directory,
                  struct error *err) MUST_CHECK;
