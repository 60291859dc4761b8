#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog_model.h"
#include "query/rhythm.h"
#include "query/silence.h"

#define MINUTE INT64_C(60000)
#define START (INT64_C(1400800000) * 1000 / MINUTE * MINUTE)

static struct rhythm *rhythm;

static int set_up(void **state)
{
        (void)state;
        rhythm = calloc(1, sizeof *rhythm);
        return rhythm == NULL;
}

static int tear_down(void **state)
{
        (void)state;
        free(rhythm);
        return 0;
}

static void add(int64_t gap, int times)
{
        for (int i = 0; i < times; i++)
                rhythm_add(rhythm, gap, 1);
}

static void nothing_is_said_of_few_gaps(void **state)
{
        (void)state;
        add(60, RHYTHM_GAPS_MIN - 1);
        assert_int_equal(rhythm_usual(rhythm), 0);
        assert_int_equal(rhythm_silent_after(rhythm), 1440);
        add(0, 100); /* no gap at all */
        assert_int_equal(rhythm_usual(rhythm), 0);
        add(60, 1);
        assert_int_equal(rhythm_usual(rhythm), 60);
}

static void a_steady_camera_is_silent_after_thrice_its_gap(void **state)
{
        (void)state;
        add(1, 9000); /* a frame every ten seconds, with three failures */
        add(150, 2);
        add(RHYTHM_GAP_MAX + 5, 1);
        assert_int_equal(rhythm_usual(rhythm), 1);
        assert_int_equal(rhythm_silent_after(rhythm), 3);
        memset(rhythm, 0, sizeof *rhythm);
        add(60, 160); /* a frame an hour */
        add(300, 2);
        assert_int_equal(rhythm_usual(rhythm), 60);
        assert_int_equal(rhythm_silent_after(rhythm), 180);
}

static void nights_that_are_always_calm_are_not_silence(void **state)
{
        (void)state;
        add(1, 2000);
        add(7, 300);
        add(40, 30);
        add(480, 7);
        add(900, 1); /* this one is */
        assert_int_equal(rhythm_silent_after(rhythm), 960);
        memset(rhythm, 0, sizeof *rhythm);
        add(1, 6000); /* a busy street by day, nothing by night */
        add(420, 7);
        assert_int_equal(rhythm_silent_after(rhythm), 840);
}

static void a_day_does_not_tell_what_nights_are_like(void **state)
{
        (void)state;
        add(1, 100);
        add(20, 60);
        add(300, 1); /* the night, or a failure: who knows */
        assert_int_equal(rhythm_silent_after(rhythm), 1440);
        for (int day = 1; day < 5; day++) {
                add(1, 100);
                add(20, 60);
                add(300, 1);
        }
        assert_int_equal(rhythm_silent_after(rhythm), 600);
}

/* Whatever little is known, none of it is silence; but nobody is waited for in vain for ever. */
static void what_cannot_be_told_is_a_day_or_twice_the_longest(void **state)
{
        (void)state;
        assert_int_equal(rhythm_silent_after(rhythm), 1440);
        add(700, 1);
        assert_int_equal(rhythm_silent_after(rhythm), 1440);
        add(721, 1);
        assert_int_equal(rhythm_silent_after(rhythm), 1442);
        add(3 * RHYTHM_GAP_MAX, 1);
        assert_int_equal(rhythm_silent_after(rhythm), 6 * RHYTHM_GAP_MAX);
}

static void a_flapping_camera_is_silent_each_time(void **state)
{
        (void)state;
        add(1, 9000);
        add(12, 100);
        assert_int_equal(rhythm_silent_after(rhythm), 3);
}

/* ---- on a catalog ---- */

static struct model model;
static struct catalog *catalog;
static char directory[64];

/* A frame a minute for `minutes` minutes from minute `from` on. */
static void add_minutes(int from, int minutes)
{
        for (int i = 0; i < minutes; i++) {
                struct frame frame = model_frame(&model, 0);
                frame.key.camera = model.cameras[0];
                frame.key.time.ms = START + (from + i) * MINUTE + 17;
                snprintf(frame.place.name, sizeof frame.place.name, "s/%d.jpg", from + i);
                struct add_result result;
                struct error err = {0};
                if (!catalog_add(catalog, &frame, 1, &result, &err))
                        fail_msg("%s", err.text);
        }
}

static struct silences find(int from, int to)
{
        struct stretch stretch = {model.cameras[0], {START + from * MINUTE}, {START + to * MINUTE}};
        struct silences silences;
        struct error err = {0};
        if (!silences_find(catalog, &stretch, &silences, &err))
                fail_msg("%s", err.text);
        return silences;
}

static void expect_one(int from, int to, int silent_from, int silent_to)
{
        struct silences silences = find(from, to);
        assert_int_equal(silences.silent_after_ms, 3 * MINUTE);
        assert_int_equal(silences.count, 1);
        assert_int_equal(silences.list[0].from.ms, START + silent_from * MINUTE);
        assert_int_equal(silences.list[0].to.ms, START + silent_to * MINUTE);
        silences_close(&silences);
}

static void silences_of_a_catalog(void **state)
{
        (void)state;
        temporary_make(directory);
        catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        model_init(&model, catalog, 5);
        struct silences none = find(0, 10);
        assert_int_equal(none.usual_ms, 0);
        assert_int_equal(none.count, 0);
        silences_close(&none);
        add_minutes(0, 30);
        add_minutes(32, 30); /* too short to be silence */
        add_minutes(100, 30);
        add_minutes(100 + 30 * 1440, 5); /* after a month */
        expect_one(0, 99, 62, 100);
        expect_one(70, 80, 62, 100); /* given whole */
        expect_one(62, 62, 62, 100);
        expect_one(105, 200, 130, 100 + 30 * 1440);
        expect_one(20000, 20001, 130, 100 + 30 * 1440); /* far from any frame */
        none = find(0, 61);
        assert_int_equal(none.count, 0);
        silences_close(&none);
        none = find(100 + 30 * 1440, 100 + 40 * 1440); /* what is behind the last is not told */
        assert_int_equal(none.count, 0);
        silences_close(&none);
        catalog_close(&catalog);
        temporary_remove(directory);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(nothing_is_said_of_few_gaps, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_steady_camera_is_silent_after_thrice_its_gap,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(nights_that_are_always_calm_are_not_silence, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(a_day_does_not_tell_what_nights_are_like, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_cannot_be_told_is_a_day_or_twice_the_longest,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_flapping_camera_is_silent_each_time, set_up,
                                                tear_down),
                cmocka_unit_test(silences_of_a_catalog),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
