/* Hour files. */
#include <inttypes.h>
#include <stdio.h>

#include "catalog/deletions.h"
#include "catalog/sqlite_deleted.h"

enum { HOUR_MS = 3600 * 1000 };

bool catalog_segment_next(struct catalog *catalog, struct segment_id *next_out, struct error *err)
{
        sqlite3_stmt *ask;
        bool row;
        if (!statement_get(catalog, SEGMENT_LAST, &ask, err) ||
            !statement_step(catalog, ask, &row, err))
                return false;
        int64_t last = row ? sqlite3_column_int64(ask, 0) : 0;
        if (row)
                sqlite3_reset(ask);
        if (last >= INT32_MAX)
                return error_set(err, ERROR_FULL, "catalog: no more numbers for hour files");
        next_out->value = (int32_t)last + 1;
        return true;
}

/* Runs a statement in a transaction of its own unless one is open. */
static bool change(struct catalog *catalog, sqlite3_stmt *statement, int *changed_out,
                   struct error *err)
{
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_run(catalog, statement, err);
        *changed_out = sqlite3_changes(catalog->db);
        return write_leave(catalog, own, ok, err);
}

bool catalog_segment_add(struct catalog *catalog, const struct segment *segment, struct error *err)
{
        sqlite3_stmt *insert;
        int changed;
        char path[SEGMENT_PATH_SIZE];
        if (!statement_get(catalog, SEGMENT_INSERT, &insert, err))
                return false;
        BIND(insert, segment->id.value, segment->camera.value, floor_div(segment->hour.ms, HOUR_MS),
             segment->number, segment->committed, segment->state);
        if (!change(catalog, insert, &changed, err))
                return false;
        if (changed > 0)
                return true;
        segment_path(segment, path);
        return error_set(err, ERROR_CONFLICT,
                         "catalog: hour file %d, %s, is there already, or its camera is gone",
                         (int)segment->id.value, path);
}

static bool update(struct catalog *catalog, enum statement which, struct segment_id segment,
                   int64_t value, struct error *err)
{
        sqlite3_stmt *set;
        int changed;
        if (!statement_get(catalog, which, &set, err))
                return false;
        BIND(set, segment.value, value);
        if (!change(catalog, set, &changed, err))
                return false;
        return changed > 0 || error_set(err, ERROR_NOT_FOUND, "catalog: there is no hour file %d",
                                        (int)segment.value);
}

bool catalog_segment_commit(struct catalog *catalog, struct segment_id segment, int64_t committed,
                            struct error *err)
{
        return update(catalog, SEGMENT_COMMIT, segment, committed, err);
}

bool catalog_segment_set_state(struct catalog *catalog, struct segment_id segment,
                               enum segment_state state, struct error *err)
{
        return update(catalog, SEGMENT_SET_STATE, segment, state, err);
}

bool catalog_segment_end(struct catalog *catalog, struct segment_id segment,
                         enum segment_state state, struct error *err)
{
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = catalog_segment_set_state(catalog, segment, state, err) &&
                  segment_emptied(catalog, segment, true, err);
        return write_leave(catalog, own, ok, err);
}

/* ---- reading ---- */

static void segment_of_row(sqlite3_stmt *row, struct segment *segment_out)
{
        const char *directory = (const char *)sqlite3_column_text(row, 2);
        *segment_out = (struct segment){
                .id = {sqlite3_column_int(row, 0)},
                .camera = {sqlite3_column_int(row, 1)},
                .hour = {sqlite3_column_int64(row, 3) * HOUR_MS},
                .number = sqlite3_column_int(row, 4),
                .committed = sqlite3_column_int64(row, 5),
                .state = (enum segment_state)sqlite3_column_int(row, 6),
        };
        snprintf(segment_out->directory, sizeof segment_out->directory, "%s",
                 directory != NULL ? directory : "");
}

static bool one_segment(struct catalog *catalog, sqlite3_stmt *find, bool *found_out,
                        struct segment *segment_out, struct error *err)
{
        if (!statement_step(catalog, find, found_out, err))
                return false;
        if (*found_out) {
                segment_of_row(find, segment_out);
                sqlite3_reset(find);
        }
        return true;
}

bool catalog_segment(struct catalog *catalog, struct segment_id id, struct segment *segment_out,
                     struct error *err)
{
        sqlite3_stmt *find;
        bool found;
        if (!statement_get(catalog, SEGMENT_BY_ID, &find, err))
                return false;
        BIND(find, id.value);
        if (!one_segment(catalog, find, &found, segment_out, err))
                return false;
        return found ||
               error_set(err, ERROR_NOT_FOUND, "catalog: there is no hour file %d", (int)id.value);
}

bool catalog_segment_find(struct catalog *catalog, struct camera_id camera, struct utc hour,
                          int number, struct segment *segment_out, struct error *err)
{
        sqlite3_stmt *find;
        bool found;
        if (!statement_get(catalog, SEGMENT_BY_HOUR, &find, err))
                return false;
        BIND(find, camera.value, floor_div(hour.ms, HOUR_MS), number);
        if (!one_segment(catalog, find, &found, segment_out, err))
                return false;
        return found || error_set(err, ERROR_NOT_FOUND, "catalog: there is no such hour file");
}

bool catalog_segment_path(struct catalog *catalog, struct segment_id id,
                          char out[static SEGMENT_PATH_SIZE], struct error *err)
{
        struct segment *last = &catalog->last_segment;
        struct segment segment;
        if (last->id.value != id.value || id.value == 0) {
                if (!catalog_segment(catalog, id, &segment, err))
                        return false;
                *last = segment;
        }
        segment_path(last, out);
        return true;
}

/* One by one, so that `each` may use the catalog. */
static bool each_segment(struct catalog *catalog, enum statement which,
                         bool (*each)(void *context, const struct segment *), void *context,
                         struct error *err)
{
        struct segment segment = {0};
        for (;;) {
                sqlite3_stmt *next;
                bool found;
                if (!statement_get(catalog, which, &next, err))
                        return false;
                BIND(next, segment.id.value);
                if (!one_segment(catalog, next, &found, &segment, err))
                        return false;
                if (!found || !each(context, &segment))
                        return true;
        }
}

bool catalog_segments(struct catalog *catalog, bool open_only,
                      bool (*each)(void *context, const struct segment *), void *context,
                      struct error *err)
{
        return each_segment(catalog, open_only ? SEGMENT_NEXT_OPEN : SEGMENT_NEXT, each, context,
                            err);
}

bool catalog_segments_empty(struct catalog *catalog,
                            bool (*each)(void *context, const struct segment *), void *context,
                            struct error *err)
{
        return each_segment(catalog, SEGMENT_NEXT_EMPTY, each, context, err);
}

bool catalog_segment_frames(struct catalog *catalog, const struct segment *segment,
                            bool (*each)(void *context, const struct frame *), void *context,
                            struct error *err)
{
        struct frame_cursor *cursor = NULL;
        const struct frame *frame;
        struct stretch hour = {segment->camera, segment->hour, {segment->hour.ms + HOUR_MS - 1}};
        bool more = true;
        if (!catalog_frames_open(catalog, &hour, NULL, &cursor, err))
                return false;
        while (more && frame_cursor_next(cursor, &frame, err))
                more = frame->place.segment.value != segment->id.value || each(context, frame);
        frame_cursor_close(&cursor);
        return !more || err->kind == ERROR_NONE;
}
