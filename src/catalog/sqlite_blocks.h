#pragma once

#include "catalog/sqlite_write.h"

/*
 * Blocks: what a camera has in an hour, a day or 32 days of UTC, added up, so that long stretches
 * are answered from few rows. They follow runs and activity some time later (catalog_fold), so that
 * what arrives costs nothing more: blocks tell of all hours before `folded.until` of their camera,
 * and those after it are told by runs and activity. A block that changes after it was folded is
 * marked as stale, with those that it is in, until it is folded again; its finer blocks or its runs
 * tell meanwhile. What is missing below `until` has no frames.
 */
enum { BLOCK_LEVELS = 3, BLOCK_GAP_CLASSES = 64, BLOCK_PEAK_DWELL_MS = 10000 };

struct block_name {
        struct camera_id camera;
        int level;
        int64_t number; /* of such since 1970 */
};

struct block {
        int level;
        int64_t number;
        bool stale; /* nothing else holds */
        int64_t minutes;
        struct span span;
        int64_t longest_gap_ms;
        /* No event in it is longer or has more frames, up to a dwell of BLOCK_PEAK_DWELL_MS. */
        int64_t peak_ms;
        int64_t peak_frames;
        int64_t tail_ms; /* likewise of what ends with it; while it is added up */
        int64_t tail_frames;
        uint64_t gaps_used; /* bit n: gaps[n] is set */
        int64_t gaps[BLOCK_GAP_CLASSES];
        uint64_t windows_used;
        int64_t windows[ACTIVITY_WINDOWS];
};

/* Hours of a block of each level; each is a multiple of the one before. */
extern const int64_t block_hours[BLOCK_LEVELS];

/* Up to which hour blocks tell, exclusive; INT64_MIN: none does. */
bool block_folded(struct catalog *catalog, struct camera_id camera, int64_t *until_out,
                  struct error *err) MUST_CHECK;

/* Of columns BLOCK_COLUMNS. */
bool block_of_row(struct catalog *catalog, struct camera_id camera, int level, sqlite3_stmt *row,
                  struct block *block_out, struct error *err) MUST_CHECK;

/* The last block of a level before one; stale ones as well. */
bool block_before(struct catalog *catalog, const struct block_name *name, bool *found_out,
                  struct block *block_out, struct error *err) MUST_CHECK;

/* How many gaps inside are longer than the dwell; -1 when the block cannot say. */
int64_t block_gaps(const struct block *block, int64_t dwell_ms);

/* An empty one takes what follows in order of time. */
void block_start(struct block *block, int level, int64_t number);
bool block_empty(const struct block *block);
void block_add_run(struct block *block, const struct span *run);
void block_add_block(struct block *block, const struct block *finer);

bool block_put(struct catalog *catalog, const struct block *block, struct error *err) MUST_CHECK;
bool block_put_stale(struct catalog *catalog, struct camera_id camera, int level, int64_t number,
                     struct error *err) MUST_CHECK;

/* Frames of an hour have changed: what tells of it is stale. Writer only. Cheap when it is not
 * folded, or was said before. */
bool block_touch(struct catalog *catalog, struct camera_id camera, int64_t hour,
                 struct error *err) MUST_CHECK;

/* Adds up a block from what it is made of, as it stands. *whole_out: false when some of that is
 * stale. Writes nothing. */
bool block_build(struct catalog *catalog, const struct block_name *name, struct block *block_out,
                 bool *whole_out, struct error *err) MUST_CHECK;

/*
 * Walks along the blocks of a camera, each level in order of time, with few seeks. To be zeroed but
 * for catalog and camera; block_walk_close at the end.
 */
struct block_walk {
        struct catalog *catalog;
        struct camera_id camera;
        struct {
                sqlite3_stmt *rows;
                bool positioned; /* `now` is the first at or after what was asked for */
                bool ended;      /* there is none */
                struct block now;
        } levels[BLOCK_LEVELS];
};

/* The first block of a level at or after a number, NULL: there is none; numbers asked for grow. */
bool block_walk_at(struct block_walk *walk, int level, int64_t number,
                   const struct block **block_out, struct error *err) MUST_CHECK;

/*
 * What is to be looked at next, from an hour on, when blocks tell up to `until`: the coarsest whole
 * block that begins there, from `level` down. Skips hours without frames, which moves *hour. With
 * *block_out NULL nothing below `until` is left at all. A stale one is given only at level 0.
 */
bool block_walk_next(struct block_walk *walk, int level, int64_t until, int64_t *hour,
                     const struct block **block_out, struct error *err) MUST_CHECK;
void block_walk_close(struct block_walk *walk);
