#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/frame.h"

/*
 * The frame store: where a frame's bytes are, as a stretch of an open file. Folders indexed in
 * place are its one form today; hour files of received frames will be the other. Thread-safe: no
 * state.
 */
struct extent {
        int fd; /* owned by the caller, close it */
        int64_t offset;
        int64_t length; /* bytes */
        struct utc modified;
};

/*
 * Opens the bytes at a place. `folder_path` is the path of place->folder. Does not follow a
 * symbolic link as the last part and takes regular files only. ERROR_GONE when the file is no
 * longer there.
 */
bool store_open(const char *folder_path, const struct place *place, struct extent *extent_out,
                struct error *err) MUST_CHECK;
