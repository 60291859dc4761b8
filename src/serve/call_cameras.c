/* GET /cameras, /cameras/{name}. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "query/answer.h"
#include "serve/calls.h"
#include "serve/list_page.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { CAMERAS_BYTES_MOST = 64 << 20 };

/* All cameras are read first: a handle answers one question at a time. */
struct gathered {
        struct camera *cameras;
        size_t count;
        size_t room;
        bool failed;
};

static bool gather(void *context, const struct camera *camera)
{
        struct gathered *gathered = context;
        if (gathered->count == gathered->room) {
                size_t room = gathered->room == 0 ? 16 : gathered->room * 2;
                struct camera *grown = realloc(gathered->cameras, room * sizeof *grown);
                if (grown == NULL) {
                        gathered->failed = true;
                        return false;
                }
                gathered->cameras = grown;
                gathered->room = room;
        }
        gathered->cameras[gathered->count++] = *camera;
        return true;
}

/* In order of names; a cursor is the last name of its page. */
static bool write_cameras(struct request *request, struct json *json, struct catalog *catalog,
                          struct error *err)
{
        const struct reception *reception = request->server->config.reception;
        static const int64_t limits[2] = {1, LIST_LIMIT_MAX};
        const char *cursor = request_parameter(request, "cursor");
        int64_t limit;
        struct gathered gathered = {0};
        struct rejections space;
        bool fine = request_number(request, "limit", limits, INT64_MAX, &limit, err) &&
                    catalog_cameras(catalog, gather, &gathered, err);
        if (fine && gathered.failed)
                fine = error_set(err, ERROR_FULL, "no memory for the cameras");
        json_open_object(json);
        json_name(json, "cameras");
        json_open_array(json);
        struct utc now = utc_now();
        size_t at = 0;
        while (cursor != NULL && at < gathered.count &&
               strcmp(gathered.cameras[at].name, cursor) <= 0)
                at++;
        size_t begin = at;
        for (; fine && at < gathered.count && limit > 0; at++, limit--)
                fine = answer_camera(json, catalog, &gathered.cameras[at], now,
                                     reception_rejections(reception, &gathered.cameras[at], &space),
                                     err);
        json_close_array(json);
        json_add_int(json, "total", (int64_t)gathered.count);
        if (at > begin && at < gathered.count)
                json_add_string(json, "next", gathered.cameras[at - 1].name);
        else
                json_add_null(json, "next");
        json_close_object(json);
        free(gathered.cameras);
        return fine;
}

bool call_cameras(struct request *request, struct error *err)
{
        return reply_catalog_json(request, CAMERAS_BYTES_MOST, write_cameras, err);
}

static bool write_camera(struct request *request, struct json *json, struct catalog *catalog,
                         struct error *err)
{
        const struct reception *reception = request->server->config.reception;
        struct camera camera;
        struct rejections space;
        return catalog_camera_by_name(catalog, request->capture, &camera, err) &&
               answer_camera(json, catalog, &camera, utc_now(),
                             reception_rejections(reception, &camera, &space), err);
}

bool call_camera(struct request *request, struct error *err)
{
        return reply_catalog_json(request, CAMERAS_BYTES_MOST, write_camera, err);
}
