#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/frame.h"

/*
 * Takes the bytes of deleted frames off the disk. Pure work on files: the catalog is told before
 * (durably) that they go, and after that they are gone. Doing it once more is no harm.
 */

/* What became of frames of one hour file. */
struct purged {
        int64_t freed; /* bytes, as the file system counts */
        size_t gone;   /* the first so many of the frames; the others are being read by somebody and
                          were moved behind them */
        bool missing;  /* the file is not there */
};

/*
 * Frees the records of `frames`, in order of offsets, in the hour file at `path`: each with its
 * header, neighbours together, since only whole blocks become free. Durable when it returns. What
 * somebody is reading (store_hold) is left for another time.
 */
bool purge_records(const char *path, struct frame *frames, size_t count, struct purged *purged_out,
                   struct error *err) MUST_CHECK;

/* True when nothing but holes and zeros is left in the file, or it is not there. */
bool purge_is_empty(const char *path, bool *empty_out, struct error *err) MUST_CHECK;

/* Removes the file, and the day's folder when it was the last in it, and makes that durable; one
 * that is not there is fine. Adds what became free. */
bool purge_unlink(const char *path, int64_t *freed, struct error *err) MUST_CHECK;

/*
 * Opens a folder that is `root` or below it; -1 and errno when it is not there. Nobody leads us out
 * of the root meanwhile: no part of the way below it is a symbolic link (ELOOP or ENOTDIR), or
 * "..".
 */
int purge_open_folder(const char *root, const char *path);

/*
 * Removes the file of a frame in a folder, if it is the very one that was catalogued: of that size
 * and time, and not by a symbolic link. That no such file is there any more is fine too. Adds what
 * became free.
 */
bool purge_file(int folder_fd, const struct frame *frame, int64_t *freed,
                struct error *err) MUST_CHECK;
