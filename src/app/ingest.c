#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/data_lock.h"
#include "app/ingest_inside.h"
#include "app/repeats.h"
#include "base/log.h"
#include "base/utc.h"

enum {
        TRANSACTION_ITEMS = 16384 /* a transaction takes no further batch from here on */
};

static void add_counters(struct ingest_counters *sum, const struct ingest_counters *more)
{
        sum->frames += more->frames;
        sum->bytes += more->bytes;
        sum->added += more->added;
        sum->replaced += more->replaced;
        sum->same += more->same;
        sum->repeats += more->repeats;
        for (int i = 0; i < SKIP_REASONS; i++)
                sum->skipped[i] += more->skipped[i];
        sum->vanished += more->vanished;
        sum->cameras_new += more->cameras_new;
}

static void announce(struct ingest *ingest, const struct ingest_write *write)
{
        const struct ingest_config *config = &ingest->config;
        for (size_t i = 0; config->on_camera != NULL && i < write->camera_count; i++)
                config->on_camera(config->context, write->cameras[i].id, write->cameras[i].name);
        if (config->on_commit != NULL && write->frame_count > 0)
                config->on_commit(config->context, write->frames, write->frame_count);
}

void ingest_tell_done(const struct ingest_write *write, struct batch *const *batches, size_t count,
                      const struct error *failure)
{
        for (size_t i = 0; i < count; i++) {
                if (batches[i]->done != NULL)
                        batches[i]->done(batches[i]->context, write->frames, write->frame_count,
                                         failure);
        }
}

bool ingest_try_write(struct ingest *ingest, struct batch **batches, size_t count,
                      struct error *err)
{
        struct ingest_write *write = &ingest->write;
        struct mono start = mono_now();
        bool ok = ingest_write(write, batches, count, err);
        int64_t spent = mono_now().ns - start.ns;
        pthread_mutex_lock(&ingest->lock);
        if (ok) {
                add_counters(&ingest->counters, &write->done);
                ingest->counters.commits++;
        } else {
                ingest->counters.errors++;
        }
        ingest->counters.commit_ns += spent;
        pthread_mutex_unlock(&ingest->lock);
        if (ok) {
                announce(ingest, write);
                ingest_tell_done(write, batches, count, NULL);
        }
        repeats_forget(ingest->data_directory, ingest->catalog, write->repeats,
                       write->repeat_count);
        return ok;
}

/* What was asked for by ingest_call until now, in that order; the lock is held. */
static struct waiting_call *take_calls(struct ingest *ingest)
{
        struct waiting_call *in_order = NULL;
        while (ingest->calls != NULL) {
                struct waiting_call *call = ingest->calls;
                ingest->calls = call->next;
                call->next = in_order;
                in_order = call;
        }
        return in_order;
}

/* Does it; the lock is held. What is asked for meanwhile has to wait until batches had their turn,
 * so that long work in many calls holds up nobody. */
void ingest_answer_calls(struct ingest *ingest)
{
        struct waiting_call *call = take_calls(ingest);
        while (call != NULL) {
                struct waiting_call *next = call->next; /* it goes when it is finished */
                pthread_mutex_unlock(&ingest->lock);
                bool result = call->work(call->context, ingest->catalog, call->err);
                pthread_mutex_lock(&ingest->lock);
                call->result = result;
                call->finished = true;
                pthread_cond_broadcast(&ingest->changed);
                call = next;
        }
}

/* Lets batches gather for a moment, unless somebody waits for them. The lock is held. */
static void gather(struct ingest *ingest)
{
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        int64_t ns = until.tv_nsec + (int64_t)ingest->config.gather_ms * 1000000;
        until.tv_sec += ns / 1000000000;
        until.tv_nsec = ns % 1000000000;
        int woken = 0;
        while (woken == 0 && ingest->items < TRANSACTION_ITEMS && ingest->length < INGEST_QUEUE &&
               ingest->waiting == 0 && ingest->calls == NULL && !ingest->stopping)
                woken = pthread_cond_timedwait(&ingest->changed, &ingest->lock, &until);
}

/* Takes the catalog and what is waiting, up to a transaction's worth; 0 at the end. */
static size_t take(struct ingest *ingest, struct batch *taken[INGEST_QUEUE])
{
        size_t count = 0;
        size_t items = 0;
        pthread_mutex_lock(&ingest->lock);
        for (;;) {
                while (ingest->writing ||
                       (ingest->length == 0 && ingest->calls == NULL && !ingest->stopping))
                        pthread_cond_wait(&ingest->changed, &ingest->lock);
                ingest->writing = true;
                ingest_answer_calls(ingest);
                if (ingest->length > 0 || ingest->stopping)
                        break;
                ingest->writing = false;
        }
        if (ingest->config.gather_ms > 0)
                gather(ingest);
        ingest_answer_calls(ingest);
        while (ingest->length > 0 && items < TRANSACTION_ITEMS) {
                taken[count] = ingest->queue[ingest->head];
                items += taken[count++]->count;
                ingest->head = (ingest->head + 1) % INGEST_QUEUE;
                ingest->length--;
        }
        ingest->items -= items;
        ingest->counters.batches += (int64_t)count;
        pthread_cond_broadcast(&ingest->changed);
        pthread_mutex_unlock(&ingest->lock);
        return count;
}

void ingest_finish(struct ingest *ingest, struct batch **taken, size_t count, bool ok,
                   const struct error *err)
{
        for (size_t i = 0; i < count; i++)
                batch_clear(taken[i]);
        pthread_mutex_lock(&ingest->lock);
        for (size_t i = 0; i < count && ingest->spare_count < INGEST_SPARES; i++) {
                ingest->spare[ingest->spare_count++] = taken[i];
                taken[i] = NULL;
        }
        ingest->finished += (int64_t)count;
        if (!ok && (ingest->failure.kind == ERROR_NONE || ingest->config.persist))
                ingest->failure = *err;
        if (!ok)
                ingest->given_up++;
        if (!ok && !ingest->config.persist)
                ingest->broken = true;
        pthread_cond_broadcast(&ingest->changed);
        pthread_mutex_unlock(&ingest->lock);
        for (size_t i = 0; i < count; i++)
                batch_free(&taken[i]);
}

static void give_back(struct ingest *ingest)
{
        pthread_mutex_lock(&ingest->lock);
        ingest->writing = false;
        pthread_cond_broadcast(&ingest->changed);
        pthread_mutex_unlock(&ingest->lock);
}

static void *run(void *context)
{
        struct ingest *ingest = context;
        pthread_setname_np(pthread_self(), "ingest");
        struct batch *taken[INGEST_QUEUE];
        size_t count = 0;
        while ((count = take(ingest, taken)) > 0) {
                struct error err = {0};
                bool ok = !ingest->broken;
                if (!ok)
                        ingest_tell_done(&ingest->write, taken, count, &ingest->failure);
                else
                        ok = ingest_insist(ingest, taken, count, &err);
                if (!ok && ingest->config.persist)
                        log_error("ingest", "given-up", "batches=%zu why=\"%s\"", count, err.text);
                ingest_finish(ingest, taken, count, ok, &err);
                give_back(ingest);
        }
        return NULL;
}

static bool copy_settings(struct ingest *ingest, const struct ingest_config *config,
                          struct error *err)
{
        ingest->config = *config;
        ingest->config.data_directory = NULL; /* not kept */
        ingest->data_directory = strdup(config->data_directory);
        if (config->zone != NULL)
                ingest->zone = strdup(config->zone);
        if (config->path_template != NULL)
                ingest->path_template = strdup(config->path_template);
        if (ingest->data_directory == NULL || (config->zone != NULL && ingest->zone == NULL) ||
            (config->path_template != NULL && ingest->path_template == NULL))
                return error_set(err, ERROR_FULL, "no memory for ingest");
        return true;
}

static void destroy(struct ingest *ingest)
{
        ingest_write_finish(&ingest->write);
        catalog_close(&ingest->catalog);
        while (ingest->spare_count > 0)
                batch_free(&ingest->spare[--ingest->spare_count]);
        pthread_cond_destroy(&ingest->changed);
        pthread_mutex_destroy(&ingest->lock);
        if (ingest->directory_lock >= 0)
                close(ingest->directory_lock);
        free(ingest->data_directory);
        free(ingest->zone);
        free(ingest->path_template);
        free(ingest);
}

bool ingest_start(const struct ingest_config *config, struct ingest **ingest_out, struct error *err)
{
        struct ingest *ingest = calloc(1, sizeof *ingest);
        if (ingest == NULL)
                return error_set(err, ERROR_FULL, "no memory for ingest");
        pthread_condattr_t steady;
        pthread_condattr_init(&steady);
        pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
        pthread_mutex_init(&ingest->lock, NULL);
        pthread_cond_init(&ingest->changed, &steady);
        pthread_condattr_destroy(&steady);
        ingest->counters.queue_limit = INGEST_QUEUE;
        ingest->directory_lock = -1;
        if (!copy_settings(ingest, config, err) ||
            !data_lock(config->data_directory, DATA_SHARED, &ingest->directory_lock, err) ||
            !catalog_open(config->data_directory, CATALOG_WRITE, &ingest->catalog, err)) {
                destroy(ingest);
                return false;
        }
        catalog_compare_by(ingest->catalog, repeat_is, ingest->data_directory);
        ingest->write = (struct ingest_write){
                .catalog = ingest->catalog,
                .defaults = {.zone = ingest->zone, .path_template = ingest->path_template},
        };
        if (pthread_create(&ingest->thread, NULL, run, ingest) != 0) {
                destroy(ingest);
                return error_set(err, ERROR_SYSTEM, "the ingest thread could not be started");
        }
        *ingest_out = ingest;
        return true;
}

struct batch *ingest_batch(struct ingest *ingest)
{
        struct batch *batch = NULL;
        pthread_mutex_lock(&ingest->lock);
        if (ingest->spare_count > 0)
                batch = ingest->spare[--ingest->spare_count];
        pthread_mutex_unlock(&ingest->lock);
        return batch != NULL ? batch : batch_create();
}

bool ingest_submit(struct ingest *ingest, struct batch **batch, struct error *err)
{
        struct batch *b = *batch;
        *batch = NULL;
        if (b == NULL || !batch_ok(b)) {
                batch_free(&b);
                return error_set(err, ERROR_FULL, "no memory for a batch of files");
        }
        pthread_mutex_lock(&ingest->lock);
        while (ingest->length == INGEST_QUEUE && !ingest->broken)
                pthread_cond_wait(&ingest->changed, &ingest->lock);
        bool ok = !ingest->broken;
        if (ok) {
                ingest->items += b->count;
                ingest->queue[(ingest->head + ingest->length++) % INGEST_QUEUE] = b;
                ingest->submitted++;
                b = NULL;
                pthread_cond_broadcast(&ingest->changed);
        } else if (err != NULL) {
                *err = ingest->failure;
        }
        pthread_mutex_unlock(&ingest->lock);
        batch_free(&b);
        return ok;
}

bool ingest_flush(struct ingest *ingest, struct error *err)
{
        pthread_mutex_lock(&ingest->lock);
        int64_t goal = ingest->submitted;
        /* One that goes on after a failure has told of it; only what fails now matters here. */
        int64_t given_up = ingest->config.persist ? ingest->given_up : 0;
        ingest->waiting++;
        pthread_cond_broadcast(&ingest->changed);
        while (ingest->finished < goal)
                pthread_cond_wait(&ingest->changed, &ingest->lock);
        ingest->waiting--;
        bool ok = ingest->given_up == given_up;
        if (!ok && err != NULL)
                *err = ingest->failure;
        pthread_mutex_unlock(&ingest->lock);
        return ok;
}

void ingest_hurry(struct ingest *ingest)
{
        pthread_mutex_lock(&ingest->lock);
        ingest->hurried = true;
        pthread_cond_broadcast(&ingest->changed);
        pthread_mutex_unlock(&ingest->lock);
}

bool ingest_stop(struct ingest **ingest, struct error *err)
{
        struct ingest *i = *ingest;
        *ingest = NULL;
        if (i == NULL)
                return true;
        pthread_mutex_lock(&i->lock);
        i->stopping = true;
        pthread_cond_broadcast(&i->changed);
        pthread_mutex_unlock(&i->lock);
        int joined = pthread_join(i->thread, NULL);
        assert(joined == 0);
        bool ok = i->failure.kind == ERROR_NONE;
        if (!ok && err != NULL)
                *err = i->failure;
        destroy(i);
        return ok;
}

void ingest_counters(struct ingest *ingest, struct ingest_counters *counters_out)
{
        pthread_mutex_lock(&ingest->lock);
        *counters_out = ingest->counters;
        counters_out->queue_length = (int64_t)ingest->length;
        pthread_mutex_unlock(&ingest->lock);
}
