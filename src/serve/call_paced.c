/* GET /playback.mjpeg: the frames of a range at the pace they were taken. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/calls.h"
#include "serve/frame_open.h"
#include "serve/range.h"
#include "serve/reply.h"
#include "serve/server.h"

enum {
        PAGE = 16,
        BLOCK = 64 << 10,
        HEADER_SIZE = 320,
        LATE_MS = 1000 /* a client further behind than this gets a new start of the clock */
};

#define BOUNDARY "cctvweb-frame"

enum phase { PHASE_NEXT, PHASE_WAIT, PHASE_HEADER, PHASE_BYTES, PHASE_END, PHASE_OVER };

/* One stream; the thread that serves the connection owns it. */
struct stream {
        struct server *server;
        struct MHD_Connection *connection;
        struct range range;
        int64_t speed; /* thousandths */
        int64_t skip_ms;
        struct frame page[PAGE];
        size_t page_at;
        size_t page_count;
        enum phase phase;
        bool timed; /* previous and due are set */
        struct utc previous;
        struct mono due;
        struct extent extent; /* of the frame being sent, fd -1: none */
        int64_t missing;      /* frames whose file was gone, since the last part */
        char header[HEADER_SIZE];
        size_t header_length;
        size_t header_sent;
};

static void stream_destroy(void *context)
{
        struct stream *stream = context;
        if (stream->extent.fd >= 0)
                close(stream->extent.fd);
        paced_leave(stream->server->paced);
        free(stream);
}

static bool open_frame(struct stream *stream, const struct frame *frame)
{
        struct catalog *catalog;
        struct error err;
        if (!reader_take(stream->server->readers, &catalog, &err))
                return false;
        bool fine = frame_open(catalog, stream->server->config.data_directory, frame,
                               &stream->extent, &err);
        reader_give(stream->server->readers, &catalog);
        if (!fine)
                stream->extent.fd = -1;
        return fine;
}

/* When a frame is due: as long after the one before as it was taken after it. */
static void set_due(struct stream *stream, struct utc time)
{
        struct mono now = mono_now();
        if (!stream->timed) {
                stream->due = now;
        } else {
                int64_t gap_ms = time.ms - stream->previous.ms;
                if (gap_ms > stream->skip_ms)
                        gap_ms = stream->skip_ms;
                stream->due.ns += gap_ms * 1000000 * 1000 / stream->speed;
                if (now.ns - stream->due.ns > LATE_MS * INT64_C(1000000))
                        stream->due = now;
        }
        stream->timed = true;
        stream->previous = time;
}

static void write_header(struct stream *stream, const struct frame *frame)
{
        char id[FRAME_ID_SIZE];
        char time[UTC_TEXT_SIZE];
        frame_id_format(&frame->key, id);
        utc_format(frame->key.time, time);
        int length = snprintf(stream->header, HEADER_SIZE,
                              "--" BOUNDARY "\r\nContent-Type: image/jpeg\r\n"
                              "Content-Length: %" PRId64 "\r\nX-Frame-Id: %s\r\n"
                              "X-Frame-Time: %s\r\nX-Frames-Missing: %" PRId64 "\r\n\r\n",
                              stream->extent.length, id, time, stream->missing);
        stream->header_length = (size_t)length;
        stream->header_sent = 0;
        stream->missing = 0;
}

static void write_end(struct stream *stream)
{
        stream->header_length =
                (size_t)snprintf(stream->header, HEADER_SIZE, "--" BOUNDARY "--\r\n");
        stream->header_sent = 0;
        stream->phase = PHASE_END;
}

/* Finds the next frame that can be sent. False: the stream has to be cut. */
static bool next(struct stream *stream)
{
        struct error err;
        for (;;) {
                if (stream->page_at == stream->page_count) {
                        stream->page_at = 0;
                        if (!range_page(&stream->range, stream->page, PAGE, &stream->page_count,
                                        &err))
                                return false;
                }
                if (stream->page_count == 0) {
                        write_end(stream);
                        return true;
                }
                const struct frame *frame = &stream->page[stream->page_at++];
                set_due(stream, frame->key.time);
                if (open_frame(stream, frame)) {
                        write_header(stream, frame);
                        stream->phase = PHASE_WAIT;
                        return true;
                }
                stream->missing++;
        }
}

static size_t copy_header(struct stream *stream, char *buffer, size_t room)
{
        size_t length = stream->header_length - stream->header_sent;
        if (length > room)
                length = room;
        memcpy(buffer, stream->header + stream->header_sent, length);
        stream->header_sent += length;
        if (stream->header_sent == stream->header_length)
                stream->phase = stream->phase == PHASE_HEADER ? PHASE_BYTES : PHASE_OVER;
        return length;
}

static ssize_t copy_bytes(struct stream *stream, char *buffer, size_t room)
{
        struct extent *extent = &stream->extent;
        size_t wanted = (int64_t)room < extent->length ? room : (size_t)extent->length;
        ssize_t got = 0;
        if (wanted > 0) {
                do
                        got = pread(extent->fd, buffer, wanted, extent->offset);
                while (got < 0 && errno == EINTR);
                if (got <= 0)
                        return -1;
        }
        extent->offset += got;
        extent->length -= got;
        if (extent->length == 0 && (size_t)got + 2 <= room) {
                buffer[got++] = '\r';
                buffer[got++] = '\n';
                close(extent->fd);
                extent->fd = -1;
                stream->phase = PHASE_NEXT;
        }
        return got;
}

static ssize_t stream_read(void *context, uint64_t position, char *buffer, size_t room)
{
        struct stream *stream = context;
        (void)position;
        if (stream->phase == PHASE_NEXT && !next(stream))
                return reply_cut(stream->connection);
        if (stream->phase == PHASE_WAIT) {
                if (mono_now().ns < stream->due.ns) {
                        if (paced_wait(stream->server->paced, stream->connection, stream->due))
                                return 0;
                        return MHD_CONTENT_READER_END_OF_STREAM;
                }
                stream->phase = PHASE_HEADER;
        }
        if (stream->phase == PHASE_OVER)
                return MHD_CONTENT_READER_END_OF_STREAM;
        if (stream->phase == PHASE_HEADER || stream->phase == PHASE_END)
                return (ssize_t)copy_header(stream, buffer, room);
        ssize_t got = copy_bytes(stream, buffer, room);
        return got < 0 ? reply_cut(stream->connection) : got;
}

/* Takes the stream. */
static bool send_stream(struct request *request, struct stream *stream, struct error *err)
{
        struct MHD_Response *response = MHD_create_response_from_callback(
                MHD_SIZE_UNKNOWN, BLOCK, stream_read, stream, stream_destroy);
        if (response == NULL) {
                stream_destroy(stream);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        reply_add_common(response);
        reply_add(response, "Content-Type", "multipart/x-mixed-replace; boundary=" BOUNDARY);
        reply_add(response, "Cache-Control", "no-store");
        return reply_send(request, 200, response, err);
}

bool call_paced(struct request *request, struct error *err)
{
        static const int64_t speeds[2] = {100, 100000};
        static const int64_t skips[2] = {0, 3600000};
        struct paced *paced = request->server->paced;
        struct stream *stream = calloc(1, sizeof *stream);
        if (stream == NULL)
                return error_set(err, ERROR_FULL, "no memory for a playback");
        stream->server = request->server;
        stream->connection = request->connection;
        stream->extent.fd = -1;
        if (!request_decimal(request, "speed", speeds, 1000, &stream->speed, err) ||
            !request_decimal(request, "skip", skips, 5000, &stream->skip_ms, err) ||
            !range_open(&stream->range, request, err)) {
                free(stream);
                return false;
        }
        request_reader_give(request);
        if (!paced_enter(paced)) {
                free(stream);
                return error_set(err, ERROR_BUSY, "too many paced playbacks at once");
        }
        return send_stream(request, stream, err);
}
