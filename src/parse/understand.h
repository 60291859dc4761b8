#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "base/zone.h"
#include "model/facts.h"

/*
 * Understands one picture: joins what its bytes (jpeg, iqeye, exif), its name and its path (name,
 * path_template) say into facts, believing vendor comment > EXIF > name > path > receive time.
 * Pure: no I/O, no clock, no memory on the heap, any bytes at all.
 *
 * Pictures are read from the head, only as far as needed: understand_head says how far.
 */

struct path_template; /* parse/path_template.h */

/* What is known besides the picture's bytes. */
struct understand_context {
        const char *path;                     /* relative to the folder's root, '/' between parts;
                                                 backslashes are taken as such; NULL if none */
        size_t path_length;                   /* bytes */
        const struct path_template *template; /* NULL: generic rules; borrowed */
        const struct zone *zone;              /* the zone of times in names; NULL: UTC; borrowed */
        struct utc received; /* receive or modification time, UTC_NONE if unknown */
        struct utc now;      /* for the sanity of times */
        int64_t bytes;       /* size of the whole picture, -1 if unknown */
};

/*
 * Reads `length` bytes from the start of a picture. Returns 0 when *facts_out is final, else how
 * many bytes from the start are wanted for the next try (more than `length`, at most
 * UNDERSTAND_HEAD_MAX); when `whole` says that there are no more, it always returns 0. 4 KiB are
 * enough for nearly every picture of an IQeye.
 * facts_out->complete_known stays false: understand_tail does that.
 */
enum { UNDERSTAND_HEAD_FIRST = 4096, UNDERSTAND_HEAD_MAX = 1 << 20 };
size_t understand_head(const uint8_t *bytes, size_t length, bool whole,
                       const struct understand_context *context,
                       struct facts *facts_out) MUST_CHECK;

/*
 * Looks for EOI in the last `length` bytes of the picture, of which facts->bytes must be known, and
 * sets complete, complete_known, bytes_after_eoi and the notes.
 */
enum { UNDERSTAND_TAIL = 4096 };
void understand_tail(const uint8_t *bytes, size_t length, struct facts *facts);

/* Likewise with all of the picture at hand. Looks close to its end first, but not before the scan
 * begins, where a thumbnail may have ended; then through all of the scan, for what is followed by
 * more than the tail. */
void understand_end(const uint8_t *bytes, size_t length, struct facts *facts);

/* The IQeye comment alone, as CSV rows carry it: `{"IQimage":{...}}`. Fails with what is wrong. */
bool understand_comment(const char *json, size_t length, const struct understand_context *context,
                        struct facts *facts_out, struct error *err) MUST_CHECK;
