#include "serve/range.h"

#include <inttypes.h>
#include <stdio.h>

#include "serve/server.h"

static bool count(struct range *range, struct catalog *catalog, int64_t *frames_out,
                  int64_t *bytes_out, struct error *err)
{
        *frames_out = 0;
        *bytes_out = 0;
        struct stretch stretch = {range->camera.id, range->from, range->to};
        return range->from.ms > range->to.ms ||
               catalog_frames_count(catalog, &stretch, frames_out, bytes_out, err);
}

/* Of a range whose limits are set. */
static bool set_camera(struct range *range, struct catalog *catalog, const struct camera *camera,
                       struct error *err)
{
        range->camera = *camera;
        if (camera->has_frames && camera->last.time.ms < range->to.ms)
                range->to = camera->last.time;
        if (!count(range, catalog, &range->frames, &range->bytes, err))
                return false;
        range_rewind(range);
        return true;
}

bool range_open(struct range *range, struct request *request, struct error *err)
{
        *range = (struct range){.readers = request->server->readers};
        struct catalog *catalog;
        struct camera camera;
        if (!request_time(request, "from", &range->from, err) ||
            !request_time(request, "to", &range->to, err) ||
            !request_reader(request, &catalog, err) || !catalog_read_begin(catalog, err))
                return false;
        bool fine =
                request_camera(request, &camera, err) && set_camera(range, catalog, &camera, err);
        catalog_read_end(catalog);
        return fine;
}

bool range_begin(struct range *range, struct reader_pool *readers, struct catalog *catalog,
                 const struct stretch *stretch, struct error *err)
{
        struct camera camera;
        *range = (struct range){.readers = readers, .from = stretch->from, .to = stretch->to};
        return catalog_camera_by_id(catalog, stretch->camera, &camera, err) &&
               set_camera(range, catalog, &camera, err);
}

void range_rewind(struct range *range)
{
        range->begun = false;
        range->ended = range->bytes == 0;
}

/* Counting a long range costs what its minutes cost, so it is done only when the camera's own sums
 * say that something came or went. */
static bool check_unchanged(struct range *range, struct catalog *catalog, struct error *err)
{
        struct camera camera;
        int64_t frames;
        int64_t bytes;
        if (!catalog_camera_by_id(catalog, range->camera.id, &camera, err))
                return false;
        if (camera.frames == range->camera.frames && camera.bytes == range->camera.bytes)
                return true;
        if (!count(range, catalog, &frames, &bytes, err))
                return false;
        if (frames != range->frames || bytes != range->bytes)
                return error_set(err, ERROR_CONFLICT,
                                 "frames of the range were added or deleted meanwhile");
        range->camera = camera;
        return true;
}

static bool read_page(struct range *range, struct catalog *catalog, struct frame *frames,
                      size_t room, size_t *count_out, struct error *err)
{
        struct frame_cursor *cursor;
        if (!check_unchanged(range, catalog, err))
                return false;
        struct stretch stretch = {range->camera.id, range->from, range->to};
        if (!catalog_frames_open(catalog, &stretch, range->begun ? &range->last : NULL, &cursor,
                                 err))
                return false;
        struct error cause = {.kind = ERROR_NONE};
        const struct frame *frame;
        size_t used = 0;
        while (used < room) {
                if (!frame_cursor_next(cursor, &frame, &cause)) {
                        range->ended = true;
                        break;
                }
                range->begun = true;
                range->last = frame->key;
                if (frame->bytes > 0)
                        frames[used++] = *frame;
        }
        frame_cursor_close(&cursor);
        if (cause.kind != ERROR_NONE)
                return error_set(err, cause.kind, "%s", cause.text);
        *count_out = used;
        return true;
}

bool range_page(struct range *range, struct frame *frames, size_t room, size_t *count_out,
                struct error *err)
{
        struct catalog *catalog;
        *count_out = 0;
        if (range->ended)
                return true;
        if (!reader_take(range->readers, &catalog, err))
                return false;
        bool fine = catalog_read_begin(catalog, err);
        if (fine) {
                fine = read_page(range, catalog, frames, room, count_out, err);
                catalog_read_end(catalog);
        }
        reader_give(range->readers, &catalog);
        return fine;
}

void range_etag(const struct range *range, char out[static RANGE_ETAG_SIZE])
{
        snprintf(out, RANGE_ETAG_SIZE,
                 "\"%" PRId32 "-%" PRId64 "-%" PRId64 "-%" PRId64 "-%" PRId64 "\"",
                 range->camera.id.value, range->from.ms, range->to.ms, range->frames, range->bytes);
}
