/* Accounts. */
#include <stdio.h>

#include "catalog/sqlite_handle.h"

static void copy_text(char *out, size_t size, sqlite3_stmt *row, int column)
{
        const char *text = (const char *)sqlite3_column_text(row, column);
        snprintf(out, size, "%s", text != NULL ? text : "");
}

static struct account account_of_row(sqlite3_stmt *row)
{
        struct account account = {
                .number = sqlite3_column_int64(row, 0),
                .camera = {sqlite3_column_int(row, 3)}, /* NULL reads as 0 */
                .download = sqlite3_column_int(row, 4) != 0,
                .disabled = sqlite3_column_int(row, 5) != 0,
                .created = {sqlite3_column_int64(row, 6)},
        };
        copy_text(account.user, sizeof account.user, row, 1);
        copy_text(account.hash, sizeof account.hash, row, 2);
        return account;
}

bool catalog_account_add(struct catalog *catalog, struct account *account, struct error *err)
{
        sqlite3_stmt *insert;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_get(catalog, ACCOUNT_INSERT, &insert, err);
        if (ok) {
                statement_bind_text(insert, 1, account->user);
                statement_bind_text(insert, 2, account->hash);
                if (account->camera.value != 0)
                        sqlite3_bind_int(insert, 3, account->camera.value);
                else
                        sqlite3_bind_null(insert, 3);
                sqlite3_bind_int(insert, 4, account->download);
                sqlite3_bind_int(insert, 5, account->disabled);
                sqlite3_bind_int64(insert, 6, account->created.ms);
                ok = statement_run(catalog, insert, err);
        }
        if (ok && sqlite3_changes(catalog->db) == 0)
                ok = error_set(err, ERROR_CONFLICT, "there is already a user \"%s\"",
                               account->user);
        account->number = sqlite3_last_insert_rowid(catalog->db);
        return write_leave(catalog, own, ok, err);
}

/* Takes the row that `find`, bound, gives. */
static bool one_account(struct catalog *catalog, sqlite3_stmt *find, bool *found_out,
                        struct account *account_out, struct error *err)
{
        if (!statement_step(catalog, find, found_out, err))
                return false;
        if (!*found_out)
                return true;
        *account_out = account_of_row(find);
        sqlite3_reset(find);
        return true;
}

bool catalog_account_by_user(struct catalog *catalog, const char *user, struct account *account_out,
                             struct error *err)
{
        sqlite3_stmt *find;
        bool found;
        if (!statement_get(catalog, ACCOUNT_BY_USER, &find, err))
                return false;
        statement_bind_text(find, 1, user);
        if (!one_account(catalog, find, &found, account_out, err))
                return false;
        return found || error_set(err, ERROR_NOT_FOUND, "there is no user \"%.64s\"", user);
}

static bool by_number(struct catalog *catalog, enum statement which, int64_t number,
                      struct account *account_out, struct error *err)
{
        sqlite3_stmt *find;
        bool found;
        if (!statement_get(catalog, which, &find, err))
                return false;
        BIND(find, number);
        if (!one_account(catalog, find, &found, account_out, err))
                return false;
        return found || error_set(err, ERROR_NOT_FOUND, "there is no such account");
}

bool catalog_account_by_number(struct catalog *catalog, int64_t number, struct account *account_out,
                               struct error *err)
{
        return by_number(catalog, ACCOUNT_BY_NUMBER, number, account_out, err);
}

bool catalog_account_of_camera(struct catalog *catalog, struct camera_id camera,
                               struct account *account_out, struct error *err)
{
        return by_number(catalog, ACCOUNT_BY_CAMERA, camera.value, account_out, err);
}

bool catalog_accounts(struct catalog *catalog, bool (*each)(void *context, const struct account *),
                      void *context, struct error *err)
{
        sqlite3_stmt *list;
        bool row;
        if (!statement_get(catalog, ACCOUNT_LIST, &list, err))
                return false;
        for (;;) {
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        return true;
                struct account account = account_of_row(list);
                if (!each(context, &account)) {
                        sqlite3_reset(list);
                        return true;
                }
        }
}

/* Runs a bound statement that has to change a row. */
static bool change(struct catalog *catalog, sqlite3_stmt *statement, struct error *err)
{
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_run(catalog, statement, err);
        if (ok && sqlite3_changes(catalog->db) == 0)
                ok = error_set(err, ERROR_NOT_FOUND, "there is no such account");
        return write_leave(catalog, own, ok, err);
}

bool catalog_account_update(struct catalog *catalog, const struct account *account,
                            struct error *err)
{
        sqlite3_stmt *update;
        if (!statement_get(catalog, ACCOUNT_UPDATE, &update, err))
                return false;
        BIND(update, account->number);
        statement_bind_text(update, 2, account->user);
        statement_bind_text(update, 3, account->hash);
        sqlite3_bind_int(update, 4, account->download);
        sqlite3_bind_int(update, 5, account->disabled);
        return change(catalog, update, err);
}

bool catalog_account_remove(struct catalog *catalog, int64_t number, struct error *err)
{
        sqlite3_stmt *remove;
        if (!statement_get(catalog, ACCOUNT_REMOVE, &remove, err))
                return false;
        BIND(remove, number);
        return change(catalog, remove, err);
}

bool catalog_version(struct catalog *catalog, int64_t *version_out, struct error *err)
{
        sqlite3_stmt *ask;
        bool row;
        if (!statement_get(catalog, DATA_VERSION, &ask, err) ||
            !statement_step(catalog, ask, &row, err))
                return false;
        *version_out = row ? sqlite3_column_int64(ask, 0) : 0;
        sqlite3_reset(ask);
        return true;
}
