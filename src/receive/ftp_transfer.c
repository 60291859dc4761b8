/* Data connections: opening them either way, receiving uploads, sending lists and files. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receive/ftp_connection.h"

enum {
        BACKLOG = 8,
        LISTENER_USES = 100, /* so that a quick client does not run out of its own ports */
        SLOWEST = 256        /* bytes a second, after a few times the stall time */
};

static void on_listener(evutil_socket_t fd, short what, void *context);
static void on_data(evutil_socket_t fd, short what, void *context);

/* ---- waiting ---- */

static void stop_waiting(struct ftp_transfer *transfer)
{
        if (transfer->waits_for != 0)
                event_del(&transfer->event);
        transfer->waits_for = 0;
}

/* Calls back as often as that is possible, or nothing was for so long. */
static bool watch(struct ftp_connection *connection, int fd, short what,
                  void (*callback)(evutil_socket_t, short, void *), int ms)
{
        const struct timeval limit = {ms / 1000, ms % 1000 * 1000};
        struct ftp_transfer *transfer = &connection->transfer;
        stop_waiting(transfer);
        if (event_assign(&transfer->event, connection->server->base, fd, (short)(what | EV_PERSIST),
                         callback, connection) < 0 ||
            event_add(&transfer->event, &limit) < 0)
                return false;
        transfer->waits_for = what;
        return true;
}

static void leave_queue(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        if (transfer->queued)
                TAILQ_REMOVE(&connection->server->queue, connection, in_queue);
        transfer->queued = false;
}

/* ---- closing and results ---- */

static void close_listener(struct ftp_transfer *transfer)
{
        if (transfer->listener >= 0)
                close(transfer->listener);
        transfer->listener = -1;
}

/* The kernel says that there is something to read when it is so much, or when no more will come:
 * most pictures are then read at once, and not in as many pieces as they came in. */
static void gather(int fd, int bytes)
{
        setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

/* Closes what belongs to one transfer; a passive listener may serve the next one. */
static void close_data(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        stop_waiting(transfer);
        leave_queue(connection);
        ftp_stream_close(&transfer->stream);
        if (transfer->file >= 0)
                close(transfer->file);
        text_finish(&transfer->text);
        transfer->open = false;
        transfer->connecting = false;
        transfer->file = -1;
        transfer->sent = 0;
        if (connection->server->config.passive_first != 0)
                close_listener(transfer); /* the ports are few */
}

void ftp_transfer_close(struct ftp_connection *connection)
{
        close_data(connection);
        close_listener(&connection->transfer);
}

/* Tells the session how it went, when it did not go as far as the host. */
void ftp_transfer_conclude(struct ftp_connection *connection, enum ftp_outcome outcome,
                           const char *why)
{
        struct ftp_session *session = &connection->session;
        close_data(connection);
        connection->heard = mono_now();
        if (!connection->transfer.storing) {
                ftp_session_sent(session, outcome, &connection->replies);
                return;
        }
        struct ftp_result result = {.outcome = outcome, .why = why};
        result.size = connection->upload != NULL ? connection->upload->size : 0;
        ftp_connection_refuse(connection, &result);
}

/* Whether the client is gone from the control connection: a process that is killed closes all it
 * has, and the end of the data looks like that of a whole file. What it said before is still to be
 * read, so who said QUIT is not taken for one that was killed. */
static bool client_left(const struct ftp_connection *connection)
{
        char byte;
        if (connection->ended)
                return connection->input_length == 0;
        ssize_t got = recv(connection->control.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return connection->input_length == 0 &&
               (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR));
}

/* The upload is whole: the data connection is closed first, then the host has it. */
static void hand_over(struct ftp_connection *connection)
{
        struct ftp_server *server = connection->server;
        struct upload *upload = connection->upload;
        connection->transfer.last_byte = mono_now();
        close_data(connection);
        upload->end = UPLOAD_WHOLE;
        upload->ended = utc_now();
        upload->left = client_left(connection);
        upload->announced = connection->session.announced;
        atomic_fetch_add(&server->uploads, 1);
        atomic_fetch_add(&server->upload_bytes, upload->size);
        if (ftp_part_keep(connection))
                return;
        connection->upload = NULL;
        connection->awaiting = true;
        server->config.host.received(server->config.host.context,
                                     (struct ftp_ticket){connection->slot, connection->serial},
                                     &upload);
        ftp_handed(server);
}

void ftp_transfer_abort(struct ftp_connection *connection)
{
        if (connection->transfer.open) {
                ftp_transfer_catch_up(connection);
                ftp_transfer_conclude(connection, FTP_ABORTED, NULL);
        }
        /* Else it is whole and being stored: its answer is the answer. */
}

/* ---- opening ---- */

static void set_port(struct sockaddr_storage *address, uint16_t port)
{
        if (address->ss_family == AF_INET6)
                ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
        else
                ((struct sockaddr_in *)address)->sin_port = htons(port);
}

static socklen_t address_size(const struct sockaddr_storage *address)
{
        return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                              : sizeof(struct sockaddr_in);
}

static bool bind_and_listen(int fd, const struct sockaddr_storage *local, uint16_t port)
{
        struct sockaddr_storage address = *local;
        set_port(&address, port);
        return bind(fd, (struct sockaddr *)&address, address_size(&address)) == 0 &&
               listen(fd, BACKLOG) == 0;
}

static bool take_port(struct ftp_server *server, int fd, const struct sockaddr_storage *local)
{
        unsigned first = server->config.passive_first;
        unsigned last = server->config.passive_last;
        if (first == 0)
                return bind_and_listen(fd, local, 0);
        const int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        for (unsigned tries = first; tries <= last; tries++) {
                unsigned port = server->passive_next;
                server->passive_next = (uint16_t)(port >= last ? first : port + 1);
                if (bind_and_listen(fd, local, (uint16_t)port))
                        return true;
        }
        return false;
}

/* The port of the session's last transfer once more: less work than another. Connections to it
 * that nobody asked for are thrown away. */
static bool keep_listener(struct ftp_transfer *transfer)
{
        if (transfer->listener < 0 || transfer->uses >= LISTENER_USES)
                return false;
        for (int i = 0; i <= BACKLOG; i++) {
                int stray = accept4(transfer->listener, NULL, NULL, SOCK_CLOEXEC);
                if (stray < 0)
                        return errno == EAGAIN;
                close(stray);
        }
        return false;
}

uint16_t ftp_transfer_listen(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        struct sockaddr_storage local = connection->local;
        socklen_t size = sizeof local;
        close_data(connection);
        if (keep_listener(transfer)) {
                transfer->uses++;
                return transfer->port;
        }
        close_listener(transfer);
        int fd = socket(local.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return 0;
        if (!take_port(connection->server, fd, &connection->local) ||
            getsockname(fd, (struct sockaddr *)&local, &size) < 0) {
                close(fd);
                return 0;
        }
        gather(fd, UPLOAD_FIRST_ROOM); /* for the connections to it */
        transfer->listener = fd;
        transfer->uses = 1;
        transfer->port =
                ntohs(local.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&local)->sin6_port
                                                  : ((struct sockaddr_in *)&local)->sin_port);
        return transfer->port;
}

void ftp_transfer_expect(struct ftp_connection *connection)
{
        ftp_transfer_close(connection);
}

/* Connects to the client, PORT and EPRT. */
static bool connect_out(struct ftp_connection *connection)
{
        struct sockaddr_storage address = connection->address;
        set_port(&address, connection->session.want.port);
        int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return false;
        gather(fd, UPLOAD_FIRST_ROOM);
        ftp_stream_init(&connection->transfer.stream, fd);
        connection->transfer.connecting = true;
        if (connect(fd, (struct sockaddr *)&address, address_size(&address)) < 0 &&
            errno != EINPROGRESS)
                return false;
        return watch(connection, fd, EV_WRITE, on_data,
                     connection->server->config.data_seconds * 1000);
}

static bool same_peer(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
        if (a->ss_family != b->ss_family)
                return false;
        if (a->ss_family == AF_INET)
                return memcmp(&((const struct sockaddr_in *)a)->sin_addr,
                              &((const struct sockaddr_in *)b)->sin_addr,
                              sizeof(struct in_addr)) == 0;
        return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
                      &((const struct sockaddr_in6 *)b)->sin6_addr, sizeof(struct in6_addr)) == 0;
}

/* The client's connection to the listener; -1 when there is none. Those of others are closed. */
static int accept_client(struct ftp_connection *connection)
{
        for (int i = 0; i <= BACKLOG; i++) {
                struct sockaddr_storage address = {0};
                socklen_t size = sizeof address;
                int data = accept4(connection->transfer.listener, (struct sockaddr *)&address,
                                   &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (data < 0 || same_peer(&address, &connection->address))
                        return data;
                close(data);
        }
        return -1;
}

void ftp_transfer_wait(struct ftp_connection *connection, enum ftp_stream_state state)
{
        short what = state == FTP_STREAM_WAIT_WRITE ? EV_WRITE : EV_READ;
        if (connection->transfer.waits_for != what &&
            !watch(connection, connection->transfer.stream.fd, what, on_data,
                   connection->server->config.stall_seconds * 1000))
                ftp_transfer_conclude(connection, FTP_LOCAL_ERROR, NULL);
}

/* The socket is open: TLS if agreed. The client begins when it has read the 150. */
static void opened(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        bool secure = ftp_session_private_data(&connection->session);
        stop_waiting(transfer);
        transfer->connecting = false;
        transfer->began = mono_now();
        if (secure)
                gather(transfer->stream.fd, 1); /* a handshake comes in small pieces */
        if (secure && (connection->server->tls == NULL ||
                       !ftp_stream_secure(&transfer->stream, connection->server->tls, false)))
                ftp_transfer_conclude(connection, FTP_NO_DATA, NULL);
        else
                ftp_transfer_wait(connection, secure || transfer->storing ? FTP_STREAM_WAIT_READ
                                                                          : FTP_STREAM_WAIT_WRITE);
}

/* Waits for the client to connect, until the deadline. */
static bool await_client(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        int data = accept_client(connection);
        if (data >= 0) {
                ftp_stream_init(&transfer->stream, data);
                opened(connection);
                return true;
        }
        int64_t left = (transfer->deadline.ns - mono_now().ns) / 1000000;
        return left > 0 && watch(connection, transfer->listener, EV_READ, on_listener, (int)left);
}

void ftp_transfer_begin(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        transfer->open = true;
        transfer->storing = connection->session.pending == FTP_STORE;
        transfer->began = mono_now();
        transfer->moved = 0;
        transfer->deadline.ns =
                transfer->began.ns + (int64_t)connection->server->config.data_seconds * 1000000000;
        if (!transfer->storing && !ftp_sending_prepare(connection)) {
                ftp_transfer_conclude(connection, FTP_REFUSED, NULL);
                return;
        }
        ftp_session_opening(&connection->session, &connection->replies);
        if (!(transfer->listener >= 0 ? await_client(connection) : connect_out(connection)))
                ftp_transfer_conclude(connection, FTP_NO_DATA, NULL);
}

/* ---- receiving ---- */

static bool read_piece(struct ftp_connection *connection, enum ftp_stream_state *state_out,
                       struct error *err)
{
        uint8_t *at;
        size_t room;
        size_t got = 0;
        if (!upload_room(connection->upload, &at, &room, err))
                return false;
        *state_out = ftp_stream_read(&connection->transfer.stream, at, room, &got);
        if (got > 0 && !upload_added(connection->upload, got, err))
                return false;
        connection->transfer.moved += (int64_t)got;
        connection->session.transferred = connection->upload->size;
        return true;
}

/* Reads what is there. */
static void receive(struct ftp_connection *connection)
{
        struct ftp_server *server = connection->server;
        struct ftp_transfer *transfer = &connection->transfer;
        struct upload *upload = connection->upload;
        if (upload_budget_spent(&server->budget) && upload->size == 0) {
                /* Whoever has begun goes on, so that memory becomes free again. */
                stop_waiting(transfer);
                TAILQ_INSERT_TAIL(&server->queue, connection, in_queue);
                transfer->queued = true;
                ftp_server_look_again(server);
                return;
        }
        for (int i = 0; i < FTP_READS_A_TURN || ftp_stream_has_more(&transfer->stream); i++) {
                struct error err = {0};
                enum ftp_stream_state state = FTP_STREAM_BROKEN;
                bool fine = read_piece(connection, &state, &err);
                if (!fine) {
                        ftp_transfer_conclude(
                                connection, err.kind == ERROR_FULL ? FTP_NO_SPACE : FTP_LOCAL_ERROR,
                                NULL);
                        return;
                }
                if (state == FTP_STREAM_END) {
                        hand_over(connection);
                        return;
                }
                if (state == FTP_STREAM_BROKEN || upload->size > server->config.upload_max) {
                        ftp_transfer_conclude(connection,
                                              state == FTP_STREAM_BROKEN ? FTP_CUT : FTP_TOO_LARGE,
                                              NULL);
                        return;
                }
                if (state != FTP_STREAM_GOOD) {
                        ftp_transfer_wait(connection, state);
                        return;
                }
        }
        ftp_transfer_wait(connection, FTP_STREAM_WAIT_READ);
}

void ftp_transfer_catch_up(struct ftp_connection *connection)
{
        const struct ftp_transfer *transfer = &connection->transfer;
        struct error err = {0};
        enum ftp_stream_state state = FTP_STREAM_GOOD;
        bool receives = transfer->open && transfer->storing && !transfer->connecting &&
                        transfer->stream.fd >= 0 && connection->upload != NULL;
        for (int i = 0; receives && i < FTP_READS_A_TURN; i++)
                receives = read_piece(connection, &state, &err) && state == FTP_STREAM_GOOD;
}

void ftp_transfer_resume(struct ftp_connection *connection)
{
        leave_queue(connection);
        connection->transfer.began = mono_now(); /* it was us who made it wait */
        receive(connection);
        ftp_connection_go_on(connection);
}

/* ---- events ---- */

static void run_data(struct ftp_connection *connection)
{
        enum ftp_stream_state state = ftp_stream_shake(&connection->transfer.stream);
        if (state == FTP_STREAM_WAIT_READ || state == FTP_STREAM_WAIT_WRITE)
                ftp_transfer_wait(connection, state);
        else if (state != FTP_STREAM_GOOD)
                ftp_transfer_conclude(connection, FTP_NO_DATA, NULL);
        else if (connection->transfer.storing)
                receive(connection);
        else
                ftp_sending_go_on(connection);
}

/* A byte now and then, each within the stall time, would go on for ever. */
static bool too_slow(const struct ftp_connection *connection)
{
        const struct ftp_transfer *transfer = &connection->transfer;
        int64_t seconds = (mono_now().ns - transfer->began.ns) / 1000000000;
        return seconds > INT64_C(4) * connection->server->config.stall_seconds &&
               transfer->moved / seconds < SLOWEST;
}

static void on_listener(evutil_socket_t fd, short what, void *context)
{
        struct ftp_connection *connection = context;
        (void)fd;
        if (!(what & EV_READ) || !await_client(connection))
                ftp_transfer_conclude(connection, FTP_NO_DATA, NULL);
        ftp_connection_go_on(connection);
}

static void on_data(evutil_socket_t fd, short what, void *context)
{
        struct ftp_connection *connection = context;
        struct ftp_transfer *transfer = &connection->transfer;
        int failure = 0;
        socklen_t size = sizeof failure;
        if (!transfer->connecting) {
                /* After a time without news, too: there may be bytes, but few. */
                int64_t moved = transfer->moved;
                run_data(connection);
                bool idle = what & EV_TIMEOUT && transfer->moved == moved && !transfer->queued;
                if (transfer->open && (idle || too_slow(connection)))
                        ftp_transfer_conclude(connection, FTP_CUT, NULL);
        } else if (what & EV_TIMEOUT || getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) < 0 ||
                   failure != 0) {
                ftp_transfer_conclude(connection, FTP_NO_DATA, NULL);
        } else {
                opened(connection);
        }
        ftp_connection_go_on(connection);
}
