#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "catalog_model.h"

static char directory[64];
static struct catalog *catalog;

static int set_up(void **state)
{
        (void)state;
        static struct model model;
        temporary_make(directory);
        catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        model_init(&model, catalog, 3);
        for (int i = 0; i < 100; i++) {
                struct frame frame = model_frame(&model, i);
                model_add(&model, catalog, &frame, 1);
        }
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        catalog_close(&catalog);
        temporary_remove(directory);
        return 0;
}

static void spoil(const char *sql)
{
        char path[128];
        char *why = NULL;
        sqlite3 *db = NULL;
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
                fail_msg("%s: %s", sql, why);
        assert_true(sqlite3_changes(db) > 0);
        sqlite3_close(db);
}

struct sentences {
        char text[4096];
        int count;
};

static void note(void *context, const char *sentence)
{
        struct sentences *sentences = context;
        size_t used = strlen(sentences->text);
        snprintf(sentences->text + used, sizeof sentences->text - used, "%s\n", sentence);
        sentences->count++;
}

/* One row spoiled is one thing named, with the words that find it; put right, nothing is. */
static void each_spoiled_row_is_named(void **state)
{
        (void)state;
        static const struct {
                const char *spoil;
                const char *repair;
                const char *words[3];
        } cases[] = {
                {"UPDATE runs SET frames = frames + 1 WHERE (camera, start) IN "
                 "(SELECT camera, start FROM runs LIMIT 1 OFFSET 3)",
                 "UPDATE runs SET frames = frames - 1 WHERE (camera, start) IN "
                 "(SELECT camera, start FROM runs LIMIT 1 OFFSET 3)",
                 {"runs: camera \"camera-0\" at ", "frames should be ", ", but is "}},
                {"UPDATE runs SET bytes = bytes - 5 WHERE (camera, start) IN "
                 "(SELECT camera, start FROM runs LIMIT 1)",
                 "UPDATE runs SET bytes = bytes + 5 WHERE (camera, start) IN "
                 "(SELECT camera, start FROM runs LIMIT 1)",
                 {"runs: ", "bytes should be ", NULL}},
                {"UPDATE runs SET start = start - 100000 WHERE (camera, start) IN "
                 "(SELECT camera, start FROM runs ORDER BY camera DESC, start LIMIT 1)",
                 "UPDATE runs SET start = start + 100000 WHERE (camera, start) IN "
                 "(SELECT camera, start FROM runs ORDER BY camera DESC, start LIMIT 1)",
                 {"no run begins there", "is missing; it has ", "camera-2"}},
                {"UPDATE runs SET cover = cover + 1 WHERE (camera, start) IN "
                 "(SELECT camera, start FROM runs LIMIT 1)",
                 "UPDATE runs SET cover = cover - 1 WHERE (camera, start) IN "
                 "(SELECT camera, start FROM runs LIMIT 1)",
                 {"runs: ", "cover rank should be ", NULL}},
                {"UPDATE activity SET motion_frames = motion_frames + 2 WHERE (camera, minute) IN "
                 "(SELECT camera, minute FROM activity LIMIT 1)",
                 "UPDATE activity SET motion_frames = motion_frames - 2 WHERE (camera, minute) IN "
                 "(SELECT camera, minute FROM activity LIMIT 1)",
                 {"activity: camera \"camera-0\" at ", "frames with motion should be ", NULL}},
                {"UPDATE activity SET windows = x'3005' WHERE (camera, minute) IN "
                 "(SELECT camera, minute FROM activity WHERE windows = x'' LIMIT 1)",
                 "UPDATE activity SET windows = x'' WHERE windows = x'3005'",
                 {"activity: ", "frames in window 49 should be 0, but is 5", NULL}},
                {"UPDATE activity SET windows = x'ff' WHERE (camera, minute) IN "
                 "(SELECT camera, minute FROM activity WHERE windows = x'' LIMIT 1)",
                 "UPDATE activity SET windows = x'' WHERE windows = x'ff'",
                 {"activity: ", "cannot be read", NULL}},
                {"UPDATE activity SET minute = minute + 5000 WHERE (camera, minute) IN "
                 "(SELECT camera, minute FROM activity LIMIT 1 OFFSET 1)",
                 "UPDATE activity SET minute = minute - 5000 WHERE (camera, minute) NOT IN "
                 "(SELECT camera, cast(floor(time / 60000.0) AS INTEGER) FROM frames)",
                 {"has no frames", "is missing; it has ", NULL}},
                {"UPDATE cameras SET bytes = bytes + 7 WHERE id = 2",
                 "UPDATE cameras SET bytes = bytes - 7 WHERE id = 2",
                 {"cameras: camera \"camera-1\": bytes should be ", NULL, NULL}},
                {"UPDATE cameras SET frames = 0 WHERE id = 3",
                 "UPDATE cameras SET frames = (SELECT count(*) FROM frames WHERE camera = 3) "
                 "WHERE id = 3",
                 {"cameras: camera \"camera-2\": frames should be ", ", but is 0", NULL}},
                {"UPDATE cameras SET id = 99 WHERE id = 2",
                 "UPDATE cameras SET id = 2 WHERE id = 99",
                 {"cameras: camera 2 is missing", "camera \"camera-1\"", NULL}},
                {"UPDATE folders SET id = 99 WHERE id = 1",
                 "UPDATE folders SET id = 1 WHERE id = 99",
                 {"folders: folder 1 is missing", NULL, NULL}},
                {"UPDATE traits SET id = id + 1000 WHERE id = 1",
                 "UPDATE traits SET id = 1 WHERE id = 1001",
                 {"frames: camera \"camera-", "has traits that are not there", NULL}},
                {"INSERT INTO skipped SELECT folder, name, 1, 1, 'x' FROM frames LIMIT 1",
                 "DELETE FROM skipped",
                 {"1 files are in both frames and skipped", NULL, NULL}},
                {"INSERT INTO marks VALUES (1, 1, 0, 10), (1, 1, 11, 20), (1, 2, 21, 30)",
                 "DELETE FROM marks",
                 {"1 marks overlap or touch", NULL, NULL}},
                {"INSERT INTO marks VALUES (77, 1, 0, 10)",
                 "DELETE FROM marks",
                 {"1 marks and notes are of cameras", NULL, NULL}},
                {"INSERT INTO notes (camera, start, end, text, changed) VALUES (1, 5, 4, 'x', 0)",
                 "DELETE FROM notes",
                 {"1 notes end before they start", NULL, NULL}},
                {"INSERT INTO runs VALUES (77, 5, 0, 1, 0, 9, 1, 0)",
                 "DELETE FROM runs WHERE camera = 77",
                 {"runs: camera 77 at 1970-01-01T00:00:00.005Z", NULL, NULL}},
        };
        struct error err = {0};
        int64_t differences = 0;
        struct sentences sentences = {0};
        assert_true(catalog_check(catalog, note, &sentences, &differences, &err));
        assert_string_equal(sentences.text, "");
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                spoil(cases[i].spoil);
                struct catalog *reader = catalog_open_or_fail(directory, CATALOG_READ);
                sentences = (struct sentences){0};
                assert_true(catalog_check(reader, note, &sentences, &differences, &err));
                assert_int_equal(differences, sentences.count);
                assert_true(differences > 0);
                for (int j = 0; j < 3 && cases[i].words[j] != NULL; j++) {
                        if (strstr(sentences.text, cases[i].words[j]) == NULL)
                                fail_msg("%s\nnot said: %s\nsaid: %s", cases[i].spoil,
                                         cases[i].words[j], sentences.text);
                }
                catalog_close(&reader);
                spoil(cases[i].repair);
                reader = catalog_open_or_fail(directory, CATALOG_READ);
                sentences = (struct sentences){0};
                assert_true(catalog_check(reader, note, &sentences, &differences, &err));
                if (differences != 0)
                        fail_msg("%s\nleft: %s", cases[i].repair, sentences.text);
                catalog_close(&reader);
        }
}

static void a_damaged_file_is_told(void **state)
{
        (void)state;
        char path[128];
        struct error err = {0};
        struct catalog *reader = NULL;
        struct sentences sentences = {0};
        int64_t differences = 0;
        catalog_close(&catalog);
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, 0, SEEK_END), 0);
        long size = ftell(file);
        for (long page = 4096; page + 64 < size; page += 4096) {
                /* the cell pointers of every page but the first */
                assert_int_equal(fseek(file, page + 8, SEEK_SET), 0);
                for (int i = 0; i < 32; i++)
                        fputc(0xff, file);
        }
        assert_int_equal(fclose(file), 0);
        bool told = !catalog_open(directory, CATALOG_READ, &reader, &err);
        if (!told) {
                bool done = catalog_check(reader, note, &sentences, &differences, &err);
                told = done ? differences > 0 : err.kind == ERROR_CORRUPT;
        }
        assert_true(told);
        catalog_close(&reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(each_spoiled_row_is_named),
                TEST(a_damaged_file_is_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
