#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "receive/ftp_path.h"

static void test_examples(void **state)
{
        (void)state;
        static const struct {
                const char *cwd, *argument, *path; /* NULL: refused */
        } rows[] = {
                {"/", "", "/"},
                {"/a/b", "", "/a/b"},
                {"/a/b", ".", "/a/b"},
                {"/a/b", "..", "/a"},
                {"/a/b", "../../..", "/"},
                {"/a/b", "/", "/"},
                {"/a/b", "c", "/a/b/c"},
                {"/a/b", "/c", "/c"},
                {"/a", "\\c\\d", "/c/d"},
                {"/a", "c//d///", "/a/c/d"},
                {"/a", "..\\..\\..\\etc\\passwd", "/etc/passwd"},
                {"/a", "...", "/a/..."},
                /* Windows, and UTF-8, where every backslash is one. */
                {"/", "dir\\file.jpg", "/dir/file.jpg"},
                {"/", "00-18-ae\\VFD\\2021-01-09\\14\\x.jpg", "/00-18-ae/VFD/2021-01-09/14/x.jpg"},
                {"/", "\xe8\xbd\xa6\xe5\xba\x93\\a.jpg", "/\xe8\xbd\xa6\xe5\xba\x93/a.jpg"},
                {"/", "caf\xc3\xa9\\a.jpg", "/caf\xc3\xa9/a.jpg"},
                /* Shift-JIS: hyo, so, no: 95 5C, 83 5C, 94 5C. */
                {"/", "\x95\x5c\x8e\xa6.jpg", "/\x95\x5c\x8e\xa6.jpg"},
                {"/", "\x83\x5c\x83\x5c\\\x94\x5c/1.jpg", "/\x83\x5c\x83\x5c/\x94\x5c/1.jpg"},
                {"/\x95\x5c", "..\\\x95\x5c\\..\\a", "/a"},
                /* GBK: D5 5C, 81 5C; B3 B5 BF E2, with a backslash that parts. */
                {"/", "\xd5\x5c\\a.jpg", "/\xd5\x5c/a.jpg"},
                {"/", "\x81\x5c\x81\x5c.jpg", "/\x81\x5c\x81\x5c.jpg"},
                {"/", "\xb3\xb5\xbf\xe2\\20140523\\a.jpg", "/\xb3\xb5\xbf\xe2/20140523/a.jpg"},
                {"/", "\xb3\xb5/caf\xc3\xa9\\b", "/\xb3\xb5/caf\xc3\xa9/b"},
                /* Big5: A5 5C. */
                {"/", "\xa5\x5c\\\xa5\x5c.jpg", "/\xa5\x5c/\xa5\x5c.jpg"},
                /* A first byte alone is no character. */
                {"/", "\xe9", "/\xe9"},
                {"/", "\xe9/..\\..", "/"},
                {"/", "\x95\x5c..\\..\\..\\x", "/x"},
                {"/a", "..b/.c", "/a/..b/.c"},
                {"/a", "./x/.././y/", "/a/y"},
                {"/a", "b\rc", NULL},
                {"/a", "b\x7f", NULL},
                {"/", "\xc0\xae\xc0\xae/x", "/\xc0\xae\xc0\xae/x"},
                {"/", "1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2",
                 "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2"},
                {"/1", "1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2", NULL},
        };
        char path[FTP_PATH_SIZE];
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                bool good = ftp_path_resolve(rows[i].cwd, rows[i].argument,
                                             strlen(rows[i].argument), path);
                assert_int_equal(good, rows[i].path != NULL);
                if (good)
                        assert_string_equal(path, rows[i].path);
        }
        assert_false(ftp_path_resolve("/", "a\0b", 3, path));
}

static void test_lengths(void **state)
{
        (void)state;
        char argument[FTP_PATH_SIZE * 2];
        char path[FTP_PATH_SIZE];
        memset(argument, 'a', sizeof argument);
        assert_true(ftp_path_resolve("/", argument, FTP_NAME_MAX, path));
        assert_false(ftp_path_resolve("/", argument, FTP_NAME_MAX + 1, path));
        for (size_t i = 0; i < sizeof argument; i += 200)
                argument[i] = '/';
        for (size_t length = 1; length < sizeof argument; length++) {
                bool good = ftp_path_resolve("/", argument, length, path);
                size_t normal = argument[length - 1] == '/' && length > 1 ? length - 1 : length;
                assert_int_equal(good, normal < FTP_PATH_SIZE);
                if (good)
                        assert_int_equal(strlen(path), normal);
        }
}

static uint64_t seed = 0x9e3779b97f4a7c15;

static unsigned random_below(unsigned limit)
{
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        return (unsigned)((seed >> 33) % limit);
}

/* What a normalised path is, said another way than the code says it. */
static void assert_normal(const char *path)
{
        size_t length = strlen(path);
        assert_in_range(length, 1, FTP_PATH_SIZE - 1);
        assert_int_equal(path[0], '/');
        assert_true(length == 1 || path[length - 1] != '/');
        for (const char *at = path; (at = strchr(at, '\\')) != NULL; at++)
                assert_true((unsigned char)at[-1] >= 0x81); /* the second byte of a character */
        assert_null(strstr(path, "//"));
        char copy[FTP_PATH_SIZE + 1];
        memcpy(copy, path, length);
        copy[length] = '/';
        copy[length + 1] = '\0';
        assert_null(strstr(copy, "/./"));
        assert_null(strstr(copy, "/../"));
        for (size_t i = 0; i < length; i++)
                assert_false((unsigned char)path[i] < 0x20 || path[i] == 0x7f);
}

/* From wherever it is, no argument leads out of the root, and what is normal stays as it is. */
static void test_random_arguments(void **state)
{
        (void)state;
        static const char *const pieces[] = {
                "..",   ".",        "/",  "\\",   "//",        "a",    "bc",
                "...",  " ",        "..", "/",    "\xff",      "\x01", "\xe2\x80\xae",
                "\x95", "\xc0\xaf", "~",  "..\\", "%2e%2e%2f", "CON",  "\0"};
        char cwd[FTP_PATH_SIZE] = "/";
        for (int round = 0; round < 200000; round++) {
                char argument[256];
                char path[FTP_PATH_SIZE];
                char again[FTP_PATH_SIZE];
                size_t length = 0;
                for (unsigned i = random_below(12); i > 0; i--) {
                        const char *piece = pieces[random_below(sizeof pieces / sizeof pieces[0])];
                        size_t size = piece[0] == '\0' ? 1 : strlen(piece);
                        for (size_t k = 0; k < size; k++)
                                argument[length + k] = piece[k];
                        length += size;
                }
                if (!ftp_path_resolve(cwd, argument, length, path))
                        continue;
                assert_normal(path);
                assert_true(ftp_path_resolve("/x/y", path, strlen(path), again));
                assert_string_equal(path, again);
                ftp_path_parent(path, again);
                assert_normal(again);
                assert_true(strncmp(path, again, strlen(again)) == 0);
                assert_true(strchr(ftp_path_name(path), '/') == NULL);
                memcpy(cwd, path, sizeof cwd);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_examples),
                cmocka_unit_test(test_lengths),
                cmocka_unit_test(test_random_arguments),
        };
        return cmocka_run_group_tests_name("ftp_path", tests, NULL, NULL);
}
