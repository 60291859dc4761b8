#pragma once

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "base/log.h"
#include "receive/ftp_parts.h"
#include "receive/ftp_server.h"
#include "receive/ftp_stream.h"

/*
 * The inside of the FTP server, shared by ftp_server.c (listening, the loop), ftp_posts.c (answers
 * from other threads), ftp_connection.c and ftp_turn.c (control connections) ftp_transfer.c and
 * ftp_sending.c (data connections), ftp_parts.c (pictures in parts). Everything here belongs to the
 * network thread but what says otherwise.
 */
enum {
        FTP_INPUT_SIZE = 4096,      /* of a control connection; more is left in the socket */
        FTP_REPLIES_MAX = 64 << 10, /* waiting to be sent */
        FTP_TEXTS = 7,
        FTP_READS_A_TURN = 4 /* of a data connection, so that all get theirs */
};

struct ftp_connection;

/* An account's tree lives as long as the server, so that a camera that logs in for each file finds
 * what it made. */
struct ftp_user {
        int64_t account;
        struct ftp_tree *tree;
        bool may_download;
};

struct ftp_transfer {
        bool open;       /* a transfer is going on */
        bool storing;    /* receives; else sends */
        bool connecting; /* to the client, PORT and EPRT */
        struct ftp_stream stream;
        bool queued;        /* waits for memory */
        short waits_for;    /* EV_READ or EV_WRITE; 0: nothing */
        struct event event; /* of the stream, or of the listener before */
        int listener;       /* -1: none */
        uint16_t port;      /* of the listener */
        unsigned uses;
        struct mono began, deadline;
        int64_t moved;    /* bytes, either way */
        struct text text; /* to send; or */
        int file;         /* to send; -1: none */
        int64_t offset, left;
        size_t sent;           /* of the text */
        struct mono last_byte; /* when the upload was whole */
};

struct ftp_connection {
        struct ftp_server *server;
        uint32_t slot, serial;
        LIST_ENTRY(ftp_connection) next;
        struct ftp_stream control;
        TAILQ_ENTRY(ftp_connection) in_queue, in_replying, in_again;
        struct event read, write, timer;
        struct ftp_session session;
        struct ftp_user *user; /* once logged in */
        char peer[UPLOAD_PEER_SIZE];
        struct sockaddr_storage address; /* of the peer */
        struct sockaddr_storage local;
        struct mono heard; /* anything, last */
        char input[FTP_INPUT_SIZE];
        size_t input_length;
        struct text replies;
        size_t replied;        /* bytes of the replies that are sent */
        bool replying;         /* replies go out at the end of the turn */
        bool again;            /* there is more to take in the next turn */
        bool ended;            /* the peer sends nothing more */
        bool drained;          /* nothing is left in the socket */
        bool awaiting;         /* the host's answer */
        bool storing;          /* an upload is open, until it is answered */
        enum ftp_login login;  /* the answer that is being delayed */
        struct upload *upload; /* being received, or cut and perhaps gone on with */
        struct ftp_transfer transfer;
};

/* What other threads post. */
enum ftp_post_kind {
        FTP_POST_LOGIN,
        FTP_POST_STORED,
        FTP_POST_PUBLISHED,
        FTP_POST_END,
        FTP_POST_STOP
};
struct ftp_post {
        enum ftp_post_kind kind;
        struct ftp_ticket ticket;
        enum ftp_login login;
        struct ftp_account account;
        struct ftp_result result;
};

struct ftp_posts {
        struct ftp_post *items; /* owned */
        size_t count, room;
};

/* Wrong passwords of a peer lately. */
struct ftp_guess {
        char peer[UPLOAD_PEER_SIZE];
        unsigned failures;
        struct mono last;
};

enum { FTP_GUESSES = 1024 };

struct ftp_server {
        struct ftp_server_config config;
        char *texts[FTP_TEXTS]; /* of the config, owned */
        struct ftp_tls *tls;
        struct event_base *base;
        struct event *accepting[2]; /* plain, implicit TLS */
        int listeners[2];
        uint16_t ports[2];
        pthread_t thread;
        bool started;
        bool full; /* no descriptors: nobody is accepted for a moment */
        bool busy; /* something was done in this turn */
        bool stopping, finished;
        uint16_t passive_next;

        struct ftp_connection **slots;
        uint32_t slot_count;
        uint32_t serial;
        LIST_HEAD(ftp_connections, ftp_connection) connections;
        TAILQ_HEAD(ftp_queue, ftp_connection) queue; /* uploads that wait for memory */
        struct ftp_queue replying;                   /* at the end of the loop's turn */
        struct ftp_queue again;                      /* have their next turn in the loop's next */
        unsigned open;
        unsigned handed; /* turns since the host was given something and not yet told so; 0: none */
        struct mono complain;   /* not before */
        struct ftp_user *users; /* one an account, in order of arrival */
        size_t user_count, user_room;
        struct ftp_guess guesses[FTP_GUESSES];
        struct log_limit wrong_logins;
        struct ftp_parts parts;
        struct event *expiring; /* looks for parts that nobody goes on with */
        struct upload_budget budget;
        struct event *resume; /* looks whether the budget allows reading again */
        struct mono stop_at;
        struct ftp_posts taken; /* of the last wake-up, empty */

        /* Any thread. */
        int wake; /* eventfd */
        struct event *woken;
        pthread_mutex_t lock;
        struct ftp_posts posts;

        atomic_llong sessions, sessions_total, refused, logins, logins_failed, uploads, uploads_cut,
                upload_bytes, uploads_open, answered, answer_ns;
};

/* ---- ftp_server.c ---- */

/* Something waits for memory: looks a moment later whether it may go on. */
void ftp_server_look_again(struct ftp_server *server);

/* The host was given something. */
static inline void ftp_handed(struct ftp_server *server)
{
        server->handed += server->handed == 0;
}

/* ---- ftp_posts.c ---- */

/* Any thread. */
void ftp_post(struct ftp_server *server, const struct ftp_post *post);
/* Tells the host that a turn is over, and takes what it answers at once. */
void ftp_posts_hand_over(struct ftp_server *server);
void ftp_on_wake(evutil_socket_t fd, short what, void *context);
/* Closes what nobody waits for any more; sets finished when that is all. */
void ftp_maybe_finish(struct ftp_server *server);

/* ---- ftp_connection.c ---- */

void ftp_connection_open(struct ftp_server *server, int fd, const struct sockaddr *address,
                         bool implicit_tls);
/* Frees it, at once; a cut upload goes to the host. */
void ftp_connection_close(struct ftp_connection *connection);
/* Closes it when what was replied is sent, as far as that is possible at once. */
void ftp_connection_end(struct ftp_connection *connection);
void ftp_connection_answer(struct ftp_connection *connection, const struct ftp_post *post);

/* Tells the session that an upload failed. One that was cut is kept, to be gone on with. */
void ftp_connection_refuse(struct ftp_connection *connection, const struct ftp_result *result);

/* Does what the session asks for. */
void ftp_connection_act(struct ftp_connection *connection, enum ftp_action action);
void ftp_connection_give_up_upload(struct ftp_connection *connection);

/* ---- ftp_turn.c ---- */

/* Takes further commands and answers; to be called after anything happened. May free it. */
void ftp_connection_go_on(struct ftp_connection *connection);
/* The end of the loop's turn: sends what was replied in it. */
void ftp_turn_end(struct ftp_server *server);
/* Connections that had more to take than one turn allows have another. */
void ftp_turn_again(struct ftp_server *server);
/* Takes it out of what these two would do. */
void ftp_turn_forget(struct ftp_connection *connection);

/* ---- ftp_logins.c ---- */

/* The user of an account, new or known; NULL when there is no memory. */
struct ftp_user *ftp_user_take(struct ftp_server *server, const struct ftp_account *account);
/* How long this peer waits for the answer to its wrong password. */
int ftp_guess_delay_ms(struct ftp_server *server, const char *peer);

/* ---- ftp_transfer.c ---- */

/* PASV and EPSV: a port to connect to, 0 when there is none. */
uint16_t ftp_transfer_listen(struct ftp_connection *connection);
/* PORT and EPRT: forgets a listener; where to connect to is session.want.port. */
void ftp_transfer_expect(struct ftp_connection *connection);
/* Begins FTP_STORE, FTP_SEND_TEXT or FTP_SEND_FILE. */
void ftp_transfer_begin(struct ftp_connection *connection);
/* There is memory again for an upload that was waiting for it. May free the connection. */
void ftp_transfer_resume(struct ftp_connection *connection);
/* Takes what came of an upload that is about to end; the kernel holds it back until it is more. */
void ftp_transfer_catch_up(struct ftp_connection *connection);
/* ABOR. */
void ftp_transfer_abort(struct ftp_connection *connection);
/* Closes whatever is open of the data connection. */
void ftp_transfer_close(struct ftp_connection *connection);
/* Ends a transfer that did not go as far as the host, and tells the session how it went. */
void ftp_transfer_conclude(struct ftp_connection *connection, enum ftp_outcome outcome,
                           const char *why);
/* Waits for the data connection. */
void ftp_transfer_wait(struct ftp_connection *connection, enum ftp_stream_state state);

/* ---- ftp_sending.c ---- */

/* Makes ready what is to be sent; false when it cannot be had. */
bool ftp_sending_prepare(struct ftp_connection *connection);
/* Sends what the data connection takes. */
void ftp_sending_go_on(struct ftp_connection *connection);
