#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"

/*
 * Conditional and range requests (RFC 9110, 13 and 14). Pure: header texts in, decisions out. What
 * cannot be understood is ignored, as the RFC wants it.
 */

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define HTTP_DATE_SIZE 30
void http_date_format(struct utc time, char out[static HTTP_DATE_SIZE]);

/* Reads that form only (the two obsolete ones are ignored). */
bool http_date_parse(const char *text, struct utc *time_out) MUST_CHECK;

/* What the request says; each NULL when the header is not there. */
struct conditions {
        const char *if_none_match;
        const char *if_modified_since;
        const char *if_range;
        const char *range;
};

/* What there is. */
struct validators {
        const char *etag;    /* with quotes, and W/ when weak */
        struct utc modified; /* UTC_NONE: not known */
        int64_t length;      /* bytes of the whole */
};

/* True when a list of entity tags (or `*`) names `etag`, by weak comparison. */
bool etag_list_has(const char *list, const char *etag) MUST_CHECK;

enum condition {
        CONDITION_WHOLE,         /* answer 200 with everything */
        CONDITION_PART,          /* answer 206 with [*offset_out, + *length_out) */
        CONDITION_NOT_MODIFIED,  /* answer 304 */
        CONDITION_NOT_SATISFIED, /* answer 416 */
};

/* Decides. Several ranges at once are answered with the whole. */
enum condition condition_decide(const struct conditions *conditions,
                                const struct validators *validators, int64_t *offset_out,
                                int64_t *length_out) MUST_CHECK;
