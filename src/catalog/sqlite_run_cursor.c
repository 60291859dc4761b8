#include <stdlib.h>

#include "catalog/sqlite_blocks.h"

struct run_cursor {
        struct catalog *catalog;
        struct camera_id camera;
        int64_t to;
        int64_t dwell_ms;
        int64_t last_end; /* of the piece given last */
        bool any;         /* one was given */
        bool ended;

        struct piece_choice choice;
        struct block_walk walk;
        int64_t folded; /* blocks tell of hours before */
        int64_t hour;   /* what begins before it was given, or is in `runs` */
        sqlite3_stmt *runs;
        bool in_runs;
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

/* ---- back to the first run of an event ---- */

struct way_back {
        struct catalog *catalog;
        struct camera_id camera;
        int64_t dwell_ms;
        int64_t folded;
        int64_t start; /* of the earliest run found of the event */
        bool done;     /* nothing before it is of the event */
};

/* Over the runs of one hour: that of the run before. */
static bool back_over_runs(struct way_back *way, struct error *err)
{
        sqlite3_stmt *back;
        int64_t hour = 0;
        bool row;
        if (!statement_get(way->catalog, RUNS_BACK, &back, err))
                return false;
        BIND(back, way->camera.value, way->start);
        for (bool first = true;; first = false) {
                if (!statement_step(way->catalog, back, &row, err))
                        return false;
                if (!row) {
                        way->done = true;
                        return true;
                }
                int64_t earlier = sqlite3_column_int64(back, 0);
                way->done = way->start - earlier - sqlite3_column_int64(back, 1) > way->dwell_ms;
                if (way->done || (!first && floor_div(earlier, RUN_HOUR_MS) != hour))
                        break;
                hour = floor_div(earlier, RUN_HOUR_MS);
                way->start = earlier;
        }
        sqlite3_reset(back);
        return true;
}

/* Over one whole block that ends where the hour of the start begins, of which that is the first
 * run. */
static bool back_over_block(struct way_back *way, bool *moved_out, struct error *err)
{
        struct block block;
        bool found;
        int64_t hour = floor_div(way->start, RUN_HOUR_MS);
        *moved_out = false;
        if (hour > way->folded)
                return true;
        for (int level = BLOCK_LEVELS - 1; level >= 0; level--) {
                int64_t number = floor_div(hour, block_hours[level]);
                if (number * block_hours[level] != hour)
                        continue;
                struct block_name name = {way->camera, level, number};
                if (!block_before(way->catalog, &name, &found, &block, err))
                        return false;
                way->done =
                        !found || (!block.stale && way->start - block.span.end.ms > way->dwell_ms);
                if (way->done)
                        return true;
                if (block.stale || block.longest_gap_ms > way->dwell_ms)
                        continue;
                way->start = block.span.start.ms;
                *moved_out = true;
                return true;
        }
        return true;
}

static bool walk_back(struct way_back *way, struct error *err)
{
        while (!way->done) {
                bool moved = true;
                if (!back_over_runs(way, err))
                        return false;
                while (!way->done && moved) {
                        if (!back_over_block(way, &moved, err))
                                return false;
                }
        }
        return true;
}

/* Where to begin: at the first run of the event that is under way at `from`, else at the next. An
 * event may lie over `from` with a gap. */
static bool first_start(struct way_back *way, int64_t from, struct error *err)
{
        bool before;
        bool after;
        struct span run;
        int64_t next = 0;
        way->start = from;
        if (from == INT64_MIN)
                return true;
        if (!run_before(way->catalog, way->camera, from, &before, &run, err))
                return false;
        if (!before)
                return true;
        if (run.end.ms < from) {
                if (!next_start(way->catalog, way->camera, from, &after, &next, err))
                        return false;
                if (!after || next - run.end.ms > way->dwell_ms)
                        return true;
        }
        way->start = run.start.ms;
        return walk_back(way, err);
}

/* ---- the cursor ---- */

static bool read_runs(struct run_cursor *cursor, int64_t from, int64_t to, struct error *err)
{
        if (cursor->runs == NULL &&
            !statement_borrow(cursor->catalog, CURSOR_RUNS, &cursor->runs, err))
                return false;
        sqlite3_reset(cursor->runs);
        BIND(cursor->runs, cursor->camera.value, from, to);
        cursor->in_runs = true;
        return true;
}

/* Blocks from the first whole hour on, where there are any and the caller wants some. */
static bool begin_at(struct run_cursor *cursor, int64_t start, struct error *err)
{
        int64_t coarsest = block_hours[BLOCK_LEVELS - 1];
        int64_t first = start;
        if (cursor->choice.whole == NULL || cursor->folded == INT64_MIN)
                return read_runs(cursor, start, INT64_MAX, err);
        if (first < INT64_MIN / 2) /* before everything, and at the begin of a block */
                first = INT64_MIN / 2 / RUN_HOUR_MS / coarsest * coarsest * RUN_HOUR_MS;
        cursor->hour = floor_div(first, RUN_HOUR_MS);
        if (cursor->hour * RUN_HOUR_MS == first)
                return true;
        cursor->hour++;
        return read_runs(cursor, first, cursor->hour * RUN_HOUR_MS - 1, err);
}

bool catalog_runs_open(struct catalog *catalog, const struct stretch *stretch, int64_t dwell_ms,
                       const struct piece_choice *choice, struct run_cursor **cursor_out,
                       struct error *err)
{
        struct way_back way = {.catalog = catalog, .camera = stretch->camera};
        way.dwell_ms = dwell_ms < DWELL_MIN_MS ? DWELL_MIN_MS : dwell_ms;
        if (!block_folded(catalog, stretch->camera, &way.folded, err) ||
            !first_start(&way, stretch->from.ms, err))
                return false;
        struct run_cursor *cursor = calloc(1, sizeof *cursor);
        if (cursor == NULL)
                return error_sys(err, "catalog");
        cursor->catalog = cursor->walk.catalog = catalog;
        cursor->camera = cursor->walk.camera = stretch->camera;
        cursor->to = range_end(stretch->to);
        cursor->dwell_ms = way.dwell_ms;
        cursor->folded = way.folded;
        cursor->hour = INT64_MAX;
        if (choice != NULL)
                cursor->choice = *choice;
        if (!begin_at(cursor, way.start, err)) {
                run_cursor_close(&cursor);
                return false;
        }
        *cursor_out = cursor;
        return true;
}

/* Whether a block can be given as a piece: all that begins in it is in the range. */
static bool fits(struct run_cursor *cursor, const struct block *block, struct run_piece *piece)
{
        if (block->stale)
                return false;
        bool peaks = cursor->dwell_ms <= BLOCK_PEAK_DWELL_MS;
        *piece = (struct run_piece){
                .span = block->span,
                .gaps = block_gaps(block, cursor->dwell_ms),
                .longest_ms = peaks ? block->peak_ms : INT64_MAX,
                .most_frames = peaks ? block->peak_frames : INT64_MAX,
        };
        if (piece->gaps < 0 || (piece->gaps > 0 && block->span.end.ms > cursor->to))
                return false;
        return cursor->choice.whole(cursor->choice.context, piece);
}

/* The next piece from `hour` on: a block, or the runs of an hour are open then. */
static bool next_block(struct run_cursor *cursor, bool *given_out, struct run_piece *piece_out,
                       struct error *err)
{
        *given_out = false;
        for (int level = BLOCK_LEVELS - 1;; level--) {
                const struct block *block;
                if (!block_walk_next(&cursor->walk, level, cursor->folded, &cursor->hour, &block,
                                     err))
                        return false;
                if (block == NULL) {
                        cursor->hour = INT64_MAX;
                        return read_runs(cursor, cursor->folded * RUN_HOUR_MS, INT64_MAX, err);
                }
                level = block->level;
                int64_t hour = cursor->hour;
                *given_out = fits(cursor, block, piece_out);
                if (*given_out || level == 0)
                        cursor->hour += block_hours[level];
                if (*given_out)
                        return true;
                if (level == 0)
                        return read_runs(cursor, hour * RUN_HOUR_MS, (hour + 1) * RUN_HOUR_MS - 1,
                                         err);
        }
}

static bool next_piece(struct run_cursor *cursor, bool *given_out, struct run_piece *piece_out,
                       struct error *err)
{
        *given_out = false;
        for (;;) {
                if (cursor->in_runs) {
                        if (!statement_step(cursor->catalog, cursor->runs, given_out, err))
                                return false;
                        piece_out->gaps = 0;
                        if (*given_out)
                                return run_of_row(cursor->catalog, cursor->camera, cursor->runs,
                                                  &piece_out->span, err);
                        cursor->in_runs = false;
                }
                if (cursor->hour == INT64_MAX)
                        return true;
                if (cursor->hour >= cursor->folded) {
                        int64_t from = cursor->hour * RUN_HOUR_MS;
                        cursor->hour = INT64_MAX;
                        if (!read_runs(cursor, from, INT64_MAX, err))
                                return false;
                        continue;
                }
                if (!next_block(cursor, given_out, piece_out, err) || *given_out)
                        return *given_out;
        }
}

bool run_cursor_next(struct run_cursor *cursor, struct run_piece *piece_out, struct error *err)
{
        bool given = false;
        if (!cursor->ended && !next_piece(cursor, &given, piece_out, err))
                return false;
        if (given) {
                const struct span *span = &piece_out->span;
                bool joined = cursor->any && span->start.ms - cursor->last_end <= cursor->dwell_ms;
                given = joined || span->start.ms <= cursor->to;
        }
        if (!given) {
                cursor->ended = true;
                err->kind = ERROR_NONE;
                return false;
        }
        cursor->any = true;
        cursor->last_end = piece_out->span.end.ms;
        return true;
}

void run_cursor_close(struct run_cursor **cursor)
{
        if (*cursor == NULL)
                return;
        block_walk_close(&(*cursor)->walk);
        statement_return((*cursor)->catalog, CURSOR_RUNS, (*cursor)->runs);
        free(*cursor);
        *cursor = NULL;
}
