#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/account.h"
#include "model/camera.h"
#include "model/event.h"
#include "model/facts.h"
#include "model/frame.h"
#include "model/segment.h"

/*
 * The catalog: cameras, frames, runs, activity, folders; operations, not SQL. Implemented on SQLite
 * (WAL) in catalog/sqlite_*.c; a second implementation (PostgreSQL) will stand under this header.
 *
 * A handle belongs to one thread. One handle writes (CATALOG_WRITE; a second writing process waits
 * its turn), any number read, and a reader never waits for the writer. What a reader does between
 * catalog_read_begin and catalog_read_end sees one state.
 *
 * Sums, runs and activity are kept exact on every add and remove, in any order of arrival, in the
 * same transaction as the frames.
 */
struct catalog;

enum catalog_mode { CATALOG_READ, CATALOG_WRITE };

/* Opens `DIR/catalog.db`; CATALOG_WRITE creates folder and file, and migrates an older schema after
 * copying the file beside itself. A newer schema is refused (ERROR_CONFLICT), a missing file when
 * reading is ERROR_NOT_FOUND. */
bool catalog_open(const char *directory, enum catalog_mode mode, struct catalog **catalog_out,
                  struct error *err) MUST_CHECK;
void catalog_close(struct catalog **catalog);

/* ---- cameras ---- */

/* What a newly seen camera starts with. */
struct camera_defaults {
        const char *zone;          /* NULL: UTC */
        const char *path_template; /* NULL: none */
        bool is_new;               /* nobody asked for it: to be shown as new */
};

/* The camera of these facts: by MAC, else by name; created when new. Its name is
 * facts->camera_name (made valid), else the MAC as 00_50_1a_02_2c_be, else "camera"; a name taken
 * by a camera with another MAC is passed over for the next. A camera known by name only gets the
 * MAC that comes with its name, and one without a model the model. Cheap within a transaction for a
 * camera seen before. Writer only. */
bool catalog_camera_for(struct catalog *catalog, const struct facts *facts,
                        const struct camera_defaults *defaults, struct camera_id *camera_out,
                        bool *created_out, struct error *err) MUST_CHECK;

/* A camera that is known by its account gets MAC and model from its pictures, where it has none yet
 * and no other camera has that MAC. Cheap when that was done before. Writer only. */
bool catalog_camera_learn(struct catalog *catalog, struct camera_id camera,
                          const struct facts *facts, struct error *err) MUST_CHECK;

bool catalog_camera_by_name(struct catalog *catalog, const char *name, struct camera *camera_out,
                            struct error *err) MUST_CHECK;
bool catalog_camera_by_id(struct catalog *catalog, struct camera_id id, struct camera *camera_out,
                          struct error *err) MUST_CHECK;

/* The camera whose received frames lie in DATA/frames/`directory`. */
bool catalog_camera_by_directory(struct catalog *catalog, const char *directory,
                                 struct camera *camera_out, struct error *err) MUST_CHECK;

/* Calls `each` for each camera in order of names until it returns false. */
bool catalog_cameras(struct catalog *catalog, bool (*each)(void *context, const struct camera *),
                     void *context, struct error *err) MUST_CHECK;

/* Sets zone, template, dwell, disabled, is_new and name of camera->id. ERROR_CONFLICT for a name in
 * use. Pictures that carry an earlier name of it still find it. */
bool catalog_camera_update(struct catalog *catalog, const struct camera *camera,
                           struct error *err) MUST_CHECK;

/* Creates a camera that was asked for; name, zone, template, dwell and is_new are taken, id and
 * directory set. ERROR_CONFLICT for a name in use. */
bool catalog_camera_create(struct catalog *catalog, struct camera *camera,
                           struct error *err) MUST_CHECK;

/* Its motion windows in order of their numbers; none for a camera that is not there. */
bool catalog_camera_windows(struct catalog *catalog, struct camera_id camera,
                            struct camera_window windows_out[static CAMERA_WINDOWS],
                            size_t *count_out, struct error *err) MUST_CHECK;

/* Puts these (camera_windows_valid) in the place of all it had. */
bool catalog_camera_set_windows(struct catalog *catalog, struct camera_id camera,
                                const struct camera_window *windows, size_t count,
                                struct error *err) MUST_CHECK;

/* Forgets a camera that has neither frames nor hour files; ERROR_CONFLICT when it has. */
bool catalog_camera_remove(struct catalog *catalog, struct camera_id camera,
                           struct error *err) MUST_CHECK;

/* ---- accounts ---- */

/* Sets account->number. ERROR_CONFLICT for a user that is there already. */
bool catalog_account_add(struct catalog *catalog, struct account *account,
                         struct error *err) MUST_CHECK;

/* ERROR_NOT_FOUND when there is none; of a camera: the first. */
bool catalog_account_by_user(struct catalog *catalog, const char *user, struct account *account_out,
                             struct error *err) MUST_CHECK;
bool catalog_account_by_number(struct catalog *catalog, int64_t number, struct account *account_out,
                               struct error *err) MUST_CHECK;
bool catalog_account_of_camera(struct catalog *catalog, struct camera_id camera,
                               struct account *account_out, struct error *err) MUST_CHECK;

/* Calls `each` in order of numbers until it returns false; it must not use accounts meanwhile. */
bool catalog_accounts(struct catalog *catalog, bool (*each)(void *context, const struct account *),
                      void *context, struct error *err) MUST_CHECK;

/* Sets user, hash, download and disabled of account->number. */
bool catalog_account_update(struct catalog *catalog, const struct account *account,
                            struct error *err) MUST_CHECK;
bool catalog_account_remove(struct catalog *catalog, int64_t number, struct error *err) MUST_CHECK;

/* A number that changes whenever another connection has changed the catalog. Costs next to nothing.
 */
bool catalog_version(struct catalog *catalog, int64_t *version_out, struct error *err) MUST_CHECK;

/* ---- kinds ---- */

/* The bit mask of facts' kinds and words; unknown words get a bit. Writer only. */
bool catalog_kinds_of(struct catalog *catalog, const struct facts *facts, uint64_t *kinds_out,
                      struct error *err) MUST_CHECK;

/* The word of a bit, NULL if the bit is not in use; lives as long as the handle. */
const char *catalog_kind_word(struct catalog *catalog, int bit);

/* The bit of a word, -1 if no frame ever had it. */
int catalog_kind_bit(struct catalog *catalog, const char *word);

/* ---- folders ---- */

/* The folder of an absolute, normalised path (bytes, no trailing slash); created when new. */
bool catalog_folder(struct catalog *catalog, const char *path, struct folder_id *folder_out,
                    struct error *err) MUST_CHECK;
/* ERROR_NOT_FOUND when there is none; does not create. */
bool catalog_folder_find(struct catalog *catalog, const char *path, struct folder_id *folder_out,
                         struct error *err) MUST_CHECK;
/* Its path; the string lives as long as the handle. */
bool catalog_folder_path(struct catalog *catalog, struct folder_id folder, const char **path_out,
                         struct error *err) MUST_CHECK;
/* Calls `each` for the folder `path` and each below it, in order of paths, until it returns false.
 */
bool catalog_folders_below(struct catalog *catalog, const char *path,
                           bool (*each)(void *context, struct folder_id, const char *path,
                                        uint64_t fingerprint),
                           void *context, struct error *err) MUST_CHECK;

/* What the scanner remembers of a folder it has wholly taken in: a hash over its entries' names,
 * sizes and times; 0 when it has to be looked at again. */
bool catalog_folder_fingerprint(struct catalog *catalog, struct folder_id folder,
                                uint64_t *fingerprint_out, struct error *err) MUST_CHECK;
bool catalog_folder_set_fingerprint(struct catalog *catalog, struct folder_id folder,
                                    uint64_t fingerprint, struct error *err) MUST_CHECK;

/* ---- files of a folder, as known ---- */

enum known_as { KNOWN_FRAME, KNOWN_SKIPPED, KNOWN_DELETED /* it can come back */ };

struct known_file {
        enum known_as as;
        char name[PLACE_NAME_SIZE];
        int64_t bytes;
        struct utc modified;  /* received of the frame */
        struct frame_key key; /* of a frame, also a deleted one */
};

/* ERROR_NOT_FOUND when the file is not known. */
bool catalog_file_find(struct catalog *catalog, const struct place *place,
                       struct known_file *file_out, struct error *err) MUST_CHECK;
bool catalog_files_of(struct catalog *catalog, struct folder_id folder,
                      bool (*each)(void *context, const struct known_file *), void *context,
                      struct error *err) MUST_CHECK;

/* Remembers a file that is no frame, and why, so that it need not be opened again. If it was a
 * frame, that is removed. */
bool catalog_file_skip(struct catalog *catalog, const struct place *place, int64_t bytes,
                       struct utc modified, const char *reason, struct error *err) MUST_CHECK;

/* ---- hour files ---- */

/*
 * Numbers are given by whoever appends to hour files, of which there is one (app/data_lock.h): from
 * catalog_segment_next on, growing. A segment is added, in a transaction of catalog_begin_durable,
 * before anything in it is acknowledged, so that recovery knows all files without looking for them.
 */
bool catalog_segment_next(struct catalog *catalog, struct segment_id *next_out,
                          struct error *err) MUST_CHECK;
/* ERROR_CONFLICT when id or (camera, hour, number) is there already, or the camera is not (any
 * more). The directory is the camera's. */
bool catalog_segment_add(struct catalog *catalog, const struct segment *segment,
                         struct error *err) MUST_CHECK;
/* The frames of its records up to `committed` are in the catalog; never makes it less. */
bool catalog_segment_commit(struct catalog *catalog, struct segment_id segment, int64_t committed,
                            struct error *err) MUST_CHECK;
bool catalog_segment_set_state(struct catalog *catalog, struct segment_id segment,
                               enum segment_state state, struct error *err) MUST_CHECK;
/* Nothing more is written to it: SEGMENT_CLOSED or SEGMENT_BROKEN, or SEGMENT_EMPTY when all that
 * was in it has been purged while it was open. */
bool catalog_segment_end(struct catalog *catalog, struct segment_id segment,
                         enum segment_state state, struct error *err) MUST_CHECK;

/* ERROR_NOT_FOUND when there is none. */
bool catalog_segment(struct catalog *catalog, struct segment_id id, struct segment *segment_out,
                     struct error *err) MUST_CHECK;
bool catalog_segment_find(struct catalog *catalog, struct camera_id camera, struct utc hour,
                          int number, struct segment *segment_out, struct error *err) MUST_CHECK;
/* Its path below DATA/frames. Cheap when asked again for the one asked for last. */
bool catalog_segment_path(struct catalog *catalog, struct segment_id segment,
                          char out[static SEGMENT_PATH_SIZE], struct error *err) MUST_CHECK;

/* Calls `each` in order of numbers until it returns false, which may use the catalog meanwhile.
 * Those in SEGMENT_OPEN only, which costs what they are, when `open_only`. */
bool catalog_segments(struct catalog *catalog, bool open_only,
                      bool (*each)(void *context, const struct segment *), void *context,
                      struct error *err) MUST_CHECK;

/* Calls `each` for each frame whose place is in the segment, in order of keys, until it returns
 * false. */
bool catalog_segment_frames(struct catalog *catalog, const struct segment *segment,
                            bool (*each)(void *context, const struct frame *), void *context,
                            struct error *err) MUST_CHECK;

/* A camera as its received frames tell of it, when the catalog was lost: named as the facts say, or
 * with a number behind when that is taken, its frames in `directory`. Writer only. */
bool catalog_camera_restore(struct catalog *catalog, const char *directory,
                            const struct facts *facts, struct camera_id *camera_out,
                            struct error *err) MUST_CHECK;

/* Takes all but frames, hour files and what is counted from them out of the catalog in another
 * directory into this one, which is new: cameras with their settings and names, folders and their
 * files that are no frames, accounts. Numbers stay the same. Not in a transaction. */
bool catalog_copy_settings(struct catalog *catalog, const char *from_directory,
                           struct error *err) MUST_CHECK;

/* ---- writing frames ---- */

/* A transaction of the writer; nothing is visible or durable before catalog_commit. Changes outside
 * of one are a transaction each. After an error the only way on is catalog_rollback. */
bool catalog_begin(struct catalog *catalog, struct error *err) MUST_CHECK;
bool catalog_commit(struct catalog *catalog, struct error *err) MUST_CHECK;
/* As catalog_begin; when its commit returns, it and all before it survive a power cut. */
bool catalog_begin_durable(struct catalog *catalog, struct error *err) MUST_CHECK;
void catalog_rollback(struct catalog *catalog);

/*
 * Who says whether two frames in hour files are the same: asked only of two that agree in camera,
 * capture time, sequence and length, and that time is not the one of receiving, at which any two
 * pictures may come. Without it no frame is taken for another one.
 */
void catalog_compare_by(struct catalog *catalog,
                        bool (*same)(void *context, struct catalog *catalog,
                                     const struct frame *known, const struct frame *newcomer),
                        void *context);

/* Whether a frame of an hour file is the same as one of another place, be that deleted. */
bool catalog_is_repeat(struct catalog *catalog, const struct frame *frame, bool *repeat_out,
                       struct error *err) MUST_CHECK;

struct add_result {
        int64_t added;     /* new */
        int64_t replaced;  /* the place was known with other facts: the old frame is gone */
        int64_t unchanged; /* the place was known with the same facts */
        int64_t repeats;   /* the same frame is there already, in an hour file: not added */
};

/*
 * Adds frames; the array is sorted by key in place for the sake of speed. A frame whose place is
 * already known replaces what was known of that place; but of one that comes without a receive time
 * (imported without the file), what it does not know and the catalog does, stays. key.tie is chosen
 * here: an equal key of another place moves the newcomer to the next free tie, and the keys in the
 * array are the ones used in the end. Best given some thousand at a time. Places in hour files are
 * not looked for: the caller adds a record once, by catalog_segment_commit in the same transaction.
 *
 * A camera that did not hear its 226 sends the frame again. A frame of an hour file that is the
 * same as one of another place (catalog_compare_by) is not added: it is moved to the end of the
 * array, its key that of the one that is there. result_out->repeats says how many there are.
 */
bool catalog_add(struct catalog *catalog, struct frame *frames, size_t count,
                 struct add_result *result_out, struct error *err) MUST_CHECK;

/* Forgets frames; those not there are passed over and not counted. Sorts the keys. */
bool catalog_remove(struct catalog *catalog, struct frame_key *keys, size_t count,
                    int64_t *removed_out, struct error *err) MUST_CHECK;

/*
 * The file at a place has vanished: the frame, if one is known there, is taken out of frames, runs,
 * activity and sums and kept in the list of vanished ones with the time this was noticed. If the
 * file comes back, catalog_add takes it off that list.
 */
bool catalog_vanish(struct catalog *catalog, const struct place *places, size_t count,
                    struct utc noticed, int64_t *vanished_out, struct error *err) MUST_CHECK;

/* ---- reading ---- */

bool catalog_read_begin(struct catalog *catalog, struct error *err) MUST_CHECK;
void catalog_read_end(struct catalog *catalog);

/* ERROR_NOT_FOUND; ERROR_GONE when it has vanished, with the path and when in the text. */
bool catalog_frame(struct catalog *catalog, const struct frame_key *key, struct frame *frame_out,
                   struct error *err) MUST_CHECK;

/*
 * A cursor over the frames of a stretch, in order of keys, from `after` on
 * (exclusive; NULL: from the first). Returns them one by one; false with err->kind ERROR_NONE at
 * the end. The frame lives until the next call.
 */
struct frame_cursor;
bool catalog_frames_open(struct catalog *catalog, const struct stretch *stretch,
                         const struct frame_key *after, struct frame_cursor **cursor_out,
                         struct error *err) MUST_CHECK;
bool frame_cursor_next(struct frame_cursor *cursor, const struct frame **frame_out,
                       struct error *err) MUST_CHECK;
void frame_cursor_close(struct frame_cursor **cursor);

/* Exact number and bytes of the frames of a stretch; whole minutes are taken
 * from activity, so a month costs what its minutes cost. */
bool catalog_frames_count(struct catalog *catalog, const struct stretch *stretch,
                          int64_t *frames_out, int64_t *bytes_out, struct error *err) MUST_CHECK;

/*
 * A cursor over the runs of one camera in order of time: just those of the events that overlap
 * the stretch, each event whole, when a gap of more than `dwell_ms` (at least a second) ends one.
 * An event may overlap it with no frame in it: it lies over it with a gap. As of a frame's own time
 * (from = to) these are the runs of the event it belongs to.
 *
 * Where the caller chooses so, many runs come as one piece. It is asked for each piece that could
 * be, the longest first, and gets what that is made of when it does not want it whole. Of the
 * events in a piece with gaps the first may have begun before it, and the last may end after it;
 * all that begin in it are in the stretch.
 */
struct run_piece {
        struct span span;
        int64_t gaps; /* longer than the dwell, inside of it; 0: it is of one event */
        /* With gaps: of each event as far as it lies in it, at most. */
        int64_t longest_ms;
        int64_t most_frames;
};
struct piece_choice {
        bool (*whole)(void *context, const struct run_piece *piece); /* NULL: runs only */
        void *context;
};
struct run_cursor;
bool catalog_runs_open(struct catalog *catalog, const struct stretch *stretch, int64_t dwell_ms,
                       const struct piece_choice *choice, struct run_cursor **cursor_out,
                       struct error *err) MUST_CHECK;
bool run_cursor_next(struct run_cursor *cursor, struct run_piece *piece_out,
                     struct error *err) MUST_CHECK;
void run_cursor_close(struct run_cursor **cursor);

/* The newest of its frames by capture time that is not later than `to` (UTC_NONE: of all);
 * ERROR_NOT_FOUND when there is none. */
bool catalog_frame_before(struct catalog *catalog, struct camera_id camera, struct utc to,
                          struct frame *frame_out, struct error *err) MUST_CHECK;

/* Whether a stretch has any frame. Costs the same for any length. */
bool catalog_frames_any(struct catalog *catalog, const struct stretch *stretch, bool *any_out,
                        struct error *err) MUST_CHECK;

enum { ACTIVITY_WINDOWS = 64 };

struct activity {
        struct utc start; /* of the bucket */
        int64_t frames;
        int64_t motion_frames;
        int64_t bytes;
        int64_t windows[ACTIVITY_WINDOWS]; /* frames in which window n fired, at n-1 */
};

/* Buckets begin at `origin` + k * `length_ms`: an origin at local midnight gives local days but for
 * changes of the clock. */
struct buckets {
        struct utc origin; /* UTC_NONE: 1970 */
        int64_t length_ms;
};

/* Calls `each` for each bucket with frames, in order of time, until it returns false. Buckets of
 * whole minutes on a whole-minute origin are answered from minutes, others from frames. */
bool catalog_activity(struct catalog *catalog, const struct stretch *stretch,
                      const struct buckets *buckets,
                      bool (*each)(void *context, const struct activity *), void *context,
                      struct error *err) MUST_CHECK;

/* ---- backup ---- */

struct catalog_backup {
        const char *path; /* an empty file, to become a catalog.db */
        /* How many of the pages are there; false ends it (ERROR_CONFLICT). */
        bool (*progress)(void *context, int64_t done, int64_t total);
        void *context;
};

/* Copies one state of the catalog, while others read and write it, and looks whether the copy is
 * sound (ERROR_CORRUPT). Syncing it is left to the caller. */
bool catalog_backup(struct catalog *catalog, const struct catalog_backup *job,
                    struct error *err) MUST_CHECK;

/* Calls `each` for the minutes with frames of a stretch, in order of time, so many on end at a time
 * as are known together, until it returns false. */
bool catalog_minutes(struct catalog *catalog, const struct stretch *stretch,
                     bool (*each)(void *context, struct utc first, int64_t minutes), void *context,
                     struct error *err) MUST_CHECK;

/* ---- folding ---- */

/*
 * Long stretches are answered from hours, days and months that were added up before. That follows
 * some time after frames have come, in steps: what is not folded yet is answered as exactly, from
 * more rows. To be zeroed at first, and given again until it is done. Writer only; each step takes
 * some milliseconds.
 */
struct folding {
        bool done;
        /* The catalog's own: where it is. */
        bool stale_done;
        struct camera_id camera;
        int level;
        int64_t number;
};
bool catalog_fold(struct catalog *catalog, struct folding *folding, struct error *err) MUST_CHECK;

/* ---- check ---- */

/* Recomputes cameras' sums, runs, activity and what is folded of them from the frames and calls
 * `difference` with a sentence for each difference; *differences_out is their number. Holds one
 * read state throughout. */
bool catalog_check(struct catalog *catalog, void (*difference)(void *context, const char *sentence),
                   void *context, int64_t *differences_out, struct error *err) MUST_CHECK;
