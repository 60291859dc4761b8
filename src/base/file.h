#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Writes all of it, however often the system takes only a part; false and errno when it fails. */
bool file_write(int fd, const void *bytes, size_t length) MUST_CHECK;
