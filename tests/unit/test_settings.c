#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/settings.h"

static struct settings fresh(void)
{
        struct settings settings;
        struct error err;
        assert_true(settings_init(&settings, &err));
        return settings;
}

static bool read_text(struct settings *settings, const char *yaml, struct error *err)
{
        return settings_read_text(settings, "test.yaml", yaml, strlen(yaml), err);
}

static char *environment(const char *name)
{
        static char zone[] = "Europe/Berlin";
        static char folders[] = "/env/a:/env/b";
        if (strcmp(name, "CCTVWEB_ZONE") == 0)
                return zone;
        return strcmp(name, "CCTVWEB_FOLDERS") == 0 ? folders : NULL;
}

/* In whatever order sources are read, the strongest one counts. */
static void the_strongest_source_counts(void **state)
{
        (void)state;
        for (int order = 0; order < 6; order++) {
                static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                                 {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
                struct settings settings = fresh();
                struct error err;
                for (int i = 0; i < 3; i++) {
                        switch (orders[order][i]) {
                        case 0:
                                assert_true(read_text(&settings,
                                                      "zone: Asia/Tokyo\ncache_mb: 7\n"
                                                      "folders: [/file/a]\nlisten: \"[::1]:1\"\n",
                                                      &err));
                                break;
                        case 1:
                                assert_true(
                                        settings_read_environment(&settings, environment, &err));
                                break;
                        default:
                                assert_true(settings_set(&settings, SETTING_FOLDERS, "/flag/a",
                                                         SOURCE_FLAG, &err));
                                assert_true(settings_set(&settings, SETTING_FOLDERS, "/flag/b",
                                                         SOURCE_FLAG, &err));
                        }
                }
                assert_string_equal(settings_text(&settings, SETTING_ZONE), "Europe/Berlin");
                assert_string_equal(settings_text(&settings, SETTING_LISTEN), "[::1]:1");
                assert_int_equal(settings_number(&settings, SETTING_CACHE_MB), 7);
                assert_int_equal(settings.values[SETTING_FOLDERS].count, 2);
                assert_string_equal(settings.values[SETTING_FOLDERS].items[1], "/flag/b");
                assert_int_equal(settings.values[SETTING_LOG_LEVEL].source, SOURCE_DEFAULT);
                settings_finish(&settings);
        }
}

static void refuse(const char *yaml, const char *complaint)
{
        struct settings settings = fresh();
        struct error err = {0};
        assert_false(read_text(&settings, yaml, &err));
        assert_int_equal(err.kind, ERROR_INPUT);
        if (strstr(err.text, complaint) == NULL)
                fail_msg("\"%s\" does not say \"%s\"", err.text, complaint);
        settings_finish(&settings);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
        (void)state;
        refuse("zone: UTC\ncolour: red\n", "colour");
        refuse("zone: UTC\ncolour: red\n", "line 2");
        refuse("zone: UTC\n\nfolders: {a: b}\n", "line: 3");
        refuse("zone: [a\n", "test.yaml");
        refuse("zone: UTC\n\n# why\ncache_mb: lots\n", "line 4: cache_mb");
        refuse("cache_mb: -1\n", "cache_mb");
        refuse("cache_mb: 99999999999999999999\n", "cache_mb");
        refuse("log_level: loud\n", "debug|info|warn|error");
        refuse("- a\n", "test.yaml");
}

static void nothing_is_fine(void **state)
{
        (void)state;
        struct settings settings = fresh();
        struct error err;
        assert_true(read_text(&settings, "{}\n", &err));
        assert_true(read_text(&settings, "zone:\nfolders: []\n", &err));
        assert_string_equal(settings_text(&settings, SETTING_ZONE), "UTC");
        settings_finish(&settings);
}

static void what_is_printed_can_be_read(void **state)
{
        (void)state;
        struct settings settings = fresh();
        struct error err;
        struct text text;
        assert_true(settings_set(&settings, SETTING_DATA, "/d \"x\": #y", SOURCE_FLAG, &err));
        assert_true(settings_set(&settings, SETTING_FOLDERS, "/a, b", SOURCE_FLAG, &err));
        assert_true(settings_set(&settings, SETTING_TEMPLATE, "$SH/$SD(%Y)", SOURCE_FLAG, &err));
        text_init_growing(&text, 1 << 16);
        settings_print(&settings, &text);
        assert_true(text_ok(&text));
        struct settings again = fresh();
        if (!read_text(&again, text.bytes, &err))
                fail_msg("%s", err.text);
        for (int i = 0; i < SETTINGS; i++) {
                assert_int_equal(again.values[i].count, settings.values[i].count);
                for (size_t j = 0; j < again.values[i].count; j++)
                        assert_string_equal(again.values[i].items[j], settings.values[i].items[j]);
        }
        text_finish(&text);
        settings_finish(&again);
        settings_finish(&settings);
}

static void flags_follow_from_the_table(void **state)
{
        (void)state;
        struct text help;
        text_init_growing(&help, 1 << 16);
        settings_print_help(&help);
        assert_true(text_ok(&help));
        for (int i = 0; i < SETTINGS; i++) {
                char flag[64];
                int length = snprintf(flag, sizeof flag, "--%s ", setting_rows[i].name);
                for (int j = 0; j < length; j++)
                        flag[j] = flag[j] == '_' ? '-' : flag[j];
                assert_non_null(strstr(help.bytes, flag));
                flag[length - 1] = '\0';
                assert_int_equal(settings_of_flag(flag + 2), i);
        }
        assert_int_equal(settings_of_flag("cache"), SETTINGS);
        assert_int_equal(settings_of_flag("cache-mbx"), SETTINGS);
        text_finish(&help);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_strongest_source_counts),
                cmocka_unit_test(what_is_wrong_is_said_with_its_place),
                cmocka_unit_test(nothing_is_fine),
                cmocka_unit_test(what_is_printed_can_be_read),
                cmocka_unit_test(flags_follow_from_the_table),
        };
        return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
