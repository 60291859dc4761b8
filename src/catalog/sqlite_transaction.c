#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/sqlite_write.h"

static void forget_cameras(struct catalog *catalog)
{
        memset(catalog->recent, 0, RECENT_SLOTS * sizeof *catalog->recent);
        memset(catalog->cameras, 0, CAMERA_SLOTS * sizeof *catalog->cameras);
        memset(catalog->learned, 0, sizeof catalog->learned);
}

/* After a rollback ids may be given out again to something else. */
static void forget_everything(struct catalog *catalog)
{
        forget_cameras(catalog);
        memset(catalog->traits_ids, 0, TRAITS_SLOTS * sizeof *catalog->traits_ids);
        memset(catalog->traits_rows, 0, TRAITS_SLOTS * sizeof *catalog->traits_rows);
        memset(catalog->kind_words, 0, sizeof catalog->kind_words);
        catalog->kinds_loaded = false;
        if (catalog->folder_paths != NULL)
                memset(catalog->folder_paths, 0,
                       catalog->folder_room * sizeof *catalog->folder_paths);
        catalog->data_version = 0;
        catalog->last_segment.id.value = 0;
}

static bool read_int(struct catalog *catalog, enum statement which, int64_t *value_out,
                     struct error *err)
{
        sqlite3_stmt *statement;
        bool row;
        if (!statement_get(catalog, which, &statement, err) ||
            !statement_step(catalog, statement, &row, err))
                return false;
        assert(row);
        *value_out = sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
        return true;
}

/* What other connections may have changed since our last transaction. */
static bool refresh(struct catalog *catalog, struct error *err)
{
        int64_t version = 0;
        int64_t skipped = 0;
        int64_t vanished = 0;
        int64_t deleted = 0;
        if (!read_int(catalog, DATA_VERSION, &version, err))
                return false;
        if (version == catalog->data_version)
                return true;
        if (!read_int(catalog, SKIPPED_ANY, &skipped, err) ||
            !read_int(catalog, VANISHED_ANY, &vanished, err) ||
            !read_int(catalog, DELETED_ANY, &deleted, err))
                return false;
        forget_cameras(catalog);
        catalog->kinds_loaded = false;
        catalog->may_have_skipped = skipped != 0;
        catalog->may_have_vanished = vanished != 0;
        catalog->may_have_deleted = deleted != 0;
        catalog->data_version = version;
        return true;
}

bool catalog_begin(struct catalog *catalog, struct error *err)
{
        assert(catalog->mode == CATALOG_WRITE && !catalog->in_transaction && !catalog->reading);
        if (!statement_do(catalog, BEGIN_WRITE, err))
                return false;
        catalog->in_transaction = true;
        catalog->failed = false;
        if (refresh(catalog, err))
                return true;
        catalog_rollback(catalog);
        return false;
}

static void set_synchronous(struct catalog *catalog, bool full)
{
        sqlite3_exec(catalog->db,
                     full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", NULL, NULL,
                     NULL);
        catalog->durable = full;
}

bool catalog_begin_durable(struct catalog *catalog, struct error *err)
{
        assert(!catalog->in_transaction);
        set_synchronous(catalog, true); /* cannot be changed in a transaction */
        if (catalog_begin(catalog, err))
                return true;
        set_synchronous(catalog, false);
        return false;
}

bool catalog_commit(struct catalog *catalog, struct error *err)
{
        assert(catalog->in_transaction);
        if (catalog->failed)
                return error_set(err, ERROR_CONFLICT,
                                 "catalog: a change failed, the transaction can only be undone");
        if (!statement_do(catalog, COMMIT, err))
                return false;
        catalog->in_transaction = false;
        if (catalog->durable)
                set_synchronous(catalog, false);
        return true;
}

void catalog_rollback(struct catalog *catalog)
{
        if (!catalog->in_transaction)
                return;
        for (int i = 0; i < STATEMENTS; i++) {
                if (!catalog->borrowed[i])
                        sqlite3_reset(catalog->statements[i]); /* left on a row by an error */
        }
        /* On some errors (disk full, out of memory) SQLite has undone it by itself. */
        struct error ignored;
        if (sqlite3_get_autocommit(catalog->db) == 0 && !statement_do(catalog, ROLLBACK, &ignored))
                sqlite3_exec(catalog->db, "ROLLBACK", NULL, NULL, NULL);
        catalog->in_transaction = false;
        catalog->failed = false;
        if (catalog->durable)
                set_synchronous(catalog, false);
        forget_everything(catalog);
}

bool write_enter(struct catalog *catalog, bool *own_out, struct error *err)
{
        *own_out = !catalog->in_transaction;
        if (*own_out)
                return catalog_begin(catalog, err);
        if (catalog->failed)
                return error_set(err, ERROR_CONFLICT,
                                 "catalog: an earlier change failed, undo the transaction first");
        return true;
}

bool write_leave(struct catalog *catalog, bool own, bool ok, struct error *err)
{
        if (!ok)
                catalog->failed = true;
        if (!own)
                return ok;
        if (ok && catalog_commit(catalog, err))
                return true;
        catalog_rollback(catalog);
        return false;
}

bool catalog_read_begin(struct catalog *catalog, struct error *err)
{
        assert(!catalog->in_transaction && !catalog->reading);
        int64_t ignored;
        if (!statement_do(catalog, BEGIN_READ, err))
                return false;
        catalog->reading = true;
        /* BEGIN alone takes no snapshot; the first read does. */
        if (read_int(catalog, VANISHED_ANY, &ignored, err))
                return true;
        catalog_read_end(catalog);
        return false;
}

void catalog_read_end(struct catalog *catalog)
{
        if (!catalog->reading)
                return;
        catalog->reading = false;
        struct error ignored;
        if (!statement_do(catalog, COMMIT, &ignored))
                sqlite3_exec(catalog->db, "ROLLBACK", NULL, NULL, NULL);
}

const char *keep_string(struct catalog *catalog, const char *bytes, size_t length)
{
        struct kept_string *kept = malloc(sizeof *kept + length + 1);
        if (kept == NULL)
                return NULL;
        memcpy(kept->bytes, bytes, length);
        kept->bytes[length] = '\0';
        kept->next = catalog->kept;
        catalog->kept = kept;
        return kept->bytes;
}
