#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "export/source.h"
#include "export/walk.h"

/*
 * The manifest of an archive of pictures, JSON: what was exported, when, and of each picture what
 * is known of it with its SHA-256. Written in pieces that together are one document. Pure but for
 * what the source is asked.
 */
enum { SHA256_BYTES = 32, SHA256_TEXT_SIZE = 65 };

void sha256_format(const uint8_t hash[static SHA256_BYTES], char out[static SHA256_TEXT_SIZE]);

/* Up to the list of frames. */
void manifest_begin(struct json *json, const struct export_source *source, struct utc made);

/* One of the list. */
bool manifest_frame(struct json *json, const struct export_source *source,
                    const struct walk_item *item, const uint8_t hash[static SHA256_BYTES],
                    struct error *err) MUST_CHECK;

void manifest_end(struct json *json, int64_t count);
