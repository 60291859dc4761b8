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
        char *own; /* the data folder, resolved; NULL: none */
};

/* A path that does not exist is made absolute by its text alone. The result is the caller's. */
bool root_resolve(const char *path, char **absolute_out, struct error *err) MUST_CHECK;

bool roots_init(struct roots *roots, const char *const *folders, size_t count,
                struct error *err) MUST_CHECK;
/* Names the data folder: what cctvweb keeps for itself in it (thumbnails, say) is no camera's. */
bool roots_set_own(struct roots *roots, const char *data_directory, struct error *err) MUST_CHECK;

/* True when a folder found below a root is our own and has to be left alone: the data folder, or
 * where the root is in there itself, the folders in it that we make. */
bool roots_is_own(const struct roots *roots, size_t root, const char *folder);

void roots_finish(struct roots *roots);

/* True when `path` is `root` or below it. */
bool path_is_within(const char *path, const char *root);
