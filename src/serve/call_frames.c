/* GET /frames: the frames of a camera in order of time, page by page. */
#include <string.h>

#include "base/json.h"
#include "query/answer.h"
#include "serve/calls.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { FRAMES_LIMIT_DEFAULT = 100, FRAMES_LIMIT_MAX = 1000, FRAMES_BYTES_MOST = 8 << 20 };

struct frames_query {
        struct camera camera;
        struct utc from;
        struct utc to;
        int64_t limit;
        bool has_after;
        struct frame_key after;
};

static bool read_query(struct request *request, struct frames_query *query, struct error *err)
{
        static const int64_t limits[2] = {1, FRAMES_LIMIT_MAX};
        *query = (struct frames_query){0};
        if (!request_time(request, "from", &query->from, err) ||
            !request_time(request, "to", &query->to, err) ||
            !request_number(request, "limit", limits, FRAMES_LIMIT_DEFAULT, &query->limit, err) ||
            !request_camera(request, &query->camera, err))
                return false;
        if (!utc_known(query->from))
                query->from.ms = UTC_MIN_MS;
        if (!utc_known(query->to))
                query->to.ms = UTC_MAX_MS;
        const char *cursor = request_parameter(request, "cursor");
        if (cursor == NULL || cursor[0] == '\0')
                return true;
        struct error cause;
        query->has_after = frame_id_parse(cursor, strlen(cursor), &query->after, &cause) &&
                           query->after.camera.value == query->camera.id.value;
        if (!query->has_after)
                return error_set(err, ERROR_INPUT,
                                 "cursor: wanted is the `next` of a page of the same camera");
        return true;
}

/* Writes up to the limit; *more_out says whether there is another one behind. */
static bool write_frames(struct json *json, struct catalog *catalog,
                         const struct frames_query *query, struct frame_key *last_out,
                         bool *more_out, struct error *err)
{
        struct frame_cursor *cursor;
        struct stretch stretch = {query->camera.id, query->from, query->to};
        if (!catalog_frames_open(catalog, &stretch, query->has_after ? &query->after : NULL,
                                 &cursor, err))
                return false;
        const struct frame *frame;
        struct error cause = {.kind = ERROR_NONE};
        bool fine = true;
        *more_out = false;
        for (int64_t count = 0; fine && frame_cursor_next(cursor, &frame, &cause); count++) {
                if (count == query->limit) {
                        *more_out = true;
                        break;
                }
                *last_out = frame->key;
                fine = answer_frame(json, catalog, &query->camera, frame, err);
        }
        frame_cursor_close(&cursor);
        if (fine && cause.kind != ERROR_NONE)
                return error_set(err, cause.kind, "%s", cause.text);
        return fine;
}

static bool write_page(struct json *json, struct catalog *catalog, const struct frames_query *query,
                       struct error *err)
{
        int64_t total = 0;
        int64_t bytes = 0;
        struct stretch stretch = {query->camera.id, query->from, query->to};
        struct frame_key last;
        bool more;
        json_open_object(json);
        json_name(json, "frames");
        json_open_array(json);
        if (query->from.ms <= query->to.ms &&
            !catalog_frames_count(catalog, &stretch, &total, &bytes, err))
                return false;
        if (!write_frames(json, catalog, query, &last, &more, err))
                return false;
        json_close_array(json);
        json_add_int(json, "total", total);
        if (more) {
                char next[FRAME_ID_SIZE];
                frame_id_format(&last, next);
                json_add_string(json, "next", next);
        } else {
                json_add_null(json, "next");
        }
        json_close_object(json);
        return true;
}

static bool write_query(struct request *request, struct json *json, struct catalog *catalog,
                        struct error *err)
{
        struct frames_query query;
        return read_query(request, &query, err) && write_page(json, catalog, &query, err);
}

bool call_frames(struct request *request, struct error *err)
{
        return reply_catalog_json(request, FRAMES_BYTES_MOST, write_query, err);
}
