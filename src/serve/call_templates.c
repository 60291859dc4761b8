/* GET /cameras/{name}/paths and POST /templates/preview. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
#include "serve/calls.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { PATHS_BYTES_MOST = 1 << 20, PREVIEW_BYTES_MOST = 8 << 20 };

static bool find_desk(const struct request *request, const struct camera_desk **desk_out,
                      struct error *err)
{
        *desk_out = request->server->config.desk;
        return *desk_out != NULL || error_set(err, ERROR_DENIED, "nothing is known of paths here");
}

bool call_camera_paths(struct request *request, struct error *err)
{
        const struct camera_desk *desk;
        struct catalog *catalog;
        struct camera camera;
        struct text body;
        struct json json;
        if (!find_desk(request, &desk, err) || !request_reader(request, &catalog, err) ||
            !catalog_camera_by_name(catalog, request->capture, &camera, err))
                return false;
        struct received_path *paths = calloc(RECEIVED_PATHS, sizeof *paths);
        if (paths == NULL)
                return error_set(err, ERROR_FULL, "no memory for paths");
        size_t count = desk->paths(desk->context, &camera, paths);
        text_init_growing(&body, PATHS_BYTES_MOST);
        json_init(&json, &body);
        json_open_object(&json);
        json_name(&json, "paths");
        json_open_array(&json);
        for (size_t i = 0; i < count; i++) {
                json_open_object(&json);
                json_add_string(&json, "path", paths[i].path);
                json_add_utc(&json, "received", paths[i].time);
                json_add_bool(&json, "rejected", paths[i].rejected);
                json_close_object(&json);
        }
        json_close_array(&json);
        json_close_object(&json);
        free(paths);
        return reply_json(request, &body, err);
}

/* ---- preview ---- */

struct preview {
        struct template_question question;
        const char *paths[TEMPLATE_PATHS];
        struct template_reading readings[TEMPLATE_PATHS];
        struct error problem;
};

static bool read_question(const json_t *document, struct preview *preview, struct error *err)
{
        enum { TEMPLATE, TIMEZONE, PATHS, MEMBERS };
        static const struct json_member members[MEMBERS] = {
                [TEMPLATE] = {"template", JSON_WANT_STRING, true, true},
                [TIMEZONE] = {"timezone", JSON_WANT_STRING, false, false},
                [PATHS] = {"paths", JSON_WANT_ARRAY, true, false},
        };
        json_t *values[MEMBERS];
        if (!json_members(document, members, MEMBERS, values, err))
                return false;
        size_t count = json_array_size(values[PATHS]);
        if (count > TEMPLATE_PATHS)
                return error_set(err, ERROR_INPUT, "paths: wanted are at most %d", TEMPLATE_PATHS);
        for (size_t i = 0; i < count; i++) {
                const char *path = json_string_value(json_array_get(values[PATHS], i));
                if (path == NULL || strlen(path) >= RECEIVED_PATH_SIZE)
                        return error_set(err, ERROR_INPUT,
                                         "paths[%zu]: wanted is a path of up to %d bytes", i,
                                         RECEIVED_PATH_SIZE - 1);
                preview->paths[i] = path;
        }
        preview->question = (struct template_question){
                .path_template =
                        json_is_null(values[TEMPLATE]) ? "" : json_string_value(values[TEMPLATE]),
                .zone = values[TIMEZONE] != NULL ? json_string_value(values[TIMEZONE]) : "UTC",
                .paths = preview->paths,
                .count = count,
        };
        return true;
}

static void add_pieces(struct json *json, const char *path, const struct template_reading *reading)
{
        json_name(json, "parts");
        json_open_array(json);
        for (size_t i = 0; reading->fits && i < reading->count; i++) {
                const struct template_piece *piece = &reading->pieces[i];
                json_open_object(json);
                json_add_int(json, "at", (int64_t)piece->at);
                json_add_int(json, "length", (int64_t)piece->length);
                json_name(json, "text");
                json_string_bytes(json, path + piece->at, piece->length);
                json_add_string(json, "means", piece->means);
                json_close_object(json);
        }
        json_close_array(json);
}

static void add_stop(struct json *json, const struct template_reading *reading)
{
        json_name(json, "stops");
        if (reading->fits) {
                json_none(json);
                return;
        }
        json_open_object(json);
        json_add_int(json, "at", (int64_t)reading->stops_at);
        json_add_int(json, "template_at", (int64_t)reading->template_at);
        json_add_string(json, "wanted", reading->wanted);
        json_name(json, "literal");
        if (reading->literal != '\0')
                json_string_bytes(json, &reading->literal, 1);
        else
                json_none(json);
        json_close_object(json);
}

static void add_text_or_null(struct json *json, const char *name, const char *text)
{
        json_name(json, name);
        if (text[0] != '\0')
                json_text(json, text);
        else
                json_none(json);
}

static void add_reading(struct json *json, const struct preview *preview, size_t i)
{
        const struct template_reading *reading = &preview->readings[i];
        bool read =
                preview->question.path_template[0] != '\0' && preview->problem.kind == ERROR_NONE;
        char mac[MAC_TEXT_SIZE] = "";
        if (reading->has_mac)
                mac_format(reading->mac, mac);
        json_open_object(json);
        json_add_string(json, "path", preview->paths[i]);
        json_add_bool(json, "fits", read && reading->fits);
        add_pieces(json, preview->paths[i], reading);
        if (read)
                add_stop(json, reading);
        else
                json_add_null(json, "stops");
        json_add_utc(json, "time", reading->time);
        add_text_or_null(json, "time_source",
                         utc_known(reading->time) ? time_source_word(reading->time_source) : "");
        add_text_or_null(json, "camera", reading->camera_name);
        add_text_or_null(json, "mac", mac);
        json_close_object(json);
}

static bool answer(struct request *request, const struct preview *preview, struct error *err)
{
        struct text body;
        struct json json;
        text_init_growing(&body, PREVIEW_BYTES_MOST);
        json_init(&json, &body);
        json_open_object(&json);
        add_text_or_null(&json, "problem",
                         preview->problem.kind != ERROR_NONE ? preview->problem.text : "");
        json_name(&json, "paths");
        json_open_array(&json);
        for (size_t i = 0; i < preview->question.count; i++)
                add_reading(&json, preview, i);
        json_close_array(&json);
        json_close_object(&json);
        return reply_new_json(request, 200, &body, err);
}

bool call_preview_template(struct request *request, struct error *err)
{
        const struct camera_desk *desk;
        json_t *document = NULL;
        if (!find_desk(request, &desk, err) || !body_json(request, &document, err))
                return false;
        struct preview *preview = calloc(1, sizeof *preview);
        bool fine = preview != NULL || error_set(err, ERROR_FULL, "no memory for a preview");
        fine = fine && read_question(document, preview, err) &&
               desk->read_paths(desk->context, &preview->question, preview->readings,
                                &preview->problem, err) &&
               answer(request, preview, err);
        free(preview);
        json_decref(document);
        return fine;
}
