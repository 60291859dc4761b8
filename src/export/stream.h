#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "export/format.h"
#include "export/source.h"

/*
 * An export being read: the bytes of a file in one of the direct formats, made as they are asked
 * for from the frames of a source. Memory is bounded whatever the range (but see export/zip.h).
 * Belongs to one thread at a time.
 */
struct export_stream;

/* Plans the whole; `source` (copied, its context borrowed) must have frames. `made` goes into
 * manifests. ERROR_NOT_FOUND when there are no frames. */
bool export_open(const struct export_source *source, enum export_format format, struct utc made,
                 struct export_stream **stream_out, struct error *err) MUST_CHECK;

/* Bytes of the whole; -1 when that is not known beforehand (ZIP). */
int64_t export_length(const struct export_stream *stream);

/* Leaves out the first `offset` bytes; before anything is read, where the length is known. */
void export_skip(struct export_stream *stream, int64_t offset);

/* Up to `room` more bytes; none at the end. A frame whose file is gone meanwhile is an error, after
 * all that comes before it was given. */
bool export_read(struct export_stream *stream, char *buffer, size_t room, size_t *got_out,
                 struct error *err) MUST_CHECK;

/* Pictures given so far. */
int64_t export_done(const struct export_stream *stream);

/* What whoever encodes a film anew has to know of it. */
struct export_film {
        int width, height; /* the largest among its pictures */
        bool several;      /* they differ in size */
        int64_t last_shown_ms;
};
struct export_film export_film(const struct export_stream *stream);

/* Accepts NULL inside. */
void export_close(struct export_stream **stream);
