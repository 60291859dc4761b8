#pragma once

#include "base/error.h"
#include "catalog/catalog.h"
#include "model/frame.h"
#include "store/store.h"

/*
 * Opens the bytes of a catalogued frame, and only those: a file that has vanished, or that is
 * another one than was catalogued (its size or time differ), is ERROR_GONE with the path and why.
 * Evidence must not change under its name. Of a received frame only that its hour file is long
 * enough is looked at; nobody else writes there, and `cctvweb check` verifies checksums. `modified`
 * of the extent is the file's time, or the time a received frame was received.
 */
bool frame_open(struct catalog *catalog, const char *data_directory, const struct frame *frame,
                struct extent *extent_out, struct error *err) MUST_CHECK;
