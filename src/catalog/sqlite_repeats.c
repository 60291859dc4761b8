/* Frames that come again because their sender did not hear that they were stored. */
#include <stdlib.h>
#include <string.h>

#include "catalog/sqlite_write.h"

/* Set while the array is worked off: it is no frame of its own. */
#define REPEATED_TIE (UINT32_C(1) << 31)

void catalog_compare_by(struct catalog *catalog,
                        bool (*same)(void *context, struct catalog *catalog,
                                     const struct frame *known, const struct frame *newcomer),
                        void *context)
{
        catalog->same = same;
        catalog->same_context = context;
}

bool repeat_find(struct catalog *catalog, struct frame *frame, bool *found_out, struct error *err)
{
        sqlite3_stmt *alike;
        struct frame known;
        bool row = false;
        *found_out = false;
        if (catalog->same == NULL || frame->place.segment.value == 0 ||
            frame->time_source == TIME_RECEIVED)
                return true;
        if (!statement_get(catalog, FRAMES_ALIKE, &alike, err))
                return false;
        BIND(alike, frame->key.camera.value, frame->key.time.ms, frame->bytes);
        do {
                if (!statement_step(catalog, alike, &row, err))
                        return false;
                if (row && !frame_of_row(catalog, alike, &known, err)) {
                        sqlite3_reset(alike);
                        return false;
                }
                *found_out = row && known.sequence == frame->sequence &&
                             catalog->same(catalog->same_context, catalog, &known, frame);
        } while (row && !*found_out);
        sqlite3_reset(alike);
        if (*found_out)
                frame->key.tie = known.key.tie | REPEATED_TIE;
        return true;
}

bool catalog_is_repeat(struct catalog *catalog, const struct frame *frame, bool *repeat_out,
                       struct error *err)
{
        struct frame marked = *frame;
        return repeat_find(catalog, &marked, repeat_out, err);
}

bool repeats_to_end(struct frame *frames, size_t count, size_t repeats, struct error *err)
{
        if (repeats == 0)
                return true;
        struct frame *aside = calloc(repeats, sizeof *aside);
        size_t kept = 0;
        size_t moved = 0;
        if (aside == NULL)
                return error_set(err, ERROR_FULL, "no memory to add frames");
        for (size_t i = 0; i < count; i++) {
                if ((frames[i].key.tie & REPEATED_TIE) == 0) {
                        frames[kept++] = frames[i];
                        continue;
                }
                frames[i].key.tie &= ~REPEATED_TIE;
                aside[moved++] = frames[i];
        }
        memcpy(frames + kept, aside, moved * sizeof *aside);
        free(aside);
        return true;
}
