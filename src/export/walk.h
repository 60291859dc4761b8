#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "export/source.h"

/*
 * Walks the frames of a source in order and tells when each is shown in a film made of them, in
 * milliseconds from its start: as long after the one before as it was taken after it, so gaps are
 * kept; but at least one millisecond, as players drop one of two pictures at the same time. Later
 * ones make up for that. The last of a stretch is shown as long as the one before it, at most
 * a second; a single one a second. The next stretch follows at once.
 */
enum { WALK_PAGE = 64, WALK_LAST_MS = 1000 };

struct walk_item {
        struct frame frame;
        size_t stretch;
        int64_t at_ms;
        int64_t shown_ms;
};

struct walk {
        const struct export_source *source; /* borrowed */
        struct frame page[WALK_PAGE];
        size_t page_at;
        size_t page_count;
        size_t page_stretch;
        struct walk_item item; /* the one told last */
        struct frame ahead;    /* the one after it */
        size_t ahead_stretch;
        bool has_ahead;
        bool begun;
        struct utc stretch_start; /* time of its first frame, */
        int64_t stretch_at_ms;    /* which is shown then */
};

/* Begins at the first frame. */
void walk_begin(struct walk *walk, const struct export_source *source);

/* The next frame; it lives until the next call. False with err->kind ERROR_NONE at the end. */
bool walk_next(struct walk *walk, const struct walk_item **item_out, struct error *err) MUST_CHECK;
