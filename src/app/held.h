#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "receive/upload.h"

/*
 * Uploads that are whole but came under a temporary name: kept in DATA/incoming until they are
 * renamed, deleted, or a minute has passed. Each is a file of one record (store/segment.h), synced
 * before its sender is answered, so that a start after a crash finds it. Safe from any thread.
 */
struct held;

enum { HELD_SECONDS = 60 };

/* `directory` is created and copied. */
bool held_create(const char *directory, struct held **held_out, struct error *err) MUST_CHECK;
void held_destroy(struct held **held);

/* Writes and syncs it; *handle_out is never 0. */
bool held_put(struct held *held, struct upload *upload, uint64_t *handle_out,
              struct error *err) MUST_CHECK;

enum held_state {
        HELD_NOTHING, /* never heard of, or long ago */
        HELD_HERE,    /* *upload_out is it, and is the caller's; it will not be given again */
        HELD_TAKEN    /* it was given already */
};

/* Takes one out to go on with: as a fresh upload with the path, times and sender of the old one.
 * False when it cannot be read: it is held as before then, unless it is damaged. */
bool held_take(struct held *held, uint64_t handle, struct upload_budget *budget,
               enum held_state *state_out, struct upload **upload_out,
               struct error *err) MUST_CHECK;

/* What was taken could not be put elsewhere: it is held as before, and due in another minute. */
void held_keep(struct held *held, uint64_t handle);

/* What was taken is safe elsewhere: its file goes. */
void held_done(struct held *held, uint64_t handle);

/* A handle that is due at `now`, or is left from an earlier run (*old_out); 0: none. By the steady
 * clock: when the other one is set, what is about to be renamed must not go under the name it has.
 */
uint64_t held_due(struct held *held, struct mono now, bool *old_out);

size_t held_count(struct held *held);
