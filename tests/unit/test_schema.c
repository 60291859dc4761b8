#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "catalog/sqlite_schema.h"
#include "catalog_model.h"

static char directory[64];
static char path[128];

static int set_up(void **state)
{
        (void)state;
        temporary_make(directory);
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        temporary_remove(directory);
        return 0;
}

static sqlite3 *open_raw(const char *file)
{
        sqlite3 *db = NULL;
        assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
        return db;
}

static int ask(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *statement = NULL;
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        int value = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        return value;
}

static const struct schema_step steps[] = {
        {"CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (1);", true},
        {"ALTER TABLE one ADD COLUMN b INTEGER; UPDATE one SET b = a + 1;", false},
        {"CREATE TABLE three (c INTEGER); INSERT INTO three VALUES (3); INSERT INTO nowhere "
         "VALUES (1);",
         false},
};

static void what_is_only_added_to_is_not_copied(void **state)
{
        (void)state;
        static const struct schema_step added[] = {
                {"CREATE TABLE one (a INTEGER);", false},
                {"CREATE TABLE two (b INTEGER);", true},
                {"ALTER TABLE two ADD COLUMN c INTEGER;", false},
        };
        char copy[160];
        struct error err = {0};
        sqlite3 *db = open_raw(path);
        assert_true(schema_migrate(db, path, added, 1, &err));
        assert_true(schema_migrate(db, path, added, 2, &err));
        snprintf(copy, sizeof copy, "%s.version-1", path);
        assert_int_not_equal(access(copy, F_OK), 0);
        assert_true(schema_migrate(db, path, added, 3, &err));
        snprintf(copy, sizeof copy, "%s.version-2", path);
        assert_int_equal(access(copy, F_OK), 0);
        sqlite3_close(db);
}

static void an_older_file_is_copied_then_upgraded(void **state)
{
        (void)state;
        char copy[160];
        struct error err = {0};
        int version = -1;
        sqlite3 *db = open_raw(path);
        assert_true(schema_version(db, path, &version, &err));
        assert_int_equal(version, 0);
        assert_true(schema_migrate(db, path, steps, 1, &err));
        snprintf(copy, sizeof copy, "%s.version-1", path);
        assert_int_not_equal(access(copy, F_OK), 0);
        assert_true(schema_migrate(db, path, steps, 2, &err));
        assert_true(schema_version(db, path, &version, &err));
        assert_int_equal(version, 2);
        assert_int_equal(ask(db, "SELECT b FROM one"), 2);
        sqlite3 *old = open_raw(copy);
        assert_true(schema_version(old, copy, &version, &err));
        assert_int_equal(version, 1);
        assert_int_equal(ask(old, "SELECT a FROM one"), 1);
        sqlite3_close(old);
        sqlite3_close(db);
}

static void an_upgrade_that_fails_changes_nothing(void **state)
{
        (void)state;
        struct error err = {0};
        int version = -1;
        sqlite3 *db = open_raw(path);
        assert_true(schema_migrate(db, path, steps, 2, &err));
        assert_false(schema_migrate(db, path, steps, 3, &err));
        assert_non_null(strstr(err.text, "version 3"));
        assert_true(schema_version(db, path, &version, &err));
        assert_int_equal(version, 2);
        assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'three'"), 0);
        /* What the failed attempt copied is in nobody's way. */
        assert_false(schema_migrate(db, path, steps, 3, &err));
        assert_non_null(strstr(err.text, "nowhere"));
        sqlite3_close(db);
}

static void a_newer_file_is_refused_by_both_kinds_of_handle(void **state)
{
        (void)state;
        char sql[64];
        struct error err = {0};
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        catalog_close(&catalog);
        sqlite3 *db = open_raw(path);
        snprintf(sql, sizeof sql, "PRAGMA user_version = %d", schema_step_count + 1);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        assert_false(catalog_open(directory, CATALOG_WRITE, &catalog, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        assert_false(catalog_open(directory, CATALOG_READ, &catalog, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        assert_null(catalog);
}

static void what_is_no_catalog_is_left_alone(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = NULL;
        sqlite3 *db = open_raw(path);
        assert_int_equal(sqlite3_exec(db, "CREATE TABLE theirs (a)", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        assert_false(catalog_open(directory, CATALOG_WRITE, &catalog, &err));
        assert_int_equal(err.kind, ERROR_CORRUPT);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        for (int i = 0; i < 2000; i++)
                fputs("not a database ", file);
        assert_int_equal(fclose(file), 0);
        assert_false(catalog_open(directory, CATALOG_WRITE, &catalog, &err));
        assert_int_equal(err.kind, ERROR_CORRUPT);
        assert_false(catalog_open(directory, CATALOG_READ, &catalog, &err));
        assert_int_equal(err.kind, ERROR_CORRUPT);
}

/* Several processes may be the first at once. */
static void many_may_create_it_at_the_same_time(void **state)
{
        (void)state;
        for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 6; i++) {
                        if (fork() == 0) {
                                struct catalog *catalog = NULL;
                                struct error err = {0};
                                bool ok = catalog_open(directory, CATALOG_WRITE, &catalog, &err);
                                if (!ok)
                                        fprintf(stderr, "%s\n", err.text);
                                catalog_close(&catalog);
                                _exit(ok ? 0 : 1);
                        }
                }
                for (int i = 0; i < 6; i++) {
                        int status = 1;
                        assert_true(wait(&status) > 0);
                        assert_int_equal(status, 0);
                }
                temporary_remove(directory);
                temporary_make(directory);
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(an_older_file_is_copied_then_upgraded),
                TEST(what_is_only_added_to_is_not_copied),
                TEST(an_upgrade_that_fails_changes_nothing),
                TEST(a_newer_file_is_refused_by_both_kinds_of_handle),
                TEST(what_is_no_catalog_is_left_alone),
                TEST(many_may_create_it_at_the_same_time),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
