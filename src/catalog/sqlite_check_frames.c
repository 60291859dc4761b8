#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "catalog/sqlite_check.h"

/* Frames, stored runs and stored minutes, walked side by side. */
struct walk {
        struct check *check;
        sqlite3_stmt *frames;
        sqlite3_stmt *runs;
        sqlite3_stmt *minutes;
        bool run_open; /* made of frames, not yet ended */
        struct span run;
        bool minute_open;
        struct minute minute;
        bool run_row; /* `runs` stands on a row not yet dealt with */
        bool minute_row;
        int32_t folder;         /* the last one seen to be there */
        struct segment segment; /* likewise */
};

/* ---- runs ---- */

static void run_name(const struct check *check, struct utc start, char out[static 160])
{
        char time[UTC_TEXT_SIZE];
        utc_format(start, time);
        snprintf(out, 160, "runs: %s at %s", check->name, time);
}

static void compare_runs(struct check *check, const struct span *run, const struct span *stored)
{
        char where[160];
        run_name(check, run->start, where);
        check_number(check, where, "end", run->end.ms, stored->end.ms);
        check_number(check, where, "frames", run->frames, stored->frames);
        check_number(check, where, "frames with motion", run->motion_frames, stored->motion_frames);
        check_number(check, where, "bytes", run->bytes, stored->bytes);
        check_number(check, where, "kinds", (int64_t)run->kinds, (int64_t)stored->kinds);
        check_number(check, where, "windows", (int64_t)run->windows, (int64_t)stored->windows);
        check_number(check, where, "cover rank", run->cover.rank, stored->cover.rank);
        check_number(check, where, "cover time", run->cover.key.time.ms, stored->cover.key.time.ms);
        check_number(check, where, "cover tie", run->cover.key.tie, stored->cover.key.tie);
}

/* The stored run the walk stands on; one whose traits are not there is told and has none. */
static bool stored_run(struct walk *walk, struct span *run_out, struct error *err)
{
        struct check *check = walk->check;
        struct error damage = {0};
        char where[160];
        if (run_of_row(check->catalog, check->camera, walk->runs, run_out, &damage))
                return true;
        if (damage.kind != ERROR_CORRUPT) {
                *err = damage;
                return false;
        }
        *run_out = (struct span){.start = {sqlite3_column_int64(walk->runs, 0)}};
        run_name(check, run_out->start, where);
        check_tell(check, "%s: has traits that are not there", where);
        return true;
}

/* Deals with the stored runs up to and at `run` (NULL: all that are left). */
static bool runs_up_to(struct walk *walk, const struct span *run, struct error *err)
{
        struct check *check = walk->check;
        char where[160];
        bool met = false;
        while (walk->run_row) {
                struct span stored;
                if (!stored_run(walk, &stored, err))
                        return false;
                if (run != NULL && stored.start.ms > run->start.ms)
                        break;
                if (run != NULL && stored.start.ms == run->start.ms) {
                        compare_runs(check, run, &stored);
                        met = true;
                } else {
                        run_name(check, stored.start, where);
                        check_tell(check, "%s: is there, but no run begins there", where);
                }
                if (!statement_step(check->catalog, walk->runs, &walk->run_row, err))
                        return false;
        }
        if (run != NULL && !met) {
                run_name(check, run->start, where);
                check_tell(check, "%s: is missing; it has %" PRId64 " frames", where, run->frames);
        }
        return true;
}

/* ---- minutes ---- */

static void minute_name(const struct check *check, int64_t number, char out[static 160])
{
        char time[UTC_TEXT_SIZE];
        utc_format((struct utc){number * MINUTE_MS}, time);
        snprintf(out, 160, "activity: %s at %s", check->name, time);
}

static void compare_minutes(struct check *check, const struct minute *minute, sqlite3_stmt *row)
{
        char where[160];
        uint8_t windows[MINUTE_WINDOWS_SIZE];
        struct error ignored;
        struct minute stored = {0};
        minute_name(check, minute->number, where);
        check_number(check, where, "frames", minute->frames, sqlite3_column_int64(row, 1));
        check_number(check, where, "frames with motion", minute->motion_frames,
                     sqlite3_column_int64(row, 2));
        check_number(check, where, "bytes", minute->bytes, sqlite3_column_int64(row, 3));
        int length = minute_windows_format(minute->used, minute->windows, windows);
        const void *blob = sqlite3_column_blob(row, 4);
        int size = sqlite3_column_bytes(row, 4);
        if (size == length && (length == 0 || memcmp(blob, windows, (size_t)length) == 0))
                return;
        if (!minute_windows_read(blob, size, &stored.used, stored.windows, &ignored)) {
                check_tell(check, "%s: the counts of windows cannot be read", where);
                return;
        }
        bool told = false;
        for (int i = 0; i < ACTIVITY_WINDOWS; i++) {
                int64_t expected = (minute->used >> i & 1) != 0 ? minute->windows[i] : 0;
                char what[48];
                snprintf(what, sizeof what, "frames in window %d", i + 1);
                check_number(check, where, what, expected, stored.windows[i]);
                told = told || expected != stored.windows[i];
        }
        if (!told)
                check_tell(check, "%s: the counts of windows are not in their one form", where);
}

static bool minutes_up_to(struct walk *walk, const struct minute *minute, struct error *err)
{
        struct check *check = walk->check;
        char where[160];
        bool met = false;
        while (walk->minute_row) {
                int64_t number = sqlite3_column_int64(walk->minutes, 0);
                if (minute != NULL && number > minute->number)
                        break;
                if (minute != NULL && number == minute->number) {
                        compare_minutes(check, minute, walk->minutes);
                        met = true;
                } else {
                        minute_name(check, number, where);
                        check_tell(check, "%s: is there, but has no frames", where);
                }
                if (!statement_step(check->catalog, walk->minutes, &walk->minute_row, err))
                        return false;
        }
        if (minute != NULL && !met) {
                minute_name(check, minute->number, where);
                check_tell(check, "%s: is missing; it has %" PRId64 " frames", where,
                           minute->frames);
        }
        return true;
}

/* ---- frames ---- */

static bool check_folder(struct walk *walk, struct folder_id folder, struct error *err)
{
        struct error missing = {0};
        uint64_t fingerprint;
        if (folder.value == 0)
                return true;
        walk->check->places++;
        if (folder.value == walk->folder)
                return true;
        walk->folder = folder.value;
        if (catalog_folder_fingerprint(walk->check->catalog, folder, &fingerprint, &missing))
                return true;
        if (missing.kind != ERROR_NOT_FOUND) {
                *err = missing;
                return false;
        }
        check_tell(walk->check, "folders: folder %d is missing, but frames are in it",
                   (int)folder.value);
        return true;
}

static void tell_frame(struct check *check, const struct frame_key *key, const char *what)
{
        char id[FRAME_ID_SIZE];
        frame_id_format(key, id);
        check_tell(check, "frames: %s: frame %s %s", check->name, id, what);
}

/* A received frame is in an hour file of its camera and hour, before its committed length. */
static bool check_place(struct walk *walk, const struct frame_key *key, int64_t bytes,
                        struct error *err)
{
        struct error missing = {0};
        struct segment_id id = {sqlite3_column_int(walk->frames, 5)};
        int64_t end = sqlite3_column_int64(walk->frames, 6) + bytes;
        if (id.value == 0)
                return true;
        if (walk->segment.id.value != id.value &&
            !catalog_segment(walk->check->catalog, id, &walk->segment, &missing)) {
                if (missing.kind != ERROR_NOT_FOUND) {
                        *err = missing;
                        return false;
                }
                tell_frame(walk->check, key, "is in an hour file that is not there");
                return true;
        }
        if (walk->segment.camera.value != key->camera.value ||
            walk->segment.hour.ms != segment_hour(key->time).ms)
                tell_frame(walk->check, key, "is in an hour file of another hour or camera");
        else if (end > walk->segment.committed)
                tell_frame(walk->check, key, "lies behind the end of its hour file");
        return true;
}

static bool take_minute(struct walk *walk, const struct counted_frame *frame, struct error *err)
{
        struct minute *minute = &walk->minute;
        int64_t number = floor_div(frame->key.time.ms, MINUTE_MS);
        if (walk->minute_open && minute->number != number && !minutes_up_to(walk, minute, err))
                return false;
        if (!walk->minute_open || minute->number != number)
                minute_start(minute, frame->key.camera, number);
        walk->minute_open = true;
        minute_add(minute, frame, 1);
        return true;
}

static bool take_run(struct walk *walk, const struct span *one, struct error *err)
{
        if (walk->run_open && run_reaches(&walk->run, one->camera, one->start)) {
                span_join(&walk->run, one);
                return true;
        }
        if (walk->run_open && !runs_up_to(walk, &walk->run, err))
                return false;
        walk->run = *one;
        walk->run_open = true;
        return true;
}

static bool take_frame(struct walk *walk, struct error *err)
{
        struct check *check = walk->check;
        const struct traits *traits;
        struct error damage = {0};
        struct traits none = {.trigger = TRIGGER_NONE};
        struct frame_key key = {check->camera,
                                {sqlite3_column_int64(walk->frames, 0)},
                                (uint32_t)sqlite3_column_int64(walk->frames, 1)};
        int64_t bytes = sqlite3_column_int64(walk->frames, 3);
        struct folder_id folder = {sqlite3_column_int(walk->frames, 4)};
        if (!traits_of(check->catalog, sqlite3_column_int64(walk->frames, 2), &traits, &damage)) {
                if (damage.kind != ERROR_CORRUPT) {
                        *err = damage;
                        return false;
                }
                tell_frame(check, &key, "has traits that are not there");
                traits = &none;
        }
        struct counted_frame counted = {key, bytes, traits->kinds, traits->windows};
        struct span one = frame_span(&key, traits, bytes);
        check->sums.frames++;
        check->sums.motion_frames += one.motion_frames;
        check->sums.bytes += bytes;
        return check_folder(walk, folder, err) && check_place(walk, &key, bytes, err) &&
               take_minute(walk, &counted, err) && take_run(walk, &one, err);
}

static bool walk_frames(struct walk *walk, struct error *err)
{
        struct catalog *catalog = walk->check->catalog;
        bool row = false;
        if (!statement_step(catalog, walk->runs, &walk->run_row, err) ||
            !statement_step(catalog, walk->minutes, &walk->minute_row, err))
                return false;
        for (;;) {
                if (!statement_step(catalog, walk->frames, &row, err))
                        return false;
                if (!row)
                        break;
                if (!take_frame(walk, err))
                        return false;
        }
        return (!walk->run_open || runs_up_to(walk, &walk->run, err)) &&
               runs_up_to(walk, NULL, err) &&
               (!walk->minute_open || minutes_up_to(walk, &walk->minute, err)) &&
               minutes_up_to(walk, NULL, err);
}

bool check_frames(struct check *check, struct error *err)
{
        struct catalog *catalog = check->catalog;
        struct walk walk = {.check = check};
        check->sums = (struct sums){.camera = check->camera};
        bool ok = statement_prepare(catalog,
                                    "SELECT time, tie, traits, bytes, folder, segment, "
                                    "place_offset FROM frames "
                                    "WHERE camera = ?1 ORDER BY time, tie",
                                    &walk.frames, err) &&
                  statement_borrow(catalog, CURSOR_RUNS, &walk.runs, err) &&
                  statement_borrow(catalog, CURSOR_MINUTES, &walk.minutes, err);
        if (ok) {
                BIND(walk.frames, check->camera.value);
                BIND(walk.runs, check->camera.value, INT64_MIN, INT64_MAX);
                BIND(walk.minutes, check->camera.value, INT64_MIN, INT64_MAX);
                ok = walk_frames(&walk, err);
        }
        sqlite3_finalize(walk.frames);
        statement_return(catalog, CURSOR_RUNS, walk.runs);
        statement_return(catalog, CURSOR_MINUTES, walk.minutes);
        return ok;
}
