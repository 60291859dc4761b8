/* What others do with the writing handle: questions that must be the writer's, and batches that
 * need not wait for its thread. */
#include <time.h>

#include "app/ingest_inside.h"

enum { PATIENCE_MS = 20 };

bool ingest_call(struct ingest *ingest,
                 bool (*work)(void *context, struct catalog *catalog, struct error *err),
                 void *context, struct error *err)
{
        struct waiting_call call = {.work = work, .context = context, .err = err};
        pthread_mutex_lock(&ingest->lock);
        call.next = ingest->calls;
        /* cppcheck-suppress autoVariables ; it is waited for */
        ingest->calls = &call;
        pthread_cond_broadcast(&ingest->changed);
        while (!call.finished)
                pthread_cond_wait(&ingest->changed, &ingest->lock);
        pthread_mutex_unlock(&ingest->lock);
        return call.result;
}

struct camera_question {
        const struct facts *facts;
        const struct camera_defaults *defaults;
        struct camera *camera_out;
        bool created;
};

static bool find_camera(void *context, struct catalog *catalog, struct error *err)
{
        struct camera_question *question = context;
        struct camera_id id;
        return catalog_camera_for(catalog, question->facts, question->defaults, &id,
                                  &question->created, err) &&
               catalog_camera_by_id(catalog, id, question->camera_out, err);
}

bool ingest_camera(struct ingest *ingest, const struct facts *facts,
                   const struct camera_defaults *defaults, struct camera *camera_out,
                   struct error *err)
{
        /* cppcheck-suppress ctuuninitvar ; it is written there */
        struct camera_question question = {facts, defaults, camera_out, false};
        if (!ingest_call(ingest, find_camera, &question, err))
                return false;
        if (question.created) {
                pthread_mutex_lock(&ingest->lock);
                ingest->counters.cameras_new++;
                pthread_mutex_unlock(&ingest->lock);
        }
        if (question.created && ingest->config.on_camera != NULL)
                ingest->config.on_camera(ingest->config.context, camera_out->id, camera_out->name);
        return true;
}

/* ---- writing at once ---- */

static bool take_writer(struct ingest *ingest, const struct batch *batch)
{
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += PATIENCE_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        int woken = 0;
        pthread_mutex_lock(&ingest->lock);
        /* Most transactions are over sooner than the way to the thread and back. */
        while (ingest->writing && ingest->length == 0 && ingest->calls == NULL && woken == 0) {
                ingest->wanting++;
                woken = pthread_cond_timedwait(&ingest->changed, &ingest->lock, &until);
                ingest->wanting--;
        }
        bool free = !ingest->writing && ingest->length == 0 && ingest->calls == NULL &&
                    !ingest->broken && !ingest->stopping && batch_ok(batch) &&
                    (batch->wanted == NULL || batch->wanted(batch->context));
        ingest->writing = ingest->writing || free;
        pthread_mutex_unlock(&ingest->lock);
        return free;
}

/* Takes the batch when it is written. */
static void give_writer(struct ingest *ingest, struct batch **batch, bool written)
{
        pthread_mutex_lock(&ingest->lock);
        ingest->writing = false;
        if (written) {
                ingest->submitted++;
                ingest->finished++;
                ingest->counters.batches++;
        }
        if (written && ingest->spare_count < INGEST_SPARES) {
                batch_clear(*batch);
                ingest->spare[ingest->spare_count++] = *batch;
                *batch = NULL;
        }
        bool awaited = ingest->length > 0 || ingest->calls != NULL || ingest->waiting > 0 ||
                       ingest->wanting > 0 || ingest->stopping;
        pthread_mutex_unlock(&ingest->lock);
        if (awaited)
                pthread_cond_broadcast(&ingest->changed);
        if (written)
                batch_free(batch);
}

bool ingest_write_now(struct ingest *ingest, struct batch **batch, struct error *err)
{
        if (*batch != NULL && take_writer(ingest, *batch)) {
                struct error failure = {0};
                bool written = ingest_try_write(ingest, batch, 1, &failure);
                give_writer(ingest, batch, written);
                if (written)
                        return true;
        }
        return ingest_submit(ingest, batch, err);
}
