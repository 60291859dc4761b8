#include "serve/answer_export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "export/order.h"

static const char *const state_words[EXPORT_STATES] = {
        [EXPORT_WAITING] = "waiting", [EXPORT_RUNNING] = "running",     [EXPORT_DONE] = "done",
        [EXPORT_FAILED] = "failed",   [EXPORT_CANCELLED] = "cancelled",
};

static bool add_stretches(struct json *json, struct catalog *catalog,
                          const struct export_order *order, size_t most, struct error *err)
{
        struct camera camera = {0};
        json_add_int(json, "stretch_count", (int64_t)order->count);
        json_name(json, "stretches");
        json_open_array(json);
        for (size_t i = 0; i < order->count && (most == 0 || i < most); i++) {
                const struct stretch *stretch = &order->stretches[i];
                struct error missing = {0};
                if (camera.id.value != stretch->camera.value &&
                    !catalog_camera_by_id(catalog, stretch->camera, &camera, &missing)) {
                        if (missing.kind != ERROR_NOT_FOUND) {
                                *err = missing;
                                return false;
                        }
                        camera = (struct camera){.id = stretch->camera};
                        snprintf(camera.name, sizeof camera.name, "camera %" PRId32,
                                 stretch->camera.value);
                }
                json_open_object(json);
                json_add_string(json, "camera", camera.name);
                json_add_utc(json, "from", stretch->from);
                json_add_utc(json, "to", stretch->to);
                json_close_object(json);
        }
        json_close_array(json);
        return true;
}

static void add_text_or_null(struct json *json, const char *name, const char *text)
{
        if (text[0] != '\0')
                json_add_string(json, name, text);
        else
                json_add_null(json, name);
}

static void add_state(struct json *json, const struct export_row *row, int64_t done, bool removed)
{
        char url[64] = "";
        bool there = row->state == EXPORT_DONE && !removed;
        struct utc until = UTC_NONE;
        if (there)
                snprintf(url, sizeof url, "/api/v1/exports/%" PRId64 "/file", row->id);
        if (utc_known(row->ended))
                until.ms = row->ended.ms + INT64_C(86400000) * EXPORT_KEPT_DAYS;
        json_add_string(json, "state", removed ? "removed" : state_words[row->state]);
        json_add_utc(json, "made", row->made);
        json_add_utc(json, "until", until);
        json_add_int(json, "done", row->state == EXPORT_DONE ? row->frames : done);
        json_add_int(json, "total", row->frames);
        json_add_int(json, "bytes", row->bytes);
        add_text_or_null(json, "file", there ? row->file : "");
        add_text_or_null(json, "url", url);
        add_text_or_null(json, "problem", row->problem);
}

bool answer_export(struct json *json, struct catalog *catalog, const struct export_told *told,
                   struct error *err)
{
        const struct export_row *row = told->row;
        struct export_order order = {0};
        char id[24];
        if (!order_read(row->request, strlen(row->request), &order, err))
                return false;
        snprintf(id, sizeof id, "%" PRId64, row->id);
        json_open_object(json);
        json_add_string(json, "id", id);
        json_add_string(json, "format", export_formats[order.format].word);
        json_add_bool(json, "burn_in", order.burn_in);
        add_state(json, row, told->done, told->removed);
        bool fine = add_stretches(json, catalog, &order, told->stretches, err);
        json_close_object(json);
        order_free(&order);
        return fine;
}

bool export_path(const char *data_directory, const struct export_row *row,
                 char out[static EXPORT_PATH_SIZE], struct error *err)
{
        struct export_order order = {0};
        if (!order_read(row->request, strlen(row->request), &order, err))
                return false;
        int length = snprintf(out, EXPORT_PATH_SIZE, "%s/exports/%" PRId64 ".%s", data_directory,
                              row->id, export_formats[order.format].word);
        order_free(&order);
        return (length > 0 && length < EXPORT_PATH_SIZE) ||
               error_set(err, ERROR_INPUT, "the path of the data folder is too long");
}
