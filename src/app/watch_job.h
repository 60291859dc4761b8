#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "app/batch.h"
#include "app/pending.h"
#include "app/roots.h"
#include "app/take.h"
#include "app/watch.h"
#include "app/watch_scan.h"
#include "base/utc.h"
#include "receive/folder_watch.h"

/*
 * The inside of a watch, shared by watch.c (life, thread, scans) and watch_files.c (what is done
 * with a file that something happened to).
 */
#define MS INT64_C(1000000) /* in nanoseconds */

/* A file without an end that keeps still for so long is taken as it is. Longer than a scan allows:
 * its sender may only pause, and when it closes the file we are told. */
enum { WATCH_GIVE_UP_MS = 30000 };

struct watch {
        struct watch_config config; /* strings and folders are ours */
        char *zone_name, *template_text, *data_directory;
        struct roots roots;
        struct watch_scan *scan;
        pthread_t thread;
        int wake; /* eventfd: stop, a scan is through, an unfinished file */

        /* Of the watch's own thread. */
        struct folder_watch *folders;
        struct taker taker;
        struct pending pending;
        struct pending touched; /* while a scan runs: what it may have seen in an older state */
        struct batch *batch;
        struct mono now;
        struct mono next_tick, next_poll;
        char *open_path; /* the folder of the last file, and its descriptor */
        int open_fd;

        pthread_mutex_t lock; /* guards what follows */
        bool stopping, scan_through, pretend_overflow;
        struct pending told; /* by a scan: files that are still being written */
        struct watch_counters counters;
};

/* watch_files.c, all on the watch's own thread. */

/* Something happened to a file. */
void watch_note_file(struct watch *watch, size_t root, const char *folder, const char *name,
                     enum watch_what what);
/* A folder is no longer at this path. */
void watch_note_folder_gone(struct watch *watch, const char *path);

/* Looks at all files that are due; says when the next one is. */
struct mono watch_look_at_files(struct watch *watch);
