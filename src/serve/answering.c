#include "serve/answering.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/assets.h"
#include "serve/calls.h"
#include "serve/reply.h"
#include "serve/request.h"
#include "serve/server.h"

enum { URL_MOST = 8192 };

size_t answering_unescape(void *context, struct MHD_Connection *connection, char *text)
{
        (void)context;
        (void)connection;
        return strlen(text);
}

void *answering_begin(void *context, const char *url, struct MHD_Connection *connection)
{
        struct server *server = context;
        size_t length = strlen(url);
        bool too_long = length > URL_MOST;
        if (too_long)
                length = 0;
        const char *mark = strchr(url, '?');
        const char *query = too_long ? NULL : mark;
        size_t parameters = query != NULL ? query_string_most(query) : 0;
        /* The parameters stand behind the URL, at their alignment. */
        size_t at = sizeof(struct request) + length + 1;
        at = (at + _Alignof(struct query_parameter) - 1) / _Alignof(struct query_parameter) *
             _Alignof(struct query_parameter);
        struct request *request = malloc(at + parameters * sizeof(struct query_parameter));
        if (request == NULL)
                return NULL;
        *request = (struct request){
                .server = server,
                .connection = connection,
                .start = mono_now(),
                .too_long = too_long,
                .parameters = (struct query_parameter *)(void *)((char *)request + at),
                .parameter_count = parameters,
        };
        memcpy(request->url, url, length);
        request->url[length] = '\0';
        if (query != NULL) {
                request->query = request->url + (query - url);
                *request->query++ = '\0';
        }
        /* The library would take the parameters apart as well, into memory that many of them
         * exhaust, and then never answer. We have ours; so it finds none. The URL lies in the
         * connection's own buffer, in which it ends words in just this way. */
        if (mark != NULL)
                ((char *)(uintptr_t)mark)[1] = '\0'; /* NOLINT(performance-no-int-to-ptr) */
        atomic_fetch_add_explicit(&server->answering, 1, memory_order_relaxed);
        return request;
}

static bool has_body(const struct request *request)
{
        const char *length = request_header(request, "Content-Length");
        return (length != NULL && strcmp(length, "0") != 0) ||
               request_header(request, "Transfer-Encoding") != NULL;
}

static void answer_options(struct request *request)
{
        struct MHD_Response *response =
                MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        struct error ignored;
        if (response != NULL)
                reply_add(response, "Allow", "GET, HEAD, OPTIONS");
        (void)!reply_send(request, 204, response, &ignored);
}

/* True when the method is one we have; else it is answered. */
static bool take_method(struct request *request, const char *method)
{
        request->head = strcmp(method, "HEAD") == 0;
        if (request->head || strcmp(method, "GET") == 0)
                return true;
        if (strcmp(method, "OPTIONS") == 0)
                answer_options(request);
        else
                reply_problem(request, 405, "only GET and HEAD are answered here");
        return false;
}

static bool take_capture(const struct route_captures *captures, int which,
                         char out[static REQUEST_CAPTURE_SIZE], struct error *err)
{
        size_t length = captures->length[which];
        if (length >= REQUEST_CAPTURE_SIZE)
                return error_set(err, ERROR_NOT_FOUND, "there is nothing with so long a name");
        if (length == 0)
                return true;
        memcpy(out, captures->at[which], length);
        return percent_decode(out, length, false, err);
}

static bool run_route(struct request *request, const struct route_captures *captures,
                      struct error *err)
{
        if (!take_capture(captures, 0, request->capture, err) ||
            !take_capture(captures, 1, request->second_capture, err))
                return false;
        size_t room = request->parameter_count;
        request->parameter_count = 0;
        if (request->query != NULL && !query_string_parse(request->query, request->parameters, room,
                                                          &request->parameter_count, err))
                return false;
        return route_check(request->route, request->parameters, request->parameter_count, err) &&
               request->route->handle(request, err);
}

static bool answer_path(struct request *request, const char *method, struct error *err)
{
        struct route_captures captures;
        request->route = route_find(request->url, &captures);
        const struct asset *asset = request->route == NULL ? asset_find(request->url) : NULL;
        if (request->route == NULL && asset == NULL)
                return error_set(err, ERROR_NOT_FOUND, "there is nothing at %.200s", request->url);
        if (!take_method(request, method))
                return true;
        request->app = asset != NULL;
        if (asset != NULL)
                return asset_answer(request, asset, err);
        return run_route(request, &captures, err);
}

static bool answer(struct request *request, const char *method, struct error *err)
{
        const struct http_config *config = &request->server->config;
        const char *host = request_header(request, "Host");
        if (request->too_long) {
                reply_problem(request, 414, "at most 8192 bytes are read");
                return true;
        }
        if (host == NULL ||
            !host_allowed(host, config->allowed_hosts, config->allowed_host_count)) {
                reply_problem(request, 421,
                              "the Host header does not name this machine; setting allowed_hosts "
                              "adds names");
                return true;
        }
        if (request->thumbnail != NULL)
                return thumbnail_resume(request, err);
        return answer_path(request, method, err);
}

/* The library's own signature. NOLINTNEXTLINE(readability-function-size) */
enum MHD_Result answering_run(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request_pointer)
{
        (void)context;
        (void)connection;
        (void)url;
        (void)version;
        (void)upload;
        struct request *request = *request_pointer;
        if (request == NULL)
                return MHD_NO; /* no memory */
        *upload_size = 0;
        if (!request->begun) {
                request->begun = true;
                /* An answer at this point closes the connection, which is right for a body that
                 * nobody wants to read and wrong for anything else. */
                if (has_body(request))
                        reply_problem(request, 413, "no call takes a body");
                return MHD_YES;
        }
        struct error err = {0};
        if (!answer(request, method, &err) && request->status == 0)
                reply_error(request, &err);
        request_reader_give(request);
        return request->status != 0 || request->thumbnail != NULL ? MHD_YES : MHD_NO;
}

static int metrics_route(const struct request *request)
{
        if (request->route != NULL)
                return (int)(request->route - routes);
        return request->app ? METRICS_ROUTE_APP : METRICS_ROUTE_OTHER;
}

void answering_end(void *context, struct MHD_Connection *connection, void **request_pointer,
                   enum MHD_RequestTerminationCode why)
{
        (void)connection;
        (void)why;
        struct server *server = context;
        struct request *request = *request_pointer;
        if (request == NULL)
                return;
        bool lasts = request->route != NULL &&
                     (request->route->handle == call_live || request->route->handle == call_paced);
        metrics_count(&server->metrics, metrics_route(request), request->status);
        if (!lasts)
                metrics_time(&server->metrics, request->start, mono_now());
        thumbnail_forget(request);
        free(request);
        *request_pointer = NULL;
        atomic_fetch_sub_explicit(&server->answering, 1, memory_order_relaxed);
}

void answering_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
        (void)connection;
        (void)socket_context;
        struct server *server = context;
        if (what == MHD_CONNECTION_NOTIFY_STARTED)
                atomic_fetch_add_explicit(&server->metrics.connections, 1, memory_order_relaxed);
        else
                atomic_fetch_sub_explicit(&server->metrics.connections, 1, memory_order_relaxed);
}

size_t answering_count(struct server *server)
{
        return atomic_load(&server->answering);
}
