#include "receive/ftp_parts.h"

#include <string.h>
#include <unistd.h>

#include "receive/ftp_connection.h"

enum {
        TAIL = 4096,          /* how much some cameras write behind the end of a picture, */
        ZEROS_MOST = 1 << 20, /* and zeros */
        HEAD = 128 << 10,     /* where there may be a thumbnail, which has an end of its own */
        LOOK_S = 5            /* how often it is looked for those whose time is over */
};

/* Of a ticket that nobody waits with. */
#define NO_SLOT UINT32_MAX

/* ---- whether it is one ---- */

static bool read_at(const struct upload *upload, uint8_t *out, size_t length, int64_t offset)
{
        if (upload->fd < 0) {
                memcpy(out, upload->bytes + offset, length);
                return true;
        }
        return pread(upload->fd, out, length, (off_t)offset) == (ssize_t)length;
}

static int count_marks(const uint8_t *bytes, size_t length, uint8_t mark)
{
        int count = 0;
        const uint8_t *end = bytes + length;
        for (const uint8_t *at = bytes; (at = memchr(at, 0xff, (size_t)(end - at))) != NULL; at++)
                count += at + 1 < end && at[1] == mark;
        return count;
}

/* The end that is there is that of a thumbnail: more pictures have begun than ended. */
static bool ends_inside(const struct upload *upload)
{
        uint8_t head[HEAD];
        size_t length = (size_t)upload->size;
        return length <= HEAD && read_at(upload, head, length, 0) &&
               count_marks(head, length, 0xd8) > count_marks(head, length, 0xd9);
}

/* Where the zeros that some cameras fill up with begin; 0 when there are too many to look at. */
static int64_t end_of(const struct upload *upload)
{
        uint8_t piece[TAIL];
        int64_t end = upload->size;
        while (end > 0 && upload->size - end < ZEROS_MOST) {
                size_t length = end < TAIL ? (size_t)end : TAIL;
                size_t left = length;
                if (!read_at(upload, piece, length, end - (int64_t)length))
                        return 0;
                while (left > 0 && piece[left - 1] == 0)
                        left--;
                if (left > 0)
                        return end - (int64_t)(length - left);
                end -= (int64_t)length;
        }
        return 0;
}

/* It begins as a JPEG and is not one yet. In doubt it is whole: that is what gets stored. */
static bool is_part(const struct upload *upload)
{
        uint8_t head[2];
        uint8_t tail[TAIL];
        if (upload->size < 2 || upload->size > FTP_PART_BYTES || upload->left ||
            upload->size < upload->announced)
                return false;
        int64_t end = end_of(upload);
        size_t length = end < TAIL ? (size_t)end : TAIL;
        if (end < 2 || !read_at(upload, head, sizeof head, 0) || head[0] != 0xff ||
            head[1] != 0xd8 || !read_at(upload, tail, length, end - (int64_t)length))
                return false;
        if (tail[length - 2] == 0xff && tail[length - 1] == 0xd9)
                return false;
        return count_marks(tail, length, 0xd9) == 0 || ends_inside(upload);
}

/* ---- those that there are ---- */

static struct upload *take_out(struct ftp_parts *parts, size_t i)
{
        struct upload *upload = parts->items[i].upload;
        parts->count--;
        memmove(parts->items + i, parts->items + i + 1, (parts->count - i) * sizeof *parts->items);
        return upload;
}

static void give_up(struct ftp_server *server, size_t i)
{
        const struct ftp_host *host = &server->config.host;
        struct upload *upload = take_out(&server->parts, i);
        host->received(host->context, (struct ftp_ticket){.slot = NO_SLOT}, &upload);
        ftp_handed(server);
}

/* Room for one more of the account: its oldest goes, or the oldest of all. */
static void make_room(struct ftp_server *server, int64_t account)
{
        struct ftp_parts *parts = &server->parts;
        size_t oldest = parts->count;
        size_t own = 0;
        for (size_t i = parts->count; i > 0; i--) {
                if (parts->items[i - 1].upload->account != account)
                        continue;
                oldest = i - 1;
                own++;
        }
        if (own >= FTP_PARTS_OF_ACCOUNT)
                give_up(server, oldest);
        else if (parts->count == FTP_PARTS_MOST)
                give_up(server, 0);
}

static void expire_later(struct ftp_server *server)
{
        static const struct timeval later = {.tv_sec = LOOK_S};
        if (!event_pending(server->expiring, EV_TIMEOUT, NULL))
                event_add(server->expiring, &later);
}

bool ftp_part_keep(struct ftp_connection *connection)
{
        struct ftp_server *server = connection->server;
        struct ftp_parts *parts = &server->parts;
        struct upload *upload = connection->upload;
        struct error err;
        if (!connection->session.want.append || server->stopping || !is_part(upload) ||
            !upload_spool(upload, &err))
                return false;
        make_room(server, upload->account);
        connection->upload = NULL;
        parts->items[parts->count++] = (struct ftp_part){++parts->last, upload, mono_now()};
        expire_later(server);
        const struct ftp_result result = {
                .outcome = FTP_PART, .size = upload->size, .handle = parts->last};
        connection->heard = mono_now();
        connection->storing = false;
        atomic_fetch_sub(&server->uploads_open, 1);
        ftp_session_stored(&connection->session, &result, &connection->replies);
        return true;
}

struct upload *ftp_part_take(struct ftp_server *server, int64_t account, uint64_t number)
{
        struct ftp_parts *parts = &server->parts;
        for (size_t i = 0; i < parts->count; i++) {
                if (parts->items[i].number == number && parts->items[i].upload->account == account)
                        return take_out(parts, i);
        }
        return NULL;
}

static void expire(struct ftp_server *server, int64_t before_ns)
{
        while (server->parts.count > 0 && server->parts.items[0].since.ns < before_ns)
                give_up(server, 0);
}

void ftp_parts_on_expiring(int fd, short what, void *context)
{
        struct ftp_server *server = context;
        (void)fd;
        (void)what;
        expire(server, mono_now().ns - (int64_t)FTP_PART_SECONDS * 1000000000);
        if (server->parts.count > 0)
                expire_later(server);
}

void ftp_parts_finish(struct ftp_server *server)
{
        expire(server, INT64_MAX);
}
