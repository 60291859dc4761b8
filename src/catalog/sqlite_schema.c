#include "catalog/sqlite_schema.h"

#include <stdio.h>

#include "catalog/sqlite_statement.h"

static bool pragma_int(sqlite3 *db, const char *pragma, int *value_out, struct error *err)
{
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(db, pragma, -1, &statement, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
                *value_out = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        return code == SQLITE_ROW || sqlite_failed(db, code, pragma, err);
}

bool schema_version(sqlite3 *db, const char *path, int *version_out, struct error *err)
{
        int application = 0;
        int objects = 0;
        if (!pragma_int(db, "PRAGMA user_version", version_out, err) ||
            !pragma_int(db, "PRAGMA application_id", &application, err) ||
            !pragma_int(db, "SELECT count(*) FROM sqlite_schema", &objects, err))
                return error_prefix(err, "%s", path);
        if (application != SCHEMA_APPLICATION_ID && (objects > 0 || *version_out != 0))
                return error_set(err, ERROR_CORRUPT, "%s is a database, but not a cctvweb catalog",
                                 path);
        return true;
}

static bool copy_beside(sqlite3 *db, const char *path, int version, struct error *err)
{
        char *copy = sqlite3_mprintf("%s.version-%d", path, version);
        char *command = sqlite3_mprintf("VACUUM INTO %Q", copy);
        bool ok = copy != NULL && command != NULL;
        if (!ok)
                error_set(err, ERROR_SYSTEM, "out of memory");
        /* What an attempt cut short left behind is no copy, and VACUUM INTO wants a new file. */
        if (ok)
                remove(copy);
        int code = ok ? sqlite3_exec(db, command, NULL, NULL, NULL) : SQLITE_OK;
        if (code != SQLITE_OK) {
                sqlite_failed(db, code, "copy before the upgrade", err);
                error_prefix(err, "%s", copy);
                ok = false;
        }
        sqlite3_free(command);
        sqlite3_free(copy);
        return ok;
}

static bool exec_at(sqlite3 *db, const char *sql, const char *path, struct error *err)
{
        int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
        if (code == SQLITE_OK)
                return true;
        sqlite_failed(db, code, "schema", err);
        return error_prefix(err, "%s", path);
}

static bool apply(sqlite3 *db, const char *path, const struct schema_step *steps, int count,
                  struct error *err)
{
        int version = 0; /* again, now that nobody else can change it */
        if (!schema_version(db, path, &version, err))
                return false;
        for (int i = version; i < count; i++) {
                if (!exec_at(db, steps[i].sql, path, err))
                        return error_prefix(err, "upgrade to version %d", i + 1);
        }
        char marks[96];
        snprintf(marks, sizeof marks, "PRAGMA user_version = %d; PRAGMA application_id = %d", count,
                 SCHEMA_APPLICATION_ID);
        return exec_at(db, marks, path, err) && exec_at(db, "COMMIT", path, err);
}

bool schema_migrate(sqlite3 *db, const char *path, const struct schema_step *steps, int count,
                    struct error *err)
{
        int version = 0;
        if (!schema_version(db, path, &version, err))
                return false;
        if (version > count)
                return error_set(err, ERROR_CONFLICT,
                                 "%s has schema version %d, this cctvweb knows versions up to %d: "
                                 "use the newer cctvweb that wrote it",
                                 path, version, count);
        if (version == count)
                return true;
        bool adds_only = true;
        for (int i = version; i < count; i++)
                adds_only = adds_only && steps[i].adds_only;
        if (version > 0 && !adds_only && !copy_beside(db, path, version, err))
                return false;
        if (!exec_at(db, "BEGIN IMMEDIATE", path, err))
                return false;
        if (apply(db, path, steps, count, err))
                return true;
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        return false;
}
