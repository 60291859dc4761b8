#include <stdlib.h>

#include "catalog/sqlite_write.h"

static bool one_frame(struct catalog *catalog, sqlite3_stmt *find, bool *found_out,
                      struct frame *frame_out, struct error *err)
{
        if (!statement_step(catalog, find, found_out, err))
                return false;
        if (!*found_out)
                return true;
        bool ok = frame_of_row(catalog, find, frame_out, err);
        sqlite3_reset(find);
        return ok;
}

bool frame_by_key(struct catalog *catalog, const struct frame_key *key, bool *found_out,
                  struct frame *frame_out, struct error *err)
{
        sqlite3_stmt *find;
        if (!statement_get(catalog, FRAME_BY_KEY, &find, err))
                return false;
        BIND(find, key->camera.value, key->time.ms, key->tie);
        return one_frame(catalog, find, found_out, frame_out, err);
}

bool frame_by_place(struct catalog *catalog, const struct place *place, bool *found_out,
                    struct frame *frame_out, struct error *err)
{
        sqlite3_stmt *find;
        if (!statement_get(catalog, FRAME_BY_PLACE, &find, err))
                return false;
        BIND(find, place->folder.value);
        statement_bind_text(find, 2, place->name);
        return one_frame(catalog, find, found_out, frame_out, err);
}

bool frame_delete(struct batch *batch, const struct frame *frame, struct error *err)
{
        sqlite3_stmt *remove;
        if (!statement_get(batch->catalog, FRAME_DELETE, &remove, err))
                return false;
        BIND(remove, frame->key.camera.value, frame->key.time.ms, frame->key.tie);
        return statement_run(batch->catalog, remove, err) && batch_removed(batch, frame, err);
}

/* ---- skipped and vanished files ---- */

static bool ask_folder(struct catalog *catalog, enum statement which, struct folder_id folder,
                       bool *answer_out, struct error *err)
{
        sqlite3_stmt *ask;
        bool row;
        if (!statement_get(catalog, which, &ask, err))
                return false;
        BIND(ask, folder.value);
        if (!statement_step(catalog, ask, &row, err))
                return false;
        *answer_out = row && sqlite3_column_int(ask, 0) != 0;
        sqlite3_reset(ask);
        return true;
}

static bool delete_note(struct catalog *catalog, enum statement which, const struct place *place,
                        struct error *err)
{
        sqlite3_stmt *remove;
        if (!statement_get(catalog, which, &remove, err))
                return false;
        BIND(remove, place->folder.value);
        statement_bind_text(remove, 2, place->name);
        return statement_run(catalog, remove, err);
}

bool forget_notes(struct catalog *catalog, struct place_notes *notes, const struct place *place,
                  struct error *err)
{
        if (!(catalog->may_have_skipped || catalog->may_have_vanished) || !place_known(place))
                return true;
        if (notes->folder.value != place->folder.value) {
                if (!ask_folder(catalog, SKIPPED_IN_FOLDER, place->folder, &notes->skipped, err) ||
                    !ask_folder(catalog, VANISHED_IN_FOLDER, place->folder, &notes->vanished, err))
                        return false;
                notes->folder = place->folder;
        }
        if (notes->skipped && !delete_note(catalog, SKIPPED_DELETE, place, err))
                return false;
        return !notes->vanished || delete_note(catalog, VANISHED_DELETE, place, err);
}

/* ---- removing ---- */

static int compare_keys(const void *a, const void *b)
{
        return frame_key_compare(a, b);
}

static bool remove_one(struct batch *batch, const struct frame_key *key, int64_t *removed,
                       struct error *err)
{
        struct frame frame;
        bool found;
        if (!frame_by_key(batch->catalog, key, &found, &frame, err))
                return false;
        if (!found)
                return true;
        *removed += 1;
        return frame_delete(batch, &frame, err);
}

bool catalog_remove(struct catalog *catalog, struct frame_key *keys, size_t count,
                    int64_t *removed_out, struct error *err)
{
        struct batch batch;
        int64_t removed = 0;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        batch_init(&batch, catalog);
        if (count > 1)
                qsort(keys, count, sizeof *keys, compare_keys);
        bool ok = true;
        for (size_t i = 0; ok && i < count; i++)
                ok = remove_one(&batch, &keys[i], &removed, err);
        ok = batch_finish(&batch, ok, err);
        if (!write_leave(catalog, own, ok, err))
                return false;
        *removed_out = removed;
        return true;
}

static bool vanish_one(struct batch *batch, const struct place *place, struct utc noticed,
                       int64_t *vanished, struct error *err)
{
        struct catalog *catalog = batch->catalog;
        struct frame frame;
        sqlite3_stmt *insert;
        bool found;
        if (!place_known(place))
                return true;
        if (catalog->may_have_skipped && !delete_note(catalog, SKIPPED_DELETE, place, err))
                return false;
        if (!frame_by_place(catalog, place, &found, &frame, err))
                return false;
        if (!found)
                return true;
        if (!statement_get(catalog, VANISHED_INSERT, &insert, err))
                return false;
        BIND(insert, frame.key.camera.value, frame.key.time.ms, frame.key.tie, noticed.ms);
        if (!statement_run(catalog, insert, err))
                return false;
        catalog->may_have_vanished = true;
        *vanished += 1;
        return frame_delete(batch, &frame, err);
}

bool catalog_vanish(struct catalog *catalog, const struct place *places, size_t count,
                    struct utc noticed, int64_t *vanished_out, struct error *err)
{
        struct batch batch;
        int64_t vanished = 0;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        batch_init(&batch, catalog);
        bool ok = true;
        for (size_t i = 0; ok && i < count; i++)
                ok = vanish_one(&batch, &places[i], noticed, &vanished, err);
        ok = batch_finish(&batch, ok, err);
        if (!write_leave(catalog, own, ok, err))
                return false;
        *vanished_out = vanished;
        return true;
}
