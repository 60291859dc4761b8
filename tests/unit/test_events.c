#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog_model.h"
#include "model/kind.h"
#include "query/event_filter.h"

static char directory[64];
static struct model model;
static struct catalog *catalog;

static int set_up(void **state)
{
        (void)state;
        temporary_make(directory);
        catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        model_init(&model, catalog, 11);
        for (int i = 0; i < MODEL_FILES; i++) {
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

static struct event_plan plan_of(const char *const *pairs)
{
        struct event_filter filter;
        struct event_plan plan;
        struct error err = {0};
        event_filter_init(&filter);
        for (; pairs[0] != NULL; pairs += 2) {
                if (!event_filter_set(&filter, pairs[0], pairs[1], &err))
                        fail_msg("%s", err.text);
        }
        if (!event_plan_open(&plan, catalog, &filter, &err))
                fail_msg("%s", err.text);
        return plan;
}

#define PLAN(...) plan_of((const char *const[]){__VA_ARGS__, NULL})

static struct event_page find(struct event_plan *plan, size_t limit)
{
        struct event_page page;
        struct error err = {0};
        plan->query.limit = limit;
        if (!events_find(catalog, &plan->query, &page, &err))
                fail_msg("%s", err.text);
        return page;
}

/* Page after page, each from the text of the last one's cursor, gives the whole; the total is the
 * same on each. */
static void pages_put_together_are_the_whole(void **state)
{
        (void)state;
        static const char *const sorts[] = {"time",   "-time",   "duration", "-duration",
                                            "frames", "-frames", "windows",  "-windows"};
        struct error err = {0};
        for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
                struct event_plan plan = PLAN("dwell", "3", "sort", sorts[i]);
                struct event_page whole = find(&plan, 100000);
                assert_true(whole.count > 50);
                assert_int_equal(whole.total, whole.count);
                assert_false(whole.more);
                size_t at = 0;
                for (;;) {
                        char text[EVENT_CURSOR_TEXT_SIZE];
                        struct event_page page = find(&plan, 1 + at % 7);
                        assert_int_equal(page.total, whole.total);
                        for (size_t j = 0; j < page.count; j++)
                                span_assert_equal(&page.events[j], &whole.events[at++]);
                        assert_int_equal(page.more, at < whole.count);
                        if (page.more)
                                event_cursor_format(&page.next, plan.query.sort,
                                                    plan.query.descending, text);
                        bool more = page.more;
                        event_page_free(&page);
                        if (!more)
                                break;
                        plan.query.has_after = true;
                        assert_true(event_cursor_parse(text, plan.query.sort, plan.query.descending,
                                                       &plan.query.after, &err));
                }
                assert_int_equal(at, whole.count);
                event_page_free(&whole);
                event_plan_close(&plan);
        }
}

static int64_t value_of(const struct span *event, enum event_sort sort, bool descending)
{
        switch (sort) {
        case EVENT_SORT_DURATION: return event->end.ms - event->start.ms;
        case EVENT_SORT_FRAMES: return event->frames;
        case EVENT_SORT_WINDOWS:
                for (int window = 1; window <= 64; window++) {
                        if (event->windows >> (window - 1) & 1)
                                return window;
                }
                return descending ? -1 : 100; /* none come last either way */
        case EVENT_SORT_TIME:
        case EVENT_SORTS: break;
        }
        return event->start.ms;
}

static void each_sort_is_in_its_order(void **state)
{
        (void)state;
        static const char *const sorts[] = {"time",   "-time",   "length",  "-duration",
                                            "frames", "-frames", "windows", "-windows"};
        for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
                struct event_plan plan = PLAN("sort", sorts[i]);
                struct event_page page = find(&plan, 100000);
                for (size_t j = 1; j < page.count; j++) {
                        bool descending = plan.query.descending;
                        int64_t a = value_of(&page.events[j - 1], plan.query.sort, descending);
                        int64_t b = value_of(&page.events[j], plan.query.sort, descending);
                        assert_true(descending ? a >= b : a <= b);
                }
                event_page_free(&page);
                event_plan_close(&plan);
        }
}

static bool hours_fit(const char *hours, const struct civil *local)
{
        int minute = local->hour * 60 + local->minute;
        if (strcmp(hours, "08:00-12:30") == 0)
                return minute >= 480 && minute < 750;
        return minute >= 1320 || minute < 360; /* 22:00-06:00 */
}

static void set_zone(int camera, const char *zone)
{
        struct camera settings;
        struct error err = {0};
        assert_true(catalog_camera_by_id(catalog, model.cameras[camera], &settings, &err));
        snprintf(settings.zone, sizeof settings.zone, "%s", zone);
        assert_true(catalog_camera_update(catalog, &settings, &err));
}

/* Hours and weekdays by each camera's own zone, against a plain filter over all events. */
static void hours_and_weekdays_are_local(void **state)
{
        (void)state;
        static const char *const hours[] = {"08:00-12:30", "22:00-06:00"};
        static const char *const zones[] = {"America/Chicago", "UTC", "Asia/Kathmandu"};
        struct error err = {0};
        struct zone *loaded[3];
        for (int i = 0; i < 3; i++) {
                set_zone(i, zones[i]);
                assert_true(zone_load(zones[i], &loaded[i], &err));
        }
        int met = 0;
        int passed_over = 0;
        for (int i = 0; i < 4; i++) {
                struct event_plan all = PLAN("dwell", "2");
                struct event_plan some =
                        i < 2 ? PLAN("dwell", "2", "hours", hours[i])
                              : PLAN("dwell", "2", "hours", hours[i - 2], "weekday", "thu");
                struct event_page whole = find(&all, 100000);
                struct event_page page = find(&some, 100000);
                size_t at = 0;
                for (size_t j = 0; j < whole.count; j++) {
                        int camera = whole.events[j].camera.value - model.cameras[0].value;
                        struct civil local = zone_civil(loaded[camera], whole.events[j].start);
                        int64_t days = civil_days(local.year, local.month, local.day);
                        bool fits = hours_fit(hours[i % 2], &local) &&
                                    (i < 2 || weekday_of_days(days) == 4);
                        *(fits ? &met : &passed_over) += 1;
                        if (!fits)
                                continue;
                        assert_true(at < page.count);
                        span_assert_equal(&page.events[at++], &whole.events[j]);
                }
                assert_int_equal(at, page.total);
                event_page_free(&whole);
                event_page_free(&page);
                event_plan_close(&all);
                event_plan_close(&some);
        }
        assert_true(met > 20 && passed_over > 20);
        for (int i = 0; i < 3; i++)
                zone_free(&loaded[i]);
}

static int64_t total_of(struct event_plan plan)
{
        struct event_page page = find(&plan, 1);
        int64_t total = page.total;
        event_page_free(&page);
        event_plan_close(&plan);
        return total;
}

static void windows_kinds_and_cameras_choose(void **state)
{
        (void)state;
        struct event_plan all = PLAN("dwell", "1");
        struct event_page whole = find(&all, 100000);
        int64_t windows = 0;
        int64_t kinds = 0;
        int64_t camera = 0;
        for (size_t i = 0; i < whole.count; i++) {
                const struct span *event = &whole.events[i];
                windows += (event->windows & (UINT64_C(1) << 63 | 4)) != 0;
                kinds += (event->kinds & KIND_BIT(KIND_INPUT)) != 0;
                camera += event->camera.value == model.cameras[1].value;
        }
        assert_int_equal(total_of(PLAN("dwell", "1", "window", "3", "window", "64")), windows);
        assert_int_equal(total_of(PLAN("dwell", "1", "kind", "input")), kinds);
        assert_int_equal(total_of(PLAN("dwell", "1", "kind", "input", "kind", "never")), kinds);
        assert_int_equal(total_of(PLAN("dwell", "1", "kind", "never")), 0);
        assert_int_equal(total_of(PLAN("dwell", "1", "camera", "camera-1", "camera", "camera-1")),
                         camera);
        assert_true(windows > 0 && kinds > 0 && camera > 0);
        event_page_free(&whole);
        event_plan_close(&all);
}

static void an_unknown_camera_and_a_range_turned_round_are_refused(void **state)
{
        (void)state;
        struct event_filter filter;
        struct event_plan plan;
        struct error err = {0};
        event_filter_init(&filter);
        assert_true(event_filter_set(&filter, "camera", "nobody", &err));
        assert_false(event_plan_open(&plan, catalog, &filter, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        event_filter_init(&filter);
        assert_true(event_filter_set(&filter, "from", "2", &err));
        assert_true(event_filter_set(&filter, "to", "1", &err));
        assert_false(event_plan_open(&plan, catalog, &filter, &err));
        assert_int_equal(err.kind, ERROR_INPUT);
}

static void a_cursor_that_is_not_ours_is_refused(void **state)
{
        (void)state;
        struct error err = {0};
        struct event_cursor cursor = {-5, {INT64_C(-62167219200000)}, {7}};
        struct event_cursor parsed;
        char text[EVENT_CURSOR_TEXT_SIZE];
        event_cursor_format(&cursor, EVENT_SORT_FRAMES, true, text);
        assert_true(event_cursor_parse(text, EVENT_SORT_FRAMES, true, &parsed, &err));
        assert_int_equal(parsed.value, cursor.value);
        assert_int_equal(parsed.start.ms, cursor.start.ms);
        assert_int_equal(parsed.camera.value, cursor.camera.value);
        assert_false(event_cursor_parse(text, EVENT_SORT_FRAMES, false, &parsed, &err));
        assert_false(event_cursor_parse(text, EVENT_SORT_TIME, true, &parsed, &err));
        assert_int_equal(err.kind, ERROR_INPUT);
        size_t length = strlen(text);
        for (size_t i = 0; i < length; i++) {
                char cut[EVENT_CURSOR_TEXT_SIZE];
                memcpy(cut, text, length + 1);
                cut[i] = '\0';
                assert_false(event_cursor_parse(cut, EVENT_SORT_FRAMES, true, &parsed, &err));
                memcpy(cut, text, length + 1);
                cut[i] = cut[i] == 'A' ? 'B' : 'A';
                assert_false(event_cursor_parse(cut, EVENT_SORT_FRAMES, true, &parsed, &err));
                cut[i] = '+';
                assert_false(event_cursor_parse(cut, EVENT_SORT_FRAMES, true, &parsed, &err));
        }
}

static void the_events_of_a_frame_are_found_by_its_own_time(void **state)
{
        (void)state;
        struct event_plan plan = PLAN("dwell", "5");
        struct event_page whole = find(&plan, 100000);
        struct error err = {0};
        for (size_t i = 0; i < whole.count; i += 3) {
                struct camera camera;
                struct event_page page;
                struct event_query query = plan.query;
                assert_true(catalog_camera_by_id(catalog, whole.events[i].camera, &camera, &err));
                query.cameras = &camera;
                query.camera_count = 1;
                query.zones = NULL;
                query.limit = 10;
                query.from = query.to = whole.events[i].cover.key.time;
                assert_true(events_find(catalog, &query, &page, &err));
                assert_int_equal(page.total, 1);
                span_assert_equal(&page.events[0], &whole.events[i]);
                event_page_free(&page);
        }
        event_page_free(&whole);
        event_plan_close(&plan);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(pages_put_together_are_the_whole),
                TEST(each_sort_is_in_its_order),
                TEST(hours_and_weekdays_are_local),
                TEST(windows_kinds_and_cameras_choose),
                TEST(an_unknown_camera_and_a_range_turned_round_are_refused),
                TEST(a_cursor_that_is_not_ours_is_refused),
                TEST(the_events_of_a_frame_are_found_by_its_own_time),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
