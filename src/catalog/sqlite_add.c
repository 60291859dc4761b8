#include <stdlib.h>
#include <string.h>

#include "catalog/sqlite_deleted.h"

/* ---- what a batch collects ---- */

void batch_init(struct batch *batch, struct catalog *catalog)
{
        batch->catalog = catalog;
        batch->run_open = false;
        batch->quiet = (struct quiet){.hour = INT64_MIN};
        batch->minute.open = false;
        batch->sums = (struct sums){0};
        batch->removed = NULL;
        batch->removed_count = 0;
        batch->removed_room = 0;
        batch->notes = (struct place_notes){0};
        batch->deleted_in.value = 0;
        batch->any_deleted = false;
}

static bool sums_write(struct catalog *catalog, struct sums *sums, struct error *err)
{
        sqlite3_stmt *update;
        if (sums->camera.value == 0)
                return true;
        if (!statement_get(catalog, CAMERA_ADD_SUMS, &update, err))
                return false;
        BIND(update, sums->camera.value, sums->frames, sums->motion_frames, sums->bytes);
        sums->camera.value = 0;
        return statement_run(catalog, update, err);
}

static bool sums_count(struct catalog *catalog, struct sums *sums,
                       const struct counted_frame *frame, int sign, struct error *err)
{
        if (sums->camera.value != frame->key.camera.value) {
                if (!sums_write(catalog, sums, err))
                        return false;
                *sums = (struct sums){.camera = frame->key.camera};
        }
        sums->frames += sign;
        sums->motion_frames += frame_has_motion(frame->kinds, frame->windows) ? sign : 0;
        sums->bytes += sign * frame->bytes;
        return true;
}

static bool run_close(struct batch *batch, struct error *err)
{
        if (!batch->run_open)
                return true;
        batch->run_open = false;
        return run_merge(batch->catalog, &batch->quiet, &batch->run, err);
}

/* A frame's row was inserted; frames come in order of keys. */
static bool batch_added(struct batch *batch, const struct frame *frame, const struct traits *traits,
                        struct error *err)
{
        struct span one = frame_span(&frame->key, traits, frame->bytes);
        struct counted_frame counted = {frame->key, frame->bytes, frame->kinds, frame->windows};
        if (batch->run_open && run_reaches(&batch->run, frame->key.camera, frame->key.time)) {
                span_join(&batch->run, &one);
        } else {
                if (!run_close(batch, err))
                        return false;
                batch->run = one;
                batch->run_open = true;
        }
        return minute_count(batch->catalog, &batch->minute, &counted, 1, err) &&
               sums_count(batch->catalog, &batch->sums, &counted, 1, err);
}

bool batch_removed(struct batch *batch, const struct frame *frame, struct error *err)
{
        if (batch->removed_count == batch->removed_room) {
                size_t room = batch->removed_room == 0 ? 64 : batch->removed_room * 2;
                struct counted_frame *grown =
                        realloc(batch->removed, room * sizeof *batch->removed);
                if (grown == NULL)
                        return error_sys(err, "catalog");
                batch->removed = grown;
                batch->removed_room = room;
        }
        batch->removed[batch->removed_count++] =
                (struct counted_frame){frame->key, frame->bytes, frame->kinds, frame->windows};
        return true;
}

static int compare_removed(const void *a, const void *b)
{
        return frame_key_compare(&((const struct counted_frame *)a)->key,
                                 &((const struct counted_frame *)b)->key);
}

static bool take_off_removed(struct batch *batch, struct error *err)
{
        struct catalog *catalog = batch->catalog;
        struct camera_id camera = {0};
        struct utc rebuilt_to = {0};
        if (batch->removed_count > 1)
                qsort(batch->removed, batch->removed_count, sizeof *batch->removed,
                      compare_removed);
        for (size_t i = 0; i < batch->removed_count; i++) {
                const struct counted_frame *frame = &batch->removed[i];
                if (!minute_count(catalog, &batch->minute, frame, -1, err) ||
                    !sums_count(catalog, &batch->sums, frame, -1, err))
                        return false;
                if (camera.value == frame->key.camera.value && frame->key.time.ms <= rebuilt_to.ms)
                        continue;
                camera = frame->key.camera;
                if (!run_rebuild(catalog, camera, frame->key.time, &rebuilt_to, err))
                        return false;
        }
        return true;
}

bool batch_finish(struct batch *batch, bool ok, struct error *err)
{
        ok = ok && run_close(batch, err) && take_off_removed(batch, err) &&
             minute_write(batch->catalog, &batch->minute, err) &&
             sums_write(batch->catalog, &batch->sums, err);
        free(batch->removed);
        batch->removed = NULL;
        return ok;
}

/* ---- adding ---- */

/* Among frames of one millisecond the order is that of their places, so that the same frames get
 * the same ties whatever order they came in. */
static int compare_frames(const void *a, const void *b)
{
        const struct frame *left = a;
        const struct frame *right = b;
        int order = frame_key_compare(&left->key, &right->key);
        if (order != 0)
                return order;
        if (left->place.folder.value != right->place.folder.value)
                return left->place.folder.value < right->place.folder.value ? -1 : 1;
        if (left->place.segment.value != right->place.segment.value)
                return left->place.segment.value < right->place.segment.value ? -1 : 1;
        if (left->place.offset != right->place.offset)
                return left->place.offset < right->place.offset ? -1 : 1;
        return strcmp(left->place.name, right->place.name);
}

static void sort_frames(struct frame *frames, size_t count)
{
        bool sorted = true;
        for (size_t i = 0; i < count; i++) {
                frames[i].key.tie = 0;
                sorted = sorted && (i == 0 || compare_frames(&frames[i - 1], &frames[i]) <= 0);
        }
        if (!sorted)
                qsort(frames, count, sizeof *frames, compare_frames);
}

/* Into four parameters from `first` on. */
static void bind_place(sqlite3_stmt *insert, int first, const struct place *place)
{
        for (int i = first; i < first + 4; i++)
                sqlite3_bind_null(insert, i);
        if (place_known(place)) {
                sqlite3_bind_int64(insert, first, place->folder.value);
                statement_bind_text(insert, first + 1, place->name);
        } else if (place->segment.value != 0) {
                sqlite3_bind_int64(insert, first + 2, place->segment.value);
                sqlite3_bind_int64(insert, first + 3, place->offset);
        }
}

static void bind_frame(sqlite3_stmt *insert, int first, const struct frame *frame, int64_t traits)
{
        sqlite3_bind_int64(insert, first, frame->key.camera.value);
        sqlite3_bind_int64(insert, first + 1, frame->key.time.ms);
        sqlite3_bind_int64(insert, first + 2, frame->key.tie);
        if (utc_known(frame->received))
                sqlite3_bind_int64(insert, first + 3, frame->received.ms - frame->key.time.ms);
        else
                sqlite3_bind_null(insert, first + 3);
        if (frame->sequence >= 0)
                sqlite3_bind_int64(insert, first + 4, frame->sequence);
        else
                sqlite3_bind_null(insert, first + 4);
        sqlite3_bind_int64(insert, first + 5, traits);
        sqlite3_bind_int64(insert, first + 6, frame->bytes);
        bind_place(insert, first + 7, &frame->place);
}

static bool try_insert(struct catalog *catalog, const struct frame *frame, int64_t traits,
                       bool *inserted_out, struct error *err)
{
        sqlite3_stmt *insert;
        if (!statement_get(catalog, FRAME_INSERT, &insert, err))
                return false;
        bind_frame(insert, 1, frame, traits);
        bool ok = statement_run(catalog, insert, err);
        *inserted_out = ok && sqlite3_changes(catalog->db) > 0;
        return ok;
}

bool frame_put_back(struct batch *batch, const struct frame *frame, struct error *err)
{
        struct traits traits = frame_traits(frame);
        bool inserted = false;
        int64_t id;
        if (!traits_id(batch->catalog, &traits, &id, err) ||
            !try_insert(batch->catalog, frame, id, &inserted, err))
                return false;
        if (!inserted)
                return error_set(err, ERROR_CORRUPT,
                                 "catalog: a deleted frame is among the frames; run "
                                 "`cctvweb check`");
        return batch_added(batch, frame, &traits, err);
}

/* Inserts FRAMES_AT_ONCE frames, or none when one of them meets a known place or key. */
static bool try_insert_many(struct catalog *catalog, const struct frame *frames, bool *inserted_out,
                            struct error *err)
{
        sqlite3_stmt *insert;
        *inserted_out = false;
        if (!statement_get(catalog, FRAMES_INSERT, &insert, err))
                return false;
        for (int i = 0; i < FRAMES_AT_ONCE; i++) {
                struct traits traits = frame_traits(&frames[i]);
                int64_t id;
                if (!traits_id(catalog, &traits, &id, err))
                        return false;
                bind_frame(insert, i * FRAME_PARAMETERS + 1, &frames[i], id);
        }
        int code = sqlite3_step(insert);
        sqlite3_reset(insert);
        *inserted_out = code == SQLITE_DONE;
        if (code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT)
                return true;
        catalog->failed = true;
        return sqlite_failed(catalog->db, code, "insert frames", err);
}

static bool next_free_tie(struct catalog *catalog, struct frame_key *key, struct error *err)
{
        sqlite3_stmt *ties;
        bool row;
        key->tie = 0;
        if (!statement_get(catalog, FRAME_TIES, &ties, err))
                return false;
        BIND(ties, key->camera.value, key->time.ms);
        for (;;) {
                if (!statement_step(catalog, ties, &row, err))
                        return false;
                if (!row)
                        return true;
                if (sqlite3_column_int64(ties, 0) != key->tie) {
                        sqlite3_reset(ties);
                        return true;
                }
                key->tie++;
        }
}

/* What the newcomer does not know of its own file and the catalog does (a list imported without the
 * files), stays. */
static void keep_known(struct frame *frame, const struct frame *known)
{
        if (frame->key.camera.value != known->key.camera.value ||
            frame->key.time.ms != known->key.time.ms || utc_known(frame->received))
                return;
        frame->received = known->received;
        if (frame->bytes == 0)
                frame->bytes = known->bytes;
        if (frame->width == 0 && frame->height == 0) {
                frame->width = known->width;
                frame->height = known->height;
        }
        if (frame->sequence < 0)
                frame->sequence = known->sequence;
}

static bool same_frame(const struct frame *a, const struct frame *b)
{
        struct traits traits_a = frame_traits(a);
        struct traits traits_b = frame_traits(b);
        return a->key.camera.value == b->key.camera.value && a->key.time.ms == b->key.time.ms &&
               a->received.ms == b->received.ms && a->sequence == b->sequence &&
               a->bytes == b->bytes && memcmp(&traits_a, &traits_b, sizeof traits_a) == 0;
}

enum outcome { ADDED, REPLACED, UNCHANGED, REPEATED };

/* The insert met a frame with the same place or the same key. */
static bool add_conflicting(struct batch *batch, struct frame *frame, enum outcome *outcome,
                            struct error *err)
{
        struct frame known;
        bool found = false;
        bool inserted = false;
        int64_t traits;
        if (place_known(&frame->place) &&
            !frame_by_place(batch->catalog, &frame->place, &found, &known, err))
                return false;
        if (found) {
                keep_known(frame, &known);
                bool same_key = frame->key.camera.value == known.key.camera.value &&
                                frame->key.time.ms == known.key.time.ms;
                if (same_key)
                        frame->key.tie = known.key.tie;
                *outcome = UNCHANGED;
                if (same_frame(frame, &known))
                        return true;
                *outcome = REPLACED;
                if (!frame_delete(batch, &known, err))
                        return false;
                if (!same_key && !next_free_tie(batch->catalog, &frame->key, err))
                        return false;
        } else {
                bool repeated = false;
                if (!repeat_find(batch->catalog, frame, &repeated, err))
                        return false;
                if (repeated) {
                        *outcome = REPEATED;
                        return true;
                }
                if (!next_free_tie(batch->catalog, &frame->key, err))
                        return false;
        }
        struct traits now = frame_traits(frame);
        if (!traits_id(batch->catalog, &now, &traits, err) ||
            !try_insert(batch->catalog, frame, traits, &inserted, err))
                return false;
        return inserted || error_set(err, ERROR_CORRUPT,
                                     "catalog: the index of places does not fit the frames; run "
                                     "`cctvweb check`");
}

static bool add_one(struct batch *batch, struct frame *frame, struct add_result *result,
                    struct error *err)
{
        struct catalog *catalog = batch->catalog;
        struct traits traits = frame_traits(frame);
        enum outcome outcome = ADDED;
        enum deleted_file met = DELETED_NONE;
        bool inserted = false;
        bool taken = false;
        int64_t id;
        if (!deleted_meet(batch, &frame->place, frame->bytes, frame->received, &met, err))
                return false;
        if (met == DELETED_SAME) {
                result->unchanged++;
                return true;
        }
        if (!deleted_has_key(catalog, &frame->key, &taken, err) ||
            !traits_id(catalog, &traits, &id, err) ||
            (!taken && !try_insert(catalog, frame, id, &inserted, err)))
                return false;
        if (!inserted) {
                if (!add_conflicting(batch, frame, &outcome, err))
                        return false;
                traits = frame_traits(frame);
        }
        if (outcome == REPEATED) {
                result->repeats++;
                return true;
        }
        if (outcome == UNCHANGED) {
                result->unchanged++;
                return true;
        }
        *(outcome == ADDED ? &result->added : &result->replaced) += 1;
        if (met == DELETED_REPLACED && !deleted_drop_place(catalog, &frame->place, err))
                return false;
        return forget_notes(catalog, &batch->notes, &frame->place, err) &&
               batch_added(batch, frame, &traits, err);
}

/* Many new frames at once cost two thirds of as many single ones; but where frames are known
 * already, the attempt is lost, and for a while it is not made. */
static bool add_many(struct batch *batch, struct frame *frames, struct add_result *result,
                     struct error *err)
{
        struct catalog *catalog = batch->catalog;
        bool inserted = false;
        bool clear = true;
        if (!deleted_is_clear(batch, frames, FRAMES_AT_ONCE, &clear, err))
                return false;
        if (clear && catalog->one_by_one == 0 && !try_insert_many(catalog, frames, &inserted, err))
                return false;
        if (inserted)
                result->added += FRAMES_AT_ONCE;
        else if (catalog->one_by_one > 0)
                catalog->one_by_one--;
        else if (clear)
                catalog->one_by_one = 8;
        for (int i = 0; i < FRAMES_AT_ONCE; i++) {
                struct traits traits = frame_traits(&frames[i]);
                bool ok = inserted ? forget_notes(catalog, &batch->notes, &frames[i].place, err) &&
                                             batch_added(batch, &frames[i], &traits, err)
                                   : add_one(batch, &frames[i], result, err);
                if (!ok)
                        return false;
        }
        return true;
}

static bool add_all(struct batch *batch, struct frame *frames, size_t count,
                    struct add_result *result, struct error *err)
{
        size_t at = 0;
        for (; count - at >= FRAMES_AT_ONCE; at += FRAMES_AT_ONCE) {
                if (!add_many(batch, frames + at, result, err))
                        return false;
        }
        for (; at < count; at++) {
                if (!add_one(batch, &frames[at], result, err))
                        return false;
        }
        return true;
}

bool catalog_add(struct catalog *catalog, struct frame *frames, size_t count,
                 struct add_result *result_out, struct error *err)
{
        struct add_result result = {0};
        struct batch batch;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        batch_init(&batch, catalog);
        sort_frames(frames, count);
        bool ok = add_all(&batch, frames, count, &result, err);
        ok = batch_finish(&batch, ok, err) &&
             repeats_to_end(frames, count, (size_t)result.repeats, err);
        if (!write_leave(catalog, own, ok, err))
                return false;
        *result_out = result;
        return true;
}
