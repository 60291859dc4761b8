#include "query/events.h"

#include <stdlib.h>
#include <string.h>

#include "query/event_marks.h"

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
};

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
        return true;
}

/* ---- filters ---- */

static bool in_hours(const struct event_query *query, const struct civil *local)
{
        int minute = local->hour * 60 + local->minute;
        int from = query->hours_from_minute;
        int to = query->hours_to_minute;
        if (from <= to)
                return minute >= from && minute < to;
        return minute >= from || minute < to;
}

static bool wished(enum event_wish wish, bool has)
{
        return wish == EVENT_EITHER || has == (wish == EVENT_WITH);
}

static bool fits(const struct event_query *query, const struct zone *zone, const struct span *event)
{
        if (!wished(query->reviewed, event->reviewed) || !wished(query->pinned, event->pinned) ||
            !wished(query->noted, event->noted))
                return false;
        if (query->windows != 0 && (event->windows & query->windows) == 0)
                return false;
        if (query->kinds != 0 && (event->kinds & query->kinds) == 0)
                return false;
        if (!query->has_hours && query->weekdays == 0)
                return true;
        struct civil local = zone_civil(zone, event->start);
        int64_t days = civil_days(local.year, local.month, local.day);
        if (query->weekdays != 0 && (query->weekdays >> weekday_of_days(days) & 1) == 0)
                return false;
        return !query->has_hours || in_hours(query, &local);
}

static bool take_event(struct finder *finder, const struct zone *zone, struct event_marks *marks,
                       struct span *event, struct error *err)
{
        const struct event_query *query = finder->query;
        if (!event_marks_event(marks, event, err))
                return false;
        if (!fits(query, zone, event))
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

/* ---- events of a camera ---- */

static bool join_runs(struct finder *finder, struct catalog *catalog, size_t index,
                      struct run_cursor *cursor, struct event_marks *marks, struct error *err)
{
        const struct event_query *query = finder->query;
        const struct zone *zone = query->zones != NULL ? query->zones[index] : NULL;
        int64_t dwell_ms = query->dwell_ms != 0 ? query->dwell_ms : query->cameras[index].dwell_ms;
        struct error reason = {0};
        struct span event;
        struct span run;
        bool open = false;
        while (run_cursor_next(cursor, &run, &reason)) {
                if (!event_marks_run(marks, catalog, &run, err))
                        return false;
                if (open && run.start.ms - event.end.ms <= dwell_ms) {
                        span_join(&event, &run);
                        continue;
                }
                if (open && !take_event(finder, zone, marks, &event, err))
                        return false;
                event = run;
                open = true;
        }
        if (reason.kind != ERROR_NONE) {
                *err = reason;
                return false;
        }
        return !open || take_event(finder, zone, marks, &event, err);
}

static bool find_in_camera(struct finder *finder, struct catalog *catalog, size_t index,
                           struct error *err)
{
        const struct event_query *query = finder->query;
        const struct camera *camera = &query->cameras[index];
        int64_t dwell_ms = query->dwell_ms != 0 ? query->dwell_ms : camera->dwell_ms;
        struct stretch stretch = {camera->id, query->from, query->to};
        struct run_cursor *cursor = NULL;
        struct event_marks marks = {0};
        if (!catalog_runs_open(catalog, &stretch, dwell_ms, &cursor, err))
                return false;
        bool ok = join_runs(finder, catalog, index, cursor, &marks, err);
        event_marks_close(&marks);
        run_cursor_close(&cursor);
        return ok;
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

bool events_find(struct catalog *catalog, const struct event_query *query,
                 struct event_page *page_out, struct error *err)
{
        struct finder finder = {.query = query};
        bool ok = true;
        for (size_t i = 0; ok && i < query->camera_count; i++)
                ok = find_in_camera(&finder, catalog, i, err);
        ok = ok && make_page(&finder, page_out, err);
        free(finder.heap);
        return ok;
}

void event_page_free(struct event_page *page)
{
        free(page->events);
        *page = (struct event_page){0};
}
