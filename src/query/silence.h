#pragma once

#include "base/error.h"
#include "catalog/catalog.h"

/*
 * Where a camera was silent, judged by its own rhythm in the week before and in the stretch itself.
 * Answered from minutes of activity: at most a week more than is asked for is read.
 */
struct silence {
        struct utc from; /* end of the last minute with frames */
        struct utc to;   /* begin of the next one */
};

struct silences {
        int64_t usual_ms; /* its usual gap between frames, not less than a minute; 0: unknown */
        int64_t silent_after_ms; /* longer ones are silence */
        struct silence *list;    /* in order of time, those that overlap the stretch, each whole */
        size_t count;
};

/* `silences_out` is to be closed when this succeeds. What comes after the newest frame is the
 * caller's to judge, who knows what time it is. */
bool silences_find(struct catalog *catalog, const struct stretch *stretch,
                   struct silences *silences_out, struct error *err) MUST_CHECK;
/* How long nothing may come after a camera's newest frame, at `last`, until that is silence. */
bool silence_limit(struct catalog *catalog, struct camera_id camera, struct utc last,
                   int64_t *after_ms_out, struct error *err) MUST_CHECK;
void silences_close(struct silences *silences);
