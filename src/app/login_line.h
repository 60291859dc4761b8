#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"
#include "model/account.h"
#include "receive/ftp_server.h"

/*
 * The line of logins whose passwords have yet to be hashed, and who may be next: nobody from where
 * wrong passwords come, for a while that grows with each of them, and then one at a time; all
 * others in the order they came. A login that is waited for costs its bytes in this line. Plain
 * data, no threads.
 *
 * Where a peer is, is its IPv4 address or the first 64 bits of its IPv6 address, which is what one
 * house has.
 */
enum {
        LOGIN_MARK_SIZE = 32,
        LOGIN_PEER_SIZE = 9,
        LOGIN_CHECKERS = 8,           /* that hash at the same time, at most */
        LOGIN_PEERS = 1024,           /* whose wrong passwords are remembered */
        LOGIN_CLOSED_MS = 500,        /* after the first wrong one, doubled with each further */
        LOGIN_CLOSED_MOST_MS = 16000, /* */
        LOGIN_FORGET_S = 600,         /* wrong ones are forgotten after */
        LOGIN_MANY = 8,               /* wrong ones: whoever has so many is no house of cameras */
        LOGIN_MANY_WAIT = 32,         /* and may have so many wait, */
        LOGIN_MANY_WAIT_S = 30        /* for so long */
};

/* A login under way. */
struct login {
        struct login *next;
        struct ftp_ticket ticket;
        struct account account;        /* number 0: there is none */
        uint8_t mark[LOGIN_MARK_SIZE]; /* of user, password and account: the same for the same */
        uint8_t peer[LOGIN_PEER_SIZE];
        struct mono since;
        char user[FTP_USER_MAX];
        char password[FTP_PASSWORD_MAX];
};

struct login_guesses {
        uint8_t peer[LOGIN_PEER_SIZE];
        unsigned failures;
        struct mono last;
        struct mono closed; /* until */
};

struct login_line {
        struct login *first, **last;
        size_t length;
        const struct login *checking[LOGIN_CHECKERS];
        struct login_guesses guesses[LOGIN_PEERS];
};

void login_line_init(struct login_line *line);

/* Where the address is, for login->peer. */
void login_peer(const char *address, uint8_t out[static LOGIN_PEER_SIZE]);

/* Takes the login; false (and it is the caller's) when enough wait from there. */
bool login_line_put(struct login_line *line, struct login *login);

/* The next to be hashed, which login_line_done ends; NULL when there is none, *when_out then says
 * when to look again if nothing happens before (INT64_MAX: never). */
struct login *login_line_take(struct login_line *line, struct mono now, struct mono *when_out);

/* It was hashed. Returns those that wait with the same user and password, a list by `next`: the
 * answer is theirs too. */
struct login *login_line_done(struct login_line *line, const struct login *login, bool right,
                              struct mono now);

/* Those that have waited in vain where many wrong passwords come from; a list by `next`. */
struct login *login_line_tired(struct login_line *line, struct mono now);

/* The login of a ticket, taken out; NULL when it does not wait. */
struct login *login_line_remove(struct login_line *line, struct ftp_ticket ticket);
/* The first, whoever it is; NULL at the end. */
struct login *login_line_empty(struct login_line *line);
