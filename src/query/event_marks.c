#include "query/event_marks.h"

/* Without any there is nothing to walk along: the cursor is closed. */
static bool next(struct mark_cursor **cursor, bool *has_out, struct stretch *marked_out,
                 struct error *err)
{
        struct error reason = {0};
        *has_out = *cursor != NULL && mark_cursor_next(*cursor, marked_out, &reason);
        if (*has_out)
                return true;
        mark_cursor_close(cursor);
        return reason.kind == ERROR_NONE || error_set(err, reason.kind, "%s", reason.text);
}

static bool open_all(struct event_marks *marks, struct catalog *catalog, const struct span *first,
                     struct error *err)
{
        struct stretch from_here = {first->camera, first->start, UTC_NONE};
        marks->open = true;
        marks->noted_until.ms = INT64_MIN;
        return catalog_marks_open(catalog, MARK_REVIEWED, &from_here, &marks->reviewed, err) &&
               catalog_marks_open(catalog, MARK_PINNED, &from_here, &marks->pinned, err) &&
               catalog_noted_open(catalog, first->camera, UTC_NONE, &marks->noted, err) &&
               next(&marks->reviewed, &marks->has_reviewed, &marks->reviewed_now, err) &&
               next(&marks->pinned, &marks->has_pinned, &marks->pinned_now, err) &&
               next(&marks->noted, &marks->has_note, &marks->note_next, err);
}

bool event_marks_at(struct event_marks *marks, struct catalog *catalog, const struct span *span,
                    struct error *err)
{
        if (!marks->open && !open_all(marks, catalog, span, err))
                return false;
        while (marks->has_reviewed && marks->reviewed_now.to.ms < span->start.ms) {
                if (!next(&marks->reviewed, &marks->has_reviewed, &marks->reviewed_now, err))
                        return false;
        }
        while (marks->has_pinned && marks->pinned_now.to.ms < span->start.ms) {
                if (!next(&marks->pinned, &marks->has_pinned, &marks->pinned_now, err))
                        return false;
        }
        return true;
}

/* A mark that does not end before the span begins. */
static enum marked marked(bool has, const struct stretch *mark, const struct span *span)
{
        if (!has || mark->from.ms > span->end.ms)
                return MARKED_NOT;
        return mark->from.ms <= span->start.ms && mark->to.ms >= span->end.ms ? MARKED_WHOLLY
                                                                              : MARKED_PARTLY;
}

enum marked event_marks_reviewed(const struct event_marks *marks, const struct span *span)
{
        return marked(marks->has_reviewed, &marks->reviewed_now, span);
}

enum marked event_marks_pinned(const struct event_marks *marks, const struct span *span)
{
        return marked(marks->has_pinned, &marks->pinned_now, span);
}

enum marked event_marks_noted(const struct event_marks *marks, const struct span *span)
{
        bool passed = marks->noted_until.ms >= span->start.ms;
        bool ahead = marks->has_note && marks->note_next.from.ms <= span->end.ms;
        return passed || ahead ? MARKED_PARTLY : MARKED_NOT;
}

bool event_marks_run(struct event_marks *marks, struct catalog *catalog, struct span *run,
                     struct error *err)
{
        if (!event_marks_at(marks, catalog, run, err))
                return false;
        run->reviewed = event_marks_reviewed(marks, run) == MARKED_WHOLLY;
        run->pinned = event_marks_pinned(marks, run) != MARKED_NOT;
        return true;
}

bool event_marks_event(struct event_marks *marks, struct span *event, struct error *err)
{
        while (marks->has_note && marks->note_next.from.ms <= event->end.ms) {
                if (marks->note_next.to.ms > marks->noted_until.ms)
                        marks->noted_until = marks->note_next.to;
                if (!next(&marks->noted, &marks->has_note, &marks->note_next, err))
                        return false;
        }
        event->noted = marks->noted_until.ms >= event->start.ms;
        return true;
}

void event_marks_close(struct event_marks *marks)
{
        mark_cursor_close(&marks->reviewed);
        mark_cursor_close(&marks->pinned);
        mark_cursor_close(&marks->noted);
        marks->open = false;
}
