#pragma once

#include "query/event_marks.h"
#include "query/events.h"

/* The inside of events_find: events.c keeps the best of those that fit, event_join.c makes events
 * of what the catalog has, event_fit.c says which fit, of pieces of time as well. */

/* An event with what it is sorted by. */
struct ranked {
        int64_t value;
        struct span event;
};

/* The best `limit` events beyond the cursor, as a heap with the worst of them at the root. */
struct finder {
        const struct event_query *query;
        struct ranked *heap;
        size_t count;
        size_t room;
        int64_t beyond; /* how many there are beyond the cursor */
        int64_t total;
        /* None that comes behind this one is on the page. Set before, or as the heap is full. */
        bool has_bound;
        struct event_cursor bound;
};

/* ---- events.c ---- */

/* Takes one that is whole, and whose `noted` is set, if it fits. */
bool finder_take(struct finder *finder, const struct zone *zone, const struct span *event,
                 struct error *err) MUST_CHECK;

/* Where all events that begin in a piece, as far as they lie in it, are in the answer's order. */
enum finder_place {
        PLACE_PASSED, /* before the cursor, on an earlier page */
        PLACE_BEHIND, /* on a later page than this one */
        PLACE_OPEN    /* who knows */
};
enum finder_place finder_place_of(const struct finder *finder, const struct run_piece *piece);

/* ---- event_fit.c ---- */

bool event_fits(const struct event_query *query, const struct zone *zone, const struct span *event);

/* Of the events in a piece of time: whether all fit, or none does. */
enum event_fit { FIT_NONE, FIT_ALL, FIT_SOME };

/* By when they begin. */
enum event_fit event_fit_by_start(const struct event_query *query, const struct zone *zone,
                                  const struct span *piece);
/* By what is in them, as far as they are in the piece, which the marks are at. FIT_NONE: they lack
 * something (bits), and so does an event that is in several pieces if all of these lack it. */
enum event_fit event_fit_by_content(const struct event_query *query,
                                    const struct event_marks *marks, const struct span *piece,
                                    unsigned *lacking_out);

/* ---- event_join.c ---- */

/* Finds the events of one of the query's cameras. */
bool event_join(struct finder *finder, struct catalog *catalog, size_t index,
                struct error *err) MUST_CHECK;
