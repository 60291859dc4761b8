#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "receive/ftp_session.h"
#include "receive/upload.h"

/*
 * The FTP server around the sessions: sockets, TLS, time-outs, data connections. One thread with
 * an event loop does all of it and never waits for a disk or a password hash: such work goes to the
 * host, which answers when it is done, from any thread, by ftp_server_answer_*.
 *
 * libevent for the loop: small, in every distribution, and readiness rather than completion, so
 * that not reading is how a camera is slowed down. GnuTLS as for HTTP.
 */
struct ftp_server;

/* What an answer belongs to. Answers to sessions that are gone are passed over. */
struct ftp_ticket {
        uint32_t slot;
        uint32_t serial;
};

/* An account as a session needs it. */
struct ftp_account {
        int64_t number; /* from 1 */
        bool may_download;
};

/*
 * What the server asks of its surroundings. Called on the network thread; quick, please.
 */
struct ftp_host {
        void *context;

        /* Answer: ftp_server_answer_login. The texts live until it returns. */
        void (*login)(void *context, struct ftp_ticket ticket, const char *user,
                      const char *password, const char *peer);

        /* Whether an upload by the account may begin; if not, the outcome and why (a static text).
         * Called before the 150. */
        bool (*admit)(void *context, int64_t account, enum ftp_outcome *outcome_out,
                      const char **why_out);

        /* Takes an upload that is whole. Answer: ftp_server_answer. */
        void (*received)(void *context, struct ftp_ticket ticket, struct upload **upload);

        /* Takes what is left of one that was cut and not gone on with. No answer. */
        void (*cut)(void *context, struct upload **upload);

        /* A held upload has its name. Answer: ftp_server_answer. */
        void (*publish)(void *context, struct ftp_ticket ticket, uint64_t handle, const char *path);
        /* It was deleted by its sender. No answer. */
        void (*dropped)(void *context, uint64_t handle);

        /* All that happened at once was told: what these four took before can be begun with. May
         * be NULL. */
        void (*turned)(void *context);

        /* Opens a frame for an account that may download. */
        bool (*open_frame)(void *context, const struct frame_key *frame, int *fd_out,
                           int64_t *offset_out, int64_t *length_out, struct error *err);

        /* The session of a login is gone: it need not be answered. May be NULL. */
        void (*login_gone)(void *context, struct ftp_ticket ticket);

        /* A line that was said, for the owner to read; account 0: before the login. */
        void (*said)(void *context, int64_t account, const char *peer, bool by_client,
                     const char *line, size_t length);
};

struct ftp_server_config {
        const char *listen;      /* "0.0.0.0:2121", "[::]:2121"; port 0: any */
        const char *listen_tls;  /* implicit TLS; NULL: none */
        const char *certificate; /* PEM files; NULL: no TLS */
        const char *key;
        const char *tls_priority; /* GnuTLS priority string; NULL: NORMAL, TLS 1.2 and later */
        bool tls_required;
        const char *public_address;           /* IPv4 that PASV names; NULL: the connection's own */
        uint16_t passive_first, passive_last; /* ports of data connections; 0: any */
        unsigned sessions_max;
        int idle_seconds;   /* control connection with nothing going on */
        int data_seconds;   /* until a data connection is open */
        int stall_seconds;  /* without a byte in a transfer */
        int64_t upload_max; /* bytes of one upload */
        int64_t memory_max; /* bytes of all uploads in memory */
        const char *spool_directory;
        struct ftp_host host;
};

/* Listens and starts the thread; the texts are copied. */
bool ftp_server_start(const struct ftp_server_config *config, struct ftp_server **server_out,
                      struct error *err) MUST_CHECK;

/* Takes no more connections and commands; transfers that are being answered are (for at most
 * `seconds`), then everything is closed and the thread ended. */
void ftp_server_stop(struct ftp_server *server, int seconds);

/* After the stop, when no upload of it and nobody who may answer is left; until then answers are
 * passed over. Accepts NULL inside. */
void ftp_server_free(struct ftp_server **server);

/* The port that it listens on. */
uint16_t ftp_server_port(const struct ftp_server *server);
uint16_t ftp_server_tls_port(const struct ftp_server *server);

/* ---- answers, from any thread ---- */

void ftp_server_answer_login(struct ftp_server *server, struct ftp_ticket ticket,
                             enum ftp_login result, const struct ftp_account *account);

struct ftp_answer {
        struct ftp_ticket ticket;
        bool published;           /* of `publish`; else of `received` */
        struct ftp_result result; /* its `why` must be a static text */
};
/* Those that are known at the same time are best told together. */
void ftp_server_answer(struct ftp_server *server, const struct ftp_answer *answers, size_t count);

/* Ends the sessions of an account that was disabled, removed or given another password. */
void ftp_server_end_account(struct ftp_server *server, int64_t account);

/* From any thread. */
struct ftp_counters {
        int64_t sessions; /* open now */
        int64_t sessions_total;
        int64_t refused; /* connections: too many */
        int64_t logins, logins_failed;
        int64_t uploads, uploads_cut, upload_bytes;
        int64_t uploads_open; /* being received or stored now */
        int64_t memory;       /* bytes of uploads in memory */
        int64_t answered;     /* uploads answered 226 */
        int64_t answer_ns;    /* from the last byte to the answer, sum over them */
};
void ftp_server_counters(struct ftp_server *server, struct ftp_counters *counters_out);
