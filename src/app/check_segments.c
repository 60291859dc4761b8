#include "app/check_segments.h"

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

#include "app/hour_tree.h"
#include "app/repeats.h"
#include "app/segment_frames.h"
#include "catalog/deletions.h"
#include "store/segment.h"

/* A file begun so lately may be on its way into the catalog. */
enum { YOUNG_MS = 60 * 1000 };

struct kept_frame {
        struct frame frame;
        bool met;     /* its record was seen */
        bool purging; /* deleted, and its record may be gone */
};

struct check {
        const char *data_directory;
        struct catalog *catalog;
        struct segment_check *to;
        struct error *err;
        bool ok;

        /* Of the segment being looked at. */
        struct segment segment;
        char path[SEGMENT_PATH_SIZE];
        struct kept_frame *frames; /* by offset */
        size_t count, room;
};

static void tell(struct check *check, const char *format, ...) PRINTF_LIKE(2, 3);

static void tell(struct check *check, const char *format, ...)
{
        char sentence[512];
        va_list args;
        va_start(args, format);
        vsnprintf(sentence, sizeof sentence, format, args);
        va_end(args);
        check->to->differences++;
        check->to->difference(check->to->context, sentence);
}

static bool no_memory(struct check *check)
{
        check->ok = error_set(check->err, ERROR_FULL, "no memory to check hour files");
        return false;
}

/* ---- frames of a segment ---- */

static bool keep(struct check *check, const struct frame *frame, bool purging)
{
        if (check->count == check->room) {
                size_t room = check->room > 0 ? check->room * 2 : 1024;
                struct kept_frame *grown = reallocarray(check->frames, room, sizeof *grown);
                if (grown == NULL)
                        return no_memory(check);
                check->frames = grown;
                check->room = room;
        }
        check->frames[check->count++] = (struct kept_frame){.frame = *frame, .purging = purging};
        return true;
}

static bool keep_frame(void *context, const struct frame *frame)
{
        return keep(context, frame, false);
}

static bool keep_deleted(void *context, const struct frame *frame, bool purging)
{
        return keep(context, frame, purging);
}

static int by_offset(const void *a, const void *b)
{
        int64_t left = ((const struct kept_frame *)a)->frame.place.offset;
        int64_t right = ((const struct kept_frame *)b)->frame.place.offset;
        return left < right ? -1 : left > right;
}

static struct kept_frame *find_frame(struct check *check, int64_t offset)
{
        struct kept_frame key = {.frame = {.place = {.offset = offset}}};
        return check->count == 0 ? NULL
                                 : bsearch(&key, check->frames, check->count, sizeof *check->frames,
                                           by_offset);
}

/* ---- records ---- */

static void compare_number(struct check *check, const char *id, const char *what, int64_t record,
                           int64_t frame)
{
        if (record != frame)
                tell(check,
                     "frames: frame %s: %s is %" PRId64 " in %s, but %" PRId64 " in the catalog",
                     id, what, record, check->path, frame);
}

static void compare(struct check *check, const struct frame *record, const struct frame *frame)
{
        char id[FRAME_ID_SIZE];
        frame_id_format(&frame->key, id);
        compare_number(check, id, "time", record->key.time.ms, frame->key.time.ms);
        compare_number(check, id, "receive time", record->received.ms, frame->received.ms);
        compare_number(check, id, "sequence", record->sequence, frame->sequence);
        compare_number(check, id, "kinds", (int64_t)record->kinds, (int64_t)frame->kinds);
        compare_number(check, id, "windows", (int64_t)record->windows, (int64_t)frame->windows);
        compare_number(check, id, "trigger", record->has_trigger ? record->trigger : INT32_MIN,
                       frame->has_trigger ? frame->trigger : INT32_MIN);
        compare_number(check, id, "width", record->width, frame->width);
        compare_number(check, id, "height", record->height, frame->height);
        compare_number(check, id, "length", record->bytes, frame->bytes);
        compare_number(check, id, "time source", record->time_source, frame->time_source);
}

/* A record that no frame has: its room was to be given back, as the frame came twice. */
static bool is_repeat(struct check *check, const struct segment_record *record)
{
        struct frame frame;
        struct error unread = {0};
        bool known = false;
        if (segment_frame(check->catalog, false, &check->segment, record, &frame, &unread) &&
            !catalog_is_repeat(check->catalog, &frame, &known, check->err)) {
                check->ok = false;
                return false;
        }
        if (!known)
                tell(check, "hour files: the picture at %" PRId64 " of %s is not in the catalog",
                     record->picture_offset, check->path);
        return true;
}

static bool check_record(void *context, const struct segment_record *record, bool intact)
{
        struct check *check = context;
        struct frame frame;
        struct error unread = {0};
        if (record->offset >= check->segment.committed)
                return false; /* not yet in the catalog, or never to be */
        if (!intact)
                tell(check, "hour files: the picture at %" PRId64 " of %s is damaged",
                     record->picture_offset, check->path);
        struct kept_frame *kept = find_frame(check, record->picture_offset);
        if (kept == NULL)
                return is_repeat(check, record);
        kept->met = true;
        if (segment_frame(check->catalog, false, &check->segment, record, &frame, &unread))
                compare(check, &frame, &kept->frame);
        else
                tell(check, "hour files: the record at %" PRId64 " of %s: %s", record->offset,
                     check->path, unread.text);
        return true;
}

static void tell_unmet(struct check *check)
{
        for (size_t i = 0; i < check->count; i++) {
                char id[FRAME_ID_SIZE];
                if (check->frames[i].met || check->frames[i].purging)
                        continue;
                frame_id_format(&check->frames[i].frame.key, id);
                tell(check, "frames: frame %s has no record at %" PRId64 " of %s", id,
                     check->frames[i].frame.place.offset, check->path);
        }
}

static bool check_records(struct check *check, int fd)
{
        struct segment_walk walk = {0};
        struct segment_visit visit = {0, !check->to->fast, check_record, check};
        if (!segment_walk(fd, &visit, &walk, check->err))
                return error_prefix(check->err, "%s", check->path);
        if (check->ok)
                tell_unmet(check);
        return check->ok;
}

/* ---- segments ---- */

static bool load_frames(struct check *check)
{
        check->count = 0;
        if (!catalog_segment_frames(check->catalog, &check->segment, keep_frame, check,
                                    check->err) ||
            !catalog_segment_deleted(check->catalog, &check->segment, keep_deleted, check,
                                     check->err) ||
            !check->ok)
                return false;
        if (check->count > 1)
                qsort(check->frames, check->count, sizeof *check->frames, by_offset);
        return true;
}

/* It held nothing, or all that was in it is being purged. */
static bool may_be_gone(const struct check *check)
{
        for (size_t i = 0; i < check->count; i++) {
                if (!check->frames[i].purging)
                        return false;
        }
        return check->segment.state == SEGMENT_EMPTY || check->segment.committed == 0 ||
               check->count > 0;
}

static bool check_file(struct check *check)
{
        char whole[PATH_MAX];
        struct stat status;
        snprintf(whole, sizeof whole, "%s/frames/%s", check->data_directory, check->path);
        int fd = open(whole, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno != ENOENT)
                return error_sys(check->err, "open %s", whole);
        if (fd < 0) {
                if (!may_be_gone(check))
                        tell(check, "hour files: %s is missing; it has %zu frames", check->path,
                             check->count);
                return true;
        }
        bool ok = fstat(fd, &status) == 0 || error_sys(check->err, "stat %s", whole);
        if (ok && status.st_size < check->segment.committed)
                tell(check, "hour files: %s has %" PRId64 " bytes and should have %" PRId64,
                     check->path, (int64_t)status.st_size, check->segment.committed);
        ok = ok && check_records(check, fd);
        close(fd);
        return ok;
}

static bool check_segment(void *context, const struct segment *segment)
{
        struct check *check = context;
        check->segment = *segment;
        segment_path(segment, check->path);
        check->ok = load_frames(check) && check_file(check);
        return check->ok;
}

/* ---- files that nobody knows ---- */

static bool check_known(void *context, const struct segment *file)
{
        struct check *check = context;
        struct camera camera;
        struct segment segment;
        struct stat status;
        struct error missing = {0};
        char whole[PATH_MAX];
        segment_path(file, check->path);
        if (catalog_camera_by_directory(check->catalog, file->directory, &camera, &missing) &&
            catalog_segment_find(check->catalog, camera.id, file->hour, file->number, &segment,
                                 &missing))
                return true;
        if (missing.kind != ERROR_NOT_FOUND) {
                *check->err = missing;
                check->ok = false;
                return false;
        }
        snprintf(whole, sizeof whole, "%s/frames/%s", check->data_directory, check->path);
        if (stat(whole, &status) < 0 || status.st_size == 0 ||
            utc_now().ms - (int64_t)status.st_mtim.tv_sec * 1000 < YOUNG_MS)
                return true;
        tell(check,
             "hour files: %s is not in the catalog; `cctvweb reindex` takes it in with all others",
             check->path);
        return true;
}

static void tell_other(void *context, const char *path)
{
        tell(context, "hour files: frames/%.200s is none", path);
}

bool check_segments(const char *data_directory, struct catalog *catalog, struct segment_check *to,
                    struct error *err)
{
        struct check check = {.data_directory = data_directory,
                              .catalog = catalog,
                              .to = to,
                              .err = err,
                              .ok = true};
        catalog_compare_by(catalog, repeat_is, (void *)data_directory);
        bool ok = catalog_segments(catalog, false, check_segment, &check, err) && check.ok &&
                  hour_tree(data_directory, check_known, tell_other, &check, err) && check.ok;
        catalog_compare_by(catalog, NULL, NULL);
        free(check.frames);
        return ok;
}
