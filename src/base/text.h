#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Text built piece by piece in a buffer of the caller's, or in one that grows up to a bound.
 * Failure (no room, no memory) sticks: later pieces are ignored and text_ok says so once, at the
 * end. What is in the buffer is always terminated.
 */
struct text {
        char *bytes;
        size_t length;
        size_t room;  /* bytes allocated or lent, terminator included */
        size_t bound; /* may grow up to this; 0 for a lent buffer */
        bool failed;
};

/* Text in a buffer lent by the caller. */
void text_init(struct text *text, char *buffer, size_t size);

/* Text on the heap that grows to at most `bound` bytes; end with text_finish. */
void text_init_growing(struct text *text, size_t bound);

/* Frees what text_init_growing and its use allocated; accepts a zeroed struct. */
void text_finish(struct text *text);

/* Empties it and forgets a failure; keeps the memory. */
void text_clear(struct text *text);

void text_add(struct text *text, const void *bytes, size_t length);
void text_add_string(struct text *text, const char *string);
void text_add_char(struct text *text, char byte);
void text_add_format(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);

/* True when everything added is there. */
bool text_ok(const struct text *text) MUST_CHECK;
