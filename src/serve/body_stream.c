#include "serve/body_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "serve/reply.h"

enum { PIECE_MOST = 8 << 20, BLOCK = 32 << 10 };

struct body_stream {
        struct MHD_Connection *connection;
        struct body_source source;
        struct encoder *encoder;
        struct text raw;   /* as produced */
        struct text ready; /* as sent */
        size_t sent;       /* of ready */
        bool last;
};

static void destroy(void *context)
{
        struct body_stream *stream = context;
        stream->source.destroy(stream->source.context);
        encoder_destroy(&stream->encoder);
        text_finish(&stream->raw);
        text_finish(&stream->ready);
        free(stream);
}

/* Encodes what is in raw. */
static bool encode(struct body_stream *stream, struct error *err)
{
        text_clear(&stream->ready);
        stream->sent = 0;
        bool fine = encoder_feed(stream->encoder, stream->raw.bytes, stream->raw.length,
                                 stream->last, &stream->ready, err);
        text_clear(&stream->raw);
        return fine;
}

static bool produce(struct body_stream *stream, struct error *err)
{
        if (!stream->source.produce(stream->source.context, &stream->raw, &stream->last, err))
                return false;
        return text_ok(&stream->raw) || error_set(err, ERROR_FULL, "no memory for the answer");
}

static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t room)
{
        struct body_stream *stream = context;
        (void)position;
        while (stream->sent == stream->ready.length) {
                struct error err;
                if (stream->last)
                        return MHD_CONTENT_READER_END_OF_STREAM;
                if (!produce(stream, &err) || !encode(stream, &err)) {
                        log_warn("serve", "answer-cut", "why=\"%s\"", err.text);
                        return reply_cut(stream->connection);
                }
        }
        size_t length = stream->ready.length - stream->sent;
        if (length > room)
                length = room;
        memcpy(buffer, stream->ready.bytes + stream->sent, length);
        stream->sent += length;
        return (ssize_t)length;
}

/* Takes the stream, which has produced its first piece. */
static bool send_long(struct request *request, struct body_stream *stream, struct error *err)
{
        enum encoding encoding = reply_encoding(request);
        struct MHD_Response *response = NULL;
        if (!encoder_create(encoding, &stream->encoder, err) || !encode(stream, err)) {
                destroy(stream);
                return false;
        }
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, stream,
                                                     destroy);
        if (response == NULL) {
                destroy(stream);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        reply_add_common(response);
        reply_add(response, "Content-Type", "application/json");
        reply_add(response, "Cache-Control", "no-cache");
        reply_add(response, "Vary", "Accept-Encoding");
        if (encoding != ENCODING_IDENTITY)
                reply_add(response, "Content-Encoding", encoding_word(encoding));
        return reply_send(request, 200, response, err);
}

bool body_stream_send(struct request *request, const struct body_source *source, struct error *err)
{
        struct body_stream *stream = calloc(1, sizeof *stream);
        if (stream == NULL) {
                source->destroy(source->context);
                return error_set(err, ERROR_FULL, "no memory for the answer");
        }
        stream->connection = request->connection;
        stream->source = *source;
        text_init_growing(&stream->raw, PIECE_MOST);
        text_init_growing(&stream->ready, PIECE_MOST);
        if (!produce(stream, err)) {
                destroy(stream);
                return false;
        }
        if (!stream->last)
                return send_long(request, stream, err);
        struct text body = stream->raw;
        stream->raw = (struct text){0};
        destroy(stream);
        return reply_json(request, &body, err);
}
