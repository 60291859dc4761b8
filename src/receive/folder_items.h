#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "receive/folder_scan.h"

/*
 * Items of work of a folder scan: folders to be listed and chunks of names to be worked on, and
 * what a thread does with each. Only for folder_scan.c, which hands them to threads.
 */
struct chunk;

struct waiting_folder {
        char *path;
        uint32_t root;
        uint32_t relative; /* offset in path */
};

struct folder_scan {
        struct scan_visitor visitor;
        unsigned threads; /* at most */
        pthread_t *ids;

        pthread_mutex_t lock; /* guards what follows */
        unsigned started;
        pthread_cond_t work;
        struct chunk *chunks;           /* to be worked on; gone before folders */
        struct chunk *spare;            /* buffers for reuse */
        size_t chunk_count;             /* waiting */
        struct waiting_folder *folders; /* a stack: depth first keeps it short */
        size_t folder_count, folder_room;
        unsigned busy;     /* threads with an item in hand */
        unsigned sleeping; /* threads that wait */
        unsigned next_worker;
        unsigned ended; /* threads */
        bool stopping;
};

/* Puts a folder on the stack, whose path it then owns; false when there is no memory. */
bool folder_push(struct folder_scan *scan, const struct waiting_folder *folder);

/* Lists a folder, and works on what nobody else takes of it. Takes its path. */
void folder_work(struct folder_scan *scan, unsigned worker, struct waiting_folder *found);

/* Works on the names of a chunk taken from scan->chunks, or passes them over when the scan is being
 * stopped. */
void chunk_work(struct folder_scan *scan, unsigned worker, struct chunk *chunk);

/* The chunk waiting first, taken out; NULL when there is none. The lock is held. */
struct chunk *chunk_take(struct folder_scan *scan);

/* Frees all items and buffers; no thread is at work. */
void folder_items_free(struct folder_scan *scan);
