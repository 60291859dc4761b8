#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/ingest.h"
#include "base/error.h"
#include "catalog/deletions.h"
#include "model/deletion.h"
#include "model/frame.h"
#include "serve/trash.h"

/*
 * The keeper: deletes, brings back, and after the time of grace takes the bytes off the disk
 * (purges). The catalog is changed through its one writer, in steps; a thread of its own does what
 * is due, work on files included, and goes on after a restart where it was. All functions but start
 * and stop are safe from any thread.
 *
 * How a purge survives anything: that it begins is in the catalog durably before the first byte
 * goes; each file is synced before the catalog forgets its frames; doing it again does no harm.
 */
struct keeper;

enum keeper_event { KEEPER_DELETED, KEEPER_RESTORED, KEEPER_PURGED };

struct keeper_config {
        const char *data_directory; /* copied */
        struct ingest *ingest;      /* borrowed until keeper_stop */
        int64_t undo_ms;            /* time of grace of what is deleted from now on */
        const char *const *managed; /* folders whose files may be deleted, and all below; copied */
        size_t managed_count;
        bool purges; /* else another process on this data does */
        /* A stretch of a camera changed; on any thread. */
        void (*on_change)(void *context, enum keeper_event event, const char *camera,
                          const struct stretch *stretch);
        /* Frames that are gone for good, so that nothing made of them is kept. */
        void (*on_purged)(void *context, const struct frame *frames, size_t count);
        /* Every few seconds, on the keeper's thread. May be NULL. */
        void (*on_look)(void *context);
        void *context;
};

bool keeper_start(const struct keeper_config *config, struct keeper **keeper_out,
                  struct error *err) MUST_CHECK;

/* The end is near: long work ends at its next step. */
void keeper_hurry(struct keeper *keeper);
/* Accepts NULL inside. */
void keeper_stop(struct keeper **keeper);

/* Deletes all frames of the stretches (both ends known); viewers are told step by step. When it
 * fails midway, what was deleted until then is a deletion that can be undone. */
bool keeper_delete(struct keeper *keeper, const struct stretch *stretches, size_t count,
                   struct trash_deleted *deleted_out, struct error *err) MUST_CHECK;

/* ERROR_NOT_FOUND when it is gone, ERROR_CONFLICT when purging has begun or it is still being made.
 */
bool keeper_undo(struct keeper *keeper, struct deletion_id id, int64_t *frames_out,
                 int64_t *bytes_out, struct error *err) MUST_CHECK;

/* Begins to purge it now: nothing of it comes back from here on. Errors as keeper_undo. */
bool keeper_purge(struct keeper *keeper, struct deletion_id id, struct error *err) MUST_CHECK;

/* Whether files of a folder may be deleted. */
bool keeper_manages(struct keeper *keeper, const char *folder);

/* All this as the calls of HTTP want it. */
struct trash keeper_trash(struct keeper *keeper);

struct keeper_counters {
        int64_t deleted;      /* frames, since the start */
        int64_t restored;     /* likewise */
        int64_t purged;       /* likewise */
        int64_t purged_bytes; /* that became free */
        int64_t failures;     /* of attempts to purge */
};
void keeper_counters(struct keeper *keeper, struct keeper_counters *counters_out);
