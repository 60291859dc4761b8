/* A copy of the catalog while it is in use. */
#include <string.h>

#include "catalog/sqlite_handle.h"

/* 4 MiB between two looks at who waits. */
enum { PAGES_AT_A_TIME = 1024 };

static bool copy_pages(sqlite3_backup *backup, sqlite3 *to, const struct catalog_backup *job,
                       struct error *err)
{
        int code = SQLITE_OK;
        while (code == SQLITE_OK) {
                code = sqlite3_backup_step(backup, PAGES_AT_A_TIME);
                int total = sqlite3_backup_pagecount(backup);
                if (code == SQLITE_OK &&
                    !job->progress(job->context, total - sqlite3_backup_remaining(backup), total))
                        return error_set(err, ERROR_CONFLICT, "ended before it was done");
        }
        return code == SQLITE_DONE || sqlite_failed(to, code, "copy", err);
}

/* A damaged catalog must not take the place of a good copy. */
static bool verify(sqlite3 *db, struct error *err)
{
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &statement, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        bool ok = false;
        if (code != SQLITE_ROW)
                sqlite_failed(db, code, "check of the copy", err);
        else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0)
                error_set(err, ERROR_CORRUPT, "the catalog is damaged (%s); see `cctvweb reindex`",
                          (const char *)sqlite3_column_text(statement, 0));
        else
                ok = true;
        sqlite3_finalize(statement);
        return ok;
}

bool catalog_backup(struct catalog *catalog, const struct catalog_backup *job, struct error *err)
{
        sqlite3 *db = NULL;
        bool ok = false;
        /* The pages are those of this state, however long it takes and whoever writes meanwhile. */
        if (!catalog_read_begin(catalog, err))
                return false;
        int code =
                sqlite3_open_v2(job->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_exec(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL,
                                    NULL, NULL);
        sqlite3_backup *backup =
                code == SQLITE_OK ? sqlite3_backup_init(db, "main", catalog->db, "main") : NULL;
        if (backup == NULL)
                sqlite_failed(db, code != SQLITE_OK ? code : sqlite3_errcode(db), "copy", err);
        else
                ok = copy_pages(backup, db, job, err);
        sqlite3_backup_finish(backup);
        ok = ok && verify(db, err);
        sqlite3_close(db);
        catalog_read_end(catalog);
        return ok;
}
