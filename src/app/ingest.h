#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "catalog/catalog.h"
#include "model/frame.h"
#include "receive/picture_name.h"

/*
 * Ingest: the one writer of a process. Whoever takes pictures in (scan, import, watch, later FTP)
 * hands batches over; a thread of its own holds the writing handle of the catalog and puts all that
 * is waiting into one transaction, so that a commit costs little when much arrives and comes at
 * once when little does.
 *
 * The queue is bounded: ingest_submit waits when it is full and never drops. All functions but
 * start and stop are safe from any thread.
 */
struct ingest;
struct batch;

struct ingest_config {
        const char *data_directory; /* borrowed until ingest_start returns */
        const char *zone;           /* what new cameras start with; NULL: UTC; copied */
        const char *path_template;  /* likewise; NULL: none; copied */
        /*
         * Go on trying when the catalog cannot be written (disk full, ...), as a server should;
         * else the first failure ends it: submitting fails from then on with the reason. Batches
         * that somebody waits for (batch->impatient) are given up all the same.
         */
        bool persist;
        /*
         * Let batches gather for up to this long, so that a large scan has few large transactions:
         * each writes the same few pages once more. 0, as a server wants it: write at once.
         */
        int gather_ms;
        /*
         * Called where it was written after each commit with the frames that were added or replaced
         * in it, keys final; lives until it returns. Quick, please: nothing is written meanwhile.
         * May be NULL.
         */
        void (*on_commit)(void *context, const struct frame *frames, size_t count);
        /* Likewise, after the commit, for each camera that is new. May be NULL.
         */
        void (*on_camera)(void *context, struct camera_id camera, const char *name);
        void *context;
};

/* Opens the catalog for writing (creating it) and starts the thread. */
bool ingest_start(const struct ingest_config *config, struct ingest **ingest_out,
                  struct error *err) MUST_CHECK;

/* An empty batch, one that was used before if there is any; NULL without memory. */
struct batch *ingest_batch(struct ingest *ingest);

/* Takes the batch (app/batch.h), also when it fails. Waits while the queue is full. Batches are
 * written in the order in which they were submitted. */
bool ingest_submit(struct ingest *ingest, struct batch **batch, struct error *err) MUST_CHECK;

/* As ingest_submit, but written on this thread when nobody else writes or waits: without the way to
 * the other thread and back. What it calls, on_commit and done, it then calls here. */
bool ingest_write_now(struct ingest *ingest, struct batch **batch, struct error *err) MUST_CHECK;

/*
 * Does `work` on the writer thread with the writing handle, outside of a transaction, before the
 * batches that wait, and waits for it. Returns what it returns.
 */
bool ingest_call(struct ingest *ingest,
                 bool (*work)(void *context, struct catalog *catalog, struct error *err),
                 void *context, struct error *err) MUST_CHECK;

/* The camera of these facts as catalog_camera_for finds or makes it, told of when new. */
bool ingest_camera(struct ingest *ingest, const struct facts *facts,
                   const struct camera_defaults *defaults, struct camera *camera_out,
                   struct error *err) MUST_CHECK;

/* Waits until all that was submitted before is committed, or failed for good. */
bool ingest_flush(struct ingest *ingest, struct error *err) MUST_CHECK;

/* The end is near: what cannot be written is given up after a second try, so that nobody waits for
 * it for ever. From any thread. */
void ingest_hurry(struct ingest *ingest);

/* Writes what is waiting, ends the thread and closes the catalog; done within 5 seconds. Fails when
 * something that was submitted could not be written. No other thread may use it any more. Accepts
 * NULL inside. */
bool ingest_stop(struct ingest **ingest, struct error *err) MUST_CHECK;

/* What happened since the start. */
struct ingest_counters {
        int64_t frames;                /* given by producers and committed */
        int64_t bytes;                 /* of these frames' files */
        int64_t added;                 /* of them, new */
        int64_t replaced;              /* of them, in the place of another frame */
        int64_t same;                  /* of them, known already */
        int64_t repeats;               /* received again, and there already */
        int64_t skipped[SKIP_REASONS]; /* files that are no frames, see receive/picture_name.h */
        int64_t vanished;
        int64_t cameras_new;
        int64_t errors;  /* batches or transactions that failed */
        int64_t batches; /* taken from the queue */
        int64_t commits;
        int64_t commit_ns;    /* time spent in transactions, sum */
        int64_t queue_length; /* batches waiting now */
        int64_t queue_limit;
};
void ingest_counters(struct ingest *ingest, struct ingest_counters *counters_out);
