#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/utc.h"
#include "receive/ftp_path.h"
#include "receive/ftp_tree.h"

/*
 * One FTP session as a pure state machine: RFC 959, 1123, 2228, 2389, 2428, 2577, 2640, 3659, 4217,
 * as far as a camera or a person's client goes, and as tolerant as cameras need it. It is fed with
 * the bytes of the control connection and with the results of what it asked for; it adds replies to
 * a text and says what is to be done next. No I/O, no clock, no memory but the struct.
 *
 * One action is pending at a time. Until its result is told, only ABOR and STAT are looked at
 * (during a transfer); everything else stays unread, in order.
 */
enum ftp_action {
        FTP_NOTHING,    /* all that could be used was; feed more */
        FTP_LOGIN,      /* check want.user and want.password: ftp_session_login */
        FTP_LISTEN,     /* for a data connection, PASV or EPSV: ftp_session_listening */
        FTP_CONNECT_TO, /* remember want.host and want.port, where to connect later; goes on */
        FTP_STORE,      /* ftp_session_opening, open data, take bytes until it is closed:
                           ftp_session_stored */
        FTP_SEND_TEXT,  /* likewise; send the text of ftp_session_listing: ftp_session_sent */
        FTP_SEND_FILE,  /* likewise; send want.frame from want.resume on: ftp_session_sent */
        FTP_PUBLISH,    /* the held upload want.handle now has the name want.path:
                           ftp_session_published */
        FTP_DROP,       /* the held upload want.handle was deleted by the client; goes on */
        FTP_ABORT,      /* end the transfer that is going on; then ftp_session_stored or _sent */
        FTP_START_TLS,  /* when the replies are sent; goes on by ftp_session_secured */
        FTP_END_LOGIN,  /* REIN, or a new USER: what belonged to the login is over; goes on */
        FTP_CLOSE       /* when the replies are sent */
};

enum {
        FTP_REPLIES_ENOUGH = 8 << 10,
        FTP_LINE_MAX = 1500,
        FTP_USER_MAX = 128,
        FTP_PASSWORD_MAX = 256
};

struct ftp_address {
        bool six;
        uint8_t bytes[16]; /* the first 4 for IPv4; network order */
};

/* What an action is about. */
struct ftp_want {
        char user[FTP_USER_MAX];
        char password[FTP_PASSWORD_MAX]; /* wiped by ftp_session_login */
        char path[FTP_PATH_SIZE];
        int64_t resume; /* of FTP_STORE: go on at this byte of the unfinished upload; 0: anew */
        uint64_t handle;
        bool append;   /* of FTP_STORE: more of it may follow, APPE */
        bool added;    /* likewise: to a file that is no picture; each piece is kept by itself */
        uint64_t part; /* likewise: what came before is kept under this; 0: with the session */
        struct frame_key frame; /* of FTP_SEND_FILE; camera 0: not one that can be had */
        uint16_t port;
        bool extended; /* of FTP_LISTEN: EPSV */
};

struct ftp_session_config {
        struct ftp_address peer;  /* of the control connection */
        struct ftp_address local; /* likewise, this side */
        bool has_public_address;  /* PASV names `public_address` instead (IPv4; NAT) */
        struct ftp_address public_address;
        bool tls_available;
        bool tls_required; /* to log in, and of data connections */
        bool secured;      /* implicit TLS: from the first byte */
        /* Each line said, passwords masked, without line end; for the owner to read. May be NULL.
         */
        void (*said)(void *context, bool by_client, const char *line, size_t length);
        void *context;
};

struct ftp_session {
        struct ftp_session_config config;
        struct ftp_tree *tree; /* of the account, borrowed; NULL until logged in */
        uint64_t login;        /* of the tree's */
        bool may_download;
        struct ftp_want want;

        /* The rest is the session's own. */
        enum ftp_action pending;
        bool closing;  /* send what was replied, then close; nothing more is taken */
        bool skipping; /* a line that was too long */
        bool unique;   /* the name of FTP_STORE is told the client, STOU */
        bool aborting; /* ABOR came in the running transfer, and has an answer of its own */
        bool secured, private_data;
        bool greeted_user;  /* USER was given; PASS may follow */
        bool extended_only; /* EPSV ALL */
        bool has_data;      /* PASV, EPSV, PORT or EPRT came since the last transfer */
        int64_t restart;    /* REST */
        int64_t announced;  /* ALLO: how long the next upload will be; 0: not said */
        char cwd[FTP_PATH_SIZE];
        char rename_from[FTP_PATH_SIZE]; /* empty: none */
        char unfinished[FTP_PATH_SIZE];  /* a cut upload of this session that APPE or REST may go on
                                            with; empty: none */
        int64_t unfinished_size;
        int64_t transferred; /* of the running transfer, for STAT; the outside keeps it up */
        unsigned failed_logins;
        uint8_t list_form;
        struct utc now;
};

/* Adds the greeting. */
void ftp_session_start(struct ftp_session *session, const struct ftp_session_config *config,
                       struct text *replies);

/*
 * Takes bytes from the client, at most one action's worth; *used_out says how many. While an action
 * is pending only what may interrupt it is taken, and nothing while FTP_REPLIES_ENOUGH bytes of
 * replies have yet to be sent. `now` is for times shown.
 */
enum ftp_action ftp_session_feed(struct ftp_session *session, const char *bytes, size_t length,
                                 struct utc now, size_t *used_out, struct text *replies);

/* ---- results of actions ---- */

enum ftp_login {
        FTP_LOGIN_GOOD,
        FTP_LOGIN_WRONG,
        FTP_LOGIN_LATER /* too many failures, or too busy: 421 and close */
};

/* Of FTP_LOGIN; `tree` is borrowed as long as the login lasts. */
void ftp_session_login(struct ftp_session *session, enum ftp_login result, struct ftp_tree *tree,
                       bool may_download, struct text *replies);

/* Of FTP_LISTEN; port 0: it failed. */
void ftp_session_listening(struct ftp_session *session, uint16_t port, struct text *replies);

enum ftp_outcome {
        FTP_DONE,    /* safe: 226 */
        FTP_HELD,    /* safe, and kept under `handle` until it is renamed: 226 */
        FTP_PART,    /* not yet a whole picture, and kept under `handle` until more comes: 226 */
        FTP_NO_DATA, /* the data connection could not be opened: 425 */
        FTP_CUT,     /* the client went away or was too slow: 426; may be gone on with */
        FTP_ABORTED, /* by ABOR: 426 and 226 */
        FTP_LOCAL_ERROR, /* 451 */
        FTP_NO_SPACE,    /* 452 */
        FTP_TOO_LARGE,   /* 552 */
        FTP_REFUSED      /* 550 */
};

struct ftp_result {
        enum ftp_outcome outcome;
        int64_t size;           /* what there is of the upload now, bytes */
        uint64_t handle;        /* of FTP_HELD and FTP_PART */
        struct frame_key frame; /* what it became; camera 0: no frame */
        const char *why;        /* told to the client when it did not work; NULL: nothing more */
};

/* A transfer can be tried: the 150. Before it FTP_STORE and the like may end by a refusal alone. */
void ftp_session_opening(struct ftp_session *session, struct text *replies);

/* Of FTP_STORE, after the data connection is closed. */
void ftp_session_stored(struct ftp_session *session, const struct ftp_result *result,
                        struct text *replies);

/* Of FTP_SEND_TEXT and FTP_SEND_FILE. */
void ftp_session_sent(struct ftp_session *session, enum ftp_outcome outcome, struct text *replies);

/* Of FTP_PUBLISH: FTP_DONE, FTP_HELD (the new name is a temporary one too), or what went wrong. */
void ftp_session_published(struct ftp_session *session, const struct ftp_result *result,
                           struct text *replies);

/* Of FTP_START_TLS. */
void ftp_session_secured(struct ftp_session *session);

/* The text of FTP_SEND_TEXT. */
void ftp_session_listing(struct ftp_session *session, struct text *out);

/* True when data connections are to be encrypted (PROT P). */
bool ftp_session_private_data(const struct ftp_session *session);
