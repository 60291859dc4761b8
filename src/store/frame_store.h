#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/frame.h"
#include "model/segment.h"

/*
 * The store of received frames: appends to hour files, makes them durable in groups. Belongs to one
 * thread (the receiver); reading back is store_open.
 *
 * A group is: any number of frame_store_append, then one frame_store_sync. Only what a successful
 * sync covered may be acknowledged. A failed write or sync closes that file for good (it is never
 * synced again), and so does it when somebody removed it; frames go on in another (`HH.1.mjpeg`).
 */
struct frame_store;

enum durability {
        DURABILITY_SYNC, /* the default: 226 after the bytes are on the disk */
        DURABILITY_OS    /* 226 when the kernel has them */
};

struct frame_store_config {
        const char *directory; /* DATA/frames; created */
        const char *journal;   /* DATA/begun: names files begun, see frame_store_begun */
        enum durability durability;
        size_t most_open;  /* hour files held open between groups; the least recently used is
                              closed, and opened again when needed; 0: 512 */
        size_t most_known; /* hour files that may still grow; the least recently used is ended;
                              0: 4096 */
        /*
         * A file is begun, before anything is in it. The owner sets segment->id, and remembers the
         * segment durably before it acknowledges anything in it. Not durably here: that would be a
         * sync for each, where one for a group does. ERROR_CONFLICT: the name is that of a file
         * that is gone; this one stays empty, and one with the next number is begun.
         */
        bool (*begin_segment)(void *context, struct segment *segment, struct error *err);
        /* No more will come: closed or, after a failure, broken. What was appended in this group
         * and did not fail still counts. May be NULL. */
        void (*end_segment)(void *context, struct segment_id segment, enum segment_state state);
        void *context;
};

bool frame_store_create(const struct frame_store_config *config, struct frame_store **store_out,
                        struct error *err) MUST_CHECK;
/* Does not sync: what was not synced was not acknowledged. Files stay as they are. */
void frame_store_destroy(struct frame_store **store);

/* Lets the store go on appending to a segment that exists, as found at start-up, at
 * segment->committed; what lies behind is cut off there. */
bool frame_store_adopt(struct frame_store *store, const struct segment *segment,
                       struct error *err) MUST_CHECK;

struct frame_bytes {
        const void *bytes;
        size_t length;
};

/* One picture to append, given as pieces so that no copy is needed, and where it went. */
struct frame_record {
        struct camera_id camera;
        const char *directory; /* the camera's */
        struct utc time;       /* of capture: chooses the hour */
        const char *facts;     /* JSON of the record's header (app/record_facts.h) */
        size_t facts_length;
        const struct frame_bytes *pieces;
        size_t piece_count;

        struct place place; /* set by frame_store_append */
        int64_t end;        /* of the record: the segment's committed length once it is synced and
                               in the catalog */
};

/* True when an append of that camera and time would neither begin nor open a file. */
bool frame_store_open_for(struct frame_store *store, struct camera_id camera, struct utc time);

/* Appends; on failure nothing of it counts, and the next goes to another file unless the disk is
 * full (ERROR_FULL). */
bool frame_store_append(struct frame_store *store, struct frame_record *record,
                        struct error *err) MUST_CHECK;

/*
 * Makes all appended since the last call durable: files, and folders of new files. Many files are
 * synced at the same time. For each segment that failed `failed` is called; what was appended to it
 * in this group is not durable and does not count (it is cut off).
 */
void frame_store_sync(struct frame_store *store,
                      void (*failed)(void *context, struct segment_id segment,
                                     const struct error *),
                      void *context);

/* Ends the segments of hours before `hour` that nothing was appended to since `unused_since`
 * (end_segment is called for each). Once in some minutes is enough. */
void frame_store_retire(struct frame_store *store, struct utc hour, struct mono unused_since);

/* Free space of the file system in bytes for us, looked up at most once a second; -1 if unknown. */
int64_t frame_store_free_bytes(struct frame_store *store);

/*
 * Calls `each` with the path of each file begun lately, oldest first: a kill between beginning a
 * file and its transaction in the catalog leaves one that only this journal names. Bounded: about
 * the last 20,000.
 */
bool frame_store_begun(const char *journal, bool (*each)(void *context, const char *path),
                       void *context, struct error *err) MUST_CHECK;

/* Forgets them all, once the catalog durably knows them; only while no store is at work. */
bool frame_store_begun_forget(const char *journal, struct error *err) MUST_CHECK;
