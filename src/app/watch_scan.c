#include "app/watch_scan.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "app/scan.h"
#include "base/log.h"
#include "base/utc.h"

enum { LOOK_MS = 50, PROGRESS_MS = 1000 };

struct watch_scan {
        const struct watch_config *config;
        struct watch_scan_events events;
        pthread_t thread;

        pthread_mutex_t lock; /* guards what follows */
        pthread_cond_t changed;
        bool wanted, running, stopping;
};

static void tell_problem(void *context, const char *path, const char *why)
{
        (void)context;
        log_error("watch", "not-read", "path=\"%s\" why=\"%s\"", path, why);
}

static void tell_unfinished(void *context, const char *folder, const char *name)
{
        struct watch_scan *scan = context;
        scan->events.unfinished_file(scan->events.context, folder, name);
}

/* True when it is time to stop. */
static bool pause_until_stop(struct watch_scan *scan, int milliseconds)
{
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)milliseconds * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_mutex_lock(&scan->lock);
        if (!scan->stopping)
                pthread_cond_timedwait(&scan->changed, &scan->lock, &until);
        bool stopping = scan->stopping;
        pthread_mutex_unlock(&scan->lock);
        return stopping;
}

static void tell_progress(struct watch_scan *scan, struct scan *work, struct mono start,
                          bool finished)
{
        const struct watch_config *config = scan->config;
        struct scan_progress state;
        if (config->on_progress == NULL)
                return;
        scan_progress(work, &state);
        int64_t milliseconds = (mono_now().ns - start.ns) / 1000000;
        const struct watch_progress progress = {
                .folder = config->folders[0],
                .done = state.looked,
                .total = finished ? state.looked : state.total,
                .rate = state.looked * 1000 / (milliseconds > 0 ? milliseconds : 1),
                .finished = finished,
        };
        config->on_progress(config->context, &progress);
}

static bool run_one(struct watch_scan *scan)
{
        const struct watch_config *config = scan->config;
        const struct scan_config settings = {
                .folders = config->folders,
                .folder_count = config->folder_count,
                .zone = config->zone,
                .path_template = config->path_template,
                .data_directory = config->data_directory,
                .ingest = config->ingest,
                .on_problem = tell_problem,
                .on_unfinished = tell_unfinished,
                .context = scan,
        };
        struct scan *work = NULL;
        struct scan_result result = {0};
        struct error err = {0};
        struct mono start = mono_now();
        struct mono told = start;
        bool ok = scan_start(&settings, &work, &err);
        while (ok && scan_running(work)) {
                if (pause_until_stop(scan, LOOK_MS))
                        scan_stop(work);
                if (mono_now().ns - told.ns >= (int64_t)PROGRESS_MS * 1000000) {
                        told = mono_now();
                        tell_progress(scan, work, start, false);
                }
        }
        if (ok) {
                tell_progress(scan, work, start, true);
                ok = scan_wait(&work, &result, &err);
        }
        if (!ok)
                log_error("watch", "scan-failed", "why=\"%s\"", err.text);
        else
                log_info("watch", "scanned",
                         "folders=%" PRId64 " files=%" PRId64 " read=%" PRId64 " errors=%" PRId64
                         " ms=%" PRId64,
                         result.folders, result.files, result.frames, result.errors,
                         (mono_now().ns - start.ns) / 1000000);
        return ok;
}

static void *run(void *context)
{
        struct watch_scan *scan = context;
        pthread_setname_np(pthread_self(), "watch-scan");
        pthread_mutex_lock(&scan->lock);
        while (!scan->stopping) {
                if (!scan->wanted) {
                        pthread_cond_wait(&scan->changed, &scan->lock);
                        continue;
                }
                scan->wanted = false;
                scan->running = true;
                pthread_mutex_unlock(&scan->lock);
                bool ok = run_one(scan);
                pthread_mutex_lock(&scan->lock);
                scan->running = false;
                pthread_mutex_unlock(&scan->lock);
                scan->events.finished(scan->events.context, ok);
                pthread_mutex_lock(&scan->lock);
        }
        pthread_mutex_unlock(&scan->lock);
        return NULL;
}

bool watch_scan_start(const struct watch_config *config, const struct watch_scan_events *events,
                      struct watch_scan **scan_out, struct error *err)
{
        struct watch_scan *scan = calloc(1, sizeof *scan);
        if (scan == NULL)
                return error_set(err, ERROR_FULL, "no memory to watch folders");
        pthread_condattr_t steady;
        pthread_condattr_init(&steady);
        pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
        pthread_mutex_init(&scan->lock, NULL);
        pthread_cond_init(&scan->changed, &steady);
        pthread_condattr_destroy(&steady);
        scan->config = config;
        scan->events = *events;
        if (pthread_create(&scan->thread, NULL, run, scan) != 0) {
                pthread_cond_destroy(&scan->changed);
                pthread_mutex_destroy(&scan->lock);
                free(scan);
                return error_set(err, ERROR_SYSTEM, "a thread for scans could not be started");
        }
        *scan_out = scan;
        return true;
}

void watch_scan_want(struct watch_scan *scan)
{
        pthread_mutex_lock(&scan->lock);
        scan->wanted = true;
        pthread_cond_broadcast(&scan->changed);
        pthread_mutex_unlock(&scan->lock);
}

bool watch_scan_busy(struct watch_scan *scan)
{
        pthread_mutex_lock(&scan->lock);
        bool busy = scan->wanted || scan->running;
        pthread_mutex_unlock(&scan->lock);
        return busy;
}

void watch_scan_stop(struct watch_scan **scan)
{
        struct watch_scan *s = *scan;
        *scan = NULL;
        if (s == NULL)
                return;
        pthread_mutex_lock(&s->lock);
        s->stopping = true;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->thread, NULL);
        pthread_cond_destroy(&s->changed);
        pthread_mutex_destroy(&s->lock);
        free(s);
}
