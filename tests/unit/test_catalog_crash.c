#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

static void say(void *context, const char *sentence)
{
        (void)context;
        print_error("%s\n", sentence);
}

static void assert_sound(void)
{
        struct error err = {0};
        int64_t differences = -1;
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_READ);
        if (!catalog_check(catalog, say, NULL, &differences, &err))
                fail_msg("%s", err.text);
        assert_int_equal(differences, 0);
        catalog_close(&catalog);
}

/* Changes the catalog until it is killed; tells on `out` how many frames each commit left. */
static void change_until_killed(uint64_t seed, int out)
{
        static struct model model;
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        struct error err = {0};
        model_init(&model, catalog, seed);
        for (int i = 0; i < MODEL_FOLDERS; i++)
                model.folders[i].value = 1 + i;
        for (;;) {
                struct frame frames[40];
                struct add_result result;
                struct place places[10];
                int64_t vanished = 0;
                int first = random_below(&model.random, MODEL_FILES - 40);
                for (int i = 0; i < 40; i++)
                        frames[i] = model_frame(&model, first + i);
                for (int i = 0; i < 10; i++)
                        places[i] = frames[i * 3].place;
                if (!catalog_begin(catalog, &err) ||
                    !catalog_add(catalog, frames, 40, &result, &err) ||
                    !catalog_vanish(catalog, places, 10, (struct utc){1}, &vanished, &err) ||
                    !catalog_commit(catalog, &err))
                        _exit(1);
                int64_t gained = result.added - vanished;
                if (write(out, &gained, sizeof gained) != sizeof gained)
                        _exit(1);
        }
}

static int64_t frames_in_catalog(void)
{
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_READ);
        struct error err = {0};
        int64_t frames = 0;
        for (int i = 1; i <= MODEL_CAMERAS; i++) {
                struct camera camera;
                assert_true(catalog_camera_by_id(catalog, (struct camera_id){i}, &camera, &err));
                frames += camera.frames;
        }
        catalog_close(&catalog);
        return frames;
}

/* Killed at any moment it is whole again when opened, and nothing committed is missing: at most the
 * one transaction is there whose commit was not yet told. */
static void a_killed_writer_leaves_it_whole(void **state)
{
        (void)state;
        uint64_t random = 4;
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        static struct model model;
        model_init(&model, catalog, 1);
        catalog_close(&catalog);
        int64_t told = 0;
        int commits = 0;
        for (uint64_t round = 0; round < 25; round++) {
                int ends[2];
                assert_int_equal(pipe(ends), 0);
                pid_t child = fork();
                if (child == 0) {
                        close(ends[0]);
                        change_until_killed(round, ends[1]);
                }
                close(ends[1]);
                int64_t gained = 0;
                assert_int_equal(read(ends[0], &gained, sizeof gained), sizeof gained);
                told += gained;
                struct timespec pause = {0, 1000L * random_below(&random, 30000)};
                nanosleep(&pause, NULL);
                assert_int_equal(kill(child, SIGKILL), 0);
                assert_int_equal(waitpid(child, NULL, 0), child);
                for (; read(ends[0], &gained, sizeof gained) == sizeof gained; commits++)
                        told += gained;
                close(ends[0]);
                assert_sound();
                int64_t there = frames_in_catalog();
                /* the untold transaction adds at most 40 and takes at most 10 */
                assert_true(there >= told - 10 && there <= told + 40);
                told = there;
        }
        assert_true(commits > 25); /* else it was hardly killed at work */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_killed_writer_leaves_it_whole),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
