/* Accounts that are or were logged in, and wrong passwords. */
#include <stdlib.h>
#include <string.h>

#include "receive/ftp_connection.h"

enum {
        GUESS_FORGET_S = 600, /* wrong passwords are forgotten after */
        GUESS_DELAY_MS = 500, /* after the first one, doubled with each further one */
        GUESS_DELAY_MAX_MS = 16000
};

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

int ftp_guess_delay_ms(struct ftp_server *server, const char *peer)
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
                struct ftp_connection *at = NULL;
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

struct ftp_user *ftp_user_take(struct ftp_server *server, const struct ftp_account *account)
{
        struct ftp_user *user = user_of(server, account);
        return user != NULL ? user : user_add(server, account);
}
