/* GET /silences: where cameras sent nothing although they usually do. GET /frames/near: what each
 * camera saw at a moment. */
#include "base/json.h"
#include "query/answer.h"
#include "query/event_filter.h"
#include "query/silence.h"
#include "serve/calls.h"
#include "serve/cameras_asked.h"
#include "serve/reply.h"

enum { SILENCES_BYTES_MOST = 16 << 20, SILENCES_DAYS_MOST = 400, NEAR_BYTES_MOST = 4 << 20 };

static bool write_silences_of(struct json *json, struct catalog *catalog,
                              const struct camera *camera, struct utc from, struct utc to,
                              struct error *err)
{
        struct stretch stretch = {camera->id, from, to};
        struct silences silences;
        if (!silences_find(catalog, &stretch, &silences, err))
                return false;
        json_open_object(json);
        json_add_string(json, "camera", camera->name);
        json_name(json, "usual");
        if (silences.usual_ms > 0)
                json_seconds(json, silences.usual_ms);
        else
                json_none(json);
        json_name(json, "silent_after");
        json_seconds(json, silences.silent_after_ms);
        json_name(json, "silences");
        json_open_array(json);
        for (size_t i = 0; i < silences.count; i++) {
                json_open_object(json);
                json_add_utc(json, "from", silences.list[i].from);
                json_add_utc(json, "to", silences.list[i].to);
                json_close_object(json);
        }
        json_close_array(json);
        json_close_object(json);
        silences_close(&silences);
        return true;
}

static bool write_silences(struct request *request, struct json *json, struct catalog *catalog,
                           struct error *err)
{
        struct utc from;
        struct utc to;
        struct event_plan plan;
        if (!request_time(request, "from", &from, err) || !request_time(request, "to", &to, err))
                return false;
        if (to.ms < from.ms || to.ms - from.ms > SILENCES_DAYS_MOST * INT64_C(86400000))
                return error_set(err, ERROR_INPUT,
                                 "to: wanted is a time after `from` and at most %d days later",
                                 SILENCES_DAYS_MOST);
        if (!cameras_asked_open(request, catalog, &plan, err))
                return false;
        bool fine = true;
        json_open_object(json);
        json_name(json, "cameras");
        json_open_array(json);
        for (size_t i = 0; fine && i < plan.query.camera_count; i++)
                fine = write_silences_of(json, catalog, &plan.query.cameras[i], from, to, err);
        json_close_array(json);
        json_close_object(json);
        event_plan_close(&plan);
        return fine;
}

bool call_silences(struct request *request, struct error *err)
{
        return reply_catalog_json(request, SILENCES_BYTES_MOST, write_silences, err);
}

/* The nearer of the frames on both sides of a time; the earlier one of two equally near. */
static bool find_near(struct catalog *catalog, const struct camera *camera, struct utc at,
                      bool *found_out, struct frame *frame_out, struct error *err)
{
        struct stretch behind = {camera->id, {at.ms + 1}, {UTC_MAX_MS}};
        struct frame_cursor *cursor;
        const struct frame *after;
        struct error cause = {0};
        *found_out = catalog_frame_before(catalog, camera->id, at, frame_out, &cause);
        if (!*found_out && cause.kind != ERROR_NOT_FOUND)
                return error_set(err, cause.kind, "%s", cause.text);
        if (!catalog_frames_open(catalog, &behind, NULL, &cursor, err))
                return false;
        cause.kind = ERROR_NONE;
        if (frame_cursor_next(cursor, &after, &cause) &&
            (!*found_out || after->key.time.ms - at.ms < at.ms - frame_out->key.time.ms)) {
                *frame_out = *after;
                *found_out = true;
        }
        frame_cursor_close(&cursor);
        if (cause.kind != ERROR_NONE)
                return error_set(err, cause.kind, "%s", cause.text);
        return true;
}

static bool write_near(struct request *request, struct json *json, struct catalog *catalog,
                       struct error *err)
{
        struct utc at;
        struct event_plan plan;
        if (!request_time(request, "at", &at, err) ||
            !cameras_asked_open(request, catalog, &plan, err))
                return false;
        bool fine = true;
        json_open_object(json);
        json_name(json, "frames");
        json_open_array(json);
        for (size_t i = 0; fine && i < plan.query.camera_count; i++) {
                const struct camera *camera = &plan.query.cameras[i];
                struct frame frame;
                bool found;
                fine = find_near(catalog, camera, at, &found, &frame, err) &&
                       (!found || answer_frame(json, catalog, camera, &frame, err));
        }
        json_close_array(json);
        json_close_object(json);
        event_plan_close(&plan);
        return fine;
}

bool call_frames_near(struct request *request, struct error *err)
{
        return reply_catalog_json(request, NEAR_BYTES_MOST, write_near, err);
}
