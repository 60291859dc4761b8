/* What was received and is no frame, and what was said: GET /cameras/{name}/quarantine,
 * /attachments, what is in them, and /log; the same of /accounts/{user}; and /accounts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/calls.h"
#include "serve/list_page.h"
#include "serve/query_string.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { LIST_BYTES_MOST = 8 << 20, LIST_DEFAULT = 100, LIST_MOST = 1000 };

/* Whose things are asked for: a camera's, or those of an account no camera was found for. */
struct whose {
        bool is_camera;
        struct camera camera;
        struct account account; /* number 0: none */
        char owner[RECEPTION_OWNER_SIZE];
        char base[CAMERA_NAME_SIZE * 3 + 64]; /* of URLs */
};

static bool find_camera(struct request *request, struct catalog *catalog, struct whose *whose,
                        struct error *err)
{
        struct error none = {0};
        if (!catalog_camera_by_name(catalog, request->capture, &whose->camera, err))
                return false;
        if (!catalog_account_of_camera(catalog, whose->camera.id, &whose->account, &none))
                whose->account.number = 0;
        whose->is_camera = true;
        snprintf(whose->owner, sizeof whose->owner, "%s", whose->camera.directory);
        return true;
}

static bool find_account(struct request *request, struct catalog *catalog, struct whose *whose,
                         struct error *err)
{
        const struct reception *reception = request->server->config.reception;
        if (!catalog_account_by_user(catalog, request->capture, &whose->account, err))
                return false;
        if (reception != NULL)
                reception->account_owner(reception->context, whose->account.user, whose->owner);
        return true;
}

static bool find(struct request *request, struct whose *whose, struct error *err)
{
        static const char accounts[] = "/api/v1/accounts/";
        struct catalog *catalog;
        char encoded[CAMERA_NAME_SIZE * 3];
        bool account = strncmp(request->url, accounts, sizeof accounts - 1) == 0;
        *whose = (struct whose){0};
        if (!request_reader(request, &catalog, err) ||
            !(account ? find_account : find_camera)(request, catalog, whose, err))
                return false;
        if (!percent_encode(request->capture, encoded, sizeof encoded))
                return error_set(err, ERROR_INPUT, "that name is too long");
        snprintf(whose->base, sizeof whose->base, "/api/v1/%s/%s", account ? "accounts" : "cameras",
                 encoded);
        return true;
}

static void add_item(struct json *json, const char *base, const char *word,
                     const struct reception_item *item)
{
        char encoded[RECEPTION_ID_SIZE * 3];
        char url[sizeof encoded + CAMERA_NAME_SIZE * 3 + 100];
        json_open_object(json);
        json_add_utc(json, "time", item->time);
        json_add_string(json, "name", item->name);
        json_add_int(json, "bytes", item->bytes);
        json_name(json, "reason");
        if (item->reason[0] != '\0')
                json_text(json, item->reason);
        else
                json_none(json);
        if (percent_encode(item->id, encoded, sizeof encoded)) {
                snprintf(url, sizeof url, "%s/%s/%s", base, word, encoded);
                json_add_string(json, "url", url);
        }
        json_close_object(json);
}

/* Of a list, one item more than `limit` when there is another page. */
struct items {
        const struct reception_item *items;
        size_t count, limit;
        int64_t total;
};

static void write_items(struct json *json, const struct whose *whose, const char *word,
                        const struct items *page)
{
        size_t shown = page->count < page->limit ? page->count : page->limit;
        json_open_object(json);
        json_name(json, word);
        json_open_array(json);
        for (size_t i = 0; i < shown; i++)
                add_item(json, whose->base, word, &page->items[i]);
        json_close_array(json);
        json_add_int(json, "total", page->total);
        if (page->count > page->limit)
                json_add_string(json, "next", page->items[page->limit - 1].id);
        else
                json_add_null(json, "next");
        json_close_object(json);
}

static bool list(struct request *request, enum reception_kind kind, const char *word,
                 struct error *err)
{
        static const int64_t limits[2] = {1, LIST_MOST};
        const struct reception *reception = request->server->config.reception;
        const char *after = request_parameter(request, "cursor");
        struct whose whose;
        struct text body;
        struct json json;
        int64_t limit = 0;
        size_t count = 0;
        int64_t total = 0;
        if (!request_number(request, "limit", limits, LIST_DEFAULT, &limit, err) ||
            !find(request, &whose, err))
                return false;
        struct reception_item *items = calloc((size_t)limit + 1, sizeof *items);
        if (items == NULL)
                return error_set(err, ERROR_FULL, "no memory for the list");
        if (reception != NULL) {
                count = reception->list(reception->context, kind, whose.owner,
                                        after != NULL && after[0] != '\0' ? after : NULL, items,
                                        (size_t)limit + 1);
                total = reception->count(reception->context, kind, whose.owner);
        }
        text_init_growing(&body, LIST_BYTES_MOST);
        json_init(&json, &body);
        write_items(&json, &whose, word, &(struct items){items, count, (size_t)limit, total});
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
        struct whose whose;
        struct reception_file file;
        char encoded[RECEPTION_ID_SIZE * 3];
        char disposition[sizeof encoded + 40];
        if (!find(request, &whose, err))
                return false;
        if (reception == NULL)
                return error_set(err, ERROR_NOT_FOUND, "nothing is received here");
        if (!reception->open(reception->context, kind, whose.owner, request->second_capture, &file,
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

bool call_session_log(struct request *request, struct error *err)
{
        const struct reception *reception = request->server->config.reception;
        struct whose whose;
        struct text body;
        struct json json;
        size_t count = 0;
        if (!find(request, &whose, err))
                return false;
        struct reception_line *lines = calloc(RECEPTION_LINES, sizeof *lines);
        if (lines == NULL)
                return error_set(err, ERROR_FULL, "no memory for the log");
        if (reception != NULL)
                count = reception->log(reception->context, whose.account.number,
                                       whose.account.number != 0 ? whose.account.user : NULL,
                                       whose.camera.id, lines);
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

/* ---- accounts ---- */

struct accounts_list {
        struct request *request;
        struct catalog *catalog;
        struct json *json;
        struct list_page page;
};

static bool add_account(void *context, const struct account *account)
{
        struct accounts_list *to = context;
        const struct reception *reception = to->request->server->config.reception;
        struct camera camera;
        struct error none;
        char owner[RECEPTION_OWNER_SIZE];
        if (!list_page_take(&to->page, &(struct list_key){{account->number}}))
                return true;
        json_open_object(to->json);
        json_add_string(to->json, "user", account->user);
        if (account->camera.value != 0 &&
            catalog_camera_by_id(to->catalog, account->camera, &camera, &none))
                json_add_string(to->json, "camera", camera.name);
        else
                json_add_null(to->json, "camera");
        json_add_bool(to->json, "disabled", account->disabled);
        int64_t counts[2] = {0};
        if (reception != NULL) {
                reception->account_owner(reception->context, account->user, owner);
                counts[0] = reception->count(reception->context, RECEPTION_QUARANTINE, owner);
                counts[1] = reception->count(reception->context, RECEPTION_ATTACHMENTS, owner);
        }
        json_add_int(to->json, "quarantine", counts[0]);
        json_add_int(to->json, "attachments", counts[1]);
        json_close_object(to->json);
        return true;
}

bool call_accounts(struct request *request, struct error *err)
{
        struct text body;
        struct json json;
        struct accounts_list to = {.request = request, .json = &json};
        if (!list_page_read(request, &to.page, err) || !request_reader(request, &to.catalog, err))
                return false;
        if (request_parameter(request, "limit") == NULL)
                to.page.limit = INT64_MAX;
        text_init_growing(&body, LIST_BYTES_MOST);
        json_init(&json, &body);
        json_open_object(&json);
        json_name(&json, "accounts");
        json_open_array(&json);
        if (!catalog_accounts(to.catalog, add_account, &to, err)) {
                text_finish(&body);
                return false;
        }
        json_close_array(&json);
        list_page_end(&to.page, &json);
        json_close_object(&json);
        return reply_json(request, &body, err);
}
