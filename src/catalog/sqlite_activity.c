#include <assert.h>
#include <string.h>

#include "catalog/sqlite_write.h"

/* Times beyond what a catalog can hold, so that sums of times never overflow. */
#define TIME_LIMIT_MS INT64_C(1000000000000000)

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

static bool add_sum(struct catalog *catalog, enum statement which, struct camera_id camera,
                    const int64_t range[static 2], int64_t sums[static 2], struct error *err)
{
        sqlite3_stmt *sum;
        bool row;
        if (range[0] > range[1])
                return true;
        if (!statement_get(catalog, which, &sum, err))
                return false;
        BIND(sum, camera.value, range[0], range[1]);
        if (!statement_step(catalog, sum, &row, err))
                return false;
        assert(row);
        sums[0] += sqlite3_column_int64(sum, 0);
        sums[1] += sqlite3_column_int64(sum, 1);
        sqlite3_reset(sum);
        return true;
}

bool catalog_frames_count(struct catalog *catalog, const struct stretch *stretch,
                          int64_t *frames_out, int64_t *bytes_out, struct error *err)
{
        struct parts parts = cut(stretch, true);
        int64_t head[] = {parts.head_from, parts.head_to};
        int64_t minutes[] = {parts.minute_from, parts.minute_to};
        int64_t tail[] = {parts.tail_from, parts.tail_to};
        int64_t sums[] = {0, 0};
        if (!add_sum(catalog, FRAMES_SUM, stretch->camera, head, sums, err) ||
            !add_sum(catalog, MINUTES_SUM, stretch->camera, minutes, sums, err) ||
            !add_sum(catalog, FRAMES_SUM, stretch->camera, tail, sums, err))
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
            !take_rows(&filling, CURSOR_MINUTES, parts.minute_from, parts.minute_to, err) ||
            !take_rows(&filling, CURSOR_FRAMES, parts.tail_from, parts.tail_to, err))
                return false;
        bucket_close(&filling);
        return true;
}
