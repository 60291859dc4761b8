/* How blocks are made, some time after what they are made of. */
#include "catalog/sqlite_blocks.h"

enum { RUNS_A_STEP = 20000, HOURS_A_STEP = 150 };

/* ---- one block ---- */

static bool add_runs(struct catalog *catalog, struct camera_id camera, int64_t from,
                     struct block *block, int64_t *runs, struct error *err)
{
        sqlite3_stmt *rows = NULL;
        struct span run;
        bool row;
        if (!statement_borrow(catalog, CURSOR_RUNS, &rows, err))
                return false;
        BIND(rows, camera.value, from, from + RUN_HOUR_MS - 1);
        bool ok;
        for (;; ++*runs) {
                ok = statement_step(catalog, rows, &row, err);
                if (!ok || !row)
                        break;
                ok = run_of_row(catalog, camera, rows, &run, err);
                if (!ok)
                        break;
                block_add_run(block, &run);
        }
        statement_return(catalog, CURSOR_RUNS, rows);
        return ok;
}

static bool add_minutes(struct catalog *catalog, struct camera_id camera, int64_t from,
                        struct block *block, struct error *err)
{
        sqlite3_stmt *rows = NULL;
        bool row;
        if (!statement_borrow(catalog, CURSOR_MINUTES, &rows, err))
                return false;
        BIND(rows, camera.value, from / MINUTE_MS, from / MINUTE_MS + 59);
        bool ok;
        for (;; block->minutes++) {
                ok = statement_step(catalog, rows, &row, err);
                if (!ok || !row)
                        break;
                ok = minute_windows_read(sqlite3_column_blob(rows, 4),
                                         sqlite3_column_bytes(rows, 4), &block->windows_used,
                                         block->windows, err);
                if (!ok)
                        break;
        }
        statement_return(catalog, CURSOR_MINUTES, rows);
        return ok;
}

static bool build_hour(struct catalog *catalog, struct camera_id camera, int64_t hour,
                       struct block *block, int64_t *runs, struct error *err)
{
        block_start(block, 0, hour);
        return add_runs(catalog, camera, hour * RUN_HOUR_MS, block, runs, err) &&
               add_minutes(catalog, camera, hour * RUN_HOUR_MS, block, err);
}

static bool build_coarse(struct catalog *catalog, const struct block_name *name,
                         struct block *block, bool *whole_out, struct error *err)
{
        struct block_walk walk = {.catalog = catalog, .camera = name->camera};
        int64_t parts = block_hours[name->level] / block_hours[name->level - 1];
        int64_t at = name->number * parts;
        const struct block *finer;
        bool ok;
        block_start(block, name->level, name->number);
        *whole_out = true;
        for (;; at = finer->number + 1) {
                ok = block_walk_at(&walk, name->level - 1, at, &finer, err);
                if (!ok || finer == NULL || finer->number >= (name->number + 1) * parts)
                        break;
                if (finer->stale)
                        *whole_out = false;
                else
                        block_add_block(block, finer);
        }
        block_walk_close(&walk);
        return ok;
}

bool block_build(struct catalog *catalog, const struct block_name *name, struct block *block_out,
                 bool *whole_out, struct error *err)
{
        int64_t runs = 0;
        *whole_out = true;
        if (name->level == 0)
                return build_hour(catalog, name->camera, name->number, block_out, &runs, err);
        return build_coarse(catalog, name, block_out, whole_out, err);
}

static bool put_or_delete(struct catalog *catalog, struct camera_id camera,
                          const struct block *block, struct error *err)
{
        sqlite3_stmt *remove;
        if (!block_empty(block))
                return block_put(catalog, block, err);
        if (!statement_get(catalog, BLOCK_DELETE, &remove, err))
                return false;
        BIND(remove, camera.value, block->level, block->number);
        return statement_run(catalog, remove, err);
}

/* Makes a coarser one; one with stale parts is stale itself, until those have been made. */
static bool fold_coarse(struct catalog *catalog, struct camera_id camera, int level, int64_t number,
                        struct error *err)
{
        struct block_name name = {camera, level, number};
        struct block block;
        bool whole;
        if (!build_coarse(catalog, &name, &block, &whole, err))
                return false;
        return whole ? put_or_delete(catalog, camera, &block, err)
                     : block_put_stale(catalog, camera, level, number, err);
}

/* ---- what is due ---- */

/* How much of a step is left. */
struct room {
        int64_t runs;
        int64_t hours;
};

static bool room_left(const struct room *room)
{
        return room->runs > 0 && room->hours > 0;
}

static bool fold_hour(struct catalog *catalog, struct camera_id camera, int64_t hour,
                      struct room *room, struct error *err)
{
        struct block block;
        int64_t runs = 0;
        if (!build_hour(catalog, camera, hour, &block, &runs, err))
                return false;
        room->runs -= runs;
        room->hours--;
        return put_or_delete(catalog, camera, &block, err);
}

/* Stale blocks behind the one that was last; hours of a camera come before what they are in. */
static bool fold_stale(struct catalog *catalog, struct folding *folding, struct room *room,
                       struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        while (room_left(room)) {
                if (!statement_get(catalog, BLOCK_STALE, &find, err))
                        return false;
                BIND(find, folding->camera.value, folding->level, folding->number);
                if (!statement_step(catalog, find, &row, err))
                        return false;
                if (!row) {
                        folding->stale_done = true;
                        folding->camera.value = 0;
                        return true;
                }
                folding->camera.value = sqlite3_column_int(find, 0);
                folding->level = sqlite3_column_int(find, 1);
                folding->number = sqlite3_column_int64(find, 2);
                sqlite3_reset(find);
                recent_of(catalog, folding->camera)->folded_of.value = 0;
                bool ok = folding->level == 0
                                  ? fold_hour(catalog, folding->camera, folding->number, room, err)
                                  : fold_coarse(catalog, folding->camera, folding->level,
                                                folding->number, err);
                room->hours--;
                if (!ok)
                        return false;
        }
        return true;
}

/* The hour of the first run at or after one; INT64_MAX: there is none. */
static bool next_hour(struct catalog *catalog, struct camera_id camera, int64_t hour,
                      int64_t *hour_out, struct error *err)
{
        sqlite3_stmt *after;
        bool row;
        int64_t from = hour == INT64_MIN ? hour : hour * RUN_HOUR_MS - 1;
        if (!statement_get(catalog, RUN_AFTER, &after, err))
                return false;
        BIND(after, camera.value, from);
        if (!statement_step(catalog, after, &row, err))
                return false;
        *hour_out = INT64_MAX;
        if (row) {
                *hour_out = floor_div(sqlite3_column_int64(after, 0), RUN_HOUR_MS);
                sqlite3_reset(after);
        }
        return true;
}

/* All hours before `to` that have frames are folded, as those before `from` were: days that end in
 * between are whole now. Only the one around `from` has any frames. */
static bool fold_ended(struct catalog *catalog, struct camera_id camera, int64_t from, int64_t to,
                       struct error *err)
{
        for (int level = 1; level < BLOCK_LEVELS; level++) {
                int64_t number = floor_div(from - 1, block_hours[level]);
                int64_t end = (number + 1) * block_hours[level];
                if (end >= from && end <= to && !fold_coarse(catalog, camera, level, number, err))
                        return false;
        }
        return true;
}

static bool put_folded(struct catalog *catalog, struct camera_id camera, int64_t until,
                       struct error *err)
{
        sqlite3_stmt *put;
        recent_of(catalog, camera)->folded_of.value = 0;
        if (!statement_get(catalog, FOLDED_PUT, &put, err))
                return false;
        BIND(put, camera.value, until);
        return statement_run(catalog, put, err);
}

/* The hour of the camera's newest frame, which may be being written; INT64_MIN: it has none. */
static bool newest_hour(struct catalog *catalog, struct camera_id camera, int64_t *hour_out,
                        struct error *err)
{
        sqlite3_stmt *last;
        bool row;
        if (!statement_get(catalog, RUN_AT, &last, err))
                return false;
        BIND(last, camera.value, INT64_MAX);
        if (!statement_step(catalog, last, &row, err))
                return false;
        *hour_out = INT64_MIN;
        if (row) {
                *hour_out = floor_div(sqlite3_column_int64(last, 0), RUN_HOUR_MS);
                sqlite3_reset(last);
        }
        return true;
}

/* Folds hours of a camera up to that of its newest frame, as far as there is room. */
static bool fold_camera(struct catalog *catalog, struct camera_id camera, struct room *room,
                        bool *done_out, struct error *err)
{
        int64_t newest;
        int64_t until;
        int64_t hour;
        *done_out = true;
        if (!newest_hour(catalog, camera, &newest, err) ||
            !block_folded(catalog, camera, &until, err))
                return false;
        if (until >= newest)
                return true;
        int64_t begun = until;
        for (;;) {
                if (!next_hour(catalog, camera, until, &hour, err))
                        return false;
                if (hour > newest)
                        hour = newest;
                if (until != INT64_MIN && !fold_ended(catalog, camera, until, hour, err))
                        return false;
                until = hour;
                *done_out = hour == newest;
                if (*done_out || !room_left(room))
                        break;
                if (!fold_hour(catalog, camera, hour, room, err))
                        return false;
                until = hour + 1;
        }
        return until == begun || put_folded(catalog, camera, until, err);
}

static bool fold_new(struct catalog *catalog, struct folding *folding, struct room *room,
                     struct error *err)
{
        sqlite3_stmt *next;
        bool row;
        bool done;
        while (room_left(room)) {
                if (!statement_get(catalog, CAMERA_AFTER, &next, err))
                        return false;
                BIND(next, folding->camera.value);
                if (!statement_step(catalog, next, &row, err))
                        return false;
                folding->done = !row;
                if (!row)
                        return true;
                struct camera_id camera = {sqlite3_column_int(next, 0)};
                sqlite3_reset(next);
                if (!fold_camera(catalog, camera, room, &done, err))
                        return false;
                if (done)
                        folding->camera = camera;
        }
        return true;
}

bool catalog_fold(struct catalog *catalog, struct folding *folding, struct error *err)
{
        struct room room = {RUNS_A_STEP, HOURS_A_STEP};
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = (folding->stale_done || fold_stale(catalog, folding, &room, err)) &&
                  (!folding->stale_done || fold_new(catalog, folding, &room, err));
        return write_leave(catalog, own, ok, err);
}
