#include "serve/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "serve/answer_export.h"
#include "serve/answering.h"
#include "serve/server.h"

enum {
        CONNECTIONS_MOST = 12000,
        /* URL and headers of a request, headers of its answer. Cookies of whatever else this
         * machine serves come along, as browsers know no ports there, and take twice their room. */
        CONNECTION_MEMORY = 32 << 10,
        IDLE_SECONDS = 60,
        EXPORT_TOLD_BOUND = 1 << 16,
        EXPORT_TOLD_STRETCHES = 10,
        BACKLOG = 1024,
        THREADS_MOST = 32,
        CACHED_FILES = 4096,
        FINISH_MS = 2000 /* what is being answered may go on when the server is stopped */
};

/* ---- listening ---- */

static bool listen_on(const struct listen_address *address, int *fd_out, struct error *err)
{
        struct sockaddr_in v4 = {
                .sin_family = AF_INET,
                .sin_port = htons(address->port),
                .sin_addr = address->v4,
        };
        struct sockaddr_in6 v6 = {
                .sin6_family = AF_INET6,
                .sin6_port = htons(address->port),
                .sin6_addr = in6addr_loopback,
        };
        const struct sockaddr *name =
                address->six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
        socklen_t size = address->six ? sizeof v6 : sizeof v4;
        int family = address->six ? AF_INET6 : AF_INET;
        int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return error_sys(err, "open a socket");
        int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(fd, name, size) < 0 || listen(fd, BACKLOG) < 0) {
                if (errno == EADDRINUSE)
                        error_set(err, ERROR_CONFLICT,
                                  "port %u is in use already; is cctvweb running? --listen takes "
                                  "another one",
                                  address->port);
                else
                        error_sys(err, "listen on port %u", address->port);
                close(fd);
                return false;
        }
        *fd_out = fd;
        return true;
}

static uint16_t port_of(int fd)
{
        union {
                struct sockaddr any;
                struct sockaddr_in v4;
                struct sockaddr_in6 v6;
        } name = {.v6 = {0}};
        socklen_t size = sizeof name;
        if (getsockname(fd, &name.any, &size) < 0)
                return 0;
        return ntohs(name.any.sa_family == AF_INET6 ? name.v6.sin6_port : name.v4.sin_port);
}

void http_address(const struct server *server, char out[static HTTP_ADDRESS_SIZE])
{
        char host[INET_ADDRSTRLEN] = "";
        const struct listen_address *address = &server->config.listen;
        if (address->six) {
                snprintf(out, HTTP_ADDRESS_SIZE, "[::1]:%u", server->port);
                return;
        }
        inet_ntop(AF_INET, &address->v4, host, sizeof host);
        snprintf(out, HTTP_ADDRESS_SIZE, "%s:%u", host, server->port);
}

/* ---- life ---- */

static void on_library_log(void *context, const char *format, va_list args)
{
        (void)context;
        char text[400];
        if (vsnprintf(text, sizeof text, format, args) > 0)
                log_event(LOG_DEBUG, "serve", "library", "text=\"%s\"", text);
}

/* As many files and connections as the system allows us. */
static unsigned raise_limit(void)
{
        struct rlimit limit;
        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return 1024;
        if (limit.rlim_cur < limit.rlim_max) {
                struct rlimit raised = {limit.rlim_max, limit.rlim_max};
                if (raised.rlim_cur > 65536)
                        raised.rlim_cur = 65536;
                if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
                        limit = raised;
        }
        return limit.rlim_cur > 65536 ? 65536 : (unsigned)limit.rlim_cur;
}

static unsigned thread_count(const struct http_config *config)
{
        long threads = config->threads > 0 ? config->threads : sysconf(_SC_NPROCESSORS_ONLN);
        if (threads < 2)
                threads = 2;
        return threads > THREADS_MOST ? THREADS_MOST : (unsigned)threads;
}

static bool start_daemon(struct server *server, unsigned threads, unsigned files, struct error *err)
{
        unsigned connections = files / 2 < CONNECTIONS_MOST ? files / 2 : CONNECTIONS_MOST;
        struct MHD_OptionItem options[] = {
                {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_library_log, NULL},
                {MHD_OPTION_LISTEN_SOCKET, server->listen_fd, NULL},
                {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL},
                {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)connections, NULL},
                {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
                {MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, NULL},
                {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
                {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)answering_begin, server},
                {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)answering_unescape, NULL},
                {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)answering_end, server},
                {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)answering_connection, server},
                {MHD_OPTION_END, 0, NULL},
        };
        unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME |
                         MHD_USE_ERROR_LOG;
        if (server->config.listen.six)
                flags |= MHD_USE_IPv6;
        server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, answering_run, server,
                                          MHD_OPTION_ARRAY, options, MHD_OPTION_END);
        if (server->daemon == NULL)
                return error_set(err, ERROR_SYSTEM, "the HTTP library could not be started");
        return true;
}

static bool start_parts(struct server *server, unsigned threads, unsigned files, struct error *err)
{
        const struct http_config *config = &server->config;
        struct thumbnails_config thumbnails = {
                .data_directory = config->data_directory,
                .cache_bytes = config->cache_bytes,
                .workers = (int)threads,
                .allowed_origin = config->allowed_origin,
        };
        unsigned cached = files / 4 < CACHED_FILES ? files / 4 : CACHED_FILES;
        return reader_pool_create(config->data_directory, threads + 2, &server->readers, err) &&
               frame_cache_create(cached, &server->frames, err) &&
               thumbnails_create(&thumbnails, &server->thumbnails, err) &&
               paced_create(&server->paced, err) && writing_create(&server->writing, err) &&
               live_create(server->readers, config->reception, &server->live, err);
}

bool http_start(const struct http_config *config, struct server **server_out, struct error *err)
{
        struct server *server = calloc(1, sizeof *server);
        if (server == NULL)
                return error_set(err, ERROR_FULL, "no memory for the server");
        server->config = *config;
        server->started = utc_now();
        server->listen_fd = -1;
        unsigned threads = thread_count(config);
        unsigned files = raise_limit();
        if (!listen_on(&config->listen, &server->listen_fd, err) ||
            !start_parts(server, threads, files, err))
                goto failed;
        server->port = port_of(server->listen_fd);
        if (!start_daemon(server, threads, files, err))
                goto failed;
        *server_out = server;
        return true;
failed:
        http_stop(server);
        http_free(&server);
        return false;
}

static void wait_for_answers(struct server *server)
{
        const struct timespec moment = {.tv_nsec = 20000000};
        for (int waited = 0; waited < FINISH_MS; waited += 20) {
                if (answering_count(server) == 0)
                        return;
                nanosleep(&moment, NULL);
        }
}

void http_stop(struct server *server)
{
        atomic_store(&server->stopping, true);
        /* MHD_quiesce_daemon would be the way to take no more connections, but with epoll and
         * threads of the library's it races with them, and the loser aborts the program. From here
         * on nothing suspends a connection, and those that are get woken: the library does not take
         * it well when one is left. */
        if (server->live != NULL)
                live_stop(server->live);
        if (server->paced != NULL)
                paced_stop(server->paced);
        if (server->writing != NULL)
                writing_stop(server->writing);
        if (server->thumbnails != NULL)
                thumbnails_stop(server->thumbnails);
        if (server->daemon != NULL) {
                wait_for_answers(server);
                MHD_stop_daemon(server->daemon);
                server->daemon = NULL;
        }
}

void http_free(struct server **server_pointer)
{
        struct server *server = *server_pointer;
        if (server == NULL)
                return;
        if (server->listen_fd >= 0)
                close(server->listen_fd);
        thumbnails_destroy(&server->thumbnails);
        paced_destroy(&server->paced);
        writing_destroy(&server->writing);
        live_destroy(&server->live);
        frame_cache_destroy(&server->frames);
        reader_pool_destroy(&server->readers);
        free(server);
        *server_pointer = NULL;
}

void http_frames_arrived(struct server *server, const struct frame *frames, size_t count)
{
        live_frames(server->live, frames, count);
}

void http_camera_changed(struct server *server, struct camera_id camera)
{
        live_camera(server->live, camera);
}

void http_progress(struct server *server, const struct http_progress *progress)
{
        live_progress(server->live, progress);
}

void http_stretch_changed(struct server *server, const char *event, const char *camera,
                          const struct stretch *stretch)
{
        live_stretch(server->live, event, camera, stretch);
}

void http_frames_deleted(struct server *server, const struct stretch *stretch)
{
        frame_cache_forget(server->frames, stretch);
}

void http_frames_purged(struct server *server, const struct frame *frames, size_t count)
{
        thumbnails_drop(server->thumbnails, frames, count);
}

void http_alert(struct server *server, const char *kind, const char *text, bool holds)
{
        live_alert(server->live, kind, text, holds);
}

void http_export_changed(struct server *server, const struct export_row *row, int64_t done,
                         bool removed)
{
        struct catalog *catalog;
        struct error err;
        struct text data;
        struct json json;
        if (!reader_take(server->readers, &catalog, &err))
                return;
        text_init_growing(&data, EXPORT_TOLD_BOUND);
        json_init(&json, &data);
        struct export_told told = {row, done, removed, EXPORT_TOLD_STRETCHES};
        if (answer_export(&json, catalog, &told, &err))
                live_tell(server->live, (struct camera_id){0}, "export", &data);
        text_finish(&data);
        reader_give(server->readers, &catalog);
}
