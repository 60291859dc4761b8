#include "export/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export/mov.h"
#include "export/walk.h"
#include "export/zip.h"

enum {
        TEXT_BOUND = 1 << 20,
        /* libarchive writes the directory of an archive in one go. */
        ZIP_TEXT_BOUND = 1 << 29
};

struct export_stream {
        struct export_source source;
        enum export_format format;
        struct mov mov;     /* of EXPORT_MOV */
        struct zip *zip;    /* of EXPORT_ZIP */
        struct walk walk;   /* of EXPORT_MJPEG */
        int64_t length;     /* -1: not known */
        int64_t skip;       /* bytes still to be left out */
        int64_t done;       /* pictures */
        bool ended;         /* nothing more is made */
        struct text text;   /* made, */
        size_t text_at;     /* and given up to here */
        struct extent open; /* the picture that is being given; fd -1: none */
        bool failed;        /* told of once all before is given: */
        struct error err;
};

static bool mjpeg_plan(struct export_stream *stream, struct error *err)
{
        if (stream->source.bytes == 0)
                return error_set(err, ERROR_NOT_FOUND, "there are no pictures in this time");
        stream->length = stream->source.bytes;
        walk_begin(&stream->walk, &stream->source);
        return true;
}

static bool plan(struct export_stream *stream, struct utc made, struct error *err)
{
        stream->length = -1;
        switch (stream->format) {
        case EXPORT_MOV:
                if (!mov_plan(&stream->mov, &stream->source, err))
                        return false;
                stream->length = stream->mov.plan.length;
                return true;
        case EXPORT_ZIP: return zip_create(&stream->source, made, &stream->zip, err);
        case EXPORT_MJPEG: return mjpeg_plan(stream, err);
        case EXPORT_MP4:
        case EXPORT_FORMATS: break;
        }
        return error_set(err, ERROR_INPUT, "mp4 is encoded in the background, not sent at once");
}

bool export_open(const struct export_source *source, enum export_format format, struct utc made,
                 struct export_stream **stream_out, struct error *err)
{
        struct export_stream *stream = calloc(1, sizeof *stream);
        if (stream == NULL)
                return error_set(err, ERROR_FULL, "no memory for an export");
        stream->source = *source;
        stream->format = format;
        stream->open.fd = -1;
        text_init_growing(&stream->text, format == EXPORT_ZIP ? ZIP_TEXT_BOUND : TEXT_BOUND);
        if (!plan(stream, made, err)) {
                export_close(&stream);
                return false;
        }
        *stream_out = stream;
        return true;
}

int64_t export_length(const struct export_stream *stream)
{
        return stream->length;
}

void export_skip(struct export_stream *stream, int64_t offset)
{
        stream->skip = offset;
}

/* The next of a format: bytes into the text, a picture, or neither for now. */
static bool next(struct export_stream *stream, const struct walk_item **picture_out,
                 struct error *err)
{
        *picture_out = NULL;
        if (stream->format == EXPORT_MOV) {
                stream->ended = stream->mov.phase == MOV_END;
                return stream->ended || mov_next(&stream->mov, &stream->text, picture_out, err);
        }
        if (stream->format == EXPORT_ZIP) {
                stream->ended = zip_ended(stream->zip);
                if (!stream->ended && !zip_next(stream->zip, &stream->text, err))
                        return false;
                stream->done = zip_done(stream->zip);
                return true;
        }
        if (walk_next(&stream->walk, picture_out, err))
                return true;
        stream->ended = true;
        return err->kind == ERROR_NONE;
}

static bool begin_picture(struct export_stream *stream, const struct frame *frame,
                          struct error *err)
{
        stream->done++;
        if (stream->skip >= frame->bytes) {
                stream->skip -= frame->bytes;
                return true;
        }
        if (!stream->source.open(stream->source.context, frame, &stream->open, err)) {
                stream->open.fd = -1;
                return false;
        }
        stream->open.offset += stream->skip;
        stream->open.length -= stream->skip;
        stream->skip = 0;
        return true;
}

static void close_picture(struct export_stream *stream)
{
        if (stream->open.fd >= 0)
                close(stream->open.fd);
        stream->open.fd = -1;
}

/* Makes more, until there is something to give. */
static bool make(struct export_stream *stream, struct error *err)
{
        const struct walk_item *picture;
        text_clear(&stream->text);
        stream->text_at = 0;
        if (!next(stream, &picture, err))
                return false;
        if (picture != NULL)
                return begin_picture(stream, &picture->frame, err);
        size_t left_out = stream->text.length;
        if ((int64_t)left_out > stream->skip)
                left_out = (size_t)stream->skip;
        stream->skip -= (int64_t)left_out;
        stream->text_at = left_out;
        return true;
}

static size_t give_text(struct export_stream *stream, char *buffer, size_t room)
{
        size_t length = stream->text.length - stream->text_at;
        if (length > room)
                length = room;
        memcpy(buffer, stream->text.bytes + stream->text_at, length);
        stream->text_at += length;
        return length;
}

static bool give_picture(struct export_stream *stream, char *buffer, size_t room, size_t *got_out,
                         struct error *err)
{
        struct extent *extent = &stream->open;
        size_t wanted = extent->length < (int64_t)room ? (size_t)extent->length : room;
        ssize_t got;
        do
                got = pread(extent->fd, buffer, wanted, extent->offset);
        while (got < 0 && errno == EINTR);
        if (got < 0)
                return error_sys(err, "read a picture");
        if (got == 0)
                return error_set(err, ERROR_GONE, "a file became shorter");
        extent->offset += got;
        extent->length -= got;
        if (extent->length == 0)
                close_picture(stream);
        *got_out = (size_t)got;
        return true;
}

static bool step(struct export_stream *stream, char *buffer, size_t room, size_t *got_out,
                 struct error *err)
{
        *got_out = 0;
        if (stream->open.fd >= 0)
                return give_picture(stream, buffer, room, got_out, err);
        if (stream->text_at < stream->text.length) {
                *got_out = give_text(stream, buffer, room);
                return true;
        }
        return make(stream, err);
}

bool export_read(struct export_stream *stream, char *buffer, size_t room, size_t *got_out,
                 struct error *err)
{
        size_t used = 0;
        *got_out = 0;
        while (used < room && !stream->ended && !stream->failed) {
                size_t got;
                if (step(stream, buffer + used, room - used, &got, &stream->err))
                        used += got;
                else
                        stream->failed = true;
        }
        *got_out = used;
        if (used > 0 || !stream->failed)
                return true;
        *err = stream->err;
        return false;
}

int64_t export_done(const struct export_stream *stream)
{
        return stream->done;
}

struct export_film export_film(const struct export_stream *stream)
{
        const struct mov_plan *plan = &stream->mov.plan;
        struct export_film film = {.several = plan->size_count > 1,
                                   .last_shown_ms = plan->last_shown_ms};
        for (size_t i = 0; i < plan->size_count; i++) {
                if (plan->sizes[i].width > film.width)
                        film.width = plan->sizes[i].width;
                if (plan->sizes[i].height > film.height)
                        film.height = plan->sizes[i].height;
        }
        return film;
}

void export_close(struct export_stream **stream)
{
        struct export_stream *gone = *stream;
        if (gone == NULL)
                return;
        zip_destroy(&gone->zip);
        close_picture(gone);
        text_finish(&gone->text);
        free(gone);
        *stream = NULL;
}
