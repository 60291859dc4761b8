#include "receive/ftp_connection.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOGIN_SECONDS = 60 /* from the connection to a login, or nobody is there */ };

/* ---- addresses ---- */

static struct ftp_address address_of(const struct sockaddr_storage *from)
{
        struct ftp_address address = {0};
        if (from->ss_family == AF_INET) {
                memcpy(address.bytes, &((const struct sockaddr_in *)from)->sin_addr, 4);
                return address;
        }
        const struct in6_addr *six = &((const struct sockaddr_in6 *)from)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(six)) {
                memcpy(address.bytes, six->s6_addr + 12, 4);
                return address;
        }
        address.six = true;
        memcpy(address.bytes, six->s6_addr, 16);
        return address;
}

static void name_address(const struct ftp_address *address, char out[static UPLOAD_PEER_SIZE])
{
        if (inet_ntop(address->six ? AF_INET6 : AF_INET, address->bytes, out, UPLOAD_PEER_SIZE) ==
            NULL)
                memcpy(out, "?", 2);
}

/* ---- opening and closing ---- */

static void said(void *context, bool by_client, const char *line, size_t length)
{
        struct ftp_connection *connection = context;
        const struct ftp_host *host = &connection->server->config.host;
        if (host->said != NULL)
                host->said(host->context, connection->user != NULL ? connection->user->account : 0,
                           connection->peer, by_client, line, length);
}

static bool take_slot(struct ftp_server *server, struct ftp_connection *connection)
{
        uint32_t slot = 0;
        while (slot < server->slot_count && server->slots[slot] != NULL)
                slot++;
        if (slot == server->slot_count) {
                uint32_t count = server->slot_count > 0 ? server->slot_count * 2 : 64;
                struct ftp_connection **grown =
                        realloc(server->slots, count * sizeof(struct ftp_connection *));
                if (grown == NULL)
                        return false;
                memset(grown + server->slot_count, 0,
                       (count - server->slot_count) * sizeof(struct ftp_connection *));
                server->slots = grown;
                server->slot_count = count;
        }
        server->slots[slot] = connection;
        connection->slot = slot;
        connection->serial = ++server->serial;
        return true;
}

static void set_timer(struct ftp_connection *connection, int ms)
{
        const struct timeval time = {ms / 1000, ms % 1000 * 1000};
        event_add(&connection->timer, &time);
}

/* Nothing was heard for long, or the answer to a wrong password is due. */
static void on_timer(evutil_socket_t fd, short what, void *context)
{
        struct ftp_connection *connection = context;
        (void)fd;
        (void)what;
        if (connection->session.pending == FTP_LOGIN && !connection->awaiting) {
                ftp_session_login(&connection->session, connection->login, NULL, false,
                                  &connection->replies);
                set_timer(connection, LOGIN_SECONDS * 1000);
                ftp_connection_go_on(connection);
                return;
        }
        int64_t limit =
                connection->user != NULL ? connection->server->config.idle_seconds : LOGIN_SECONDS;
        int64_t left = limit * 1000 - (mono_now().ns - connection->heard.ns) / 1000000;
        if (connection->awaiting || connection->transfer.open)
                left = limit * 1000;
        if (left > 0)
                set_timer(connection, (int)left);
        else
                ftp_connection_close(connection);
}

static void on_control(evutil_socket_t fd, short what, void *context)
{
        struct ftp_connection *connection = context;
        (void)fd;
        (void)what;
        connection->drained = false;
        ftp_connection_go_on(connection);
}

static void greet(struct ftp_connection *connection, bool implicit_tls)
{
        const struct ftp_server_config *config = &connection->server->config;
        struct ftp_session_config session = {
                .peer = address_of(&connection->address),
                .local = address_of(&connection->local),
                .tls_available = connection->server->tls != NULL,
                .tls_required = config->tls_required,
                .secured = implicit_tls,
                .said = said,
                .context = connection,
        };
        session.has_public_address =
                config->public_address != NULL &&
                inet_pton(AF_INET, config->public_address, session.public_address.bytes) == 1;
        ftp_session_start(&connection->session, &session, &connection->replies);
}

void ftp_connection_open(struct ftp_server *server, int fd, const struct sockaddr *address,
                         bool implicit_tls)
{
        struct ftp_connection *connection = calloc(1, sizeof *connection);
        if (connection == NULL) {
                close(fd);
                return;
        }
        socklen_t size = sizeof connection->local;
        connection->server = server;
        ftp_stream_init(&connection->control, fd);
        connection->transfer =
                (struct ftp_transfer){.stream = {.fd = -1}, .listener = -1, .file = -1};
        text_init_growing(&connection->replies, FTP_REPLIES_MAX);
        memcpy(&connection->address, address,
               address->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                             : sizeof(struct sockaddr_in6));
        struct ftp_address peer = address_of(&connection->address);
        name_address(&peer, connection->peer);
        connection->heard = mono_now();
        bool fine = event_assign(&connection->read, server->base, fd, EV_READ | EV_PERSIST,
                                 on_control, connection) == 0;
        fine &= event_assign(&connection->write, server->base, fd, EV_WRITE, on_control,
                             connection) == 0;
        fine &= event_assign(&connection->timer, server->base, -1, 0, on_timer, connection) == 0;
        LIST_INSERT_HEAD(&server->connections, connection, next);
        server->open++;
        atomic_fetch_add(&server->sessions, 1);
        atomic_fetch_add(&server->sessions_total, 1);
        fine = fine && take_slot(server, connection) &&
               getsockname(fd, (struct sockaddr *)&connection->local, &size) == 0 &&
               (!implicit_tls || ftp_stream_secure(&connection->control, server->tls, true));
        if (!fine) {
                ftp_connection_close(connection);
                return;
        }
        set_timer(connection, LOGIN_SECONDS * 1000);
        greet(connection, implicit_tls);
        ftp_connection_go_on(connection);
}

void ftp_connection_give_up_upload(struct ftp_connection *connection)
{
        const struct ftp_host *host = &connection->server->config.host;
        if (connection->upload == NULL)
                return;
        connection->upload->end = UPLOAD_CUT;
        connection->upload->ended = utc_now();
        if (connection->upload->size > 0) {
                host->cut(host->context, &connection->upload);
                ftp_handed(connection->server);
        }
        upload_free(&connection->upload);
}

static struct ftp_ticket ticket_of(const struct ftp_connection *connection)
{
        return (struct ftp_ticket){connection->slot, connection->serial};
}

void ftp_connection_close(struct ftp_connection *connection)
{
        struct ftp_server *server = connection->server;
        if (connection->transfer.open && connection->storing)
                atomic_fetch_add(&server->uploads_cut, 1);
        if (connection->awaiting && connection->session.pending == FTP_LOGIN &&
            server->config.host.login_gone != NULL)
                server->config.host.login_gone(server->config.host.context, ticket_of(connection));
        ftp_turn_forget(connection);
        ftp_transfer_catch_up(connection);
        ftp_transfer_close(connection);
        ftp_connection_give_up_upload(connection);
        if (connection->storing)
                atomic_fetch_sub(&server->uploads_open, 1);
        struct event *events[] = {&connection->read, &connection->write, &connection->timer};
        for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
                if (event_initialized(events[i]))
                        event_del(events[i]);
        }
        ftp_stream_close(&connection->control);
        if (connection->slot < server->slot_count && server->slots[connection->slot] == connection)
                server->slots[connection->slot] = NULL;
        LIST_REMOVE(connection, next);
        server->open--;
        atomic_fetch_sub(&server->sessions, 1);
        text_finish(&connection->replies);
        free(connection);
}

/* ---- actions ---- */

void ftp_connection_refuse(struct ftp_connection *connection, const struct ftp_result *result)
{
        struct error err = {0};
        bool resumable = result->outcome == FTP_CUT || result->outcome == FTP_ABORTED ||
                         (result->outcome == FTP_NO_DATA && connection->session.want.resume > 0);
        if (connection->storing)
                atomic_fetch_sub(&connection->server->uploads_open, 1);
        connection->storing = false;
        if (resumable && result->outcome != FTP_NO_DATA)
                atomic_fetch_add(&connection->server->uploads_cut, 1);
        /* What may be gone on with waits on the disk: memory is for what is on its way. */
        if (connection->upload != NULL && (!resumable || connection->upload->size == 0 ||
                                           !upload_spool(connection->upload, &err)))
                ftp_connection_give_up_upload(connection);
        struct ftp_result told = *result;
        if (connection->upload == NULL)
                told.size = 0;
        ftp_session_stored(&connection->session, &told, &connection->replies);
}

/* The part that came before, in place of what the session has. */
static void take_part(struct ftp_connection *connection)
{
        const struct ftp_want *want = &connection->session.want;
        ftp_connection_give_up_upload(connection);
        connection->upload =
                ftp_part_take(connection->server, connection->user->account, want->part);
        if (connection->upload != NULL)
                memcpy(connection->upload->path, want->path, sizeof want->path);
}

/* The upload that STOR or APPE goes on with, or another; false when there is none. */
static bool take_upload(struct ftp_connection *connection)
{
        struct ftp_session *session = &connection->session;
        struct error err = {0};
        if (session->want.part != 0)
                take_part(connection);
        /* The end of something must not be taken for the whole. */
        if (session->want.resume > 0)
                return connection->upload != NULL &&
                       upload_cut_to(connection->upload, session->want.resume, &err);
        ftp_connection_give_up_upload(connection);
        struct upload *upload = upload_create(connection->server->config.spool_directory,
                                              &connection->server->budget);
        if (upload == NULL)
                return false;
        upload->account = connection->user->account;
        upload->readable = session->may_download;
        upload->started = utc_now();
        memcpy(upload->user, session->want.user, sizeof upload->user);
        memcpy(upload->peer, connection->peer, sizeof upload->peer);
        memcpy(upload->path, session->want.path, sizeof upload->path);
        connection->upload = upload;
        return true;
}

static void store(struct ftp_connection *connection)
{
        const struct ftp_host *host = &connection->server->config.host;
        struct ftp_result result = {.outcome = FTP_NO_SPACE};
        bool admitted =
                host->admit(host->context, connection->user->account, &result.outcome, &result.why);
        connection->storing = true;
        atomic_fetch_add(&connection->server->uploads_open, 1);
        if (admitted && take_upload(connection)) {
                ftp_transfer_begin(connection);
                return;
        }
        if (admitted && connection->session.want.resume > 0)
                result = (struct ftp_result){.outcome = FTP_REFUSED,
                                             .why = "what came before is no longer here"};
        else if (admitted)
                result.outcome = FTP_LOCAL_ERROR;
        ftp_transfer_close(connection);
        ftp_connection_refuse(connection, &result);
}

void ftp_connection_act(struct ftp_connection *connection, enum ftp_action action)
{
        struct ftp_server *server = connection->server;
        const struct ftp_host *host = &server->config.host;
        struct ftp_session *session = &connection->session;
        switch (action) {
        case FTP_LOGIN:
                connection->awaiting = true;
                host->login(host->context, ticket_of(connection), session->want.user,
                            session->want.password, connection->peer);
                return;
        case FTP_LISTEN:
                ftp_session_listening(session, ftp_transfer_listen(connection),
                                      &connection->replies);
                return;
        case FTP_CONNECT_TO: ftp_transfer_expect(connection); return;
        case FTP_STORE: store(connection); return;
        case FTP_SEND_TEXT:
        case FTP_SEND_FILE: ftp_transfer_begin(connection); return;
        case FTP_PUBLISH:
                connection->awaiting = true;
                host->publish(host->context, ticket_of(connection), session->want.handle,
                              session->want.path);
                ftp_handed(server);
                return;
        case FTP_DROP:
                host->dropped(host->context, session->want.handle);
                ftp_handed(server);
                return;
        case FTP_ABORT: ftp_transfer_abort(connection); return;
        case FTP_END_LOGIN:
                ftp_transfer_close(connection);
                ftp_connection_give_up_upload(connection);
                connection->user = NULL;
                return;
        case FTP_START_TLS: /* once the replies are sent, in ftp_connection_go_on */
        case FTP_NOTHING:
        case FTP_CLOSE: return;
        }
}

/* The owner, and programs that shut such peers out, read it; so it says who, and not what. */
static void login_was_wrong(struct ftp_connection *connection)
{
        struct ftp_server *server = connection->server;
        int64_t unsaid = 0;
        atomic_fetch_add(&server->logins_failed, 1);
        if (log_limit_take(&server->wrong_logins, mono_now(), &unsaid))
                log_warn("ftp", "login-failed", "peer=\"%s\" user=\"%s\" unsaid=%" PRId64,
                         connection->peer, connection->session.want.user, unsaid);
        set_timer(connection, ftp_guess_delay_ms(server, connection->peer));
}

void ftp_connection_answer(struct ftp_connection *connection, const struct ftp_post *post)
{
        struct ftp_server *server = connection->server;
        struct ftp_session *session = &connection->session;
        struct ftp_user *user = NULL;
        connection->awaiting = false;
        connection->heard = mono_now();
        if (post->kind == FTP_POST_LOGIN && session->pending == FTP_LOGIN) {
                connection->login = post->login;
                if (post->login == FTP_LOGIN_GOOD) {
                        user = ftp_user_take(server, &post->account);
                        if (user == NULL)
                                connection->login = FTP_LOGIN_LATER;
                }
                if (connection->login == FTP_LOGIN_WRONG) {
                        login_was_wrong(connection);
                        return;
                }
                atomic_fetch_add(&server->logins, 1);
                connection->user = user;
                ftp_session_login(session, connection->login, user != NULL ? user->tree : NULL,
                                  user != NULL && user->may_download, &connection->replies);
                set_timer(connection, server->config.idle_seconds * 1000);
        } else if (post->kind == FTP_POST_STORED && session->pending == FTP_STORE) {
                atomic_fetch_sub(&server->uploads_open, connection->storing);
                connection->storing = false;
                if (post->result.outcome == FTP_DONE || post->result.outcome == FTP_HELD) {
                        atomic_fetch_add(&server->answered, 1);
                        atomic_fetch_add(&server->answer_ns,
                                         mono_now().ns - connection->transfer.last_byte.ns);
                }
                ftp_session_stored(session, &post->result, &connection->replies);
        } else if (post->kind == FTP_POST_PUBLISHED && session->pending == FTP_PUBLISH) {
                ftp_session_published(session, &post->result, &connection->replies);
        }
        ftp_connection_go_on(connection);
}
