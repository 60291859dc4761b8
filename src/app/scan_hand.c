#include <stdlib.h>
#include <string.h>

#include "app/scan_job.h"
#include "receive/fingerprint.h"

void scan_fail(struct scan *scan, const struct error *err)
{
        pthread_mutex_lock(&scan->lock);
        if (scan->failure.kind == ERROR_NONE)
                scan->failure = *err;
        pthread_mutex_unlock(&scan->lock);
        folder_scan_stop(scan->walker);
}

void scan_problem(struct scan *scan, unsigned worker, const char *path, const char *why)
{
        scan_count(&scan->workers[worker].errors, 1);
        if (scan->config.on_problem == NULL)
                return;
        pthread_mutex_lock(&scan->lock);
        scan->config.on_problem(scan->config.context, path, why);
        pthread_mutex_unlock(&scan->lock);
}

bool scan_reader_take(struct scan *scan, struct catalog **reader_out, struct error *err)
{
        *reader_out = NULL;
        pthread_mutex_lock(&scan->lock);
        if (scan->reader_count > 0)
                *reader_out = scan->readers[--scan->reader_count];
        pthread_mutex_unlock(&scan->lock);
        return *reader_out != NULL ||
               catalog_open(scan->data_directory, CATALOG_READ, reader_out, err);
}

void scan_reader_give(struct scan *scan, struct catalog *reader)
{
        pthread_mutex_lock(&scan->lock);
        if (scan->reader_count < SCAN_THREADS_MAX) {
                scan->readers[scan->reader_count++] = reader;
                reader = NULL;
        }
        pthread_mutex_unlock(&scan->lock);
        catalog_close(&reader);
}

static bool hold(struct scan_worker *worker, struct folder_state *state)
{
        if (worker->held_count > 0 && worker->held[worker->held_count - 1] == state)
                return true;
        if (worker->held_count == worker->held_room) {
                size_t room = worker->held_room > 0 ? worker->held_room * 2 : 16;
                struct folder_state **grown =
                        reallocarray((void *)worker->held, room, sizeof(struct folder_state *));
                if (grown == NULL)
                        return false;
                worker->held = grown;
                worker->held_room = room;
        }
        worker->held[worker->held_count++] = state;
        atomic_fetch_add(&state->holders, 1);
        return true;
}

struct batch *scan_batch(struct scan *scan, unsigned worker, struct folder_state *state)
{
        struct scan_worker *own = &scan->workers[worker];
        if (own->batch == NULL)
                own->batch = ingest_batch(scan->config.ingest);
        if (own->batch != NULL && (state == NULL || hold(own, state)))
                return own->batch;
        struct error err;
        error_set(&err, ERROR_FULL, "no memory for a batch of files");
        scan_fail(scan, &err);
        return NULL;
}

/* Submits the batch and lets go of its folders; those that were waiting for it put their
 * fingerprints into the next one. */
static void hand(struct scan *scan, unsigned worker)
{
        struct scan_worker *own = &scan->workers[worker];
        struct folder_state **held = own->held;
        size_t count = own->held_count;
        own->held = NULL;
        own->held_count = own->held_room = 0;
        struct error err = {0};
        if (own->batch != NULL && !ingest_submit(scan->config.ingest, &own->batch, &err))
                scan_fail(scan, &err);
        for (size_t i = 0; i < count; i++)
                scan_release(scan, worker, held[i]);
        free((void *)held);
}

void scan_hand_when_full(struct scan *scan, unsigned worker)
{
        struct scan_worker *own = &scan->workers[worker];
        if (own->batch != NULL && own->batch->count >= BATCH_FULL)
                hand(scan, worker);
}

void scan_hand_all(struct scan *scan, unsigned worker)
{
        while (scan->workers[worker].batch != NULL)
                hand(scan, worker);
}

void scan_release(struct scan *scan, unsigned worker, struct folder_state *state)
{
        if (atomic_fetch_sub(&state->holders, 1) > 1)
                return;
        if (state->complete) {
                uint64_t fingerprint = 0;
                if (!atomic_load(&state->troubled))
                        fingerprint = fingerprint_of_sum(state->sum, state->pictures);
                struct batch *batch = scan_batch(scan, worker, NULL);
                if (batch != NULL)
                        batch_add_fingerprint(batch, batch_folder(batch, state->path), fingerprint);
        }
        known_files_finish(&state->known);
        free(state->path);
        free(state);
}
