#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Percent-encoding and query strings (RFC 3986, with '+' for a blank in queries as forms send it).
 * Pure: bytes in, bytes out, no memory. What is decoded is checked at once: valid UTF-8 without
 * control bytes, so nothing behind this has to.
 */
struct query_parameter {
        const char *name; /* decoded, terminated, inside the caller's text */
        const char *value;
};

/* Decodes `text` where it stands, `length` bytes; the result is never longer and is terminated
 * (there must be room for that: text[length] is written). */
bool percent_decode(char *text, size_t length, bool plus_is_blank, struct error *err) MUST_CHECK;

/* How many parameters a query string can have at most. */
size_t query_string_most(const char *query);

/* Splits and decodes a terminated query string (without '?') where it stands. `room` must be at
 * least what query_string_most says. Empty pieces (`a=1&&b=2`) are passed over; a name without '='
 * has the value "". */
bool query_string_parse(char *query, struct query_parameter *parameters, size_t room,
                        size_t *count_out, struct error *err) MUST_CHECK;

/* Writes `bytes` as a URL segment into `out`; false when it does not fit. */
bool percent_encode(const char *bytes, char *out, size_t room) MUST_CHECK;
