#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"

/*
 * Reads JSON (RFC 8259) that came from outside, by jansson, into its values (json_t). What is
 * wanted of an object is a table of members; what does not fit is ERROR_INPUT with a sentence that
 * names the member and what is wanted, so that a misspelt one does not look like one left out.
 */

/* One document and nothing behind it, valid UTF-8, nested 2,048 deep at most, no member twice. The
 * caller ends it with json_decref. */
bool json_read(const char *bytes, size_t length, json_t **document_out,
               struct error *err) MUST_CHECK;

enum json_wanted {
        JSON_WANT_STRING,
        JSON_WANT_INTEGER,
        JSON_WANT_NUMBER, /* whole or not */
        JSON_WANT_BOOL,
        JSON_WANT_TIME, /* RFC 3339 or milliseconds since 1970 */
        JSON_WANT_ARRAY,
        JSON_WANT_OBJECT
};

struct json_member {
        const char *name;
        enum json_wanted wanted;
        bool required;
        bool may_be_null; /* and is then as json_null() in the values */
};

/* The members of an object, in the order of the table: values_out[i] is NULL where one is not
 * there. They live as long as the document. */
bool json_members(const json_t *value, const struct json_member *members, size_t count,
                  json_t **values_out, struct error *err) MUST_CHECK;

/* Of a value as wanted above. `name` is what the sentence calls it. */
bool json_read_time(const json_t *value, const char *name, struct utc *time_out,
                    struct error *err) MUST_CHECK;
bool json_read_integer(const json_t *value, const char *name, const int64_t bounds[2],
                       int64_t *number_out, struct error *err) MUST_CHECK;
/* A number in thousandths, bounds in thousandths too. */
bool json_read_thousandths(const json_t *value, const char *name, const int64_t bounds[2],
                           int64_t *number_out, struct error *err) MUST_CHECK;
