#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/utc.h"

/*
 * How far long work is: a bar that is drawn over itself on a terminal, nothing elsewhere, and a log
 * line when asked for (SIGUSR1). On standard error. One thread.
 */
struct progress {
        const char *task; /* "scan", borrowed */
        const char *unit; /* "files", borrowed */
        bool terminal;    /* standard error is one */
        bool drawn;       /* there is a bar to be wiped */
        struct mono start;
        struct mono drawn_at;
        struct mono rate_at; /* where the rate below was taken */
        int64_t rate_done;
        int64_t rate; /* units a second, of the last seconds */
};

void progress_init(struct progress *progress, const char *task, const char *unit);

/* Draws it if it is time to; `total` is -1 when it is not known. Cheap to call often. */
void progress_show(struct progress *progress, int64_t done, int64_t total);

/* The same for a callback of long work: `context` is the progress. Logs it too when that was asked
 * for; false when the command was told to stop. */
bool progress_go_on(void *context, int64_t done, int64_t total);

/* Wipes the bar, so that something else may be written; progress_show brings it back. */
void progress_clear(struct progress *progress);

/* Writes a log line. */
void progress_log(struct progress *progress, int64_t done, int64_t total);

/* The rate over all the time since the start, units a second. */
int64_t progress_rate(const struct progress *progress, int64_t done);

/* The text of the bar; pure. `left_s` is -1 when it is not known. */
enum { PROGRESS_TEXT_SIZE = 160 };
void progress_text(const struct progress *progress, int64_t done, int64_t total,
                   char out[static PROGRESS_TEXT_SIZE]);
