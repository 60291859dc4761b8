/* GET /activity: what happened in each bucket of time. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "serve/calls.h"
#include "serve/cameras_asked.h"
#include "serve/reply.h"
#include "serve/server.h"

enum {
        ACTIVITY_BYTES_MOST = 32 << 20,
        BUCKET_DEFAULT = 60,
        BUCKET_MAX = 366 * 86400,
        BUCKETS_MOST = 200000, /* of all cameras together */
        FRAMES_SPAN_MOST_S = 6 * 3600,
};

struct activity_query {
        struct utc from;
        struct utc to;
        struct utc origin;
        int64_t bucket_s;
};

struct writing {
        struct json *json;
        int64_t room; /* for so many buckets */
};

static bool write_bucket(void *context, const struct activity *activity)
{
        struct writing *writing = context;
        struct json *json = writing->json;
        if (writing->room-- <= 0)
                return false;
        json_open_object(json);
        json_add_utc(json, "start", activity->start);
        json_add_int(json, "frames", activity->frames);
        json_add_int(json, "motion_frames", activity->motion_frames);
        json_add_int(json, "bytes", activity->bytes);
        json_name(json, "windows");
        json_open_object(json);
        for (int i = 0; i < ACTIVITY_WINDOWS; i++) {
                char number[12];
                if (activity->windows[i] == 0)
                        continue;
                snprintf(number, sizeof number, "%d", i + 1);
                json_add_int(json, number, activity->windows[i]);
        }
        json_close_object(json);
        json_close_object(json);
        return text_ok(json->text);
}

/* Buckets that are not of whole minutes are counted from the frames themselves: such an answer must
 * not cost as much as somebody likes. */
static bool check_span(const struct activity_query *query, struct utc from, struct utc to,
                       struct error *err)
{
        bool minutes = query->bucket_s % 60 == 0 && query->origin.ms % 60000 == 0;
        if (minutes || to.ms - from.ms <= FRAMES_SPAN_MOST_S * INT64_C(1000))
                return true;
        return error_set(err, ERROR_INPUT,
                         "bucket: one that is not of whole minutes is answered for %d hours at "
                         "most; choose a shorter range, or 60 and an origin at a whole minute",
                         FRAMES_SPAN_MOST_S / 3600);
}

static bool write_camera(struct writing *writing, struct catalog *catalog,
                         const struct camera *camera, const struct activity_query *query,
                         struct error *err)
{
        struct json *json = writing->json;
        struct utc from = query->from;
        struct utc to = query->to;
        if (!utc_known(from))
                from = camera->has_frames ? camera->first.time : (struct utc){0};
        if (!utc_known(to))
                to = camera->has_frames ? camera->last.time : (struct utc){0};
        if (!check_span(query, from, to, err))
                return false;
        json_open_object(json);
        json_add_string(json, "camera", camera->name);
        json_add_utc(json, "from", from);
        json_add_utc(json, "to", to);
        json_add_int(json, "bucket", query->bucket_s);
        json_name(json, "buckets");
        json_open_array(json);
        struct stretch stretch = {camera->id, from, to};
        struct buckets buckets = {query->origin, query->bucket_s * 1000};
        bool fine = from.ms > to.ms ||
                    catalog_activity(catalog, &stretch, &buckets, write_bucket, writing, err);
        if (fine && writing->room < 0)
                fine = error_set(err, ERROR_INPUT,
                                 "bucket: this would answer more than %d buckets; choose a larger "
                                 "bucket, a shorter range or fewer cameras",
                                 BUCKETS_MOST);
        json_close_array(json);
        json_close_object(json);
        return fine;
}

static bool read_query(const struct request *request, struct activity_query *query,
                       struct error *err)
{
        static const int64_t buckets[2] = {1, BUCKET_MAX};
        if (!request_time(request, "from", &query->from, err) ||
            !request_time(request, "to", &query->to, err) ||
            !request_time(request, "origin", &query->origin, err) ||
            !request_number(request, "bucket", buckets, BUCKET_DEFAULT, &query->bucket_s, err))
                return false;
        if (!utc_known(query->origin))
                query->origin.ms = 0;
        return true;
}

static bool write_activity(struct request *request, struct json *json, struct catalog *catalog,
                           struct error *err)
{
        struct activity_query query;
        struct event_plan plan;
        if (!read_query(request, &query, err) || !cameras_asked_open(request, catalog, &plan, err))
                return false;
        struct writing writing = {json, BUCKETS_MOST};
        bool fine = true;
        json_open_object(json);
        json_name(json, "activity");
        json_open_array(json);
        for (size_t i = 0; fine && i < plan.query.camera_count; i++)
                fine = write_camera(&writing, catalog, &plan.query.cameras[i], &query, err);
        json_close_array(json);
        json_close_object(json);
        event_plan_close(&plan);
        return fine;
}

bool call_activity(struct request *request, struct error *err)
{
        return reply_catalog_json(request, ACTIVITY_BYTES_MOST, write_activity, err);
}
