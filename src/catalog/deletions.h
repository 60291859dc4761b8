#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "catalog/catalog.h"
#include "model/deletion.h"
#include "model/frame.h"

/*
 * Deletions: frames taken out of everything that is asked for, kept as they were until they are
 * purged, or come back. A frame is in exactly one of `frames` and `deleted`; its key is given to no
 * other while it is in either, nor for some days after it was purged, since caches know it.
 *
 * Long work is done in steps of a bounded number of frames, each a transaction, so that the writer
 * does other things in between. What was done before a crash is whole: a deletion sums what it has.
 */

/* ---- deleting ---- */

enum { DELETION_STEP = 1024 /* frames that one step looks at */ };

/* Says whether files of a folder, by its absolute path, may be deleted. */
typedef bool deletion_managed(void *context, const char *folder);

/* A deletion being made. Set what is above the line; the rest begins as zeros. */
struct deleting {
        const struct stretch *stretches; /* borrowed; both ends known */
        size_t stretch_count;
        struct utc made, until;
        deletion_managed *managed;
        void *context;

        struct deletion_id id; /* 0 until a frame was deleted */
        int64_t frames, bytes; /* deleted so far */
        int64_t kept_pinned, kept_readonly;
        bool done;

        size_t at; /* the stretch that is worked on */
        bool begun;
        struct frame_key after; /* looked at, up to and with it */
        struct frame_key last;  /* of the stretch when it was begun: what arrives behind stays */
        struct stretch removed; /* by the last step; camera 0: nothing */
};

/*
 * Does one step: frames go to `deleted`, past those in pinned stretches, in folders that are not
 * managed, and whose file was never seen. Writer only, outside of a transaction.
 */
bool catalog_delete_step(struct catalog *catalog, struct deleting *deleting,
                         struct error *err) MUST_CHECK;

/* ---- looking ---- */

/* ERROR_NOT_FOUND when it is gone: undone or purged. */
bool catalog_deletion(struct catalog *catalog, struct deletion_id id, struct deletion *deletion_out,
                      struct error *err) MUST_CHECK;

/* Calls `each` from the newest on, those older than `before` (id 0: all), until it returns false;
 * it may use the catalog meanwhile. */
bool catalog_deletions(struct catalog *catalog, struct deletion_id before,
                       bool (*each)(void *context, const struct deletion *), void *context,
                       struct error *err) MUST_CHECK;

/* Number of deletions, and the frames and bytes that wait in them. */
struct deletion_sums {
        int64_t deletions, frames, bytes;
};
bool catalog_deletion_sums(struct catalog *catalog, struct deletion_sums *sums_out,
                           struct error *err) MUST_CHECK;

/* Calls `each` for each camera of a deletion with the hull of what was taken of it. */
bool catalog_deletion_cameras(struct catalog *catalog, struct deletion_id id,
                              bool (*each)(void *context, const struct stretch *), void *context,
                              struct error *err) MUST_CHECK;

/* Deleted frames whose place is in the segment, in order of places; `purging` says of each whether
 * its bytes may be gone already. */
bool catalog_segment_deleted(struct catalog *catalog, const struct segment *segment,
                             bool (*each)(void *context, const struct frame *, bool purging),
                             void *context, struct error *err) MUST_CHECK;

/* True when a deleted frame's picture is at this place of an hour file. */
bool catalog_deleted_at(struct catalog *catalog, struct segment_id segment, int64_t offset,
                        bool *found_out, struct error *err) MUST_CHECK;

/* ---- undoing ---- */

/* From here on it can only come back: ERROR_NOT_FOUND when it is gone, ERROR_CONFLICT when purging
 * has begun. Fine when it is coming back already. */
bool catalog_restore_begin(struct catalog *catalog, struct deletion_id id,
                           struct error *err) MUST_CHECK;

struct restoring {
        struct deletion_id id;
        int64_t frames, bytes; /* that came back so far */
        bool done;             /* all did; the deletion is gone */
};

/* One step, of a deletion that is coming back. Folders of frames that come back are looked at again
 * by the next scan, since a file may have changed meanwhile. */
bool catalog_restore_step(struct catalog *catalog, struct restoring *restoring,
                          struct error *err) MUST_CHECK;

/* ---- purging ---- */

/* Durable when it returns, before a byte is touched. From here on nothing comes back.
 * ERROR_NOT_FOUND when it is gone, ERROR_CONFLICT when it is coming back. Fine when purging has
 * begun before. */
bool catalog_purge_begin(struct catalog *catalog, struct deletion_id id,
                         struct error *err) MUST_CHECK;

/* The next frames of a deletion to be purged, in order of places, past `skip` of them. What was
 * pinned since, or lies in a folder that is no longer managed, comes back instead and is counted in
 * kept. */
struct purge_batch {
        struct deletion_id id;
        deletion_managed *managed;
        void *context;
        size_t skip;
        struct frame *frames; /* room of them */
        size_t room;
        size_t count;
        int64_t kept;
};
bool catalog_purge_next(struct catalog *catalog, struct purge_batch *batch,
                        struct error *err) MUST_CHECK;

/* These frames' bytes are gone for good; `freed` of them in an hour file (all are in the same one),
 * as the file system counts. A closed hour file that has nothing left is set to SEGMENT_EMPTY (an
 * open one by catalog_segment_end), and a deletion that has nothing left is gone. */
bool catalog_purge_done(struct catalog *catalog, struct deletion_id id, const struct frame *frames,
                        size_t count, int64_t freed, struct error *err) MUST_CHECK;

/* Hour files in SEGMENT_EMPTY, until `each` returns false; it may use the catalog meanwhile. */
bool catalog_segments_empty(struct catalog *catalog,
                            bool (*each)(void *context, const struct segment *), void *context,
                            struct error *err) MUST_CHECK;
/* So much of the hour file has been freed, at least and at most all of it. */
bool catalog_segment_freed(struct catalog *catalog, struct segment_id segment, int64_t freed,
                           struct error *err) MUST_CHECK;
/* After hour files were taken in anew: deleted frames whose file is not there any more are
 * forgotten, and the deletions sum what is left. */
bool catalog_deleted_settle(struct catalog *catalog, struct error *err) MUST_CHECK;
/* An empty one whose file is gone. */
bool catalog_segment_remove(struct catalog *catalog, struct segment_id segment,
                            struct error *err) MUST_CHECK;

/* Lets keys purged before `before` be used again; some at once, *more_out says whether there are
 * more. */
bool catalog_purged_forget(struct catalog *catalog, struct utc before, bool *more_out,
                           struct error *err) MUST_CHECK;

/* ---- times ---- */

/* The clock was set forward by so much: what waits goes on waiting as long as it would have, but no
 * longer than until `latest`: it may have been deleted before the clock was set back. */
bool catalog_deletions_later(struct catalog *catalog, int64_t ms, struct utc latest,
                             struct error *err) MUST_CHECK;

/* The deletion to work on next: one that is coming back or being purged, else one whose time is up;
 * ERROR_NOT_FOUND when there is none. After `after`. */
bool catalog_deletion_due(struct catalog *catalog, struct utc now, struct deletion_id after,
                          struct deletion *deletion_out, struct error *err) MUST_CHECK;

/* ---- sizes ---- */

/* Bytes of all hour files on disk. */
bool catalog_received_bytes(struct catalog *catalog, int64_t *bytes_out,
                            struct error *err) MUST_CHECK;
/* Bytes of exports on disk. */
bool catalog_export_bytes(struct catalog *catalog, int64_t *bytes_out,
                          struct error *err) MUST_CHECK;
/* Bytes appended to hour files of hours from `from` on, and the first such hour; UTC_NONE: none. */
bool catalog_received_since(struct catalog *catalog, struct utc from, int64_t *bytes_out,
                            struct utc *first_out, struct error *err) MUST_CHECK;
