/* GET /cameras/{name}/quarantine, /attachments, what is in them, and /log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/calls.h"
#include "serve/query_string.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { LIST_BYTES_MOST = 1 << 20 };

static bool find_camera(struct request *request, struct camera *camera_out, struct error *err)
{
        struct catalog *catalog;
        return request_reader(request, &catalog, err) &&
               catalog_camera_by_name(catalog, request->capture, camera_out, err);
}

static void add_item(struct json *json, const char *camera, const char *word,
                     const struct reception_item *item)
{
        char encoded_name[CAMERA_NAME_SIZE * 3];
        char encoded_id[RECEPTION_ID_SIZE * 3];
        char url[sizeof encoded_name + sizeof encoded_id + 64];
        json_open_object(json);
        json_add_utc(json, "time", item->time);
        json_add_string(json, "name", item->name);
        json_add_int(json, "bytes", item->bytes);
        json_name(json, "reason");
        if (item->reason[0] != '\0')
                json_text(json, item->reason);
        else
                json_none(json);
        if (percent_encode(camera, encoded_name, sizeof encoded_name) &&
            percent_encode(item->id, encoded_id, sizeof encoded_id)) {
                snprintf(url, sizeof url, "/api/v1/cameras/%s/%s/%s", encoded_name, word,
                         encoded_id);
                json_add_string(json, "url", url);
        }
        json_close_object(json);
}

static bool list(struct request *request, enum reception_kind kind, const char *word,
                 struct error *err)
{
        const struct reception *reception = request->server->config.reception;
        struct camera camera;
        struct text body;
        struct json json;
        if (!find_camera(request, &camera, err))
                return false;
        struct reception_item *items = calloc(RECEPTION_ITEMS, sizeof *items);
        if (items == NULL)
                return error_set(err, ERROR_FULL, "no memory for the list");
        size_t count = 0;
        int64_t total = 0;
        if (reception != NULL) {
                count = reception->list(reception->context, kind, &camera, items);
                total = reception->count(reception->context, kind, &camera);
        }
        text_init_growing(&body, LIST_BYTES_MOST);
        json_init(&json, &body);
        json_open_object(&json);
        json_name(&json, word);
        json_open_array(&json);
        for (size_t i = 0; i < count; i++)
                add_item(&json, camera.name, word, &items[i]);
        json_close_array(&json);
        json_add_int(&json, "total", total);
        json_add_null(&json, "next");
        json_close_object(&json);
        free(items);
        return reply_json(request, &body, err);
}

bool call_quarantine(struct request *request, struct error *err)
{
        return list(request, RECEPTION_QUARANTINE, "quarantine", err);
}

bool call_attachments(struct request *request, struct error *err)
{
        return list(request, RECEPTION_ATTACHMENTS, "attachments", err);
}

/* Whatever it is, a browser is to keep it and not to look into it. */
static bool send_item(struct request *request, enum reception_kind kind, struct error *err)
{
        const struct reception *reception = request->server->config.reception;
        struct camera camera;
        struct reception_file file;
        char encoded[RECEPTION_ID_SIZE * 3];
        char disposition[sizeof encoded + 40];
        if (!find_camera(request, &camera, err))
                return false;
        if (reception == NULL)
                return error_set(err, ERROR_NOT_FOUND, "nothing is received here");
        if (!reception->open(reception->context, kind, &camera, request->second_capture, &file,
                             err))
                return false;
        struct MHD_Response *response =
                MHD_create_response_from_fd64((uint64_t)file.length, file.fd);
        if (response == NULL) {
                close(file.fd);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        reply_add_common(response);
        reply_add(response, "Content-Type", "application/octet-stream");
        reply_add(response, "Cache-Control", "private, no-cache");
        if (percent_encode(request->second_capture, encoded, sizeof encoded)) {
                snprintf(disposition, sizeof disposition, "attachment; filename*=UTF-8''%s",
                         encoded);
                reply_add(response, "Content-Disposition", disposition);
        }
        return reply_send(request, 200, response, err);
}

bool call_quarantined(struct request *request, struct error *err)
{
        return send_item(request, RECEPTION_QUARANTINE, err);
}

bool call_attachment(struct request *request, struct error *err)
{
        return send_item(request, RECEPTION_ATTACHMENTS, err);
}

static void add_line(struct json *json, const struct reception_line *line)
{
        json_open_object(json);
        json_add_utc(json, "time", line->time);
        json_add_string(json, "peer", line->peer);
        json_add_string(json, "from", line->by_camera ? "camera" : "server");
        json_add_string(json, "text", line->text);
        json_close_object(json);
}

bool call_camera_log(struct request *request, struct error *err)
{
        const struct reception *reception = request->server->config.reception;
        struct catalog *catalog;
        struct camera camera;
        struct account account;
        struct error missing = {0};
        struct text body;
        struct json json;
        size_t count = 0;
        if (!find_camera(request, &camera, err) || !request_reader(request, &catalog, err))
                return false;
        struct reception_line *lines = calloc(RECEPTION_LINES, sizeof *lines);
        if (lines == NULL)
                return error_set(err, ERROR_FULL, "no memory for the log");
        if (reception != NULL && catalog_account_of_camera(catalog, camera.id, &account, &missing))
                count = reception->log(reception->context, account.number, account.user, lines);
        text_init_growing(&body, LIST_BYTES_MOST);
        json_init(&json, &body);
        json_open_object(&json);
        json_name(&json, "lines");
        json_open_array(&json);
        for (size_t i = 0; i < count; i++)
                add_line(&json, &lines[i]);
        json_close_array(&json);
        json_close_object(&json);
        free(lines);
        return reply_json(request, &body, err);
}
