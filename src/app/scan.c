#include "app/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/scan_job.h"
#include "parse/path_template.h"

enum { THREADS_ON_DISK = 32, THREADS_A_PROCESSOR = 2, YOUNG_MS = 10000 };

/* ---- start ---- */

static bool any_file(void *context, const struct known_file *file)
{
        (void)file;
        *(bool *)context = true;
        return false;
}

static bool add_frames(void *context, const struct camera *camera)
{
        *(int64_t *)context += camera->frames;
        return true;
}

/* What the catalog knows below the roots before anything is looked at. */
static bool load_known(struct scan *scan, struct error *err)
{
        struct catalog *reader = NULL;
        int64_t frames = 0;
        if (!catalog_open(scan->data_directory, CATALOG_READ, &reader, err))
                return false;
        bool ok = catalog_cameras(reader, add_frames, &frames, err);
        for (size_t i = 0; ok && i < scan->roots.count; i++) {
                size_t before = scan->known.count;
                ok = known_folders_add(&scan->known, reader, scan->roots.paths[i], err);
                for (size_t j = before; ok && j < scan->known.count && !scan->root_known[i]; j++)
                        ok = catalog_files_of(reader, scan->known.folders[j].id, any_file,
                                              &scan->root_known[i], err);
        }
        known_folders_sort(&scan->known);
        scan->total = frames > 0 ? frames : -1;
        scan_reader_give(scan, reader);
        return ok;
}

static bool copy_settings(struct scan *scan, const struct scan_config *config, struct error *err)
{
        scan->config = *config;
        scan->config.folders = NULL; /* not kept */
        scan->threads = config->threads > 0 ? config->threads : THREADS_ON_DISK;
        if (scan->threads > SCAN_THREADS_MAX)
                return error_set(err, ERROR_INPUT, "%u threads are too many; %d is the most",
                                 scan->threads, SCAN_THREADS_MAX);
        if (!roots_init(&scan->roots, config->folders, config->folder_count, err) ||
            !roots_set_own(&scan->roots, config->data_directory, err))
                return false;
        if (config->zone != NULL && !zone_load(config->zone, &scan->zone, err))
                return false;
        if (config->path_template != NULL &&
            !path_template_compile(config->path_template, strlen(config->path_template),
                                   &scan->path_template, err))
                return false;
        scan->data_directory = strdup(config->data_directory);
        scan->root_bad = calloc(scan->roots.count + 1, sizeof *scan->root_bad);
        scan->root_known = calloc(scan->roots.count + 1, sizeof *scan->root_known);
        scan->workers = calloc(scan->threads, sizeof *scan->workers);
        if (scan->data_directory == NULL || scan->root_bad == NULL || scan->root_known == NULL ||
            scan->workers == NULL)
                return error_set(err, ERROR_FULL, "no memory to scan");
        for (unsigned i = 0; i < scan->threads; i++) {
                scan->workers[i].taker.template = scan->path_template;
                scan->workers[i].taker.zone = scan->zone;
                scan->workers[i].taker.young_ms = YOUNG_MS;
        }
        return true;
}

static void destroy(struct scan *scan)
{
        for (unsigned i = 0; scan->workers != NULL && i < scan->threads; i++) {
                batch_free(&scan->workers[i].batch);
                taker_finish(&scan->workers[i].taker);
                free((void *)scan->workers[i].held);
        }
        while (scan->reader_count > 0)
                catalog_close(&scan->readers[--scan->reader_count]);
        free(scan->workers);
        free(scan->root_bad);
        free(scan->root_known);
        free(scan->data_directory);
        known_folders_finish(&scan->known);
        roots_finish(&scan->roots);
        zone_free(&scan->zone);
        path_template_free(&scan->path_template);
        pthread_mutex_destroy(&scan->lock);
        free(scan);
}

/* A number that was asked for holds; else few until a disk has to be waited for. */
static struct scan_threads threads_of(const struct scan_config *config, const struct scan *scan)
{
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        unsigned few = processors > 0 ? (unsigned)processors * THREADS_A_PROCESSOR : 2;
        bool fixed = config->threads > 0 || few > scan->threads;
        return (struct scan_threads){fixed ? scan->threads : few, scan->threads};
}

bool scan_start(const struct scan_config *config, struct scan **scan_out, struct error *err)
{
        struct scan *scan = calloc(1, sizeof *scan);
        if (scan == NULL)
                return error_set(err, ERROR_FULL, "no memory to scan");
        pthread_mutex_init(&scan->lock, NULL);
        struct scan_visitor visitor = scan_visitor;
        visitor.context = scan;
        bool ok = copy_settings(scan, config, err) && load_known(scan, err);
        if (ok) {
                const struct scan_threads threads = threads_of(config, scan);
                ok = folder_scan_start((const char *const *)scan->roots.paths, scan->roots.count,
                                       &threads, &visitor, &scan->walker, err);
        }
        if (!ok) {
                destroy(scan);
                return false;
        }
        *scan_out = scan;
        return true;
}

/* ---- while it runs ---- */

void scan_progress(struct scan *scan, struct scan_progress *progress_out)
{
        *progress_out = (struct scan_progress){.total = scan->total};
        for (unsigned i = 0; i < scan->threads; i++) {
                progress_out->folders += scan->workers[i].folders;
                progress_out->looked += scan->workers[i].looked;
        }
        if (progress_out->total >= 0 && progress_out->looked > progress_out->total)
                progress_out->total = -1;
}

bool scan_running(struct scan *scan)
{
        return folder_scan_running(scan->walker);
}

void scan_stop(struct scan *scan)
{
        folder_scan_stop(scan->walker);
}

/* ---- end ---- */

struct sweeping {
        struct scan *scan;
        struct batch *batch;
        char *last; /* the folder swept last, with all below it */
        bool failed;
};

/* A folder that was known, not walked, and is not there, goes with all below it. */
static bool sweep_if_gone(void *context, struct folder_id id, const char *path, uint64_t print)
{
        (void)id;
        (void)print;
        struct sweeping *sweeping = context;
        struct stat status;
        struct known_folder *known = known_folders_find(&sweeping->scan->known, path);
        if (known == NULL || known->visited ||
            (sweeping->last != NULL && path_is_within(path, sweeping->last)))
                return true;
        bool exists = lstat(path, &status) == 0 ? S_ISDIR(status.st_mode)
                                                : errno != ENOENT && errno != ENOTDIR;
        if (exists)
                return true;
        free(sweeping->last);
        sweeping->last = strdup(path);
        if (sweeping->batch == NULL)
                sweeping->batch = batch_create();
        if (sweeping->last == NULL || sweeping->batch == NULL) {
                sweeping->failed = true;
                return false;
        }
        batch_add_sweep(sweeping->batch, batch_folder(sweeping->batch, path));
        return true;
}

static bool sweep_roots(struct scan *scan, struct error *err)
{
        struct sweeping sweeping = {.scan = scan};
        struct catalog *reader = NULL;
        bool ok = scan_reader_take(scan, &reader, err);
        for (size_t i = 0; ok && i < scan->roots.count; i++) {
                if (!scan->root_bad[i])
                        ok = catalog_folders_below(reader, scan->roots.paths[i], sweep_if_gone,
                                                   &sweeping, err);
        }
        if (ok && sweeping.failed)
                ok = error_set(err, ERROR_FULL, "no memory to look for vanished folders");
        if (reader != NULL)
                scan_reader_give(scan, reader);
        if (ok && sweeping.batch != NULL)
                ok = ingest_submit(scan->config.ingest, &sweeping.batch, err);
        batch_free(&sweeping.batch);
        free(sweeping.last);
        return ok;
}

static void sum_up(const struct scan *scan, struct scan_result *result)
{
        for (unsigned i = 0; i < scan->threads; i++) {
                const struct scan_worker *worker = &scan->workers[i];
                result->folders += worker->folders;
                result->files += worker->files;
                result->frames += worker->frames;
                result->unchanged += worker->unchanged;
                result->errors += worker->errors;
                for (int reason = 0; reason < SKIP_REASONS; reason++)
                        result->skipped[reason] += worker->skipped[reason];
        }
}

bool scan_wait(struct scan **scan, struct scan_result *result_out, struct error *err)
{
        struct scan *s = *scan;
        *scan = NULL;
        *result_out = (struct scan_result){.stopped = folder_scan_wait(s->walker)};
        bool ok = s->failure.kind == ERROR_NONE;
        if (!ok && err != NULL)
                *err = s->failure;
        ok = ok && (result_out->stopped || s->known.count == 0 || sweep_roots(s, err));
        struct error late = {0};
        if (!ingest_flush(s->config.ingest, &late) && ok) {
                ok = false;
                if (err != NULL)
                        *err = late;
        }
        sum_up(s, result_out);
        folder_scan_free(&s->walker);
        destroy(s);
        return ok;
}
