/* Data connections: opening them either way, receiving uploads, sending lists and files. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receive/ftp_connection.h"

enum { SEND_PIECE = 64 << 10, LISTING_MAX = 1 << 20, RANDOM_TRIES = 64 };

static void on_listener(evutil_socket_t fd, short what, void *context);
static void on_data(evutil_socket_t fd, short what, void *context);

/* ---- closing and results ---- */

static void forget_event(struct ftp_transfer *transfer)
{
        if (transfer->event != NULL)
                event_free(transfer->event);
        transfer->event = NULL;
}

void ftp_transfer_close(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        forget_event(transfer);
        ftp_stream_close(&transfer->stream);
        if (transfer->listener >= 0)
                close(transfer->listener);
        if (transfer->file >= 0)
                close(transfer->file);
        text_finish(&transfer->text);
        if (transfer->open && transfer->storing)
                atomic_fetch_sub(&connection->server->uploads_open, 1);
        transfer->open = false;
        transfer->connecting = false;
        transfer->listener = -1;
        transfer->file = -1;
        transfer->sent = 0;
}

/* Tells the session how it went, when it did not go as far as the host. */
static void conclude(struct ftp_connection *connection, enum ftp_outcome outcome, const char *why)
{
        struct ftp_session *session = &connection->session;
        bool storing = connection->transfer.storing;
        ftp_transfer_close(connection);
        if (!storing) {
                ftp_session_sent(session, outcome, &connection->replies);
                return;
        }
        struct ftp_result result = {.outcome = outcome, .why = why};
        result.size = connection->upload != NULL ? connection->upload->size : 0;
        if (outcome == FTP_CUT || outcome == FTP_ABORTED)
                atomic_fetch_add(&connection->server->uploads_cut, 1);
        ftp_session_stored(session, &result, &connection->replies);
}

/* The upload is whole: the data connection is closed first, then the host has it. */
static void hand_over(struct ftp_connection *connection)
{
        struct ftp_server *server = connection->server;
        struct upload *upload = connection->upload;
        connection->upload = NULL;
        connection->transfer.last_byte = mono_now();
        ftp_transfer_close(connection);
        upload->end = UPLOAD_WHOLE;
        upload->ended = utc_now();
        atomic_fetch_add(&server->uploads, 1);
        atomic_fetch_add(&server->upload_bytes, upload->size);
        connection->awaiting = true;
        server->config.host.received(server->config.host.context,
                                     (struct ftp_ticket){connection->slot, connection->serial},
                                     &upload);
}

void ftp_transfer_abort(struct ftp_connection *connection)
{
        if (connection->transfer.open)
                conclude(connection, FTP_ABORTED, NULL);
        /* Else it is whole and being stored: its answer is the answer. */
}

/* ---- opening ---- */

static bool bind_and_listen(int fd, const struct sockaddr_storage *local, uint16_t port)
{
        struct sockaddr_storage address = *local;
        socklen_t size = sizeof(struct sockaddr_in);
        if (address.ss_family == AF_INET6) {
                ((struct sockaddr_in6 *)&address)->sin6_port = htons(port);
                size = sizeof(struct sockaddr_in6);
        } else {
                ((struct sockaddr_in *)&address)->sin_port = htons(port);
        }
        return bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 4) == 0;
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

uint16_t ftp_transfer_listen(struct ftp_connection *connection)
{
        struct sockaddr_storage local = {0};
        socklen_t size = sizeof local;
        ftp_transfer_close(connection);
        if (getsockname(connection->control.fd, (struct sockaddr *)&local, &size) < 0)
                return 0;
        int fd = socket(local.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return 0;
        size = sizeof local;
        if (!take_port(connection->server, fd, &local) ||
            getsockname(fd, (struct sockaddr *)&local, &size) < 0) {
                close(fd);
                return 0;
        }
        connection->transfer.listener = fd;
        return ntohs(local.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&local)->sin6_port
                                                 : ((struct sockaddr_in *)&local)->sin_port);
}

void ftp_transfer_expect(struct ftp_connection *connection)
{
        ftp_transfer_close(connection);
}

static bool watch(struct ftp_connection *connection, int fd, short what,
                  void (*callback)(evutil_socket_t, short, void *), int seconds)
{
        const struct timeval limit = {seconds, 0};
        struct ftp_transfer *transfer = &connection->transfer;
        forget_event(transfer);
        transfer->event = event_new(connection->server->base, fd, what, callback, connection);
        return transfer->event != NULL && event_add(transfer->event, &limit) == 0;
}

/* Connects to the client, PORT and EPRT. */
static bool connect_out(struct ftp_connection *connection)
{
        struct sockaddr_storage address = connection->address;
        uint16_t port = htons(connection->session.want.port);
        socklen_t size = sizeof(struct sockaddr_in);
        if (address.ss_family == AF_INET6) {
                ((struct sockaddr_in6 *)&address)->sin6_port = port;
                size = sizeof(struct sockaddr_in6);
        } else {
                ((struct sockaddr_in *)&address)->sin_port = port;
        }
        int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return false;
        ftp_stream_init(&connection->transfer.stream, fd);
        connection->transfer.connecting = true;
        if (connect(fd, (struct sockaddr *)&address, size) < 0 && errno != EINPROGRESS)
                return false;
        return watch(connection, fd, EV_WRITE, on_data, connection->server->config.data_seconds);
}

/* What is to be sent; false when it cannot be had. */
static bool prepare_sending(struct ftp_connection *connection)
{
        const struct ftp_host *host = &connection->server->config.host;
        struct ftp_session *session = &connection->session;
        struct ftp_transfer *transfer = &connection->transfer;
        if (session->pending == FTP_SEND_TEXT) {
                text_init_growing(&transfer->text, LISTING_MAX);
                ftp_session_listing(session, &transfer->text);
                return text_ok(&transfer->text);
        }
        struct error err = {0};
        if (host->open_frame == NULL ||
            !host->open_frame(host->context, &session->want.frame, &transfer->file,
                              &transfer->offset, &transfer->left, &err))
                return false;
        if (session->want.resume > transfer->left)
                return false;
        transfer->offset += session->want.resume;
        transfer->left -= session->want.resume;
        return true;
}

void ftp_transfer_begin(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        const struct ftp_server_config *config = &connection->server->config;
        transfer->open = true;
        transfer->storing = connection->session.pending == FTP_STORE;
        if (transfer->storing)
                atomic_fetch_add(&connection->server->uploads_open, 1);
        if (!transfer->storing && !prepare_sending(connection)) {
                conclude(connection, FTP_REFUSED, NULL);
                return;
        }
        ftp_session_opening(&connection->session, &connection->replies);
        bool fine = transfer->listener >= 0 ? watch(connection, transfer->listener, EV_READ,
                                                    on_listener, config->data_seconds)
                                            : connect_out(connection);
        if (!fine)
                conclude(connection, FTP_NO_DATA, NULL);
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

/* ---- receiving ---- */

static void wait_for(struct ftp_connection *connection, enum ftp_stream_state state)
{
        short what = state == FTP_STREAM_WAIT_WRITE ? EV_WRITE : EV_READ;
        if (!watch(connection, connection->transfer.stream.fd, what, on_data,
                   connection->server->config.stall_seconds))
                conclude(connection, FTP_LOCAL_ERROR, NULL);
}

/* Reads what is there. */
static void receive(struct ftp_connection *connection)
{
        struct ftp_server *server = connection->server;
        struct ftp_transfer *transfer = &connection->transfer;
        for (int i = 0; i < FTP_READS_A_TURN || ftp_stream_has_more(&transfer->stream); i++) {
                uint8_t *at;
                size_t room;
                size_t got;
                struct error err = {0};
                if (upload_budget_spent(&server->budget) && connection->upload->size == 0) {
                        /* Whoever has begun goes on, so that memory becomes free again. */
                        ftp_server_look_again(server);
                        if (transfer->event != NULL)
                                event_del(transfer->event);
                        return;
                }
                if (!upload_room(connection->upload, &at, &room, &err)) {
                        conclude(connection,
                                 err.kind == ERROR_FULL ? FTP_NO_SPACE : FTP_LOCAL_ERROR, NULL);
                        return;
                }
                enum ftp_stream_state state = ftp_stream_read(&transfer->stream, at, room, &got);
                if (state == FTP_STREAM_WAIT_READ || state == FTP_STREAM_WAIT_WRITE) {
                        wait_for(connection, state);
                        return;
                }
                if (state == FTP_STREAM_END) {
                        hand_over(connection);
                        return;
                }
                if (state == FTP_STREAM_BROKEN) {
                        conclude(connection, FTP_CUT, NULL);
                        return;
                }
                if (!upload_added(connection->upload, got, &err)) {
                        conclude(connection,
                                 err.kind == ERROR_FULL ? FTP_NO_SPACE : FTP_LOCAL_ERROR, NULL);
                        return;
                }
                connection->session.transferred = connection->upload->size;
                if (connection->upload->size > server->config.upload_max) {
                        conclude(connection, FTP_TOO_LARGE, NULL);
                        return;
                }
        }
        wait_for(connection, FTP_STREAM_WAIT_READ);
}

/* ---- sending ---- */

/* The next piece to send; 0 at the end, -1 when the file cannot be read. */
static ssize_t next_piece(struct ftp_transfer *transfer, char *buffer, const char **piece_out)
{
        if (transfer->file < 0) {
                *piece_out = transfer->text.bytes + transfer->sent;
                return (ssize_t)(transfer->text.length - transfer->sent);
        }
        *piece_out = buffer;
        if (transfer->left == 0)
                return 0;
        size_t wanted = transfer->left < SEND_PIECE ? (size_t)transfer->left : SEND_PIECE;
        ssize_t got = pread(transfer->file, buffer, wanted, transfer->offset);
        return got > 0 ? got : -1;
}

static void send_data(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        char buffer[SEND_PIECE];
        for (int i = 0; i < FTP_READS_A_TURN; i++) {
                const char *piece;
                size_t written;
                ssize_t length = next_piece(transfer, buffer, &piece);
                if (length <= 0) {
                        conclude(connection, length == 0 ? FTP_DONE : FTP_LOCAL_ERROR, NULL);
                        return;
                }
                enum ftp_stream_state state =
                        ftp_stream_write(&transfer->stream, piece, (size_t)length, &written);
                transfer->sent += written;
                transfer->offset += (int64_t)written;
                transfer->left -= (int64_t)written;
                connection->session.transferred += (int64_t)written;
                if (state == FTP_STREAM_WAIT_READ || state == FTP_STREAM_WAIT_WRITE) {
                        wait_for(connection, state);
                        return;
                }
                if (state != FTP_STREAM_GOOD) {
                        conclude(connection, FTP_CUT, NULL);
                        return;
                }
        }
        wait_for(connection, FTP_STREAM_WAIT_WRITE);
}

/* ---- events ---- */

static void run_data(struct ftp_connection *connection)
{
        enum ftp_stream_state state = ftp_stream_shake(&connection->transfer.stream);
        if (state == FTP_STREAM_WAIT_READ || state == FTP_STREAM_WAIT_WRITE)
                wait_for(connection, state);
        else if (state != FTP_STREAM_GOOD)
                conclude(connection, FTP_NO_DATA, NULL);
        else if (connection->transfer.storing)
                receive(connection);
        else
                send_data(connection);
}

/* The socket is open: TLS if agreed, and off we go. */
static void opened(struct ftp_connection *connection)
{
        if (ftp_session_private_data(&connection->session) && connection->server->tls != NULL &&
            !ftp_stream_secure(&connection->transfer.stream, connection->server->tls)) {
                conclude(connection, FTP_NO_DATA, NULL);
                return;
        }
        run_data(connection);
}

static void on_listener(evutil_socket_t fd, short what, void *context)
{
        struct ftp_connection *connection = context;
        struct ftp_transfer *transfer = &connection->transfer;
        struct sockaddr_storage address = {0};
        socklen_t size = sizeof address;
        int data = what & EV_READ ? accept4(fd, (struct sockaddr *)&address, &size,
                                            SOCK_NONBLOCK | SOCK_CLOEXEC)
                                  : -1;
        if (data >= 0 && !same_peer(&address, &connection->address)) {
                close(data); /* somebody else's; go on waiting for the client */
                data = -1;
                what = EV_READ;
        }
        if (data < 0) {
                if (!(what & EV_READ) || !watch(connection, fd, EV_READ, on_listener,
                                                connection->server->config.data_seconds))
                        conclude(connection, FTP_NO_DATA, NULL);
                ftp_connection_go_on(connection);
                return;
        }
        ftp_stream_init(&transfer->stream, data);
        forget_event(transfer);
        close(transfer->listener);
        transfer->listener = -1;
        opened(connection);
        ftp_connection_go_on(connection);
}

static void on_data(evutil_socket_t fd, short what, void *context)
{
        struct ftp_connection *connection = context;
        struct ftp_transfer *transfer = &connection->transfer;
        bool connecting = transfer->connecting;
        int failure = 0;
        socklen_t size = sizeof failure;
        transfer->connecting = false;
        if (what & EV_TIMEOUT)
                conclude(connection, connecting ? FTP_NO_DATA : FTP_CUT, NULL);
        else if (!connecting)
                run_data(connection);
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) < 0 || failure != 0)
                conclude(connection, FTP_NO_DATA, NULL);
        else
                opened(connection);
        ftp_connection_go_on(connection);
}
