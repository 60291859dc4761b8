#pragma once

#include <stddef.h>

#include "base/error.h"
#include "catalog/catalog.h"

/*
 * Reading handles of the catalog, lent out: a handle belongs to whoever holds it, one thread at a
 * time. Handles are opened when first needed and kept. Safe from any thread.
 */
struct reader_pool;

/* At most `most` handles exist at once; `directory` is the data directory, copied. */
bool reader_pool_create(const char *directory, size_t most, struct reader_pool **pool_out,
                        struct error *err) MUST_CHECK;

/* Every handle must have been given back. */
void reader_pool_destroy(struct reader_pool **pool);

/* Waits while all handles are lent; those who hold one never wait for anything. */
bool reader_take(struct reader_pool *pool, struct catalog **reader_out,
                 struct error *err) MUST_CHECK;

/* Accepts NULL inside. */
void reader_give(struct reader_pool *pool, struct catalog **reader);
