#pragma once

#include "base/error.h"

/* Makes a folder that is for its owner alone, and those above it that are missing; that it is there
 * already is fine. */
bool folder_make(const char *path, struct error *err) MUST_CHECK;
