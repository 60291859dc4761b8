/* GET /export: the frames of a range as a file, made as it is sent. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "export/name.h"
#include "export/stream.h"
#include "serve/calls.h"
#include "serve/disposition.h"
#include "serve/range.h"
#include "serve/range_source.h"
#include "serve/reply.h"
#include "serve/server.h"

enum { BLOCK = 256 << 10, ETAG_SIZE = 160 };

/* One export being sent; the thread that serves the connection owns it. */
struct sending {
        struct server *server;
        struct MHD_Connection *connection;
        struct range_source *source;
        struct export_stream *stream;
        enum export_format format;
        char etag[ETAG_SIZE];
        char name[EXPORT_NAME_SIZE];
};

static void sending_destroy(void *context)
{
        struct sending *sending = context;
        export_close(&sending->stream);
        range_source_destroy(&sending->source);
        free(sending);
}

static ssize_t read_export(void *context, uint64_t position, char *buffer, size_t room)
{
        struct sending *sending = context;
        struct error err = {0};
        size_t got;
        (void)position;
        if (!export_read(sending->stream, buffer, room, &got, &err)) {
                log_warn("serve", "export-cut", "file=\"%s\" why=\"%s\"", sending->name, err.text);
                atomic_fetch_add(&sending->server->metrics.frames_cut, 1);
                return reply_cut(sending->connection);
        }
        return got > 0 ? (ssize_t)got : MHD_CONTENT_READER_END_OF_STREAM;
}

/* Takes the sending. `part_offset` -1: the whole. */
static bool send_export(struct request *request, struct sending *sending, int64_t length,
                        int64_t part_offset, struct error *err)
{
        char disposition[DISPOSITION_SIZE];
        int64_t whole = export_length(sending->stream);
        disposition_format(sending->name, disposition);
        if (part_offset > 0)
                export_skip(sending->stream, part_offset);
        struct MHD_Response *response =
                MHD_create_response_from_callback(length < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)length,
                                                  BLOCK, read_export, sending, sending_destroy);
        if (response == NULL) {
                sending_destroy(sending);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        reply_add_common(response);
        reply_add(response, "Content-Type", export_formats[sending->format].type);
        reply_add(response, "Content-Disposition", disposition);
        reply_add(response, "Cache-Control", "private, no-cache");
        if (whole >= 0) {
                reply_add(response, "Accept-Ranges", "bytes");
                reply_add(response, "ETag", sending->etag);
        }
        if (part_offset < 0)
                return reply_send(request, 200, response, err);
        reply_add_content_range(response, part_offset, length, whole);
        return reply_send(request, 206, response, err);
}

/* Takes the sending. */
static bool answer(struct request *request, struct sending *sending, struct error *err)
{
        struct conditions conditions = reply_conditions(request);
        struct validators validators = {.etag = sending->etag, .modified = UTC_NONE};
        int64_t offset = 0;
        int64_t length = 0;
        int64_t whole = export_length(sending->stream);
        if (whole < 0)
                return send_export(request, sending, -1, -1, err);
        validators.length = whole;
        switch (condition_decide(&conditions, &validators, &offset, &length)) {
        case CONDITION_WHOLE: return send_export(request, sending, whole, -1, err);
        case CONDITION_PART: return send_export(request, sending, length, offset, err);
        case CONDITION_NOT_MODIFIED: {
                bool fine = reply_not_modified(request, sending->etag, "private, no-cache", err);
                sending_destroy(sending);
                return fine;
        }
        case CONDITION_NOT_SATISFIED: break;
        }
        sending_destroy(sending);
        return reply_range_refused(request, whole, err);
}

/* Of where the frames are known to be the same; the length tells of another camera's name. */
static void set_etag(struct sending *sending, const struct stretch *stretch,
                     const struct export_source *frames)
{
        snprintf(sending->etag, ETAG_SIZE,
                 "\"%s-%" PRId32 "-%" PRId64 "-%" PRId64 "-%" PRId64 "-%" PRId64 "-%" PRId64 "\"",
                 export_formats[sending->format].word, stretch->camera.value, stretch->from.ms,
                 stretch->to.ms, frames->frames, frames->bytes, export_length(sending->stream));
}

static bool open_export(struct request *request, struct sending *sending,
                        const struct stretch *stretch, struct error *err)
{
        const struct exporting *exporting = request->server->config.exporting;
        struct range_source_config config = {
                .readers = request->server->readers,
                .data_directory = request->server->config.data_directory,
                .stretches = stretch,
                .count = 1,
                .record_path = exporting != NULL ? exporting->record_path : NULL,
        };
        if (!range_source_create(&config, &sending->source, err))
                return false;
        const struct export_source *frames = range_source_frames(sending->source);
        if (!export_file_name(frames, sending->format, sending->name, err) ||
            !export_open(frames, sending->format, utc_now(), &sending->stream, err))
                return false;
        set_etag(sending, stretch, frames);
        return true;
}

bool call_export(struct request *request, struct error *err)
{
        struct range range;
        struct sending *sending;
        enum export_format format;
        if (!export_format_parse(request_parameter(request, "format"), &format, err) ||
            !range_open(&range, request, err))
                return false;
        if (!export_formats[format].direct)
                return error_set(err, ERROR_INPUT,
                                 "format: mp4 is made in the background, by POST /api/v1/exports");
        request_reader_give(request); /* pages are read with handles of their own */
        sending = calloc(1, sizeof *sending);
        if (sending == NULL)
                return error_set(err, ERROR_FULL, "no memory for an export");
        sending->server = request->server;
        sending->connection = request->connection;
        sending->format = format;
        struct stretch stretch = {range.camera.id, range.from, range.to};
        if (!open_export(request, sending, &stretch, err)) {
                sending_destroy(sending);
                return false;
        }
        return answer(request, sending, err);
}
