#include "app/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "app/watch_job.h"
#include "base/log.h"
#include "base/zone.h"
#include "parse/path_template.h"

enum { TICK_MS = 2000 /* between looks at the roots */, POLL_SECONDS = 30 };

static void wake(struct watch *watch)
{
        uint64_t one = 1;
        ssize_t written = write(watch->wake, &one, sizeof one);
        (void)written; /* a full counter wakes as well */
}

/* ---- what the watches say ---- */

static void on_file(void *context, size_t root, const char *folder, const char *name,
                    enum watch_what what)
{
        struct watch *watch = context;
        if (picture_name_skip(name) == SKIP_NONE && !roots_is_own(&watch->roots, root, folder))
                watch_note_file(watch, root, folder, name, what);
}

static void on_folder_gone(void *context, const char *path)
{
        watch_note_folder_gone(context, path);
}

static void on_root(void *context, size_t root, bool there)
{
        struct watch *watch = context;
        const char *path = watch->roots.paths[root];
        if (there) {
                log_info("watch", "folder-watched", "path=\"%s\" folders=%zu", path,
                         folder_watch_folders(watch->folders));
                watch_scan_want(watch->scan);
        } else {
                log_warn("watch", "folder-missing", "path=\"%s\" %s", path,
                         "nothing is marked as vanished; it is tried again");
        }
}

static void on_overflow(void *context)
{
        struct watch *watch = context;
        log_warn("watch", "events-lost", "%s",
                 "the kernel's queue was full (fs.inotify.max_queued_events); scanning");
        pthread_mutex_lock(&watch->lock);
        watch->counters.overflows++;
        pthread_mutex_unlock(&watch->lock);
        watch_scan_want(watch->scan);
}

static int poll_seconds(const struct watch *watch)
{
        return watch->config.poll_seconds > 0 ? watch->config.poll_seconds : POLL_SECONDS;
}

static void on_limited(void *context, const char *path)
{
        struct watch *watch = context;
        log_warn(
                "watch", "too-few-watches",
                "first=\"%s\" the kernel gives no more; raise fs.inotify.max_user_watches (as "
                "root: "
                "sysctl fs.inotify.max_user_watches=1000000). Until then all is scanned every %d s",
                path, poll_seconds(watch));
        watch->next_poll.ns = watch->now.ns + poll_seconds(watch) * INT64_C(1000) * MS;
}

/* ---- scans ---- */

static void on_scan_finished(void *context, bool ok)
{
        struct watch *watch = context;
        (void)ok;
        pthread_mutex_lock(&watch->lock);
        watch->scan_through = true;
        watch->counters.scans++;
        pthread_mutex_unlock(&watch->lock);
        wake(watch);
}

static void on_unfinished_file(void *context, const char *folder, const char *name)
{
        struct watch *watch = context;
        bool new = false;
        pthread_mutex_lock(&watch->lock);
        pending_note(&watch->told, folder, name, &new);
        pthread_mutex_unlock(&watch->lock);
        wake(watch);
}

static size_t root_of(const struct watch *watch, const char *path)
{
        size_t root = 0;
        while (root + 1 < watch->roots.count && !path_is_within(path, watch->roots.paths[root]))
                root++;
        return root;
}

static bool move_to_pending(void *context, struct pending_file *file)
{
        struct watch *watch = context;
        bool new = false;
        struct pending_file *entry = pending_note(&watch->pending, file->path, NULL, &new);
        if (entry != NULL && new) {
                entry->root = root_of(watch, file->path);
                entry->folder = file->folder;
                entry->first = entry->due = watch->now;
        }
        return true;
}

/* What other threads left for us. */
static bool heed_others(struct watch *watch)
{
        struct mono end = {INT64_MAX - 1};
        struct pending told;
        pthread_mutex_lock(&watch->lock);
        bool stopping = watch->stopping;
        bool through = watch->scan_through;
        told = watch->told;
        bool overflow = watch->pretend_overflow;
        watch->told = (struct pending){0};
        watch->scan_through = watch->pretend_overflow = false;
        pthread_mutex_unlock(&watch->lock);
        pending_visit(&told, end, move_to_pending, watch);
        pending_finish(&told);
        if (overflow) {
                const struct inotify_event event = {.wd = -1, .mask = IN_Q_OVERFLOW};
                folder_watch_feed(watch->folders, (const char *)&event, sizeof event);
        }
        if (through) {
                pending_visit(&watch->touched, end, move_to_pending, watch);
                if (folder_watch_watched(watch->folders) < folder_watch_folders(watch->folders))
                        watch->next_poll.ns =
                                watch->now.ns + poll_seconds(watch) * INT64_C(1000) * MS;
        }
        return !stopping;
}

/* ---- the thread ---- */

static void publish(struct watch *watch)
{
        bool scanning = watch_scan_busy(watch->scan);
        pthread_mutex_lock(&watch->lock);
        watch->counters.folders = (int64_t)folder_watch_folders(watch->folders);
        watch->counters.watched = (int64_t)folder_watch_watched(watch->folders);
        watch->counters.events = folder_watch_events(watch->folders);
        watch->counters.pending = (int64_t)watch->pending.count;
        watch->counters.scanning = scanning;
        pthread_mutex_unlock(&watch->lock);
}

static void do_periodic(struct watch *watch)
{
        if (watch->now.ns >= watch->next_tick.ns) {
                watch->next_tick.ns = watch->now.ns + TICK_MS * MS;
                folder_watch_tick(watch->folders);
        }
        if (watch->now.ns >= watch->next_poll.ns) {
                watch->next_poll.ns = INT64_MAX;
                folder_watch_retry(watch->folders);
                watch_scan_want(watch->scan);
        }
}

static int64_t least(int64_t a, int64_t b)
{
        return a < b ? a : b;
}

static void wait_for_something(struct watch *watch, struct mono due)
{
        struct pollfd fds[] = {{.fd = watch->wake, .events = POLLIN},
                               {.fd = folder_watch_fd(watch->folders), .events = POLLIN}};
        int64_t until = least(due.ns, least(watch->next_tick.ns, watch->next_poll.ns));
        int64_t wait_ms = (until - mono_now().ns + MS - 1) / MS;
        if (wait_ms > 0)
                poll(fds, 2, (int)least(wait_ms, TICK_MS));
        uint64_t count = 0;
        ssize_t got = read(watch->wake, &count, sizeof count);
        (void)got;
}

static void *run(void *context)
{
        struct watch *watch = context;
        struct mono due = {0};
        pthread_setname_np(pthread_self(), "watcher");
        watch->now = mono_now();
        while (heed_others(watch)) {
                do_periodic(watch);
                folder_watch_read(watch->folders);
                publish(watch);
                due = watch_look_at_files(watch);
                publish(watch);
                wait_for_something(watch, due);
                watch->now = mono_now();
        }
        return NULL;
}

/* ---- life ---- */

static char *copy(const char *text, bool *ok)
{
        if (text == NULL)
                return NULL;
        char *copied = strdup(text);
        *ok = *ok && copied != NULL;
        return copied;
}

static bool set_up(struct watch *watch, const struct watch_config *config, struct error *err)
{
        bool ok = true;
        struct zone *zone = NULL;
        struct path_template *template = NULL;
        watch->zone_name = copy(config->zone, &ok);
        watch->template_text = copy(config->path_template, &ok);
        watch->data_directory = copy(config->data_directory, &ok);
        if (!ok)
                return error_set(err, ERROR_FULL, "no memory to watch folders");
        if (!roots_init(&watch->roots, config->folders, config->folder_count, err) ||
            !roots_set_own(&watch->roots, config->data_directory, err))
                return false;
        if (config->zone != NULL && !zone_load(config->zone, &zone, err))
                return false;
        watch->taker.zone = zone;
        watch->taker.young_ms = WATCH_GIVE_UP_MS;
        if (config->path_template != NULL &&
            !path_template_compile(config->path_template, strlen(config->path_template), &template,
                                   err))
                return false;
        watch->taker.template = template;
        watch->config.folders = (const char *const *)watch->roots.paths;
        watch->config.folder_count = watch->roots.count;
        watch->config.zone = watch->zone_name;
        watch->config.path_template = watch->template_text;
        watch->config.data_directory = watch->data_directory;
        watch->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (watch->wake < 0)
                return error_sys(err, "watching folders");
        const struct watch_visitor visitor = {
                .file = on_file,
                .folder_gone = on_folder_gone,
                .root = on_root,
                .overflow = on_overflow,
                .limited = on_limited,
                .context = watch,
        };
        const struct watch_scan_events events = {
                .finished = on_scan_finished,
                .unfinished_file = on_unfinished_file,
                .context = watch,
        };
        return folder_watch_create(watch->config.folders, watch->roots.count, config->most_watches,
                                   &visitor, &watch->folders, err) &&
               watch_scan_start(&watch->config, &events, &watch->scan, err);
}

static void destroy(struct watch *watch)
{
        struct zone *zone = (struct zone *)watch->taker.zone;
        struct path_template *template = (struct path_template *)watch->taker.template;
        watch_scan_stop(&watch->scan);
        folder_watch_free(&watch->folders);
        pending_finish(&watch->pending);
        pending_finish(&watch->touched);
        pending_finish(&watch->told);
        batch_free(&watch->batch);
        taker_finish(&watch->taker);
        zone_free(&zone);
        path_template_free(&template);
        roots_finish(&watch->roots);
        free(watch->zone_name);
        free(watch->template_text);
        free(watch->data_directory);
        if (watch->wake >= 0)
                close(watch->wake);
        pthread_mutex_destroy(&watch->lock);
        free(watch);
}

bool watch_start(const struct watch_config *config, struct watch **watch_out, struct error *err)
{
        struct watch *watch = calloc(1, sizeof *watch);
        if (watch == NULL)
                return error_set(err, ERROR_FULL, "no memory to watch folders");
        watch->config = *config;
        watch->wake = watch->open_fd = -1;
        watch->next_poll.ns = INT64_MAX;
        pthread_mutex_init(&watch->lock, NULL);
        if (!set_up(watch, config, err)) {
                destroy(watch);
                return false;
        }
        if (pthread_create(&watch->thread, NULL, run, watch) != 0) {
                destroy(watch);
                return error_set(err, ERROR_SYSTEM, "the watching thread could not be started");
        }
        *watch_out = watch;
        return true;
}

void watch_stop(struct watch **watch)
{
        struct watch *w = *watch;
        *watch = NULL;
        if (w == NULL)
                return;
        pthread_mutex_lock(&w->lock);
        w->stopping = true;
        pthread_mutex_unlock(&w->lock);
        wake(w);
        pthread_join(w->thread, NULL);
        destroy(w);
}

void watch_pretend_overflow(struct watch *watch)
{
        pthread_mutex_lock(&watch->lock);
        watch->pretend_overflow = true;
        pthread_mutex_unlock(&watch->lock);
        wake(watch);
}

void watch_counters(struct watch *watch, struct watch_counters *counters_out)
{
        pthread_mutex_lock(&watch->lock);
        *counters_out = watch->counters;
        pthread_mutex_unlock(&watch->lock);
}
