#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "catalog/catalog.h"

/*
 * What the catalog knew before a scan, small enough to be kept for a million files: hashes in place
 * of names.
 */

/* The folders below the roots of a scan. Filled by one thread, then read by many. */
struct known_folder {
        uint64_t path_hash;
        uint64_t fingerprint;
        struct folder_id id;
        atomic_bool visited;
};

struct known_folders {
        struct known_folder *folders; /* by path_hash once sorted */
        size_t count, room;
};

/* Adds the folder `root` and all below it. */
bool known_folders_add(struct known_folders *known, struct catalog *catalog, const char *root,
                       struct error *err) MUST_CHECK;
void known_folders_sort(struct known_folders *known);
/* NULL when the catalog does not know the folder. */
struct known_folder *known_folders_find(const struct known_folders *known, const char *path);
void known_folders_finish(struct known_folders *known);

/* The files of one folder: eight bytes each, and a bit that many threads may set. */
struct known_files {
        uint64_t *hashes; /* file_hash of each, sorted */
        size_t count, room;
        _Atomic uint8_t *seen; /* bits */
};

bool known_files_load(struct known_files *known, struct catalog *catalog, struct folder_id folder,
                      struct error *err) MUST_CHECK;
/* True when the file is known just so; it is marked as seen. */
bool known_files_meet(struct known_files *known, const char *name, int64_t bytes,
                      struct utc modified);
/* True when the file was known at the time of loading, and not met since. */
bool known_files_missed(const struct known_files *known, const struct known_file *file);
void known_files_finish(struct known_files *known);
