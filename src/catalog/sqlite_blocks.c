#include "catalog/sqlite_blocks.h"

const int64_t block_hours[BLOCK_LEVELS] = {1, 24, 32 * 24};

/* The longest gap of each class, in seconds: what people choose as a dwell, each second up to ten.
 * The last class has no end. Never changed without folding all anew. */
static const int32_t class_ends_s[BLOCK_GAP_CLASSES - 1] = {
        1,    2,    3,    4,    5,    6,    7,     8,     9,     10,    11,    12,   13,
        14,   15,   20,   25,   30,   35,   40,    45,    50,    60,    75,    80,   90,
        100,  120,  150,  180,  200,  210,  240,   250,   270,   300,   360,   400,  420,
        450,  480,  500,  540,  600,  720,  750,   800,   900,   1000,  1200,  1500, 1800,
        2400, 2700, 3000, 3600, 5400, 7200, 10800, 14400, 21600, 43200, 86400,
};

static int class_of(int64_t gap_ms)
{
        int low = 0;
        int high = BLOCK_GAP_CLASSES - 1;
        while (low < high) {
                int middle = (low + high) / 2;
                if (gap_ms <= class_ends_s[middle] * INT64_C(1000))
                        high = middle;
                else
                        low = middle + 1;
        }
        return low;
}

int64_t block_gaps(const struct block *block, int64_t dwell_ms)
{
        if (block->longest_gap_ms <= dwell_ms)
                return 0;
        int at = class_of(dwell_ms); /* gaps of it may be longer or not */
        bool exact = at < BLOCK_GAP_CLASSES - 1 && class_ends_s[at] * INT64_C(1000) == dwell_ms;
        if (!exact && (block->gaps_used >> at & 1) != 0)
                return -1;
        int64_t gaps = 0;
        for (uint64_t bits = block->gaps_used & ~((UINT64_C(2) << at) - 1); bits != 0;
             bits &= bits - 1)
                gaps += block->gaps[__builtin_ctzll(bits)];
        return gaps;
}

/* ---- rows ---- */

bool block_folded(struct catalog *catalog, struct camera_id camera, int64_t *until_out,
                  struct error *err)
{
        sqlite3_stmt *get;
        bool row;
        if (!statement_get(catalog, FOLDED_GET, &get, err))
                return false;
        BIND(get, camera.value);
        if (!statement_step(catalog, get, &row, err))
                return false;
        *until_out = INT64_MIN;
        if (row) {
                *until_out = sqlite3_column_int64(get, 0);
                sqlite3_reset(get);
        }
        return true;
}

static int64_t begin_of(int level, int64_t number)
{
        return number * block_hours[level] * RUN_HOUR_MS;
}

bool block_of_row(struct catalog *catalog, struct camera_id camera, int level, sqlite3_stmt *row,
                  struct block *block_out, struct error *err)
{
        const struct traits *traits;
        block_start(block_out, level, sqlite3_column_int64(row, 0));
        block_out->stale = sqlite3_column_int64(row, 1) < 0;
        if (block_out->stale)
                return true;
        if (!traits_of(catalog, sqlite3_column_int64(row, 7), &traits, err))
                return false;
        int64_t start = begin_of(level, block_out->number) + sqlite3_column_int64(row, 5);
        int64_t cover = sqlite3_column_int64(row, 9);
        block_out->minutes = sqlite3_column_int64(row, 4);
        block_out->longest_gap_ms = sqlite3_column_int64(row, 10);
        block_out->peak_ms = sqlite3_column_int64(row, 13);
        block_out->peak_frames = sqlite3_column_int64(row, 14);
        block_out->span = (struct span){
                .camera = camera,
                .start = {start},
                .end = {start + sqlite3_column_int64(row, 6)},
                .frames = sqlite3_column_int64(row, 1),
                .motion_frames = sqlite3_column_int64(row, 2),
                .bytes = sqlite3_column_int64(row, 3),
                .kinds = traits->kinds,
                .windows = traits->windows,
                .cover = {(enum cover_rank)(cover & 3),
                          {camera, {start + sqlite3_column_int64(row, 8)}, (uint32_t)(cover >> 2)}},
        };
        return minute_windows_read(sqlite3_column_blob(row, 11), sqlite3_column_bytes(row, 11),
                                   &block_out->gaps_used, block_out->gaps, err) &&
               minute_windows_read(sqlite3_column_blob(row, 12), sqlite3_column_bytes(row, 12),
                                   &block_out->windows_used, block_out->windows, err);
}

bool block_before(struct catalog *catalog, const struct block_name *name, bool *found_out,
                  struct block *block_out, struct error *err)
{
        sqlite3_stmt *find;
        if (!statement_get(catalog, BLOCK_BEFORE, &find, err))
                return false;
        BIND(find, name->camera.value, name->level, name->number);
        if (!statement_step(catalog, find, found_out, err))
                return false;
        bool ok = !*found_out ||
                  block_of_row(catalog, name->camera, name->level, find, block_out, err);
        sqlite3_reset(find);
        return ok;
}

bool block_put(struct catalog *catalog, const struct block *block, struct error *err)
{
        uint8_t gaps[MINUTE_WINDOWS_SIZE];
        uint8_t windows[MINUTE_WINDOWS_SIZE];
        const struct span *span = &block->span;
        sqlite3_stmt *put;
        int64_t traits = 0;
        if (!traits_id_of_run(catalog, span->kinds, span->windows, &traits, err) ||
            !statement_get(catalog, BLOCK_PUT, &put, err))
                return false;
        BIND(put, span->camera.value, block->level, block->number, block->stale ? -1 : span->frames,
             span->motion_frames, span->bytes, block->minutes,
             span->start.ms - begin_of(block->level, block->number), span->end.ms - span->start.ms,
             traits, span->cover.key.time.ms - span->start.ms,
             (int64_t)span->cover.key.tie << 2 | (int64_t)span->cover.rank, block->longest_gap_ms);
        sqlite3_bind_blob(put, 14, gaps, minute_windows_format(block->gaps_used, block->gaps, gaps),
                          SQLITE_STATIC);
        sqlite3_bind_blob(put, 15, windows,
                          minute_windows_format(block->windows_used, block->windows, windows),
                          SQLITE_STATIC);
        sqlite3_bind_int64(put, 16, block->peak_ms);
        sqlite3_bind_int64(put, 17, block->peak_frames);
        bool ok = statement_run(catalog, put, err);
        sqlite3_bind_null(put, 14); /* these end here */
        sqlite3_bind_null(put, 15);
        return ok;
}

bool block_put_stale(struct catalog *catalog, struct camera_id camera, int level, int64_t number,
                     struct error *err)
{
        struct block block;
        struct utc begin = {begin_of(level, number)};
        block_start(&block, level, number);
        block.stale = true;
        block.span = (struct span){
                .camera = camera, .start = begin, .end = begin, .cover.key.time = begin};
        return block_put(catalog, &block, err);
}

bool block_touch(struct catalog *catalog, struct camera_id camera, int64_t hour, struct error *err)
{
        struct recent *recent = recent_of(catalog, camera);
        if (recent->folded_of.value != camera.value) {
                if (!block_folded(catalog, camera, &recent->folded_until, err))
                        return false;
                recent->folded_of = camera;
                recent->stale_hour = INT64_MIN;
        }
        if (hour >= recent->folded_until || hour == recent->stale_hour)
                return true;
        for (int level = 0; level < BLOCK_LEVELS; level++) {
                int64_t number = floor_div(hour, block_hours[level]);
                if ((number + 1) * block_hours[level] > recent->folded_until)
                        break; /* not folded yet, nor are coarser ones */
                if (!block_put_stale(catalog, camera, level, number, err))
                        return false;
        }
        recent->stale_hour = hour;
        return true;
}

/* ---- adding up ---- */

void block_start(struct block *block, int level, int64_t number)
{
        block->level = level;
        block->number = number;
        block->stale = false;
        block->minutes = 0;
        block->span.frames = 0;
        block->span.end.ms = 0; /* of no matter, but set */
        block->longest_gap_ms = 0;
        block->peak_ms = block->peak_frames = 0;
        block->tail_ms = block->tail_frames = 0;
        block->gaps_used = 0;
        block->windows_used = 0;
}

bool block_empty(const struct block *block)
{
        return block->span.frames == 0;
}

static void add_gaps(struct block *block, int class, int64_t count)
{
        if ((block->gaps_used >> class & 1) == 0)
                block->gaps[class] = 0;
        block->gaps_used |= UINT64_C(1) << class;
        block->gaps[class] += count;
}

/* What the last and the next part may have joined, when `gap_ms` is between them. */
static void add_peak(struct block *block, int64_t gap_ms, const struct block *part)
{
        bool joined = gap_ms <= BLOCK_PEAK_DWELL_MS && !block_empty(block);
        block->tail_ms = part->peak_ms + (joined ? block->tail_ms + gap_ms : 0);
        block->tail_frames = part->peak_frames + (joined ? block->tail_frames : 0);
        if (block->tail_ms > block->peak_ms)
                block->peak_ms = block->tail_ms;
        if (block->tail_frames > block->peak_frames)
                block->peak_frames = block->tail_frames;
        if (part->longest_gap_ms <= BLOCK_PEAK_DWELL_MS)
                return;
        block->tail_ms = part->peak_ms;
        block->tail_frames = part->peak_frames;
}

static void add_part(struct block *block, const struct block *part)
{
        int64_t gap = part->span.start.ms - block->span.end.ms;
        add_peak(block, gap, part);
        if (block_empty(block)) {
                block->span = part->span;
                return;
        }
        if (gap > block->longest_gap_ms)
                block->longest_gap_ms = gap;
        add_gaps(block, class_of(gap), 1);
        span_join(&block->span, &part->span);
}

void block_add_run(struct block *block, const struct span *run)
{
        struct block part;
        block_start(&part, 0, block->number);
        part.span = *run;
        part.peak_ms = run->end.ms - run->start.ms;
        part.peak_frames = run->frames;
        add_part(block, &part);
}

void block_add_block(struct block *block, const struct block *finer)
{
        add_part(block, finer);
        if (finer->longest_gap_ms > block->longest_gap_ms)
                block->longest_gap_ms = finer->longest_gap_ms;
        block->minutes += finer->minutes;
        for (uint64_t bits = finer->gaps_used; bits != 0; bits &= bits - 1)
                add_gaps(block, __builtin_ctzll(bits), finer->gaps[__builtin_ctzll(bits)]);
        for (uint64_t bits = finer->windows_used; bits != 0; bits &= bits - 1) {
                int window = __builtin_ctzll(bits);
                if ((block->windows_used >> window & 1) == 0)
                        block->windows[window] = 0;
                block->windows_used |= UINT64_C(1) << window;
                block->windows[window] += finer->windows[window];
        }
}
