#include "receive/ftp_connection.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        LOGIN_SECONDS = 60,   /* from the connection to a login, or nobody is there */
        GUESS_FORGET_S = 600, /* wrong passwords are forgotten after */
        GUESS_DELAY_MS = 500, /* after the first one, doubled with each further one */
        GUESS_DELAY_MAX_MS = 16000
};

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

/* ---- wrong passwords ---- */

/* The peer's entry, or the one that is longest ago. */
static struct ftp_guess *guess_of(struct ftp_server *server, const char *peer)
{
        struct ftp_guess *oldest = &server->guesses[0];
        for (size_t i = 0; i < FTP_GUESSES; i++) {
                struct ftp_guess *guess = &server->guesses[i];
                if (guess->failures > 0 && strcmp(guess->peer, peer) == 0)
                        return guess;
                if (guess->last.ns < oldest->last.ns)
                        oldest = guess;
        }
        *oldest = (struct ftp_guess){0};
        memcpy(oldest->peer, peer, strlen(peer) + 1);
        return oldest;
}

/* How long this peer waits for the answer to its wrong password. */
static int guess_delay_ms(struct ftp_server *server, const char *peer)
{
        struct ftp_guess *guess = guess_of(server, peer);
        struct mono now = mono_now();
        if (now.ns - guess->last.ns > (int64_t)GUESS_FORGET_S * 1000000000)
                guess->failures = 0;
        guess->last = now;
        unsigned shift = guess->failures < 6 ? guess->failures : 6;
        guess->failures++;
        int delay = GUESS_DELAY_MS << shift;
        return delay < GUESS_DELAY_MAX_MS ? delay : GUESS_DELAY_MAX_MS;
}

/* ---- accounts ---- */

static struct ftp_user *user_of(struct ftp_server *server, const struct ftp_account *account)
{
        for (size_t i = 0; i < server->user_count; i++) {
                if (server->users[i].account == account->number) {
                        server->users[i].may_download = account->may_download;
                        return &server->users[i];
                }
        }
        return NULL;
}

static struct ftp_user *user_add(struct ftp_server *server, const struct ftp_account *account)
{
        /* Connections point into the array: it must not move. */
        if (server->user_count == server->user_room) {
                size_t room = server->user_room > 0 ? server->user_room * 2 : 64;
                struct ftp_user *grown = calloc(room, sizeof *grown);
                if (grown == NULL)
                        return NULL;
                if (server->user_count > 0)
                        memcpy(grown, server->users, server->user_count * sizeof *grown);
                struct ftp_connection *at;
                LIST_FOREACH(at, &server->connections, next)
                {
                        if (at->user != NULL)
                                at->user = grown + (at->user - server->users);
                }
                free(server->users);
                server->users = grown;
                server->user_room = room;
        }
        struct ftp_tree *tree = ftp_tree_create();
        if (tree == NULL)
                return NULL;
        struct ftp_user *user = &server->users[server->user_count++];
        *user = (struct ftp_user){account->number, tree, account->may_download};
        return user;
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
                        realloc(server->slots, count * sizeof server->slots[0]);
                if (grown == NULL)
                        return false;
                memset(grown + server->slot_count, 0,
                       (count - server->slot_count) * sizeof grown[0]);
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
        event_add(connection->timer, &time);
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
        if (connection->awaiting || connection->transfer.open) {
                set_timer(connection, connection->server->config.idle_seconds * 1000);
                return;
        }
        ftp_connection_close(connection);
}

static void on_control(evutil_socket_t fd, short what, void *context)
{
        (void)fd;
        (void)what;
        ftp_connection_go_on(context);
}

static void greet(struct ftp_connection *connection, const struct sockaddr_storage *local,
                  bool implicit_tls)
{
        const struct ftp_server_config *config = &connection->server->config;
        struct ftp_session_config session = {
                .peer = address_of(&connection->address),
                .local = address_of(local),
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
        struct sockaddr_storage local = {0};
        socklen_t size = sizeof local;
        struct ftp_connection *connection = calloc(1, sizeof *connection);
        if (connection == NULL) {
                close(fd);
                return;
        }
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
        connection->read = event_new(server->base, fd, EV_READ, on_control, connection);
        connection->write = event_new(server->base, fd, EV_WRITE, on_control, connection);
        connection->timer = event_new(server->base, -1, 0, on_timer, connection);
        LIST_INSERT_HEAD(&server->connections, connection, next);
        server->open++;
        atomic_fetch_add(&server->sessions, 1);
        atomic_fetch_add(&server->sessions_total, 1);
        bool fine = take_slot(server, connection) && connection->read != NULL &&
                    connection->write != NULL && connection->timer != NULL &&
                    getsockname(fd, (struct sockaddr *)&local, &size) == 0 &&
                    (!implicit_tls || ftp_stream_secure(&connection->control, server->tls));
        if (!fine) {
                ftp_connection_close(connection);
                return;
        }
        set_timer(connection, LOGIN_SECONDS * 1000);
        greet(connection, &local, implicit_tls);
        ftp_connection_go_on(connection);
}

static void give_up_upload(struct ftp_connection *connection)
{
        const struct ftp_host *host = &connection->server->config.host;
        if (connection->upload == NULL)
                return;
        connection->upload->end = UPLOAD_CUT;
        connection->upload->ended = utc_now();
        if (connection->upload->size > 0)
                host->cut(host->context, &connection->upload);
        upload_free(&connection->upload);
}

void ftp_connection_close(struct ftp_connection *connection)
{
        struct ftp_server *server = connection->server;
        ftp_transfer_close(connection);
        give_up_upload(connection);
        ftp_stream_close(&connection->control);
        struct event *events[] = {connection->read, connection->write, connection->timer};
        for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
                if (events[i] != NULL)
                        event_free(events[i]);
        }
        if (connection->slot < server->slot_count && server->slots[connection->slot] == connection)
                server->slots[connection->slot] = NULL;
        LIST_REMOVE(connection, next);
        server->open--;
        atomic_fetch_sub(&server->sessions, 1);
        text_finish(&connection->replies);
        free(connection);
}

/* ---- actions ---- */

static struct ftp_ticket ticket_of(const struct ftp_connection *connection)
{
        return (struct ftp_ticket){connection->slot, connection->serial};
}

static void store(struct ftp_connection *connection)
{
        const struct ftp_host *host = &connection->server->config.host;
        struct ftp_session *session = &connection->session;
        struct ftp_result result = {.outcome = FTP_NO_SPACE};
        if (!host->admit(host->context, connection->user->account, &result.outcome, &result.why)) {
                ftp_transfer_close(connection);
                ftp_session_stored(session, &result, &connection->replies);
                return;
        }
        bool resumes = session->want.resume > 0 && connection->upload != NULL;
        struct error err = {0};
        if (resumes && !upload_cut_to(connection->upload, session->want.resume, &err))
                resumes = false;
        if (session->want.resume > 0 && !resumes) {
                /* Its end alone must not be taken for the whole. */
                result = (struct ftp_result){.outcome = FTP_LOCAL_ERROR};
                ftp_transfer_close(connection);
                ftp_session_stored(session, &result, &connection->replies);
                return;
        }
        if (!resumes)
                give_up_upload(connection);
        if (connection->upload == NULL) {
                connection->upload = upload_create(connection->server->config.spool_directory,
                                                   &connection->server->budget);
                if (connection->upload == NULL) {
                        result = (struct ftp_result){.outcome = FTP_LOCAL_ERROR};
                        ftp_transfer_close(connection);
                        ftp_session_stored(session, &result, &connection->replies);
                        return;
                }
                struct upload *upload = connection->upload;
                upload->account = connection->user->account;
                upload->started = utc_now();
                memcpy(upload->user, session->want.user, sizeof upload->user);
                memcpy(upload->peer, connection->peer, sizeof upload->peer);
                memcpy(upload->path, session->want.path, sizeof upload->path);
        }
        ftp_transfer_begin(connection);
}

static void act(struct ftp_connection *connection, enum ftp_action action)
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
                return;
        case FTP_DROP: host->dropped(host->context, session->want.handle); return;
        case FTP_ABORT: ftp_transfer_abort(connection); return;
        case FTP_END_LOGIN:
                ftp_transfer_close(connection);
                give_up_upload(connection);
                connection->user = NULL;
                return;
        case FTP_START_TLS: /* once the replies are sent, in ftp_connection_go_on */
        case FTP_NOTHING:
        case FTP_CLOSE: return;
        }
}

void ftp_connection_answer(struct ftp_connection *connection, const struct ftp_post *post)
{
        struct ftp_server *server = connection->server;
        struct ftp_session *session = &connection->session;
        struct ftp_user *user = NULL;
        connection->awaiting = false;
        if (post->kind == FTP_POST_LOGIN && session->pending == FTP_LOGIN) {
                connection->login = post->login;
                if (post->login == FTP_LOGIN_GOOD) {
                        user = user_of(server, &post->account);
                        if (user == NULL)
                                user = user_add(server, &post->account);
                        if (user == NULL)
                                connection->login = FTP_LOGIN_LATER;
                }
                if (connection->login == FTP_LOGIN_WRONG) {
                        atomic_fetch_add(&server->logins_failed, 1);
                        set_timer(connection, guess_delay_ms(server, connection->peer));
                        return;
                }
                atomic_fetch_add(&server->logins, 1);
                connection->user = user;
                ftp_session_login(session, connection->login, user != NULL ? user->tree : NULL,
                                  user != NULL && user->may_download, &connection->replies);
                set_timer(connection, server->config.idle_seconds * 1000);
        } else if (post->kind == FTP_POST_STORED && session->pending == FTP_STORE) {
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

/* ---- the turn ---- */

/* Sends what there is; false when the connection is over. */
static bool send_replies(struct ftp_connection *connection)
{
        struct text *replies = &connection->replies;
        while (connection->replied < replies->length) {
                size_t written;
                enum ftp_stream_state state =
                        ftp_stream_write(&connection->control, replies->bytes + connection->replied,
                                         replies->length - connection->replied, &written);
                connection->replied += written;
                if (state == FTP_STREAM_WAIT_READ || state == FTP_STREAM_WAIT_WRITE) {
                        event_add(state == FTP_STREAM_WAIT_READ ? connection->read
                                                                : connection->write,
                                  NULL);
                        return true;
                }
                if (state != FTP_STREAM_GOOD)
                        return false;
        }
        connection->replied = 0;
        text_clear(replies);
        return true;
}

/* Lets the session take what has come in, one action after the other. */
static void take_input(struct ftp_connection *connection)
{
        struct ftp_session *session = &connection->session;
        for (;;) {
                size_t used = 0;
                enum ftp_action action = FTP_NOTHING;
                if (session->pending != FTP_START_TLS && !session->closing)
                        action = ftp_session_feed(session, connection->input,
                                                  connection->input_length, utc_now(), &used,
                                                  &connection->replies);
                connection->input_length -= used;
                memmove(connection->input, connection->input + used, connection->input_length);
                act(connection, action);
                if (action == FTP_NOTHING || connection->replies.failed)
                        return;
        }
}

/* False when the connection is over. */
static bool read_input(struct ftp_connection *connection, bool *more_out)
{
        size_t got = 0;
        *more_out = false;
        if (connection->input_length == sizeof connection->input || connection->ended)
                return true;
        enum ftp_stream_state state =
                ftp_stream_read(&connection->control, connection->input + connection->input_length,
                                sizeof connection->input - connection->input_length, &got);
        connection->input_length += got;
        if (state == FTP_STREAM_GOOD) {
                *more_out = true;
                if (!connection->awaiting && connection->user != NULL)
                        set_timer(connection, connection->server->config.idle_seconds * 1000);
        } else if (state == FTP_STREAM_WAIT_READ || state == FTP_STREAM_WAIT_WRITE) {
                event_add(state == FTP_STREAM_WAIT_READ ? connection->read : connection->write,
                          NULL);
        } else if (state == FTP_STREAM_END) {
                connection->ended = true;
        } else {
                return false;
        }
        return true;
}

/* Puts TLS around the control connection. What was sent in the clear behind AUTH is thrown away:
 * it must not be taken for something that was said in secret. */
static bool start_tls(struct ftp_connection *connection)
{
        connection->input_length = 0;
        if (!ftp_stream_secure(&connection->control, connection->server->tls))
                return false;
        ftp_session_secured(&connection->session);
        connection->user = NULL;
        return true;
}

void ftp_connection_go_on(struct ftp_connection *connection)
{
        struct ftp_session *session = &connection->session;
        bool more = true;
        bool fine = true;
        while (fine && more) {
                take_input(connection);
                fine = !connection->replies.failed && send_replies(connection);
                bool sent = connection->replied == 0;
                if (fine && sent && session->closing)
                        fine = false;
                if (fine && sent && session->pending == FTP_START_TLS)
                        fine = start_tls(connection);
                if (!sent)
                        break; /* nothing is taken from who takes no replies */
                fine = fine && read_input(connection, &more);
        }
        /* A client that is gone gets no answers, but what it sent whole is stored. */
        if (fine && connection->ended && !connection->awaiting && !connection->transfer.open &&
            session->pending == FTP_NOTHING)
                fine = false;
        if (!fine)
                ftp_connection_close(connection);
}
