/* GET and POST /marks: what was looked at, and what is to be kept. */
#include <stdlib.h>

#include "catalog/marks.h"
#include "serve/calls.h"
#include "serve/cameras_asked.h"
#include "serve/list_page.h"
#include "serve/reply.h"
#include "serve/server.h"
#include "serve/stretches.h"

enum { MARKS_BYTES_MOST = 4 << 20, PIECES_MOST = 10000, CHANGED_BYTES_MOST = 8 << 20 };

/* ---- setting them ---- */

enum wish { LEAVE, SET, CLEAR };

/* Time that was not marked and is now, or the other way round. */
struct piece {
        const char *camera; /* a name of the stretches */
        enum mark_kind kind;
        int64_t from;
        int64_t to;
};

struct mark_change {
        struct stretches stretches;
        enum wish reviewed;
        enum wish pinned;
        struct piece *pieces;
        size_t count, room;
        bool untold; /* they are more than are told */
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

static bool add_piece(struct mark_change *change, const struct piece *piece, struct error *err)
{
        if (piece->from > piece->to || change->untold)
                return true;
        if (change->count == PIECES_MOST) {
                change->untold = true;
                return true;
        }
        if (change->count == change->room) {
                size_t room = change->room == 0 ? 64 : change->room * 2;
                struct piece *grown = realloc(change->pieces, room * sizeof *grown);
                if (grown == NULL)
                        return error_sys(err, "marks");
                change->pieces = grown;
                change->room = room;
        }
        change->pieces[change->count++] = *piece;
        return true;
}

/* What of a stretch is not as it is to be: that, and nothing else, is what undoing must change. */
static bool find_pieces(struct mark_change *change, struct catalog *catalog,
                        const struct named_stretch *of, enum mark_kind kind, bool set,
                        struct error *err)
{
        struct mark_cursor *cursor = NULL;
        struct stretch marked;
        struct error reason = {0};
        struct piece piece = {of->camera, kind, of->stretch.from.ms, of->stretch.to.ms};
        if (!catalog_marks_open(catalog, kind, &of->stretch, &cursor, err))
                return false;
        bool fine = true;
        while (fine && mark_cursor_next(cursor, &marked, &reason)) {
                int64_t begin = marked.from.ms > piece.from ? marked.from.ms : piece.from;
                int64_t end = marked.to.ms < piece.to ? marked.to.ms : piece.to;
                struct piece one = {piece.camera, kind, set ? piece.from : begin,
                                    set ? marked.from.ms - 1 : end};
                fine = add_piece(change, &one, err);
                piece.from = marked.to.ms + 1;
        }
        mark_cursor_close(&cursor);
        if (reason.kind != ERROR_NONE)
                return error_set(err, reason.kind, "%s", reason.text);
        return fine && (!set || add_piece(change, &piece, err));
}

static bool mark(struct mark_change *change, struct catalog *catalog, enum mark_kind kind,
                 enum wish wish, struct error *err)
{
        if (wish == LEAVE)
                return true;
        for (size_t i = 0; i < change->stretches.count; i++) {
                const struct named_stretch *of = &change->stretches.items[i];
                if (!find_pieces(change, catalog, of, kind, wish == SET, err) ||
                    !catalog_mark(catalog, kind, wish == SET, &of->stretch, 1, err))
                        return false;
        }
        return true;
}

static bool write_change(void *context, struct catalog *catalog, struct error *err)
{
        struct mark_change *change = context;
        change->count = 0;
        change->untold = false;
        if (!catalog_begin_durable(catalog, err))
                return false;
        bool fine = stretches_resolve(&change->stretches, catalog, err) &&
                    mark(change, catalog, MARK_REVIEWED, change->reviewed, err) &&
                    mark(change, catalog, MARK_PINNED, change->pinned, err) &&
                    catalog_commit(catalog, err);
        if (!fine)
                catalog_rollback(catalog);
        return fine;
}

static void add_mark(struct json *json, const char *camera, enum mark_kind kind, struct utc from,
                     struct utc to)
{
        json_open_object(json);
        json_add_string(json, "camera", camera);
        json_add_string(json, "kind", kind == MARK_REVIEWED ? "reviewed" : "pinned");
        json_add_utc(json, "from", from);
        json_add_utc(json, "to", to);
        json_close_object(json);
}

static void add_pieces(struct json *json, const struct mark_change *change)
{
        json_name(json, "changed");
        if (change->untold) {
                json_none(json);
                return;
        }
        json_open_array(json);
        for (size_t i = 0; i < change->count; i++) {
                const struct piece *one = &change->pieces[i];
                add_mark(json, one->camera, one->kind, (struct utc){one->from},
                         (struct utc){one->to});
        }
        json_close_array(json);
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
                text_init_growing(&body, CHANGED_BYTES_MOST);
                json_init(&json, &body);
                json_open_object(&json);
                json_add_int(&json, "stretches", (int64_t)change.stretches.count);
                add_pieces(&json, &change);
                json_close_object(&json);
                fine = reply_new_json(request, 200, &body, err);
        }
        stretches_free(&change.stretches);
        free(change.pieces);
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
        if (!catalog_marks_open(catalog, kind, &stretch, &cursor, err))
                return false;
        while (mark_cursor_next(cursor, &marked, &reason)) {
                struct list_key key = {{camera->id.value, kind, marked.from.ms}};
                if (!list_page_take(&list->page, &key))
                        continue;
                add_mark(list->json, camera->name, kind, marked.from, marked.to);
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
