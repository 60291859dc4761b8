#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/batch.h"
#include "app/known.h"
#include "app/roots.h"
#include "app/scan.h"
#include "app/take.h"
#include "catalog/catalog.h"
#include "receive/folder_scan.h"

/*
 * The inside of a scan, shared by scan.c (start and end), scan_visit.c (what is done with a folder)
 * and scan_hand.c (batches on their way to ingest).
 */

/* How a folder's files are treated in a pass. */
enum scan_plan {
        PLAN_FRESH,  /* nothing is known of it: each file is opened */
        PLAN_VERIFY, /* its fingerprint is known: each file's inode is looked at */
        PLAN_COMPARE /* its files are known: those that differ are opened */
};

/* A folder while it is scanned, and until all batches with its files were submitted. */
struct folder_state {
        char *path;
        size_t root;
        enum scan_plan plan;
        bool is_known;
        struct folder_id id; /* when known */
        uint64_t stored;     /* its fingerprint in the catalog */
        struct known_files known;
        _Atomic uint64_t sum;      /* of fingerprint shares in this pass */
        _Atomic uint64_t pictures; /* files in that sum */
        _Atomic int64_t files;     /* names in this pass */
        _Atomic int64_t unchanged; /* files known as they are */
        _Atomic int64_t skipped[SKIP_REASONS];
        atomic_bool troubled; /* has to be looked at again whatever the sum says */
        atomic_int holders;   /* the walker, and a batch each */
        bool complete;        /* walked to the end, and worth a fingerprint */
};

/* A thread's own things. */
struct scan_worker {
        struct batch *batch;
        struct folder_state **held; /* folders with files in the batch */
        size_t held_count, held_room;
        struct taker taker;
        _Atomic int64_t looked, folders, files, frames, unchanged, errors;
        _Atomic int64_t skipped[SKIP_REASONS];
};

struct scan {
        struct scan_config config;
        struct roots roots;
        bool *root_bad;   /* a root that is missing or suspiciously empty: mark nothing below it */
        bool *root_known; /* the catalog holds files below it */
        char *data_directory;
        struct zone *zone;
        struct path_template *path_template;
        struct known_folders known;
        struct folder_scan *walker;
        struct scan_worker *workers;
        unsigned threads;
        int64_t total;

        pthread_mutex_t lock; /* guards what follows */
        struct catalog *readers[SCAN_THREADS_MAX];
        size_t reader_count;
        struct error failure; /* of ingest, ends the scan */
};

static inline void scan_count(_Atomic int64_t *counter, int64_t more)
{
        atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

/* scan_visit.c */
extern const struct scan_visitor scan_visitor; /* its context is the scan */

/* scan_hand.c: batches, and the folders held by them. */
void scan_fail(struct scan *scan, const struct error *err);
void scan_problem(struct scan *scan, unsigned worker, const char *path, const char *why);
bool scan_reader_take(struct scan *scan, struct catalog **reader_out, struct error *err) MUST_CHECK;
void scan_reader_give(struct scan *scan, struct catalog *reader);
/* The worker's batch, with `state` noted as having files in it; NULL without memory. */
struct batch *scan_batch(struct scan *scan, unsigned worker, struct folder_state *state);
void scan_hand_when_full(struct scan *scan, unsigned worker);
void scan_hand_all(struct scan *scan, unsigned worker);
void scan_release(struct scan *scan, unsigned worker, struct folder_state *state);
