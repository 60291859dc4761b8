#include "serve/answering.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve/assets.h"
#include "serve/calls.h"
#include "serve/framing.h"
#include "serve/reply.h"
#include "serve/request.h"
#include "serve/server.h"

enum { URL_MOST = 8192 };

/* What is kept of a connection. The library may forget to say that a request is over: when it
 * answers a header that is too large itself, it can fail twice and then only closes. */
struct peer {
        struct request *request; /* begun and not ended; NULL: none */
};

static struct peer *peer_of(struct MHD_Connection *connection)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        return info != NULL ? info->socket_context : NULL;
}

size_t answering_unescape(void *context, struct MHD_Connection *connection, char *text)
{
        (void)context;
        (void)connection;
        return strlen(text);
}

/* Parts the target: host (of the absolute form, whose "http://" leaves room for what ends it and
 * for a path that is missing), path, query. */
static void part_target(struct request *request, const char *target, size_t length)
{
        const char *host;
        size_t host_length;
        char *at = request->target;
        if (length > 0 && host_of_target(target, &host, &host_length)) {
                request->authority = at;
                memcpy(at, host, host_length);
                at[host_length] = '\0';
                at += host_length + 1;
                length -= (size_t)(host + host_length - target);
                target = host + host_length;
        }
        request->url = at;
        if (request->authority != NULL && *target != '/')
                *at++ = '/';
        memcpy(at, target, length);
        at[length] = '\0';
        request->query = strchr(at, '?');
        if (request->query != NULL)
                *request->query++ = '\0';
}

void *answering_begin(void *context, const char *url, struct MHD_Connection *connection)
{
        struct server *server = context;
        size_t length = strlen(url);
        bool too_long = length > URL_MOST;
        if (too_long)
                length = 0;
        const char *mark = strchr(url, '?');
        size_t parameters = mark != NULL && !too_long ? query_string_most(mark) : 0;
        /* The parameters stand behind the target, at their alignment. */
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
        part_target(request, url, length);
        /* The library would take the parameters apart as well, into memory that many of them
         * exhaust, and then never answer. We have ours; so it finds none. The URL lies in the
         * connection's own buffer, in which it ends words in just this way. */
        if (mark != NULL)
                ((char *)(uintptr_t)mark)[1] = '\0'; /* NOLINT(performance-no-int-to-ptr) */
        atomic_fetch_add_explicit(&server->answering, 1, memory_order_relaxed);
        struct peer *peer = peer_of(connection);
        if (peer != NULL)
                peer->request = request;
        return request;
}

static void answer_options(struct request *request)
{
        char allow[ROUTE_ALLOW_SIZE];
        struct MHD_Response *response =
                MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        struct error ignored;
        route_allow(request->methods, allow);
        reply_add_common(response);
        if (response != NULL)
                reply_add(response, "Allow", allow);
        if (response != NULL && request->server->config.allowed_origin != NULL) {
                /* What a browser asks before its page of the other site may send more than a form.
                 */
                reply_add(response, "Access-Control-Allow-Methods", allow);
                reply_add(response, "Access-Control-Allow-Headers",
                          "Content-Type, If-None-Match, If-Range, Last-Event-ID, Range");
                reply_add(response, "Access-Control-Allow-Private-Network", "true");
                reply_add(response, "Access-Control-Max-Age", "600");
        }
        (void)!reply_send(request, 204, response, &ignored);
}

static void refuse_method(struct request *request)
{
        char allow[ROUTE_ALLOW_SIZE];
        char text[ROUTE_ALLOW_SIZE + 40];
        route_allow(request->methods, allow);
        snprintf(text, sizeof text, "answered here: %s", allow);
        reply_problem(request, 405, text);
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

/* Once it is away, nothing of the request is ours. */
static bool run_route(struct request *request, bool *away_out, struct error *err)
{
        if (!take_capture(&request->captures, 0, request->capture, err) ||
            !take_capture(&request->captures, 1, request->second_capture, err))
                return false;
        size_t room = request->parameter_count;
        request->parameter_count = 0;
        if (request->query != NULL && !query_string_parse(request->query, request->parameters, room,
                                                          &request->parameter_count, err))
                return false;
        if (!route_check(request->route, request->parameters, request->parameter_count, err))
                return false;
        if (request->route->method != METHOD_GET) {
                *away_out = writing_run(request->server->writing, request, err);
                return *away_out;
        }
        return request->route->handle(request, err);
}

/* Whether somebody looks at the answer, and not a program: the app then says that nothing is there,
 * and where one may go. */
static bool is_looked_at(const struct request *request, enum route_method method)
{
        const char *accept = request_header(request, "Accept");
        return method == METHOD_GET && accept != NULL && strstr(accept, "text/html") != NULL &&
               strncmp(request->url, "/api/", 5) != 0 && asset_find("/") != NULL;
}

/* Finds who answers. False when nobody does, which is then answered, or said in *err. */
static bool find(struct request *request, const char *method_word, struct error *err)
{
        enum route_method method = route_method_of(method_word);
        request->head = strcmp(method_word, "HEAD") == 0;
        request->route = route_find(method, request->url, &request->captures, &request->methods);
        if (request->methods == 0) {
                request->app = asset_find(request->url) != NULL;
                request->lost = !request->app && is_looked_at(request, method);
                if (!request->app && !request->lost)
                        return error_set(err, ERROR_NOT_FOUND, "there is nothing at %.200s",
                                         request->url);
                request->methods = 1U << METHOD_GET;
        }
        if (request->route != NULL || request->lost || (request->app && method == METHOD_GET))
                return true;
        if (strcmp(method_word, "OPTIONS") == 0)
                answer_options(request);
        else
                refuse_method(request);
        return false;
}

static bool header_is(const struct request *request, const char *name, const char *value)
{
        const char *found = request_header(request, name);
        return found != NULL && strcmp(found, value) == 0;
}

/* A page of another site may make a browser send us anything. It may not change anything here; nor
 * make us work for answers that it cannot see, whose time would tell it what there is. Who follows
 * a link goes where it leads. The one site that the owner named may do all that our own pages may.
 */
static bool is_ours(struct request *request)
{
        const char *origin = request_header(request, "Origin");
        const char *allowed = request->server->config.allowed_origin;
        if (origin != NULL && allowed != NULL && strcasecmp(origin, allowed) == 0)
                return true;
        bool reads = request->route->method == METHOD_GET;
        bool same = request_header(request, "Sec-Fetch-Site") == NULL ||
                    header_is(request, "Sec-Fetch-Site", "same-origin") ||
                    header_is(request, "Sec-Fetch-Site", "none");
        bool link = header_is(request, "Sec-Fetch-Mode", "navigate") &&
                    header_is(request, "Sec-Fetch-Dest", "document");
        if (origin != NULL && !host_is_origin(origin, request_host(request)))
                same = link = false;
        if (same || (reads && link))
                return true;
        reply_problem(request, 403,
                      reads ? "a page of another site may not use what is here"
                            : "a page of another site may not change anything here");
        return false;
}

/* Whether the request is one we answer, as its header tells; else it is answered. */
static bool admit(struct request *request, const char *method, struct error *err)
{
        const struct http_config *config = &request->server->config;
        const char *host = request_host(request);
        if (request->too_long) {
                reply_problem(request, 414, "at most 8192 bytes are read");
                return false;
        }
        if (host == NULL ||
            !host_allowed(host, config->allowed_hosts, config->allowed_host_count)) {
                reply_problem(
                        request, 421,
                        "the host that was asked for is not this machine; setting allowed_hosts "
                        "adds names");
                return false;
        }
        if (!find(request, method, err))
                return false;
        if (request->route != NULL && !is_ours(request))
                return false;
        request->admitted = body_admit(request);
        return request->admitted;
}

/* What was found while the request was away. */
static bool send_kept(struct request *request, struct error *err)
{
        struct MHD_Response *response = request->kept;
        request->kept = NULL;
        return reply_send(request, request->kept_status, response, err);
}

static bool answer(struct request *request, const char *method, bool *away_out, struct error *err)
{
        if (request->where == REQUEST_BACK)
                return send_kept(request, err);
        if (request->thumbnail != NULL)
                return thumbnail_resume(request, err);
        if (!request->admitted && !admit(request, method, err))
                return request->status != 0;
        if (request->body.received > request->body.reserved) {
                reply_problem(request, 413, "at most 1 MiB is taken; send less at a time");
                return true;
        }
        if (request->route != NULL)
                return run_route(request, away_out, err);
        if (request->lost)
                return asset_answer(request, 404, asset_find("/"), err);
        return asset_answer(request, 200, asset_find(request->url), err);
}

/* The header is there and the body, if any, is to come. An answer at this point closes the
 * connection, which is right for a body that nobody wants to read and wrong for anything else. */
static void begin(struct request *request, const char *method)
{
        struct error err = {0};
        request->begun = true;
        const char *problem = framing_problem(request->connection);
        if (problem != NULL)
                reply_problem(request, 400, problem);
        else if (body_expected(request) && !admit(request, method, &err) && request->status == 0)
                reply_error(request, &err);
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
        struct request *request = *request_pointer;
        if (request == NULL)
                return MHD_NO; /* no memory */
        if (!request->begun) {
                begin(request, method);
                return MHD_YES;
        }
        if (*upload_size > 0) {
                bool fine = body_add(request, upload, *upload_size);
                *upload_size = 0;
                return fine ? MHD_YES : MHD_NO;
        }
        struct error err = {0};
        bool away = false;
        bool fine = answer(request, method, &away, &err);
        if (away)
                return MHD_YES;
        if (!fine && request->status == 0)
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
        (void)why;
        struct server *server = context;
        struct request *request = *request_pointer;
        struct peer *peer = peer_of(connection);
        if (request == NULL)
                return;
        if (peer != NULL)
                peer->request = NULL;
        bool lasts = request->route != NULL &&
                     (request->route->handle == call_live || request->route->handle == call_paced);
        metrics_count(&server->metrics, metrics_route(request), request->status);
        if (!lasts)
                metrics_time(&server->metrics, request->start, mono_now());
        thumbnail_forget(request);
        body_free(request);
        if (request->kept != NULL)
                MHD_destroy_response(request->kept);
        free(request);
        *request_pointer = NULL;
        atomic_fetch_sub_explicit(&server->answering, 1, memory_order_relaxed);
}

void answering_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
        struct server *server = context;
        if (what == MHD_CONNECTION_NOTIFY_STARTED) {
                *socket_context = calloc(1, sizeof(struct peer));
                atomic_fetch_add_explicit(&server->metrics.connections, 1, memory_order_relaxed);
                return;
        }
        struct peer *peer = *socket_context;
        if (peer != NULL && peer->request != NULL) {
                void *left = peer->request;
                answering_end(server, connection, &left, MHD_REQUEST_TERMINATED_WITH_ERROR);
        }
        free(peer);
        *socket_context = NULL;
        atomic_fetch_sub_explicit(&server->metrics.connections, 1, memory_order_relaxed);
}

size_t answering_count(struct server *server)
{
        return atomic_load(&server->answering);
}
