#include "app/login_line.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

enum { WAYS = 4 }; /* entries that a peer may be in */

void login_line_init(struct login_line *line)
{
        *line = (struct login_line){0};
        line->last = &line->first;
}

void login_peer(const char *address, uint8_t out[static LOGIN_PEER_SIZE])
{
        struct in6_addr six;
        memset(out, 0, LOGIN_PEER_SIZE);
        if (inet_pton(AF_INET6, address, &six) == 1) {
                out[0] = 6;
                memcpy(out + 1, six.s6_addr, 8);
        } else if (inet_pton(AF_INET, address, out + 1) == 1) {
                out[0] = 4;
        }
}

/* ---- wrong passwords ---- */

static struct login_guesses *set_of(struct login_line *line,
                                    const uint8_t peer[static LOGIN_PEER_SIZE])
{
        uint32_t hash = 2166136261U;
        for (int i = 0; i < LOGIN_PEER_SIZE; i++)
                hash = (hash ^ peer[i]) * 16777619U;
        hash ^= hash >> 15;
        return &line->guesses[hash % (LOGIN_PEERS / WAYS) * WAYS];
}

/* NULL when nothing wrong came from there lately. */
static struct login_guesses *guesses_of(struct login_line *line,
                                        const uint8_t peer[static LOGIN_PEER_SIZE])
{
        struct login_guesses *set = set_of(line, peer);
        for (int i = 0; i < WAYS; i++) {
                if (set[i].failures > 0 && memcmp(set[i].peer, peer, LOGIN_PEER_SIZE) == 0)
                        return &set[i];
        }
        return NULL;
}

static void forget_old(struct login_guesses *guesses, struct mono now)
{
        if (now.ns - guesses->last.ns > LOGIN_FORGET_S * INT64_C(1000000000))
                guesses->failures = 0;
}

static void note_wrong(struct login_line *line, const uint8_t peer[static LOGIN_PEER_SIZE],
                       struct mono now)
{
        struct login_guesses *guesses = guesses_of(line, peer);
        if (guesses == NULL) {
                struct login_guesses *set = set_of(line, peer);
                guesses = set;
                for (int i = 1; i < WAYS; i++) {
                        if (set[i].last.ns < guesses->last.ns)
                                guesses = &set[i];
                }
                *guesses = (struct login_guesses){0};
                memcpy(guesses->peer, peer, LOGIN_PEER_SIZE);
        }
        int64_t ms = LOGIN_CLOSED_MOST_MS;
        if (guesses->failures < 5)
                ms = LOGIN_CLOSED_MS << guesses->failures;
        guesses->failures++;
        guesses->last = now;
        guesses->closed.ns = now.ns + ms * 1000000;
}

/* ---- the line ---- */

static size_t waiting_from(const struct login_line *line,
                           const uint8_t peer[static LOGIN_PEER_SIZE])
{
        size_t count = 0;
        for (const struct login *at = line->first; at != NULL; at = at->next)
                count += memcmp(at->peer, peer, LOGIN_PEER_SIZE) == 0;
        return count;
}

bool login_line_put(struct login_line *line, struct login *login)
{
        const struct login_guesses *guesses = guesses_of(line, login->peer);
        if (guesses != NULL && guesses->failures >= LOGIN_MANY &&
            waiting_from(line, login->peer) >= LOGIN_MANY_WAIT)
                return false;
        login->next = NULL;
        *line->last = login;
        line->last = &login->next;
        line->length++;
        return true;
}

/* Takes out what *link points to. */
static struct login *unlink_login(struct login_line *line, struct login **link)
{
        struct login *login = *link;
        *link = login->next;
        if (line->last == &login->next)
                line->last = link;
        login->next = NULL;
        line->length--;
        return login;
}

static bool same_is_checked(const struct login_line *line, const struct login *login)
{
        for (int i = 0; i < LOGIN_CHECKERS; i++) {
                if (line->checking[i] != NULL &&
                    memcmp(line->checking[i]->mark, login->mark, LOGIN_MARK_SIZE) == 0)
                        return true;
        }
        return false;
}

static bool peer_is_checked(const struct login_line *line, const struct login *login)
{
        for (int i = 0; i < LOGIN_CHECKERS; i++) {
                if (line->checking[i] != NULL &&
                    memcmp(line->checking[i]->peer, login->peer, LOGIN_PEER_SIZE) == 0)
                        return true;
        }
        return false;
}

/* Whether it may be hashed now; else *when_out becomes less if that is only a matter of time. */
static bool may_check(struct login_line *line, const struct login *login, struct mono now,
                      struct mono *when_out)
{
        if (same_is_checked(line, login))
                return false;
        struct login_guesses *guesses = guesses_of(line, login->peer);
        if (guesses == NULL)
                return true;
        forget_old(guesses, now);
        if (guesses->failures == 0)
                return true;
        if (now.ns >= guesses->closed.ns)
                return !peer_is_checked(line, login);
        if (guesses->closed.ns < when_out->ns)
                *when_out = guesses->closed;
        return false;
}

struct login *login_line_take(struct login_line *line, struct mono now, struct mono *when_out)
{
        int free = 0;
        when_out->ns = INT64_MAX;
        while (free < LOGIN_CHECKERS && line->checking[free] != NULL)
                free++;
        if (free == LOGIN_CHECKERS)
                return NULL;
        for (struct login **link = &line->first; *link != NULL; link = &(*link)->next) {
                if (!may_check(line, *link, now, when_out))
                        continue;
                struct login *login = unlink_login(line, link);
                line->checking[free] = login;
                return login;
        }
        return NULL;
}

struct login *login_line_done(struct login_line *line, const struct login *login, bool right,
                              struct mono now)
{
        struct login *same = NULL;
        int slot = 0;
        while (slot < LOGIN_CHECKERS && line->checking[slot] != login)
                slot++;
        assert(slot < LOGIN_CHECKERS);
        line->checking[slot] = NULL;
        if (!right)
                note_wrong(line, login->peer, now);
        for (struct login **link = &line->first; *link != NULL;) {
                if (memcmp((*link)->mark, login->mark, LOGIN_MARK_SIZE) != 0) {
                        link = &(*link)->next;
                        continue;
                }
                struct login *found = unlink_login(line, link);
                found->next = same;
                same = found;
        }
        return same;
}

struct login *login_line_tired(struct login_line *line, struct mono now)
{
        struct login *tired = NULL;
        for (struct login **link = &line->first; *link != NULL;) {
                const struct login_guesses *guesses = guesses_of(line, (*link)->peer);
                if (guesses == NULL || guesses->failures < LOGIN_MANY ||
                    now.ns - (*link)->since.ns < LOGIN_MANY_WAIT_S * INT64_C(1000000000)) {
                        link = &(*link)->next;
                        continue;
                }
                struct login *found = unlink_login(line, link);
                found->next = tired;
                tired = found;
        }
        return tired;
}

struct login *login_line_remove(struct login_line *line, struct ftp_ticket ticket)
{
        for (struct login **link = &line->first; *link != NULL; link = &(*link)->next) {
                if ((*link)->ticket.slot == ticket.slot && (*link)->ticket.serial == ticket.serial)
                        return unlink_login(line, link);
        }
        return NULL;
}

struct login *login_line_empty(struct login_line *line)
{
        return line->first != NULL ? unlink_login(line, &line->first) : NULL;
}
