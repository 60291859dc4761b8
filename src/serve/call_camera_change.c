/* POST /cameras; PATCH and DELETE /cameras/{name}; its password, and where it uploads to. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "query/answer.h"
#include "serve/calls.h"
#include "serve/camera_json.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { ANSWER_BYTES_MOST = 1 << 16 };

static bool find_desk(struct request *request, const struct camera_desk **desk_out,
                      struct error *err)
{
        *desk_out = request->server->config.desk;
        return *desk_out != NULL || error_set(err, ERROR_DENIED, "cameras cannot be changed here");
}

/* The camera as it stands now. */
static bool add_camera(struct request *request, struct json *json, struct camera_id id,
                       struct error *err)
{
        struct catalog *catalog;
        struct camera camera;
        struct rejections space;
        if (!request_reader(request, &catalog, err) || !catalog_read_begin(catalog, err))
                return false;
        bool fine = catalog_camera_by_id(catalog, id, &camera, err) &&
                    answer_camera(json, catalog, &camera, utc_now(),
                                  reception_rejections(request->server->config.reception, &camera,
                                                       &space),
                                  err);
        catalog_read_end(catalog);
        return fine;
}

/* {"camera", "upload"} */
static bool reply_access(struct request *request, unsigned status,
                         const struct camera_access *access, struct error *err)
{
        const struct camera_desk *desk = request->server->config.desk;
        struct upload_target target;
        struct text body;
        struct json json;
        desk->target(desk->context, &target);
        text_init_growing(&body, ANSWER_BYTES_MOST);
        json_init(&json, &body);
        json_open_object(&json);
        json_name(&json, "camera");
        bool fine = add_camera(request, &json, access->camera.id, err);
        json_name(&json, "upload");
        upload_target_write(&json, &target, access->account.user, access->password);
        json_close_object(&json);
        if (fine)
                return reply_new_json(request, status, &body, err);
        text_finish(&body);
        return false;
}

/* A name that no longer leads anywhere. */
static void tell_gone(struct request *request, struct camera_id id, const char *name)
{
        struct text data;
        struct json json;
        text_init_growing(&data, 4096);
        json_init(&json, &data);
        json_open_object(&json);
        json_add_string(&json, "name", name);
        json_close_object(&json);
        live_tell(request->server->live, id, "camera-gone", &data);
        text_finish(&data);
}

bool call_add_camera(struct request *request, struct error *err)
{
        const struct camera_desk *desk;
        json_t *document = NULL;
        struct camera_wish wish;
        if (!find_desk(request, &desk, err) || !body_json(request, &document, err))
                return false;
        struct camera_access *access = calloc(1, sizeof *access);
        bool fine = access != NULL || error_set(err, ERROR_FULL, "no memory for a camera");
        fine = fine && camera_wish_read(document, &wish, err) &&
               desk->add(desk->context, &wish, access, err);
        if (fine) {
                live_camera(request->server->live, access->camera.id);
                fine = reply_access(request, 201, access, err);
        }
        if (access != NULL)
                explicit_bzero(access, sizeof *access);
        free(access);
        json_decref(document);
        return fine;
}

static bool reply_camera(struct request *request, struct camera_id id, struct error *err)
{
        struct text body;
        struct json json;
        text_init_growing(&body, ANSWER_BYTES_MOST);
        json_init(&json, &body);
        if (add_camera(request, &json, id, err))
                return reply_new_json(request, 200, &body, err);
        text_finish(&body);
        return false;
}

bool call_change_camera(struct request *request, struct error *err)
{
        const struct camera_desk *desk;
        json_t *document = NULL;
        struct camera_window windows[CAMERA_WINDOWS];
        struct camera_change change;
        struct camera camera;
        if (!find_desk(request, &desk, err) || !body_json(request, &document, err))
                return false;
        bool fine = camera_change_read(document, windows, &change, err) &&
                    desk->change(desk->context, request->capture, &change, &camera, err);
        json_decref(document);
        if (!fine)
                return false;
        if (strcmp(camera.name, request->capture) != 0)
                tell_gone(request, camera.id, request->capture);
        live_camera(request->server->live, camera.id);
        return reply_camera(request, camera.id, err);
}

bool call_remove_camera(struct request *request, struct error *err)
{
        const struct camera_desk *desk;
        struct camera_id id;
        if (!find_desk(request, &desk, err) ||
            !desk->remove(desk->context, request->capture, &id, err))
                return false;
        tell_gone(request, id, request->capture);
        return reply_nothing(request, err);
}

bool call_set_password(struct request *request, struct error *err)
{
        static const struct json_member members[] = {{"password", JSON_WANT_STRING, false, false}};
        const struct camera_desk *desk;
        json_t *document = NULL;
        json_t *value = NULL;
        struct camera_wish wish = {.name = request->capture};
        if (!find_desk(request, &desk, err) || !body_json(request, &document, err))
                return false;
        struct camera_access *access = calloc(1, sizeof *access);
        bool fine = access != NULL || error_set(err, ERROR_FULL, "no memory for a password");
        fine = fine && json_members(document, members, 1, &value, err);
        wish.password = json_string_value(value);
        fine = fine && desk->password(desk->context, &wish, access, err);
        if (fine) {
                live_camera(request->server->live, access->camera.id);
                fine = reply_access(request, 200, access, err);
        }
        if (access != NULL)
                explicit_bzero(access, sizeof *access);
        free(access);
        json_decref(document);
        return fine;
}

bool call_camera_upload(struct request *request, struct error *err)
{
        const struct camera_desk *desk;
        struct catalog *catalog;
        struct camera camera;
        struct account account = {0};
        struct error missing = {0};
        struct upload_target target;
        struct text body;
        struct json json;
        if (!find_desk(request, &desk, err) || !request_reader(request, &catalog, err) ||
            !catalog_camera_by_name(catalog, request->capture, &camera, err))
                return false;
        if (!catalog_account_of_camera(catalog, camera.id, &account, &missing) &&
            missing.kind != ERROR_NOT_FOUND)
                return error_set(err, missing.kind, "%s", missing.text);
        desk->target(desk->context, &target);
        text_init_growing(&body, ANSWER_BYTES_MOST);
        json_init(&json, &body);
        upload_target_write(&json, &target, account.user, NULL);
        return reply_json(request, &body, err);
}
