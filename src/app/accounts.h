#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/passwords.h"
#include "base/error.h"
#include "model/account.h"
#include "receive/ftp_server.h"

/*
 * Logins of FTP. Passwords are kept as Argon2id, which costs much time and 19 MiB on purpose, so it
 * is done by a few workers, and not again for a camera that logs in for each file: what was found
 * right is remembered as a keyed hash over user, password and stored hash, under a key that only
 * this process has. The account's row is read each time, so that a change holds at once. An unknown
 * user costs the same as a wrong password.
 *
 * A desk thread answers what is remembered, so that no camera waits behind somebody's guesses. What
 * has to be hashed waits in line (app/login_line.h) as long as its session lives: after a start a
 * thousand cameras come at once, and all get in. The same user and password wait for one hash. What
 * was found wrong is remembered as well: a camera that was set up wrong, and sends it again and
 * again, guesses nothing, and neither costs anything nor holds up others of its house.
 */
struct accounts;

struct accounts_config {
        const char *data_directory; /* of the catalog; copied */
        unsigned workers;           /* that hash; 0: two */
        /* The outcome of a login, from a thread of the accounts. `account` is NULL unless good. */
        void (*answer)(void *context, struct ftp_ticket ticket, enum ftp_login result,
                       const struct ftp_account *account);
        /* An account that somebody may be logged in to is no longer what it was. */
        void (*ended)(void *context, int64_t account);
        void *context;
};

bool accounts_start(const struct accounts_config *config, struct accounts **accounts_out,
                    struct error *err) MUST_CHECK;
/* Answers what waits with "later". Accepts NULL inside. */
void accounts_stop(struct accounts **accounts);

/* Queues a login; never waits. From any thread. */
void accounts_login(struct accounts *accounts, struct ftp_ticket ticket, const char *user,
                    const char *password, const char *peer);
/* The session is gone: its login need not be answered. From any thread. */
void accounts_forget(struct accounts *accounts, struct ftp_ticket ticket);

/* Compares the accounts handed out with the catalog, and calls `ended`. On one thread, about once a
 * second; *any_out says whether there is any account at all. */
bool accounts_review(struct accounts *accounts, bool *any_out, struct error *err) MUST_CHECK;

struct accounts_counters {
        int64_t remembered; /* logins without hashing */
        int64_t hashed;
        int64_t later;   /* told to come back, queues full */
        int64_t waiting; /* now */
};
void accounts_counters(struct accounts *accounts, struct accounts_counters *counters_out);
