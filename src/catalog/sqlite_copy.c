/* What reindex keeps of an old catalog. */
#include <stdio.h>
#include <stdlib.h>

#include "catalog/sqlite_handle.h"

static bool run(struct catalog *catalog, char *sql, struct error *err)
{
        if (sql == NULL)
                return error_set(err, ERROR_FULL, "no memory for the catalog");
        int code = sqlite3_exec(catalog->db, sql, NULL, NULL, NULL);
        bool ok = code == SQLITE_OK || sqlite_failed(catalog->db, code, sql, err);
        sqlite3_free(sql);
        return ok;
}

/* Frames come from their files, and sums, runs and activity from them. */
static const char tables_sql[] =
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' AND name NOT IN ('frames', 'segments', 'runs', 'activity', "
        "'totals', 'blocks', 'folded') ORDER BY name";

static bool copy_tables(struct catalog *catalog, struct error *err)
{
        sqlite3_stmt *tables = NULL;
        bool row = false;
        if (!statement_prepare(catalog, tables_sql, &tables, err))
                return false;
        bool ok = true;
        for (;;) {
                ok = statement_step(catalog, tables, &row, err);
                if (!ok || !row)
                        break;
                const char *name = (const char *)sqlite3_column_text(tables, 0);
                ok = run(catalog,
                         sqlite3_mprintf("INSERT INTO main.\"%w\" SELECT * FROM old.\"%w\"", name,
                                         name),
                         err);
                if (!ok)
                        break;
        }
        sqlite3_finalize(tables);
        /* Numbers that were given once are not given again. */
        return ok && run(catalog, sqlite3_mprintf("DELETE FROM main.sqlite_sequence"), err) &&
               run(catalog,
                   sqlite3_mprintf(
                           "INSERT INTO main.sqlite_sequence SELECT * FROM old.sqlite_sequence"),
                   err) &&
               run(catalog,
                   sqlite3_mprintf("UPDATE cameras SET frames = 0, motion_frames = 0, bytes = 0"),
                   err);
}

bool catalog_copy_settings(struct catalog *catalog, const char *from_directory, struct error *err)
{
        struct catalog *old = NULL;
        /* Brings it to this schema, and finds out whether it is one. */
        if (!catalog_open(from_directory, CATALOG_WRITE, &old, err))
                return false;
        catalog_close(&old);
        if (!run(catalog, sqlite3_mprintf("ATTACH '%q/catalog.db' AS old", from_directory), err))
                return false;
        bool ok = catalog_begin(catalog, err);
        if (ok) {
                ok = copy_tables(catalog, err) && catalog_commit(catalog, err);
                catalog_rollback(catalog);
        }
        struct error ignored;
        catalog->data_version = 0; /* what is remembered of the tables is to be asked again */
        (void)!run(catalog, sqlite3_mprintf("DETACH old"), &ignored);
        return ok;
}
