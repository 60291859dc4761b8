#include "query/events.h"

#include <stdlib.h>
#include <string.h>

#include "query/event_finder.h"

static int64_t sort_value(const struct event_query *query, const struct span *event)
{
        switch (query->sort) {
        case EVENT_SORT_DURATION: return event->end.ms - event->start.ms;
        case EVENT_SORT_FRAMES: return event->frames;
        case EVENT_SORT_WINDOWS:
                if (event->windows == 0)
                        return query->descending ? 0 : 65;
                return __builtin_ctzll(event->windows) + 1;
        case EVENT_SORT_TIME:
        case EVENT_SORTS: break;
        }
        return event->start.ms;
}

static int compare_int(int64_t a, int64_t b)
{
        return a < b ? -1 : a > b;
}

/* The order of the answer: by value, then start, then camera, all of it turned round when
 * descending. No two events are equal. */
static int compare(const struct event_query *query, const struct event_cursor *a,
                   const struct event_cursor *b)
{
        int order = compare_int(a->value, b->value);
        if (order == 0)
                order = compare_int(a->start.ms, b->start.ms);
        if (order == 0)
                order = compare_int(a->camera.value, b->camera.value);
        return query->descending ? -order : order;
}

static struct event_cursor position(const struct ranked *ranked)
{
        return (struct event_cursor){ranked->value, ranked->event.start, ranked->event.camera};
}

static bool before(const struct event_query *query, const struct ranked *a, const struct ranked *b)
{
        struct event_cursor left = position(a);
        struct event_cursor right = position(b);
        return compare(query, &left, &right) < 0;
}

/* ---- heap ---- */

static void sift_down(struct finder *finder, size_t at)
{
        struct ranked moving = finder->heap[at];
        for (;;) {
                size_t child = 2 * at + 1;
                if (child >= finder->count)
                        break;
                if (child + 1 < finder->count &&
                    before(finder->query, &finder->heap[child], &finder->heap[child + 1]))
                        child++;
                if (!before(finder->query, &moving, &finder->heap[child]))
                        break;
                finder->heap[at] = finder->heap[child];
                at = child;
        }
        finder->heap[at] = moving;
}

static void sift_up(struct finder *finder, size_t at)
{
        struct ranked moving = finder->heap[at];
        while (at > 0) {
                size_t parent = (at - 1) / 2;
                if (!before(finder->query, &finder->heap[parent], &moving))
                        break;
                finder->heap[at] = finder->heap[parent];
                at = parent;
        }
        finder->heap[at] = moving;
}

static bool make_room(struct finder *finder, struct error *err)
{
        if (finder->count < finder->room)
                return true;
        size_t room = finder->room == 0 ? 64 : finder->room * 2;
        if (room > finder->query->limit)
                room = finder->query->limit;
        struct ranked *grown = realloc(finder->heap, room * sizeof *grown);
        if (grown == NULL)
                return error_sys(err, "events");
        finder->heap = grown;
        finder->room = room;
        return true;
}

static void bound_by(struct finder *finder, const struct ranked *worst)
{
        struct event_cursor here = position(worst);
        if (finder->has_bound && compare(finder->query, &finder->bound, &here) <= 0)
                return;
        finder->has_bound = true;
        finder->bound = here;
}

static bool keep(struct finder *finder, const struct ranked *ranked, struct error *err)
{
        if (finder->count < finder->query->limit) {
                if (!make_room(finder, err))
                        return false;
                finder->heap[finder->count++] = *ranked;
                sift_up(finder, finder->count - 1);
        } else if (finder->count > 0 && before(finder->query, ranked, &finder->heap[0])) {
                finder->heap[0] = *ranked;
                sift_down(finder, 0);
        }
        if (finder->count > 0 && finder->count == finder->query->limit)
                bound_by(finder, &finder->heap[0]);
        return true;
}

bool finder_take(struct finder *finder, const struct zone *zone, const struct span *event,
                 struct error *err)
{
        const struct event_query *query = finder->query;
        if (!event_fits(query, zone, event))
                return true;
        finder->total++;
        struct ranked ranked = {sort_value(query, event), *event};
        if (query->has_after) {
                struct event_cursor here = position(&ranked);
                if (compare(query, &here, &query->after) <= 0)
                        return true;
        }
        finder->beyond++;
        return keep(finder, &ranked, err);
}

/* The first and the last that an event of the piece can be, as if the answer were ascending. */
static void limits(enum event_sort sort, bool descending, const struct run_piece *piece,
                   struct event_cursor limits_out[static 2])
{
        uint64_t windows = piece->span.windows;
        struct event_cursor low = {0, piece->span.start, {INT32_MIN}};
        struct event_cursor high = {0, piece->span.end, {INT32_MAX}};
        switch (sort) {
        case EVENT_SORT_DURATION: high.value = piece->longest_ms; break;
        case EVENT_SORT_FRAMES:
                low.value = 1;
                high.value = piece->most_frames;
                break;
        case EVENT_SORT_WINDOWS:
                low.value = descending || windows == 0 ? 0 : __builtin_ctzll(windows) + 1;
                high.value = descending && windows != 0 ? 64 - __builtin_clzll(windows) : 0;
                if (!descending) /* none fired in some of them */
                        high.value = 65;
                if (!descending && windows == 0)
                        low.value = 65;
                break;
        case EVENT_SORT_TIME:
        case EVENT_SORTS:
                low.value = low.start.ms;
                high.value = high.start.ms;
                break;
        }
        limits_out[0] = low;
        limits_out[1] = high;
}

enum finder_place finder_place_of(const struct finder *finder, const struct run_piece *piece)
{
        const struct event_query *query = finder->query;
        struct event_cursor ends[2];
        limits(query->sort, query->descending, piece, ends);
        const struct event_cursor *nearest = &ends[query->descending];
        const struct event_cursor *farthest = &ends[!query->descending];
        if (query->has_after && compare(query, farthest, &query->after) < 0)
                return PLACE_PASSED;
        if (finder->has_bound && compare(query, &finder->bound, nearest) < 0)
                return PLACE_BEHIND;
        return PLACE_OPEN;
}

/* Takes the heap apart from its worst on, which leaves the events in order. */
static bool make_page(struct finder *finder, struct event_page *page_out, struct error *err)
{
        struct event_page page = {.total = finder->total};
        page.more = finder->beyond > (int64_t)finder->count;
        page.count = finder->count;
        if (page.count > 0) {
                page.events = calloc(page.count, sizeof *page.events);
                if (page.events == NULL)
                        return error_sys(err, "events");
        }
        bool last = true;
        while (finder->count > 0) {
                if (last)
                        page.next = position(&finder->heap[0]);
                last = false;
                page.events[--finder->count] = finder->heap[0].event;
                finder->heap[0] = finder->heap[finder->count];
                if (finder->count > 0)
                        sift_down(finder, 0);
        }
        *page_out = page;
        return true;
}

static bool find_all(struct finder *finder, struct catalog *catalog, struct error *err)
{
        for (size_t i = 0; i < finder->query->camera_count; i++) {
                if (!event_join(finder, catalog, i, err))
                        return false;
        }
        return true;
}

/* The latest time there may be an event of this page. */
static struct utc latest(const struct event_query *query)
{
        struct utc latest = {INT64_MIN};
        for (size_t i = 0; i < query->camera_count; i++) {
                const struct camera *camera = &query->cameras[i];
                if (camera->has_frames && camera->last.time.ms > latest.ms)
                        latest = camera->last.time;
        }
        if (utc_known(query->to) && query->to.ms < latest.ms)
                latest = query->to;
        if (query->has_after && query->after.start.ms < latest.ms)
                latest = query->after.start;
        return latest;
}

/* Cameras are read from their past on, and the page is of the newest: an hour, a day, ... that has
 * a page full of events says from where on others are of interest. */
static bool bound_newest(struct finder *finder, struct catalog *catalog, struct error *err)
{
        enum { FIRST_MS = 3600000, TIMES = 8, TRIES = 4 };
        struct event_query part = *finder->query;
        if (part.sort != EVENT_SORT_TIME || !part.descending || part.limit == 0)
                return true;
        part.to = latest(&part);
        int64_t length = FIRST_MS;
        for (int i = 0; i < TRIES && part.to.ms > UTC_MIN_MS; i++, length *= TIMES) {
                part.from.ms = part.to.ms - length;
                if (utc_known(finder->query->from) && part.from.ms <= finder->query->from.ms)
                        return true;
                struct finder newest = {.query = &part};
                bool ok = find_all(&newest, catalog, err);
                if (ok && newest.count == part.limit)
                        bound_by(finder, &newest.heap[0]);
                free(newest.heap);
                if (!ok || finder->has_bound)
                        return ok;
        }
        return true;
}

bool events_find(struct catalog *catalog, const struct event_query *query,
                 struct event_page *page_out, struct error *err)
{
        struct finder finder = {.query = query};
        bool ok = bound_newest(&finder, catalog, err) && find_all(&finder, catalog, err) &&
                  make_page(&finder, page_out, err);
        free(finder.heap);
        return ok;
}

void event_page_free(struct event_page *page)
{
        free(page->events);
        *page = (struct event_page){0};
}
