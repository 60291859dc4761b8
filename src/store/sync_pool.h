#pragma once

#include <stddef.h>

#include "base/error.h"

/*
 * Does many waits at once: syncs of files, which on the same file system share a journal commit
 * when they are asked for at the same time. Threads are started when first needed. Belongs to one
 * thread.
 */
struct sync_pool;

bool sync_pool_create(struct sync_pool **pool_out, struct error *err) MUST_CHECK;
void sync_pool_destroy(struct sync_pool **pool);

/* Calls work(context, i) for each i < count, on several threads and this one; returns when all are
 * done. */
void sync_pool_run(struct sync_pool *pool, size_t count, void (*work)(void *context, size_t i),
                   void *context);
