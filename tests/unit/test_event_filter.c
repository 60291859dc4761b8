#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "query/event_filter.h"

static void what_is_well_formed_is_taken(void **state)
{
        (void)state;
        static const char *const pairs[][2] = {
                {"camera", "front"},
                {"camera", "back yard"},
                {"camera", "front"},
                {"from", "1000"},
                {"to", "1970-01-01T00:00:02Z"},
                {"dwell", "2.5"},
                {"window", "3"},
                {"window", "64"},
                {"kind", "motion"},
                {"hours", "22:00-06:30"},
                {"weekday", "mon"},
                {"weekday", "0"},
                {"sort", "-length"},
                {"limit", "1000"},
                {"cursor", "x"},
        };
        struct event_filter filter;
        struct error err = {0};
        event_filter_init(&filter);
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
                if (!event_filter_set(&filter, pairs[i][0], pairs[i][1], &err))
                        fail_msg("%s", err.text);
        }
        assert_int_equal(filter.camera_count, 2);
        assert_string_equal(filter.cameras[1], "back yard");
        assert_int_equal(filter.from.ms, 1000);
        assert_int_equal(filter.to.ms, 2000);
        assert_int_equal(filter.dwell_ms, 2500);
        assert_int_equal(filter.windows, UINT64_C(1) << 63 | 4);
        assert_string_equal(filter.kinds[0], "motion");
        assert_true(filter.has_hours);
        assert_int_equal(filter.hours_from_minute, 22 * 60);
        assert_int_equal(filter.hours_to_minute, 6 * 60 + 30);
        assert_int_equal(filter.weekdays, 3);
        assert_int_equal(filter.sort, EVENT_SORT_DURATION);
        assert_true(filter.descending);
        assert_int_equal(filter.limit, 1000);
        assert_string_equal(filter.cursor, "x");
        assert_true(event_filter_set(&filter, "sort", "time", &err));
        assert_int_equal(filter.sort, EVENT_SORT_TIME);
        assert_false(filter.descending);
        assert_true(event_filter_set(&filter, "dwell", "86400", &err));
        assert_true(event_filter_set(&filter, "dwell", "1.001", &err));
        assert_int_equal(filter.dwell_ms, 1001);
        assert_true(event_filter_set(&filter, "hours", "00:00-24:00", &err));
}

static void what_is_ill_formed_is_refused_by_name_and_changes_nothing(void **state)
{
        (void)state;
        static const char *const pairs[][2] = {
                {"camera", ""},
                {"camera", ".."},
                {"camera", "a/b"},
                {"camera", "\xff"},
                {"from", ""},
                {"from", "yesterday"},
                {"to", "2014-02-30"},
                {"dwell", "0"},
                {"dwell", "0.999"},
                {"dwell", "86400.001"},
                {"dwell", "86401"},
                {"dwell", ""},
                {"dwell", "3."},
                {"dwell", ".5"},
                {"dwell", "1.0001"},
                {"dwell", "-3"},
                {"dwell", "3s"},
                {"dwell", "99999999999999999999"},
                {"window", "0"},
                {"window", "65"},
                {"window", ""},
                {"window", "3x"},
                {"kind", ""},
                {"hours", "8:00-12:00"},
                {"hours", "08:00"},
                {"hours", "08:00-08:00"},
                {"hours", "08:60-09:00"},
                {"hours", "24:00-01:00"},
                {"hours", "08:00-24:01"},
                {"hours", "08:00-12:00 "},
                {"hours", "08:00-1"},
                {"weekday", "7"},
                {"weekday", "monday"},
                {"weekday", ""},
                {"weekday", "01"},
                {"sort", ""},
                {"sort", "-"},
                {"sort", "--time"},
                {"sort", "size"},
                {"limit", "0"},
                {"limit", "1001"},
                {"limit", "-1"},
                {"cursor", ""},
                {"Camera", "front"},
                {"", ""},
                {"offset", "3"},
        };
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
                struct event_filter filter;
                struct event_filter untouched;
                struct error err = {0};
                event_filter_init(&filter);
                event_filter_init(&untouched);
                if (event_filter_set(&filter, pairs[i][0], pairs[i][1], &err))
                        fail_msg("%s=%s was taken", pairs[i][0], pairs[i][1]);
                assert_int_equal(err.kind, ERROR_INPUT);
                assert_non_null(strstr(err.text, pairs[i][0]));
                assert_memory_equal(&filter, &untouched, sizeof filter);
        }
}

static void what_repeats_is_bounded(void **state)
{
        (void)state;
        struct event_filter filter;
        struct error err = {0};
        event_filter_init(&filter);
        for (int i = 0; i < FILTER_CAMERAS_MAX; i++) {
                char name[32];
                snprintf(name, sizeof name, "camera %d", i);
                assert_true(event_filter_set(&filter, "camera", name, &err));
        }
        assert_true(event_filter_set(&filter, "camera", "camera 0", &err));
        assert_false(event_filter_set(&filter, "camera", "one more", &err));
        for (int i = 0; i < FILTER_KINDS_MAX; i++)
                assert_true(event_filter_set(&filter, "kind", "word", &err));
        assert_false(event_filter_set(&filter, "kind", "word", &err));
        char longest[FILTER_KIND_SIZE + 1];
        memset(longest, 'k', FILTER_KIND_SIZE);
        longest[FILTER_KIND_SIZE] = '\0';
        event_filter_init(&filter);
        assert_false(event_filter_set(&filter, "kind", longest, &err));
        assert_true(event_filter_set(&filter, "kind", longest + 1, &err));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_well_formed_is_taken),
                cmocka_unit_test(what_is_ill_formed_is_refused_by_name_and_changes_nothing),
                cmocka_unit_test(what_repeats_is_bounded),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
