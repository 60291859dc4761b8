#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "receive/ftp_listing.h"

static const struct utc now = {INT64_C(1400846900529)}; /* 2014-05-23T12:08:20.529Z */

static const int64_t day = INT64_C(86400000);

static void assert_line(enum ftp_list_form form, const struct ftp_entry *entry, const char *wanted)
{
        struct text text;
        text_init_growing(&text, 4096);
        ftp_listing_add(form, "a b.jpg", entry, now, &text);
        assert_string_equal(text.bytes, wanted);
        text_finish(&text);
}

static void test_lines(void **state)
{
        (void)state;
        struct ftp_entry file = {.size = 7, .modified = now};
        const struct ftp_entry folder = {.is_folder = true, .modified = now};
        assert_line(FTP_LIST_LONG, &file,
                    "-rw-r--r-- 1 camera camera            7 May 23 12:08 a b.jpg\r\n");
        assert_line(FTP_LIST_LONG, &folder,
                    "drwxr-xr-x 1 camera camera         4096 May 23 12:08 a b.jpg\r\n");
        assert_line(FTP_LIST_NAMES, &file, "a b.jpg\r\n");
        assert_line(FTP_LIST_FACTS, &file,
                    "type=file;size=7;modify=20140523120820.529; a b.jpg\r\n");
        assert_line(FTP_LIST_FACTS, &folder, "type=dir;modify=20140523120820.529; a b.jpg\r\n");
        /* Long ago, and in the future: the year instead of the time of day. */
        file.modified.ms = now.ms - 200 * day;
        assert_line(FTP_LIST_LONG, &file,
                    "-rw-r--r-- 1 camera camera            7 Nov  4  2013 a b.jpg\r\n");
        file.modified.ms = now.ms + day;
        assert_line(FTP_LIST_LONG, &file,
                    "-rw-r--r-- 1 camera camera            7 May 24  2014 a b.jpg\r\n");
        file.size = INT64_MAX;
        file.modified.ms = now.ms;
        assert_line(FTP_LIST_LONG, &file,
                    "-rw-r--r-- 1 camera camera 9223372036854775807 May 23 12:08 a b.jpg\r\n");
}

static void test_times(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                const char *again; /* NULL: none */
        } rows[] = {
                {"20140523120820.529", "20140523120820.529"},
                {"20140523120820", "20140523120820"},
                {"20140523120820.5", "20140523120820.500"},
                {"20140523120820.1239999", "20140523120820.123"},
                {"19700101000000", "19700101000000"},
                {"20160229235959", "20160229235959"},
                {"20150229235959", NULL},
                {"20141323120820", NULL},
                {"2014052312082", NULL},
                {"20140523120820.", NULL},
                {"20140523120820.x", NULL},
                {"2014052312082x", NULL},
                {"20140523240000", NULL},
                {"-0140523120000", NULL},
                {"20140523120820.12345678901", NULL},
                {"", NULL},
        };
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                struct utc time;
                struct text text;
                char buffer[64];
                bool good = ftp_time_parse(rows[i].text, strlen(rows[i].text), &time);
                assert_int_equal(good, rows[i].again != NULL);
                if (!good)
                        continue;
                text_init(&text, buffer, sizeof buffer);
                ftp_time_format(time, &text);
                assert_string_equal(buffer, rows[i].again);
        }
}

static void test_folders(void **state)
{
        (void)state;
        struct ftp_tree *tree = ftp_tree_create();
        const struct ftp_entry file = {.size = 7, .modified = now};
        struct text text;
        assert_true(ftp_tree_put_file(tree, "/d/e/f.jpg", &file));
        assert_true(ftp_tree_put_file(tree, "/d/a.jpg", &file));
        text_init_growing(&text, 4096);
        ftp_listing_write(FTP_LIST_NAMES, tree, "/d", now, &text);
        assert_string_equal(text.bytes, "a.jpg\r\ne\r\n");
        text_clear(&text);
        ftp_listing_write(FTP_LIST_NAMES, tree, "/d/e/f.jpg", now, &text);
        assert_string_equal(text.bytes, "f.jpg\r\n");
        text_clear(&text);
        ftp_listing_write(FTP_LIST_NAMES, tree, "/nowhere", now, &text);
        assert_int_equal(text.length, 0);
        text_finish(&text);
        ftp_tree_destroy(&tree);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_times),
                cmocka_unit_test(test_folders),
        };
        return cmocka_run_group_tests_name("ftp_listing", tests, NULL, NULL);
}
