#include "serve/body.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve/reply.h"
#include "serve/request.h"
#include "serve/server.h"

enum { WASTED_MOST = 8 << 20 }; /* read without being kept, so that the answer can be sent */

bool body_expected(const struct request *request)
{
        const char *length = request_header(request, "Content-Length");
        return (length != NULL && strcmp(length, "0") != 0) ||
               request_header(request, "Transfer-Encoding") != NULL;
}

static bool is_json(const char *type)
{
        static const char json[] = "application/json";
        if (type == NULL || strncasecmp(type, json, sizeof json - 1) != 0)
                return false;
        const char *after = type + sizeof json - 1;
        after += strspn(after, " \t");
        return *after == '\0' || *after == ';';
}

static void refuse_size(struct request *request)
{
        reply_problem(request, 413, "at most 1 MiB is taken; send less at a time");
}

static bool reserve(struct request *request, size_t bytes)
{
        atomic_size_t *all = &request->server->body_bytes;
        if (atomic_fetch_add(all, bytes) + bytes > BODIES_MOST) {
                atomic_fetch_sub(all, bytes);
                reply_problem(request, 503, "too much is being sent by others; try again");
                return false;
        }
        request->body.reserved = bytes;
        text_init_growing(&request->body.text, bytes + 1);
        return true;
}

bool body_admit(struct request *request)
{
        bool expected = body_expected(request);
        if (request->route == NULL || !request->route->takes_body) {
                if (expected)
                        reply_problem(request, 413, "this call takes no body");
                return !expected;
        }
        if (!expected)
                return true; /* the handler says what is missing */
        if (!is_json(request_header(request, "Content-Type"))) {
                reply_problem(request, 415, "wanted is Content-Type: application/json");
                return false;
        }
        const char *length = request_header(request, "Content-Length");
        unsigned long long bytes = BODY_MOST;
        if (length != NULL) {
                errno = 0;
                bytes = strtoull(length, NULL, 10);
                if (errno != 0 || bytes > BODY_MOST) {
                        refuse_size(request);
                        return false;
                }
        }
        return reserve(request, (size_t)bytes);
}

bool body_add(struct request *request, const char *bytes, size_t length)
{
        struct body *body = &request->body;
        body->received += length;
        if (body->received <= body->reserved)
                text_add(&body->text, bytes, length);
        return body->received <= body->reserved + WASTED_MOST;
}

void body_free(struct request *request)
{
        text_finish(&request->body.text);
        atomic_fetch_sub(&request->server->body_bytes, request->body.reserved);
        request->body.reserved = 0;
}

bool body_json(struct request *request, json_t **document_out, struct error *err)
{
        const struct body *body = &request->body;
        if (body->received == 0)
                return error_set(err, ERROR_INPUT, "a body of JSON is wanted");
        if (!text_ok(&body->text))
                return error_set(err, ERROR_FULL, "no memory for the body");
        return json_read(body->text.bytes, body->text.length, document_out, err);
}
