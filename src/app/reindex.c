#include "app/reindex.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/data_lock.h"
#include "app/hour_tree.h"
#include "app/reindex_swap.h"
#include "app/repeats.h"
#include "app/segment_frames.h"
#include "catalog/catalog.h"
#include "catalog/deletions.h"
#include "store/segment.h"

enum {
        FRAMES_AT_ONCE = 4096,
        TRANSACTION_FRAMES = 64 * 1024,
        /* A file grown so lately may be gone on with; others are closed for good. */
        OPEN_MS = 3600 * 1000
};

struct job {
        const struct reindex_config *config;
        char data_directory[PATH_MAX];
        struct catalog *catalog; /* the new one */
        struct catalog *old;     /* NULL: there is none that can be read */
        struct reindex_result result;
        struct error *err;
        bool ok;

        struct frame frames[FRAMES_AT_ONCE];
        size_t count;
        int64_t in_transaction;

        struct camera camera; /* of the files being read, id 0: not yet known */
        struct segment segment;
        char path[SEGMENT_PATH_SIZE];
        int32_t last_segment;
        bool segment_added;
        int64_t last_told;
};

static void tell(struct job *job, const char *format, ...) PRINTF_LIKE(2, 3);

static void tell(struct job *job, const char *format, ...)
{
        char sentence[512];
        va_list args;
        if (job->config->problem == NULL)
                return;
        va_start(args, format);
        vsnprintf(sentence, sizeof sentence, format, args);
        va_end(args);
        job->config->problem(job->config->context, sentence);
}

static bool next_transaction(struct job *job)
{
        job->in_transaction = 0;
        return catalog_commit(job->catalog, job->err) && catalog_begin(job->catalog, job->err);
}

/* Gives what was collected to the catalog. */
static bool flush(struct job *job)
{
        struct add_result added = {0};
        if (job->count == 0)
                return true;
        if (!catalog_add(job->catalog, job->frames, job->count, &added, job->err))
                return false;
        for (size_t i = job->count - (size_t)added.repeats; i < job->count; i++) {
                job->result.frames--;
                job->result.bytes -= job->frames[i].bytes;
                job->result.repeats++;
        }
        job->in_transaction += (int64_t)job->count;
        job->count = 0;
        if (job->config->progress != NULL)
                job->config->progress(job->config->context, &job->result);
        if (job->config->stopping != NULL && job->config->stopping(job->config->context))
                return error_set(job->err, ERROR_BUSY, "stopped; the old catalog stays");
        return job->in_transaction < TRANSACTION_FRAMES || next_transaction(job);
}

/* ---- hour files ---- */

/* The camera of a folder below DATA/frames, by the old catalog or else by its first record. */
static bool find_camera(struct job *job, const struct facts *facts)
{
        struct camera_id id;
        struct error missing = {0};
        const char *directory = job->segment.directory;
        if (job->camera.id.value != 0 && strcmp(job->camera.directory, directory) == 0)
                return true;
        if (catalog_camera_by_directory(job->catalog, directory, &job->camera, &missing))
                return true;
        if (missing.kind != ERROR_NOT_FOUND) {
                *job->err = missing;
                return false;
        }
        job->result.cameras_new++;
        return catalog_camera_restore(job->catalog, directory, facts, &id, job->err) &&
               catalog_camera_by_id(job->catalog, id, &job->camera, job->err);
}

/* The number it had, since deleted frames name it; else one that no file had. */
static void number_segment(struct job *job)
{
        struct segment known;
        struct error ignored;
        if (job->old != NULL &&
            catalog_segment_find(job->old, job->segment.camera, job->segment.hour,
                                 job->segment.number, &known, &ignored))
                job->segment.id = known.id;
        else
                job->segment.id.value = ++job->last_segment;
}

static bool add_segment(struct job *job, const struct facts *facts)
{
        if (job->segment_added)
                return true;
        if (!find_camera(job, facts))
                return false;
        job->segment.camera = job->camera.id;
        number_segment(job);
        job->segment_added = true;
        return catalog_segment_add(job->catalog, &job->segment, job->err);
}

static bool take_record(void *context, const struct segment_record *record, bool intact)
{
        struct job *job = context;
        struct record_facts facts;
        struct error unread;
        (void)intact; /* not looked at: that is what `cctvweb check` is for */
        if (!record_facts_parse(record->facts, record->facts_length, &facts, &unread)) {
                tell(job, "%s: the record at %" PRId64 ": %s", job->path, record->offset,
                     unread.text);
                job->result.broken++;
                return true;
        }
        if (segment_hour(facts.facts.time).ms != job->segment.hour.ms) {
                tell(job, "%s: the record at %" PRId64 " is of another hour", job->path,
                     record->offset);
                job->result.broken++;
                return true;
        }
        uint64_t kinds = 0;
        job->ok = add_segment(job, &facts.facts) &&
                  catalog_kinds_of(job->catalog, &facts.facts, &kinds, job->err);
        bool deleted = false;
        job->ok = job->ok && catalog_deleted_at(job->catalog, job->segment.id,
                                                record->picture_offset, &deleted, job->err);
        if (!job->ok || deleted)
                return job->ok;
        segment_frame_fill(&job->segment, record, &facts, kinds, &job->frames[job->count]);
        job->result.frames++;
        job->result.bytes += record->picture_length;
        if (++job->count == FRAMES_AT_ONCE)
                job->ok = flush(job);
        return job->ok;
}

static bool walk_file(struct job *job, int fd, const struct stat *status)
{
        struct segment_walk walk;
        struct segment_visit visit = {0, false, take_record, job};
        if (!segment_walk(fd, &visit, &walk, job->err))
                return error_prefix(job->err, "%s", job->path);
        if (!job->ok)
                return false;
        job->result.files++;
        job->result.broken += walk.broken;
        if (walk.broken > 0)
                tell(job, "%s: %" PRId64 " stretches that are no records", job->path, walk.broken);
        if (walk.end < walk.file_bytes)
                tell(job, "%s: %" PRId64 " bytes at its end are no record: cut short, or free",
                     job->path, walk.file_bytes - walk.end);
        if (!job->segment_added)
                return true; /* nothing in it */
        bool young = utc_now().ms - (int64_t)status->st_mtim.tv_sec * 1000 < OPEN_MS;
        return flush(job) &&
               catalog_segment_commit(job->catalog, job->segment.id, walk.end, job->err) &&
               catalog_segment_freed(job->catalog, job->segment.id,
                                     walk.end - (int64_t)status->st_blocks * 512, job->err) &&
               (young ||
                catalog_segment_set_state(job->catalog, job->segment.id, SEGMENT_CLOSED, job->err));
}

static bool take_file(void *context, const struct segment *segment)
{
        struct job *job = context;
        char whole[PATH_MAX];
        struct stat status;
        job->segment = *segment;
        job->segment_added = false;
        segment_path(segment, job->path);
        snprintf(whole, sizeof whole, "%s/frames/%s", job->config->data_directory, job->path);
        int fd = open(whole, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 || fstat(fd, &status) < 0) {
                job->ok = error_sys(job->err, "open %s", whole);
        } else if (S_ISREG(status.st_mode)) {
                job->ok = walk_file(job, fd, &status);
        }
        if (fd >= 0)
                close(fd);
        return job->ok;
}

static void take_other(void *context, const char *path)
{
        tell(context, "frames/%.200s is no hour file", path);
}

/* ---- the old catalog ---- */

struct folder_frames {
        struct job *job;
        struct catalog *old;
};

static bool take_camera(void *context, const struct camera *camera)
{
        struct folder_frames *from = context;
        struct job *job = from->job;
        struct frame_cursor *cursor = NULL;
        const struct frame *frame;
        struct stretch all = {camera->id, {INT64_MIN + 1}, UTC_NONE};
        job->ok = catalog_frames_open(from->old, &all, NULL, &cursor, job->err);
        while (job->ok && frame_cursor_next(cursor, &frame, job->err)) {
                if (frame->place.segment.value != 0)
                        continue;
                job->frames[job->count++] = *frame;
                job->result.folder_frames++;
                if (job->count == FRAMES_AT_ONCE)
                        job->ok = flush(job);
        }
        job->ok = job->ok && job->err->kind == ERROR_NONE;
        frame_cursor_close(&cursor);
        return job->ok;
}

/* Frames of folders, which no hour file tells of. */
static bool take_folder_frames(struct job *job)
{
        struct folder_frames from = {.job = job};
        if (!catalog_open(job->config->data_directory, CATALOG_READ, &from.old, job->err))
                return false;
        job->err->kind = ERROR_NONE;
        bool ok = catalog_begin(job->catalog, job->err) &&
                  catalog_cameras(from.old, take_camera, &from, job->err) && job->ok &&
                  flush(job) && catalog_commit(job->catalog, job->err);
        catalog_rollback(job->catalog);
        catalog_close(&from.old);
        return ok;
}

/* False only when it cannot go on at all; an old catalog that cannot be read is told of. */
static bool take_old(struct job *job, const char *new_directory)
{
        char path[PATH_MAX];
        struct error why = {0};
        struct error *err = job->err;
        snprintf(path, sizeof path, "%s/catalog.db", job->config->data_directory);
        job->result.had_old = access(path, F_OK) == 0;
        if (!job->result.had_old)
                return true;
        job->err = &why;
        bool ok = catalog_copy_settings(job->catalog, job->config->data_directory, &why) &&
                  take_folder_frames(job);
        job->err = err;
        job->result.kept_old = ok;
        if (ok)
                return true;
        if (why.kind == ERROR_CONFLICT || why.kind == ERROR_BUSY || why.kind == ERROR_FULL) {
                *err = why; /* newer than we are, stopped, or no room: nothing is wrong with it */
                return false;
        }
        snprintf(job->result.why_not, sizeof job->result.why_not, "%s", why.text);
        job->result.folder_frames = 0;
        job->count = 0;
        job->ok = true;
        catalog_close(&job->catalog); /* what was taken from it by halves is of no use */
        return reindex_clear(new_directory, err) &&
               catalog_open(new_directory, CATALOG_WRITE, &job->catalog, err);
}

/* ---- the whole ---- */

static bool is_data_directory(const char *data_directory, struct error *err)
{
        static const char *const signs[] = {"frames", "catalog.db"};
        char path[PATH_MAX];
        for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
                snprintf(path, sizeof path, "%s/%s", data_directory, signs[i]);
                if (access(path, F_OK) == 0)
                        return true;
        }
        return error_set(err, ERROR_NOT_FOUND, "%s: neither frames nor a catalog is there",
                         data_directory);
}

/* Numbers of hour files go on behind those of the old catalog. */
static bool open_old(struct job *job)
{
        struct error ignored;
        struct segment_id next = {0};
        if (job->result.kept_old &&
            catalog_open(job->config->data_directory, CATALOG_READ, &job->old, &ignored) &&
            catalog_segment_next(job->old, &next, &ignored))
                job->last_segment = next.value - 1;
        return job->old == NULL || next.value > 0 ||
               error_set(job->err, ERROR_CORRUPT, "the old catalog cannot be read: %s",
                         ignored.text);
}

static bool build(struct job *job, const char *new_directory)
{
        if (!catalog_open(new_directory, CATALOG_WRITE, &job->catalog, job->err) ||
            !take_old(job, new_directory) || !open_old(job))
                return false;
        catalog_compare_by(job->catalog, repeat_is, job->data_directory);
        if (!catalog_begin(job->catalog, job->err))
                return false;
        return hour_tree(job->config->data_directory, take_file, take_other, job, job->err) &&
               job->ok && flush(job) && catalog_deleted_settle(job->catalog, job->err) &&
               catalog_commit(job->catalog, job->err);
}

bool reindex(const struct reindex_config *config, struct reindex_result *result_out,
             struct error *err)
{
        char new_directory[PATH_MAX];
        int lock = -1;
        struct job *job = calloc(1, sizeof *job);
        if (job == NULL)
                return error_set(err, ERROR_FULL, "no memory to build the catalog");
        job->config = config;
        snprintf(job->data_directory, sizeof job->data_directory, "%s", config->data_directory);
        job->err = err;
        job->ok = true;
        err->kind = ERROR_NONE;
        bool ok = is_data_directory(config->data_directory, err) &&
                  reindex_directory(config->data_directory, new_directory, err) &&
                  data_lock(config->data_directory, DATA_ALONE, &lock, err) &&
                  reindex_clear(new_directory, err) && build(job, new_directory);
        catalog_close(&job->catalog);
        catalog_close(&job->old);
        ok = ok && reindex_swap(config->data_directory, new_directory, err);
        struct error ignored;
        if (!ok && lock >= 0)
                (void)!reindex_clear(new_directory, &ignored);
        if (lock >= 0)
                close(lock);
        if (ok)
                *result_out = job->result;
        free(job);
        return ok;
}
