#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/ingest.h"
#include "base/error.h"

/*
 * Folder watching: what appears, changes, moves or vanishes below the folders gets into the catalog
 * by itself, within a fraction of a second of the file being closed. One thread with inotify; what
 * arrived before the start, or was missed (overflow of the kernel's queue, too few watches, a disk
 * that was away) is found by scans in the background.
 *
 * A folder that does not exist (yet, or any more) is announced once in the log and tried again;
 * nothing is marked as vanished because of it.
 */
struct watch;

/* A background scan as it goes, for /live. */
struct watch_progress {
        const char *folder; /* the folder being scanned; lives until the callback returns */
        int64_t done;       /* files looked at */
        int64_t total;      /* -1 when not known */
        int64_t rate;       /* files a second */
        bool finished;
};

struct watch_config {
        const char *const *folders; /* absolute or relative paths; copied */
        size_t folder_count;
        const char *zone;           /* of times in names; NULL: UTC; copied */
        const char *path_template;  /* NULL: the generic rules; copied */
        const char *data_directory; /* where the catalog is, for reading; copied */
        struct ingest *ingest;      /* borrowed until watch_stop */
        /* About once a second while a scan runs and once at its end; on a thread of the watch. May
         * be NULL. */
        void (*on_progress)(void *context, const struct watch_progress *progress);
        void *context;
        size_t most_watches; /* for tests: act as if the kernel gave no more; 0: no such bound */
        int poll_seconds;    /* how often folders that cannot be watched are scanned; 0: 30 */
};

bool watch_start(const struct watch_config *config, struct watch **watch_out,
                 struct error *err) MUST_CHECK;

/* Ends its threads; call it before ingest_stop. Done within a second or two. Accepts NULL inside.
 */
void watch_stop(struct watch **watch);

/* For /metrics; from any thread. */
struct watch_counters {
        int64_t folders;   /* known below the roots */
        int64_t watched;   /* of them, by the kernel */
        int64_t events;    /* inotify records */
        int64_t overflows; /* of the kernel's queue */
        int64_t pending;   /* files that are waited for */
        int64_t scans;     /* run in the background */
        bool scanning;     /* one is running */
};
void watch_counters(struct watch *watch, struct watch_counters *counters_out);

/* For tests: as if the kernel had said that its queue was full. From any thread. */
void watch_pretend_overflow(struct watch *watch);
