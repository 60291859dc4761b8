#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"

/*
 * Reading the bytes of a frame back, as a stretch of an open file. Two forms: a file of a folder
 * that is indexed in place, and a stretch of an hour file of received frames. Thread-safe: no
 * state. Neither follows a symbolic link as the last part, and both take regular files only.
 * ERROR_GONE when the file is no longer there.
 */
struct extent {
        int fd; /* owned by the caller, close it */
        int64_t offset;
        int64_t length; /* bytes */
        struct utc modified;
};

/* The whole file `name` of a folder. */
bool store_open_file(const char *folder_path, const char *name, struct extent *extent_out,
                     struct error *err) MUST_CHECK;

/*
 * Keeps a picture of an open hour file from being freed for as long as the descriptor, or one made
 * of it by dup, is open. ERROR_GONE when it was freed already, or is being freed. So what is read
 * after it succeeded are the picture's bytes, whatever is deleted meanwhile (app/purge.h).
 */
bool store_hold(int fd, int64_t offset, int64_t length, struct error *err) MUST_CHECK;

/* The picture, held, at `offset` of the hour file at `path` (segment_path) below `data_directory`.
 */
bool store_open_segment(const char *data_directory, const char *path, int64_t offset,
                        int64_t length, struct extent *extent_out, struct error *err) MUST_CHECK;
