#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "model/segment.h"

/*
 * The hour files that lie in DATA/frames, by camera, hour and number: segment's directory, hour,
 * number are set, the rest is 0. Calls `each` until it returns false; what is no hour file by its
 * name is given to `other` (which may be NULL), as a path below DATA/frames. A missing DATA/frames
 * has none.
 */
bool hour_tree(const char *data_directory, bool (*each)(void *context, const struct segment *),
               void (*other)(void *context, const char *path), void *context,
               struct error *err) MUST_CHECK;
