#include <stdlib.h>

#include "catalog/sqlite_write.h"

struct run_cursor {
        struct catalog *catalog;
        sqlite3_stmt *statement;
        struct camera_id camera;
        int64_t to;
        int64_t dwell_ms;
        int64_t last_end; /* of the run given last */
        bool any;         /* one was given */
        bool ended;
};

/* The last run that begins at or before a moment. */
static bool run_before(struct catalog *catalog, struct camera_id camera, int64_t time,
                       bool *found_out, struct span *run_out, struct error *err)
{
        sqlite3_stmt *at;
        if (!statement_get(catalog, RUN_AT, &at, err))
                return false;
        BIND(at, camera.value, time);
        if (!statement_step(catalog, at, found_out, err))
                return false;
        if (*found_out) {
                run_out->start.ms = sqlite3_column_int64(at, 0);
                run_out->end.ms = run_out->start.ms + sqlite3_column_int64(at, 1);
                sqlite3_reset(at);
        }
        return true;
}

static bool next_start(struct catalog *catalog, struct camera_id camera, int64_t time,
                       bool *found_out, int64_t *start_out, struct error *err)
{
        sqlite3_stmt *after;
        if (!statement_get(catalog, RUN_AFTER, &after, err))
                return false;
        BIND(after, camera.value, time);
        if (!statement_step(catalog, after, found_out, err))
                return false;
        if (*found_out) {
                *start_out = sqlite3_column_int64(after, 0);
                sqlite3_reset(after);
        }
        return true;
}

/* From the run that begins at *start back to the first of its event. */
static bool walk_back(struct catalog *catalog, struct camera_id camera, int64_t dwell_ms,
                      int64_t *start, struct error *err)
{
        sqlite3_stmt *back;
        bool row;
        if (!statement_get(catalog, RUNS_BACK, &back, err))
                return false;
        BIND(back, camera.value, *start);
        for (;;) {
                if (!statement_step(catalog, back, &row, err))
                        return false;
                if (!row)
                        return true;
                int64_t earlier = sqlite3_column_int64(back, 0);
                int64_t end = earlier + sqlite3_column_int64(back, 1);
                if (*start - end > dwell_ms) {
                        sqlite3_reset(back);
                        return true;
                }
                *start = earlier;
        }
}

/* Where to begin: at the first run of the event that is under way at `from`, else at the next. An
 * event may lie over `from` with a gap. */
static bool first_start(struct catalog *catalog, struct camera_id camera, int64_t from,
                        int64_t dwell_ms, int64_t *start_out, struct error *err)
{
        bool before;
        bool after;
        struct span run;
        int64_t next = 0;
        *start_out = from;
        if (from == INT64_MIN)
                return true;
        if (!run_before(catalog, camera, from, &before, &run, err))
                return false;
        if (!before)
                return true;
        if (run.end.ms < from) {
                if (!next_start(catalog, camera, from, &after, &next, err))
                        return false;
                if (!after || next - run.end.ms > dwell_ms)
                        return true;
        }
        *start_out = run.start.ms;
        return walk_back(catalog, camera, dwell_ms, start_out, err);
}

bool catalog_runs_open(struct catalog *catalog, const struct stretch *stretch, int64_t dwell_ms,
                       struct run_cursor **cursor_out, struct error *err)
{
        int64_t start = 0;
        if (dwell_ms < DWELL_MIN_MS)
                dwell_ms = DWELL_MIN_MS;
        if (!first_start(catalog, stretch->camera, stretch->from.ms, dwell_ms, &start, err))
                return false;
        struct run_cursor *cursor = calloc(1, sizeof *cursor);
        if (cursor == NULL)
                return error_sys(err, "catalog");
        *cursor = (struct run_cursor){.catalog = catalog,
                                      .camera = stretch->camera,
                                      .to = range_end(stretch->to),
                                      .dwell_ms = dwell_ms};
        if (!statement_borrow(catalog, CURSOR_RUNS, &cursor->statement, err)) {
                free(cursor);
                return false;
        }
        BIND(cursor->statement, stretch->camera.value, start);
        *cursor_out = cursor;
        return true;
}

bool run_cursor_next(struct run_cursor *cursor, struct span *run_out, struct error *err)
{
        bool row = false;
        if (!cursor->ended && !statement_step(cursor->catalog, cursor->statement, &row, err))
                return false;
        if (row) {
                if (!run_of_row(cursor->catalog, cursor->camera, cursor->statement, run_out, err))
                        return false;
                bool joined =
                        cursor->any && run_out->start.ms - cursor->last_end <= cursor->dwell_ms;
                row = joined || run_out->start.ms <= cursor->to;
        }
        if (!row) {
                cursor->ended = true;
                err->kind = ERROR_NONE;
                return false;
        }
        cursor->any = true;
        cursor->last_end = run_out->end.ms;
        return true;
}

void run_cursor_close(struct run_cursor **cursor)
{
        if (*cursor == NULL)
                return;
        statement_return((*cursor)->catalog, CURSOR_RUNS, (*cursor)->statement);
        free(*cursor);
        *cursor = NULL;
}
