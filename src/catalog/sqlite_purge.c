/* How deleted frames come back, and how they go for good. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/sqlite_deleted.h"

enum { FORGOTTEN_AT_ONCE = 4096 };

static bool set_state(struct catalog *catalog, struct deletion_id id, enum deletion_state state,
                      struct error *err)
{
        sqlite3_stmt *set;
        if (!statement_get(catalog, DELETION_SET_STATE, &set, err))
                return false;
        BIND(set, id.value, state);
        return statement_run(catalog, set, err);
}

/* The next frames of batch->id into batch->frames. */
static bool read_deleted(struct catalog *catalog, struct purge_batch *batch, struct error *err)
{
        sqlite3_stmt *list;
        bool row = false;
        size_t count = 0;
        if (!statement_get(catalog, DELETED_OF, &list, err))
                return false;
        BIND(list, batch->id.value, (int64_t)batch->room, (int64_t)batch->skip);
        for (;;) {
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        break;
                if (!frame_of_row(catalog, list, &batch->frames[count++], err)) {
                        sqlite3_reset(list);
                        return false;
                }
        }
        batch->count = count;
        return true;
}

/* ---- coming back ---- */

bool catalog_restore_begin(struct catalog *catalog, struct deletion_id id, struct error *err)
{
        struct deletion deletion;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = catalog_deletion(catalog, id, &deletion, err);
        if (ok && deletion.state == DELETION_PURGING)
                ok = error_set(err, ERROR_CONFLICT,
                               "deletion %" PRId64 " can no longer be undone: its frames are being "
                               "removed for good",
                               id.value);
        ok = ok && set_state(catalog, id, DELETION_RESTORING, err);
        return write_leave(catalog, own, ok, err);
}

static bool restore_some(struct catalog *catalog, struct restoring *restoring, struct frame *frames,
                         struct error *err)
{
        struct deletion deletion;
        struct error missing = {0};
        struct purge_batch batch = {.id = restoring->id, .frames = frames, .room = DELETION_STEP};
        if (!catalog_deletion(catalog, restoring->id, &deletion, &missing)) {
                restoring->done = true; /* what was left of it was replaced meanwhile */
                return missing.kind == ERROR_NOT_FOUND ||
                       error_set(err, missing.kind, "%s", missing.text);
        }
        if (deletion.state != DELETION_RESTORING)
                return error_set(err, ERROR_CONFLICT, "deletion %" PRId64 " is not coming back",
                                 restoring->id.value);
        if (!read_deleted(catalog, &batch, err) ||
            !deleted_restore(catalog, restoring->id, frames, batch.count, err))
                return false;
        size_t count = batch.count;
        restoring->frames += (int64_t)count;
        for (size_t i = 0; i < count; i++)
                restoring->bytes += frames[i].bytes;
        restoring->done = count < DELETION_STEP || deletion.frames == (int64_t)count;
        return true;
}

bool catalog_restore_step(struct catalog *catalog, struct restoring *restoring, struct error *err)
{
        struct restoring copy = *restoring;
        struct frame *frames = malloc(DELETION_STEP * sizeof *frames);
        bool own;
        if (frames == NULL)
                return error_set(err, ERROR_FULL, "no memory to bring frames back");
        bool ok = write_enter(catalog, &own, err);
        if (ok)
                ok = write_leave(catalog, own, restore_some(catalog, &copy, frames, err), err);
        free(frames);
        if (ok)
                *restoring = copy;
        return ok;
}

/* ---- going for good ---- */

bool catalog_purge_begin(struct catalog *catalog, struct deletion_id id, struct error *err)
{
        struct deletion deletion;
        if (!catalog_begin_durable(catalog, err))
                return false;
        bool ok = catalog_deletion(catalog, id, &deletion, err);
        if (ok && deletion.state == DELETION_RESTORING)
                ok = error_set(err, ERROR_CONFLICT, "deletion %" PRId64 " is coming back",
                               id.value);
        if (ok && set_state(catalog, id, DELETION_PURGING, err) && catalog_commit(catalog, err))
                return true;
        catalog_rollback(catalog);
        return false;
}

static bool is_managed(struct catalog *catalog, const struct purge_batch *batch,
                       const struct frame *frame, bool *managed_out, struct error *err)
{
        const char *path = NULL;
        *managed_out = true;
        if (!place_known(&frame->place))
                return true;
        if (!catalog_folder_path(catalog, frame->place.folder, &path, err))
                return false;
        *managed_out = batch->managed != NULL && batch->managed(batch->context, path);
        return true;
}

static int compare_keys(const void *a, const void *b)
{
        return frame_key_compare(&((const struct frame *)a)->key, &((const struct frame *)b)->key);
}

static int compare_places(const void *a, const void *b)
{
        const struct place *left = &((const struct frame *)a)->place;
        const struct place *right = &((const struct frame *)b)->place;
        if (left->segment.value != right->segment.value)
                return left->segment.value < right->segment.value ? -1 : 1;
        if (left->folder.value != right->folder.value)
                return left->folder.value < right->folder.value ? -1 : 1;
        if (left->offset != right->offset)
                return left->offset < right->offset ? -1 : 1;
        return strcmp(left->name, right->name);
}

/* Moves those that come back behind the others; returns how many stay. */
static bool split(struct catalog *catalog, struct purge_batch *batch, struct frame *kept,
                  bool *pinned, size_t *kept_out, struct error *err)
{
        size_t stay = 0;
        size_t back = 0;
        bool managed = false;
        qsort(batch->frames, batch->count, sizeof *batch->frames, compare_keys);
        if (batch->count > 0 && !pinned_mark(catalog, batch->frames, batch->count, pinned, err))
                return false;
        for (size_t i = 0; i < batch->count; i++) {
                if (!is_managed(catalog, batch, &batch->frames[i], &managed, err))
                        return false;
                if (pinned[i] || !managed)
                        kept[back++] = batch->frames[i];
                else
                        batch->frames[stay++] = batch->frames[i];
        }
        batch->count = stay;
        *kept_out = back;
        if (stay > 0)
                qsort(batch->frames, stay, sizeof *batch->frames, compare_places);
        return true;
}

static bool pick(struct catalog *catalog, struct purge_batch *batch, struct frame *kept,
                 bool *pinned, struct error *err)
{
        size_t back = 0;
        if (!read_deleted(catalog, batch, err) ||
            !split(catalog, batch, kept, pinned, &back, err) ||
            !deleted_restore(catalog, batch->id, kept, back, err))
                return false;
        batch->kept += (int64_t)back;
        return true;
}

bool catalog_purge_next(struct catalog *catalog, struct purge_batch *batch, struct error *err)
{
        struct frame *kept = malloc(batch->room * sizeof *kept);
        bool *pinned = calloc(batch->room, sizeof *pinned);
        bool own;
        bool ok = kept != NULL && pinned != NULL;
        if (!ok)
                error_set(err, ERROR_FULL, "no memory to purge frames");
        ok = ok && write_enter(catalog, &own, err);
        if (ok)
                ok = write_leave(catalog, own, pick(catalog, batch, kept, pinned, err), err);
        free(kept);
        free(pinned);
        return ok;
}

bool segment_emptied(struct catalog *catalog, struct segment_id id, bool if_freed,
                     struct error *err)
{
        sqlite3_stmt *set;
        if (!statement_get(catalog, SEGMENT_EMPTIED, &set, err))
                return false;
        BIND(set, id.value, RUN_HOUR_MS, if_freed);
        return statement_run(catalog, set, err);
}

static bool add_freed(struct catalog *catalog, struct segment_id id, int64_t freed,
                      struct error *err)
{
        sqlite3_stmt *set;
        if (!statement_get(catalog, SEGMENT_FREED, &set, err))
                return false;
        BIND(set, id.value, freed);
        return statement_run(catalog, set, err);
}

static bool note_purged(struct catalog *catalog, const struct frame *frame, struct utc now,
                        struct error *err)
{
        sqlite3_stmt *statement;
        if (!statement_get(catalog, DELETED_DROP, &statement, err))
                return false;
        BIND(statement, frame->key.camera.value, frame->key.time.ms, frame->key.tie);
        if (!statement_run(catalog, statement, err) ||
            !statement_get(catalog, PURGED_INSERT, &statement, err))
                return false;
        BIND(statement, frame->key.camera.value, frame->key.time.ms, frame->key.tie, now.ms);
        return statement_run(catalog, statement, err);
}

bool catalog_purge_done(struct catalog *catalog, struct deletion_id id, const struct frame *frames,
                        size_t count, int64_t freed, struct error *err)
{
        struct utc now = utc_now();
        int64_t bytes = 0;
        bool own;
        if (count == 0)
                return true;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = true;
        for (size_t i = 0; ok && i < count; i++) {
                ok = note_purged(catalog, &frames[i], now, err);
                bytes += frames[i].bytes;
        }
        ok = ok && deletion_lessen(catalog, id, (int64_t)count, bytes, err);
        if (ok && frames[0].place.segment.value != 0)
                ok = add_freed(catalog, frames[0].place.segment, freed, err) &&
                     segment_emptied(catalog, frames[0].place.segment, false, err);
        return write_leave(catalog, own, ok, err);
}

bool catalog_segment_freed(struct catalog *catalog, struct segment_id segment, int64_t freed,
                           struct error *err)
{
        bool own;
        if (freed <= 0)
                return true;
        if (!write_enter(catalog, &own, err))
                return false;
        return write_leave(catalog, own, add_freed(catalog, segment, freed, err), err);
}

bool catalog_deleted_settle(struct catalog *catalog, struct error *err)
{
        static const char sql[] =
                "DELETE FROM deleted WHERE segment IS NOT NULL AND "
                "segment NOT IN (SELECT id FROM segments);"
                "UPDATE segments SET committed = max(committed, (SELECT max(place_offset + bytes) "
                "FROM deleted WHERE segment = segments.id)) "
                "WHERE id IN (SELECT segment FROM deleted);"
                "UPDATE deletions SET (frames, bytes) = (SELECT count(*), coalesce(sum(bytes), 0) "
                "FROM deleted WHERE deletion = id);"
                "DELETE FROM deletions WHERE frames = 0;"
                "DELETE FROM deletion_cameras WHERE deletion NOT IN (SELECT id FROM deletions)";
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        int code = sqlite3_exec(catalog->db, sql, NULL, NULL, NULL);
        bool ok = code == SQLITE_OK ||
                  sqlite_failed(catalog->db, code, "settle what is deleted", err);
        return write_leave(catalog, own, ok, err);
}

bool catalog_segment_remove(struct catalog *catalog, struct segment_id segment, struct error *err)
{
        sqlite3_stmt *remove;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_get(catalog, SEGMENT_REMOVE, &remove, err);
        if (ok) {
                BIND(remove, segment.value);
                ok = statement_run(catalog, remove, err);
        }
        catalog->last_segment.id.value = 0;
        return write_leave(catalog, own, ok, err);
}

bool catalog_purged_forget(struct catalog *catalog, struct utc before, bool *more_out,
                           struct error *err)
{
        sqlite3_stmt *remove;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_get(catalog, PURGED_FORGET, &remove, err);
        if (ok) {
                BIND(remove, before.ms, FORGOTTEN_AT_ONCE);
                ok = statement_run(catalog, remove, err);
        }
        *more_out = ok && sqlite3_changes(catalog->db) == FORGOTTEN_AT_ONCE;
        return write_leave(catalog, own, ok, err);
}

/* ---- times ---- */

bool catalog_deletions_later(struct catalog *catalog, int64_t ms, struct utc latest,
                             struct error *err)
{
        sqlite3_stmt *set;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_get(catalog, DELETIONS_LATER, &set, err);
        if (ok) {
                BIND(set, ms, latest.ms);
                ok = statement_run(catalog, set, err);
        }
        return write_leave(catalog, own, ok, err);
}

bool catalog_deletion_due(struct catalog *catalog, struct utc now, struct deletion_id after,
                          struct deletion *deletion_out, struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, DELETION_DUE, &find, err))
                return false;
        BIND(find, now.ms, after.value);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "no deletion is due");
        struct deletion_id id = {sqlite3_column_int64(find, 0)};
        sqlite3_reset(find);
        return catalog_deletion(catalog, id, deletion_out, err);
}
