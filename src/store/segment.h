#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"

/*
 * Hour files: received frames of one camera and one UTC hour of capture, one after the other, at
 * FRAMES/<directory>/<YYYY-MM-DD>/<HH>.mjpeg (then <HH>.1.mjpeg, ...). Append-only; each record is
 * a header in text followed by the bytes of the picture, untouched. Text in UTF-8 never holds the
 * byte FF, so players, which look for FF D8 and skip the rest, play the file as it is.
 *
 * A record:
 *   "CCTVWEB1 " header-length picture-length checksum-of-picture checksum-of-header "\n"   (fixed
 *   width, lower-case hexadecimal: 8 12 16 16 digits, one blank between), then a JSON object with
 *   the facts, "\n", then the picture. header-length counts the JSON and its line feed. Checksums
 *   are XXH3 64 bits.
 *
 * This module knows bytes and files, not the catalog. A writer belongs to one thread; reading is
 * thread-safe.
 */
enum {
        SEGMENT_PREFIX = 9 + 8 + 1 + 12 + 1 + 16 + 1 + 16 + 1, /* bytes of the fixed part */
        SEGMENT_HEADER_MAX = 4096                              /* of the JSON and its line feed */
};
#define SEGMENT_PICTURE_MAX (INT64_C(1) << 40)

/* What a record's header tells; the texts live in the buffer it was read from. */
struct segment_record {
        int64_t offset;         /* of the record in the file */
        int64_t picture_offset; /* of the picture in the file */
        int64_t picture_length; /* bytes */
        uint64_t checksum;      /* of the picture */
        const char *facts;      /* JSON, not terminated */
        size_t facts_length;
};

/* ---- pure ---- */

/* Writes prefix and facts, which must be one JSON object without control bytes and without the byte
 * FF; returns the length of both, or 0 when that is not so or there is no room. */
size_t segment_header_format(const char *facts, size_t facts_length, int64_t picture_length,
                             uint64_t checksum, char *out, size_t room) MUST_CHECK;

enum segment_read {
        SEGMENT_RECORD, /* *record_out is set; the picture is not yet checked */
        SEGMENT_SHORT,  /* the bytes end inside: a torn tail, or give more */
        SEGMENT_NOTHING /* no record begins here */
};

/* Reads the header at the start of `bytes`, which are at `offset` of the file. Any bytes at all. */
enum segment_read segment_header_parse(const uint8_t *bytes, size_t length, int64_t offset,
                                       struct segment_record *record_out) MUST_CHECK;

/* The record whose picture begins at `picture_offset`: the last in `bytes`, which end there and are
 * from at most SEGMENT_PREFIX + SEGMENT_HEADER_MAX before. False when there is none. */
bool segment_header_before(const uint8_t *bytes, size_t length, int64_t picture_offset,
                           struct segment_record *record_out) MUST_CHECK;

uint64_t segment_checksum(const void *bytes, size_t length);

/* ---- walking a file ---- */

/*
 * Calls `each` for each whole record from `from` on until it returns false; with its picture held
 * against the checksum when `verify`, else `intact` is true. Passes over holes (punched records)
 * and over what is no record. The record's facts live until `each` returns.
 */
struct segment_visit {
        int64_t from;
        bool verify;
        bool (*each)(void *context, const struct segment_record *, bool intact);
        void *context;
};
struct segment_walk {
        int64_t records; /* whole ones */
        int64_t broken;  /* records that are not intact, and stretches before a record that are
                            neither record nor hole */
        int64_t end;     /* of the last intact record, or `from`; what lies behind is a torn tail */
        int64_t file_bytes;
};
bool segment_walk(int fd, const struct segment_visit *visit, struct segment_walk *walk_out,
                  struct error *err) MUST_CHECK;

/* Frees the space of a record (header and picture); the rest of the file stays where it is.
 * *freed_out is what the file system says became free. */
bool segment_punch(int fd, int64_t offset, int64_t length, int64_t *freed_out,
                   struct error *err) MUST_CHECK;
