#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/ingest.h"
#include "base/error.h"

/*
 * Scan: takes folders in, with many threads, and brings the catalog to what is on disk.
 *
 * What did not change since it was last seen is not opened: a folder as a whole when its
 * fingerprint is the same, else file by file. Files and folders that vanished are marked; never
 * because something could not be looked at, and not when a folder given is missing or empty as that
 * of a disk that is not mounted is.
 */
struct scan;

struct scan_config {
        const char *const *folders; /* borrowed until scan_start returns, like all strings */
        size_t folder_count;
        const char *zone;           /* of times in names; NULL: UTC */
        const char *path_template;  /* NULL: the generic rules */
        const char *data_directory; /* where the catalog is, for reading */
        struct ingest *ingest;      /* borrowed until scan_wait returns */
        unsigned threads;           /* 0: as many as serve best */
        /* Something could not be looked at; on any thread, one at a time. May be NULL. */
        void (*on_problem)(void *context, const char *path, const char *why);
        /* A file that is still being written was left out. Likewise. May be NULL. */
        void (*on_unfinished)(void *context, const char *folder, const char *name);
        void *context;
};

bool scan_start(const struct scan_config *config, struct scan **scan_out,
                struct error *err) MUST_CHECK;

struct scan_progress {
        int64_t folders; /* entered */
        int64_t looked;  /* files looked at so far, some twice */
        int64_t total;   /* guessed from what the catalog holds, -1 when it holds nothing */
};
void scan_progress(struct scan *scan, struct scan_progress *progress_out);

/* True until all folders were walked. */
bool scan_running(struct scan *scan);

/* Asks for an early end; what was read by then is still committed. From any thread. */
void scan_stop(struct scan *scan);

/* What it found; what became of that in the catalog is in the counters of ingest. */
struct scan_result {
        int64_t folders;
        int64_t files;                 /* names that are no folders */
        int64_t frames;                /* pictures read and handed to ingest */
        int64_t unchanged;             /* files known as they are, not opened */
        int64_t skipped[SKIP_REASONS]; /* files that are no frames, by reason */
        int64_t errors;                /* files and folders that could not be looked at */
        bool stopped;                  /* it was ended early */
};

/* Waits for the end, marks what vanished, flushes ingest, and frees it. False when something went
 * wrong as a whole; single files and folders that failed are only counted. */
bool scan_wait(struct scan **scan, struct scan_result *result_out, struct error *err) MUST_CHECK;
