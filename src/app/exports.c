#include "app/exports.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/export_make.h"
#include "app/exports_inside.h"
#include "base/log.h"
#include "serve/answer_export.h"

enum {
        NICE = 15,
        TELL_MS = 500, /* how often progress is told at most */
        EXPIRE_S = 60,
        RETRY_S = 1
};

static void tell(const struct exports *exports, const struct export_row *row, int64_t done,
                 bool removed)
{
        if (exports->config.on_change != NULL)
                exports->config.on_change(exports->config.context, row, done, removed);
}

struct utc exports_now(const struct exports *exports)
{
        return exports->config.clock != NULL ? exports->config.clock() : utc_now();
}

static void wake(struct exports *exports)
{
        pthread_mutex_lock(&exports->lock);
        exports->wanted = true;
        pthread_cond_signal(&exports->wake);
        pthread_mutex_unlock(&exports->lock);
}

/* ---- making one ---- */

struct making {
        struct exports *exports;
        struct export_row row;
        bool found;
        int64_t bytes_left;
        struct mono told_at;
};

/* On the writer's thread, as everything that changes a row. */
static bool begin(void *context, struct catalog *catalog, struct error *err)
{
        struct making *making = context;
        struct exports *exports = making->exports;
        struct error missing = {0};
        int64_t count;
        int64_t bytes;
        pthread_mutex_lock(&exports->lock);
        bool stopping = exports->stopping;
        pthread_mutex_unlock(&exports->lock);
        if (stopping)
                return true;
        if (!catalog_export_waiting(catalog, &making->row, &missing)) {
                *err = missing;
                return missing.kind == ERROR_NOT_FOUND;
        }
        making->found = true;
        if (!catalog_exports_sums(catalog, &count, &bytes, err))
                return false;
        making->bytes_left = exports->config.bytes_most - bytes;
        making->row.state = EXPORT_RUNNING;
        making->row.tries++;
        pthread_mutex_lock(&exports->lock);
        exports->running = making->row.id;
        exports->cancelled = false;
        exports->done = 0;
        pthread_mutex_unlock(&exports->lock);
        return catalog_export_update(catalog, &making->row, err);
}

static bool end(void *context, struct catalog *catalog, struct error *err)
{
        struct making *making = context;
        struct exports *exports = making->exports;
        struct export_row *row = &making->row;
        pthread_mutex_lock(&exports->lock);
        bool cancelled = exports->cancelled;
        bool stopping = exports->stopping;
        pthread_mutex_unlock(&exports->lock);
        if (cancelled) {
                row->state = EXPORT_CANCELLED;
                row->problem[0] = '\0';
        } else if (stopping && row->state == EXPORT_FAILED) {
                row->state = EXPORT_WAITING; /* an orderly end is no failure of it */
                row->tries--;
                row->problem[0] = '\0';
        }
        row->ended = row->state == EXPORT_WAITING ? UTC_NONE : exports_now(exports);
        if (row->state != EXPORT_DONE) {
                row->file[0] = '\0';
                row->bytes = 0;
                exports_unlink(exports, row);
        }
        if (!catalog_export_update(catalog, row, err))
                return false;
        pthread_mutex_lock(&exports->lock);
        exports->running = 0;
        pthread_mutex_unlock(&exports->lock);
        return true;
}

/* Waits a moment; false at the end. */
static bool wait_to_retry(struct exports *exports)
{
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += RETRY_S;
        int code = 0;
        pthread_mutex_lock(&exports->lock);
        while (!exports->stopping && code == 0)
                code = pthread_cond_timedwait(&exports->wake, &exports->lock, &until);
        bool stopping = exports->stopping;
        pthread_mutex_unlock(&exports->lock);
        return !stopping;
}

/* What became of it is noted, if need be once the catalog can be written again; else the next start
 * makes it anew. */
static bool note_end(struct making *making)
{
        struct exports *exports = making->exports;
        struct error err = {0};
        for (bool first = true; !ingest_call(exports->config.ingest, end, making, &err);
             first = false) {
                if (first)
                        log_warn("exports", "not-noted", "id=%" PRId64 " why=\"%s\"",
                                 making->row.id, err.text);
                if (!wait_to_retry(exports))
                        return false;
        }
        return true;
}

static bool on_progress(void *context, int64_t done, int64_t total)
{
        struct making *making = context;
        struct exports *exports = making->exports;
        struct mono now = mono_now();
        (void)total;
        pthread_mutex_lock(&exports->lock);
        exports->done = done;
        bool wanted = !exports->stopping && !exports->cancelled;
        pthread_mutex_unlock(&exports->lock);
        if (wanted && now.ns - making->told_at.ns >= TELL_MS * INT64_C(1000000)) {
                making->told_at = now;
                tell(exports, &making->row, done, false);
        }
        return wanted;
}

static bool make_file(struct making *making, const char *part, struct export_made *made,
                      struct error *err)
{
        struct exports *exports = making->exports;
        struct export_order order = {0};
        if (making->bytes_left <= 0)
                return error_set(err, ERROR_FULL,
                                 "exports take all of the %" PRId64
                                 " MB they may; remove some, or raise exports_mb",
                                 exports->config.bytes_most >> 20);
        if (!order_read(making->row.request, strlen(making->row.request), &order, err))
                return false;
        struct export_make make = {
                .data_directory = exports->data_directory,
                .order = &order,
                .folder = part,
                .bytes_most = making->bytes_left,
                .bytes_free = exports->config.bytes_free,
                .context = making,
                .progress = on_progress,
        };
        bool fine = (mkdir(part, 0700) == 0 || error_sys(err, "make %s", part)) &&
                    export_make(&make, made, err);
        order_free(&order);
        return fine;
}

static void make(struct making *making)
{
        struct exports *exports = making->exports;
        struct export_row *row = &making->row;
        struct export_made made = {0};
        struct error err = {0};
        char part[EXPORTS_PATH_SIZE] = "";
        bool fine = exports_part_path(exports, row->id, part, &err);
        if (fine) {
                export_clean(part);
                fine = make_file(making, part, &made, &err) && exports_put(exports, row, &err);
                export_clean(part);
        }
        row->state = fine ? EXPORT_DONE : EXPORT_FAILED;
        row->bytes = made.bytes;
        memcpy(row->file, made.name, sizeof row->file);
        snprintf(row->problem, sizeof row->problem, "%s", fine ? "" : err.text);
        if (!note_end(making))
                return;
        log_info("exports", "ended", "id=%" PRId64 " state=%d bytes=%" PRId64 "%s%s%s", row->id,
                 row->state, row->bytes, row->problem[0] != '\0' ? " why=\"" : "", row->problem,
                 row->problem[0] != '\0' ? "\"" : "");
        tell(exports, row, row->state == EXPORT_DONE ? row->frames : 0, false);
}

/* Makes the one that waits longest; false when none does. */
static bool make_next(struct exports *exports)
{
        struct making making = {.exports = exports};
        struct error err = {0};
        bool fine = ingest_call(exports->config.ingest, begin, &making, &err);
        if (fine && making.found) {
                tell(exports, &making.row, 0, false);
                make(&making);
        } else if (!fine) {
                log_warn("exports", "not-begun", "why=\"%s\"", err.text);
        }
        catalog_export_free(&making.row);
        return fine && making.found;
}

/* ---- those whose time is over ---- */

struct removing {
        struct exports *exports;
        int64_t id;
        struct utc before; /* of expiry: those that ended before */
        struct export_row row;
        bool removed;
        bool found;
};

static bool remove_row(struct removing *removing, struct catalog *catalog, struct error *err)
{
        exports_unlink(removing->exports, &removing->row);
        removing->removed = catalog_export_remove(catalog, removing->row.id, err);
        return removing->removed;
}

static bool find_expired(void *context, struct catalog *catalog, struct error *err)
{
        struct removing *removing = context;
        struct error missing = {0};
        int64_t before = removing->id;
        while (catalog_export_before(catalog, before, &removing->row, &missing)) {
                before = removing->row.id;
                if (utc_known(removing->row.ended) &&
                    removing->row.ended.ms < removing->before.ms) {
                        removing->found = true;
                        return remove_row(removing, catalog, err);
                }
                catalog_export_free(&removing->row);
        }
        return true;
}

static void expire(struct exports *exports)
{
        int64_t kept_ms = INT64_C(86400000) * EXPORT_KEPT_DAYS;
        struct removing removing = {
                .exports = exports, .id = INT64_MAX, .before = {exports_now(exports).ms - kept_ms}};
        struct error err;
        do {
                removing.found = false;
                removing.removed = false;
                if (!ingest_call(exports->config.ingest, find_expired, &removing, &err))
                        removing.found = false;
                if (removing.removed)
                        tell(exports, &removing.row, 0, true);
                catalog_export_free(&removing.row);
        } while (removing.found);
}

/* ---- the thread ---- */

/* True when there may be something to make; false when it is to end. */
static bool wait_for_work(struct exports *exports)
{
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += EXPIRE_S;
        int code = 0;
        pthread_mutex_lock(&exports->lock);
        while (!exports->stopping && !exports->wanted && code == 0)
                code = pthread_cond_timedwait(&exports->wake, &exports->lock, &until);
        exports->wanted = false;
        bool stopping = exports->stopping;
        pthread_mutex_unlock(&exports->lock);
        return !stopping;
}

static void *run(void *context)
{
        struct exports *exports = context;
        pthread_setname_np(pthread_self(), "exports");
        /* Of this thread alone, and of what it starts. */
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
        while (wait_for_work(exports)) {
                while (make_next(exports))
                        continue;
                expire(exports);
        }
        return NULL;
}

/* ---- what is asked from outside ---- */

struct adding {
        struct export_row *row;
};

static bool add_row(void *context, struct catalog *catalog, struct error *err)
{
        struct adding *adding = context;
        int64_t count;
        int64_t bytes;
        if (!catalog_exports_sums(catalog, &count, &bytes, err))
                return false;
        if (count >= EXPORTS_MOST)
                return error_set(err, ERROR_FULL, "there are %d exports; remove some first",
                                 EXPORTS_MOST);
        return catalog_export_add(catalog, adding->row, err);
}

static bool refuse(const struct exports *exports, struct error *err)
{
        *err = exports->off;
        return false;
}

bool exports_add(struct exports *exports, const struct export_order *order, int64_t frames,
                 struct export_row *row_out, struct error *err)
{
        enum { REQUEST_BOUND = 1 << 20 };
        struct text request;
        struct adding adding = {.row = row_out};
        if (!exports->started)
                return refuse(exports, err);
        text_init_growing(&request, REQUEST_BOUND);
        order_write(order, &request);
        *row_out = (struct export_row){
                .made = exports_now(exports), .ended = UTC_NONE, .frames = frames};
        bool fine = text_ok(&request) || error_set(err, ERROR_FULL, "no memory for an export");
        row_out->request = request.bytes; /* its memory, from here on */
        fine = fine && ingest_call(exports->config.ingest, add_row, &adding, err);
        if (!fine) {
                catalog_export_free(row_out);
                return false;
        }
        tell(exports, row_out, 0, false);
        wake(exports);
        return true;
}

/* One that is being made is told to end, and says itself what became of it. */
static bool cancel_running(struct exports *exports, int64_t id)
{
        pthread_mutex_lock(&exports->lock);
        bool running = exports->running == id;
        if (running)
                exports->cancelled = true;
        pthread_mutex_unlock(&exports->lock);
        return running;
}

static bool cancel_or_remove(void *context, struct catalog *catalog, struct error *err)
{
        struct removing *removing = context;
        struct export_row *row = &removing->row;
        if (!catalog_export(catalog, removing->id, row, err))
                return false;
        removing->found = true;
        if (row->state == EXPORT_RUNNING && cancel_running(removing->exports, row->id)) {
                row->state = EXPORT_CANCELLED;
                return true;
        }
        if (row->state > EXPORT_RUNNING)
                return remove_row(removing, catalog, err);
        row->state = EXPORT_CANCELLED;
        row->ended = exports_now(removing->exports);
        return catalog_export_update(catalog, row, err);
}

bool exports_remove(struct exports *exports, int64_t id, struct export_row *row_out,
                    bool *removed_out, struct error *err)
{
        struct removing removing = {.exports = exports, .id = id};
        if (!exports->started)
                return refuse(exports, err);
        if (!ingest_call(exports->config.ingest, cancel_or_remove, &removing, err)) {
                catalog_export_free(&removing.row);
                return false;
        }
        *row_out = removing.row;
        *removed_out = removing.removed;
        tell(exports, row_out, 0, removing.removed);
        return true;
}

int64_t exports_done(struct exports *exports, int64_t id)
{
        pthread_mutex_lock(&exports->lock);
        int64_t done = exports->running == id ? exports->done : 0;
        pthread_mutex_unlock(&exports->lock);
        return done;
}

/* ---- life ---- */

static bool start_thread(struct exports *exports, struct error *err)
{
        bool own;
        if (!exports_open_folder(exports, &own, err))
                return false;
        if (!own)
                return error_set(err, ERROR_CONFLICT,
                                 "another cctvweb makes the exports of this data folder");
        if (!exports_recover(exports, err))
                return false;
        exports->wanted = true;
        if (pthread_create(&exports->thread, NULL, run, exports) != 0)
                return error_set(err, ERROR_SYSTEM, "cannot start a thread for exports");
        exports->started = true;
        return true;
}

bool exports_start(const struct exports_config *config, struct exports **exports_out,
                   struct error *err)
{
        struct exports *exports = calloc(1, sizeof *exports);
        char *directory = strdup(config->data_directory);
        pthread_condattr_t clock;
        if (exports == NULL || directory == NULL) {
                free(exports);
                free(directory);
                return error_set(err, ERROR_FULL, "no memory for exports");
        }
        exports->config = *config;
        exports->data_directory = directory;
        exports->lock_fd = -1;
        pthread_mutex_init(&exports->lock, NULL);
        pthread_condattr_init(&clock);
        pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
        pthread_cond_init(&exports->wake, &clock);
        pthread_condattr_destroy(&clock);
        *exports_out = exports;
        /* A server that cannot export still shows and receives. */
        if (!start_thread(exports, &exports->off))
                log_warn("exports", "off", "why=\"%s\"", exports->off.text);
        return true;
}

void exports_stop(struct exports **exports)
{
        struct exports *gone = *exports;
        if (gone == NULL)
                return;
        if (gone->started) {
                pthread_mutex_lock(&gone->lock);
                gone->stopping = true;
                pthread_cond_signal(&gone->wake);
                pthread_mutex_unlock(&gone->lock);
                pthread_join(gone->thread, NULL);
        }
        if (gone->lock_fd >= 0)
                close(gone->lock_fd);
        pthread_cond_destroy(&gone->wake);
        pthread_mutex_destroy(&gone->lock);
        free(gone->data_directory);
        free(gone);
        *exports = NULL;
}
