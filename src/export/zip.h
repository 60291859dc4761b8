#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "export/source.h"

/*
 * Writes frames as a ZIP archive by libarchive: the pictures stored, not compressed (they are
 * already), then manifest.json, then SHA256SUMS for `sha256sum -c`. ZIP64 where it has to be. As it
 * goes, so the length is not known beforehand. Kept in memory: 32 bytes a picture, and the
 * directory of the archive, which libarchive gathers and writes in one go: some 250 bytes a picture
 * at the end. So there is a bound on how many.
 */
struct zip;

enum { ZIP_FRAMES_MAX = 1000000 };

/* The source is borrowed. ERROR_NOT_FOUND when it has no frames, ERROR_INPUT when too many. */
bool zip_create(const struct export_source *source, struct utc made, struct zip **zip_out,
                struct error *err) MUST_CHECK;

/* Appends some more bytes to `out`. */
bool zip_next(struct zip *zip, struct text *out, struct error *err) MUST_CHECK;

/* Nothing more is to come. */
bool zip_ended(const struct zip *zip);

/* Pictures that are in it whole. */
int64_t zip_done(const struct zip *zip);

/* Accepts NULL inside. */
void zip_destroy(struct zip **zip);
