#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/utc.h"

/*
 * Writes JSON (RFC 8259) into a text as it goes, so that a list of any length needs no tree. Commas
 * and quotes are its business; nesting is the caller's. Strings are UTF-8: a byte that is not part
 * of a valid sequence is written as U+FFFD, so the result is always valid JSON.
 */
struct json {
        struct text *text; /* borrowed */
        bool comma;        /* the next value or name needs one before it */
};

void json_init(struct json *json, struct text *text);

void json_open_object(struct json *json);
void json_close_object(struct json *json);
void json_open_array(struct json *json);
void json_close_array(struct json *json);

/* The name of the next value, inside an object. */
void json_name(struct json *json, const char *name);

void json_text(struct json *json, const char *string);
void json_string_bytes(struct json *json, const char *bytes, size_t length);
void json_int(struct json *json, int64_t value);
void json_bool(struct json *json, bool value);
void json_none(struct json *json);

/* RFC 3339 with milliseconds, or null when the time is not known. */
void json_utc(struct json *json, struct utc time);

/* Milliseconds written as seconds with as many decimals as needed: 2500 -> 2.5, 3000 -> 3. */
void json_seconds(struct json *json, int64_t milliseconds);

/* A whole number less its last digits, so many of them behind the point and no noughts at the end:
 * 12500 with 5 -> 0.125. */
void json_decimal(struct json *json, int64_t value, int digits);

/* Numbers from 1 of the bits set: 0b100100 -> [3,6]. */
void json_bit_numbers(struct json *json, uint64_t bits);

/* A name and its value at once. */
void json_add_string(struct json *json, const char *name, const char *string);
void json_add_int(struct json *json, const char *name, int64_t value);
void json_add_bool(struct json *json, const char *name, bool value);
void json_add_utc(struct json *json, const char *name, struct utc time);
void json_add_null(struct json *json, const char *name);
