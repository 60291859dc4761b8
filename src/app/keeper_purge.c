/* What is due: bytes of deleted frames go off the disk. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/emptied.h"
#include "app/keeper_inside.h"
#include "app/purge.h"
#include "app/roots.h"
#include "base/log.h"
#include "catalog/catalog.h"

enum {
        PURGE_STEP = 512,                    /* frames between two looks at the catalog */
        KNOWN_DAYS_MS = 7 * 24 * 3600 * 1000 /* caches know keys that long, or longer: of pictures
                                                that nobody can get any more */
};

/* One deletion being purged; on the keeper's thread. */
struct job {
        struct keeper *keeper;
        struct deletion deletion;
        struct purge_batch batch;
        struct frame frames[PURGE_STEP];
        size_t left; /* frames for another time: somebody reads them, or it failed */
        bool failed;
        struct hulls hulls;
        struct keeper_counters done;
        /* Of the group of frames that is worked on: those of one hour file, or of one folder. */
        struct frame *group;
        size_t group_count;
        int64_t freed;
        char path[PATH_MAX];
};

static bool call(struct job *job,
                 bool (*work)(void *context, struct catalog *catalog, struct error *err),
                 struct error *err)
{
        return ingest_call(job->keeper->config.ingest, work, job, err);
}

/* ---- whole hour files ---- */

struct empty_work {
        struct keeper *keeper;
        bool found;
        int64_t freed;
};

static bool remove_empty(void *context, struct catalog *catalog, struct error *err)
{
        struct empty_work *work = context;
        return emptied_remove_one(work->keeper->data_directory, catalog, &work->found, &work->freed,
                                  err);
}

static void remove_empty_files(struct keeper *keeper)
{
        struct empty_work work = {.keeper = keeper, .found = true};
        struct error err;
        while (work.found && !keeper_stopping(keeper)) {
                if (!ingest_call(keeper->config.ingest, remove_empty, &work, &err)) {
                        log_error("keeper", "not-removed", "why=\"%s\"", err.text);
                        return;
                }
                keeper_count(keeper, &(struct keeper_counters){.purged_bytes = work.freed});
        }
}

/* ---- groups of frames ---- */

static bool purge_group_done(void *context, struct catalog *catalog, struct error *err)
{
        struct job *job = context;
        return catalog_purge_done(catalog, job->deletion.id, job->group, job->group_count,
                                  job->freed, err);
}

static bool group_done(struct job *job, struct error *err)
{
        struct keeper_config *config = &job->keeper->config;
        if (job->group_count == 0)
                return true;
        if (!call(job, purge_group_done, err))
                return false;
        job->done.purged += (int64_t)job->group_count;
        job->done.purged_bytes += job->freed;
        if (config->on_purged != NULL)
                config->on_purged(config->context, job->group, job->group_count);
        return true;
}

static bool find_path(void *context, struct catalog *catalog, struct error *err)
{
        struct job *job = context;
        const struct place *place = &job->group[0].place;
        char below[SEGMENT_PATH_SIZE];
        const char *folder = NULL;
        int length;
        if (place->segment.value != 0) {
                if (!catalog_segment_path(catalog, place->segment, below, err))
                        return false;
                length = snprintf(job->path, sizeof job->path, "%s/frames/%s",
                                  job->keeper->data_directory, below);
        } else {
                if (!catalog_folder_path(catalog, place->folder, &folder, err))
                        return false;
                length = snprintf(job->path, sizeof job->path, "%s", folder);
        }
        return (length > 0 && (size_t)length < sizeof job->path) ||
               error_set(err, ERROR_INPUT, "a path is too long");
}

/* What could not be removed is told of and left; the rest goes on. */
static void leave(struct job *job, size_t count, const struct error *why)
{
        job->left += count;
        job->failed = true;
        job->done.failures++;
        log_error("keeper", "not-removed", "deletion=%" PRId64 " frames=%zu why=\"%s\"",
                  job->deletion.id.value, count, why->text);
}

/* False only when the catalog fails, as below. */
static bool purge_hour(struct job *job, struct error *err)
{
        struct purged purged;
        struct error why;
        size_t all = job->group_count;
        if (!purge_records(job->path, job->group, job->group_count, &purged, &why)) {
                leave(job, all, &why);
                return true;
        }
        if (purged.missing)
                log_warn("keeper", "missing", "path=\"%s\" frames=%zu", job->path, all);
        job->freed = purged.freed;
        job->group_count = purged.gone;
        job->left += all - purged.gone;
        return group_done(job, err);
}

/* The folder of the job's path, if it is below a managed one; else -1. *gone_out: it is no longer
 * there, while the managed one is: that is no disk that is not mounted. */
static int open_folder(const struct job *job, bool *gone_out, struct error *err)
{
        const struct keeper *keeper = job->keeper;
        size_t i = 0;
        *gone_out = false;
        while (i < keeper->managed_count && !path_is_within(job->path, keeper->managed[i]))
                i++;
        if (i == keeper->managed_count) {
                error_set(err, ERROR_DENIED, "%s is in no folder that is managed", job->path);
                return -1;
        }
        int fd = purge_open_folder(keeper->managed[i], job->path);
        if (fd < 0) {
                bool missing = errno == ENOENT;
                error_sys(err, "open %s", job->path);
                *gone_out = missing && access(keeper->managed[i], F_OK) == 0;
        }
        return fd;
}

static bool purge_folder(struct job *job, struct error *err)
{
        struct error why = {0};
        size_t all = job->group_count;
        size_t gone_count = 0;
        bool gone = false;
        int fd = open_folder(job, &gone, &why);
        if (gone)
                return group_done(job, err); /* the whole folder */
        if (fd < 0) {
                leave(job, all, &why);
                return true;
        }
        bool fine = true;
        for (size_t i = 0; fine && i < all; i++) {
                struct frame frame = job->group[i];
                fine = purge_file(fd, &frame, &job->freed, &why);
                if (fine)
                        job->group[gone_count++] = frame;
        }
        if (fsync(fd) < 0 && fine)
                fine = error_sys(&why, "sync");
        close(fd);
        if (!fine) {
                error_prefix(&why, "%s", job->path);
                leave(job, all - gone_count, &why);
        }
        job->group_count = gone_count;
        return group_done(job, err);
}

static bool same_group(const struct frame *a, const struct frame *b)
{
        return a->place.segment.value == b->place.segment.value &&
               a->place.folder.value == b->place.folder.value;
}

static bool purge_batch(struct job *job, struct error *err)
{
        for (size_t at = 0; at < job->batch.count;) {
                size_t end = at + 1;
                while (end < job->batch.count && same_group(&job->frames[at], &job->frames[end]))
                        end++;
                job->group = job->frames + at;
                job->group_count = end - at;
                job->freed = 0;
                if (!call(job, find_path, err))
                        return false;
                bool ok = job->group[0].place.segment.value != 0 ? purge_hour(job, err)
                                                                 : purge_folder(job, err);
                if (!ok)
                        return false;
                at = end;
        }
        return true;
}

/* ---- one deletion ---- */

static bool next_batch(void *context, struct catalog *catalog, struct error *err)
{
        struct job *job = context;
        int64_t kept = job->batch.kept;
        job->batch.skip = job->left;
        if (!catalog_purge_next(catalog, &job->batch, err))
                return false;
        if (job->batch.kept > kept)
                hulls_tell(&job->hulls, job->keeper, catalog, KEEPER_RESTORED);
        return true;
}

static bool begin(void *context, struct catalog *catalog, struct error *err)
{
        struct job *job = context;
        hulls_read(&job->hulls, catalog, job->deletion.id);
        return catalog_purge_begin(catalog, job->deletion.id, err);
}

static bool tell_end(void *context, struct catalog *catalog, struct error *err)
{
        struct job *job = context;
        (void)err;
        hulls_tell(&job->hulls, job->keeper, catalog, KEEPER_PURGED);
        return true;
}

static void purge(struct job *job)
{
        struct error err = {0};
        job->batch = (struct purge_batch){.id = job->deletion.id,
                                          .managed = keeper_may_delete,
                                          .context = job->keeper,
                                          .frames = job->frames,
                                          .room = PURGE_STEP};
        job->left = 0;
        bool ok = call(job, begin, &err);
        bool more = ok;
        while (ok && more && !keeper_stopping(job->keeper)) {
                ok = call(job, next_batch, &err);
                more = ok && (job->batch.count > 0 || job->batch.kept > 0);
                int64_t kept = job->batch.kept;
                job->batch.kept = 0;
                job->done.restored += kept;
                ok = ok && purge_batch(job, &err);
        }
        if (!ok) {
                job->failed = true;
                job->done.failures++;
                log_error("keeper", "not-purged", "deletion=%" PRId64 " why=\"%s\"",
                          job->deletion.id.value, err.text);
        }
        if (job->done.purged > 0 || job->done.restored > 0)
                log_info("keeper", "purged",
                         "deletion=%" PRId64 " frames=%" PRId64 " freed=%" PRId64 " back=%" PRId64
                         " left=%zu",
                         job->deletion.id.value, job->done.purged, job->done.purged_bytes,
                         job->done.restored, job->left);
        (void)!call(job, tell_end, &err);
}

/* ---- what is due ---- */

struct due_work {
        struct keeper *keeper;
        struct deletion deletion;
        bool found;
        bool busy;
};

/* On the writer thread: nobody makes or undoes one meanwhile. */
static bool find_due(void *context, struct catalog *catalog, struct error *err)
{
        struct due_work *work = context;
        struct error missing = {0};
        work->found = catalog_deletion_due(catalog, utc_now(), work->deletion.id, &work->deletion,
                                           &missing);
        if (!work->found && missing.kind != ERROR_NOT_FOUND)
                return error_set(err, missing.kind, "%s", missing.text);
        work->busy = work->found && keeper_is_busy(work->keeper, work->deletion.id);
        return true;
}

static bool forget_keys(void *context, struct catalog *catalog, struct error *err)
{
        bool *more = context;
        return catalog_purged_forget(catalog, (struct utc){utc_now().ms - KNOWN_DAYS_MS}, more,
                                     err);
}

static enum purge_outcome work_on(struct keeper *keeper, const struct deletion *deletion)
{
        struct error err = {0};
        int64_t frames = 0;
        int64_t bytes = 0;
        if (deletion->state == DELETION_RESTORING) {
                if (keeper_undo(keeper, deletion->id, &frames, &bytes, &err))
                        return PURGE_ALL;
                log_error("keeper", "not-restored", "deletion=%" PRId64 " why=\"%s\"",
                          deletion->id.value, err.text);
                return PURGE_FAILED;
        }
        struct job *job = calloc(1, sizeof *job);
        if (job == NULL)
                return PURGE_FAILED;
        job->keeper = keeper;
        job->deletion = *deletion;
        purge(job);
        keeper_count(keeper, &job->done);
        hulls_finish(&job->hulls);
        enum purge_outcome outcome = job->failed ? PURGE_FAILED : PURGE_ALL;
        if (!job->failed && job->left > 0)
                outcome = PURGE_HELD;
        free(job);
        return outcome;
}

static enum purge_outcome work_off(struct keeper *keeper)
{
        struct due_work work = {.keeper = keeper};
        struct error err = {0};
        enum purge_outcome worst = PURGE_ALL;
        while (!keeper_stopping(keeper)) {
                if (!ingest_call(keeper->config.ingest, find_due, &work, &err)) {
                        log_error("keeper", "cannot-look", "why=\"%s\"", err.text);
                        return PURGE_FAILED;
                }
                if (!work.found)
                        break;
                enum purge_outcome one = work.busy ? PURGE_ALL : work_on(keeper, &work.deletion);
                worst = one > worst ? one : worst;
        }
        return worst;
}

enum purge_outcome keeper_purge_due(struct keeper *keeper)
{
        struct error err;
        bool more = true;
        enum purge_outcome outcome = work_off(keeper);
        remove_empty_files(keeper);
        while (more && !keeper_stopping(keeper) &&
               ingest_call(keeper->config.ingest, forget_keys, &more, &err))
                ;
        return outcome;
}
