/* DELETE /frames, and what is deleted: listed, brought back, purged. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/deletions.h"
#include "serve/calls.h"
#include "serve/reply.h"
#include "serve/server.h"
#include "serve/stretches.h"
#include "serve/trash.h"

enum { DELETIONS_LIMIT_DEFAULT = 100, DELETIONS_LIMIT_MAX = 1000, DELETIONS_BYTES_MOST = 16 << 20 };

static const char *const state_words[] = {
        [DELETION_WAITING] = "waiting",
        [DELETION_PURGING] = "purging",
        [DELETION_RESTORING] = "restoring",
};

static bool have_trash(const struct request *request, const struct trash **trash_out,
                       struct error *err)
{
        *trash_out = request->server->config.trash;
        return *trash_out != NULL || error_set(err, ERROR_DENIED, "nothing can be deleted here");
}

static void add_id(struct json *json, const char *name, struct deletion_id id)
{
        char text[24];
        snprintf(text, sizeof text, "%" PRId64, id.value);
        json_add_string(json, name, text);
}

/* ---- deleting ---- */

static bool answer_deleted(struct request *request, const struct trash_deleted *deleted,
                           struct error *err)
{
        struct text body;
        struct json json;
        text_init_growing(&body, 4096);
        json_init(&json, &body);
        json_open_object(&json);
        json_add_int(&json, "deleted", deleted->frames);
        json_add_int(&json, "bytes", deleted->bytes);
        json_add_int(&json, "kept_pinned", deleted->kept_pinned);
        json_add_int(&json, "kept_readonly", deleted->kept_readonly);
        if (deleted->id.value != 0) {
                add_id(&json, "undo", deleted->id);
                json_add_utc(&json, "until", deleted->until);
        } else {
                json_add_null(&json, "undo");
                json_add_null(&json, "until");
        }
        json_close_object(&json);
        return reply_new_json(request, 200, &body, err);
}

static bool remove_stretches(struct request *request, const struct stretch *stretches, size_t count,
                             struct error *err)
{
        const struct trash *trash;
        struct trash_deleted deleted;
        request_reader_give(request); /* it may take long */
        return have_trash(request, &trash, err) &&
               trash->remove(trash->context, stretches, count, &deleted, err) &&
               answer_deleted(request, &deleted, err);
}

bool call_delete_frames(struct request *request, struct error *err)
{
        struct camera camera;
        struct stretch stretch;
        if (!request_camera(request, &camera, err) ||
            !request_time(request, "from", &stretch.from, err) ||
            !request_time(request, "to", &stretch.to, err))
                return false;
        if (stretch.from.ms > stretch.to.ms)
                return error_set(err, ERROR_INPUT, "to: lies before from");
        stretch.camera = camera.id;
        return remove_stretches(request, &stretch, 1, err);
}

static bool read_stretches(struct request *request, struct stretches *stretches, struct error *err)
{
        static const struct json_member members[1] = {{"stretches", JSON_WANT_ARRAY, true, false}};
        json_t *document = NULL;
        json_t *values[1];
        struct catalog *catalog;
        if (!body_json(request, &document, err))
                return false;
        bool fine = json_members(document, members, 1, values, err) &&
                    stretches_read(values[0], stretches, err) &&
                    request_reader(request, &catalog, err) &&
                    stretches_resolve(stretches, catalog, err);
        json_decref(document);
        return fine;
}

bool call_delete_stretches(struct request *request, struct error *err)
{
        struct stretches named = {0};
        bool fine = read_stretches(request, &named, err);
        struct stretch *stretches = calloc(named.count + 1, sizeof *stretches);
        if (fine && stretches == NULL)
                fine = error_set(err, ERROR_FULL, "no memory for the stretches");
        for (size_t i = 0; fine && i < named.count; i++)
                stretches[i] = named.items[i].stretch;
        fine = fine && remove_stretches(request, stretches, named.count, err);
        free(stretches);
        stretches_free(&named);
        return fine;
}

/* ---- listing ---- */

struct page {
        struct json *json;
        struct catalog *catalog;
        int64_t limit;
        int64_t written;
        struct deletion_id last;
        bool more;
        bool fine;
        struct error *err;
        struct stretch hull; /* of the one being written */
};

static bool write_camera(void *context, const struct stretch *stretch)
{
        struct page *page = context;
        struct camera camera;
        struct error missing = {0};
        if (!utc_known(page->hull.from) || stretch->from.ms < page->hull.from.ms)
                page->hull.from = stretch->from;
        if (!utc_known(page->hull.to) || stretch->to.ms > page->hull.to.ms)
                page->hull.to = stretch->to;
        if (catalog_camera_by_id(page->catalog, stretch->camera, &camera, &missing)) {
                json_text(page->json, camera.name);
                return true;
        }
        /* One that is no longer there keeps nobody from seeing the others. */
        page->fine = missing.kind == ERROR_NOT_FOUND;
        if (!page->fine)
                *page->err = missing;
        return page->fine;
}

static bool write_deletion(void *context, const struct deletion *deletion)
{
        struct page *page = context;
        struct json *json = page->json;
        if (page->written == page->limit) {
                page->more = true;
                return false;
        }
        page->written++;
        page->last = deletion->id;
        page->hull = (struct stretch){.from = UTC_NONE, .to = UTC_NONE};
        json_open_object(json);
        add_id(json, "id", deletion->id);
        json_add_utc(json, "made", deletion->made);
        json_add_utc(json, "until", deletion->until);
        json_add_string(json, "state", state_words[deletion->state]);
        json_add_int(json, "frames", deletion->frames);
        json_add_int(json, "bytes", deletion->bytes);
        json_name(json, "cameras");
        json_open_array(json);
        page->fine = catalog_deletion_cameras(page->catalog, deletion->id, write_camera, page,
                                              page->err) &&
                     page->fine;
        json_close_array(json);
        json_add_utc(json, "from", page->hull.from);
        json_add_utc(json, "to", page->hull.to);
        json_close_object(json);
        return page->fine;
}

static bool parse_id(const char *text, struct deletion_id *id_out)
{
        char *end = NULL;
        if (text[0] < '1' || text[0] > '9' || strlen(text) > 18)
                return false;
        id_out->value = strtoll(text, &end, 10);
        return *end == '\0';
}

static bool write_page(struct request *request, struct json *json, struct catalog *catalog,
                       struct error *err)
{
        static const int64_t limits[2] = {1, DELETIONS_LIMIT_MAX};
        struct page page = {.json = json, .catalog = catalog, .fine = true, .err = err};
        struct deletion_sums sums;
        struct deletion_id before = {0};
        const char *cursor = request_parameter(request, "cursor");
        if (!request_number(request, "limit", limits, DELETIONS_LIMIT_DEFAULT, &page.limit, err))
                return false;
        if (cursor != NULL && cursor[0] != '\0' && !parse_id(cursor, &before))
                return error_set(err, ERROR_INPUT, "cursor: wanted is the `next` of a page");
        json_open_object(json);
        json_name(json, "deletions");
        json_open_array(json);
        if (!catalog_deletions(catalog, before, write_deletion, &page, err) || !page.fine ||
            !catalog_deletion_sums(catalog, &sums, err))
                return false;
        json_close_array(json);
        json_add_int(json, "total", sums.deletions);
        if (page.more)
                add_id(json, "next", page.last);
        else
                json_add_null(json, "next");
        json_close_object(json);
        return true;
}

bool call_deletions(struct request *request, struct error *err)
{
        return reply_catalog_json(request, DELETIONS_BYTES_MOST, write_page, err);
}

/* ---- one of them ---- */

static bool asked_id(const struct request *request, struct deletion_id *id_out, struct error *err)
{
        return parse_id(request->capture, id_out) ||
               error_set(err, ERROR_NOT_FOUND, "there is no deletion \"%.60s\"", request->capture);
}

bool call_undo(struct request *request, struct error *err)
{
        const struct trash *trash;
        struct deletion_id id = {0};
        int64_t frames = 0;
        int64_t bytes = 0;
        struct text body;
        struct json json;
        if (!asked_id(request, &id, err) || !have_trash(request, &trash, err) ||
            !trash->undo(trash->context, id, &frames, &bytes, err))
                return false;
        text_init_growing(&body, 4096);
        json_init(&json, &body);
        json_open_object(&json);
        json_add_int(&json, "restored", frames);
        json_add_int(&json, "bytes", bytes);
        json_close_object(&json);
        return reply_new_json(request, 200, &body, err);
}

bool call_purge(struct request *request, struct error *err)
{
        const struct trash *trash;
        struct deletion_id id = {0};
        struct text body;
        struct json json;
        if (!asked_id(request, &id, err) || !have_trash(request, &trash, err) ||
            !trash->purge(trash->context, id, err))
                return false;
        text_init_growing(&body, 4096);
        json_init(&json, &body);
        json_open_object(&json);
        add_id(&json, "id", id);
        json_add_string(&json, "state", state_words[DELETION_PURGING]);
        json_close_object(&json);
        return reply_new_json(request, 202, &body, err);
}
