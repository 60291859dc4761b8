#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "receive/picture_name.h"

static void names_are_judged_as_cameras_write_them(void **state)
{
        (void)state;
        static const struct {
                const char *name;
                enum skip_reason reason;
        } cases[] = {
                {"09_08_27.trig-01.jpg", SKIP_NONE},
                {"trig+3.jpg.1", SKIP_NONE},
                {"trig+3.JPG.12", SKIP_NONE},
                {"a.JPEG", SKIP_NONE},
                {"a.jpe", SKIP_NONE},
                {"22[M][0@0][0].jpg", SKIP_NONE},
                {"snapshot", SKIP_NONE},
                {"14_10_39.1400510841748.trig-02", SKIP_NONE},
                {"10.30.14", SKIP_NONE},
                {".jpg", SKIP_HIDDEN},
                {".09_08_27.jpg.tmp", SKIP_HIDDEN},
                {"a.jpg.tmp", SKIP_TEMPORARY},
                {"a.PART", SKIP_TEMPORARY},
                {"a.jpg.uploading", SKIP_TEMPORARY},
                {"a.temp", SKIP_TEMPORARY},
                {"a.jpg~", SKIP_TEMPORARY},
                {"tmp", SKIP_TEMPORARY},
                {"tmp1", SKIP_NONE},
                {"tmp.jpg", SKIP_NONE},
                {"DVRWorkDirectory", SKIP_VENDOR},
                {"a.mp4", SKIP_EXTENSION},
                {"a.3gp", SKIP_EXTENSION},
                {"a.txt", SKIP_EXTENSION},
                {"a.txt.1", SKIP_EXTENSION},
                {"a.jpg.mp4", SKIP_EXTENSION},
                {"catalog.db", SKIP_EXTENSION},
                {"a.jpf", SKIP_EXTENSION},
                {"a.", SKIP_NONE},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                if (picture_name_skip(cases[i].name) != cases[i].reason)
                        fail_msg("\"%s\" is %s", cases[i].name,
                                 skip_word(picture_name_skip(cases[i].name)));
        }
}

static void each_reason_has_a_word_of_its_own(void **state)
{
        (void)state;
        for (int i = SKIP_NONE; i < SKIP_REASONS; i++) {
                for (int k = SKIP_NONE; k < i; k++)
                        assert_string_not_equal(skip_word((enum skip_reason)i),
                                                skip_word((enum skip_reason)k));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_are_judged_as_cameras_write_them),
                cmocka_unit_test(each_reason_has_a_word_of_its_own),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
