/* Writing, however many tries it takes, and who is told meanwhile that it cannot be. */
#include <string.h>
#include <time.h>

#include "app/ingest_inside.h"
#include "base/log.h"
#include "base/utc.h"

enum {
        RETRY_MS = 1000,
        STOP_TRIES = 2 /* of a transaction, once the end is near */
};

static bool may_pass(enum error_kind kind)
{
        return kind == ERROR_FULL || kind == ERROR_BUSY || kind == ERROR_SYSTEM ||
               kind == ERROR_DENIED;
}

static bool give_up(struct ingest *ingest, struct batch *const *batches, size_t count,
                    const struct error *err)
{
        ingest->write.incomplete = true;
        ingest_tell_done(&ingest->write, batches, count, err);
        return false;
}

/* Takes the first batch that somebody waits for out of the queue; NULL: there is none. The lock is
 * held. */
static struct batch *take_impatient(struct ingest *ingest)
{
        struct batch *found = NULL;
        size_t kept = 0;
        for (size_t i = 0; i < ingest->length; i++) {
                struct batch *at = ingest->queue[(ingest->head + i) % INGEST_QUEUE];
                if (found == NULL && at->impatient)
                        found = at;
                else
                        ingest->queue[(ingest->head + kept++) % INGEST_QUEUE] = at;
        }
        ingest->length = kept;
        ingest->items -= found != NULL ? found->count : 0;
        return found;
}

static void tell_delayed(const struct batch *batch, const struct error *err)
{
        if (batch->delayed != NULL)
                batch->delayed(batch->context, err);
}

/* Nothing can be written: batches that somebody waits for are given up as they come, and who waits
 * for others is told. The lock is held. */
static void turn_away(struct ingest *ingest, const struct error *err)
{
        struct batch *batch;
        while ((batch = take_impatient(ingest)) != NULL) {
                pthread_mutex_unlock(&ingest->lock);
                ingest_tell_done(&ingest->write, &batch, 1, err);
                ingest_finish(ingest, &batch, 1, true, err);
                pthread_mutex_lock(&ingest->lock);
        }
        for (size_t i = 0; i < ingest->length; i++) {
                batch = ingest->queue[(ingest->head + i) % INGEST_QUEUE];
                pthread_mutex_unlock(&ingest->lock);
                tell_delayed(batch, err);
                pthread_mutex_lock(&ingest->lock);
        }
}

/* Waits a moment before another try; true when it is time to stop. */
static bool pause_for_retry(struct ingest *ingest, const struct error *err)
{
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += RETRY_MS / 1000;
        pthread_mutex_lock(&ingest->lock);
        int woken = 0;
        while (!ingest->stopping && !ingest->hurried && woken == 0) {
                while (ingest->calls != NULL)
                        ingest_answer_calls(ingest);
                turn_away(ingest, err);
                if (ingest->calls == NULL)
                        woken = pthread_cond_timedwait(&ingest->changed, &ingest->lock, &until);
        }
        bool stopping = ingest->stopping || ingest->hurried;
        pthread_mutex_unlock(&ingest->lock);
        return stopping;
}

static bool is_impatient(const struct batch *batch)
{
        return batch->impatient;
}

/* What it builds on was given up. */
static bool is_unwanted(const struct batch *batch)
{
        return batch->wanted != NULL && !batch->wanted(batch->context);
}

/* Gives up those that are so; the others stay in front, in order. Returns how many. */
static size_t give_up_those(struct ingest *ingest, struct batch **batches, size_t count,
                            bool (*are_so)(const struct batch *batch), const struct error *err)
{
        struct batch *gone[INGEST_QUEUE] = {NULL};
        size_t gone_count = 0;
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) {
                if (are_so(batches[i]))
                        gone[gone_count++] = batches[i];
                else
                        batches[kept++] = batches[i];
        }
        memcpy(batches + kept, gone, gone_count * sizeof(struct batch *));
        if (gone_count > 0)
                ingest_tell_done(&ingest->write, gone, gone_count, err);
        return kept;
}

bool ingest_insist(struct ingest *ingest, struct batch **batches, size_t count, struct error *err)
{
        int last_tries = 0;
        struct error unwanted = {0};
        error_set(&unwanted, ERROR_CONFLICT, "what it builds on was given up");
        count = give_up_those(ingest, batches, count, is_unwanted, &unwanted);
        if (count == 0)
                return true;
        while (!ingest_try_write(ingest, batches, count, err)) {
                if (!ingest->config.persist || (count == 1 && !may_pass(err->kind)))
                        return give_up(ingest, batches, count, err);
                if (!may_pass(err->kind)) {
                        bool ok = true;
                        for (size_t i = 0; i < count; i++)
                                ok = ingest_insist(ingest, &batches[i], 1, err) && ok;
                        return ok;
                }
                if (err->kind != ERROR_BUSY)
                        count = give_up_those(ingest, batches, count, is_impatient, err);
                if (count == 0)
                        return true; /* whom it concerns was told */
                for (size_t i = 0; i < count; i++)
                        tell_delayed(batches[i], err);
                log_error("ingest", "not-written", "batches=%zu why=\"%s\" retry-ms=%d", count,
                          err->text, RETRY_MS);
                if (pause_for_retry(ingest, err) && ++last_tries >= STOP_TRIES)
                        return give_up(ingest, batches, count, err);
        }
        return true;
}
