/* The receiver when its frames cannot be committed: who sent them is told at once, sends again, and
 * whatever was stored meanwhile is counted once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/batch.h"
#include "receiver_world.h"

/* Of a folder's scan, which nobody waits for. */
static struct batch *scanned(struct world *world, const char *camera, int count)
{
        struct facts facts;
        char name[32];
        struct batch *batch = ingest_batch(world->ingest);
        assert_non_null(batch);
        facts_init(&facts);
        facts.is_jpeg = true;
        snprintf(facts.camera_name, sizeof facts.camera_name, "%s", camera);
        uint32_t folder = batch_folder(batch, "/tmp/none");
        for (int i = 0; i < count; i++) {
                facts.time.ms = 1400510841748 + i * INT64_C(7000);
                snprintf(name, sizeof name, "%s%d.jpg", camera, i);
                batch_add_frame(batch, folder, name, &facts, facts.time);
        }
        return batch;
}

static void add_patient(struct world *world)
{
        struct error err = {0};
        struct batch *batch = scanned(world, "folder", 500);
        must(ingest_submit(world->ingest, &batch, &err), &err);
}

struct several {
        struct ingest *ingest;
        struct batch *batches[3];
        bool refused;
};

/* On the writer's thread, which takes all of them at once when this is over. */
static bool submit_several(void *context, struct catalog *catalog, struct error *err)
{
        struct several *several = context;
        (void)catalog;
        bool ok = true;
        for (size_t i = 0; i < 3; i++)
                ok = ok && ingest_submit(several->ingest, &several->batches[i], err);
        return ok;
}

static bool never(void *context)
{
        (void)context;
        return false;
}

static void take_refusal(void *context, const struct frame *frames, size_t count,
                         const struct error *failure)
{
        struct several *several = context;
        (void)frames;
        (void)count;
        several->refused = failure != NULL;
}

/* Its committed length would pass over what was given up before it. */
static void what_builds_on_a_group_that_was_given_up_is_not_written(void **state)
{
        struct world world;
        struct catalog *catalog = NULL;
        struct camera camera;
        struct error err = {0};
        (void)state;
        world_start(&world);
        struct several several = {.ingest = world.ingest,
                                  .batches = {scanned(&world, "one", 1), scanned(&world, "two", 1),
                                              scanned(&world, "three", 1)}};
        several.batches[1]->wanted = never;
        several.batches[1]->done = take_refusal;
        several.batches[1]->context = &several;
        must(ingest_call(world.ingest, submit_several, &several, &err), &err);
        must(ingest_flush(world.ingest, &err), &err);
        assert_true(several.refused);
        world_stop(&world);
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        assert_true(catalog_camera_by_name(catalog, "one", &camera, &err));
        assert_true(catalog_camera_by_name(catalog, "three", &camera, &err));
        assert_false(catalog_camera_by_name(catalog, "two", &camera, &err));
        catalog_close(&catalog);
}

static void who_waits_for_a_full_disk_is_told(void **state)
{
        struct world world;
        struct error err;
        (void)state;
        world_start(&world);
        for (uint32_t i = 0; i < 10; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, 10, FTP_DONE), 10);
        set_room(&world, false);
        add_patient(&world); /* is tried again and again meanwhile */
        for (int times = 0; times < 3; times++) {
                for (uint32_t i = 10; i < UPLOADS; i++)
                        send_one(&world, i);
                assert_int_equal(wait_for(&world, UPLOADS - 10, FTP_NO_SPACE), UPLOADS - 10);
        }
        assert_true(world.told_full > 0);
        assert_int_equal(frames_now(), 10);
        set_room(&world, true);
        /* Within the next try. */
        size_t done = 0;
        for (int tries = 0; done < UPLOADS && tries < 30; tries++) {
                for (uint32_t i = 0; i < UPLOADS; i++)
                        send_one(&world, i);
                done = wait_for(&world, UPLOADS, FTP_DONE);
                usleep(100000);
        }
        assert_int_equal(done, UPLOADS);
        assert_int_equal(frames_now(), UPLOADS);
        must(ingest_flush(world.ingest, &err), &err);
        world_stop(&world);
        check_all();
        /* The start finds what was stored and not committed: nothing new. */
        world_start(&world);
        world_stop(&world);
        assert_int_equal(frames_now(), UPLOADS);
        check_all();
}

/* Nobody sends it again: the start takes in what was stored. */
static void what_was_given_up_is_found_by_the_next_start(void **state)
{
        struct world world;
        (void)state;
        world_start(&world);
        set_room(&world, false);
        for (uint32_t i = 0; i < UPLOADS; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, UPLOADS, FTP_NO_SPACE), UPLOADS);
        assert_int_equal(frames_now(), 0);
        set_room(&world, true);
        world_stop(&world);
        world_start(&world);
        world_stop(&world);
        assert_in_range(frames_now(), 1, UPLOADS);
        check_all();
}

/* A batch that went through the writer is given to others: nothing of its purpose may stay. */
static void a_batch_is_as_new_when_it_is_used_again(void **state)
{
        struct world world;
        struct error err;
        (void)state;
        world_start(&world);
        for (uint32_t i = 0; i < 20; i++) {
                send_one(&world, i);
                assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        }
        for (int i = 0; i < 20; i++)
                add_patient(&world);
        must(ingest_flush(world.ingest, &err), &err);
        assert_int_equal(world.count, 0);
        world_stop(&world);
        assert_int_equal(frames_now(), 20);
        check_all();
}

/* durability: os. The kernel has the picture: that is enough for the answer, whatever the catalog
 * can do at the moment. */
static void the_word_of_the_kernel_is_enough(void **state)
{
        struct world world;
        (void)state;
        start_with(&world, DURABILITY_OS);
        for (uint32_t i = 0; i < 10; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, 10, FTP_DONE), 10);
        wait_for_frames(10);
        set_room(&world, false);
        for (uint32_t i = 10; i < UPLOADS; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, UPLOADS - 10, FTP_DONE), UPLOADS - 10);
        assert_int_equal(frames_now(), 10);
        set_room(&world, true);
        wait_for_frames(UPLOADS);
        world_stop(&world);
        check_all();
}

/* ... and if this process ends before the catalog could take it, the next finds it. */
static void what_the_kernel_has_is_found_by_the_next_start(void **state)
{
        struct world world;
        (void)state;
        start_with(&world, DURABILITY_OS);
        send_one(&world, 0);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        wait_for_frames(1);
        set_room(&world, false);
        for (uint32_t i = 1; i < UPLOADS; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, UPLOADS - 1, FTP_DONE), UPLOADS - 1);
        ingest_hurry(world.ingest); /* as a server that is stopped does */
        world_stop(&world);
        assert_int_equal(frames_now(), 1);
        world_start(&world);
        assert_int_equal(frames_now(), UPLOADS);
        world_stop(&world);
        check_all();
}

/* Who may ask for the picture by its name is answered when the frame has one. */
static void who_may_read_back_is_told_which_frame_it_is(void **state)
{
        struct world world;
        (void)state;
        start_with(&world, DURABILITY_OS);
        for (uint32_t i = 0; i < UPLOADS; i++)
                send_picture(&world, i, i % 2 == 0);
        assert_int_equal(wait_for(&world, UPLOADS, FTP_DONE), UPLOADS);
        for (uint32_t i = 0; i < UPLOADS; i++)
                assert_int_equal(world.named[i], i % 2 == 0);
        world_stop(&world);
        assert_int_equal(frames_now(), UPLOADS);
        check_all();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(who_waits_for_a_full_disk_is_told, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_was_given_up_is_found_by_the_next_start,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_batch_is_as_new_when_it_is_used_again, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(
                        what_builds_on_a_group_that_was_given_up_is_not_written, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_word_of_the_kernel_is_enough, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_the_kernel_has_is_found_by_the_next_start,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(who_may_read_back_is_told_which_frame_it_is, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
