#pragma once

#include <pthread.h>

#include "app/batch.h"
#include "app/ingest.h"
#include "app/ingest_write.h"

/*
 * The inside of ingest, shared by ingest.c (queue and thread), ingest_insist.c (what is done while
 * it cannot write) and ingest_call.c (what others do with the writing handle).
 */
enum {
        INGEST_QUEUE = 96, /* batches that wait */
        INGEST_SPARES = 64 /* empty ones that are kept */
};

/* Work for the writer thread that somebody waits for; on their stack. */
struct waiting_call {
        struct waiting_call *next;
        bool (*work)(void *context, struct catalog *catalog, struct error *err);
        void *context;
        struct error *err;
        bool finished;
        bool result;
};

struct ingest {
        struct ingest_config config;
        char *zone, *path_template, *data_directory; /* owned copies */
        int directory_lock;                          /* on the data directory, -1: none */
        struct catalog *catalog;                     /* of whoever writes */
        struct ingest_write write;                   /* likewise */
        pthread_t thread;
        bool started;

        pthread_mutex_t lock; /* guards what follows */
        pthread_cond_t changed;
        bool writing; /* somebody has the catalog: the thread, or ingest_write_now */
        struct batch *queue[INGEST_QUEUE]; /* a ring */
        size_t head, length;
        struct waiting_call *calls; /* the latest first; there are few */
        size_t items;               /* in the batches that wait */
        unsigned waiting;           /* threads in ingest_flush */
        unsigned wanting;           /* threads that wait to write themselves */
        struct batch *spare[INGEST_SPARES];
        size_t spare_count;
        int64_t submitted, finished; /* batches, ever */
        int64_t given_up;            /* transactions */
        bool stopping;
        bool hurried; /* soon to be stopped */
        bool broken;  /* not persisting, and a transaction failed */
        struct error failure;
        struct ingest_counters counters;
};

/* ---- ingest.c ---- */

/* Does what was asked for by ingest_call; the lock is held, and the catalog ours. */
void ingest_answer_calls(struct ingest *ingest);
/* Tells whoever waits for them how it went. */
void ingest_tell_done(const struct ingest_write *write, struct batch *const *batches, size_t count,
                      const struct error *failure);
/* Batches are over: keeps them to be used again, or frees them. */
void ingest_finish(struct ingest *ingest, struct batch **taken, size_t count, bool ok,
                   const struct error *err);
/* One transaction, and its counting. */
bool ingest_try_write(struct ingest *ingest, struct batch **batches, size_t count,
                      struct error *err) MUST_CHECK;

/* ---- ingest_insist.c ---- */

/* Writes the batches, however many tries it takes; false when some had to be given up that nobody
 * waits for. May change their order. */
bool ingest_insist(struct ingest *ingest, struct batch **batches, size_t count,
                   struct error *err) MUST_CHECK;
