/* Notes. */
#include <stdio.h>
#include <string.h>

#include "catalog/marks.h"
#include "catalog/sqlite_handle.h"

/* Of a row of NOTE_COLUMNS. */
static void note_of_row(sqlite3_stmt *row, struct stretch_note *note_out)
{
        const char *text = (const char *)sqlite3_column_text(row, 4);
        note_out->id = sqlite3_column_int64(row, 0);
        note_out->stretch = (struct stretch){{sqlite3_column_int(row, 1)},
                                             {sqlite3_column_int64(row, 2)},
                                             {sqlite3_column_int64(row, 3)}};
        snprintf(note_out->text, sizeof note_out->text, "%s", text != NULL ? text : "");
        note_out->changed.ms = sqlite3_column_int64(row, 5);
}

static bool no_such_note(struct error *err)
{
        return error_set(err, ERROR_NOT_FOUND, "there is no such note");
}

bool catalog_note_add(struct catalog *catalog, struct stretch_note *note, struct error *err)
{
        sqlite3_stmt *insert;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_get(catalog, NOTE_INSERT, &insert, err);
        if (ok) {
                BIND(insert, note->stretch.camera.value, note->stretch.from.ms, note->stretch.to.ms,
                     note->changed.ms);
                statement_bind_text(insert, 5, note->text);
                ok = statement_run(catalog, insert, err);
                note->id = sqlite3_last_insert_rowid(catalog->db);
        }
        return write_leave(catalog, own, ok, err);
}

bool catalog_note(struct catalog *catalog, int64_t id, struct stretch_note *note_out,
                  struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, NOTE_BY_ID, &find, err))
                return false;
        BIND(find, id);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return no_such_note(err);
        note_of_row(find, note_out);
        sqlite3_reset(find);
        return true;
}

/* Runs a bound statement that has to change a row. */
static bool change(struct catalog *catalog, sqlite3_stmt *statement, struct error *err)
{
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_run(catalog, statement, err);
        if (ok && sqlite3_changes(catalog->db) == 0)
                ok = no_such_note(err);
        return write_leave(catalog, own, ok, err);
}

bool catalog_note_update(struct catalog *catalog, const struct stretch_note *note,
                         struct error *err)
{
        sqlite3_stmt *update;
        if (!statement_get(catalog, NOTE_UPDATE, &update, err))
                return false;
        BIND(update, note->id, note->stretch.from.ms, note->stretch.to.ms, note->changed.ms);
        statement_bind_text(update, 5, note->text);
        return change(catalog, update, err);
}

bool catalog_note_remove(struct catalog *catalog, int64_t id, struct error *err)
{
        sqlite3_stmt *delete;
        if (!statement_get(catalog, NOTE_DELETE, &delete, err))
                return false;
        BIND(delete, id);
        return change(catalog, delete, err);
}

bool catalog_notes(struct catalog *catalog, const struct stretch *stretch,
                   bool (*each)(void *context, const struct stretch_note *note), void *context,
                   struct error *err)
{
        sqlite3_stmt *list;
        struct stretch_note note;
        bool row;
        if (!statement_get(catalog, NOTES_OVERLAPPING, &list, err))
                return false;
        BIND(list, stretch->camera.value, stretch->from.ms, range_end(stretch->to));
        for (;;) {
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        return true;
                note_of_row(list, &note);
                if (!each(context, &note)) {
                        sqlite3_reset(list);
                        return true;
                }
        }
}
