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

/* A cover as one number, as the schema says: an hour of milliseconds fits in 22 bits. */
enum { COVER_RANK_BITS = 2, COVER_TIE_SHIFT = 24 };
static_assert(RUN_HOUR_MS < 1 << (COVER_TIE_SHIFT - COVER_RANK_BITS), "a run's length fits");

static int64_t cover_pack(const struct span *run)
{
        int64_t after = run->cover.key.time.ms - run->start.ms;
        return (int64_t)run->cover.key.tie << COVER_TIE_SHIFT | after << COVER_RANK_BITS |
               (int64_t)run->cover.rank;
}

static struct cover cover_unpack(struct camera_id camera, int64_t start, int64_t packed)
{
        int64_t after = (packed & ((1 << COVER_TIE_SHIFT) - 1)) >> COVER_RANK_BITS;
        return (struct cover){(enum cover_rank)(packed & ((1 << COVER_RANK_BITS) - 1)),
                              {camera, {start + after}, (uint32_t)(packed >> COVER_TIE_SHIFT)}};
}

bool run_of_row(struct catalog *catalog, struct camera_id camera, sqlite3_stmt *row,
                struct span *run_out, struct error *err)
{
        const struct traits *traits;
        int64_t start = sqlite3_column_int64(row, 0);
        if (!traits_of(catalog, sqlite3_column_int64(row, 5), &traits, err))
                return false;
        *run_out = (struct span){
                .camera = camera,
                .start = {start},
                .end = {start + sqlite3_column_int64(row, 1)},
                .frames = sqlite3_column_int64(row, 2),
                .motion_frames = sqlite3_column_int64(row, 3),
                .bytes = sqlite3_column_int64(row, 4),
                .kinds = traits->kinds,
                .windows = traits->windows,
                .cover = cover_unpack(camera, start, sqlite3_column_int64(row, 6)),
        };
        return true;
}

/* Stored runs that begin in [from, to] are changed. */
static void forget_recent(struct catalog *catalog, struct camera_id camera, int64_t from,
                          int64_t to)
{
        struct recent *recent = recent_of(catalog, camera);
        if (recent->run_of.value == camera.value && from <= recent->run.start.ms &&
            recent->run.start.ms <= to)
                recent->run_of.value = 0;
}

static bool run_put(struct catalog *catalog, const struct span *run, struct error *err)
{
        sqlite3_stmt *put;
        int64_t id = 0;
        forget_recent(catalog, run->camera, INT64_MIN, run->start.ms); /* or it is not the last */
        if (!traits_id_of_run(catalog, run->kinds, run->windows, &id, err) ||
            !statement_get(catalog, RUN_PUT, &put, err))
                return false;
        BIND(put, run->camera.value, run->start.ms, run->end.ms - run->start.ms, run->frames,
             run->motion_frames, run->bytes, id, cover_pack(run));
        return statement_run(catalog, put, err);
}

static bool runs_delete(struct catalog *catalog, struct camera_id camera, int64_t from, int64_t to,
                        struct error *err)
{
        sqlite3_stmt *remove;
        forget_recent(catalog, camera, from, to);
        if (!statement_get(catalog, RUNS_DELETE, &remove, err))
                return false;
        BIND(remove, camera.value, from, to);
        return statement_run(catalog, remove, err);
}

static bool learn_quiet(struct catalog *catalog, struct quiet *quiet, const struct span *run,
                        struct error *err)
{
        sqlite3_stmt *after;
        bool row;
        if (!statement_get(catalog, RUN_AFTER, &after, err))
                return false;
        BIND(after, run->camera.value, run->end.ms);
        if (!statement_step(catalog, after, &row, err))
                return false;
        quiet->until = INT64_MAX;
        if (row) {
                quiet->until = sqlite3_column_int64(after, 0);
                sqlite3_reset(after);
        }
        quiet->camera = run->camera;
        quiet->after = run->end.ms;
        return true;
}

/* Joins `run` with the stored runs it touches, which are deleted. */
static bool take_touching(struct catalog *catalog, struct span *run, struct error *err)
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
                struct span stored;
                if (!run_of_row(catalog, run->camera, before, &stored, err))
                        return false;
                if (stored.end.ms < run->start.ms - RUN_GAP_MS)
                        break;
                span_join(&merged, &stored);
                touched = true;
        }
        if (row)
                sqlite3_reset(before);
        /* Runs are apart from each other, so all that begin in here are those just joined. */
        *run = merged;
        return !touched || runs_delete(catalog, merged.camera, merged.start.ms, last_start, err);
}

/* The frames of a camera come in order as a rule: they go into its last run or begin another. */
static bool goes_on(const struct recent *recent, const struct span *run)
{
        return recent->run_of.value == run->camera.value && run->start.ms >= recent->run.start.ms;
}

static bool put_last(struct catalog *catalog, const struct span *run, struct error *err)
{
        struct recent *recent = recent_of(catalog, run->camera);
        struct span last = *run;
        if (goes_on(recent, run) && hour_of(run->start) == hour_of(recent->run.start) &&
            run->start.ms <= recent->run.end.ms + RUN_GAP_MS) {
                last = recent->run;
                span_join(&last, run);
        }
        if (!run_put(catalog, &last, err))
                return false;
        recent->run = last;
        recent->run_of = run->camera;
        return true;
}

bool run_merge(struct catalog *catalog, struct quiet *quiet, const struct span *run,
               struct error *err)
{
        struct span merged = *run;
        int64_t hour = hour_of(run->start);
        if (goes_on(recent_of(catalog, run->camera), run))
                return put_last(catalog, run, err);
        if (quiet->camera.value == run->camera.value && run->start.ms > quiet->after + RUN_GAP_MS &&
            run->end.ms < quiet->until - RUN_GAP_MS) {
                quiet->after = run->end.ms;
                return run_put(catalog, run, err);
        }
        if (!take_touching(catalog, &merged, err) || !run_put(catalog, &merged, err))
                return false;
        struct recent *recent = recent_of(catalog, run->camera);
        quiet->camera.value = 0;
        if ((quiet->hour == hour || recent->run_of.value != run->camera.value) &&
            !learn_quiet(catalog, quiet, &merged, err))
                return false;
        if (quiet->camera.value != 0 && quiet->until == INT64_MAX) {
                recent->run = merged;
                recent->run_of = run->camera;
        }
        quiet->hour = hour;
        return true;
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
        int64_t end = start;
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
