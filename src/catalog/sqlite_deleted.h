#pragma once

#include "catalog/deletions.h"
#include "catalog/sqlite_write.h"

/* Deleted frames, as the other files of the catalog meet them. */

/* True when the key belongs to a frame that was deleted, or purged lately. */
bool deleted_has_key(struct catalog *catalog, const struct frame_key *key, bool *has_out,
                     struct error *err) MUST_CHECK;

/* True when none of these frames, sorted by key, can meet a deleted one. */
bool deleted_is_clear(struct batch *batch, const struct frame *frames, size_t count,
                      bool *clear_out, struct error *err) MUST_CHECK;

bool deleted_by_place(struct catalog *catalog, const struct place *place, bool *found_out,
                      struct frame *frame_out, struct error *err) MUST_CHECK;

/* What a file at this place is to the deleted ones. */
enum deleted_file {
        DELETED_NONE,    /* nothing was deleted at this place */
        DELETED_SAME,    /* this very file: it stays deleted */
        DELETED_REPLACED /* another file: the deleted picture is no more */
};
bool deleted_meet(struct batch *batch, const struct place *place, int64_t bytes,
                  struct utc modified, enum deleted_file *met_out, struct error *err) MUST_CHECK;

/* Forgets the deleted frame of a place, whose file is another one now. */
bool deleted_drop_place(struct catalog *catalog, const struct place *place,
                        struct error *err) MUST_CHECK;

/* Says of the key, in err, until when it can come back; *told_out false when it is not deleted. */
bool deleted_tell(struct catalog *catalog, const struct frame_key *key, bool *told_out,
                  struct error *err) MUST_CHECK;

/* Of a deletion: fewer frames; gone when it has none left. */
bool deletion_lessen(struct catalog *catalog, struct deletion_id id, int64_t frames, int64_t bytes,
                     struct error *err) MUST_CHECK;

/* Puts deleted frames back as they were. Sorts them. */
bool deleted_restore(struct catalog *catalog, struct deletion_id id, struct frame *frames,
                     size_t count, struct error *err) MUST_CHECK;

/* The pinned stretches of a camera that overlap [from, to], as a mark for each frame of an array
 * sorted by key. */
bool pinned_mark(struct catalog *catalog, const struct frame *frames, size_t count, bool *pinned,
                 struct error *err) MUST_CHECK;

/* Inserts a row of `frames` under the key it has, and tells the batch. */
bool frame_put_back(struct batch *batch, const struct frame *frame, struct error *err) MUST_CHECK;

/* Sets an hour file that does not grow and has nothing left to come back or to be seen to
 * SEGMENT_EMPTY; `if_freed`: only if something was purged out of it. */
bool segment_emptied(struct catalog *catalog, struct segment_id id, bool if_freed,
                     struct error *err) MUST_CHECK;
