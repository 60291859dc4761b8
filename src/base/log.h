#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"

/*
 * The log: one line an event on standard error, `level stage event key=value ...`. No secrets and
 * no picture bytes. Safe from any thread; a line is one write.
 *
 * `detail` is a format of printf's with no more than %s, and %d and %u of any length. Quote values
 * that others choose, or that may hold blanks: log_info("scan", "folder-skipped",
 * "path=\"%s\" why=\"%s\"", path, err.text). Quotes and backslashes in them get a backslash, so
 * that a name cannot look like another field.
 */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_event(enum log_level level, const char *stage, const char *event, const char *detail, ...)
        PRINTF_LIKE(4, 5);

/* Events below it are passed over; LOG_INFO until told. The process has one log, so this is the one
 * thing that is not handed around. */
void log_set_level(enum log_level level);

#define log_info(...) log_event(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_event(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_event(LOG_ERROR, __VA_ARGS__)

/*
 * For events that anybody outside can cause: he may not fill the disk with lines. LOG_AT_ONCE of
 * them are said, and then one a second. One for each place that says such; not for several threads.
 */
enum { LOG_AT_ONCE = 60 };
struct log_limit {
        struct mono full; /* when that many may be said again */
        int64_t unsaid;
};

/* Whether this one is said; *unsaid_out is how many were not since the last one that was. */
bool log_limit_take(struct log_limit *limit, struct mono now, int64_t *unsaid_out) MUST_CHECK;
