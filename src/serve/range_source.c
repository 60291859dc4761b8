#include "serve/range_source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "query/answer.h"
#include "serve/frame_open.h"
#include "serve/kept_hour.h"
#include "serve/range.h"
#include "store/segment.h"

struct part {
        struct range range;
        struct stretch asked;
        struct export_camera *camera;
};

struct range_source {
        struct range_source_config config; /* its stretches are not used after the start */
        struct export_source frames;
        struct export_camera *cameras; /* one a stretch at most; they stay where they are */
        size_t camera_count;
        struct part *parts;
        size_t part_count;
        size_t at;
        struct kept_hour hour;
};

/* ---- pages ---- */

static const struct export_camera *camera_of(void *context, size_t stretch)
{
        const struct range_source *source = context;
        return source->parts[stretch].camera;
}

static const struct stretch *stretch_of(void *context, size_t stretch)
{
        const struct range_source *source = context;
        return &source->parts[stretch].asked;
}

static void rewind_all(void *context)
{
        struct range_source *source = context;
        for (size_t i = 0; i < source->part_count; i++)
                range_rewind(&source->parts[i].range);
        source->at = 0;
}

static bool read_page(void *context, struct frame *frames, size_t room, size_t *count_out,
                      size_t *stretch_out, struct error *err)
{
        struct range_source *source = context;
        *count_out = 0;
        while (source->at < source->part_count) {
                if (!range_page(&source->parts[source->at].range, frames, room, count_out, err))
                        return false;
                *stretch_out = source->at;
                if (*count_out > 0)
                        return true;
                source->at++;
        }
        return true;
}

/* ---- bytes ---- */

static bool open_frame(void *context, const struct frame *frame, struct extent *extent_out,
                       struct error *err)
{
        struct range_source *source = context;
        struct catalog *catalog;
        if (kept_hour_open(&source->hour, frame, extent_out))
                return true;
        if (!reader_take(source->config.readers, &catalog, err))
                return false;
        bool fine = frame_open(catalog, source->config.data_directory, frame, extent_out, err);
        reader_give(source->config.readers, &catalog);
        if (fine)
                kept_hour_keep(&source->hour, frame, extent_out);
        return fine;
}

/* ---- what is known of a frame ---- */

/* A record that cannot be read names nothing; the picture may still be whole. */
static bool add_record_path(struct range_source *source, const struct frame *frame,
                            struct text *path, struct error *err)
{
        uint8_t before[SEGMENT_PREFIX + SEGMENT_HEADER_MAX];
        int64_t at = frame->place.offset;
        size_t length = at < (int64_t)sizeof before ? (size_t)at : sizeof before;
        struct segment_record record;
        struct extent extent;
        if (source->config.record_path == NULL)
                return true;
        if (!open_frame(source, frame, &extent, err))
                return false;
        if (pread(extent.fd, before, length, at - (int64_t)length) == (ssize_t)length &&
            segment_header_before(before, length, at, &record))
                source->config.record_path(record.facts, record.facts_length, path);
        close(extent.fd);
        return true;
}

static bool describe(void *context, const struct frame *frame, struct json *kinds,
                     struct text *path, struct error *err)
{
        struct range_source *source = context;
        struct catalog *catalog;
        const char *folder;
        bool fine = true;
        if (!reader_take(source->config.readers, &catalog, err))
                return false;
        answer_kinds(kinds, catalog, frame->kinds);
        if (frame->place.folder.value != 0) {
                fine = catalog_folder_path(catalog, frame->place.folder, &folder, err);
                if (fine)
                        text_add_format(path, "%s/%s", folder, frame->place.name);
        }
        reader_give(source->config.readers, &catalog);
        return fine &&
               (frame->place.segment.value == 0 || add_record_path(source, frame, path, err));
}

/* ---- life ---- */

static int by_camera(const void *one, const void *other)
{
        const struct stretch *a = one;
        const struct stretch *b = other;
        if (a->camera.value != b->camera.value)
                return a->camera.value < b->camera.value ? -1 : 1;
        return (a->from.ms > b->from.ms) - (a->from.ms < b->from.ms);
}

static int by_time(const void *one, const void *other)
{
        const struct stretch *a = one;
        const struct stretch *b = other;
        if (a->from.ms != b->from.ms)
                return a->from.ms < b->from.ms ? -1 : 1;
        return (a->camera.value > b->camera.value) - (a->camera.value < b->camera.value);
}

/* Joins those that overlap or touch, and puts them in order of time; returns how many there are.
 * Those that are empty go. */
static size_t put_in_order(struct stretch *stretches, size_t count)
{
        size_t used = 0;
        qsort(stretches, count, sizeof *stretches, by_camera);
        for (size_t i = 0; i < count; i++) {
                struct stretch *last = used > 0 ? &stretches[used - 1] : NULL;
                const struct stretch *next = &stretches[i];
                if (next->from.ms > next->to.ms)
                        continue;
                if (last != NULL && last->camera.value == next->camera.value &&
                    next->from.ms - 1 <= last->to.ms) {
                        if (next->to.ms > last->to.ms)
                                last->to = next->to;
                        continue;
                }
                stretches[used++] = *next;
        }
        qsort(stretches, used, sizeof *stretches, by_time);
        return used;
}

static bool find_camera(struct range_source *source, const struct camera *camera,
                        struct export_camera **camera_out, struct error *err)
{
        for (size_t i = 0; i < source->camera_count; i++) {
                if (source->cameras[i].camera.id.value == camera->id.value) {
                        *camera_out = &source->cameras[i];
                        return true;
                }
        }
        struct export_camera *new = &source->cameras[source->camera_count];
        new->camera = *camera;
        if (!zone_load(camera->zone, &new->zone, err))
                return error_prefix(err, "camera %s", camera->name);
        source->camera_count++;
        *camera_out = new;
        return true;
}

static bool begin_parts(struct range_source *source, struct catalog *catalog, struct error *err)
{
        for (size_t i = 0; i < source->part_count; i++) {
                struct part *part = &source->parts[i];
                if (!range_begin(&part->range, source->config.readers, catalog, &part->asked,
                                 err) ||
                    !find_camera(source, &part->range.camera, &part->camera, err))
                        return false;
                source->frames.frames += part->range.frames;
                source->frames.bytes += part->range.bytes;
        }
        return true;
}

static bool open_parts(struct range_source *source, struct error *err)
{
        struct catalog *catalog;
        size_t count = source->config.count;
        struct stretch *stretches = reallocarray(NULL, count + 1, sizeof *stretches);
        if (stretches != NULL && count > 0) {
                memcpy(stretches, source->config.stretches, count * sizeof *stretches);
                count = put_in_order(stretches, count);
        }
        source->parts = calloc(count + 1, sizeof *source->parts);
        source->cameras = calloc(count + 1, sizeof *source->cameras);
        if (stretches == NULL || source->parts == NULL || source->cameras == NULL) {
                free(stretches);
                return error_set(err, ERROR_FULL, "no memory for an export");
        }
        for (size_t i = 0; i < count; i++)
                source->parts[i].asked = stretches[i];
        free(stretches);
        source->part_count = count;
        source->frames.stretches = count;
        if (!reader_take(source->config.readers, &catalog, err))
                return false;
        bool fine = catalog_read_begin(catalog, err);
        if (fine) {
                fine = begin_parts(source, catalog, err);
                catalog_read_end(catalog);
        }
        reader_give(source->config.readers, &catalog);
        return fine;
}

bool range_source_create(const struct range_source_config *config, struct range_source **source_out,
                         struct error *err)
{
        struct range_source *source = calloc(1, sizeof *source);
        if (source == NULL)
                return error_set(err, ERROR_FULL, "no memory for an export");
        source->config = *config;
        source->frames = (struct export_source){
                .context = source,
                .camera = camera_of,
                .stretch = stretch_of,
                .rewind = rewind_all,
                .page = read_page,
                .open = open_frame,
                .describe = describe,
        };
        if (!open_parts(source, err)) {
                range_source_destroy(&source);
                return false;
        }
        *source_out = source;
        return true;
}

const struct export_source *range_source_frames(const struct range_source *source)
{
        return &source->frames;
}

void range_source_destroy(struct range_source **source)
{
        struct range_source *gone = *source;
        if (gone == NULL)
                return;
        kept_hour_close(&gone->hour);
        for (size_t i = 0; i < gone->camera_count; i++)
                zone_free(&gone->cameras[i].zone);
        free(gone->cameras);
        free(gone->parts);
        free(gone);
        *source = NULL;
}
