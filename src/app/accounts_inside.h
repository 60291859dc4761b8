#pragma once

#include <pthread.h>
#include <sodium.h>

#include "app/accounts.h"
#include "app/login_line.h"
#include "catalog/catalog.h"

/*
 * The inside of accounts, shared by accounts.c (logins) and accounts_review.c (whom was let in, and
 * whether that still holds).
 */
enum {
        WORKERS_MAX = LOGIN_CHECKERS,
        SLOTS = 8192,       /* remembered logins */
        WRONG_SLOTS = 2048, /* remembered wrong ones */
        MARK_SIZE = LOGIN_MARK_SIZE
};

struct login_queue {
        struct login *first, **last;
        size_t length, limit;
        pthread_cond_t changed;
};

/* An account somebody was let in to, as it was then. */
struct handed {
        struct account account;
        bool seen; /* in a review */
};

struct accounts {
        struct accounts_config config;
        char *data_directory;
        pthread_t desk, workers[WORKERS_MAX];
        unsigned running; /* workers */
        bool desk_runs;
        struct catalog *desk_catalog;   /* of the desk */
        struct catalog *review_catalog; /* of whoever reviews */
        int64_t version;                /* of the catalog when last reviewed */
        bool reviewed, any;
        char dummy[ACCOUNT_HASH_SIZE]; /* what no password fits; costs what others cost */
        uint8_t key[crypto_generichash_KEYBYTES];

        pthread_mutex_t lock; /* guards what follows */
        struct login_queue waiting;
        struct login_line hashing;
        pthread_cond_t hashing_changed;
        bool stopping;
        uint8_t (*marks)[MARK_SIZE];  /* by hash: the newest stays */
        uint8_t (*wrongs)[MARK_SIZE]; /* likewise; who sends the same wrong one again guesses not */
        struct handed *handed;
        size_t handed_count, handed_room;
        bool handed_new; /* since the last review, by a row that may be older */
        struct accounts_counters counters;
};

/* ---- accounts_review.c ---- */

/* Remembers that somebody is let in; false when there is no memory for it. */
bool accounts_hand_out(struct accounts *accounts, const struct account *account);
