#include "app/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/emptied.h"
#include "app/repeats.h"
#include "app/segment_frames.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/segment.h"

enum { FRAMES_AT_ONCE = 1024 };

/* A segment to look at; a list, since the catalog changes while it is worked off. */
struct todo {
        struct segment *items;
        size_t count, room;
        bool failed;
};

struct job {
        const char *data_directory;
        struct catalog *catalog;
        struct frame_store *store;
        struct recovery result;
        struct error *err;

        /* Of the segment being looked at. */
        const struct segment *segment;
        struct frame frames[FRAMES_AT_ONCE];
        size_t count;
        int64_t unread; /* records whose facts could not be read */
        bool ok;
};

static bool add_todo(struct todo *todo, const struct segment *segment)
{
        if (todo->count == todo->room) {
                size_t room = todo->room > 0 ? todo->room * 2 : 64;
                struct segment *grown = reallocarray(todo->items, room, sizeof *grown);
                if (grown == NULL) {
                        todo->failed = true;
                        return false;
                }
                todo->items = grown;
                todo->room = room;
        }
        todo->items[todo->count++] = *segment;
        return true;
}

static bool add_open(void *context, const struct segment *segment)
{
        return add_todo(context, segment);
}

/* ---- files begun that the catalog never heard of ---- */

struct begun_job {
        struct job *job;
        bool ok;
};

static bool register_begun(struct job *job, struct segment *segment)
{
        struct camera camera;
        struct segment known;
        struct error missing = {0};
        char below[SEGMENT_PATH_SIZE];
        char path[PATH_MAX];
        segment_path(segment, below);
        snprintf(path, sizeof path, "%s/frames/%s", job->data_directory, below);
        if (access(path, F_OK) < 0)
                return true; /* it did not come to that */
        if (!catalog_camera_by_directory(job->catalog, segment->directory, &camera, &missing)) {
                /* The camera's row went with the same crash; nothing in it was acknowledged. */
                if (missing.kind == ERROR_NOT_FOUND)
                        return true;
                *job->err = missing;
                return false;
        }
        segment->camera = camera.id;
        if (catalog_segment_find(job->catalog, camera.id, segment->hour, segment->number, &known,
                                 &missing))
                return true;
        if (missing.kind != ERROR_NOT_FOUND) {
                *job->err = missing;
                return false;
        }
        log_info("recover", "file-begun", "path=\"%s\"", below);
        return catalog_segment_next(job->catalog, &segment->id, job->err) &&
               catalog_segment_add(job->catalog, segment, job->err);
}

static bool take_begun(void *context, const char *path)
{
        struct begun_job *begun = context;
        struct segment segment;
        if (segment_path_parse(path, strlen(path), &segment))
                begun->ok = register_begun(begun->job, &segment);
        return begun->ok;
}

static bool journal_path(const struct job *job, char out[static PATH_MAX])
{
        int length = snprintf(out, PATH_MAX, "%s/begun", job->data_directory);
        return (length > 0 && length < PATH_MAX) ||
               error_set(job->err, ERROR_INPUT, "the path of the data folder is too long");
}

static bool recover_begun(struct job *job)
{
        struct begun_job begun = {.job = job, .ok = true};
        char journal[PATH_MAX];
        if (!journal_path(job, journal) || !catalog_begin_durable(job->catalog, job->err))
                return false;
        if (frame_store_begun(journal, take_begun, &begun, job->err) && begun.ok &&
            catalog_commit(job->catalog, job->err))
                return frame_store_begun_forget(journal, job->err);
        catalog_rollback(job->catalog);
        return false;
}

/* ---- one segment ---- */

static bool flush_frames(struct job *job)
{
        struct add_result added = {0};
        if (job->count == 0)
                return true;
        if (!catalog_add(job->catalog, job->frames, job->count, &added, job->err))
                return false;
        job->result.found += added.added;
        job->result.repeats += added.repeats;
        repeats_forget(job->data_directory, job->catalog,
                       job->frames + job->count - (size_t)added.repeats, (size_t)added.repeats);
        job->count = 0;
        return true;
}

static bool take_record(void *context, const struct segment_record *record, bool intact)
{
        struct job *job = context;
        struct frame *frame = &job->frames[job->count];
        struct error unread;
        if (!intact)
                return true;
        if (!segment_frame(job->catalog, true, job->segment, record, frame, &unread)) {
                job->unread++;
                return true;
        }
        job->count++;
        job->ok = job->count < FRAMES_AT_ONCE || flush_frames(job);
        return job->ok;
}

static void tell(const struct job *job, const char *path, const struct segment_walk *walk)
{
        int64_t tail = walk->file_bytes - walk->end;
        if (walk->broken > 0 || job->unread > 0)
                log_warn("recover", "broken", "path=\"%s\" stretches=%" PRId64 " unread=%" PRId64,
                         path, walk->broken, job->unread);
        if (tail > 0)
                log_warn("recover", "tail-cut",
                         "path=\"%s\" at=%" PRId64 " bytes=%" PRId64
                         " why=\"cut short; it was never acknowledged\"",
                         path, walk->end, tail);
}

/* Nothing is done to the file; whatever it was, the next start may find it over. */
static bool leave(struct job *job, const char *path, const struct error *why)
{
        log_error("recover", "left", "path=\"%s\" why=\"%s\"", path, why->text);
        job->result.left++;
        return true;
}

/* Its records, made durable: when their senders come again, these are what is kept of them. False
 * when the file cannot be read, with why, or the catalog fails, which job->ok says. */
static bool read_tail(struct job *job, int fd, struct segment *segment, struct segment_walk *walk,
                      struct error *why)
{
        struct segment_visit visit = {segment->committed, true, take_record, job};
        return segment_walk(fd, &visit, walk, why) && job->ok &&
               (walk->end == segment->committed || disk_sync(fd) == 0 || error_sys(why, "sync"));
}

/* The tail of an open file, whose frames are added in one transaction. *whole_out: it was read. */
static bool take_tail(struct job *job, int fd, const char *path, struct segment *segment,
                      bool *whole_out)
{
        struct segment_walk walk;
        struct error why = {0};
        job->segment = segment;
        job->count = 0;
        job->unread = 0;
        job->ok = true;
        /* Not durably: if a power cut undoes it, the records are behind the committed length as
         * they are now, and found again. */
        if (!catalog_begin(job->catalog, job->err))
                return false;
        *whole_out = read_tail(job, fd, segment, &walk, &why);
        if (!*whole_out && job->ok) {
                catalog_rollback(job->catalog);
                return leave(job, path, &why);
        }
        if (!job->ok || !flush_frames(job) ||
            !catalog_segment_commit(job->catalog, segment->id, walk.end, job->err) ||
            !catalog_commit(job->catalog, job->err)) {
                catalog_rollback(job->catalog);
                if (job->err->kind != ERROR_CONFLICT)
                        return error_prefix(job->err, "%s", path);
                /* The catalog is fine and takes no frame of this kind. */
                why = *job->err;
                *job->err = (struct error){0};
                *whole_out = false;
                return leave(job, path, &why);
        }
        tell(job, path, &walk);
        segment->committed = walk.end;
        job->result.broken += walk.broken + job->unread;
        if (walk.file_bytes > walk.end) {
                job->result.cut++;
                job->result.cut_bytes += walk.file_bytes - walk.end;
        }
        return true;
}

static bool end_segment(struct job *job, const struct segment *segment, enum segment_state state)
{
        return catalog_segment_end(job->catalog, segment->id, state, job->err);
}

/* Cuts a torn tail off, and lets the store go on with the file. */
static bool hand_on(struct job *job, int fd, const char *path, const struct segment *segment)
{
        struct error why = {0};
        if (ftruncate(fd, segment->committed) < 0) {
                error_sys(&why, "cut off its end");
                return leave(job, path, &why);
        }
        if (job->store == NULL || frame_store_adopt(job->store, segment, &why))
                return true;
        log_info("recover", "not-continued", "path=\"%s\" why=\"%s\"", path, why.text);
        return end_segment(job, segment, SEGMENT_CLOSED);
}

/* Not there: removed, if the camera's folder is there; else a disk may not be mounted yet. */
static bool miss(struct job *job, const char *path, const struct segment *segment)
{
        char camera[PATH_MAX];
        struct error why = {0};
        snprintf(camera, sizeof camera, "%s/frames/%s", job->data_directory, segment->directory);
        if (access(camera, F_OK) < 0) {
                error_sys(&why, "%s", camera);
                return leave(job, path, &why);
        }
        job->result.missing++;
        if (segment->committed > 0)
                log_error("recover", "missing", "path=\"%s\" bytes=%" PRId64, path,
                          segment->committed);
        return end_segment(job, segment, SEGMENT_BROKEN);
}

static bool recover_segment(struct job *job, struct segment *segment)
{
        struct error why = {0};
        bool whole = true;
        char below[SEGMENT_PATH_SIZE];
        char path[PATH_MAX];
        segment_path(segment, below);
        snprintf(path, sizeof path, "%s/frames/%s", job->data_directory, below);
        job->result.segments++;
        int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT)
                return miss(job, path, segment);
        if (fd < 0) {
                error_sys(&why, "open");
                return leave(job, path, &why);
        }
        off_t size = lseek(fd, 0, SEEK_END);
        bool ok;
        if (size < segment->committed) {
                log_error("recover", "too-short", "path=\"%s\" bytes=%" PRId64 " expected=%" PRId64,
                          path, (int64_t)size, segment->committed);
                job->result.broken++;
                ok = end_segment(job, segment, SEGMENT_BROKEN);
        } else {
                ok = (size == segment->committed || take_tail(job, fd, path, segment, &whole)) &&
                     (!whole || hand_on(job, fd, path, segment));
        }
        close(fd);
        return ok;
}

/* Before a new file can get the name of one. What cannot be removed now is so by the keeper. */
static void remove_emptied(const struct job *job)
{
        struct error err;
        bool found = true;
        int64_t freed;
        while (found) {
                if (!emptied_remove_one(job->data_directory, job->catalog, &found, &freed, &err)) {
                        log_error("recover", "not-removed", "why=\"%s\"", err.text);
                        return;
                }
        }
}

bool recover(const char *data_directory, struct catalog *catalog, struct frame_store *store,
             struct recovery *recovery_out, struct error *err)
{
        struct todo todo = {0};
        struct job *job = calloc(1, sizeof *job);
        if (job == NULL)
                return error_set(err, ERROR_FULL, "no memory for recovery");
        job->data_directory = data_directory;
        job->catalog = catalog;
        job->store = store;
        job->err = err;
        remove_emptied(job);
        bool ok = recover_begun(job) && catalog_segments(catalog, true, add_open, &todo, err);
        if (ok && todo.failed)
                ok = error_set(err, ERROR_FULL, "no memory for recovery");
        /* The newest first: of two files of one hour it is the one to go on with. */
        for (size_t i = todo.count; ok && i > 0; i--)
                ok = recover_segment(job, &todo.items[i - 1]);
        if (ok)
                *recovery_out = job->result;
        free(todo.items);
        free(job);
        return ok;
}
