#include "app/session_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RING_FIRST = 2 << 10, RING_MOST = 16 << 10, RINGS_MOST = 4096, HINTS = 1024 };

/* A line in a ring: this, then the bytes of peer and text. */
struct head {
        struct utc time;
        uint8_t peer_length;
        uint8_t length;
        bool by_client;
};

/* Lines one after the other, oldest first. What is too old is left behind in front, and moved over
 * only when there is no room at the end. */
struct ring {
        int64_t account;
        uint64_t used_at; /* for forgetting the one not used for longest */
        uint8_t *bytes;
        size_t start, length, room, lines;
};

struct session_log {
        pthread_mutex_t lock;
        struct ring *rings; /* the first is that of account 0 */
        size_t count, room;
        uint64_t now;
        uint16_t hints[HINTS]; /* where an account's ring may be */
};

struct session_log *session_log_create(void)
{
        struct session_log *log = calloc(1, sizeof *log);
        if (log != NULL)
                pthread_mutex_init(&log->lock, NULL);
        return log;
}

void session_log_destroy(struct session_log **log)
{
        struct session_log *gone = *log;
        *log = NULL;
        if (gone == NULL)
                return;
        for (size_t i = 0; i < gone->count; i++)
                free(gone->rings[i].bytes);
        free(gone->rings);
        pthread_mutex_destroy(&gone->lock);
        free(gone);
}

static size_t size_of(const uint8_t *line)
{
        struct head head;
        memcpy(&head, line, sizeof head);
        return sizeof head + head.peer_length + head.length;
}

/* Oldest lines go until there is room for one more of this size. */
static void drop_oldest(struct ring *ring, size_t size, size_t lines_most)
{
        while (ring->lines > 0 && (ring->length + size > RING_MOST || ring->lines >= lines_most)) {
                size_t gone = size_of(ring->bytes + ring->start);
                ring->start += gone;
                ring->length -= gone;
                ring->lines--;
        }
}

static bool reserve(struct ring *ring, size_t size)
{
        if (ring->start + ring->length + size <= ring->room)
                return true;
        if (ring->start > 0)
                memmove(ring->bytes, ring->bytes + ring->start, ring->length);
        ring->start = 0;
        size_t room = ring->room > 0 ? ring->room : RING_FIRST;
        while (room < ring->length + size)
                room *= 2;
        if (room == ring->room)
                return true;
        uint8_t *grown = realloc(ring->bytes, room);
        if (grown == NULL)
                return false;
        ring->bytes = grown;
        ring->room = room;
        return true;
}

static struct ring *find(struct session_log *log, int64_t account)
{
        uint16_t *hint = &log->hints[(uint64_t)account % HINTS];
        if (*hint < log->count && log->rings[*hint].account == account)
                return &log->rings[*hint];
        for (size_t i = 0; i < log->count; i++) {
                if (log->rings[i].account != account)
                        continue;
                *hint = (uint16_t)i;
                return &log->rings[i];
        }
        return NULL;
}

static struct ring *find_or_add(struct session_log *log, int64_t account)
{
        struct ring *ring = find(log, account);
        if (ring != NULL)
                return ring;
        if (log->count == RINGS_MOST) {
                ring = &log->rings[0];
                for (size_t i = 1; i < log->count; i++) {
                        if (log->rings[i].used_at < ring->used_at)
                                ring = &log->rings[i];
                }
                ring->start = ring->length = ring->lines = 0;
                ring->account = account;
                return ring;
        }
        if (log->count == log->room) {
                size_t room = log->room > 0 ? log->room * 2 : 16;
                struct ring *grown = reallocarray(log->rings, room, sizeof *grown);
                if (grown == NULL)
                        return NULL;
                log->rings = grown;
                log->room = room;
        }
        ring = &log->rings[log->count++];
        *ring = (struct ring){.account = account};
        return ring;
}

void session_log_add(struct session_log *log, int64_t account, const char *peer, bool by_client,
                     const char *line, size_t length)
{
        struct head head = {
                .time = utc_now(),
                .peer_length = (uint8_t)strnlen(peer, UPLOAD_PEER_SIZE - 1),
                .length = (uint8_t)(length < SESSION_LINE_MAX ? length : SESSION_LINE_MAX),
                .by_client = by_client,
        };
        size_t size = sizeof head + head.peer_length + head.length;
        pthread_mutex_lock(&log->lock);
        struct ring *ring = find_or_add(log, account);
        if (ring != NULL) {
                ring->used_at = ++log->now;
                /* Of logins there are many peers, and short lines. */
                drop_oldest(ring, size, account == 0 ? SIZE_MAX : SESSION_LOG_LINES);
                if (reserve(ring, size)) {
                        uint8_t *at = ring->bytes + ring->start + ring->length;
                        memcpy(at, &head, sizeof head);
                        memcpy(at + sizeof head, peer, head.peer_length);
                        memcpy(at + sizeof head + head.peer_length, line, head.length);
                        ring->length += size;
                        ring->lines++;
                }
        }
        pthread_mutex_unlock(&log->lock);
}

static void read_line(const uint8_t *at, struct session_line *line_out)
{
        struct head head;
        memcpy(&head, at, sizeof head);
        line_out->time = head.time;
        line_out->by_client = head.by_client;
        memcpy(line_out->peer, at + sizeof head, head.peer_length);
        line_out->peer[head.peer_length] = '\0';
        memcpy(line_out->text, at + sizeof head + head.peer_length, head.length);
        line_out->text[head.length] = '\0';
}

/* "USER yard", in any case. */
static bool names_user(const struct session_line *line, const char *user)
{
        return line->by_client && strncasecmp(line->text, "USER ", 5) == 0 &&
               strcmp(line->text + 5, user) == 0;
}

/* True when a peer named the user before a login. */
static bool peer_named(const struct ring *ring, const char *peer, const char *user)
{
        struct session_line line;
        const uint8_t *end = ring->bytes + ring->start + ring->length;
        for (const uint8_t *at = ring->bytes + ring->start; at < end; at += size_of(at)) {
                read_line(at, &line);
                if (strcmp(line.peer, peer) == 0 && names_user(&line, user))
                        return true;
        }
        return false;
}

static size_t read_ring(const struct ring *ring, const char *user, struct session_line *lines,
                        size_t room)
{
        size_t count = 0;
        const uint8_t *end = ring->bytes + ring->start + ring->length;
        for (const uint8_t *at = ring->bytes + ring->start; at < end && count < room;
             at += size_of(at)) {
                read_line(at, &lines[count]);
                if (user == NULL || peer_named(ring, lines[count].peer, user))
                        count++;
        }
        return count;
}

size_t session_log_read(struct session_log *log, int64_t account, const char *user,
                        struct session_line lines[static SESSION_LOG_LINES])
{
        enum { EARLY_MOST = 1024 };
        struct session_line *early = malloc(EARLY_MOST * sizeof *early);
        struct session_line *own = malloc(SESSION_LOG_LINES * sizeof *own);
        size_t early_count = 0;
        size_t own_count = 0;
        pthread_mutex_lock(&log->lock);
        const struct ring *ring = find(log, 0);
        if (ring != NULL && early != NULL && user != NULL)
                early_count = read_ring(ring, user, early, EARLY_MOST);
        ring = account != 0 ? find(log, account) : NULL;
        if (ring != NULL && own != NULL)
                own_count = read_ring(ring, NULL, own, SESSION_LOG_LINES);
        pthread_mutex_unlock(&log->lock);
        /* Joined by time from the end on, until there are enough. */
        size_t count = 0;
        while (count < SESSION_LOG_LINES && early_count + own_count > 0) {
                bool take_own = early_count == 0 ||
                                (own_count > 0 &&
                                 own[own_count - 1].time.ms >= early[early_count - 1].time.ms);
                lines[SESSION_LOG_LINES - ++count] =
                        take_own ? own[--own_count] : early[--early_count];
        }
        memmove(lines, lines + SESSION_LOG_LINES - count, count * sizeof *lines);
        free(early);
        free(own);
        return count;
}
