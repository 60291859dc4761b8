#include "app/receiver.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "app/receiver_job.h"
#include "base/log.h"

enum {
        ANSWERS_AT_ONCE = 32,
        GROUP_MOST = 1024,            /* uploads at once */
        GROUP_BYTES_MOST = 256 << 20, /* likewise, bytes */
        LOOK_MS = 500,                /* for held ones that are due */
        RETIRE_S = 300,               /* files of past hours that nothing comes to */
        HELD_MEMORY = 64 << 20
};

/* ---- deliveries ---- */

void delivery_free(struct delivery **delivery)
{
        struct delivery *gone = *delivery;
        *delivery = NULL;
        if (gone == NULL)
                return;
        upload_free(&gone->upload);
        free(gone->path);
        free(gone);
}

void receiver_answer_all(struct receiver *receiver, struct delivery **deliveries, size_t count)
{
        struct ftp_answer answers[ANSWERS_AT_ONCE];
        size_t told = 0;
        int64_t failed = 0;
        for (size_t i = 0; i < count; i++) {
                const struct delivery *done = deliveries[i];
                bool fine = done->result.outcome == FTP_DONE || done->result.outcome == FTP_HELD;
                failed += !fine;
                if (!fine && done->handle != 0)
                        held_keep(receiver->held, done->handle);
                if (done->receipt != RECEIPT_NONE)
                        answers[told++] = (struct ftp_answer){
                                done->ticket, done->receipt == RECEIPT_PUBLISHED, done->result};
                delivery_free(&deliveries[i]);
                if (told == ANSWERS_AT_ONCE || (told > 0 && i + 1 == count)) {
                        receiver->config.answer(receiver->config.context, answers, told);
                        told = 0;
                }
        }
        if (failed == 0)
                return;
        pthread_mutex_lock(&receiver->lock);
        receiver->counters.failed += failed;
        pthread_mutex_unlock(&receiver->lock);
}

void receiver_answer(struct receiver *receiver, struct delivery **delivery)
{
        receiver_answer_all(receiver, delivery, 1);
}

void receiver_put_aside(struct receiver *receiver, struct delivery **delivery)
{
        pthread_mutex_lock(&receiver->lock);
        delivery_queue_put(&receiver->aside_queue, *delivery);
        pthread_cond_signal(&receiver->aside_changed);
        pthread_mutex_unlock(&receiver->lock);
        *delivery = NULL;
}

/* ---- the thread ---- */

static void add_due(struct receiver *receiver)
{
        uint64_t handle;
        bool old = false;
        /* One at a time: it is taken off the list when it is its turn. */
        if ((handle = held_due(receiver->held, mono_now(), &old)) == 0)
                return;
        struct delivery like = {.handle = handle, .end = UPLOAD_EXPIRED, .old = old};
        pthread_mutex_lock(&receiver->lock);
        (void)delivery_queue_put_held(&receiver->queue, &like, NULL);
        pthread_mutex_unlock(&receiver->lock);
}

static size_t take_queue(struct receiver *receiver, struct delivery **items)
{
        struct delivery_queue *queue = &receiver->queue;
        size_t count = 0;
        int64_t bytes = 0;
        while (queue->first != NULL && count < GROUP_MOST && bytes < GROUP_BYTES_MOST) {
                items[count] = queue->first;
                bytes += items[count]->upload != NULL ? items[count]->upload->size : 0;
                count++;
                queue->first = queue->first->next;
                queue->length--;
        }
        if (queue->first == NULL)
                queue->last = &queue->first;
        if ((int64_t)count > receiver->counters.largest_group)
                receiver->counters.largest_group = (int64_t)count;
        return count;
}

bool receiver_has_more(struct receiver *receiver)
{
        pthread_mutex_lock(&receiver->lock);
        bool more = receiver->queue.first != NULL;
        pthread_mutex_unlock(&receiver->lock);
        return more;
}

/* Until then nothing else is to be done. The lock is held. */
static struct timespec look_at(const struct receiver *receiver)
{
        int64_t ns = receiver->uncommitted ? receiver->commit_at.ns
                                           : mono_now().ns + LOOK_MS * INT64_C(1000000);
        return (struct timespec){ns / 1000000000, ns % 1000000000};
}

/* All that waits, up to a group; 0 after a moment without anything, or at the end. */
static size_t wait_for_some(struct receiver *receiver, struct delivery **items, bool *stop_out)
{
        int woken = 0;
        pthread_mutex_lock(&receiver->lock);
        while (receiver->queue.first == NULL && !receiver->stopping && woken == 0) {
                struct timespec until = look_at(receiver);
                receiver->idle = true;
                woken = pthread_cond_timedwait(&receiver->changed, &receiver->lock, &until);
        }
        receiver->idle = false;
        size_t count = take_queue(receiver, items);
        *stop_out = receiver->stopping && count == 0;
        pthread_mutex_unlock(&receiver->lock);
        return count;
}

/* Reads a held one again; false when it is answered and over. */
static bool take_held(struct receiver *receiver, struct delivery **delivery)
{
        struct delivery *held = *delivery;
        enum held_state state = HELD_NOTHING;
        struct error err = {0};
        if (!held_take(receiver->held, held->handle, &receiver->budget, &state, &held->upload,
                       &err)) {
                log_error("ftp", "held-not-read", "why=\"%s\"", err.text);
                held->result.outcome = FTP_LOCAL_ERROR;
        } else if (state == HELD_NOTHING) {
                held->result =
                        (struct ftp_result){.outcome = FTP_REFUSED, .why = "it is no longer there"};
        } else if (state == HELD_TAKEN) {
                held->result.outcome = FTP_DONE; /* it was taken as it was */
        } else {
                held->upload->end = held->end;
                if (held->path != NULL)
                        snprintf(held->upload->path, sizeof held->upload->path, "%s", held->path);
                return true;
        }
        held->handle = 0;
        receiver_answer(receiver, delivery);
        return false;
}

void receiver_put_off(struct receiver *receiver, struct delivery **delivery)
{
        (*delivery)->later = false;
        (*delivery)->failures = 0;
        pthread_mutex_lock(&receiver->lock);
        delivery_queue_put(&receiver->queue, *delivery);
        pthread_mutex_unlock(&receiver->lock);
        *delivery = NULL;
}

static bool is_later(struct receiver *receiver, const struct delivery *delivery)
{
        return receiver->hurried &&
               (delivery->later ||
                (delivery->finding.verdict == VERDICT_FRAME &&
                 !frame_store_open_for(receiver->store, delivery->camera, delivery->facts.time)));
}

/* Sorts out what is no frame; returns how many frames are left. */
static size_t sort_out(struct receiver *receiver, struct delivery **items, size_t count)
{
        size_t frames = 0;
        for (size_t i = 0; i < count; i++) {
                bool known = false;
                if (items[i]->upload == NULL && !take_held(receiver, &items[i]))
                        continue;
                bool decided = receiver_decide(receiver, items[i], &known);
                if (is_later(receiver, items[i])) {
                        receiver_put_off(receiver, &items[i]);
                } else if (!decided) {
                        receiver_answer(receiver, &items[i]);
                } else if (known) {
                        held_done(receiver->held, items[i]->handle);
                        receiver_answer(receiver, &items[i]);
                } else if (items[i]->finding.verdict == VERDICT_FRAME) {
                        items[frames++] = items[i];
                } else {
                        receiver_put_aside(receiver, &items[i]);
                }
        }
        return frames;
}

void receiver_work(struct receiver *receiver, struct delivery **items, size_t count)
{
        size_t frames = sort_out(receiver, items, count);
        if (frames > 0)
                receiver_store(receiver, items, frames);
}

static void retire(struct receiver *receiver)
{
        struct mono now = mono_now();
        if (receiver->store == NULL ||
            now.ns - receiver->retired.ns < RETIRE_S * INT64_C(1000000000))
                return;
        struct mono unused = receiver->retired;
        receiver->retired = now;
        receiver_retire(receiver, unused);
}

static bool is_due(const struct receiver *receiver)
{
        return receiver->uncommitted && mono_now().ns >= receiver->commit_at.ns;
}

static void *run(void *context)
{
        struct receiver *receiver = context;
        struct delivery *items[GROUP_MOST];
        bool stop = false;
        pthread_setname_np(pthread_self(), "receiver");
        while (!stop) {
                size_t count = wait_for_some(receiver, items, &stop);
                pthread_mutex_lock(&receiver->work);
                receiver_work(receiver, items, count);
                if (stop || is_due(receiver))
                        receiver_commit(receiver);
                if (!stop)
                        add_due(receiver);
                retire(receiver);
                pthread_mutex_unlock(&receiver->work);
        }
        return NULL;
}

/* ---- beginning and end ---- */

struct opening {
        struct receiver *receiver;
        struct recovery *recovery;
};

/* On the writer's thread, whose catalog it needs. */
static bool open_with(void *context, struct catalog *catalog, struct error *err)
{
        struct opening *opening = context;
        struct receiver *receiver = opening->receiver;
        struct segment_id next;
        if (!recover(receiver->data_directory, catalog, receiver->store, opening->recovery, err))
                return false;
        if (!catalog_segment_next(catalog, &next, err))
                return false;
        /* Of a group that was given up some may have been used on disk only. */
        if (next.value > receiver->next_segment.value)
                receiver->next_segment = next;
        return true;
}

bool receiver_open_store(struct receiver *receiver, struct recovery *recovery_out,
                         struct error *err)
{
        char frames[PATH_MAX];
        char journal[PATH_MAX];
        if (snprintf(frames, sizeof frames, "%s/frames", receiver->data_directory) >= PATH_MAX ||
            snprintf(journal, sizeof journal, "%s/begun", receiver->data_directory) >= PATH_MAX)
                return error_set(err, ERROR_INPUT, "the path of the data folder is too long");
        struct frame_store_config config = {
                .directory = frames,
                .journal = journal,
                .durability = receiver->config.durability,
                .begin_segment = receiver_begin_segment,
                .end_segment = receiver_end_segment,
                .context = receiver,
        };
        struct opening opening = {receiver, recovery_out};
        return frame_store_create(&config, &receiver->store, err) &&
               ingest_call(receiver->config.ingest, open_with, &opening, err);
}

static bool open_asides(struct receiver *receiver, struct error *err)
{
        char path[PATH_MAX];
        struct aside_config config = {.directory = path};
        snprintf(path, sizeof path, "%s/quarantine", receiver->data_directory);
        config.most_bytes = receiver->config.quarantine_bytes;
        config.with_notes = true;
        if (!aside_create(&config, &receiver->quarantine, err))
                return false;
        snprintf(path, sizeof path, "%s/attachments", receiver->data_directory);
        config.most_bytes = receiver->config.attachment_bytes;
        config.with_notes = false;
        return aside_create(&config, &receiver->attachments, err);
}

static bool open_all(struct receiver *receiver, struct recovery *recovery_out, struct error *err)
{
        struct senders_config senders = {
                .data_directory = receiver->config.data_directory,
                .zone = receiver->config.zone,
                .path_template = receiver->config.path_template,
                .ingest = receiver->config.ingest,
                .changes = &receiver->camera_changes,
        };
        char incoming[PATH_MAX];
        snprintf(incoming, sizeof incoming, "%s/incoming", receiver->config.data_directory);
        receiver->data_directory = strdup(receiver->config.data_directory);
        receiver->incoming = strdup(incoming);
        if (receiver->data_directory == NULL || receiver->incoming == NULL)
                return error_set(err, ERROR_FULL, "no memory for the receiver");
        return receiver_open_store(receiver, recovery_out, err) && open_asides(receiver, err) &&
               held_create(receiver->incoming, &receiver->held, err) &&
               senders_create(&senders, &receiver->senders, err);
}

static bool start_threads(struct receiver *receiver, struct error *err)
{
        receiver->aside_runs =
                pthread_create(&receiver->aside_thread, NULL, receiver_run_aside, receiver) == 0;
        receiver->thread_runs =
                receiver->aside_runs && pthread_create(&receiver->thread, NULL, run, receiver) == 0;
        return receiver->thread_runs ||
               error_set(err, ERROR_SYSTEM, "the receiver's threads did not start");
}

bool receiver_start(const struct receiver_config *config, struct receiver **receiver_out,
                    struct recovery *recovery_out, struct error *err)
{
        struct receiver *receiver = calloc(1, sizeof *receiver);
        if (receiver == NULL)
                return error_set(err, ERROR_FULL, "no memory for the receiver");
        pthread_condattr_t steady;
        pthread_condattr_init(&steady);
        pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
        pthread_mutex_init(&receiver->lock, NULL);
        pthread_mutex_init(&receiver->work, NULL);
        pthread_cond_init(&receiver->changed, &steady);
        pthread_cond_init(&receiver->aside_changed, NULL);
        pthread_condattr_destroy(&steady);
        receiver->config = *config;
        receiver->arrived.last = &receiver->arrived.first;
        receiver->queue.last = &receiver->queue.first;
        receiver->aside_queue.last = &receiver->aside_queue.first;
        upload_budget_init(&receiver->budget, HELD_MEMORY);
        receiver->epoch = 1;
        receiver->retired = mono_now();
        *receiver_out = receiver;
        if (open_all(receiver, recovery_out, err) && start_threads(receiver, err))
                return true;
        receiver_stop(receiver_out);
        return false;
}

static void join(struct receiver *receiver)
{
        pthread_mutex_lock(&receiver->lock);
        receiver->stopping = true;
        pthread_cond_broadcast(&receiver->changed);
        pthread_mutex_unlock(&receiver->lock);
        if (receiver->thread_runs)
                pthread_join(receiver->thread, NULL);
        pthread_mutex_lock(&receiver->lock);
        while (receiver->counters.committing > 0)
                pthread_cond_wait(&receiver->changed, &receiver->lock);
        receiver->aside_stopping = true;
        pthread_cond_broadcast(&receiver->aside_changed);
        pthread_mutex_unlock(&receiver->lock);
        if (receiver->aside_runs)
                pthread_join(receiver->aside_thread, NULL);
}

void receiver_stop(struct receiver **receiver)
{
        struct receiver *gone = *receiver;
        *receiver = NULL;
        if (gone == NULL)
                return;
        join(gone);
        frame_store_destroy(&gone->store);
        senders_destroy(&gone->senders);
        held_destroy(&gone->held);
        upload_budget_finish(&gone->budget);
        aside_destroy(&gone->quarantine);
        aside_destroy(&gone->attachments);
        pthread_cond_destroy(&gone->changed);
        pthread_cond_destroy(&gone->aside_changed);
        pthread_mutex_destroy(&gone->work);
        pthread_mutex_destroy(&gone->lock);
        free(gone->ended);
        free(gone->incoming);
        free(gone->data_directory);
        free(gone);
}

void receiver_cameras_changed(struct receiver *receiver)
{
        atomic_fetch_add(&receiver->camera_changes, 1);
}

struct aside *receiver_quarantine(struct receiver *receiver)
{
        return receiver->quarantine;
}

struct aside *receiver_attachments(struct receiver *receiver)
{
        return receiver->attachments;
}

const char *receiver_incoming(const struct receiver *receiver)
{
        return receiver->incoming;
}

void receiver_counters(struct receiver *receiver, struct receiver_counters *counters_out)
{
        pthread_mutex_lock(&receiver->lock);
        *counters_out = receiver->counters;
        counters_out->queue = (int64_t)receiver->queue.length;
        counters_out->aside_queue = (int64_t)receiver->aside_queue.length;
        pthread_mutex_unlock(&receiver->lock);
        counters_out->holding = (int64_t)held_count(receiver->held);
}
