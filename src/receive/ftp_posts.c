/* What other threads tell the network thread: answers, and that something is over. */
#include <stdlib.h>
#include <unistd.h>

#include "receive/ftp_connection.h"

/* ---- any thread ---- */

/* With the lock. */
static struct ftp_post *add(struct ftp_posts *posts)
{
        if (posts->count == posts->room) {
                size_t room = posts->room > 0 ? posts->room * 2 : 64;
                struct ftp_post *grown = reallocarray(posts->items, room, sizeof *grown);
                if (grown == NULL)
                        abort(); /* an answer that is lost would be a session that hangs */
                posts->items = grown;
                posts->room = room;
        }
        return &posts->items[posts->count++];
}

/* The server whose thread this is, while it hands over. */
static _Thread_local const struct ftp_server *awake;

/* The first one wakes the thread, which takes all there are by then; after handing over it does so
 * anyway. */
static void wake(struct ftp_server *server, bool first)
{
        const uint64_t one = 1;
        if (first && awake != server)
                (void)!write(server->wake, &one, sizeof one);
}

void ftp_post(struct ftp_server *server, const struct ftp_post *post)
{
        pthread_mutex_lock(&server->lock);
        bool first = server->posts.count == 0;
        *add(&server->posts) = *post;
        pthread_mutex_unlock(&server->lock);
        wake(server, first);
}

void ftp_server_answer_login(struct ftp_server *server, struct ftp_ticket ticket,
                             enum ftp_login result, const struct ftp_account *account)
{
        struct ftp_post answer = {.kind = FTP_POST_LOGIN, .ticket = ticket, .login = result};
        if (account != NULL)
                answer.account = *account;
        ftp_post(server, &answer);
}

void ftp_server_answer(struct ftp_server *server, const struct ftp_answer *answers, size_t count)
{
        if (count == 0)
                return;
        pthread_mutex_lock(&server->lock);
        bool first = server->posts.count == 0;
        for (size_t i = 0; i < count; i++)
                *add(&server->posts) = (struct ftp_post){
                        .kind = answers[i].published ? FTP_POST_PUBLISHED : FTP_POST_STORED,
                        .ticket = answers[i].ticket,
                        .result = answers[i].result,
                };
        pthread_mutex_unlock(&server->lock);
        wake(server, first);
}

void ftp_server_end_account(struct ftp_server *server, int64_t account)
{
        ftp_post(server, &(struct ftp_post){.kind = FTP_POST_END, .account = {.number = account}});
}

/* ---- the network thread ---- */

static void end_account(struct ftp_server *server, int64_t account)
{
        struct ftp_connection *next = NULL;
        for (struct ftp_connection *at = LIST_FIRST(&server->connections); at != NULL; at = next) {
                next = LIST_NEXT(at, next);
                if (at->user != NULL && at->user->account == account)
                        ftp_connection_end(at);
        }
}

void ftp_maybe_finish(struct ftp_server *server)
{
        bool busy = false;
        struct ftp_connection *next = NULL;
        for (struct ftp_connection *at = LIST_FIRST(&server->connections); at != NULL; at = next) {
                next = LIST_NEXT(at, next);
                if (at->awaiting && mono_now().ns < server->stop_at.ns)
                        busy = true;
                else
                        ftp_connection_end(at);
        }
        server->finished = !busy;
}

static void take(struct ftp_server *server, const struct ftp_post *post)
{
        switch (post->kind) {
        case FTP_POST_END: end_account(server, post->account.number); return;
        case FTP_POST_STOP:
                server->stopping = true;
                ftp_parts_finish(server);
                ftp_server_look_again(server);
                for (int i = 0; i < 2; i++) {
                        if (server->accepting[i] != NULL)
                                event_del(server->accepting[i]);
                }
                return;
        case FTP_POST_LOGIN:
        case FTP_POST_STORED:
        case FTP_POST_PUBLISHED: break;
        }
        struct ftp_connection *connection =
                post->ticket.slot < server->slot_count ? server->slots[post->ticket.slot] : NULL;
        if (connection != NULL && connection->serial == post->ticket.serial)
                ftp_connection_answer(connection, post);
}

static void take_all(struct ftp_server *server)
{
        pthread_mutex_lock(&server->lock);
        struct ftp_posts taken = server->posts;
        server->posts = server->taken;
        server->posts.count = 0;
        pthread_mutex_unlock(&server->lock);
        server->taken = taken;
        for (size_t i = 0; i < taken.count; i++)
                take(server, &taken.items[i]);
        if (server->stopping)
                ftp_maybe_finish(server);
}

void ftp_posts_hand_over(struct ftp_server *server)
{
        const struct ftp_host *host = &server->config.host;
        if (host->turned == NULL)
                return;
        awake = server;
        host->turned(host->context);
        awake = NULL;
        take_all(server); /* what was answered at once */
}

/* The count of the eventfd is not read: it is watched for edges. */
void ftp_on_wake(evutil_socket_t fd, short what, void *context)
{
        (void)fd;
        (void)what;
        take_all(context);
}
