/*
 * What a connection does when something happened: takes what came in, answers, reads on. Replies
 * are sent at the end of the loop's turn, those of all connections after each other: whoever waits
 * for them is woken once for several, and what is asked next comes in together as well.
 */
#include <stdlib.h>
#include <string.h>

#include "receive/ftp_connection.h"

enum { TURNS = 8 /* of one connection until others have theirs */ };

static void wait_for(struct ftp_connection *connection, enum ftp_stream_state state)
{
        if (state == FTP_STREAM_WAIT_WRITE)
                event_add(&connection->write, NULL);
        else if (!event_pending(&connection->read, EV_READ, NULL))
                event_add(&connection->read, NULL);
}

/* Sends what there is; false when the connection is over. */
static bool send_replies(struct ftp_connection *connection)
{
        enum { KEPT = 4096 };
        struct text *replies = &connection->replies;
        if (replies->failed)
                return false;
        while (connection->replied < replies->length) {
                size_t written;
                enum ftp_stream_state state =
                        ftp_stream_write(&connection->control, replies->bytes + connection->replied,
                                         replies->length - connection->replied, &written);
                connection->replied += written;
                if (state == FTP_STREAM_WAIT_READ || state == FTP_STREAM_WAIT_WRITE) {
                        wait_for(connection, state);
                        return true;
                }
                if (state != FTP_STREAM_GOOD)
                        return false;
        }
        connection->replied = 0;
        text_clear(replies);
        if (replies->room > KEPT) {
                text_finish(replies);
                text_init_growing(replies, FTP_REPLIES_MAX);
        }
        return true;
}

/* Replies that something else waits for go out at once. */
static bool may_wait(const struct ftp_connection *connection)
{
        const struct ftp_session *session = &connection->session;
        bool sends = connection->transfer.open && !connection->transfer.storing;
        return connection->replied == 0 && connection->replies.length < FTP_REPLIES_ENOUGH &&
               !connection->replies.failed && !connection->ended && !session->closing && !sends &&
               session->pending != FTP_START_TLS;
}

static void reply_later(struct ftp_connection *connection)
{
        if (connection->replying || connection->replies.length == 0)
                return;
        connection->replying = true;
        TAILQ_INSERT_TAIL(&connection->server->replying, connection, in_replying);
}

static void leave_replying(struct ftp_connection *connection)
{
        if (connection->replying)
                TAILQ_REMOVE(&connection->server->replying, connection, in_replying);
        connection->replying = false;
}

static void leave_again(struct ftp_connection *connection)
{
        if (connection->again)
                TAILQ_REMOVE(&connection->server->again, connection, in_again);
        connection->again = false;
}

void ftp_turn_forget(struct ftp_connection *connection)
{
        leave_replying(connection);
        leave_again(connection);
}

void ftp_connection_end(struct ftp_connection *connection)
{
        (void)send_replies(connection);
        ftp_connection_close(connection);
}

/* Lets the session take what has come in, one action after the other; true when there is more that
 * it may take once the replies are sent. */
static bool take_input(struct ftp_connection *connection)
{
        struct ftp_session *session = &connection->session;
        enum ftp_action action = FTP_NOTHING;
        do {
                size_t used = 0;
                if (session->pending == FTP_START_TLS || session->closing)
                        return false;
                action = ftp_session_feed(session, connection->input, connection->input_length,
                                          utc_now(), &used, &connection->replies);
                connection->input_length -= used;
                memmove(connection->input, connection->input + used, connection->input_length);
                ftp_connection_act(connection, action);
        } while (action != FTP_NOTHING);
        return connection->replies.length >= FTP_REPLIES_ENOUGH;
}

/* False when the connection is over. */
static bool read_input(struct ftp_connection *connection, bool *more_out)
{
        size_t got = 0;
        size_t room = sizeof connection->input - connection->input_length;
        *more_out = false;
        if (room == 0 || connection->ended) {
                event_del(&connection->read); /* until there is room */
                return true;
        }
        if (connection->drained) {
                wait_for(connection, FTP_STREAM_WAIT_READ);
                return true;
        }
        enum ftp_stream_state state = ftp_stream_read(
                &connection->control, connection->input + connection->input_length, room, &got);
        connection->input_length += got;
        if (state == FTP_STREAM_GOOD) {
                *more_out = true;
                connection->drained = got < room && connection->control.tls == NULL;
                if (connection->user != NULL)
                        connection->heard = mono_now();
        } else if (state == FTP_STREAM_WAIT_READ || state == FTP_STREAM_WAIT_WRITE) {
                wait_for(connection, state);
        } else if (state == FTP_STREAM_END) {
                connection->ended = true;
                event_del(&connection->read);
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
        connection->drained = false;
        ftp_transfer_close(connection);
        ftp_connection_give_up_upload(connection);
        connection->user = NULL;
        if (!ftp_stream_secure(&connection->control, connection->server->tls, true))
                return false;
        ftp_session_secured(&connection->session);
        return true;
}

/* One round of taking, answering and reading; false when the connection is over. */
static bool turn(struct ftp_connection *connection, bool *more_out)
{
        struct ftp_session *session = &connection->session;
        bool paused = take_input(connection);
        *more_out = false;
        if (may_wait(connection))
                reply_later(connection);
        else if (!send_replies(connection))
                return false;
        if (connection->replied > 0) {
                event_del(&connection->read); /* nothing is taken from who takes no replies */
                return true;
        }
        if (session->closing)
                return false;
        if (session->pending == FTP_START_TLS && !start_tls(connection))
                return false;
        if (!read_input(connection, more_out))
                return false;
        *more_out = *more_out || paused;
        return true;
}

void ftp_connection_go_on(struct ftp_connection *connection)
{
        connection->server->busy = true;
        bool more = true;
        bool fine = true;
        for (int i = 0; i < TURNS && fine && more; i++)
                fine = turn(connection, &more);
        if (fine && more && !connection->again) {
                connection->again = true;
                TAILQ_INSERT_TAIL(&connection->server->again, connection, in_again);
        }
        /* A client that is gone gets no answers, but what it sent whole is stored. */
        if (fine && connection->ended && !more && !connection->awaiting &&
            !connection->transfer.open && connection->session.pending == FTP_NOTHING &&
            connection->replied == 0)
                fine = false;
        if (!fine)
                ftp_connection_close(connection);
}

void ftp_turn_again(struct ftp_server *server)
{
        struct ftp_connection *last = TAILQ_LAST(&server->again, ftp_queue);
        struct ftp_connection *at = NULL;
        while (at != last && (at = TAILQ_FIRST(&server->again)) != NULL) {
                leave_again(at);
                ftp_connection_go_on(at);
        }
}

/* While more comes in at once the host gets more at once; but it does not wait for long. True when
 * it got some: it may have answered at once. */
static bool hand_over(struct ftp_server *server)
{
        if (server->handed == 0 || (server->busy && ++server->handed < TURNS && !server->stopping))
                return false;
        server->handed = 0;
        ftp_posts_hand_over(server);
        return true;
}

static void send_all(struct ftp_server *server)
{
        struct ftp_connection *at = NULL;
        while ((at = TAILQ_FIRST(&server->replying)) != NULL) {
                leave_replying(at);
                if (!send_replies(at))
                        ftp_connection_close(at);
                else if (at->replied > 0)
                        event_del(&at->read); /* nothing is taken from who takes no replies */
        }
}

void ftp_turn_end(struct ftp_server *server)
{
        send_all(server);
        if (hand_over(server))
                send_all(server);
}
