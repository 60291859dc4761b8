#include "receive/ftp_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "receive/ftp_connection.h"

enum { BACKLOG = 512, RESUME_MS = 20, COMPLAIN_S = 10, STRANGER_S = 5, ASKING_S = 60, SPOOL_S = 2 };

/* ---- listening ---- */

/* "address:port" with brackets around IPv6. */
static bool parse_address(const char *text, struct sockaddr_in6 *six, struct sockaddr_in *four,
                          bool *is_six_out, struct error *err)
{
        char host[INET6_ADDRSTRLEN + 1];
        const char *colon = strrchr(text, ':');
        bool brackets = text[0] == '[';
        const char *start = brackets ? text + 1 : text;
        const char *end = brackets ? strchr(text, ']') : colon;
        char *rest = NULL;
        long port = colon != NULL ? strtol(colon + 1, &rest, 10) : -1;
        bool good = colon != NULL && end != NULL && end <= colon && rest != colon + 1 &&
                    *rest == '\0' && port >= 0 && port <= 65535 &&
                    (size_t)(end - start) < sizeof host && (!brackets || end + 1 == colon);
        if (good) {
                memcpy(host, start, (size_t)(end - start));
                host[end - start] = '\0';
                *is_six_out = brackets;
                *six = (struct sockaddr_in6){.sin6_family = AF_INET6,
                                             .sin6_port = htons((uint16_t)port)};
                *four = (struct sockaddr_in){.sin_family = AF_INET,
                                             .sin_port = htons((uint16_t)port)};
                good = brackets ? inet_pton(AF_INET6, host, &six->sin6_addr) == 1
                                : inet_pton(AF_INET, host, &four->sin_addr) == 1;
        }
        if (!good)
                return error_set(err, ERROR_INPUT,
                                 "\"%s\" is no address to listen on: write it like 0.0.0.0:2121 "
                                 "or [::]:2121",
                                 text);
        return true;
}

static bool listen_on(const char *text, int *fd_out, uint16_t *port_out, struct error *err)
{
        struct sockaddr_in6 six;
        struct sockaddr_in four;
        bool is_six = false;
        const int on = 1;
        const int off = 0;
        if (!parse_address(text, &six, &four, &is_six, err))
                return false;
        struct sockaddr *address = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
        socklen_t size = is_six ? sizeof six : sizeof four;
        int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return error_sys(err, "a socket for %s", text);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (is_six)
                setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        if (bind(fd, address, size) < 0 || listen(fd, BACKLOG) < 0 ||
            getsockname(fd, address, &size) < 0) {
                if (errno == EADDRINUSE)
                        error_set(err, ERROR_CONFLICT,
                                  "%s is in use already; is another FTP server running, or "
                                  "cctvweb? --ftp takes another address, as [::]:2122",
                                  text);
                else
                        error_sys(err, "listen on %s for FTP", text);
                close(fd);
                return false;
        }
        *port_out = ntohs(is_six ? six.sin6_port : four.sin_port);
        *fd_out = fd;
        return true;
}

/* The listener stays readable without descriptors: asking it again at once would be all that is
 * done. */
static void pause_accepting(struct ftp_server *server)
{
        struct mono now = mono_now();
        server->full = true;
        for (int i = 0; i < 2; i++) {
                if (server->accepting[i] != NULL)
                        event_del(server->accepting[i]);
        }
        ftp_server_look_again(server);
        if (now.ns < server->complain.ns)
                return;
        server->complain.ns = now.ns + (int64_t)COMPLAIN_S * 1000000000;
        log_warn("ftp", "not-accepted", "why=\"%s\"", "no more descriptors");
}

static void accept_again(struct ftp_server *server)
{
        server->full = false;
        for (int i = 0; i < 2; i++) {
                if (server->accepting[i] != NULL)
                        event_add(server->accepting[i], NULL);
        }
}

static bool is_stranger(const struct ftp_connection *at)
{
        return at->user == NULL && !at->awaiting;
}

/* Of IPv6 the part that one peer has to itself. */
static bool same_peer(const struct ftp_connection *a, const struct ftp_connection *b)
{
        const struct ftp_address *one = &a->session.config.peer;
        const struct ftp_address *other = &b->session.config.peer;
        return one->six == other->six && memcmp(one->bytes, other->bytes, one->six ? 8 : 4) == 0;
}

/* The oldest stranger of the one peer that most of them are of, when it has a quarter of all
 * sessions with them; NULL: there is none such. */
static struct ftp_connection *oldest_of_crowd(struct ftp_server *server)
{
        struct ftp_connection *of = NULL; /* if any peer has most, it is the one left over */
        struct ftp_connection *oldest = NULL;
        struct ftp_connection *at = NULL;
        unsigned left = 0;
        unsigned count = 0;
        LIST_FOREACH(at, &server->connections, next)
        {
                if (!is_stranger(at))
                        continue;
                if (left == 0)
                        of = at;
                left = same_peer(at, of) ? left + 1 : left - 1;
        }
        if (of == NULL)
                return NULL;
        LIST_FOREACH(at, &server->connections, next)
        {
                if (!is_stranger(at) || !same_peer(at, of))
                        continue;
                oldest = at;
                count++;
        }
        return count > server->config.sessions_max / 4 ? oldest : NULL;
}

/* When all sessions are taken whoever waits longest without a login makes room: connections that
 * only stay must not keep cameras out. Of many that one peer opens, one goes at once, whatever it
 * says. */
static bool drop_stranger(struct ftp_server *server)
{
        struct ftp_connection *oldest = NULL;
        struct ftp_connection *asking = NULL; /* its password is being looked at */
        struct ftp_connection *at = NULL;
        struct mono now = mono_now();
        LIST_FOREACH(at, &server->connections, next)
        {
                if (is_stranger(at))
                        oldest = at;
                else if (at->user == NULL)
                        asking = at;
        }
        if (oldest == NULL || now.ns - oldest->heard.ns < (int64_t)STRANGER_S * 1000000000)
                oldest = asking;
        int64_t least = oldest == asking ? ASKING_S : STRANGER_S;
        if (oldest == NULL || now.ns - oldest->heard.ns < least * 1000000000)
                oldest = oldest_of_crowd(server);
        if (oldest == NULL)
                return false;
        ftp_connection_close(oldest);
        return true;
}

static void on_accept(evutil_socket_t fd, short what, void *context)
{
        struct ftp_server *server = context;
        (void)what;
        for (int i = 0; i < 64; i++) {
                struct sockaddr_storage address;
                socklen_t size = sizeof address;
                int peer = accept4(fd, (struct sockaddr *)&address, &size,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (peer < 0) {
                        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
                            errno == ENOMEM)
                                pause_accepting(server);
                        return;
                }
                const int on = 1;
                setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                setsockopt(peer, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
                /* The byte that a client sends as urgent, with ABOR, stays in its place. */
                setsockopt(peer, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
                if (server->open >= server->config.sessions_max && !drop_stranger(server)) {
                        static const char full[] = "421 Too many sessions; try again later\r\n";
                        (void)!send(peer, full, sizeof full - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
                        close(peer);
                        atomic_fetch_add(&server->refused, 1);
                        continue;
                }
                ftp_connection_open(server, peer, (struct sockaddr *)&address,
                                    fd == server->listeners[1]);
        }
}

/* Uploads that take long do so on the disk when memory is short, so that they keep nobody
 * waiting. */
static void spool_slow(struct ftp_server *server)
{
        struct error err = {0};
        struct ftp_connection *at = NULL;
        int64_t before = mono_now().ns - (int64_t)SPOOL_S * 1000000000;
        LIST_FOREACH(at, &server->connections, next)
        {
                if (at->upload != NULL && at->upload->size > 0 && at->transfer.began.ns < before &&
                    !upload_spool(at->upload, &err))
                        return; /* the upload's own turn will say so */
        }
}

/* A moment after something had to wait: whether memory allows reading again, or it is time to stop.
 */
static void on_resume(evutil_socket_t fd, short what, void *context)
{
        struct ftp_server *server = context;
        (void)fd;
        (void)what;
        if (server->stopping) {
                ftp_server_look_again(server);
                ftp_maybe_finish(server);
                return;
        }
        if (server->full)
                accept_again(server);
        if (!TAILQ_EMPTY(&server->queue) && upload_budget_spent(&server->budget))
                spool_slow(server);
        while (!TAILQ_EMPTY(&server->queue) && !upload_budget_spent(&server->budget))
                ftp_transfer_resume(TAILQ_FIRST(&server->queue));
        if (!TAILQ_EMPTY(&server->queue))
                ftp_server_look_again(server);
}

void ftp_server_look_again(struct ftp_server *server)
{
        static const struct timeval soon = {.tv_usec = RESUME_MS * 1000};
        if (!event_pending(server->resume, EV_TIMEOUT, NULL))
                event_add(server->resume, &soon);
}

static void *run(void *context)
{
        struct ftp_server *server = context;
        pthread_setname_np(pthread_self(), "ftp");
        while (!server->finished) {
                bool waits = TAILQ_EMPTY(&server->again) && server->handed == 0;
                server->busy = false;
                event_base_loop(server->base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY |
                                                      (waits ? 0 : EVLOOP_NONBLOCK));
                ftp_turn_again(server);
                ftp_turn_end(server);
        }
        return NULL;
}

/* ---- beginning and end ---- */

static char *copy(const char *text)
{
        return text != NULL ? strdup(text) : NULL;
}

static void destroy(struct ftp_server *server)
{
        while (!LIST_EMPTY(&server->connections))
                ftp_connection_close(LIST_FIRST(&server->connections));
        for (int i = 0; i < 2; i++) {
                if (server->accepting[i] != NULL)
                        event_free(server->accepting[i]);
                if (server->listeners[i] >= 0)
                        close(server->listeners[i]);
        }
        if (server->woken != NULL)
                event_free(server->woken);
        if (server->resume != NULL)
                event_free(server->resume);
        if (server->expiring != NULL)
                event_free(server->expiring);
        if (server->base != NULL)
                event_base_free(server->base);
        if (server->wake >= 0)
                close(server->wake);
        upload_budget_finish(&server->budget);
        for (size_t i = 0; i < server->user_count; i++)
                ftp_tree_destroy(&server->users[i].tree);
        ftp_tls_destroy(&server->tls);
        pthread_mutex_destroy(&server->lock);
        free(server->posts.items);
        free(server->taken.items);
        free(server->users);
        free(server->slots);
        for (size_t i = 0; i < sizeof server->texts / sizeof server->texts[0]; i++)
                free(server->texts[i]);
        free(server);
}

static void own_texts(struct ftp_server *server)
{
        struct ftp_server_config *config = &server->config;
        const char **texts[FTP_TEXTS] = {&config->listen,         &config->listen_tls,
                                         &config->certificate,    &config->key,
                                         &config->tls_priority,   &config->public_address,
                                         &config->spool_directory};
        for (size_t i = 0; i < FTP_TEXTS; i++) {
                server->texts[i] = copy(*texts[i]);
                *texts[i] = server->texts[i];
        }
}

static struct event_base *new_base(void)
{
        struct event_config *config = event_config_new();
        struct event_base *base = NULL;
        /* Without epoll's list of changes: that would touch a descriptor after it was closed, when
         * another thread may have opened something under its number. */
        if (config != NULL && event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0)
                base = event_base_new_with_config(config);
        if (config != NULL)
                event_config_free(config);
        return base;
}

static bool begin(struct ftp_server *server, struct error *err)
{
        const struct ftp_server_config *config = &server->config;
        const char *const addresses[2] = {config->listen, config->listen_tls};
        if (config->certificate != NULL && config->key != NULL &&
            !ftp_tls_create(config->certificate, config->key, config->tls_priority, &server->tls,
                            err))
                return false;
        if (server->tls == NULL && (config->listen_tls != NULL || config->tls_required))
                return error_set(err, ERROR_INPUT, "FTP over TLS needs a certificate and its key");
        server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        server->base = new_base();
        if (server->wake < 0 || server->base == NULL)
                return error_sys(err, "the event loop of FTP");
        for (int i = 0; i < 2; i++) {
                if (addresses[i] == NULL)
                        continue;
                if (!listen_on(addresses[i], &server->listeners[i], &server->ports[i], err))
                        return false;
                server->accepting[i] = event_new(server->base, server->listeners[i],
                                                 EV_READ | EV_PERSIST, on_accept, server);
                if (server->accepting[i] == NULL || event_add(server->accepting[i], NULL) < 0)
                        return error_set(err, ERROR_FULL, "no memory for FTP");
        }
        server->woken = event_new(server->base, server->wake, EV_READ | EV_PERSIST | EV_ET,
                                  ftp_on_wake, server);
        server->resume = event_new(server->base, -1, 0, on_resume, server);
        server->expiring = event_new(server->base, -1, 0, ftp_parts_on_expiring, server);
        if (server->woken == NULL || server->resume == NULL || server->expiring == NULL ||
            event_add(server->woken, NULL) < 0)
                return error_set(err, ERROR_FULL, "no memory for FTP");
        /* Signals are for the thread that waits for them. */
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        server->started = pthread_create(&server->thread, NULL, run, server) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return server->started || error_set(err, ERROR_SYSTEM, "the FTP thread did not start");
}

bool ftp_server_start(const struct ftp_server_config *config, struct ftp_server **server_out,
                      struct error *err)
{
        struct ftp_server *server = calloc(1, sizeof *server);
        if (server == NULL)
                return error_set(err, ERROR_FULL, "no memory for FTP");
        server->config = *config;
        own_texts(server);
        server->listeners[0] = server->listeners[1] = server->wake = -1;
        upload_budget_init(&server->budget, config->memory_max);
        server->passive_next = config->passive_first;
        LIST_INIT(&server->connections);
        TAILQ_INIT(&server->queue);
        TAILQ_INIT(&server->replying);
        TAILQ_INIT(&server->again);
        pthread_mutex_init(&server->lock, NULL);
        /* Before the thread begins: what it asks of the host may need it. */
        *server_out = server;
        if (begin(server, err))
                return true;
        *server_out = NULL;
        destroy(server);
        return false;
}

void ftp_server_stop(struct ftp_server *server, int seconds)
{
        server->stop_at = (struct mono){mono_now().ns + (int64_t)seconds * 1000000000};
        ftp_post(server, &(struct ftp_post){.kind = FTP_POST_STOP});
        pthread_join(server->thread, NULL);
        server->started = false;
}

void ftp_server_free(struct ftp_server **server)
{
        struct ftp_server *gone = *server;
        *server = NULL;
        if (gone == NULL)
                return;
        assert(!gone->started);
        destroy(gone);
}

uint16_t ftp_server_port(const struct ftp_server *server)
{
        return server->ports[0];
}

uint16_t ftp_server_tls_port(const struct ftp_server *server)
{
        return server->ports[1];
}

void ftp_server_counters(struct ftp_server *server, struct ftp_counters *counters_out)
{
        *counters_out = (struct ftp_counters){
                .sessions = atomic_load(&server->sessions),
                .sessions_total = atomic_load(&server->sessions_total),
                .refused = atomic_load(&server->refused),
                .logins = atomic_load(&server->logins),
                .logins_failed = atomic_load(&server->logins_failed),
                .uploads = atomic_load(&server->uploads),
                .uploads_cut = atomic_load(&server->uploads_cut),
                .upload_bytes = atomic_load(&server->upload_bytes),
                .uploads_open = atomic_load(&server->uploads_open),
                .memory = atomic_load(&server->budget.used),
                .answered = atomic_load(&server->answered),
                .answer_ns = atomic_load(&server->answer_ns),
        };
}
