#include <assert.h>
#include <string.h>

#include "catalog/sqlite_blocks.h"

/* Times beyond what a catalog can hold, so that sums of times never overflow. */
#define TIME_LIMIT_MS INT64_C(1000000000000000)

#define MINUTES_HOUR INT64_C(60)

/* A range cut into what lies before its whole minutes, those, and what lies after. Empty parts have
 * from > to. Everything is in `head` when there is no whole minute. */
struct parts {
        int64_t head_from, head_to;
        int64_t minute_from, minute_to;
        int64_t tail_from, tail_to;
};

static struct parts cut(const struct stretch *stretch, bool minutes)
{
        int64_t from = stretch->from.ms < -TIME_LIMIT_MS ? -TIME_LIMIT_MS : stretch->from.ms;
        int64_t to = range_end(stretch->to);
        if (to > TIME_LIMIT_MS)
                to = TIME_LIMIT_MS;
        int64_t first = floor_div(from - 1, MINUTE_MS) + 1;
        int64_t last = floor_div(to + 1, MINUTE_MS) - 1;
        if (!minutes || first > last)
                return (struct parts){from, to, 1, 0, 1, 0};
        return (struct parts){from, first * MINUTE_MS - 1, first, last, (last + 1) * MINUTE_MS, to};
}

struct numbers {
        int64_t from, to; /* inclusive */
};

static bool add_sum(struct catalog *catalog, enum statement which, struct camera_id camera,
                    struct numbers of, int64_t sums[static 2], struct error *err)
{
        sqlite3_stmt *sum;
        bool row;
        if (of.from > of.to)
                return true;
        if (!statement_get(catalog, which, &sum, err))
                return false;
        BIND(sum, camera.value, of.from, of.to);
        if (!statement_step(catalog, sum, &row, err))
                return false;
        assert(row);
        sums[0] += sqlite3_column_int64(sum, 0);
        sums[1] += sqlite3_column_int64(sum, 1);
        sqlite3_reset(sum);
        return true;
}

/* Of whole minutes, [from, to): their hours from blocks as far as these tell. */
static bool add_minutes(struct catalog *catalog, struct camera_id camera, int64_t from, int64_t to,
                        int64_t sums[static 2], struct error *err)
{
        struct block_walk walk = {.catalog = catalog, .camera = camera};
        int64_t folded;
        if (!block_folded(catalog, camera, &folded, err))
                return false;
        int64_t hour = -floor_div(-from, MINUTES_HOUR);
        int64_t last = floor_div(to, MINUTES_HOUR);
        if (folded > last)
                folded = last;
        if (hour >= folded)
                return add_sum(catalog, MINUTES_SUM, camera, (struct numbers){from, to - 1}, sums,
                               err);
        bool ok = add_sum(catalog, MINUTES_SUM, camera,
                          (struct numbers){from, hour * MINUTES_HOUR - 1}, sums, err);
        while (ok) {
                const struct block *block;
                ok = block_walk_next(&walk, BLOCK_LEVELS - 1, folded, &hour, &block, err);
                if (!ok || block == NULL)
                        break;
                hour += block_hours[block->level];
                if (block->stale) {
                        ok = add_sum(catalog, MINUTES_SUM, camera,
                                     (struct numbers){(hour - 1) * MINUTES_HOUR,
                                                      hour * MINUTES_HOUR - 1},
                                     sums, err);
                } else {
                        sums[0] += block->span.frames;
                        sums[1] += block->span.bytes;
                }
        }
        block_walk_close(&walk);
        return ok && add_sum(catalog, MINUTES_SUM, camera,
                             (struct numbers){folded * MINUTES_HOUR, to - 1}, sums, err);
}

bool catalog_frames_count(struct catalog *catalog, const struct stretch *stretch,
                          int64_t *frames_out, int64_t *bytes_out, struct error *err)
{
        struct camera_id camera = stretch->camera;
        struct parts parts = cut(stretch, true);
        int64_t sums[] = {0, 0};
        if (!add_sum(catalog, FRAMES_SUM, camera, (struct numbers){parts.head_from, parts.head_to},
                     sums, err) ||
            (parts.minute_from <= parts.minute_to &&
             !add_minutes(catalog, camera, parts.minute_from, parts.minute_to + 1, sums, err)) ||
            !add_sum(catalog, FRAMES_SUM, camera, (struct numbers){parts.tail_from, parts.tail_to},
                     sums, err))
                return false;
        *frames_out = sums[0];
        *bytes_out = sums[1];
        return true;
}

/* ---- buckets ---- */

struct filling {
        struct catalog *catalog;
        struct camera_id camera;
        int64_t origin;
        int64_t bucket_ms;
        bool (*each)(void *context, const struct activity *);
        void *context;
        bool open;
        bool stopped;
        struct activity now;
};

static void bucket_close(struct filling *filling)
{
        if (filling->open && !filling->stopped)
                filling->stopped = !filling->each(filling->context, &filling->now);
        filling->open = false;
}

/* Makes the bucket of a time the current one; what comes is in order of time. */
static void bucket_at(struct filling *filling, int64_t time)
{
        int64_t number = floor_div(time - filling->origin, filling->bucket_ms);
        int64_t start = filling->origin + number * filling->bucket_ms;
        if (filling->open && filling->now.start.ms == start)
                return;
        bucket_close(filling);
        memset(&filling->now, 0, sizeof filling->now);
        filling->now.start.ms = start;
        filling->open = true;
}

static bool take_frame(struct filling *filling, sqlite3_stmt *row, struct error *err)
{
        const struct traits *traits;
        if (!traits_of(filling->catalog, sqlite3_column_int64(row, 5), &traits, err))
                return false;
        bucket_at(filling, sqlite3_column_int64(row, 1));
        filling->now.frames++;
        filling->now.motion_frames += frame_has_motion(traits->kinds, traits->windows);
        filling->now.bytes += sqlite3_column_int64(row, 6);
        for (uint64_t bits = traits->windows; bits != 0; bits &= bits - 1)
                filling->now.windows[__builtin_ctzll(bits)]++;
        return true;
}

static bool take_minute(struct filling *filling, sqlite3_stmt *row, struct error *err)
{
        uint64_t used = UINT64_MAX; /* all are set, add to them */
        bucket_at(filling, sqlite3_column_int64(row, 0) * MINUTE_MS);
        filling->now.frames += sqlite3_column_int64(row, 1);
        filling->now.motion_frames += sqlite3_column_int64(row, 2);
        filling->now.bytes += sqlite3_column_int64(row, 3);
        return minute_windows_read(sqlite3_column_blob(row, 4), sqlite3_column_bytes(row, 4), &used,
                                   filling->now.windows, err);
}

static bool take_rows(struct filling *filling, enum statement which, int64_t from, int64_t to,
                      struct error *err)
{
        sqlite3_stmt *rows = NULL;
        bool row = true;
        if (from > to || filling->stopped)
                return true;
        if (!statement_borrow(filling->catalog, which, &rows, err))
                return false;
        if (which == CURSOR_FRAMES)
                BIND(rows, filling->camera.value, from, -1, to);
        else
                BIND(rows, filling->camera.value, from, to);
        bool ok = true;
        while (ok && !filling->stopped) {
                ok = statement_step(filling->catalog, rows, &row, err);
                if (!ok || !row)
                        break;
                ok = which == CURSOR_FRAMES ? take_frame(filling, rows, err)
                                            : take_minute(filling, rows, err);
        }
        statement_return(filling->catalog, which, rows);
        return ok;
}

static void take_block(struct filling *filling, const struct block *block)
{
        bucket_at(filling, block->number * block_hours[block->level] * RUN_HOUR_MS);
        filling->now.frames += block->span.frames;
        filling->now.motion_frames += block->span.motion_frames;
        filling->now.bytes += block->span.bytes;
        for (uint64_t bits = block->windows_used; bits != 0; bits &= bits - 1)
                filling->now.windows[__builtin_ctzll(bits)] +=
                        block->windows[__builtin_ctzll(bits)];
}

/* The coarsest blocks that lie in one bucket each; -1: not even hours do. */
static int level_of(const struct filling *filling)
{
        int level = -1;
        while (level + 1 < BLOCK_LEVELS) {
                int64_t length = block_hours[level + 1] * RUN_HOUR_MS;
                if (filling->bucket_ms % length != 0 || filling->origin % length != 0)
                        break;
                level++;
        }
        return level;
}

/* Whole minutes, [from, to): their hours from blocks as far as these tell. */
static bool take_minutes(struct filling *filling, int64_t from, int64_t to, struct error *err)
{
        struct block_walk walk = {.catalog = filling->catalog, .camera = filling->camera};
        int level = level_of(filling);
        int64_t folded;
        if (!block_folded(filling->catalog, filling->camera, &folded, err))
                return false;
        int64_t hour = -floor_div(-from, MINUTES_HOUR);
        int64_t last = floor_div(to, MINUTES_HOUR);
        if (folded > last)
                folded = last;
        if (level < 0 || hour >= folded)
                return take_rows(filling, CURSOR_MINUTES, from, to - 1, err);
        bool ok = take_rows(filling, CURSOR_MINUTES, from, hour * MINUTES_HOUR - 1, err);
        while (ok && !filling->stopped) {
                const struct block *block;
                ok = block_walk_next(&walk, level, folded, &hour, &block, err);
                if (!ok || block == NULL)
                        break;
                hour += block_hours[block->level];
                if (block->stale)
                        ok = take_rows(filling, CURSOR_MINUTES, (hour - 1) * MINUTES_HOUR,
                                       hour * MINUTES_HOUR - 1, err);
                else
                        take_block(filling, block);
        }
        block_walk_close(&walk);
        return ok && take_rows(filling, CURSOR_MINUTES, folded * MINUTES_HOUR, to - 1, err);
}

bool catalog_activity(struct catalog *catalog, const struct stretch *stretch,
                      const struct buckets *buckets,
                      bool (*each)(void *context, const struct activity *), void *context,
                      struct error *err)
{
        if (buckets->length_ms <= 0 || buckets->length_ms > TIME_LIMIT_MS)
                return error_set(err, ERROR_INPUT, "a bucket must be longer than nothing");
        struct filling filling = {
                .catalog = catalog,
                .camera = stretch->camera,
                .origin = utc_known(buckets->origin) ? buckets->origin.ms : 0,
                .bucket_ms = buckets->length_ms,
                .each = each,
                .context = context,
        };
        bool minutes = filling.bucket_ms % MINUTE_MS == 0 && filling.origin % MINUTE_MS == 0;
        struct parts parts = cut(stretch, minutes);
        if (!take_rows(&filling, CURSOR_FRAMES, parts.head_from, parts.head_to, err) ||
            (parts.minute_from <= parts.minute_to &&
             !take_minutes(&filling, parts.minute_from, parts.minute_to + 1, err)) ||
            !take_rows(&filling, CURSOR_FRAMES, parts.tail_from, parts.tail_to, err))
                return false;
        bucket_close(&filling);
        return true;
}

/* ---- minutes ---- */

struct minutes {
        bool (*each)(void *context, struct utc first, int64_t minutes);
        void *context;
};

static bool give_minute(void *context, const struct activity *minute)
{
        const struct minutes *minutes = context;
        return minutes->each(minutes->context, minute->start, 1);
}

/* All minutes of the block at once when each has frames; false: it has to be looked at. */
static bool give_full(struct filling *filling, const struct minutes *minutes,
                      const struct block *block)
{
        int64_t hours = block_hours[block->level];
        if (block->stale || block->minutes != hours * MINUTES_HOUR)
                return false;
        struct utc first = {block->number * hours * RUN_HOUR_MS};
        bucket_close(filling);
        filling->stopped =
                filling->stopped || !minutes->each(minutes->context, first, hours * MINUTES_HOUR);
        return true;
}

/* From an hour on to the end of what blocks tell, which is set. */
static bool give_hours(struct filling *filling, const struct minutes *minutes, int64_t hour,
                       int64_t until, struct error *err)
{
        struct block_walk walk = {.catalog = filling->catalog, .camera = filling->camera};
        int level = BLOCK_LEVELS - 1;
        bool ok = true;
        while (ok && !filling->stopped) {
                const struct block *block;
                ok = block_walk_next(&walk, level, until, &hour, &block, err);
                if (!ok || block == NULL)
                        break;
                level = BLOCK_LEVELS - 1;
                if (give_full(filling, minutes, block)) {
                        hour += block_hours[block->level];
                } else if (block->level > 0) {
                        level = block->level - 1;
                } else {
                        ok = take_rows(filling, CURSOR_MINUTES, hour * MINUTES_HOUR,
                                       (hour + 1) * MINUTES_HOUR - 1, err);
                        hour++;
                }
        }
        block_walk_close(&walk);
        return ok;
}

bool catalog_minutes(struct catalog *catalog, const struct stretch *stretch,
                     bool (*each)(void *context, struct utc first, int64_t minutes), void *context,
                     struct error *err)
{
        struct minutes minutes = {each, context};
        struct filling filling = {
                .catalog = catalog,
                .camera = stretch->camera,
                .bucket_ms = MINUTE_MS,
                .each = give_minute,
                .context = &minutes,
        };
        struct parts parts = cut(stretch, true);
        int64_t hour = -floor_div(-parts.minute_from, MINUTES_HOUR);
        int64_t end = floor_div(parts.minute_to + 1, MINUTES_HOUR);
        int64_t until;
        if (!block_folded(catalog, stretch->camera, &until, err))
                return false;
        if (until > end)
                until = end;
        bool folded = parts.minute_from <= parts.minute_to && hour < until;
        int64_t head_to = folded ? hour * MINUTES_HOUR - 1 : parts.minute_to;
        if (!take_rows(&filling, CURSOR_FRAMES, parts.head_from, parts.head_to, err) ||
            !take_rows(&filling, CURSOR_MINUTES, parts.minute_from, head_to, err) ||
            (folded &&
             (!give_hours(&filling, &minutes, hour, until, err) ||
              !take_rows(&filling, CURSOR_MINUTES, until * MINUTES_HOUR, parts.minute_to, err))) ||
            !take_rows(&filling, CURSOR_FRAMES, parts.tail_from, parts.tail_to, err))
                return false;
        bucket_close(&filling);
        return true;
}
