#pragma once

#include <stddef.h>

#include "base/text.h"

/* Appends the path that the facts of a record in an hour file name: what the camera called the
 * picture. Nothing when they cannot be read or name none. */
void record_path(const char *facts, size_t length, struct text *path);
