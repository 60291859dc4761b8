/* Motion windows of cameras, and how a camera does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog_model.h"
#include "query/health.h"
#include "query/silence.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOON INT64_C(1400760000000) /* 2014-05-22T12:00:00Z */

static char directory[64];
static struct catalog *catalog;
static struct camera camera;
static struct folder_id folder;
static int files;

static void must(bool ok, const struct error *err)
{
        if (!ok)
                fail_msg("%s", err->text);
}

static int set_up(void **state)
{
        (void)state;
        struct error err = {0};
        temporary_make(directory);
        catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        camera = (struct camera){.name = "yard", .zone = "UTC", .dwell_ms = DWELL_DEFAULT_MS};
        must(catalog_camera_create(catalog, &camera, &err), &err);
        must(catalog_folder(catalog, "/srv/pictures", &folder, &err), &err);
        files = 0;
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        catalog_close(&catalog);
        temporary_remove(directory);
        return 0;
}

/* ---- frames ---- */

enum kind_of_place { IN_FOLDER, IN_HOUR_FILE };

static void put(enum kind_of_place place, int64_t time, int64_t received, enum time_source source)
{
        struct error err = {0};
        struct add_result added;
        struct frame frame = {
                .key = {camera.id, {time}, 0},
                .received = {received},
                .sequence = -1,
                .kinds = 1,
                .width = 640,
                .height = 480,
                .bytes = 1000,
                .time_source = source,
        };
        if (place == IN_FOLDER) {
                frame.place.folder = folder;
                snprintf(frame.place.name, sizeof frame.place.name, "%d.jpg", files++);
        } else {
                frame.place.segment.value = 1;
                frame.place.offset = 2000 * (int64_t)files++ + 100;
        }
        must(catalog_add(catalog, &frame, 1, &added, &err), &err);
}

/* A frame each `step` from `from` on until before `to`, a second on its way. */
static void fill(int64_t from, int64_t to, int64_t step)
{
        struct error err = {0};
        must(catalog_begin(catalog, &err), &err);
        for (int64_t time = from; time < to; time += step)
                put(IN_HOUR_FILE, time, time + SECOND, TIME_VENDOR);
        must(catalog_commit(catalog, &err), &err);
}

static struct camera_health health_at(int64_t now, bool has_account)
{
        struct camera_health health;
        struct error err = {0};
        struct frame latest;
        must(catalog_camera_by_id(catalog, camera.id, &camera, &err), &err);
        if (camera.has_frames)
                must(catalog_frame(catalog, &camera.last, &latest, &err), &err);
        struct health_question question = {camera.has_frames ? &latest : NULL, has_account, {now}};
        must(camera_health(catalog, &camera, &question, &health, &err), &err);
        return health;
}

/* ---- rate ---- */

static void the_rate_stands_beside_that_of_other_days(void **state)
{
        (void)state;
        struct camera_health none = health_at(NOON, true);
        assert_int_equal(none.rate, 0);
        assert_false(none.skew_known || none.overdue || utc_known(none.silent_since));
        /* Each day from 11 to 12: 60 frames more than the day before. */
        for (int day = 0; day <= 9; day++) {
                int frames = 60 * (day + 1);
                for (int i = 0; i < frames; i++)
                        fill(NOON - (9 - day) * DAY - HOUR + i * HOUR / frames,
                             NOON - (9 - day) * DAY - HOUR + i * HOUR / frames + 1, HOUR);
        }
        struct camera_health health = health_at(NOON + 20 * SECOND, true);
        assert_int_equal(health.rate, 600);
        assert_int_equal(health.usual_days, 7);
        /* Of days 3 to 9. */
        assert_int_equal(health.usual_thousandths,
                         (180 + 240 + 300 + 360 + 420 + 480 + 540) * 1000 / 7);
        /* Just after midnight there is nothing now, and never was. */
        health = health_at(NOON + 13 * HOUR, true);
        assert_int_equal(health.rate, 0);
        assert_int_equal(health.usual_thousandths, 0);
        assert_false(health.overdue);
}

static void days_before_the_first_frame_do_not_count(void **state)
{
        (void)state;
        fill(NOON - 2 * DAY - 2 * HOUR, NOON, MINUTE);
        struct camera_health health = health_at(NOON, true);
        assert_int_equal(health.rate, 60);
        assert_int_equal(health.usual_days, 2);
        assert_int_equal(health.usual_thousandths, 60000);
        fill(NOON + 30 * DAY, NOON + 30 * DAY + HOUR, MINUTE);
        assert_int_equal(health_at(NOON + 30 * DAY + HOUR, true).usual_thousandths, 0);
}

/* ---- the clock ---- */

static void the_skew_is_that_of_most(void **state)
{
        (void)state;
        for (int i = 0; i < 9; i++)
                put(IN_HOUR_FILE, NOON + i * SECOND,
                    NOON + i * SECOND + (i % 4 == 3 ? 9 * MINUTE : 3 * MINUTE), TIME_VENDOR);
        struct camera_health health = health_at(NOON + HOUR, true);
        assert_true(health.skew_known);
        assert_int_equal(health.skew_ms, 3 * MINUTE);
}

/* The rate is that of the camera's own hour. */
static void a_clock_that_is_ahead_is_told(void **state)
{
        (void)state;
        for (int i = 0; i < 60; i++)
                put(IN_HOUR_FILE, NOON + i * MINUTE + 5 * HOUR, NOON + i * MINUTE, TIME_EXIF);
        struct camera_health health = health_at(NOON + HOUR, true);
        assert_true(health.skew_known);
        assert_int_equal(health.skew_ms, -5 * HOUR);
        assert_int_equal(health.rate, 60);
}

static void frames_without_a_time_tell_nothing(void **state)
{
        (void)state;
        for (int i = 0; i < 20; i++)
                put(IN_HOUR_FILE, NOON + i * SECOND, NOON + i * SECOND, TIME_RECEIVED);
        assert_false(health_at(NOON + HOUR, true).skew_known);
}

/* What waited on a card while there was no network says nothing of the clock. */
static void a_backlog_tells_nothing(void **state)
{
        (void)state;
        for (int i = 0; i < 20; i++)
                put(IN_HOUR_FILE, NOON + i * 10 * MINUTE, NOON + DAY + i * SECOND, TIME_VENDOR);
        assert_false(health_at(NOON + DAY + HOUR, true).skew_known);
}

static void a_copied_folder_tells_nothing(void **state)
{
        (void)state;
        for (int i = 0; i < 500; i++)
                put(IN_FOLDER, NOON + i * 30 * SECOND, NOON + 900 * DAY + i * 5, TIME_VENDOR);
        assert_false(health_at(NOON + 900 * DAY + HOUR, false).skew_known);
}

/* Nor does a single burst: that all of it lies as far back as the copying explains it as well. */
static void a_copied_burst_tells_nothing(void **state)
{
        (void)state;
        for (int i = 0; i < 50; i++)
                put(IN_FOLDER, NOON + i * 100, NOON + 900 * DAY + i * 100, TIME_VENDOR);
        assert_false(health_at(NOON + 900 * DAY + HOUR, false).skew_known);
}

static void a_folder_that_was_written_live_tells(void **state)
{
        (void)state;
        for (int i = 0; i < 500; i++)
                put(IN_FOLDER, NOON + i * 30 * SECOND, NOON + i * 30 * SECOND + 200 * SECOND,
                    TIME_PATH);
        struct camera_health health = health_at(NOON + DAY, false);
        assert_true(health.skew_known);
        assert_int_equal(health.skew_ms, 200 * SECOND);
}

/* ---- silence ---- */

static void a_steady_camera_is_missed_soon(void **state)
{
        (void)state;
        fill(NOON - 5 * DAY, NOON, 20 * SECOND);
        assert_false(utc_known(health_at(NOON + 30 * SECOND, true).silent_since));
        assert_false(health_at(NOON + 100 * SECOND, true).overdue);
        struct camera_health health = health_at(NOON + 3 * MINUTE, true);
        assert_true(health.overdue);
        assert_int_equal(health.silent_since.ms, NOON - 19 * SECOND);
        assert_int_equal(health.silent_after_ms, 3 * MINUTE);
        assert_int_equal(health_at(NOON + 30 * SECOND, true).silent_after_ms, 0);
        assert_true(health_at(NOON + 400 * DAY, true).overdue);
        assert_true(health_at(NOON + 20 * DAY, false).overdue);
        health = health_at(NOON + 40 * DAY, false); /* an archive by now */
        assert_false(health.overdue || health.silent_after_ms > 0);
        struct error err = {0};
        camera.disabled = true;
        must(catalog_camera_update(catalog, &camera, &err), &err);
        assert_false(health_at(NOON + HOUR, true).overdue);
}

/* People come from 7 on, each ten minutes: a night without them is as it should be. */
static void a_quiet_night_is_as_it_should_be(void **state)
{
        (void)state;
        for (int day = 8; day > 0; day--)
                fill(NOON - day * DAY - 5 * HOUR, NOON - day * DAY + 8 * HOUR, 10 * MINUTE);
        int64_t evening = NOON - DAY + 8 * HOUR;
        for (int64_t now = evening; now < NOON - 5 * HOUR; now += 10 * MINUTE) {
                if (health_at(now, true).overdue)
                        fail_msg("overdue after %d minutes", (int)((now - evening) / MINUTE));
        }
        assert_true(health_at(NOON + 8 * HOUR, true).overdue);
}

static void a_young_camera_has_its_last_minutes(void **state)
{
        (void)state;
        fill(NOON - 30 * MINUTE, NOON, 10 * SECOND);
        assert_true(health_at(NOON + 5 * MINUTE, true).overdue);
        tear_down(NULL);
        set_up(NULL);
        fill(NOON - 2 * MINUTE, NOON, 10 * SECOND);
        assert_false(health_at(NOON + 30 * MINUTE, true).overdue);
        tear_down(NULL);
        set_up(NULL);
        put(IN_HOUR_FILE, NOON, NOON, TIME_VENDOR);
        assert_false(health_at(NOON + DAY, true).overdue);
        assert_true(health_at(NOON + DAY + MINUTE, true).overdue);
}

/* One rule: what is overdue now is what a timeline shows as silence once a frame has come. */
static void what_is_overdue_is_silence_afterwards(void **state)
{
        (void)state;
        static const int hours[] = {1, 14, 29, 32, 200};
        int overdue = 0;
        for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
                tear_down(NULL);
                set_up(NULL);
                for (int day = 6; day > 0; day--)
                        fill(NOON - day * DAY, NOON - day * DAY + 9 * HOUR, 7 * MINUTE);
                (void)health_at(NOON, true); /* reads the camera */
                int64_t back = camera.last.time.ms + hours[i] * HOUR;
                bool missed = health_at(back, true).overdue;
                put(IN_HOUR_FILE, back, back + SECOND, TIME_VENDOR);
                struct error err = {0};
                struct stretch all = {camera.id, {NOON - 8 * DAY}, {back}};
                struct silences silences;
                must(silences_find(catalog, &all, &silences, &err), &err);
                assert_int_equal(silences.count, missed);
                silences_close(&silences);
                overdue += missed;
        }
        assert_int_equal(overdue, 2);
}

/* ---- windows ---- */

static bool set_windows(const struct camera_window *windows, size_t count)
{
        struct error err = {0};
        return catalog_camera_set_windows(catalog, camera.id, windows, count, &err);
}

static void windows_are_kept(void **state)
{
        (void)state;
        struct error err = {0};
        struct camera_window found[CAMERA_WINDOWS];
        size_t count = 9;
        const struct camera_window two[] = {
                {64, "Tor \xc3\xbc", 0, 0, WINDOW_UNIT, WINDOW_UNIT},
                {3, "", 1, 99999, 5, 1},
        };
        must(catalog_camera_windows(catalog, camera.id, found, &count, &err), &err);
        assert_int_equal(count, 0);
        assert_true(set_windows(two, 2));
        must(catalog_camera_windows(catalog, camera.id, found, &count, &err), &err);
        assert_int_equal(count, 2);
        assert_int_equal(found[0].number, 3);
        assert_int_equal(found[0].y, 99999);
        assert_string_equal(found[1].name, two[0].name);
        assert_int_equal(found[1].width, WINDOW_UNIT);
        assert_true(set_windows(two, 1));
        must(catalog_camera_windows(catalog, camera.id, found, &count, &err), &err);
        assert_int_equal(count, 1);
        must(catalog_camera_remove(catalog, camera.id, &err), &err);
        must(catalog_camera_windows(catalog, camera.id, found, &count, &err), &err);
        assert_int_equal(count, 0);
        assert_false(set_windows(two, 2));
}

static void impossible_windows_are_refused(void **state)
{
        (void)state;
        const struct camera_window good = {1, "gate", 10, 10, 10, 10};
        const struct camera_window wrong[] = {
                {0, "", 0, 0, 1, 1},         {65, "", 0, 0, 1, 1},    {1, "", -1, 0, 5, 5},
                {1, "", 0, -1, 5, 5},        {1, "", 0, 0, 0, 5},     {1, "", 0, 0, 5, 0},
                {1, "", 99999, 0, 2, 1},     {1, "", 0, 99999, 1, 2}, {1, "", 0, 0, INT32_MAX, 5},
                {1, "", INT32_MAX, 0, 1, 1}, {1, "a\nb", 0, 0, 5, 5}, {1, "\xff", 0, 0, 5, 5},
                {1, "", 0, 0, -5, 5},        {-3, "", 0, 0, 5, 5},
        };
        struct camera_window found[CAMERA_WINDOWS];
        struct error err = {0};
        size_t count;
        assert_true(set_windows(&good, 1));
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
                if (set_windows(&wrong[i], 1))
                        fail_msg("case %zu was taken", i);
        }
        assert_false(set_windows((const struct camera_window[]){good, good}, 2));
        must(catalog_camera_windows(catalog, camera.id, found, &count, &err), &err);
        assert_int_equal(count, 1);
        assert_string_equal(found[0].name, "gate");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_rate_stands_beside_that_of_other_days),
                TEST(days_before_the_first_frame_do_not_count),
                TEST(the_skew_is_that_of_most),
                TEST(a_clock_that_is_ahead_is_told),
                TEST(frames_without_a_time_tell_nothing),
                TEST(a_backlog_tells_nothing),
                TEST(a_copied_folder_tells_nothing),
                TEST(a_copied_burst_tells_nothing),
                TEST(a_folder_that_was_written_live_tells),
                TEST(a_steady_camera_is_missed_soon),
                TEST(a_quiet_night_is_as_it_should_be),
                TEST(a_young_camera_has_its_last_minutes),
                TEST(what_is_overdue_is_silence_afterwards),
                TEST(windows_are_kept),
                TEST(impossible_windows_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
