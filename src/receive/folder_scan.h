#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Walks folders with many threads. Work items are folders and, inside a large folder, chunks of its
 * names, so that one flat folder with a million files is as parallel as a tree. Memory is bounded
 * by threads and chunks, but for the paths of folders that were found and not yet entered.
 *
 * Knows neither pictures nor a catalog: a visitor does the work. Links to folders are not followed.
 */
struct scan_folder {
        char *path;           /* absolute, no slash at the end */
        const char *relative; /* the part below the root, "" for the root itself */
        size_t root;          /* index of the root */
        int fd;               /* open while it is listed and its chunks are worked on */
        int pass;             /* 0 at first; grows when the visitor wants it listed again */
        atomic_bool listed;   /* wholly; false when reading it failed or was ended early */
        int64_t entries;      /* seen in this pass, folders included */
        void *state;          /* the visitor's */
        int64_t working;      /* chunks; guarded by the walker's lock */
};

/* Names of one folder, that are not folders, in no particular order. */
struct scan_names {
        const struct chunk *chunk; /* private */
        size_t at;
};

/* The next name, NULL at the end. Links and special files are told by *type_out, one of DT_REG,
 * DT_LNK, ... ; DT_UNKNOWN where the file system does not say. */
const char *scan_names_next(struct scan_names *names, unsigned char *type_out);

/* Called on the walker's threads; `worker` counts them from 0. */
struct scan_visitor {
        /* A folder was opened. False: leave it out, and `left` is not called. */
        bool (*entered)(void *context, unsigned worker, struct scan_folder *folder);
        /* Some names of a folder; several threads may be in the same folder. */
        void (*names)(void *context, unsigned worker, struct scan_folder *folder,
                      struct scan_names *names);
        /* All names of a pass were worked on. True: list the folder again. */
        bool (*listed)(void *context, unsigned worker, struct scan_folder *folder);
        /* The last thing that happens to a folder; its state is to be freed or handed on. */
        void (*left)(void *context, unsigned worker, struct scan_folder *folder);
        /* A folder could not be opened or wholly read; `number` is an errno. */
        void (*failed)(void *context, unsigned worker, const char *path, int number);
        /* A thread has no more work, once for each. */
        void (*finished)(void *context, unsigned worker);
        void *context;
};

enum { SCAN_THREADS_MAX = 256 };

/* Threads at the start, and at most: on files in memory more threads than processors only get in
 * each other's way, on a disk they keep it busy. */
struct scan_threads {
        unsigned first, most;
};

struct folder_scan;

/* Starts to walk below the roots, which are absolute, normalised and not inside of each other.
 * *scan_out is set before the first call of the visitor. */
bool folder_scan_start(const char *const *roots, size_t count, const struct scan_threads *threads,
                       const struct scan_visitor *visitor, struct folder_scan **scan_out,
                       struct error *err) MUST_CHECK;

/* Starts as many threads as there may be; for visitors that find themselves waiting for a disk. */
void folder_scan_widen(struct folder_scan *scan);

/* Asks for an early end: no further folder or chunk is begun. From any thread. */
void folder_scan_stop(struct folder_scan *scan);
bool folder_scan_stopping(struct folder_scan *scan);

/* True until all threads are through. */
bool folder_scan_running(struct folder_scan *scan);

/* Waits for the end; true when it was ended early. */
bool folder_scan_wait(struct folder_scan *scan);

/* After folder_scan_wait. Accepts NULL inside. */
void folder_scan_free(struct folder_scan **scan);
