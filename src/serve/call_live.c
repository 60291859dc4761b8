/* GET /live: server-sent events. */
#include <stdlib.h>
#include <string.h>

#include "serve/calls.h"
#include "serve/live.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { BLOCK = 4096 };

struct stream {
        struct live *live;
        struct listener listener;
        size_t greeted; /* bytes of the greeting that were sent */
};

static const char greeting[] = "retry: 2000\n\n";

static void stream_destroy(void *context)
{
        struct stream *stream = context;
        live_leave(stream->live, &stream->listener);
        free(stream);
}

static ssize_t stream_read(void *context, uint64_t position, char *buffer, size_t room)
{
        struct stream *stream = context;
        (void)position;
        size_t left = sizeof greeting - 1 - stream->greeted;
        if (left > 0) {
                size_t length = left < room ? left : room;
                memcpy(buffer, greeting + stream->greeted, length);
                stream->greeted += length;
                return (ssize_t)length;
        }
        ptrdiff_t got = live_read(stream->live, &stream->listener, buffer, room);
        return got < 0 ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)got;
}

static bool take_cameras(struct request *request, struct listener *listener, struct error *err)
{
        struct catalog *catalog;
        struct camera camera;
        for (size_t i = 0; i < request->parameter_count; i++) {
                if (!request_reader(request, &catalog, err) ||
                    !catalog_camera_by_name(catalog, request->parameters[i].value, &camera, err))
                        return false;
                if (listener->camera_count == LIVE_CAMERAS_MOST)
                        return error_set(err, ERROR_INPUT, "camera: at most %d may be given",
                                         LIVE_CAMERAS_MOST);
                listener->cameras[listener->camera_count++] = camera.id.value;
        }
        return true;
}

/* The id a client saw last; 0: none, or nothing of ours, which then counts as too old. */
static uint64_t last_seen(const struct request *request)
{
        const char *header = request_header(request, "Last-Event-ID");
        uint64_t id = 0;
        if (header == NULL || header[0] == '\0')
                return 0;
        for (; *header >= '0' && *header <= '9' && id < UINT64_MAX / 100; header++)
                id = id * 10 + (uint64_t)(*header - '0');
        return *header == '\0' && id > 0 ? id : 1;
}

bool call_live(struct request *request, struct error *err)
{
        struct stream *stream = calloc(1, sizeof *stream);
        if (stream == NULL)
                return error_set(err, ERROR_FULL, "no memory for a listener");
        stream->live = request->server->live;
        stream->listener.connection = request->connection;
        if (!take_cameras(request, &stream->listener, err)) {
                free(stream);
                return false;
        }
        live_join(stream->live, &stream->listener, last_seen(request));
        struct MHD_Response *response = MHD_create_response_from_callback(
                MHD_SIZE_UNKNOWN, BLOCK, stream_read, stream, stream_destroy);
        if (response == NULL) {
                stream_destroy(stream);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        reply_add_common(response);
        reply_add(response, "Content-Type", "text/event-stream");
        reply_add(response, "Cache-Control", "no-store");
        reply_add(response, "X-Accel-Buffering", "no");
        return reply_send(request, 200, response, err);
}
