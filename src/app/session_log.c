#include "app/session_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RING_FIRST = 2 << 10, RING_MOST = 16 << 10, RINGS_MOST = 4096, HINTS = 1024, CAMERAS = 4 };

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
        char peer[UPLOAD_PEER_SIZE];       /* empty for account 0 */
        struct camera_id cameras[CAMERAS]; /* that were found to be there, the newest first */
        uint64_t used_at;                  /* for forgetting the one not used for longest */
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

static struct ring *find(struct session_log *log, int64_t account, const char *peer)
{
        uint64_t hash = (uint64_t)account;
        for (const char *at = peer; *at != '\0'; at++)
                hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
        uint16_t *hint = &log->hints[(hash ^ hash >> 32) % HINTS];
        for (size_t i = *hint, tries = 0; tries <= log->count; i = tries++) {
                if (i >= log->count || log->rings[i].account != account ||
                    strcmp(log->rings[i].peer, peer) != 0)
                        continue;
                *hint = (uint16_t)i;
                return &log->rings[i];
        }
        return NULL;
}

static struct ring *name_ring(struct ring *ring, int64_t account, const char *peer)
{
        ring->account = account;
        memcpy(ring->peer, peer, strnlen(peer, sizeof ring->peer - 1));
        return ring;
}

static struct ring *find_or_add(struct session_log *log, int64_t account, const char *peer)
{
        struct ring *ring = find(log, account, peer);
        if (ring != NULL)
                return ring;
        if (log->count == RINGS_MOST) {
                ring = &log->rings[0];
                for (size_t i = 1; i < log->count; i++) {
                        if (log->rings[i].used_at < ring->used_at)
                                ring = &log->rings[i];
                }
                *ring = (struct ring){.bytes = ring->bytes, .room = ring->room};
                return name_ring(ring, account, peer);
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
        *ring = (struct ring){0};
        return name_ring(ring, account, peer);
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
        struct ring *ring = find_or_add(log, account, account == 0 ? "" : peer);
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

void session_log_attribute(struct session_log *log, int64_t account, const char *peer,
                           struct camera_id camera)
{
        pthread_mutex_lock(&log->lock);
        struct ring *ring = account != 0 ? find(log, account, peer) : NULL;
        if (ring != NULL && ring->cameras[0].value != camera.value) {
                size_t at = 1;
                while (at < CAMERAS - 1 && ring->cameras[at].value != camera.value)
                        at++;
                memmove(ring->cameras + 1, ring->cameras, at * sizeof ring->cameras[0]);
                ring->cameras[0] = camera;
        }
        pthread_mutex_unlock(&log->lock);
}

static bool has_camera(const struct ring *ring, struct camera_id camera)
{
        for (int i = 0; i < CAMERAS && camera.value != 0; i++) {
                if (ring->cameras[i].value == camera.value)
                        return true;
        }
        return false;
}

/* Joins two lists by time, of which the newest stay; the first has room for SESSION_LOG_LINES. */
static size_t merge(struct session_line *lines, size_t count, const struct session_line *more,
                    size_t more_count, struct session_line *space)
{
        size_t used = 0;
        while (used < SESSION_LOG_LINES && count + more_count > 0) {
                bool take_more = count == 0 || (more_count > 0 && more[more_count - 1].time.ms >=
                                                                          lines[count - 1].time.ms);
                space[SESSION_LOG_LINES - ++used] = take_more ? more[--more_count] : lines[--count];
        }
        memcpy(lines, space + SESSION_LOG_LINES - used, used * sizeof *lines);
        return used;
}

/* What is looked for. */
struct looking {
        int64_t account;
        const char *user;
        struct camera_id camera;
};

/* Copies a ring that has to do with it, with its bytes, so that who speaks waits no longer than for
 * that; *more_out is false behind the last one. */
static bool copy_ring(struct session_log *log, size_t i, const struct looking *looking,
                      struct ring *copy, bool *more_out)
{
        uint8_t *bytes = copy->bytes;
        pthread_mutex_lock(&log->lock);
        *more_out = i < log->count;
        const struct ring *ring = *more_out ? &log->rings[i] : NULL;
        bool wanted = *more_out && (ring->account == 0 ? looking->user != NULL
                                                       : ring->account == looking->account ||
                                                                 has_camera(ring, looking->camera));
        if (wanted) {
                *copy = *ring;
                copy->bytes = bytes;
                copy->start = 0;
                if (ring->length > 0)
                        memcpy(bytes, ring->bytes + ring->start, ring->length);
        }
        pthread_mutex_unlock(&log->lock);
        return wanted;
}

size_t session_log_read(struct session_log *log, int64_t account, const char *user,
                        struct camera_id camera,
                        struct session_line lines[static SESSION_LOG_LINES])
{
        enum { EARLY_MOST = 1024 };
        const struct looking looking = {account, user, camera};
        struct session_line *read = malloc(EARLY_MOST * sizeof *read);
        struct session_line *space = malloc(SESSION_LOG_LINES * sizeof *space);
        struct ring ring = {.bytes = malloc(RING_MOST)};
        size_t count = 0;
        bool more = read != NULL && space != NULL && ring.bytes != NULL;
        for (size_t i = 0; more; i++) {
                if (!copy_ring(log, i, &looking, &ring, &more))
                        continue;
                size_t found = read_ring(&ring, ring.account == 0 ? user : NULL, read, EARLY_MOST);
                count = merge(lines, count, read, found, space);
        }
        free(ring.bytes);
        free(read);
        free(space);
        return count;
}
