/* GET /activity: what happened in each bucket of time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "query/event_filter.h"
#include "serve/calls.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { ACTIVITY_BYTES_MOST = 32 << 20, BUCKET_DEFAULT = 60, BUCKET_MAX = 366 * 86400 };

struct activity_query {
        struct utc from;
        struct utc to;
        struct utc origin;
        int64_t bucket_s;
};

static bool write_bucket(void *context, const struct activity *activity)
{
        struct json *json = context;
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

static bool write_camera(struct json *json, struct catalog *catalog, const struct camera *camera,
                         const struct activity_query *query, struct error *err)
{
        struct utc from = query->from;
        struct utc to = query->to;
        if (!utc_known(from))
                from = camera->has_frames ? camera->first.time : (struct utc){0};
        if (!utc_known(to))
                to = camera->has_frames ? camera->last.time : (struct utc){0};
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
                    catalog_activity(catalog, &stretch, &buckets, write_bucket, json, err);
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

/* The cameras asked for, by the same rules as for events. */
static bool plan_open(const struct request *request, struct catalog *catalog,
                      struct event_plan *plan, struct error *err)
{
        struct event_filter filter;
        event_filter_init(&filter);
        for (size_t i = 0; i < request->parameter_count; i++) {
                const struct query_parameter *parameter = &request->parameters[i];
                if (strcmp(parameter->name, "camera") == 0 && parameter->value[0] != '\0' &&
                    !event_filter_set(&filter, "camera", parameter->value, err))
                        return false;
        }
        return event_plan_open(plan, catalog, &filter, err);
}

static bool write_activity(struct request *request, struct json *json, struct catalog *catalog,
                           struct error *err)
{
        struct activity_query query;
        struct event_plan plan;
        if (!read_query(request, &query, err) || !plan_open(request, catalog, &plan, err))
                return false;
        bool fine = true;
        json_open_object(json);
        json_name(json, "activity");
        json_open_array(json);
        for (size_t i = 0; fine && i < plan.query.camera_count; i++)
                fine = write_camera(json, catalog, &plan.query.cameras[i], &query, err);
        json_close_array(json);
        json_close_object(json);
        event_plan_close(&plan);
        return fine;
}

bool call_activity(struct request *request, struct error *err)
{
        return reply_catalog_json(request, ACTIVITY_BYTES_MOST, write_activity, err);
}
