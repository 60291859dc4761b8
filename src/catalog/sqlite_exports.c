/* Exports made in the background. */
#include "catalog/exports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/sqlite_handle.h"

static void copy_text(char *out, size_t size, sqlite3_stmt *row, int column)
{
        const char *text = (const char *)sqlite3_column_text(row, column);
        snprintf(out, size, "%s", text != NULL ? text : "");
}

static bool row_of(sqlite3_stmt *statement, struct export_row *row_out, struct error *err)
{
        const char *request = (const char *)sqlite3_column_text(statement, 5);
        int64_t ended = sqlite3_column_int64(statement, 2);
        int64_t state = sqlite3_column_int64(statement, 3);
        *row_out = (struct export_row){
                .id = sqlite3_column_int64(statement, 0),
                .made = {sqlite3_column_int64(statement, 1)},
                .ended = {ended},
                .state = (enum export_state)state,
                .tries = sqlite3_column_int(statement, 4),
                .request = strdup(request != NULL ? request : ""),
                .frames = sqlite3_column_int64(statement, 6),
                .bytes = sqlite3_column_int64(statement, 8),
        };
        if (ended == 0)
                row_out->ended = UTC_NONE;
        copy_text(row_out->file, sizeof row_out->file, statement, 7);
        copy_text(row_out->problem, sizeof row_out->problem, statement, 9);
        if (row_out->request == NULL)
                return error_set(err, ERROR_FULL, "no memory for an export");
        if (state >= 0 && state < EXPORT_STATES)
                return true;
        catalog_export_free(row_out);
        return error_set(err, ERROR_CORRUPT, "catalog: an export in state %lld", (long long)state);
}

/* Takes the row that `find`, bound, gives. */
static bool one_row(struct catalog *catalog, sqlite3_stmt *find, struct export_row *row_out,
                    struct error *err)
{
        bool found;
        if (!statement_step(catalog, find, &found, err))
                return false;
        if (!found)
                return error_set(err, ERROR_NOT_FOUND, "there is no such export");
        bool fine = row_of(find, row_out, err);
        sqlite3_reset(find);
        return fine;
}

bool catalog_export_add(struct catalog *catalog, struct export_row *row, struct error *err)
{
        sqlite3_stmt *insert;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool fine = statement_get(catalog, EXPORT_INSERT, &insert, err);
        if (fine) {
                sqlite3_bind_int64(insert, 1, row->made.ms);
                statement_bind_text(insert, 2, row->request);
                sqlite3_bind_int64(insert, 3, row->frames);
                fine = statement_run(catalog, insert, err);
        }
        row->id = sqlite3_last_insert_rowid(catalog->db);
        return write_leave(catalog, own, fine, err);
}

bool catalog_export(struct catalog *catalog, int64_t id, struct export_row *row_out,
                    struct error *err)
{
        sqlite3_stmt *find;
        if (!statement_get(catalog, EXPORT_BY_ID, &find, err))
                return false;
        BIND(find, id);
        return one_row(catalog, find, row_out, err);
}

bool catalog_export_waiting(struct catalog *catalog, struct export_row *row_out, struct error *err)
{
        sqlite3_stmt *find;
        return statement_get(catalog, EXPORT_NEXT_WAITING, &find, err) &&
               one_row(catalog, find, row_out, err);
}

bool catalog_export_before(struct catalog *catalog, int64_t before, struct export_row *row_out,
                           struct error *err)
{
        sqlite3_stmt *find;
        if (!statement_get(catalog, EXPORTS_BEFORE, &find, err))
                return false;
        BIND(find, before);
        return one_row(catalog, find, row_out, err);
}

bool catalog_exports_sums(struct catalog *catalog, int64_t *count_out, int64_t *bytes_out,
                          struct error *err)
{
        sqlite3_stmt *sums;
        bool found;
        if (!statement_get(catalog, EXPORTS_SUMS, &sums, err) ||
            !statement_step(catalog, sums, &found, err))
                return false;
        *count_out = sqlite3_column_int64(sums, 0);
        *bytes_out = sqlite3_column_int64(sums, 1);
        sqlite3_reset(sums);
        return true;
}

bool catalog_export_update(struct catalog *catalog, const struct export_row *row, struct error *err)
{
        sqlite3_stmt *update;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool fine = statement_get(catalog, EXPORT_UPDATE, &update, err);
        if (fine) {
                BIND(update, row->id, utc_known(row->ended) ? row->ended.ms : 0, row->state,
                     row->tries, row->bytes);
                statement_bind_text(update, 6, row->file);
                statement_bind_text(update, 7, row->problem);
                fine = statement_run(catalog, update, err);
        }
        return write_leave(catalog, own, fine, err);
}

bool catalog_export_remove(struct catalog *catalog, int64_t id, struct error *err)
{
        sqlite3_stmt *remove;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool fine = statement_get(catalog, EXPORT_REMOVE, &remove, err);
        if (fine) {
                BIND(remove, id);
                fine = statement_run(catalog, remove, err);
        }
        return write_leave(catalog, own, fine, err);
}

void catalog_export_free(struct export_row *row)
{
        free(row->request);
        row->request = NULL;
}
