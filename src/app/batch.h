#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/facts.h"
#include "model/frame.h"
#include "model/segment.h"
#include "receive/picture_name.h"

/*
 * A batch: what a producer hands to ingest at once, in order. Compact, since dozens are in flight:
 * folders and cameras are named once, files only by name. Built by one thread, then owned by
 * ingest.
 *
 * Running out of memory sticks: later additions do nothing, batch_ok and ingest_submit tell.
 */
enum batch_kind {
        BATCH_FRAME,       /* a picture */
        BATCH_SKIP,        /* a file that is no picture, remembered */
        BATCH_VANISH,      /* a file that is no longer there */
        BATCH_FINGERPRINT, /* the folder is wholly taken in */
        BATCH_SWEEP,       /* forget what is no longer on disk, of the folder and all below it */
        BATCH_RECEIVED,    /* a picture in an hour file */
        BATCH_ENDED        /* nothing more will be written to the hour file */
};

struct batch_item {
        uint8_t kind;        /* enum batch_kind */
        uint8_t time_source; /* of a frame */
        uint8_t reason;      /* of a skip: enum skip_reason */
        bool has_trigger;
        uint32_t folder; /* index in folders */
        uint32_t camera; /* index in cameras */
        uint32_t name;   /* offset in names */
        int32_t trigger, width, height;
        struct utc time;
        struct utc modified;
        int64_t sequence;
        uint64_t kinds; /* standard ones; words are with the camera */
        uint64_t windows;
        int64_t bytes;
        uint64_t fingerprint;
        struct segment_id segment; /* of what lies in an hour file */
        int64_t offset;            /* of the picture */
};

struct batch_folder {
        uint32_t path;       /* offset in names */
        bool needed;         /* files of it are to be kept, so it has to be in the catalog */
        struct folder_id id; /* filled in by ingest; 0 when not known and not needed */
};

struct batch_camera {
        struct facts facts; /* identity and words; the rest is of any frame */
        bool known;         /* id was given */
        struct camera_id id;
        uint64_t kinds; /* bits of the words */
};

/* The records of an hour file up to here are in this batch or one before. */
struct batch_committed {
        struct segment_id segment;
        int64_t length;
};

struct batch {
        struct batch_item *items;
        size_t count, room;
        struct batch_folder *folders;
        size_t folder_count, folder_room;
        struct batch_camera *cameras;
        size_t camera_count, camera_room;
        char *names; /* terminated strings one after the other */
        size_t names_length, names_room;
        struct segment *segments; /* hour files that are new: added durably, before all else */
        size_t segment_count, segment_room;
        struct batch_committed *committed; /* taken as known after all items */
        size_t committed_count, committed_room;
        /* Where it was written, when the batch is committed: with all frames of its transaction,
         * keys final; or when it was given up: with why. Quick, please. May be NULL. */
        void (*done)(void *context, const struct frame *frames, size_t count,
                     const struct error *failure);
        /* Likewise, before it is written: false gives it up. May be NULL. */
        bool (*wanted)(void *context);
        /* Likewise, when it cannot be written for now and is tried again, perhaps more than once.
         * May be NULL. */
        void (*delayed)(void *context, const struct error *why);
        void *context; /* of all three */
        /* Somebody waits who can be told, and comes again: when it cannot be written (disk full,
         * ...) it is given up at once rather than tried until it can. */
        bool impatient;
        bool in_order; /* a place may come twice in neighbouring batches; keep to the order */
        bool failed;
};

/* Items after which a batch is worth submitting: small enough to stay in the caches between the
 * threads. */
enum { BATCH_FULL = 256 };

/* NULL when there is no memory. */
struct batch *batch_create(void);
void batch_free(struct batch **batch);

/* Empties it and keeps the memory. */
void batch_clear(struct batch *batch);
bool batch_ok(const struct batch *batch) MUST_CHECK;

/* The index of a folder, by absolute path. Asking for the same as the last time costs a compare. */
uint32_t batch_folder(struct batch *batch, const char *path);

/* `modified` is the frame's receive time. The facts are those of a JPEG. */
void batch_add_frame(struct batch *batch, uint32_t folder, const char *name,
                     const struct facts *facts, struct utc modified);
void batch_add_skip(struct batch *batch, uint32_t folder, const char *name, int64_t bytes,
                    struct utc modified, enum skip_reason reason);
void batch_add_vanished(struct batch *batch, uint32_t folder, const char *name);
void batch_add_fingerprint(struct batch *batch, uint32_t folder, uint64_t fingerprint);
void batch_add_sweep(struct batch *batch, uint32_t folder);

/* ---- received frames ---- */

/* A new hour file; makes the whole transaction durable. */
void batch_add_segment(struct batch *batch, const struct segment *segment);
/* The camera is as given, not looked up by the facts, which tell the rest; `place` is in an hour
 * file. */
void batch_add_received(struct batch *batch, struct camera_id camera, const struct facts *facts,
                        struct utc received, const struct place *place);
void batch_add_committed(struct batch *batch, struct segment_id segment, int64_t committed);
void batch_add_ended(struct batch *batch, struct segment_id segment, enum segment_state state);

static inline const char *batch_name(const struct batch *batch, uint32_t offset)
{
        return batch->names + offset;
}
