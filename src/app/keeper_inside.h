#pragma once

#include <pthread.h>

#include "app/keeper.h"
#include "base/utc.h"

/* The inside of the keeper, shared by keeper.c and keeper_purge.c. */

enum { KEEPER_BUSY_MOST = 64 }; /* deletions being made or coming back at a time */

struct keeper {
        struct keeper_config config; /* its texts are not kept */
        char *data_directory;
        char **managed; /* resolved */
        size_t managed_count;
        pthread_t thread;
        bool started;

        pthread_mutex_t lock; /* guards what follows */
        pthread_cond_t wake;
        bool wanted; /* something is to be looked at now */
        bool stopping;
        struct deletion_id busy[KEEPER_BUSY_MOST];
        size_t busy_count;
        struct keeper_counters counters;
};

bool keeper_stopping(struct keeper *keeper);
/* Something else is to be done now. */
bool keeper_wanted(struct keeper *keeper);

/* True when somebody else works on it. */
bool keeper_is_busy(struct keeper *keeper, struct deletion_id id);

void keeper_count(struct keeper *keeper, const struct keeper_counters *more);

/* For deletion_managed; the context is the keeper. */
bool keeper_may_delete(void *context, const char *folder);

/* Which cameras and times a deletion is of, to tell viewers. */
struct hulls {
        struct stretch *items;
        size_t count;
};
void hulls_read(struct hulls *hulls, struct catalog *catalog, struct deletion_id id);
/* On the writer thread. */
void hulls_tell(const struct hulls *hulls, struct keeper *keeper, struct catalog *catalog,
                enum keeper_event event);
void hulls_finish(struct hulls *hulls);

/* ---- keeper_fold.c ---- */

/* Folds what is due, for a second or so; false: there is more to do. */
bool keeper_fold(struct keeper *keeper, struct folding *folding, int64_t *due_ns);

/* ---- keeper_purge.c ---- */

enum purge_outcome {
        PURGE_ALL,
        PURGE_HELD,  /* somebody reads some of it, which is seldom for long */
        PURGE_FAILED /* some of it could not be removed, for now */
};

/* Purges what is due, and brings back what a restart interrupted; what is left is for the next
 * time. */
enum purge_outcome keeper_purge_due(struct keeper *keeper);
