#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/frame.h"

/*
 * The store of received frames: appends to hour files, makes them durable in groups. Belongs to one
 * thread (the receiver); reading back is store_open.
 *
 * A group is: any number of frame_store_append, then one frame_store_sync. Only what a successful
 * sync covered may be acknowledged. A failed write or sync closes that file for good (it is never
 * synced again), and frames go on in another (`HH.1.mjpeg`).
 */
struct frame_store;

enum durability {
        DURABILITY_SYNC, /* the default: 226 after the bytes are on the disk */
        DURABILITY_OS    /* 226 when the kernel has them */
};

struct frame_store_config {
        const char *directory; /* DATA/frames; created */
        enum durability durability;
        size_t most_open; /* hour files held open; least recently used are closed */
        /* Called when a file is begun, before anything is in it: the owner gives it a number and
         * remembers path, directory, hour durably. `path` is relative to DATA/frames. */
        bool (*begin_segment)(void *context, const char *camera_directory, struct utc hour,
                              const char *path, struct segment_id *segment_out, struct error *err);
        void *context;
};

bool frame_store_create(const struct frame_store_config *config, struct frame_store **store_out,
                        struct error *err) MUST_CHECK;
void frame_store_destroy(struct frame_store **store);

/* Lets the store go on appending to a segment that exists, as found at start-up, at its recovered
 * end; a torn tail is cut off there. */
bool frame_store_adopt(struct frame_store *store, const char *camera_directory, struct utc hour,
                       const char *path, struct segment_id segment, int64_t end,
                       struct error *err) MUST_CHECK;

/*
 * Appends one picture given as pieces (iovec-like, so that no copy is needed). `facts` is the JSON
 * of the record's header. *place_out says where it is, *end_out the end of the record. On failure
 * nothing of it counts.
 */
struct frame_bytes {
        const void *bytes;
        size_t length;
};
bool frame_store_append(struct frame_store *store, const char *camera_directory, struct utc time,
                        const char *facts, size_t facts_length, const struct frame_bytes *pieces,
                        size_t piece_count, struct place *place_out, int64_t *end_out,
                        struct error *err) MUST_CHECK;

/*
 * Makes all appended since the last call durable: files, and folders of new files. Many files are
 * synced at the same time. For each segment that failed `failed` is called; what was appended to it
 * in this group is not durable. Returns false only when nothing can be said of any.
 */
bool frame_store_sync(struct frame_store *store,
                      void (*failed)(void *context, struct segment_id segment,
                                     const struct error *),
                      void *context, struct error *err) MUST_CHECK;

/* Free space of the file system in bytes, looked up at most once a second. */
int64_t frame_store_free_bytes(struct frame_store *store);
