#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * The folders a user names, as the catalog names them: absolute, links in them resolved where they
 * exist, without "." and "..", and none inside of another.
 */
struct roots {
        char **paths; /* owned */
        size_t count;
};

/* A path that does not exist is made absolute by its text alone. The result is the caller's. */
bool root_resolve(const char *path, char **absolute_out, struct error *err) MUST_CHECK;

bool roots_init(struct roots *roots, const char *const *folders, size_t count,
                struct error *err) MUST_CHECK;
void roots_finish(struct roots *roots);

/* True when `path` is `root` or below it. */
bool path_is_within(const char *path, const char *root);
