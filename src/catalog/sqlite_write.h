#pragma once

#include "catalog/sqlite_handle.h"

/*
 * How a change of frames reaches runs, activity and sums. Frames are inserted and deleted row by
 * row; a batch collects what that means and writes it in few operations: new frames, which come
 * sorted, are gathered into runs, minutes and sums that are merged into what is stored; deleted
 * ones are noted and at the end the runs they were in are built again from the frames that remain.
 */

/* A minute of activity, or what has to be added to it. */
struct minute {
        bool open;
        struct camera_id camera;
        int64_t number; /* of minutes since 1970 */
        int64_t frames;
        int64_t motion_frames;
        int64_t bytes;
        uint64_t used;                     /* bit n: windows[n] is not zero; others are unset */
        int64_t windows[ACTIVITY_WINDOWS]; /* frames in which window n+1 fired */
};

struct sums {
        struct camera_id camera; /* 0: none */
        int64_t frames;
        int64_t motion_frames;
        int64_t bytes;
};

struct counted_frame {
        struct frame_key key;
        int64_t bytes;
        uint64_t kinds;
        uint64_t windows;
};

/* Whether a folder has skipped or vanished files, asked once while a batch stays in it. */
struct place_notes {
        struct folder_id folder;
        bool skipped;
        bool vanished;
};

/*
 * What was written last of a camera, so that its next frame needs no look at what is stored. Only
 * run_merge and the like and minute_write change these tables, and they keep it true; it is
 * forgotten when another connection has written, and when a transaction is undone.
 */
struct recent {
        struct camera_id run_of;    /* 0: nothing is known */
        struct span run;            /* as stored; no run of the camera begins later */
        struct minute minute;       /* as stored; open: known */
        struct camera_id folded_of; /* 0: what follows is not known */
        int64_t folded_until;       /* as stored (sqlite_blocks.h) */
        int64_t stale_hour;         /* one whose blocks are stale already */
};
enum { RECENT_SLOTS = 256 };

static inline struct recent *recent_of(struct catalog *catalog, struct camera_id camera)
{
        return &catalog->recent[(uint32_t)camera.value % RECENT_SLOTS];
}

/* What is known of stored runs ahead, so that new ones need no look: of `camera`, none begins after
 * `after` and before `until`, and none that begins earlier ends after `after`. */
struct quiet {
        struct camera_id camera; /* 0: nothing is known */
        int64_t after;
        int64_t until;
        int64_t hour; /* of the run looked for last; a second one in it makes it worth knowing more
                       */
};

struct batch {
        struct catalog *catalog;
        bool run_open;
        struct span run;
        struct quiet quiet;
        struct minute minute;
        struct sums sums;
        struct counted_frame *removed;
        size_t removed_count;
        size_t removed_room;
        struct place_notes notes;
        struct folder_id deleted_in; /* the folder asked last whether */
        bool any_deleted;            /* deleted files lie in it */
};

/* ---- sqlite_add.c ---- */

void batch_init(struct batch *batch, struct catalog *catalog);
/* The frame's row was deleted. */
bool batch_removed(struct batch *batch, const struct frame *frame, struct error *err) MUST_CHECK;
/* Writes what was collected if ok, and frees it. Returns whether all is well. */
bool batch_finish(struct batch *batch, bool ok, struct error *err) MUST_CHECK;

/* ---- sqlite_repeats.c ---- */

/* Looks whether a frame that met another's key is the same as that, or as one with a further tie;
 * repeats_to_end knows it then by its tie. */
bool repeat_find(struct catalog *catalog, struct frame *frame, bool *found_out,
                 struct error *err) MUST_CHECK;
/* Moves those found to the end, each with the key of the frame it repeats. */
bool repeats_to_end(struct frame *frames, size_t count, size_t repeats,
                    struct error *err) MUST_CHECK;

/* ---- sqlite_remove.c ---- */

bool frame_by_key(struct catalog *catalog, const struct frame_key *key, bool *found_out,
                  struct frame *frame_out, struct error *err) MUST_CHECK;
bool frame_by_place(struct catalog *catalog, const struct place *place, bool *found_out,
                    struct frame *frame_out, struct error *err) MUST_CHECK;
/* Deletes the row and tells the batch. */
bool frame_delete(struct batch *batch, const struct frame *frame, struct error *err) MUST_CHECK;
/* The file at the place is no longer a skipped or a vanished one. */
bool forget_notes(struct catalog *catalog, struct place_notes *notes, const struct place *place,
                  struct error *err) MUST_CHECK;

/* ---- sqlite_runs.c ---- */

/* The hour a time is in: of runs and frames that may be of one run. */
static inline int64_t hour_of(struct utc time)
{
        return floor_div(time.ms, RUN_HOUR_MS);
}

/* True when a frame at `time` belongs to the run, seen from its end. */
static inline bool run_reaches(const struct span *run, struct camera_id camera, struct utc time)
{
        return run->camera.value == camera.value && time.ms - run->end.ms <= RUN_GAP_MS &&
               hour_of(run->end) == hour_of(time);
}

/* A frame as a span of its own. */
struct span frame_span(const struct frame_key *key, const struct traits *traits, int64_t bytes);

/* The columns of a run: start, length, frames, ... (RUN_COLUMNS). */
bool run_of_row(struct catalog *catalog, struct camera_id camera, sqlite3_stmt *row,
                struct span *run_out, struct error *err) MUST_CHECK;

/* Takes new frames that form a run into those stored, joining what they connect. In one batch they
 * come in order of time. */
bool run_merge(struct catalog *catalog, struct quiet *quiet, const struct span *run,
               struct error *err) MUST_CHECK;

/* Builds the run that holds `time` again from its frames; *end_out is where it ended. */
bool run_rebuild(struct catalog *catalog, struct camera_id camera, struct utc time,
                 struct utc *end_out, struct error *err) MUST_CHECK;

/* ---- sqlite_minutes.c ---- */

#define MINUTE_MS INT64_C(60000)

void minute_start(struct minute *minute, struct camera_id camera, int64_t number);
void minute_add(struct minute *minute, const struct counted_frame *frame, int sign);

/* Adds one frame (`sign` 1) or takes one off (-1); writes the minute before when it is another. */
bool minute_count(struct catalog *catalog, struct minute *minute, const struct counted_frame *frame,
                  int sign, struct error *err) MUST_CHECK;
bool minute_write(struct catalog *catalog, struct minute *minute, struct error *err) MUST_CHECK;

/* Adds the counts of a stored minute's windows; ill-formed bytes are ERROR_CORRUPT. */
bool minute_windows_read(const void *blob, int size, uint64_t *used, int64_t *windows,
                         struct error *err) MUST_CHECK;
enum { MINUTE_WINDOWS_SIZE = ACTIVITY_WINDOWS * 11 };
int minute_windows_format(uint64_t used, const int64_t *windows,
                          uint8_t out[static MINUTE_WINDOWS_SIZE]);
