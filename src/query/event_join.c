/*
 * Events of a camera, joined from runs, or from pieces of time that are many runs at once
 * (catalog_runs_open). A piece with gaps holds whole events of which only the number is known. It
 * is taken whole where that is all one needs: either none of them fits, or all do and none of them
 * is on the page. The last of them may go on behind the piece: it is `blind` then, counted already
 * if it fits, and is looked at only when something comes that could make a difference.
 */
#include "query/event_finder.h"

struct joining {
        struct finder *finder;
        struct catalog *catalog;
        const struct zone *zone;
        struct camera_id camera;
        int64_t dwell_ms;
        struct event_marks marks;
        struct error failed; /* kind ERROR_NONE: nothing has */

        bool open;
        bool blind;             /* only its end is known, */
        enum event_fit content; /* what the pieces it lies in have in common, */
        unsigned lacking;       /* and lack, */
        int counted;            /* whether it is in the total, */
        int beyond;             /* and beyond the cursor */
        struct span event;
};

/* What a piece means for the events that begin in it. */
struct judged {
        enum event_fit start;
        enum event_fit content;
        unsigned lacking;
        enum finder_place place;
};

static struct judged judge(const struct joining *joining, const struct run_piece *piece)
{
        const struct event_query *query = joining->finder->query;
        struct judged judged = {
                .start = event_fit_by_start(query, joining->zone, &piece->span),
                .place = finder_place_of(joining->finder, piece),
        };
        judged.content =
                event_fit_by_content(query, &joining->marks, &piece->span, &judged.lacking);
        return judged;
}

static bool counts(const struct judged *judged)
{
        return judged->start == FIT_ALL && judged->content == FIT_ALL;
}

/* Nothing of the events in it needs to be known but their number. */
static bool needs_no_look(const struct judged *judged)
{
        if (judged->start == FIT_NONE || judged->content == FIT_NONE)
                return true;
        return counts(judged) && judged->place != PLACE_OPEN;
}

static bool joins(const struct joining *joining, const struct span *span)
{
        return joining->open && span->start.ms - joining->event.end.ms <= joining->dwell_ms;
}

/* A blind event may go on through a piece unseen: it fits, or does not, as before, and nothing but
 * its begin says where it comes. */
static bool stays_blind(const struct joining *joining, const struct judged *judged)
{
        if (joining->content != judged->content)
                return false;
        if (judged->content == FIT_ALL)
                return joining->finder->query->sort == EVENT_SORT_TIME;
        return (joining->lacking & judged->lacking) != 0;
}

/* Whether all or none of the runs in it lie in each mark. */
static bool even(const struct event_marks *marks, const struct span *span)
{
        return event_marks_reviewed(marks, span) != MARKED_PARTLY &&
               event_marks_pinned(marks, span) != MARKED_PARTLY;
}

static bool choose(void *context, const struct run_piece *piece)
{
        struct joining *joining = context;
        if (joining->failed.kind != ERROR_NONE)
                return false;
        if (!event_marks_at(&joining->marks, joining->catalog, &piece->span, &joining->failed))
                return false;
        if (piece->gaps == 0)
                return even(&joining->marks, &piece->span);
        struct judged judged = judge(joining, piece);
        if (!needs_no_look(&judged))
                return false;
        return !joins(joining, &piece->span) || (joining->blind && stays_blind(joining, &judged));
}

/* Of a known event only what lies up to its known end: the cursor is there. */
struct looking {
        struct event_marks marks;
        struct catalog *catalog;
        struct utc end;
        struct error failed;
};

static bool choose_within(void *context, const struct run_piece *piece)
{
        struct looking *looking = context;
        return looking->failed.kind == ERROR_NONE && piece->gaps == 0 &&
               piece->span.end.ms <= looking->end.ms &&
               event_marks_at(&looking->marks, looking->catalog, &piece->span, &looking->failed) &&
               even(&looking->marks, &piece->span);
}

/* Reads what the blind event is so far; it is counted when it is over, like others. */
static bool look(struct joining *joining, struct error *err)
{
        struct looking looking = {.catalog = joining->catalog, .end = joining->event.end};
        struct stretch moment = {joining->camera, looking.end, looking.end};
        struct piece_choice choice = {choose_within, &looking};
        struct run_cursor *cursor = NULL;
        struct error reason = {0};
        struct run_piece piece;
        bool first = true;
        bool ok = catalog_runs_open(joining->catalog, &moment, joining->dwell_ms, &choice, &cursor,
                                    err);
        while (ok && run_cursor_next(cursor, &piece, &reason) &&
               piece.span.start.ms <= looking.end.ms) {
                ok = event_marks_run(&looking.marks, joining->catalog, &piece.span, err);
                if (first)
                        joining->event = piece.span;
                else
                        span_join(&joining->event, &piece.span);
                first = false;
        }
        if (looking.failed.kind != ERROR_NONE)
                reason = looking.failed;
        event_marks_close(&looking.marks);
        run_cursor_close(&cursor);
        joining->finder->total -= joining->counted;
        joining->finder->beyond -= joining->beyond;
        joining->blind = false;
        return ok && (reason.kind == ERROR_NONE || error_set(err, reason.kind, "%s", reason.text));
}

static bool end_event(struct joining *joining, struct error *err)
{
        if (!joining->open || joining->blind)
                return true;
        return event_marks_event(&joining->marks, &joining->event, err) &&
               finder_take(joining->finder, joining->zone, &joining->event, err);
}

static bool take_gaps(struct joining *joining, const struct run_piece *piece, struct error *err)
{
        struct judged judged = judge(joining, piece);
        bool joined = joins(joining, &piece->span);
        int64_t begun = piece->gaps + !joined;
        if (!joined && !end_event(joining, err))
                return false;
        joining->open = true;
        joining->blind = true;
        joining->content = judged.content;
        joining->lacking = judged.lacking;
        joining->counted = counts(&judged);
        joining->beyond = counts(&judged) && judged.place == PLACE_BEHIND;
        joining->finder->total += joining->counted ? begun : 0;
        joining->finder->beyond += joining->beyond ? begun : 0;
        joining->event.end = piece->span.end;
        return true;
}

static bool take_run(struct joining *joining, struct run_piece *piece, struct error *err)
{
        struct span *run = &piece->span;
        if (!event_marks_run(&joining->marks, joining->catalog, run, err))
                return false;
        if (!joins(joining, run)) {
                if (!end_event(joining, err))
                        return false;
                joining->event = *run;
                joining->open = true;
                joining->blind = false;
                return true;
        }
        if (joining->blind) {
                struct judged judged = judge(joining, piece);
                if (stays_blind(joining, &judged)) {
                        joining->lacking &= judged.lacking;
                        joining->event.end = run->end;
                        return true;
                }
                if (!look(joining, err))
                        return false;
        }
        span_join(&joining->event, run);
        return true;
}

bool event_join(struct finder *finder, struct catalog *catalog, size_t index, struct error *err)
{
        const struct event_query *query = finder->query;
        const struct camera *camera = &query->cameras[index];
        struct stretch stretch = {camera->id, query->from, query->to};
        struct joining joining = {
                .finder = finder,
                .catalog = catalog,
                .zone = query->zones != NULL ? query->zones[index] : NULL,
                .camera = camera->id,
                .dwell_ms = query->dwell_ms != 0 ? query->dwell_ms : camera->dwell_ms,
        };
        struct piece_choice choice = {choose, &joining};
        struct run_cursor *cursor = NULL;
        struct error reason = {0};
        struct run_piece piece;
        bool ok = catalog_runs_open(catalog, &stretch, joining.dwell_ms, &choice, &cursor, err);
        while (ok && run_cursor_next(cursor, &piece, &reason))
                ok = piece.gaps > 0 ? take_gaps(&joining, &piece, err)
                                    : take_run(&joining, &piece, err);
        if (ok && joining.failed.kind != ERROR_NONE)
                reason = joining.failed;
        if (ok && reason.kind != ERROR_NONE)
                ok = error_set(err, reason.kind, "%s", reason.text);
        ok = ok && end_event(&joining, err);
        event_marks_close(&joining.marks);
        run_cursor_close(&cursor);
        return ok;
}
