/* What is folded answers as what is not: the same is done to two catalogs, of which one is folded
 * now and then, and both are asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/marks.h"
#include "catalog_model.h"
#include "model/kind.h"
#include "query/event_filter.h"
#include "query/silence.h"

enum { CAMERAS = 3, FRAMES_MOST = 12000, DAYS = 80, PAGES_MOST = 6 };
#define START INT64_C(1394409600000) /* 2014-03-10: the clock is set on the 30th */
#define HOUR INT64_C(3600000)
#define OK(call)                                                                                   \
        do {                                                                                       \
                if (!(call))                                                                       \
                        fail_msg("%s: %s", #call, err.text);                                       \
        } while (0)

static struct catalog *folded;
static struct catalog *plain;
static char directories[2][64];
static struct camera_id cameras[CAMERAS];
static uint64_t seed;
static struct frame frames[FRAMES_MOST];
static size_t frame_count;

static int64_t below(int64_t limit)
{
        return (int64_t)(random_next(&seed) % (uint64_t)limit);
}

static struct catalog *open_one(char directory[static 64])
{
        struct error err = {0};
        temporary_make(directory);
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        for (int i = 0; i < CAMERAS; i++) {
                struct camera_defaults defaults = {.zone = "Europe/Berlin"};
                struct facts facts;
                bool created;
                facts_init(&facts);
                snprintf(facts.camera_name, sizeof facts.camera_name, "camera%d", i);
                OK(catalog_camera_for(catalog, &facts, &defaults, &cameras[i], &created, &err));
        }
        return catalog;
}

static void put(int camera, int64_t time)
{
        if (frame_count == FRAMES_MOST)
                return;
        bool motion = below(3) == 0;
        struct frame frame = {
                .key = {cameras[camera], {START + time}, 0},
                .received = {START + time + 700},
                .sequence = -1,
                .kinds = motion ? KIND_BIT(KIND_MOTION) : KIND_BIT(KIND_NONE),
                .windows = motion ? UINT64_C(1) << below(4) : 0,
                .has_trigger = below(9) == 0,
                .width = 640,
                .height = 480,
                .bytes = 1000 + below(50000),
        };
        if (below(4) == 0)
                frame.kinds |= KIND_BIT(KIND_INPUT);
        frames[frame_count++] = frame;
}

/* A slow and steady camera, one that sends when something moves, and one that is quick for a day.
 */
static void make_frames(void)
{
        frame_count = 0;
        for (int64_t time = below(HOUR); time < DAYS * 24 * HOUR; time += 600000 + below(1500000))
                put(0, time);
        for (int64_t time = below(HOUR); time < DAYS * 24 * HOUR; time += below(HOUR * 12)) {
                for (int64_t i = below(20); i >= 0; i--)
                        put(1, time += below(3) == 0 ? below(13000) : below(900));
        }
        int64_t begin = below(DAYS * 24 * HOUR);
        for (int64_t time = begin; time < begin + 26 * HOUR; time += 20000 + below(40))
                put(2, time);
        put(2, 0);
        put(2, DAYS * 24 * HOUR);
        for (size_t i = frame_count; i > 1; i -= 1 + (size_t)below(3)) { /* late ones */
                size_t other = (size_t)below((int64_t)i);
                struct frame frame = frames[i - 1];
                frames[i - 1] = frames[other];
                frames[other] = frame;
        }
}

static void add(size_t from, size_t to)
{
        static struct frame batch[FRAMES_MOST];
        struct error err = {0};
        struct add_result result;
        struct catalog *both[] = {plain, folded};
        for (int i = 0; i < 2; i++) {
                memcpy(batch, frames + from, (to - from) * sizeof *batch);
                OK(catalog_add(both[i], batch, to - from, &result, &err));
                assert_int_equal(result.added, to - from);
        }
}

static void remove_some(size_t count)
{
        struct error err = {0};
        struct frame_key keys[40];
        size_t some = (size_t)below(40);
        int64_t removed[2];
        for (size_t i = 0; i < some; i++)
                keys[i] = frames[below((int64_t)count)].key;
        OK(catalog_remove(plain, keys, some, &removed[0], &err));
        OK(catalog_remove(folded, keys, some, &removed[1], &err));
        assert_int_equal(removed[0], removed[1]);
}

static void mark_some(void)
{
        struct error err = {0};
        for (int i = 0; i < 4; i++) {
                int64_t from = START + below(DAYS * 24 * HOUR);
                struct stretch stretch = {cameras[below(CAMERAS)],
                                          {from},
                                          {from + below(i % 2 == 0 ? HOUR : 100 * HOUR)}};
                enum mark_kind kind = below(2) == 0 ? MARK_REVIEWED : MARK_PINNED;
                bool set = below(5) != 0;
                struct stretch_note note = {.stretch = stretch, .text = "so"};
                OK(catalog_mark(plain, kind, set, &stretch, 1, &err));
                OK(catalog_mark(folded, kind, set, &stretch, 1, &err));
                if (i > 0)
                        continue;
                OK(catalog_note_add(plain, &note, &err));
                OK(catalog_note_add(folded, &note, &err));
        }
}

/* Some steps, often not all there are. */
static void fold(int steps)
{
        struct error err = {0};
        for (struct folding folding = {0}; !folding.done && steps > 0; steps--)
                OK(catalog_fold(folded, &folding, &err));
}

/* ---- asking ---- */

static void set(struct event_filter *filter, const char *name, const char *value)
{
        struct error err = {0};
        OK(event_filter_set(filter, name, value, &err));
}

static void random_filter(struct event_filter *filter)
{
        static const char *const dwells[] = {"1",   "2",      "3",    "7.5",  "10",   "60",
                                             "900", "1000.5", "3600", "7200", "1500", "86400"};
        static const char *const sorts[] = {"time",   "-time",   "-time",   "duration", "-duration",
                                            "frames", "-frames", "windows", "-windows"};
        static const char *const flags[] = {"reviewed", "pinned", "noted"};
        event_filter_init(filter);
        set(filter, "dwell", dwells[below(12)]);
        set(filter, "sort", sorts[below(9)]);
        if (below(2) == 0) {
                filter->from.ms = START + below(DAYS * 24) * HOUR - (below(3) == 0 ? 1 : 0);
                filter->to.ms = filter->from.ms + below(DAYS * 24 * HOUR);
        }
        if (below(3) == 0)
                set(filter, "window", below(2) == 0 ? "2" : "4");
        if (below(3) == 0)
                set(filter, "kind", below(3) == 0 ? "motion" : "input");
        if (below(4) == 0)
                set(filter, "hours", below(2) == 0 ? "22:00-06:00" : "01:30-12:00");
        if (below(5) == 0)
                set(filter, "weekday", below(2) == 0 ? "sun" : "tue");
        if (below(3) == 0)
                set(filter, flags[below(3)], below(2) == 0 ? "true" : "false");
        if (below(3) == 0)
                set(filter, "camera", below(2) == 0 ? "camera0" : "camera1");
}

static void compare_pages(const struct event_page *expected, const struct event_page *got)
{
        assert_int_equal(got->total, expected->total);
        assert_int_equal(got->more, expected->more);
        assert_int_equal(got->count, expected->count);
        for (size_t i = 0; i < got->count; i++) {
                span_assert_equal(&got->events[i], &expected->events[i]);
                assert_int_equal(got->events[i].reviewed, expected->events[i].reviewed);
                assert_int_equal(got->events[i].pinned, expected->events[i].pinned);
                assert_int_equal(got->events[i].noted, expected->events[i].noted);
        }
}

static void compare_events(void)
{
        struct event_filter filter;
        struct event_plan plan;
        struct error err = {0};
        random_filter(&filter);
        OK(event_plan_open(&plan, plain, &filter, &err));
        plan.query.limit = (size_t)(1 + below(below(2) == 0 ? 5 : 90));
        for (int i = 0; i < PAGES_MOST; i++) {
                struct event_page expected;
                struct event_page got;
                OK(events_find(plain, &plan.query, &expected, &err));
                OK(events_find(folded, &plan.query, &got, &err));
                compare_pages(&expected, &got);
                bool more = got.more;
                plan.query.has_after = true;
                plan.query.after = got.next;
                event_page_free(&expected);
                event_page_free(&got);
                if (!more)
                        break;
        }
        event_plan_close(&plan);
}

struct sums {
        struct activity buckets[4000];
        int count;
};

static bool note(void *context, const struct activity *bucket)
{
        struct sums *sums = context;
        assert_true(sums->count < 4000);
        sums->buckets[sums->count++] = *bucket;
        return true;
}

static void compare_activity(void)
{
        static struct sums sums[2];
        static const int64_t hours[] = {1, 2, 24, 48, 24 * 32, 24 * 64};
        struct catalog *both[] = {plain, folded};
        struct error err = {0};
        int64_t from = START + below(DAYS * 24 * 60) * 60000 - below(2) * below(60000);
        struct stretch stretch = {
                cameras[below(CAMERAS)], {from}, {from + below(DAYS * 24 * HOUR)}};
        struct buckets buckets = {{below(3) == 0 ? 30 * 60000 : below(3) * HOUR},
                                  hours[below(6)] * HOUR};
        int64_t counted[2][2];
        struct silences silences[2];
        for (int i = 0; i < 2; i++) {
                sums[i].count = 0;
                OK(catalog_activity(both[i], &stretch, &buckets, note, &sums[i], &err));
                OK(catalog_frames_count(both[i], &stretch, &counted[i][0], &counted[i][1], &err));
                OK(silences_find(both[i], &stretch, &silences[i], &err));
        }
        assert_int_equal(sums[0].count, sums[1].count);
        assert_memory_equal(sums[0].buckets, sums[1].buckets,
                            (size_t)sums[0].count * sizeof sums[0].buckets[0]);
        assert_memory_equal(counted[0], counted[1], sizeof counted[0]);
        assert_int_equal(silences[0].usual_ms, silences[1].usual_ms);
        assert_int_equal(silences[0].silent_after_ms, silences[1].silent_after_ms);
        assert_int_equal(silences[0].count, silences[1].count);
        if (silences[0].count > 0)
                assert_memory_equal(silences[0].list, silences[1].list,
                                    silences[0].count * sizeof silences[0].list[0]);
        silences_close(&silences[0]);
        silences_close(&silences[1]);
}

static void say(void *context, const char *sentence)
{
        (void)context;
        print_message("%s\n", sentence);
}

static void check(void)
{
        struct error err = {0};
        int64_t differences = -1;
        OK(catalog_check(folded, say, NULL, &differences, &err));
        assert_int_equal(differences, 0);
}

static void what_is_folded_answers_alike(void **state)
{
        (void)state;
        for (uint64_t round = 1; round <= 2; round++) {
                seed = round;
                plain = open_one(directories[0]);
                folded = open_one(directories[1]);
                make_frames();
                size_t added = 0;
                while (added < frame_count) {
                        size_t next = added + (size_t)below((int64_t)frame_count / 3);
                        next = next < frame_count ? next + 1 : frame_count;
                        add(added, next);
                        added = next;
                        if (below(4) != 0)
                                fold((int)below(round % 2 == 0 ? 8 : 1000));
                        remove_some(added);
                        mark_some();
                        for (int i = 0; i < 40; i++)
                                compare_events();
                        for (int i = 0; i < 20; i++)
                                compare_activity();
                        check();
                }
                catalog_close(&plain);
                catalog_close(&folded);
                temporary_remove(directories[0]);
                temporary_remove(directories[1]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_folded_answers_alike),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
