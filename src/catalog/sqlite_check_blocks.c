/* Blocks against what they are made of. */
#include <inttypes.h>
#include <stdio.h>

#include "catalog/sqlite_blocks.h"
#include "catalog/sqlite_check.h"

static bool same_counts(uint64_t used_a, const int64_t *a, uint64_t used_b, const int64_t *b)
{
        for (int i = 0; i < 64; i++) {
                int64_t in_a = (used_a >> i & 1) != 0 ? a[i] : 0;
                int64_t in_b = (used_b >> i & 1) != 0 ? b[i] : 0;
                if (in_a != in_b)
                        return false;
        }
        return true;
}

static void compare(struct check *check, const struct block *expected, const struct block *found)
{
        const struct span *a = &expected->span;
        const struct span *b = &found->span;
        char where[160];
        snprintf(where, sizeof where, "%s: %" PRId64 " hours from hour %" PRId64 " on", check->name,
                 block_hours[found->level], found->number * block_hours[found->level]);
        check_number(check, where, "frames", a->frames, b->frames);
        if (block_empty(expected))
                return;
        check_number(check, where, "frames with motion", a->motion_frames, b->motion_frames);
        check_number(check, where, "bytes", a->bytes, b->bytes);
        check_number(check, where, "minutes with frames", expected->minutes, found->minutes);
        check_number(check, where, "first frame", a->start.ms, b->start.ms);
        check_number(check, where, "last frame", a->end.ms, b->end.ms);
        check_number(check, where, "longest gap", expected->longest_gap_ms, found->longest_gap_ms);
        check_number(check, where, "longest event", expected->peak_ms, found->peak_ms);
        check_number(check, where, "most frames of an event", expected->peak_frames,
                     found->peak_frames);
        if (a->kinds != b->kinds || a->windows != b->windows)
                check_tell(check, "%s: its kinds or windows are not those of its runs", where);
        if (a->cover.rank != b->cover.rank || frame_key_compare(&a->cover.key, &b->cover.key) != 0)
                check_tell(check, "%s: another frame stands for it than should", where);
        if (!same_counts(expected->gaps_used, expected->gaps, found->gaps_used, found->gaps))
                check_tell(check, "%s: its gaps are not counted right", where);
        if (!same_counts(expected->windows_used, expected->windows, found->windows_used,
                         found->windows))
                check_tell(check, "%s: its windows are not counted right", where);
}

/* A row, and that there is one for what it is in. */
static bool check_block(struct check *check, const struct block *found, int64_t until,
                        struct error *err)
{
        struct block_name name = {check->camera, found->level, found->number};
        struct block expected;
        struct block coarser;
        bool whole;
        bool there;
        int64_t end = (found->number + 1) * block_hours[found->level];
        if (end > until)
                check_tell(check, "%s: hour %" PRId64 " is folded, which goes to %" PRId64,
                           check->name, end - 1, until);
        if (!found->stale) {
                if (!block_build(check->catalog, &name, &expected, &whole, err))
                        return false;
                if (whole)
                        compare(check, &expected, found);
                else
                        check_tell(check, "%s: hour %" PRId64 " has changed, a longer block not",
                                   check->name, end - 1);
        }
        if (found->level + 1 == BLOCK_LEVELS)
                return true;
        int64_t number = floor_div(end - 1, block_hours[found->level + 1]);
        if ((number + 1) * block_hours[found->level + 1] > until)
                return true;
        name.level++;
        name.number = number + 1;
        if (!block_before(check->catalog, &name, &there, &coarser, err))
                return false;
        if (!there || coarser.number != number)
                check_tell(check, "%s: hour %" PRId64 " is in no longer block", check->name,
                           end - 1);
        return true;
}

/* Whether there is a block for each hour that has runs. */
static bool check_hours(struct check *check, int64_t until, struct error *err)
{
        struct block_walk walk = {.catalog = check->catalog, .camera = check->camera};
        sqlite3_stmt *after;
        bool row = true;
        bool ok = true;
        int64_t hour = INT64_MIN;
        for (;;) {
                const struct block *block;
                ok = statement_get(check->catalog, RUN_AFTER, &after, err);
                if (!ok)
                        break;
                BIND(after, check->camera.value,
                     hour == INT64_MIN ? hour : (hour + 1) * RUN_HOUR_MS - 1);
                ok = statement_step(check->catalog, after, &row, err);
                if (!ok || !row)
                        break;
                hour = floor_div(sqlite3_column_int64(after, 0), RUN_HOUR_MS);
                sqlite3_reset(after);
                if (hour >= until)
                        break;
                ok = block_walk_at(&walk, 0, hour, &block, err);
                if (!ok)
                        break;
                if (block == NULL || block->number != hour)
                        check_tell(check, "%s: hour %" PRId64 " has frames, but is in no block",
                                   check->name, hour);
        }
        block_walk_close(&walk);
        return ok;
}

bool check_blocks(struct check *check, struct error *err)
{
        int64_t until;
        bool ok = block_folded(check->catalog, check->camera, &until, err) &&
                  check_hours(check, until, err);
        for (int level = 0; ok && level < BLOCK_LEVELS; level++) {
                struct block_walk walk = {.catalog = check->catalog, .camera = check->camera};
                const struct block *block;
                for (int64_t at = INT64_MIN;; at = block->number + 1) {
                        ok = block_walk_at(&walk, level, at, &block, err);
                        if (!ok || block == NULL)
                                break;
                        ok = check_block(check, block, until, err);
                        if (!ok)
                                break;
                }
                block_walk_close(&walk);
        }
        return ok;
}
