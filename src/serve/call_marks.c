/* GET and POST /marks: what was looked at, and what is to be kept. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/event_filter.h"
#include "serve/calls.h"
#include "serve/cameras_asked.h"
#include "serve/reply.h"
#include "serve/server.h"
#include "serve/stretches.h"

enum { MARKS_LIMIT_DEFAULT = 100, MARKS_LIMIT_MAX = 1000, MARKS_BYTES_MOST = 4 << 20 };

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

/* Pages go by camera, kind and start. */
struct mark_key {
        int64_t camera;
        int64_t kind;
        int64_t start;
};

struct mark_page {
        struct json *json;
        const char *camera;
        enum mark_kind kind;
        int64_t limit;
        bool has_after;
        struct mark_key after;
        int64_t total;
        int64_t written;
        bool more;
        struct mark_key last;
};

static int compare_keys(const struct mark_key *a, const struct mark_key *b)
{
        if (a->camera != b->camera)
                return a->camera < b->camera ? -1 : 1;
        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        return (a->start > b->start) - (a->start < b->start);
}

static bool write_mark(void *context, const struct stretch *marked)
{
        struct mark_page *page = context;
        struct mark_key key = {marked->camera.value, page->kind, marked->from.ms};
        page->total++;
        if (page->has_after && compare_keys(&key, &page->after) <= 0)
                return true;
        if (page->written == page->limit) {
                page->more = true;
                return true;
        }
        page->written++;
        page->last = key;
        json_open_object(page->json);
        json_add_string(page->json, "camera", page->camera);
        json_add_string(page->json, "kind", page->kind == MARK_REVIEWED ? "reviewed" : "pinned");
        json_add_utc(page->json, "from", marked->from);
        json_add_utc(page->json, "to", marked->to);
        json_close_object(page->json);
        return true;
}

static bool read_page(const struct request *request, struct mark_page *page, struct error *err)
{
        static const int64_t limits[2] = {1, MARKS_LIMIT_MAX};
        const char *cursor = request_parameter(request, "cursor");
        int end = 0;
        if (!request_number(request, "limit", limits, MARKS_LIMIT_DEFAULT, &page->limit, err))
                return false;
        if (cursor == NULL || cursor[0] == '\0')
                return true;
        page->has_after =
                strlen(cursor) < 64 &&
                sscanf(cursor, "%9" SCNd64 ".%9" SCNd64 ".%18" SCNd64 "%n", &page->after.camera,
                       &page->after.kind, &page->after.start, &end) == 3 &&
                cursor[end] == '\0';
        return page->has_after ||
               error_set(err, ERROR_INPUT, "cursor: wanted is the `next` of a page");
}

static int compare_cameras(const void *a, const void *b)
{
        const struct camera *one = a;
        const struct camera *other = b;
        return (one->id.value > other->id.value) - (one->id.value < other->id.value);
}

static bool write_marks(struct mark_page *page, struct catalog *catalog,
                        const struct request *request, const struct event_plan *plan,
                        struct error *err)
{
        struct utc from;
        struct utc to;
        if (!request_time(request, "from", &from, err) || !request_time(request, "to", &to, err))
                return false;
        if (!utc_known(from))
                from.ms = UTC_MIN_MS;
        for (size_t i = 0; i < plan->query.camera_count; i++) {
                const struct camera *camera = &plan->cameras[i];
                struct stretch stretch = {camera->id, from, to};
                page->camera = camera->name;
                for (int kind = MARK_REVIEWED; kind <= MARK_PINNED; kind++) {
                        page->kind = (enum mark_kind)kind;
                        if (!catalog_marks(catalog, page->kind, &stretch, write_mark, page, err))
                                return false;
                }
        }
        return true;
}

static bool write_page(struct request *request, struct json *json, struct catalog *catalog,
                       struct error *err)
{
        struct mark_page page = {.json = json};
        struct event_plan plan;
        if (!read_page(request, &page, err) || !cameras_asked_open(request, catalog, &plan, err))
                return false;
        qsort(plan.cameras, plan.query.camera_count, sizeof *plan.cameras, compare_cameras);
        json_open_object(json);
        json_name(json, "marks");
        json_open_array(json);
        bool fine = write_marks(&page, catalog, request, &plan, err);
        json_close_array(json);
        json_add_int(json, "total", page.total);
        if (page.more) {
                char next[64];
                snprintf(next, sizeof next, "%" PRId64 ".%" PRId64 ".%" PRId64, page.last.camera,
                         page.last.kind, page.last.start);
                json_add_string(json, "next", next);
        } else {
                json_add_null(json, "next");
        }
        json_close_object(json);
        event_plan_close(&plan);
        return fine;
}

bool call_marks(struct request *request, struct error *err)
{
        return reply_catalog_json(request, MARKS_BYTES_MOST, write_page, err);
}
