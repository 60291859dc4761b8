#include "serve/reply.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/json.h"
#include "serve/server.h"

enum { COMPRESS_FROM = 1024, ETAG_SIZE = 24 };

static const unsigned statuses[ERROR_KINDS] = {
        [ERROR_NONE] = 500,     [ERROR_INPUT] = 400,  [ERROR_NOT_FOUND] = 404, [ERROR_GONE] = 410,
        [ERROR_CONFLICT] = 409, [ERROR_DENIED] = 403, [ERROR_FULL] = 503,      [ERROR_BUSY] = 503,
        [ERROR_CORRUPT] = 500,  [ERROR_SYSTEM] = 500,
};

static const struct {
        unsigned status;
        const char *title;
} titles[] = {
        {400, "The request cannot be understood"},
        {403, "Not allowed"},
        {404, "There is no such thing"},
        {405, "Not with this method"},
        {409, "It is not what it was"},
        {410, "It is no longer there"},
        {413, "Too large"},
        {414, "The URL is too long"},
        {415, "Not in this form"},
        {416, "The range lies outside"},
        {421, "This server does not answer to that name"},
        {422, "The picture cannot be decoded"},
        {500, "Something failed"},
        {503, "Not now"},
};

static const char *title_of(unsigned status)
{
        for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
                if (titles[i].status == status)
                        return titles[i].title;
        }
        return "Something failed";
}

void reply_add(struct MHD_Response *response, const char *name, const char *value)
{
        /* Fails for want of memory only; the answer is right without it. */
        (void)MHD_add_response_header(response, name, value);
}

void reply_add_app(struct MHD_Response *response, const char *policy)
{
        if (response == NULL)
                return;
        reply_add(response, "X-Content-Type-Options", "nosniff");
        /* No other site may embed what this one shows: there is no access control yet. */
        reply_add(response, "Cross-Origin-Resource-Policy", "same-origin");
        reply_add(response, "Content-Security-Policy", policy);
}

void reply_add_common(struct MHD_Response *response)
{
        reply_add_app(response, "default-src 'none'; frame-ancestors 'none'; sandbox");
}

void reply_add_origin(struct MHD_Response *response, const char *origin)
{
        if (origin == NULL)
                return;
        /* The same to whoever asks, so that no cache has to tell answers apart. */
        reply_add(response, "Access-Control-Allow-Origin", origin);
        reply_add(response, "Access-Control-Expose-Headers",
                  "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, "
                  "Retry-After");
}

bool reply_send_shared(struct request *request, unsigned status, struct MHD_Response *response,
                       struct error *err)
{
        assert(request->status == 0 && request->where != REQUEST_AWAY);
        if (MHD_queue_response(request->connection, status, response) != MHD_YES)
                return error_set(err, ERROR_SYSTEM, "the answer could not be queued");
        request->status = status;
        return true;
}

bool reply_send(struct request *request, unsigned status, struct MHD_Response *response,
                struct error *err)
{
        if (response == NULL)
                return error_set(err, ERROR_FULL, "no memory for the answer");
        if (request->where == REQUEST_AWAY) {
                assert(request->kept == NULL);
                request->kept = response;
                request->kept_status = status;
                return true;
        }
        reply_add_origin(response, request->server->config.allowed_origin);
        bool fine = reply_send_shared(request, status, response, err);
        MHD_destroy_response(response);
        return fine;
}

void reply_problem(struct request *request, unsigned status, const char *detail)
{
        char buffer[2048];
        struct text text;
        text_init(&text, buffer, sizeof buffer);
        struct json json;
        json_init(&json, &text);
        json_open_object(&json);
        json_add_string(&json, "type", "about:blank");
        json_add_string(&json, "title", title_of(status));
        json_add_int(&json, "status", status);
        json_add_string(&json, "detail", detail);
        json_close_object(&json);
        struct MHD_Response *response =
                MHD_create_response_from_buffer(text.length, buffer, MHD_RESPMEM_MUST_COPY);
        if (response == NULL)
                return; /* the connection is closed without an answer */
        reply_add_common(response);
        reply_add(response, "Content-Type", "application/problem+json");
        reply_add(response, "Cache-Control", "no-store");
        if (status == 405) {
                char allow[ROUTE_ALLOW_SIZE];
                route_allow(request->methods, allow);
                reply_add(response, "Allow", allow);
        }
        if (status == 503)
                reply_add(response, "Retry-After", "1");
        struct error ignored;
        (void)!reply_send(request, status, response, &ignored);
}

void reply_error(struct request *request, const struct error *err)
{
        reply_problem(request, statuses[err->kind], err->text);
}

bool reply_not_modified(struct request *request, const char *etag, const char *cache_control,
                        struct error *err)
{
        struct MHD_Response *response =
                MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        /* What else the answer had holds on: headers of its own would take the place of those, and
         * a page of the app would go on with the policy of a picture. */
        if (response != NULL) {
                reply_add(response, "ETag", etag);
                reply_add(response, "Cache-Control", cache_control);
        }
        return reply_send(request, 304, response, err);
}

bool reply_range_refused(struct request *request, int64_t length, struct error *err)
{
        static char body[] = "{\"type\":\"about:blank\",\"title\":\"The range lies outside\","
                             "\"status\":416,\"detail\":\"the range begins past the end\"}";
        struct MHD_Response *response =
                MHD_create_response_from_buffer(sizeof body - 1, body, MHD_RESPMEM_PERSISTENT);
        if (response != NULL) {
                char range[40];
                snprintf(range, sizeof range, "bytes */%" PRId64, length);
                reply_add_common(response);
                reply_add(response, "Content-Type", "application/problem+json");
                reply_add(response, "Cache-Control", "no-store");
                reply_add(response, "Content-Range", range);
        }
        return reply_send(request, 416, response, err);
}

void reply_add_content_range(struct MHD_Response *response, int64_t offset, int64_t length,
                             int64_t whole)
{
        char range[80];
        snprintf(range, sizeof range, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, offset,
                 offset + length - 1, whole);
        reply_add(response, "Content-Range", range);
}

struct conditions reply_conditions(const struct request *request)
{
        return (struct conditions){
                .if_none_match = request_header(request, "If-None-Match"),
                .if_modified_since = request_header(request, "If-Modified-Since"),
                .if_range = request_header(request, "If-Range"),
                .range = request_header(request, "Range"),
        };
}

enum encoding reply_encoding(const struct request *request)
{
        return encoding_choose(request_header(request, "Accept-Encoding"));
}

/* FNV-1a over words; an ETag needs no more than that equal bytes give equal tags and that others
 * hardly ever do. */
static void weak_etag(const struct text *body, char out[static ETAG_SIZE])
{
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        size_t at = 0;
        for (; at + 8 <= body->length; at += 8) {
                uint64_t word;
                memcpy(&word, body->bytes + at, sizeof word);
                hash = (hash ^ word) * UINT64_C(0x100000001b3);
                hash ^= hash >> 29;
        }
        for (; at < body->length; at++)
                hash = (hash ^ (unsigned char)body->bytes[at]) * UINT64_C(0x100000001b3);
        hash = (hash ^ body->length) * UINT64_C(0x9e3779b97f4a7c15);
        snprintf(out, ETAG_SIZE, "W/\"%016" PRIx64 "\"", hash ^ hash >> 32);
}

/* Replaces the text by its compressed form. */
static bool compress(struct text *body, enum encoding encoding, struct error *err)
{
        struct encoder *encoder = NULL;
        struct text packed;
        text_init_growing(&packed, body->length + 4096);
        bool fine = encoder_create(encoding, &encoder, err) &&
                    encoder_feed(encoder, body->bytes, body->length, true, &packed, err);
        encoder_destroy(&encoder);
        if (!fine) {
                text_finish(&packed);
                return false;
        }
        text_finish(body);
        *body = packed;
        return true;
}

/* The text's bytes become the response's. */
static struct MHD_Response *response_of(struct text *body)
{
        struct MHD_Response *response =
                MHD_create_response_from_buffer_with_free_callback(body->length, body->bytes, free);
        if (response != NULL)
                *body = (struct text){0};
        return response;
}

bool reply_json(struct request *request, struct text *body, struct error *err)
{
        struct MHD_Response *response = NULL;
        bool fine = false;
        if (!text_ok(body)) {
                error_set(err, ERROR_FULL, "the answer is too large; ask for fewer at a time");
                goto out;
        }
        char etag[ETAG_SIZE];
        weak_etag(body, etag);
        const char *known = request_header(request, "If-None-Match");
        if (known != NULL && etag_list_has(known, etag)) {
                fine = reply_not_modified(request, etag, "no-cache", err);
                goto out;
        }
        enum encoding encoding = ENCODING_IDENTITY;
        if (body->length >= COMPRESS_FROM)
                encoding = reply_encoding(request);
        if (encoding != ENCODING_IDENTITY && !compress(body, encoding, err))
                goto out;
        response = response_of(body);
        reply_add_common(response);
        if (response != NULL) {
                reply_add(response, "Content-Type", "application/json");
                reply_add(response, "Cache-Control", "no-cache");
                reply_add(response, "Vary", "Accept-Encoding");
                reply_add(response, "ETag", etag);
                if (encoding != ENCODING_IDENTITY)
                        reply_add(response, "Content-Encoding", encoding_word(encoding));
        }
        fine = reply_send(request, 200, response, err);
out:
        text_finish(body);
        return fine;
}

bool reply_catalog_json(struct request *request, size_t bound,
                        bool (*write)(struct request *request, struct json *json,
                                      struct catalog *catalog, struct error *err),
                        struct error *err)
{
        struct catalog *catalog;
        if (!request_reader(request, &catalog, err) || !catalog_read_begin(catalog, err))
                return false;
        struct text body;
        struct json json;
        text_init_growing(&body, bound);
        json_init(&json, &body);
        bool fine = write(request, &json, catalog, err);
        catalog_read_end(catalog);
        if (fine)
                return reply_json(request, &body, err);
        text_finish(&body);
        return false;
}

bool reply_new_json(struct request *request, unsigned status, struct text *body, struct error *err)
{
        bool fine = false;
        if (!text_ok(body)) {
                error_set(err, ERROR_FULL, "the answer is too large");
                goto out;
        }
        struct MHD_Response *response = response_of(body);
        reply_add_common(response);
        if (response != NULL) {
                reply_add(response, "Content-Type", "application/json");
                reply_add(response, "Cache-Control", "no-store");
        }
        fine = reply_send(request, status, response, err);
out:
        text_finish(body);
        return fine;
}

bool reply_nothing(struct request *request, struct error *err)
{
        struct MHD_Response *response =
                MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        reply_add_common(response);
        return reply_send(request, 204, response, err);
}

bool reply_text(struct request *request, const char *type, struct text *body, struct error *err)
{
        bool fine = false;
        if (!text_ok(body)) {
                error_set(err, ERROR_FULL, "no memory for the answer");
                goto out;
        }
        struct MHD_Response *response = response_of(body);
        reply_add_common(response);
        if (response != NULL) {
                reply_add(response, "Content-Type", type);
                reply_add(response, "Cache-Control", "no-store");
        }
        fine = reply_send(request, 200, response, err);
out:
        text_finish(body);
        return fine;
}

ssize_t reply_cut(struct MHD_Connection *connection)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (info != NULL)
                shutdown(info->connect_fd, SHUT_RDWR);
        return MHD_CONTENT_READER_END_WITH_ERROR;
}
