#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Runs the ffmpeg program: bytes go into its standard input as it takes them, what it says is kept
 * in part. Started without a shell from a fixed list of arguments, in a folder of its own, at the
 * priority of the calling thread, and killed when it is no longer wanted.
 */
enum { FFMPEG_SAID_SIZE = 16384 };

struct ffmpeg_run {
        const char *directory;        /* it works there */
        const char *const *arguments; /* from "ffmpeg" on, NULL at the end */
        void *context;
        /* Up to `room` bytes more for its input; none at the end. */
        bool (*feed)(void *context, char *buffer, size_t room, size_t *got_out, struct error *err);
        /* False, with a reason, when it is to end; asked several times a second. */
        bool (*go_on)(void *context, struct error *err);
};

/* `said` gets the end of what it said, terminated. ERROR_NOT_FOUND when it is not installed. When
 * it fails the error has its own words. */
bool ffmpeg_run(const struct ffmpeg_run *run, char said[static FFMPEG_SAID_SIZE],
                struct error *err) MUST_CHECK;

/* The last sentences among `said` that tell of an error, in one line; pure. */
void ffmpeg_complaint(const char *said, char *out, size_t room);
