#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/camera.h"
#include "model/frame.h"
#include "serve/reader_pool.h"
#include "serve/request.h"

/*
 * The frames of one camera and range of time that have bytes, page by page, so that a range of any
 * size costs a page of memory and holds no handle and no read state between pages. What it began
 * with is what it ends with: frames that arrive later than the newest known are not in it, and when
 * others are added or go meanwhile, the next page is ERROR_CONFLICT rather than a wrong one.
 */
struct range {
        struct reader_pool *readers; /* borrowed */
        struct camera camera;
        struct utc from;
        struct utc to;
        int64_t frames; /* in the range, with those that have no bytes */
        int64_t bytes;
        bool begun; /* `last` is set */
        bool ended;
        struct frame_key last;
};

/* From the parameters camera, from and to. */
bool range_open(struct range *range, struct request *request, struct error *err) MUST_CHECK;

/* The frames of a stretch with both limits, from the first on. `catalog` is a handle in a read
 * state. */
bool range_begin(struct range *range, struct reader_pool *readers, struct catalog *catalog,
                 const struct stretch *stretch, struct error *err) MUST_CHECK;

/* Begins again with the first. */
void range_rewind(struct range *range);

/* Up to `room` more frames; none when the range is at its end. */
bool range_page(struct range *range, struct frame *frames, size_t room, size_t *count_out,
                struct error *err) MUST_CHECK;

/* A strong entity tag of the whole range's bytes. */
enum { RANGE_ETAG_SIZE = 128 };
void range_etag(const struct range *range, char out[static RANGE_ETAG_SIZE]);
