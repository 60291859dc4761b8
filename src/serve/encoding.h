#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/*
 * Content encodings: which one a client wants (RFC 9110, 12.5.3; pure), and an encoder that is fed
 * piece by piece.
 */
enum encoding { ENCODING_IDENTITY, ENCODING_GZIP, ENCODING_BROTLI, ENCODINGS };

/* "gzip", "br"; NULL for identity. */
const char *encoding_word(enum encoding encoding);

/* The best by the client's q-values, brotli before gzip before identity where they are equal.
 * `accept` is the Accept-Encoding header, NULL when there is none. */
enum encoding encoding_choose(const char *accept) MUST_CHECK;

/* Fast, low effort: for what is made for one request. Owned by one thread at a time. */
struct encoder;
bool encoder_create(enum encoding encoding, struct encoder **encoder_out,
                    struct error *err) MUST_CHECK;
void encoder_destroy(struct encoder **encoder);

/* Takes all of `bytes` and appends what comes out to `out`; `last` ends the stream. */
bool encoder_feed(struct encoder *encoder, const char *bytes, size_t length, bool last,
                  struct text *out, struct error *err) MUST_CHECK;
