/* GET /playback: the frames of a range, one after the other, as one answer. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "serve/calls.h"
#include "serve/frame_open.h"
#include "serve/kept_hour.h"
#include "serve/range.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { PAGE = 64, AHEAD = 4, BLOCK = 128 << 10 };

/* One answer being sent; the thread that serves the connection owns it. */
struct playback {
        struct server *server;
        struct range range;
        struct frame page[PAGE];
        size_t page_at;
        size_t page_count;
        int64_t skip;              /* bytes to leave out at the start */
        struct extent open[AHEAD]; /* open and asked for; the first is being sent */
        size_t open_count;
        struct kept_hour hour;
        bool failed;      /* nothing more can be opened, for this reason: */
        struct error err; /* told of when all that is open is sent */
};

static void playback_destroy(void *context)
{
        struct playback *playback = context;
        for (size_t i = 0; i < playback->open_count; i++)
                close(playback->open[i].fd);
        kept_hour_close(&playback->hour);
        free(playback);
}

/* The next frame to open, past what is to be skipped; NULL at the end. */
static const struct frame *next_frame(struct playback *playback, struct error *err)
{
        for (;;) {
                if (playback->page_at == playback->page_count) {
                        playback->page_at = 0;
                        if (!range_page(&playback->range, playback->page, PAGE,
                                        &playback->page_count, err) ||
                            playback->page_count == 0) {
                                playback->page_count = 0;
                                return NULL;
                        }
                }
                const struct frame *frame = &playback->page[playback->page_at++];
                if (playback->skip < frame->bytes)
                        return frame;
                playback->skip -= frame->bytes;
        }
}

static bool open_anew(struct playback *playback, const struct frame *frame, struct extent *extent,
                      struct error *err)
{
        struct catalog *catalog;
        struct server *server = playback->server;
        if (!reader_take(server->readers, &catalog, err))
                return false;
        bool fine = frame_open(catalog, server->config.data_directory, frame, extent, err);
        reader_give(server->readers, &catalog);
        if (!fine)
                return false;
        kept_hour_keep(&playback->hour, frame, extent);
        (void)posix_fadvise(extent->fd, extent->offset, extent->length, POSIX_FADV_WILLNEED);
        return true;
}

static bool open_frame(struct playback *playback, const struct frame *frame, struct error *err)
{
        struct extent *extent = &playback->open[playback->open_count];
        if (!kept_hour_open(&playback->hour, frame, extent) &&
            !open_anew(playback, frame, extent, err))
                return false;
        extent->offset += playback->skip;
        extent->length -= playback->skip;
        playback->skip = 0;
        playback->open_count++;
        return true;
}

/* Opens the next few, so that the disk works while the network does. */
static void open_ahead(struct playback *playback)
{
        while (playback->open_count < AHEAD && !playback->failed) {
                struct error err = {.kind = ERROR_NONE};
                const struct frame *frame = next_frame(playback, &err);
                if (frame != NULL && open_frame(playback, frame, &err))
                        continue;
                playback->failed = true; /* or at the end */
                playback->err = err;
        }
}

static void drop_first(struct playback *playback)
{
        close(playback->open[0].fd);
        playback->open_count--;
        memmove(playback->open, playback->open + 1,
                playback->open_count * sizeof playback->open[0]);
}

/* Cut, never a hole: a player that counted on the index would show the wrong moment. */
static ssize_t cut(struct playback *playback, const char *why)
{
        log_warn("serve", "playback-cut", "camera=\"%s\" why=\"%s\"", playback->range.camera.name,
                 why);
        atomic_fetch_add(&playback->server->metrics.frames_cut, 1);
        return MHD_CONTENT_READER_END_WITH_ERROR;
}

static ssize_t playback_read(void *context, uint64_t position, char *buffer, size_t room)
{
        struct playback *playback = context;
        size_t used = 0;
        (void)position;
        while (used < room) {
                open_ahead(playback);
                if (playback->open_count == 0)
                        break;
                struct extent *extent = &playback->open[0];
                size_t wanted = room - used;
                if ((int64_t)wanted > extent->length)
                        wanted = (size_t)extent->length;
                ssize_t got = pread(extent->fd, buffer + used, wanted, extent->offset);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got <= 0) {
                        playback->failed = true;
                        error_set(&playback->err, ERROR_GONE, "a file became shorter");
                        while (playback->open_count > 0)
                                drop_first(playback);
                        break;
                }
                used += (size_t)got;
                extent->offset += got;
                extent->length -= got;
                if (extent->length == 0)
                        drop_first(playback);
        }
        if (used > 0)
                return (ssize_t)used;
        if (playback->err.kind != ERROR_NONE)
                return cut(playback, playback->err.text);
        return MHD_CONTENT_READER_END_OF_STREAM;
}

static void add_headers(struct MHD_Response *response, const char *etag)
{
        reply_add_common(response);
        reply_add(response, "Content-Type", "video/x-motion-jpeg");
        reply_add(response, "Cache-Control", "private, no-cache");
        reply_add(response, "Accept-Ranges", "bytes");
        reply_add(response, "ETag", etag);
}

/* Takes the playback. */
static bool send_playback(struct request *request, struct playback *playback, int64_t length,
                          int64_t part_offset, struct error *err)
{
        char etag[RANGE_ETAG_SIZE];
        range_etag(&playback->range, etag);
        int64_t whole = playback->range.bytes;
        struct MHD_Response *response = MHD_create_response_from_callback(
                (uint64_t)length, BLOCK, playback_read, playback, playback_destroy);
        if (response == NULL) {
                playback_destroy(playback);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        add_headers(response, etag);
        if (part_offset < 0)
                return reply_send(request, 200, response, err);
        reply_add_content_range(response, part_offset, length, whole);
        return reply_send(request, 206, response, err);
}

/* Takes the playback. */
static bool begin(struct request *request, struct playback *playback, int64_t length,
                  int64_t part_offset, struct error *err)
{
        playback->skip = part_offset > 0 ? part_offset : 0;
        if (!request->head && length > 0) {
                open_ahead(playback);
                if (playback->open_count == 0) {
                        *err = playback->err;
                        if (err->kind == ERROR_NONE)
                                error_set(err, ERROR_CONFLICT, "the frames are gone meanwhile");
                        playback_destroy(playback);
                        return false;
                }
        }
        return send_playback(request, playback, length, part_offset, err);
}

bool call_playback(struct request *request, struct error *err)
{
        struct playback *playback = calloc(1, sizeof *playback);
        if (playback == NULL)
                return error_set(err, ERROR_FULL, "no memory for a playback");
        playback->server = request->server;
        if (!range_open(&playback->range, request, err)) {
                playback_destroy(playback);
                return false;
        }
        request_reader_give(request); /* pages are read with handles of their own */
        char etag[RANGE_ETAG_SIZE];
        range_etag(&playback->range, etag);
        struct conditions conditions = reply_conditions(request);
        struct validators validators = {
                .etag = etag, .modified = UTC_NONE, .length = playback->range.bytes};
        int64_t offset = 0;
        int64_t length = 0;
        switch (condition_decide(&conditions, &validators, &offset, &length)) {
        case CONDITION_WHOLE: return begin(request, playback, playback->range.bytes, -1, err);
        case CONDITION_PART: return begin(request, playback, length, offset, err);
        case CONDITION_NOT_MODIFIED:
                playback_destroy(playback);
                return reply_not_modified(request, etag, "private, no-cache", err);
        case CONDITION_NOT_SATISFIED: break;
        }
        int64_t whole = playback->range.bytes;
        playback_destroy(playback);
        return reply_range_refused(request, whole, err);
}
