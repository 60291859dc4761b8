/* Deleted frames, as the other files of the catalog meet them. */
#include "catalog/sqlite_deleted.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys ---- */

static bool exists(struct catalog *catalog, sqlite3_stmt *ask, bool *answer_out, struct error *err)
{
        bool row;
        if (!statement_step(catalog, ask, &row, err))
                return false;
        *answer_out = row && sqlite3_column_int(ask, 0) != 0;
        if (row)
                sqlite3_reset(ask);
        return true;
}

static bool any_between(struct catalog *catalog, const struct frame_key *from,
                        const struct frame_key *to, bool *any_out, struct error *err)
{
        sqlite3_stmt *ask;
        if (!statement_get(catalog, DELETED_BETWEEN, &ask, err))
                return false;
        BIND(ask, from->camera.value, from->time.ms, to->time.ms);
        return exists(catalog, ask, any_out, err);
}

bool deleted_has_key(struct catalog *catalog, const struct frame_key *key, bool *has_out,
                     struct error *err)
{
        sqlite3_stmt *ask;
        *has_out = false;
        if (!catalog->may_have_deleted)
                return true;
        if (!statement_get(catalog, DELETED_HAS_KEY, &ask, err))
                return false;
        BIND(ask, key->camera.value, key->time.ms, key->tie);
        return exists(catalog, ask, has_out, err);
}

/* ---- places ---- */

static bool ask_folder(struct batch *batch, const struct place *place, bool *any_out,
                       struct error *err)
{
        sqlite3_stmt *ask;
        if (batch->deleted_in.value != place->folder.value) {
                if (!statement_get(batch->catalog, DELETED_IN_FOLDER, &ask, err))
                        return false;
                BIND(ask, place->folder.value);
                if (!exists(batch->catalog, ask, &batch->any_deleted, err))
                        return false;
                batch->deleted_in = place->folder;
        }
        *any_out = batch->any_deleted;
        return true;
}

bool deleted_is_clear(struct batch *batch, const struct frame *frames, size_t count,
                      bool *clear_out, struct error *err)
{
        bool met = false;
        *clear_out = !batch->catalog->may_have_deleted;
        if (*clear_out)
                return true;
        for (size_t i = 0; i < count; i++) {
                if (place_known(&frames[i].place) &&
                    !ask_folder(batch, &frames[i].place, &met, err))
                        return false;
                if (met)
                        return true;
        }
        for (size_t i = 0, first = 0; i < count; i++) {
                if (i + 1 < count && frames[i + 1].key.camera.value == frames[i].key.camera.value)
                        continue;
                if (!any_between(batch->catalog, &frames[first].key, &frames[i].key, &met, err))
                        return false;
                if (met)
                        return true;
                first = i + 1;
        }
        *clear_out = true;
        return true;
}

bool deleted_meet(struct batch *batch, const struct place *place, int64_t bytes,
                  struct utc modified, enum deleted_file *met_out, struct error *err)
{
        struct catalog *catalog = batch->catalog;
        sqlite3_stmt *find;
        bool any = false;
        bool row;
        *met_out = DELETED_NONE;
        if (!catalog->may_have_deleted || !place_known(place))
                return true;
        if (!ask_folder(batch, place, &any, err))
                return false;
        if (!any)
                return true;
        if (!statement_get(catalog, DELETED_BY_PLACE, &find, err))
                return false;
        BIND(find, place->folder.value);
        statement_bind_text(find, 2, place->name);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return true;
        /* One that comes without its file (a list) says nothing against it. */
        bool same = !utc_known(modified) || (sqlite3_column_int64(find, 2) == bytes &&
                                             sqlite3_column_int64(find, 1) == modified.ms);
        *met_out = same ? DELETED_SAME : DELETED_REPLACED;
        sqlite3_reset(find);
        return true;
}

bool deleted_by_place(struct catalog *catalog, const struct place *place, bool *found_out,
                      struct frame *frame_out, struct error *err)
{
        sqlite3_stmt *find;
        if (!statement_get(catalog, DELETED_FRAME_BY_PLACE, &find, err))
                return false;
        BIND(find, place->folder.value);
        statement_bind_text(find, 2, place->name);
        if (!statement_step(catalog, find, found_out, err))
                return false;
        if (!*found_out)
                return true;
        bool ok = frame_of_row(catalog, find, frame_out, err);
        sqlite3_reset(find);
        return ok;
}

bool deleted_drop_place(struct catalog *catalog, const struct place *place, struct error *err)
{
        sqlite3_stmt *statement;
        bool row;
        if (!catalog->may_have_deleted || !place_known(place))
                return true;
        if (!statement_get(catalog, DELETED_BY_PLACE, &statement, err))
                return false;
        BIND(statement, place->folder.value);
        statement_bind_text(statement, 2, place->name);
        if (!statement_step(catalog, statement, &row, err))
                return false;
        if (!row)
                return true;
        struct deletion_id id = {sqlite3_column_int64(statement, 0)};
        int64_t bytes = sqlite3_column_int64(statement, 2);
        sqlite3_reset(statement);
        if (!statement_get(catalog, DELETED_DROP_PLACE, &statement, err))
                return false;
        BIND(statement, place->folder.value);
        statement_bind_text(statement, 2, place->name);
        return statement_run(catalog, statement, err) &&
               deletion_lessen(catalog, id, 1, bytes, err);
}

/* ---- told to those who ask for a frame ---- */

bool deleted_tell(struct catalog *catalog, const struct frame_key *key, bool *told_out,
                  struct error *err)
{
        char id[FRAME_ID_SIZE];
        char time[UTC_TEXT_SIZE];
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, DELETED_TELL, &find, err))
                return false;
        BIND(find, key->camera.value, key->time.ms, key->tie);
        if (!statement_step(catalog, find, &row, err))
                return false;
        *told_out = row;
        if (!row)
                return true;
        int state = sqlite3_column_int(find, 0);
        utc_format((struct utc){sqlite3_column_int64(find, 1)}, time);
        frame_id_format(key, id);
        if (state == DELETION_WAITING)
                error_set(err, ERROR_GONE, "frame %s was deleted; it can come back until %s", id,
                          time);
        else if (state == DELETION_RESTORING)
                error_set(err, ERROR_GONE, "frame %s was deleted and is coming back", id);
        else
                error_set(err, ERROR_GONE, "frame %s was deleted for good", id);
        sqlite3_reset(find);
        return true;
}

/* ---- deletions ---- */

bool deletion_lessen(struct catalog *catalog, struct deletion_id id, int64_t frames, int64_t bytes,
                     struct error *err)
{
        sqlite3_stmt *change;
        if (!statement_get(catalog, DELETION_LESSEN, &change, err))
                return false;
        BIND(change, id.value, frames, bytes);
        if (!statement_run(catalog, change, err) ||
            !statement_get(catalog, DELETION_END, &change, err))
                return false;
        BIND(change, id.value);
        if (!statement_run(catalog, change, err))
                return false;
        if (sqlite3_changes(catalog->db) == 0)
                return true;
        if (!statement_get(catalog, DELETION_CAMERAS_END, &change, err))
                return false;
        BIND(change, id.value);
        return statement_run(catalog, change, err);
}

static int compare_keys(const void *a, const void *b)
{
        return frame_key_compare(&((const struct frame *)a)->key, &((const struct frame *)b)->key);
}

static bool restore_one(struct batch *batch, const struct frame *frame, struct error *err)
{
        sqlite3_stmt *remove;
        struct catalog *catalog = batch->catalog;
        if (!statement_get(catalog, DELETED_DROP, &remove, err))
                return false;
        BIND(remove, frame->key.camera.value, frame->key.time.ms, frame->key.tie);
        if (!statement_run(catalog, remove, err) || !frame_put_back(batch, frame, err))
                return false;
        if (!place_known(&frame->place))
                return true;
        /* The file may have gone or changed while nobody looked for the frame. */
        return catalog_folder_set_fingerprint(catalog, frame->place.folder, 0, err);
}

bool deleted_restore(struct catalog *catalog, struct deletion_id id, struct frame *frames,
                     size_t count, struct error *err)
{
        struct batch batch;
        int64_t bytes = 0;
        if (count == 0)
                return true;
        batch_init(&batch, catalog);
        qsort(frames, count, sizeof *frames, compare_keys);
        bool ok = true;
        for (size_t i = 0; ok && i < count; i++) {
                ok = restore_one(&batch, &frames[i], err);
                bytes += frames[i].bytes;
        }
        ok = batch_finish(&batch, ok, err);
        return ok && deletion_lessen(catalog, id, (int64_t)count, bytes, err);
}

/* ---- pinned stretches ---- */

/* Frames of one camera, sorted by time. */
static bool mark_camera(struct catalog *catalog, const struct frame *frames, size_t count,
                        bool *pinned, struct error *err)
{
        sqlite3_stmt *list;
        bool row = false;
        size_t at = 0;
        if (!statement_get(catalog, PINNED_BETWEEN, &list, err))
                return false;
        BIND(list, frames[0].key.camera.value, frames[0].key.time.ms,
             frames[count - 1].key.time.ms);
        for (;;) {
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        return true;
                int64_t start = sqlite3_column_int64(list, 0);
                int64_t end = sqlite3_column_int64(list, 1);
                while (at < count && frames[at].key.time.ms < start)
                        at++;
                for (; at < count && frames[at].key.time.ms <= end; at++)
                        pinned[at] = true;
        }
}

bool pinned_mark(struct catalog *catalog, const struct frame *frames, size_t count, bool *pinned,
                 struct error *err)
{
        memset(pinned, 0, count * sizeof *pinned);
        for (size_t i = 0, first = 0; i < count; i++) {
                if (i + 1 < count && frames[i + 1].key.camera.value == frames[i].key.camera.value)
                        continue;
                if (!mark_camera(catalog, frames + first, i + 1 - first, pinned + first, err))
                        return false;
                first = i + 1;
        }
        return true;
}
