#include "app/keeper.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/keeper_inside.h"
#include "app/roots.h"
#include "base/log.h"

enum {
        LOOK_S = 5,             /* how often the keeper looks for what is due, */
        HELD_S = 2,             /* when somebody read some of it, */
        FAILED_S = 60,          /* or something failed */
        TOGETHER = 64,          /* stretches deleted in one transaction */
        JUMP_MS = 5 * 60 * 1000 /* the clock was set, it did not just go wrong a little */
};

bool keeper_stopping(struct keeper *keeper)
{
        pthread_mutex_lock(&keeper->lock);
        bool stopping = keeper->stopping;
        pthread_mutex_unlock(&keeper->lock);
        return stopping;
}

bool keeper_wanted(struct keeper *keeper)
{
        pthread_mutex_lock(&keeper->lock);
        bool wanted = keeper->wanted || keeper->stopping;
        pthread_mutex_unlock(&keeper->lock);
        return wanted;
}

void keeper_count(struct keeper *keeper, const struct keeper_counters *more)
{
        pthread_mutex_lock(&keeper->lock);
        keeper->counters.deleted += more->deleted;
        keeper->counters.restored += more->restored;
        keeper->counters.purged += more->purged;
        keeper->counters.purged_bytes += more->purged_bytes;
        keeper->counters.failures += more->failures;
        pthread_mutex_unlock(&keeper->lock);
}

void keeper_counters(struct keeper *keeper, struct keeper_counters *counters_out)
{
        pthread_mutex_lock(&keeper->lock);
        *counters_out = keeper->counters;
        pthread_mutex_unlock(&keeper->lock);
}

bool keeper_manages(struct keeper *keeper, const char *folder)
{
        for (size_t i = 0; i < keeper->managed_count; i++) {
                if (path_is_within(folder, keeper->managed[i]))
                        return true;
        }
        return false;
}

bool keeper_may_delete(void *context, const char *folder)
{
        return keeper_manages(context, folder);
}

/* ---- who works on which deletion ---- */

bool keeper_is_busy(struct keeper *keeper, struct deletion_id id)
{
        bool busy = false;
        pthread_mutex_lock(&keeper->lock);
        for (size_t i = 0; i < keeper->busy_count; i++)
                busy = busy || keeper->busy[i].value == id.value;
        pthread_mutex_unlock(&keeper->lock);
        return busy;
}

/* False when somebody works on it, or on too many. */
static bool claim(struct keeper *keeper, struct deletion_id id)
{
        if (keeper_is_busy(keeper, id))
                return false;
        pthread_mutex_lock(&keeper->lock);
        bool room = keeper->busy_count < KEEPER_BUSY_MOST;
        if (room)
                keeper->busy[keeper->busy_count++] = id;
        pthread_mutex_unlock(&keeper->lock);
        return room;
}

static void release(struct keeper *keeper, struct deletion_id id)
{
        pthread_mutex_lock(&keeper->lock);
        for (size_t i = 0; i < keeper->busy_count; i++) {
                if (keeper->busy[i].value == id.value)
                        keeper->busy[i--] = keeper->busy[--keeper->busy_count];
        }
        keeper->wanted = true; /* without a time of grace it is due at once */
        pthread_cond_broadcast(&keeper->wake);
        pthread_mutex_unlock(&keeper->lock);
}

/* ---- telling ---- */

static void tell(struct keeper *keeper, struct catalog *catalog, enum keeper_event event,
                 const struct stretch *stretch)
{
        struct camera camera;
        struct error ignored;
        if (keeper->config.on_change != NULL &&
            catalog_camera_by_id(catalog, stretch->camera, &camera, &ignored))
                keeper->config.on_change(keeper->config.context, event, camera.name, stretch);
}

static bool add_hull(void *context, const struct stretch *stretch)
{
        struct hulls *hulls = context;
        struct stretch *grown = reallocarray(hulls->items, hulls->count + 1, sizeof *hulls->items);
        if (grown == NULL)
                return false; /* then fewer are told */
        hulls->items = grown;
        hulls->items[hulls->count++] = *stretch;
        return true;
}

void hulls_read(struct hulls *hulls, struct catalog *catalog, struct deletion_id id)
{
        struct error ignored;
        (void)!catalog_deletion_cameras(catalog, id, add_hull, hulls, &ignored);
}

void hulls_tell(const struct hulls *hulls, struct keeper *keeper, struct catalog *catalog,
                enum keeper_event event)
{
        for (size_t i = 0; i < hulls->count; i++)
                tell(keeper, catalog, event, &hulls->items[i]);
}

void hulls_finish(struct hulls *hulls)
{
        free(hulls->items);
        *hulls = (struct hulls){0};
}

/* ---- deleting ---- */

struct delete_work {
        struct keeper *keeper;
        struct deleting deleting;
        bool claimed;
        struct stretch removed[TOGETHER];
        size_t removed_count;
};

/* Steps for about as many frames as one step may have, so that many short stretches cost few
 * transactions. */
static bool some_steps(struct delete_work *work, struct deleting *deleting, struct catalog *catalog,
                       struct error *err)
{
        int64_t before = deleting->frames + deleting->kept_pinned + deleting->kept_readonly;
        int64_t seen = 0;
        work->removed_count = 0;
        for (int i = 0; i < TOGETHER && !deleting->done && seen < DELETION_STEP / 2; i++) {
                if (!catalog_delete_step(catalog, deleting, err))
                        return false;
                if (deleting->removed.camera.value != 0)
                        work->removed[work->removed_count++] = deleting->removed;
                seen = deleting->frames + deleting->kept_pinned + deleting->kept_readonly - before;
        }
        return true;
}

/* One message a camera, from the first to the last that was removed. */
static void tell_removed(struct delete_work *work, struct catalog *catalog)
{
        for (size_t i = 0; i < work->removed_count; i++) {
                struct stretch hull = work->removed[i];
                if (hull.camera.value == 0)
                        continue; /* in the hull of an earlier one */
                for (size_t k = i + 1; k < work->removed_count; k++) {
                        struct stretch *other = &work->removed[k];
                        if (other->camera.value != hull.camera.value)
                                continue;
                        if (other->from.ms < hull.from.ms)
                                hull.from = other->from;
                        if (other->to.ms > hull.to.ms)
                                hull.to = other->to;
                        other->camera.value = 0;
                }
                tell(work->keeper, catalog, KEEPER_DELETED, &hull);
        }
}

/* On the writer thread, as the keeper's own looks are: so none comes between. Durable, as whatever
 * people ask for. */
static bool delete_step(void *context, struct catalog *catalog, struct error *err)
{
        struct delete_work *work = context;
        struct deleting deleting = work->deleting;
        if (!catalog_begin_durable(catalog, err))
                return false;
        if (!some_steps(work, &deleting, catalog, err) || !catalog_commit(catalog, err)) {
                catalog_rollback(catalog);
                return false;
        }
        work->deleting = deleting;
        if (!work->claimed && work->deleting.id.value != 0)
                work->claimed = claim(work->keeper, work->deleting.id);
        tell_removed(work, catalog);
        return true;
}

bool keeper_delete(struct keeper *keeper, const struct stretch *stretches, size_t count,
                   struct trash_deleted *deleted_out, struct error *err)
{
        struct utc now = utc_now();
        struct delete_work work = {
                .keeper = keeper,
                .deleting = {.stretches = stretches,
                             .stretch_count = count,
                             .made = now,
                             .until = {now.ms + keeper->config.undo_ms},
                             .managed = keeper_may_delete,
                             .context = keeper},
        };
        bool ok = true;
        while (ok && !work.deleting.done) {
                ok = !keeper_stopping(keeper) ||
                     error_set(err, ERROR_BUSY, "the server is being stopped");
                ok = ok && ingest_call(keeper->config.ingest, delete_step, &work, err);
        }
        const struct deleting *done = &work.deleting;
        if (work.claimed)
                release(keeper, done->id);
        keeper_count(keeper, &(struct keeper_counters){.deleted = done->frames});
        if (done->frames > 0)
                log_info("keeper", "deleted",
                         "deletion=%" PRId64 " frames=%" PRId64 " bytes=%" PRId64 " pinned=%" PRId64
                         " readonly=%" PRId64 " whole=%d",
                         done->id.value, done->frames, done->bytes, done->kept_pinned,
                         done->kept_readonly, ok);
        *deleted_out = (struct trash_deleted){done->id,    done->until,       done->frames,
                                              done->bytes, done->kept_pinned, done->kept_readonly};
        return ok;
}

/* ---- bringing back ---- */

struct restore_work {
        struct keeper *keeper;
        struct restoring restoring;
        struct hulls hulls;
        bool begun;
};

static bool begin_restore(struct restore_work *work, struct catalog *catalog, struct error *err)
{
        struct deletion_id id = work->restoring.id;
        if (keeper_is_busy(work->keeper, id))
                return error_set(err, ERROR_CONFLICT,
                                 "deletion %" PRId64 " is still being made, or coming back",
                                 id.value);
        /* Durably: a power cut must not make it a deletion again, that ends some day. */
        if (!catalog_begin_durable(catalog, err))
                return false;
        if (!catalog_restore_begin(catalog, id, err) || !catalog_commit(catalog, err)) {
                catalog_rollback(catalog);
                return false;
        }
        /* Else a restart, or the keeper's next look, brings it back. */
        work->begun = claim(work->keeper, id);
        if (!work->begun)
                return error_set(err, ERROR_BUSY, "too many deletions come back at once");
        hulls_read(&work->hulls, catalog, id);
        return true;
}

static bool restore_step(void *context, struct catalog *catalog, struct error *err)
{
        struct restore_work *work = context;
        if (!work->begun && !begin_restore(work, catalog, err))
                return false;
        if (!catalog_restore_step(catalog, &work->restoring, err))
                return false;
        hulls_tell(&work->hulls, work->keeper, catalog, KEEPER_RESTORED);
        return true;
}

bool keeper_undo(struct keeper *keeper, struct deletion_id id, int64_t *frames_out,
                 int64_t *bytes_out, struct error *err)
{
        struct restore_work work = {.keeper = keeper, .restoring = {.id = id}};
        bool ok = true;
        while (ok && !work.restoring.done) {
                ok = !keeper_stopping(keeper) ||
                     error_set(err, ERROR_BUSY, "the server is being stopped");
                ok = ok && ingest_call(keeper->config.ingest, restore_step, &work, err);
        }
        if (work.begun)
                release(keeper, id);
        hulls_finish(&work.hulls);
        keeper_count(keeper, &(struct keeper_counters){.restored = work.restoring.frames});
        if (work.begun)
                log_info("keeper", "restored", "deletion=%" PRId64 " frames=%" PRId64 " whole=%d",
                         id.value, work.restoring.frames, ok);
        *frames_out = work.restoring.frames;
        *bytes_out = work.restoring.bytes;
        return ok;
}

/* ---- purging at once ---- */

struct purge_work {
        struct keeper *keeper;
        struct deletion_id id;
};

static bool begin_purge(void *context, struct catalog *catalog, struct error *err)
{
        struct purge_work *work = context;
        if (keeper_is_busy(work->keeper, work->id))
                return error_set(err, ERROR_CONFLICT,
                                 "deletion %" PRId64 " is still being made, or coming back",
                                 work->id.value);
        return catalog_purge_begin(catalog, work->id, err);
}

bool keeper_purge(struct keeper *keeper, struct deletion_id id, struct error *err)
{
        struct purge_work work = {keeper, id};
        if (!ingest_call(keeper->config.ingest, begin_purge, &work, err))
                return false;
        pthread_mutex_lock(&keeper->lock);
        keeper->wanted = true;
        pthread_cond_broadcast(&keeper->wake);
        pthread_mutex_unlock(&keeper->lock);
        return true;
}

/* ---- the thread ---- */

struct later_work {
        int64_t ms;
        struct utc latest;
};

static bool set_later(void *context, struct catalog *catalog, struct error *err)
{
        const struct later_work *work = context;
        return catalog_deletions_later(catalog, work->ms, work->latest, err);
}

/* A clock that is set forward would end the time of grace of all that waits: of a machine without a
 * clock of its own that is every start. */
static void mind_the_clock(struct keeper *keeper, struct utc *wall, struct mono *steady)
{
        struct utc wall_now = utc_now();
        struct mono steady_now = mono_now();
        struct error err;
        int64_t passed_ms = (steady_now.ns - steady->ns) / 1000000;
        struct later_work work = {wall_now.ms - wall->ms - passed_ms,
                                  {wall_now.ms + keeper->config.undo_ms}};
        if (work.ms > JUMP_MS) {
                if (!ingest_call(keeper->config.ingest, set_later, &work, &err))
                        return; /* measured again next time */
                log_warn("keeper", "clock-set", "forward-s=%" PRId64 " deletions=\"wait as long\"",
                         work.ms / 1000);
        }
        *wall = wall_now;
        *steady = steady_now;
}

/* Waits for so long, or until it is asked for; false at the end. */
static bool wait_for_work(struct keeper *keeper, int seconds, bool *asked_out)
{
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += seconds;
        pthread_mutex_lock(&keeper->lock);
        int woken = 0;
        while (!keeper->stopping && !keeper->wanted && woken == 0)
                woken = pthread_cond_timedwait(&keeper->wake, &keeper->lock, &until);
        *asked_out = keeper->wanted;
        keeper->wanted = false;
        bool go_on = !keeper->stopping;
        pthread_mutex_unlock(&keeper->lock);
        return go_on;
}

static void *run(void *context)
{
        static const int pauses_s[] = {
                [PURGE_ALL] = 0, [PURGE_HELD] = HELD_S, [PURGE_FAILED] = FAILED_S};
        struct keeper *keeper = context;
        struct utc wall = utc_now();
        struct mono steady = mono_now();
        enum purge_outcome outcome = PURGE_ALL;
        int64_t next_ns = 0;
        struct folding folding = {0};
        int64_t fold_ns = 0;
        int pause_s = 0;
        bool asked = true;
        pthread_setname_np(pthread_self(), "keeper");
        do {
                mind_the_clock(keeper, &wall, &steady);
                if (keeper->config.purges && (asked || mono_now().ns >= next_ns)) {
                        outcome = keeper_purge_due(keeper);
                        next_ns = mono_now().ns + pauses_s[outcome] * INT64_C(1000000000);
                }
                if (keeper->config.on_look != NULL)
                        keeper->config.on_look(keeper->config.context);
                pause_s = outcome == PURGE_HELD ? HELD_S : LOOK_S;
                if (!keeper_fold(keeper, &folding, &fold_ns))
                        pause_s = 0;
        } while (wait_for_work(keeper, pause_s, &asked));
        return NULL;
}

/* ---- life ---- */

static bool copy_managed(struct keeper *keeper, const struct keeper_config *config,
                         struct error *err)
{
        keeper->managed = calloc(config->managed_count + 1, sizeof *keeper->managed);
        if (keeper->managed == NULL)
                return error_set(err, ERROR_FULL, "no memory for the keeper");
        for (size_t i = 0; i < config->managed_count; i++) {
                if (!root_resolve(config->managed[i], &keeper->managed[i], err))
                        return false;
                keeper->managed_count++;
        }
        return true;
}

bool keeper_start(const struct keeper_config *config, struct keeper **keeper_out, struct error *err)
{
        struct keeper *keeper = calloc(1, sizeof *keeper);
        if (keeper == NULL)
                return error_set(err, ERROR_FULL, "no memory for the keeper");
        pthread_condattr_t steady;
        pthread_condattr_init(&steady);
        pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
        pthread_mutex_init(&keeper->lock, NULL);
        pthread_cond_init(&keeper->wake, &steady);
        pthread_condattr_destroy(&steady);
        keeper->config = *config;
        keeper->config.data_directory = NULL;
        keeper->config.managed = NULL;
        keeper->data_directory = strdup(config->data_directory);
        *keeper_out = keeper;
        bool ok = keeper->data_directory != NULL ||
                  error_set(err, ERROR_FULL, "no memory for the keeper");
        ok = ok && copy_managed(keeper, config, err);
        if (ok) {
                keeper->started = pthread_create(&keeper->thread, NULL, run, keeper) == 0;
                ok = keeper->started ||
                     error_set(err, ERROR_SYSTEM, "the keeper's thread could not be started");
        }
        if (!ok)
                keeper_stop(keeper_out);
        return ok;
}

void keeper_hurry(struct keeper *keeper)
{
        pthread_mutex_lock(&keeper->lock);
        keeper->stopping = true;
        pthread_cond_broadcast(&keeper->wake);
        pthread_mutex_unlock(&keeper->lock);
}

void keeper_stop(struct keeper **keeper)
{
        struct keeper *gone = *keeper;
        *keeper = NULL;
        if (gone == NULL)
                return;
        keeper_hurry(gone);
        if (gone->started)
                pthread_join(gone->thread, NULL);
        for (size_t i = 0; i < gone->managed_count; i++)
                free(gone->managed[i]);
        free(gone->managed);
        free(gone->data_directory);
        pthread_cond_destroy(&gone->wake);
        pthread_mutex_destroy(&gone->lock);
        free(gone);
}
