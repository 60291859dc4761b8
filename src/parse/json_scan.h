#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Reads JSON (RFC 8259) where it lies, without a tree and without memory, for the short comments
 * cameras write. The reader says what it expects; each step returns false, and moves no more, when
 * something else is there. Nesting is bounded. Bytes outside ASCII are passed over, not judged.
 */
struct json_scan {
        const char *at;
        const char *end;
};

/* Passes over blanks and `c`. */
bool json_scan_char(struct json_scan *scan, char c);

/* True when `c` is what comes next; it stays there. */
bool json_scan_sees(struct json_scan *scan, char c);

/* A string; the bytes between its quotes, escapes not resolved. */
bool json_scan_string(struct json_scan *scan, const char **string_out, size_t *length_out);

/* A number without exponent that fits; decimals are cut off. */
bool json_scan_integer(struct json_scan *scan, int64_t *value_out);

/* Passes over any value within an object or list: a number at the very end may be cut short. */
bool json_scan_skip(struct json_scan *scan);

/* Adds a string between quotes with its escapes resolved, as valid UTF-8 (U+FFFD for what is none).
 */
void json_scan_unescape(const char *string, size_t length, struct text *text);
