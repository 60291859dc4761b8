#include "query/silence.h"

#include <stdlib.h>
#include <string.h>

#include "query/rhythm.h"

#define MINUTE_MS INT64_C(60000)
#define WEEK_MS (7 * 24 * 60 * MINUTE_MS)

/* What is known while walking over the minutes with frames. */
struct walk {
        struct rhythm rhythm;
        int64_t from, to; /* of the stretch */
        int64_t previous; /* begin of the last minute with frames */
        bool has_previous;
        bool failed; /* want of memory */
        struct silence *list;
        size_t count, room;
};

static bool keep(struct walk *walk, int64_t from, int64_t to)
{
        if (walk->count == walk->room) {
                size_t room = walk->room == 0 ? 64 : walk->room * 2;
                struct silence *grown = realloc(walk->list, room * sizeof *grown);
                if (grown == NULL)
                        return false;
                walk->list = grown;
                walk->room = room;
        }
        walk->list[walk->count++] = (struct silence){{from}, {to}};
        return true;
}

static bool take_minutes(void *context, struct utc first, int64_t minutes)
{
        struct walk *walk = context;
        int64_t minute = first.ms;
        if (walk->has_previous) {
                int64_t begin = walk->previous + MINUTE_MS;
                rhythm_add(&walk->rhythm, (minute - walk->previous) / MINUTE_MS, 1);
                if (minute > begin && begin <= walk->to && minute > walk->from)
                        walk->failed = !keep(walk, begin, minute);
        }
        rhythm_add(&walk->rhythm, 1, minutes - 1);
        walk->previous = minute + (minutes - 1) * MINUTE_MS;
        walk->has_previous = true;
        return !walk->failed;
}

/* The minute of a frame that lies beside what was walked over. */
static bool take_time(struct walk *walk, struct utc time)
{
        struct utc minute = {time.ms - ((time.ms % MINUTE_MS) + MINUTE_MS) % MINUTE_MS};
        if (walk->has_previous && minute.ms <= walk->previous)
                return true;
        return take_minutes(walk, minute, 1);
}

/* The newest frame before the stretch is where its week of rhythm ends. */
static bool walk_from(struct catalog *catalog, const struct stretch *stretch, struct utc *from_out,
                      struct error *err)
{
        struct frame frame;
        struct error cause = {0};
        *from_out = stretch->from;
        if (catalog_frame_before(catalog, stretch->camera, stretch->from, &frame, &cause))
                from_out->ms = frame.key.time.ms;
        else if (cause.kind != ERROR_NOT_FOUND)
                return error_set(err, cause.kind, "%s", cause.text);
        from_out->ms -= WEEK_MS;
        return true;
}

/* The gap that the stretch ends in is as long as until the next frame. */
static bool walk_behind(struct catalog *catalog, const struct stretch *stretch, struct walk *walk,
                        struct error *err)
{
        struct stretch behind = {stretch->camera, {stretch->to.ms + 1}, {UTC_MAX_MS}};
        struct frame_cursor *cursor;
        const struct frame *frame;
        struct error cause = {0};
        if (!catalog_frames_open(catalog, &behind, NULL, &cursor, err))
                return false;
        bool found = frame_cursor_next(cursor, &frame, &cause);
        if (found)
                take_time(walk, frame->key.time);
        frame_cursor_close(&cursor);
        if (!found && cause.kind != ERROR_NONE)
                return error_set(err, cause.kind, "%s", cause.text);
        return true;
}

static void drop_usual(struct walk *walk, int64_t silent_after_ms)
{
        size_t kept = 0;
        for (size_t i = 0; i < walk->count; i++) {
                /* The gap of a rhythm is counted from minute to minute. */
                int64_t gap = walk->list[i].to.ms - walk->list[i].from.ms + MINUTE_MS;
                if (gap > silent_after_ms)
                        walk->list[kept++] = walk->list[i];
        }
        walk->count = kept;
}

bool silences_find(struct catalog *catalog, const struct stretch *stretch,
                   struct silences *silences_out, struct error *err)
{
        struct walk *walk = calloc(1, sizeof *walk);
        if (walk == NULL)
                return error_sys(err, "silences");
        walk->from = stretch->from.ms;
        walk->to = stretch->to.ms;
        struct stretch wide = *stretch;
        bool fine = walk_from(catalog, stretch, &wide.from, err) &&
                    catalog_minutes(catalog, &wide, take_minutes, walk, err) &&
                    walk_behind(catalog, stretch, walk, err);
        if (fine && walk->failed)
                fine = error_set(err, ERROR_SYSTEM, "silences: no memory");
        if (fine) {
                int64_t after = rhythm_silent_after(&walk->rhythm) * MINUTE_MS;
                drop_usual(walk, after);
                *silences_out = (struct silences){
                        .usual_ms = rhythm_usual(&walk->rhythm) * MINUTE_MS,
                        .silent_after_ms = after,
                        .list = walk->list,
                        .count = walk->count,
                };
                walk->list = NULL;
        }
        free(walk->list);
        free(walk);
        return fine;
}

bool silence_limit(struct catalog *catalog, struct camera_id camera, struct utc last,
                   int64_t *after_ms_out, struct error *err)
{
        struct stretch newest = {camera, last, last};
        struct silences silences;
        if (!silences_find(catalog, &newest, &silences, err))
                return false;
        *after_ms_out = silences.silent_after_ms;
        silences_close(&silences);
        return true;
}

void silences_close(struct silences *silences)
{
        free(silences->list);
        *silences = (struct silences){0};
}
