/* GET and POST /marks: what was looked at, and what is to be kept. */
#include "catalog/marks.h"
#include "serve/calls.h"
#include "serve/cameras_asked.h"
#include "serve/list_page.h"
#include "serve/reply.h"
#include "serve/server.h"
#include "serve/stretches.h"

enum { MARKS_BYTES_MOST = 4 << 20 };

/* ---- setting them ---- */

enum wish { LEAVE, SET, CLEAR };

struct mark_change {
        struct stretches stretches;
        enum wish reviewed;
        enum wish pinned;
};

static enum wish wish_of(const json_t *value)
{
        if (value == NULL)
                return LEAVE;
        return json_is_true(value) ? SET : CLEAR;
}

static bool read_change(struct request *request, struct mark_change *change, struct error *err)
{
        enum { STRETCHES, REVIEWED, PINNED, MEMBERS };
        static const struct json_member members[MEMBERS] = {
                [STRETCHES] = {"stretches", JSON_WANT_ARRAY, true, false},
                [REVIEWED] = {"reviewed", JSON_WANT_BOOL, false, false},
                [PINNED] = {"pinned", JSON_WANT_BOOL, false, false},
        };
        json_t *document = NULL;
        json_t *values[MEMBERS];
        if (!body_json(request, &document, err))
                return false;
        bool fine = json_members(document, members, MEMBERS, values, err);
        if (fine) {
                change->reviewed = wish_of(values[REVIEWED]);
                change->pinned = wish_of(values[PINNED]);
                fine = change->reviewed != LEAVE || change->pinned != LEAVE ||
                       error_set(err, ERROR_INPUT, "wanted is \"reviewed\", \"pinned\" or both");
        }
        fine = fine && stretches_read(values[STRETCHES], &change->stretches, err);
        json_decref(document);
        return fine;
}

static bool mark(struct catalog *catalog, enum mark_kind kind, enum wish wish,
                 const struct stretches *stretches, struct error *err)
{
        if (wish == LEAVE)
                return true;
        for (size_t i = 0; i < stretches->count; i++) {
                if (!catalog_mark(catalog, kind, wish == SET, &stretches->items[i].stretch, 1, err))
                        return false;
        }
        return true;
}

static bool write_change(void *context, struct catalog *catalog, struct error *err)
{
        struct mark_change *change = context;
        if (!catalog_begin_durable(catalog, err))
                return false;
        bool fine = stretches_resolve(&change->stretches, catalog, err) &&
                    mark(catalog, MARK_REVIEWED, change->reviewed, &change->stretches, err) &&
                    mark(catalog, MARK_PINNED, change->pinned, &change->stretches, err) &&
                    catalog_commit(catalog, err);
        if (!fine)
                catalog_rollback(catalog);
        return fine;
}

bool call_set_marks(struct request *request, struct error *err)
{
        struct mark_change change = {0};
        if (!read_change(request, &change, err))
                return false;
        bool fine = changes_write(request->server->config.changes, write_change, &change, err);
        if (fine) {
                struct text body;
                struct json json;
                stretches_tell(&change.stretches, request->server->live, "marks");
                text_init_growing(&body, 4096);
                json_init(&json, &body);
                json_open_object(&json);
                json_add_int(&json, "stretches", (int64_t)change.stretches.count);
                json_close_object(&json);
                fine = reply_new_json(request, 200, &body, err);
        }
        stretches_free(&change.stretches);
        return fine;
}

/* ---- listing them ---- */

struct mark_list {
        struct json *json;
        struct list_page page; /* by camera, kind and start */
        struct utc from;
        struct utc to;
};

static bool write_kind(struct mark_list *list, struct catalog *catalog, const struct camera *camera,
                       enum mark_kind kind, struct error *err)
{
        struct stretch stretch = {camera->id, list->from, list->to};
        struct mark_cursor *cursor = NULL;
        struct stretch marked;
        struct error reason = {0};
        struct json *json = list->json;
        if (!catalog_marks_open(catalog, kind, &stretch, &cursor, err))
                return false;
        while (mark_cursor_next(cursor, &marked, &reason)) {
                struct list_key key = {{camera->id.value, kind, marked.from.ms}};
                if (!list_page_take(&list->page, &key))
                        continue;
                json_open_object(json);
                json_add_string(json, "camera", camera->name);
                json_add_string(json, "kind", kind == MARK_REVIEWED ? "reviewed" : "pinned");
                json_add_utc(json, "from", marked.from);
                json_add_utc(json, "to", marked.to);
                json_close_object(json);
        }
        mark_cursor_close(&cursor);
        return reason.kind == ERROR_NONE || error_set(err, reason.kind, "%s", reason.text);
}

static bool write_marks(struct request *request, struct json *json, struct catalog *catalog,
                        struct error *err)
{
        struct mark_list list = {.json = json};
        struct event_plan plan;
        if (!list_page_read(request, &list.page, err) ||
            !request_time(request, "from", &list.from, err) ||
            !request_time(request, "to", &list.to, err) ||
            !cameras_asked_open(request, catalog, &plan, err))
                return false;
        if (!utc_known(list.from))
                list.from.ms = UTC_MIN_MS;
        cameras_asked_order(&plan);
        bool fine = true;
        json_open_object(json);
        json_name(json, "marks");
        json_open_array(json);
        for (size_t i = 0; fine && i < plan.query.camera_count; i++) {
                const struct camera *camera = &plan.cameras[i];
                fine = write_kind(&list, catalog, camera, MARK_REVIEWED, err) &&
                       write_kind(&list, catalog, camera, MARK_PINNED, err);
        }
        json_close_array(json);
        list_page_end(&list.page, json);
        json_close_object(json);
        event_plan_close(&plan);
        return fine;
}

bool call_marks(struct request *request, struct error *err)
{
        return reply_catalog_json(request, MARKS_BYTES_MOST, write_marks, err);
}
