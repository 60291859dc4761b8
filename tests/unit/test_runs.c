#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog_model.h"

static char directory[64];

static int set_up(void **state)
{
        (void)state;
        temporary_make(directory);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        temporary_remove(directory);
        return 0;
}

/* Adds, replaces, removes, vanishes, skips and undoes at random: after each step everything the
 * catalog answers is what the array of files says. */
static void any_order_of_changes_leaves_it_exact(void **state)
{
        (void)state;
        static struct model model;
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        for (uint64_t seed = 1; seed <= 2; seed++) {
                model_init(&model, catalog, seed);
                for (int step = 0; step < 120; step++) {
                        model_step(&model, catalog);
                        if (step % 4 == 0)
                                model_compare(&model, catalog);
                }
                model_compare(&model, catalog);
                catalog_close(&catalog);
                catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
                model_compare(&model, catalog);
                catalog_close(&catalog);
                temporary_remove(directory);
                temporary_make(directory);
                catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        }
        catalog_close(&catalog);
}

static void shuffle(uint64_t *random, struct frame *frames, int count)
{
        for (int i = count - 1; i > 0; i--) {
                int j = random_below(random, i + 1);
                struct frame swapped = frames[i];
                frames[i] = frames[j];
                frames[j] = swapped;
        }
}

/* The same frames in any order and any batches give the same events at every dwell. */
static void any_order_of_arrival_gives_the_same_events(void **state)
{
        (void)state;
        static struct model model;
        static struct frame frames[MODEL_FILES];
        static struct frame shuffled[MODEL_FILES];
        for (int round = 0; round < 4; round++) {
                struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
                model_init(&model, catalog, 77);
                for (int i = 0; i < MODEL_FILES; i++) {
                        frames[i] = model_frame(&model, i);
                        /* one of a millisecond each, as the tie depends on who came first */
                        frames[i].key.time.ms = frames[i].key.time.ms * 7 / 3 + i % 3;
                        for (int j = 0; j < i; j++) {
                                if (frames[j].key.time.ms == frames[i].key.time.ms) {
                                        frames[i].key.time.ms++;
                                        j = -1;
                                }
                        }
                }
                memcpy(shuffled, frames, sizeof frames);
                uint64_t random = (uint64_t)round;
                shuffle(&random, shuffled, MODEL_FILES);
                for (int at = 0; at < MODEL_FILES;) {
                        int count = 1 + random_below(&random, 1 << (3 * round));
                        if (count > MODEL_FILES - at)
                                count = MODEL_FILES - at;
                        model_add(&model, catalog, shuffled + at, (size_t)count);
                        at += count;
                }
                model_compare(&model, catalog);
                for (int i = 0; i < MODEL_FILES; i++)
                        assert_int_equal(model.files[i].frame.key.time.ms, frames[i].key.time.ms);
                catalog_close(&catalog);
                temporary_remove(directory);
                temporary_make(directory);
        }
}

static int64_t runs_of(struct catalog *catalog, struct camera_id camera)
{
        struct run_cursor *cursor = NULL;
        struct error err = {0};
        struct run_piece run;
        int64_t runs = 0;
        struct stretch all = {camera, UTC_NONE, UTC_NONE};
        assert_true(catalog_runs_open(catalog, &all, 1000, NULL, &cursor, &err));
        while (run_cursor_next(cursor, &run, &err))
                runs++;
        assert_int_equal(err.kind, ERROR_NONE);
        run_cursor_close(&cursor);
        return runs;
}

static void a_second_joins_a_millisecond_more_parts_and_hours_cut(void **state)
{
        (void)state;
        static const struct {
                int64_t times[4];
                int count;
                int64_t runs;
        } cases[] = {
                {{0, 1000}, 2, 1},
                {{0, 1001}, 2, 2},
                {{-1000, 0}, 2, 2},           /* an hour begins at 0 */
                {{-1001, -1}, 2, 1},          /* before 1970 */
                {{0, 2000, 1000}, 3, 1},      /* the third joins two */
                {{0, 2002, 1001}, 3, 3},      /* and here it cannot */
                {{3599500, 3600500}, 2, 2},   /* the hour cuts */
                {{500, 500, 500, 500}, 4, 1}, /* all at once */
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                static struct model model;
                struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
                model_init(&model, catalog, i);
                for (int j = 0; j < cases[i].count; j++) {
                        struct frame frame = model_frame(&model, j);
                        frame.key.camera = model.cameras[0];
                        frame.key.time.ms = cases[i].times[j];
                        model_add(&model, catalog, &frame, 1);
                }
                assert_int_equal(runs_of(catalog, model.cameras[0]), cases[i].runs);
                model_compare(&model, catalog);
                catalog_close(&catalog);
                temporary_remove(directory);
                temporary_make(directory);
        }
}

/* Two handles stand for two processes: each sees what the other did in between. */
static void two_writers_take_turns(void **state)
{
        (void)state;
        static struct model model;
        struct catalog *writers[2] = {catalog_open_or_fail(directory, CATALOG_WRITE),
                                      catalog_open_or_fail(directory, CATALOG_WRITE)};
        model_init(&model, writers[0], 5);
        for (int step = 0; step < 80; step++) {
                model_step(&model, writers[random_below(&model.random, 2)]);
                if (step % 10 == 0)
                        model_compare(&model, writers[step / 10 % 2]);
        }
        model_compare(&model, writers[0]);
        catalog_close(&writers[0]);
        catalog_close(&writers[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(any_order_of_changes_leaves_it_exact),
                TEST(any_order_of_arrival_gives_the_same_events),
                TEST(a_second_joins_a_millisecond_more_parts_and_hours_cut),
                TEST(two_writers_take_turns),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
