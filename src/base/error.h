#pragma once

#include <stdbool.h>

/*
 * Errors: a kind for programs, a sentence for people.
 *
 * A function that can fail returns bool, is marked MUST_CHECK and takes a struct error last. The
 * struct is on the caller's stack, never allocates and is written only when the function fails.
 * The text says what was wrong, where, and what to do. What a kind means to the outside (HTTP
 * status, exit status) is a table where that outside is spoken to.
 */

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))

enum error_kind {
        ERROR_NONE,
        ERROR_INPUT,     /* what the caller or a peer gave is not acceptable */
        ERROR_NOT_FOUND, /* the thing named does not exist */
        ERROR_GONE,      /* it did exist, and is known to be no longer there */
        ERROR_CONFLICT,  /* it exists already, or somebody else holds it */
        ERROR_DENIED,    /* permission */
        ERROR_FULL,      /* no space, or a bound was reached; later may be better */
        ERROR_BUSY,      /* try again */
        ERROR_CORRUPT,   /* stored data is not what it should be */
        ERROR_SYSTEM,    /* the operating system or a library failed */
        ERROR_KINDS
};

struct error {
        enum error_kind kind;
        char text[400]; /* UTF-8 when the inputs were; cut, never overrun */
};

/* Sets *err (which may be NULL) and returns false, so that a failing function ends with
 * `return error_set(err, ERROR_INPUT, "...")`. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* As error_set, with ": " and the text of errno appended and the kind derived from errno. */
bool error_sys(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts the formatted words and ": " before the text of an error already set; returns false. */
bool error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Analysers that look at one file at a time have to be told that these always give false. */
#ifdef __clang_analyzer__
#define error_set(...) ((void)error_set(__VA_ARGS__), false)
#define error_sys(...) ((void)error_sys(__VA_ARGS__), false)
#define error_prefix(...) ((void)error_prefix(__VA_ARGS__), false)
#endif
