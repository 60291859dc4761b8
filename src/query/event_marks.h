#pragma once

#include "base/error.h"
#include "catalog/marks.h"
#include "model/event.h"

/*
 * What people said of the time of one camera, walked along with its runs and events, which come in
 * order of time: each mark is read once, whatever is asked for.
 */
struct event_marks {
        struct mark_cursor *reviewed;
        struct mark_cursor *pinned;
        struct mark_cursor *noted;
        struct stretch reviewed_now; /* the one that ends at or after what was asked for last */
        struct stretch pinned_now;
        struct stretch note_next;
        struct utc noted_until; /* the latest end of the notes passed */
        bool has_reviewed;
        bool has_pinned;
        bool has_note;
        bool open;
};

/* Goes on to a stretch of runs, which begins no earlier than the last; the first opens it. What
 * follows is then of that stretch. */
bool event_marks_at(struct event_marks *marks, struct catalog *catalog, const struct span *span,
                    struct error *err) MUST_CHECK;

/* How much of it is reviewed or pinned. */
enum marked { MARKED_NOT, MARKED_PARTLY, MARKED_WHOLLY };
enum marked event_marks_reviewed(const struct event_marks *marks, const struct span *span);
enum marked event_marks_pinned(const struct event_marks *marks, const struct span *span);
/* Never wholly: a note may be on a part of it. */
enum marked event_marks_noted(const struct event_marks *marks, const struct span *span);

/* Sets what was said of a run, or of runs of which all or none lie in each mark. */
bool event_marks_run(struct event_marks *marks, struct catalog *catalog, struct span *run,
                     struct error *err) MUST_CHECK;

/* Sets `noted` of an event, whose runs are passed. */
bool event_marks_event(struct event_marks *marks, struct span *event, struct error *err) MUST_CHECK;

void event_marks_close(struct event_marks *marks);
