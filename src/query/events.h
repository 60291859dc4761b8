#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "base/zone.h"
#include "catalog/catalog.h"
#include "model/event.h"

/*
 * Events: the runs of a camera joined over gaps of at most the dwell, filtered, sorted and cut into
 * pages. Answered from runs alone, so a month costs thousands of rows whatever it holds in frames;
 * memory is bounded by the page, not by the range.
 *
 * An event is in a range when any of its frames may be: it is given whole, with the frames before
 * `from` and after `to` that belong to it. Time of day and weekday are those of its start in the
 * camera's zone.
 */
enum event_sort {
        EVENT_SORT_TIME,
        EVENT_SORT_DURATION,
        EVENT_SORT_FRAMES,
        EVENT_SORT_WINDOWS, /* by the lowest window that fired, none last */
        EVENT_SORTS
};

/* Of what people say of an event. */
enum event_wish { EVENT_EITHER, EVENT_WITH, EVENT_WITHOUT };

enum { EVENTS_CAMERAS_MAX = 1024, EVENTS_LIMIT_DEFAULT = 100, EVENTS_LIMIT_MAX = 1000 };

/* Where a page ended: the sort value and identity of its last event. */
struct event_cursor {
        int64_t value;
        struct utc start;
        struct camera_id camera;
};

struct event_query {
        const struct camera *cameras; /* those asked for, borrowed; their zone and dwell are used */
        const struct zone *const *zones; /* of each camera, borrowed */
        size_t camera_count;
        struct utc from;  /* inclusive; UTC_NONE: from the first frame */
        struct utc to;    /* inclusive; UTC_NONE: to the last */
        int64_t dwell_ms; /* 0: each camera's own */
        uint64_t windows; /* any of these fired; 0: do not care */
        uint64_t kinds;   /* any of these; 0: do not care */
        bool has_hours;   /* minutes of the day in [from, to); across midnight when from > to */
        int hours_from_minute;
        int hours_to_minute;
        unsigned weekdays; /* bit 0 Sunday .. bit 6 Saturday; 0: do not care */
        enum event_wish reviewed, pinned, noted;
        enum event_sort sort;
        bool descending;
        size_t limit;
        bool has_after;
        struct event_cursor after;
};

struct event_page {
        struct span *events; /* in the order asked for; owned, events_free */
        size_t count;
        int64_t total; /* all that fit the filters, on all pages; exact */
        bool more;
        struct event_cursor next; /* set when more */
};

bool events_find(struct catalog *catalog, const struct event_query *query,
                 struct event_page *page_out, struct error *err) MUST_CHECK;
void event_page_free(struct event_page *page);

/* Cursors as text: URL-safe, opaque to clients, refused when not ours or made for another sort. */
#define EVENT_CURSOR_TEXT_SIZE 80
void event_cursor_format(const struct event_cursor *cursor, enum event_sort sort, bool descending,
                         char out[static EVENT_CURSOR_TEXT_SIZE]);
bool event_cursor_parse(const char *text, enum event_sort sort, bool descending,
                        struct event_cursor *cursor_out, struct error *err) MUST_CHECK;
