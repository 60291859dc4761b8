#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/receiver_job.h"
#include "base/log.h"

enum {
        ANSWERED_MOST = 2048, /* before they are committed */
        RENEW_MS = 1000       /* between tries */
};

/* ---- what the store tells ---- */

/* A file that somebody removed still has its row, and its name. */
static bool is_free(struct receiver *receiver, const struct segment *segment, struct error *err)
{
        struct catalog *catalog;
        struct segment known;
        struct error missing = {0};
        if (!senders_catalog(receiver->senders, &catalog, err))
                return false;
        if (catalog_segment_find(catalog, segment->camera, segment->hour, segment->number, &known,
                                 &missing))
                return error_set(err, ERROR_CONFLICT, "%s: hour file %d of that name is gone",
                                 segment->directory, (int)known.id.value);
        if (missing.kind != ERROR_NOT_FOUND)
                *err = missing;
        return missing.kind == ERROR_NOT_FOUND;
}

bool receiver_begin_segment(void *context, struct segment *segment, struct error *err)
{
        struct receiver *receiver = context;
        if (!is_free(receiver, segment, err))
                return false;
        segment->id = receiver->next_segment;
        receiver->next_segment.value++;
        batch_add_segment(receiver->group->batch, segment);
        return true;
}

void receiver_end_segment(void *context, struct segment_id segment, enum segment_state state)
{
        struct receiver *receiver = context;
        if (receiver->ended_count == receiver->ended_room) {
                size_t room = receiver->ended_room > 0 ? receiver->ended_room * 2 : 16;
                struct ended_segment *grown = reallocarray(receiver->ended, room, sizeof *grown);
                if (grown == NULL)
                        return; /* it stays open, and recovery looks at it once more */
                receiver->ended = grown;
                receiver->ended_room = room;
        }
        receiver->ended[receiver->ended_count++] = (struct ended_segment){segment, state};
}

static void add_ended(struct receiver *receiver, struct batch *batch)
{
        for (size_t i = 0; i < receiver->ended_count; i++)
                batch_add_ended(batch, receiver->ended[i].id, receiver->ended[i].state);
        receiver->ended_count = 0;
}

/* ---- appending ---- */

static void note_failure(struct delivery *delivery, const struct error *err)
{
        delivery->appended = false;
        delivery->failures++;
        delivery->result = (struct ftp_result){
                .outcome = err->kind == ERROR_FULL ? FTP_NO_SPACE : FTP_LOCAL_ERROR,
                .why = err->kind == ERROR_FULL ? "the disk is full" : NULL,
        };
}

static void append(struct receiver *receiver, struct delivery *delivery)
{
        char facts[RECORD_FACTS_SIZE];
        const uint8_t *bytes;
        struct error err = {0};
        if (!upload_view(delivery->upload, &bytes, &err)) {
                note_failure(delivery, &err);
                return;
        }
        struct frame_bytes piece = {bytes, (size_t)delivery->upload->size};
        struct frame_record record = {
                .camera = delivery->camera,
                .directory = delivery->directory,
                .time = delivery->facts.time,
                .facts = facts,
                .facts_length = receiver_facts(delivery, facts),
                .pieces = &piece,
                .piece_count = 1,
        };
        if (!frame_store_append(receiver->store, &record, &err)) {
                log_error("ftp", "not-appended", "camera=\"%s\" why=\"%s\"", delivery->name,
                          err.text);
                if (err.kind == ERROR_FULL && receiver->config.disk_full != NULL)
                        receiver->config.disk_full(receiver->config.context);
                note_failure(delivery, &err);
                return;
        }
        delivery->appended = true;
        delivery->place = record.place;
        delivery->end_offset = record.end;
}

/* The frames of a segment whose sync failed. */
static void segment_failed(void *context, struct segment_id segment, const struct error *err)
{
        struct group *group = context;
        log_error("ftp", "sync-failed", "segment=%d why=\"%s\"", (int)segment.value, err->text);
        for (size_t i = 0; i < group->count; i++) {
                struct delivery *delivery = group->items[i];
                if (delivery->appended && delivery->place.segment.value == segment.value)
                        note_failure(delivery, err);
        }
}

/* Appends what is not, and syncs. False when some of it is worth another try. */
static bool write_group(struct receiver *receiver, struct group *group, unsigned failures)
{
        bool all = true;
        for (size_t i = 0; i < group->count; i++) {
                if (!group->items[i]->appended && group->items[i]->failures == failures)
                        append(receiver, group->items[i]);
        }
        struct mono start = mono_now();
        frame_store_sync(receiver->store, segment_failed, group);
        int64_t spent = mono_now().ns - start.ns;
        pthread_mutex_lock(&receiver->lock);
        receiver->counters.syncs++;
        receiver->counters.sync_ns += spent;
        pthread_mutex_unlock(&receiver->lock);
        for (size_t i = 0; i < group->count; i++)
                all = all && (group->items[i]->appended ||
                              group->items[i]->result.outcome == FTP_NO_SPACE);
        return all;
}

/* ---- the commit ---- */

static int by_place(const void *a, const void *b)
{
        const struct delivery *x = *(struct delivery *const *)a;
        const struct delivery *y = *(struct delivery *const *)b;
        if (x->place.segment.value != y->place.segment.value)
                return x->place.segment.value < y->place.segment.value ? -1 : 1;
        return (x->place.offset > y->place.offset) - (x->place.offset < y->place.offset);
}

static void group_free(struct group *group)
{
        receiver_answer_all(group->receiver, group->items, group->count);
        batch_free(&group->batch);
        free(group->items);
        free(group);
}

/* Of one that was to be committed. */
static void group_end(struct group *group)
{
        struct receiver *receiver = group->receiver;
        group_free(group);
        pthread_mutex_lock(&receiver->lock);
        receiver->counters.committing--;
        pthread_cond_broadcast(&receiver->changed);
        pthread_mutex_unlock(&receiver->lock);
}

/*
 * It could not be committed: senders who wait are told so. The records are on the disk all the same
 * and behind the committed length, where recovery finds them and takes them in; so nothing more may
 * be appended to these files before, or that length would pass over them.
 */
static void give_up_group(struct group *group, const struct error *failure)
{
        struct receiver *receiver = group->receiver;
        struct error first = *failure;
        /* What builds on a group that was given up is so for the same reason. */
        if (atomic_load(&receiver->failed_epoch) != group->epoch)
                atomic_store(&receiver->failed_full, failure->kind == ERROR_FULL);
        else if (atomic_load(&receiver->failed_full))
                first.kind = ERROR_FULL;
        failure = &first;
        atomic_store(&receiver->failed_epoch, group->epoch);
        log_error("ftp", "not-committed", "frames=%zu answered=%" PRId64 " why=\"%s\"",
                  group->count, group->answered, failure->text);
        if (failure->kind == ERROR_FULL && receiver->config.disk_full != NULL)
                receiver->config.disk_full(receiver->config.context);
        for (size_t i = 0; i < group->count; i++)
                note_failure(group->items[i], failure);
        group_end(group);
}

/* With durability os, on the writer's thread: whoever waits to know the frame is told that this
 * takes too long. The frame is committed all the same, as those are that were answered before. */
static void group_delayed(void *context, const struct error *why)
{
        struct group *group = context;
        for (size_t i = 0; i < group->count; i++) {
                group->answered_bytes += group->items[i]->result.size;
                note_failure(group->items[i], why);
        }
        group->answered += (int64_t)group->count;
        receiver_answer_all(group->receiver, group->items, group->count);
        group->count = 0;
}

static bool group_wanted(void *context)
{
        const struct group *group = context;
        return atomic_load(&group->receiver->failed_epoch) != group->epoch;
}

/* On the writer's thread. */
static void group_done(void *context, const struct frame *frames, size_t count,
                       const struct error *failure)
{
        struct group *group = context;
        struct receiver *receiver = group->receiver;
        int64_t bytes = group->answered_bytes;
        if (failure != NULL) {
                give_up_group(group, failure);
                return;
        }
        for (size_t i = 0; i < count && group->count > 0; i++) {
                struct delivery wanted = {.place = frames[i].place};
                struct delivery *key = &wanted;
                struct delivery **found = wanted.place.segment.value == 0
                                                  ? NULL
                                                  : bsearch(&key, group->items, group->count,
                                                            sizeof(struct delivery *), by_place);
                if (found == NULL)
                        continue;
                (*found)->result.frame = frames[i].key;
                bytes += frames[i].bytes;
        }
        for (size_t i = 0; i < group->count; i++) {
                group->items[i]->result.outcome = FTP_DONE;
                if (group->items[i]->handle != 0)
                        held_done(receiver->held, group->items[i]->handle);
        }
        pthread_mutex_lock(&receiver->lock);
        receiver->counters.frames += (int64_t)group->count + group->answered;
        receiver->counters.bytes += bytes;
        pthread_mutex_unlock(&receiver->lock);
        group_end(group);
}

/* Keeps what is stored; the rest is answered, or, in a hurry, left to the thread, which may wait.
 */
static void keep_stored(struct receiver *receiver, struct group *group)
{
        size_t kept = 0;
        for (size_t i = 0; i < group->count; i++) {
                if (group->items[i]->appended)
                        group->items[kept++] = group->items[i];
                else if (receiver->hurried)
                        receiver_put_off(receiver, &group->items[i]);
                else
                        receiver_answer(receiver, &group->items[i]);
        }
        group->count = kept;
}

static void fill_batch(struct group *group)
{
        for (size_t i = 0; i < group->count; i++) {
                struct delivery *delivery = group->items[i];
                batch_add_received(group->batch, delivery->camera, &delivery->facts,
                                   delivery->upload->ended, &delivery->place);
                batch_add_committed(group->batch, delivery->place.segment, delivery->end_offset);
                delivery->result =
                        (struct ftp_result){.outcome = FTP_DONE, .size = delivery->upload->size};
        }
}

/* Tells the receiver's thread, which may wait, until when it has to be done. */
static void expect_commit(struct receiver *receiver, struct mono now)
{
        pthread_mutex_lock(&receiver->lock);
        receiver->uncommitted = true;
        receiver->commit_at.ns = now.ns + COMMIT_MS * INT64_C(1000000);
        if (receiver->idle)
                pthread_cond_broadcast(&receiver->changed);
        pthread_mutex_unlock(&receiver->lock);
}

/*
 * What the kernel has survives the end of this process: the next start finds it behind the
 * committed length. So with durability: os senders are answered now, and many frames share a
 * commit. Not those that need to know what the frame is called.
 */
static void answer_early(struct receiver *receiver, struct group *group)
{
        size_t waiting = 0;
        for (size_t i = 0; i < group->count; i++) {
                struct delivery *delivery = group->items[i];
                if (delivery->receipt == RECEIPT_STORED && delivery->handle == 0 &&
                    !delivery->upload->readable) {
                        group->answered_bytes += delivery->upload->size;
                        continue;
                }
                group->items[i] = group->items[waiting];
                group->items[waiting++] = delivery;
        }
        size_t early = group->count - waiting;
        if (!receiver->uncommitted)
                expect_commit(receiver, mono_now());
        group->answered += (int64_t)early;
        receiver_answer_all(receiver, group->items + waiting, early);
        group->count = waiting;
}

void receiver_commit(struct receiver *receiver)
{
        struct group *group = receiver->group;
        struct error err = {0};
        bool sync = receiver->config.durability == DURABILITY_SYNC;
        if (group == NULL)
                return;
        receiver->group = NULL;
        pthread_mutex_lock(&receiver->lock);
        receiver->uncommitted = false;
        pthread_mutex_unlock(&receiver->lock);
        if (group->count == 0 && group->answered == 0 && group->batch->segment_count == 0 &&
            receiver->ended_count == 0) {
                group_free(group);
                return;
        }
        struct batch *batch = group->batch;
        group->batch = NULL;
        add_ended(receiver, batch);
        if (group->count > 1)
                qsort(group->items, group->count, sizeof(struct delivery *), by_place);
        /* The bytes are safe: their memory is free for what comes. */
        for (size_t i = 0; i < group->count; i++)
                upload_free(&group->items[i]->upload);
        pthread_mutex_lock(&receiver->lock);
        receiver->counters.committing++;
        receiver->counters.groups++;
        pthread_mutex_unlock(&receiver->lock);
        batch->done = group_done;
        batch->wanted = group_wanted;
        batch->impatient = sync;
        batch->delayed = sync ? NULL : group_delayed;
        batch->context = group;
        group->epoch = receiver->epoch;
        /* What waits already may be on its way to the disk meanwhile. */
        bool apart = sync ? receiver_has_more(receiver) : group->count == 0;
        bool ok = apart ? ingest_submit(receiver->config.ingest, &batch, &err)
                        : ingest_write_now(receiver->config.ingest, &batch, &err);
        if (!ok)
                give_up_group(group, &err);
}

bool receiver_ready(struct receiver *receiver)
{
        return receiver->store != NULL && atomic_load(&receiver->failed_epoch) != receiver->epoch;
}

/*
 * After a failed commit: what was given up is taken in first, as at a start. So nobody misses it
 * until then, nor finds it again after its repeat was deleted, and while nothing can be committed
 * nothing is appended either.
 */
static bool renew_store(struct receiver *receiver, struct error *err)
{
        struct recovery recovery = {0};
        struct mono now = mono_now();
        if (receiver_ready(receiver))
                return true;
        if (receiver->not_renewed.kind != ERROR_NONE &&
            now.ns - receiver->renewed.ns < RENEW_MS * INT64_C(1000000)) {
                *err = receiver->not_renewed;
                return false;
        }
        receiver_commit(receiver);
        receiver->ended_count = 0;
        receiver->renewed = now;
        frame_store_destroy(&receiver->store);
        if (!receiver_open_store(receiver, &recovery, err)) {
                frame_store_destroy(&receiver->store);
                receiver->not_renewed = *err;
                return false;
        }
        receiver->not_renewed.kind = ERROR_NONE;
        receiver->epoch++;
        log_info("ftp", "renewed", "files=%" PRId64 " found=%" PRId64 " repeats=%" PRId64,
                 recovery.segments, recovery.found, recovery.repeats);
        return true;
}

static struct group *group_create(struct receiver *receiver)
{
        struct group *group = calloc(1, sizeof *group);
        if (group == NULL)
                return NULL;
        group->receiver = receiver;
        group->batch = ingest_batch(receiver->config.ingest);
        if (group->batch == NULL) {
                free(group);
                return NULL;
        }
        return group;
}

/* A group with room for `count` who wait. */
static bool open_group(struct receiver *receiver, size_t count, struct error *err)
{
        if (receiver->group == NULL)
                receiver->group = group_create(receiver);
        struct group *group = receiver->group;
        if (group != NULL && count > group->room) {
                struct delivery **grown =
                        reallocarray(group->items, count, sizeof(struct delivery *));
                if (grown != NULL) {
                        group->items = grown;
                        group->room = count;
                }
        }
        return (group != NULL && count <= group->room) ||
               error_set(err, ERROR_FULL, "no memory for a group of frames");
}

static void refuse_all(struct receiver *receiver, struct delivery **items, size_t count,
                       const struct error *err)
{
        log_error("ftp", "not-stored", "uploads=%zu why=\"%s\"", count, err->text);
        for (size_t i = 0; i < count; i++) {
                note_failure(items[i], err);
                receiver_answer(receiver, &items[i]);
        }
}

void receiver_store(struct receiver *receiver, struct delivery **items, size_t count)
{
        struct error err = {0};
        if (receiver->hurried && !receiver_ready(receiver)) {
                for (size_t i = 0; i < count; i++)
                        receiver_put_off(receiver, &items[i]);
                return;
        }
        if (!renew_store(receiver, &err) || !open_group(receiver, count, &err)) {
                refuse_all(receiver, items, count, &err);
                return;
        }
        struct group *group = receiver->group;
        assert(count > 0 && group->items != NULL && group->count == 0);
        memcpy(group->items, items, count * sizeof(struct delivery *));
        group->count = count;
        /* What a broken file did not take may go into another, once. */
        if (!write_group(receiver, group, 0) && !receiver->hurried)
                (void)write_group(receiver, group, 1);
        keep_stored(receiver, group);
        fill_batch(group);
        if (receiver->config.durability == DURABILITY_OS)
                answer_early(receiver, group);
        if (receiver->hurried)
                return;
        if (group->answered == 0 || group->count > 0 || group->answered >= ANSWERED_MOST)
                receiver_commit(receiver);
}

/* In a group, as frames are: when those before it cannot be committed, this is not either. */
void receiver_retire(struct receiver *receiver, struct mono unused_since)
{
        struct error err = {0};
        if (!open_group(receiver, 0, &err)) {
                log_warn("ftp", "not-retired", "why=\"%s\"", err.text);
                return;
        }
        frame_store_retire(receiver->store, segment_hour(utc_now()), unused_since);
        receiver_commit(receiver);
}
