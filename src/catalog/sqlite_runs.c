#include <assert.h>

#include "catalog/sqlite_write.h"

struct span frame_span(const struct frame_key *key, const struct traits *traits, int64_t bytes)
{
        bool motion = frame_has_motion(traits->kinds, traits->windows);
        enum cover_rank rank = motion ? COVER_MOTION : COVER_ANY;
        if (traits->trigger == 0)
                rank = COVER_TRIGGER;
        return (struct span){
                .camera = key->camera,
                .start = key->time,
                .end = key->time,
                .frames = 1,
                .motion_frames = motion,
                .bytes = bytes,
                .kinds = traits->kinds,
                .windows = traits->windows,
                .cover = {rank, *key},
        };
}

struct span run_of_row(struct camera_id camera, sqlite3_stmt *row, int first)
{
        int64_t start = sqlite3_column_int64(row, first);
        return (struct span){
                .camera = camera,
                .start = {start},
                .end = {start + sqlite3_column_int64(row, first + 1)},
                .frames = sqlite3_column_int64(row, first + 2),
                .motion_frames = sqlite3_column_int64(row, first + 3),
                .bytes = sqlite3_column_int64(row, first + 4),
                .kinds = (uint64_t)sqlite3_column_int64(row, first + 5),
                .windows = (uint64_t)sqlite3_column_int64(row, first + 6),
                .cover = {(enum cover_rank)sqlite3_column_int(row, first + 7),
                          {camera,
                           {start + sqlite3_column_int64(row, first + 8)},
                           (uint32_t)sqlite3_column_int64(row, first + 9)}},
        };
}

static bool run_put(struct catalog *catalog, const struct span *run, struct error *err)
{
        sqlite3_stmt *put;
        if (!statement_get(catalog, RUN_PUT, &put, err))
                return false;
        BIND(put, run->camera.value, run->start.ms, run->end.ms - run->start.ms, run->frames,
             run->motion_frames, run->bytes, (int64_t)run->kinds, (int64_t)run->windows,
             run->cover.rank, run->cover.key.time.ms - run->start.ms, run->cover.key.tie);
        return statement_run(catalog, put, err);
}

static bool runs_delete(struct catalog *catalog, struct camera_id camera, int64_t from, int64_t to,
                        struct error *err)
{
        sqlite3_stmt *remove;
        if (!statement_get(catalog, RUNS_DELETE, &remove, err))
                return false;
        BIND(remove, camera.value, from, to);
        return statement_run(catalog, remove, err);
}

bool run_merge(struct catalog *catalog, const struct span *run, struct error *err)
{
        sqlite3_stmt *before;
        struct span merged = *run;
        int64_t hour_start = hour_of(run->start) * RUN_HOUR_MS;
        int64_t last_start = run->end.ms + RUN_GAP_MS;
        if (last_start >= hour_start + RUN_HOUR_MS)
                last_start = hour_start + RUN_HOUR_MS - 1;
        if (!statement_get(catalog, RUNS_BEFORE, &before, err))
                return false;
        BIND(before, run->camera.value, hour_start, last_start);
        bool touched = false;
        bool row = false;
        for (;;) {
                if (!statement_step(catalog, before, &row, err))
                        return false;
                if (!row)
                        break;
                struct span stored = run_of_row(run->camera, before, 0);
                if (stored.end.ms < run->start.ms - RUN_GAP_MS)
                        break;
                span_join(&merged, &stored);
                touched = true;
        }
        if (row)
                sqlite3_reset(before);
        /* Runs are apart from each other, so all that begin in here are those just joined. */
        if (touched && !runs_delete(catalog, run->camera, merged.start.ms, last_start, err))
                return false;
        return run_put(catalog, &merged, err);
}

/* Frames of [from, to] into runs, which are written. */
static bool build(struct catalog *catalog, struct camera_id camera, int64_t from, int64_t to,
                  struct error *err)
{
        sqlite3_stmt *frames;
        struct span run;
        bool open = false;
        bool row;
        if (!statement_get(catalog, FRAMES_IN_RUN, &frames, err))
                return false;
        BIND(frames, camera.value, from, to);
        for (;;) {
                if (!statement_step(catalog, frames, &row, err))
                        return false;
                if (!row)
                        break;
                const struct traits *traits;
                struct frame_key key = {camera,
                                        {sqlite3_column_int64(frames, 0)},
                                        (uint32_t)sqlite3_column_int64(frames, 1)};
                int64_t bytes = sqlite3_column_int64(frames, 3);
                bool ok = traits_of(catalog, sqlite3_column_int64(frames, 2), &traits, err);
                if (ok && open && !run_reaches(&run, camera, key.time)) {
                        ok = run_put(catalog, &run, err);
                        open = false;
                }
                if (!ok) {
                        sqlite3_reset(frames);
                        return false;
                }
                struct span one = frame_span(&key, traits, bytes);
                if (open)
                        span_join(&run, &one);
                else
                        run = one;
                open = true;
        }
        return !open || run_put(catalog, &run, err);
}

bool run_rebuild(struct catalog *catalog, struct camera_id camera, struct utc time,
                 struct utc *end_out, struct error *err)
{
        sqlite3_stmt *at;
        bool row;
        int64_t start = time.ms;
        int64_t end = time.ms;
        if (!statement_get(catalog, RUN_AT, &at, err))
                return false;
        BIND(at, camera.value, time.ms);
        if (!statement_step(catalog, at, &row, err))
                return false;
        if (row) {
                int64_t run_start = sqlite3_column_int64(at, 0);
                int64_t run_end = run_start + sqlite3_column_int64(at, 1);
                sqlite3_reset(at);
                if (run_end >= time.ms) {
                        start = run_start;
                        end = run_end;
                }
        }
        end_out->ms = end;
        return runs_delete(catalog, camera, start, start, err) &&
               build(catalog, camera, start, end, err);
}
