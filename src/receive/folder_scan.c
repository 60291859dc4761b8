#include "receive/folder_scan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "receive/folder_items.h"

/* The next item into one of the two; false when all is done. */
static bool next_item(struct folder_scan *scan, struct chunk **chunk_out,
                      struct waiting_folder *folder_out)
{
        pthread_mutex_lock(&scan->lock);
        scan->busy--;
        for (;;) {
                *chunk_out = chunk_take(scan);
                if (*chunk_out != NULL)
                        break;
                if (scan->folder_count > 0 && !scan->stopping) {
                        *folder_out = scan->folders[--scan->folder_count];
                        break;
                }
                if (scan->busy == 0) {
                        pthread_cond_broadcast(&scan->work);
                        pthread_mutex_unlock(&scan->lock);
                        return false;
                }
                scan->sleeping++;
                pthread_cond_wait(&scan->work, &scan->lock);
                scan->sleeping--;
        }
        scan->busy++;
        pthread_mutex_unlock(&scan->lock);
        return true;
}

static void *run(void *context)
{
        struct folder_scan *scan = context;
        unsigned worker = __atomic_fetch_add(&scan->next_worker, 1, __ATOMIC_RELAXED);
        struct chunk *chunk = NULL;
        struct waiting_folder folder;
        pthread_setname_np(pthread_self(), "scan");
        while (next_item(scan, &chunk, &folder)) {
                if (chunk != NULL)
                        chunk_work(scan, worker, chunk);
                else
                        folder_work(scan, worker, &folder);
        }
        scan->visitor.finished(scan->visitor.context, worker);
        pthread_mutex_lock(&scan->lock);
        scan->ended++;
        pthread_mutex_unlock(&scan->lock);
        return NULL;
}

static void destroy(struct folder_scan *scan)
{
        folder_items_free(scan);
        pthread_cond_destroy(&scan->work);
        pthread_mutex_destroy(&scan->lock);
        free(scan->ids);
        free(scan);
}

static bool push_roots(struct folder_scan *scan, const char *const *roots, size_t count)
{
        for (size_t i = count; i > 0; i--) {
                struct waiting_folder folder = {.path = strdup(roots[i - 1]),
                                                .root = (uint32_t)(i - 1)};
                if (folder.path == NULL)
                        return false;
                folder.relative = (uint32_t)strlen(folder.path);
                if (!folder_push(scan, &folder)) {
                        free(folder.path);
                        return false;
                }
        }
        return true;
}

/* Starts threads until there are so many; the lock is held. */
static void start_threads(struct folder_scan *scan, unsigned wanted)
{
        while (scan->started < wanted) {
                scan->busy++; /* until it waits for work */
                if (pthread_create(&scan->ids[scan->started], NULL, run, scan) != 0) {
                        scan->busy--;
                        return;
                }
                scan->started++;
        }
}

bool folder_scan_start(const char *const *roots, size_t count, const struct scan_threads *threads,
                       const struct scan_visitor *visitor, struct folder_scan **scan_out,
                       struct error *err)
{
        assert(threads->first > 0 && threads->first <= threads->most);
        assert(threads->most <= SCAN_THREADS_MAX);
        struct folder_scan *scan = calloc(1, sizeof *scan);
        if (scan == NULL)
                return error_set(err, ERROR_FULL, "no memory to scan");
        pthread_mutex_init(&scan->lock, NULL);
        pthread_cond_init(&scan->work, NULL);
        scan->visitor = *visitor;
        scan->threads = threads->most;
        scan->ids = calloc(threads->most, sizeof *scan->ids);
        if (scan->ids == NULL || !push_roots(scan, roots, count)) {
                destroy(scan);
                return error_set(err, ERROR_FULL, "no memory to scan");
        }
        *scan_out = scan; /* the visitor may want it at once */
        pthread_mutex_lock(&scan->lock);
        start_threads(scan, threads->first);
        pthread_mutex_unlock(&scan->lock);
        if (scan->started == 0) {
                *scan_out = NULL;
                destroy(scan);
                return error_set(err, ERROR_SYSTEM, "no thread could be started to scan");
        }
        return true;
}

void folder_scan_widen(struct folder_scan *scan)
{
        pthread_mutex_lock(&scan->lock);
        if (!scan->stopping)
                start_threads(scan, scan->threads);
        pthread_mutex_unlock(&scan->lock);
}

void folder_scan_stop(struct folder_scan *scan)
{
        pthread_mutex_lock(&scan->lock);
        __atomic_store_n(&scan->stopping, true, __ATOMIC_RELAXED);
        pthread_cond_broadcast(&scan->work);
        pthread_mutex_unlock(&scan->lock);
}

bool folder_scan_stopping(struct folder_scan *scan)
{
        return __atomic_load_n(&scan->stopping, __ATOMIC_RELAXED);
}

bool folder_scan_running(struct folder_scan *scan)
{
        pthread_mutex_lock(&scan->lock);
        bool running = scan->ended < scan->started;
        pthread_mutex_unlock(&scan->lock);
        return running;
}

/* How many threads there are to wait for; only a thread at work makes more. */
static unsigned started(struct folder_scan *scan)
{
        pthread_mutex_lock(&scan->lock);
        unsigned count = scan->started;
        pthread_mutex_unlock(&scan->lock);
        return count;
}

bool folder_scan_wait(struct folder_scan *scan)
{
        for (unsigned i = 0; i < started(scan); i++)
                pthread_join(scan->ids[i], NULL);
        scan->started = 0;
        return scan->stopping;
}

void folder_scan_free(struct folder_scan **scan)
{
        struct folder_scan *s = *scan;
        *scan = NULL;
        if (s == NULL)
                return;
        assert(s->started == 0);
        destroy(s);
}
