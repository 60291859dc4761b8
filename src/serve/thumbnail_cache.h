#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Small files kept below a folder in 256 sub-folders, written whole or not at all, the oldest
 * dropped when they take too much together. Losing any of them costs only time. Safe from any
 * thread.
 */
struct thumbnail_cache;

enum { THUMBNAIL_NAME_SIZE = 128 };

/* `bytes_most` 0: keeps nothing. The folder is made when the first file is. */
bool thumbnail_cache_create(const char *folder, int64_t bytes_most,
                            struct thumbnail_cache **cache_out, struct error *err) MUST_CHECK;
void thumbnail_cache_destroy(struct thumbnail_cache **cache);

/* An open file, or -1. */
int thumbnail_cache_open(const struct thumbnail_cache *cache, const char *name);

/* Keeps it if it can; what goes wrong is logged, once in a while. */
void thumbnail_cache_put(struct thumbnail_cache *cache, const char *name, const uint8_t *bytes,
                         size_t length);

void thumbnail_cache_drop(struct thumbnail_cache *cache, const char *name);

/* Counts what is there and drops what is too much, when that is due; slow then. For a worker. */
void thumbnail_cache_keep(struct thumbnail_cache *cache);

/* Bytes kept, as far as known. */
int64_t thumbnail_cache_bytes(const struct thumbnail_cache *cache);
