/* A frame that its camera sends once more is counted once, however it comes again. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/batch.h"
#include "app/reindex.h"
#include "catalog/deletions.h"
#include "small_receiver.h"

enum { COUNT = 400 };

/* Frames and bytes in the catalog. */
static int64_t frames_now(void)
{
        struct catalog *catalog = NULL;
        struct error err = {0};
        int64_t count = 0;
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        for (int i = 0; i < CAMERAS; i++) {
                struct camera camera;
                struct frame_cursor *cursor = NULL;
                const struct frame *frame;
                char name[16];
                snprintf(name, sizeof name, "cam%d", i);
                must(catalog_camera_by_name(catalog, name, &camera, &err), &err);
                struct stretch all = {camera.id, UTC_NONE, UTC_NONE};
                must(catalog_frames_open(catalog, &all, NULL, &cursor, &err), &err);
                while (frame_cursor_next(cursor, &frame, &err))
                        count++;
                frame_cursor_close(&cursor);
        }
        catalog_close(&catalog);
        return count;
}

static void acknowledge(uint32_t limit)
{
        memset(acknowledged, 1, limit);
        check_world(limit);
        assert_int_equal(frames_now(), limit);
}

/* In the same group, in the next ones, all in another order. */
static void a_repeat_is_one_frame(void **state)
{
        struct receiver receiver;
        (void)state;
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 0; number < COUNT; number++) {
                receive(&receiver, number);
                if (number % 7 == 0)
                        receive(&receiver, number);
        }
        finish_group(&receiver);
        for (uint32_t number = COUNT; number-- > 0;)
                receive(&receiver, number);
        finish_group(&receiver);
        struct ingest_counters counters;
        ingest_counters(receiver.ingest, &counters);
        receiver_stop(&receiver);
        acknowledge(COUNT);
        assert_int_equal(counters.frames, COUNT);
        assert_int_equal(counters.repeats, COUNT + (COUNT + 6) / 7);
        /* After a restart; its files go on where they were. */
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 0; number < COUNT + 10; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        acknowledge(COUNT + 10);
}

/* Its first upload was stored but never acknowledged, since nothing could be committed; the camera
 * sends it again, and a start finds both. */
static void what_recovery_finds_is_held_against_what_is_there(void **state)
{
        struct receiver receiver;
        (void)state;
        for (int times = 0; times < 3; times++) {
                receiver_start(&receiver, DURABILITY_OS);
                for (uint32_t number = 0; number < COUNT; number++)
                        receive(&receiver, number);
                if (times == 2)
                        finish_group(&receiver);
                else
                        batch_clear(receiver.batch); /* given up */
                receiver_stop(&receiver);
        }
        receiver_start(&receiver, DURABILITY_OS);
        receiver_stop(&receiver);
        acknowledge(COUNT);
}

static bool compare_nothing(void *context, struct catalog *catalog, struct error *err)
{
        (void)context;
        (void)err;
        catalog_compare_by(catalog, NULL, NULL);
        return true;
}

/* Records that were not freed, as a crash may leave them. */
static void reindex_counts_a_frame_once(void **state)
{
        struct receiver receiver;
        struct reindex_config config = {.data_directory = directory};
        struct reindex_result result;
        struct error err;
        (void)state;
        receiver_start(&receiver, DURABILITY_OS);
        must(ingest_call(receiver.ingest, compare_nothing, NULL, &err), &err);
        for (uint32_t number = 0; number < COUNT; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        for (uint32_t number = 0; number < COUNT / 2; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        assert_int_equal(frames_now(), COUNT + COUNT / 2);
        for (int times = 0; times < 2; times++) {
                must(reindex(&config, &result, &err), &err);
                assert_int_equal(result.frames, COUNT);
                assert_int_equal(result.repeats, COUNT / 2);
                acknowledge(COUNT); /* and check does not mind the records */
        }
}

/* Where nothing in the picture tells the time, two of the same bytes may well be two. */
static void what_may_be_two_frames_is_two(void **state)
{
        struct receiver receiver;
        (void)state;
        receiver_start(&receiver, DURABILITY_OS);
        receive_as(&receiver, 1, TIME_RECEIVED, "/image.jpg");
        receive_as(&receiver, 1, TIME_RECEIVED, "/image.jpg");
        finish_group(&receiver);
        assert_int_equal(frames_now(), 2);
        receive_as(&receiver, 2, TIME_NAME, "/20140523_140820_01.jpg");
        receive_as(&receiver, 2, TIME_NAME, "/20140523_140820_02.jpg");
        finish_group(&receiver);
        assert_int_equal(frames_now(), 4);
        receive_as(&receiver, 2, TIME_NAME, "/20140523_140820_02.jpg");
        receive_as(&receiver, 3, TIME_EXIF, "/a.jpg");
        receive_as(&receiver, 3, TIME_EXIF, "/b.jpg");
        finish_group(&receiver);
        assert_int_equal(frames_now(), 5);
        receiver_stop(&receiver);
}

static bool any_folder(void *context, const char *path)
{
        (void)context;
        (void)path;
        return true;
}

static void tell_difference(void *context, const char *sentence)
{
        (void)context;
        fail_msg("%s", sentence);
}

/* A crash came before its room was given back; and the frame it repeats was deleted since. */
static void a_repeat_of_what_was_deleted_is_one_too(void **state)
{
        struct receiver receiver;
        struct catalog *catalog = NULL;
        struct error err = {0};
        struct stretch all = {{1}, {0}, {UTC_MAX_MS}};
        struct deleting deleting = {.stretches = &all, .stretch_count = 1, .managed = any_folder};
        char record[PICTURE_MOST + 8192];
        char path[200];
        (void)state;
        receiver_start(&receiver, DURABILITY_OS);
        receive(&receiver, 0);
        finish_group(&receiver);
        receiver_stop(&receiver);
        snprintf(path, sizeof path, "%s/cam0/2014-05-23/14.mjpeg", frames);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        ssize_t length = read(fd, record, sizeof record);
        assert_in_range(length, 1, sizeof record - 1);
        assert_int_equal(write(fd, record, (size_t)length), length);
        close(fd);
        must(catalog_open(directory, CATALOG_WRITE, &catalog, &err), &err);
        must(catalog_segment_commit(catalog, (struct segment_id){1}, 2 * length, &err), &err);
        assert_int_equal(differences_of(catalog, false, tell_difference), 0);
        while (!deleting.done)
                must(catalog_delete_step(catalog, &deleting, &err), &err);
        assert_int_equal(deleting.frames, 1);
        assert_int_equal(differences_of(catalog, false, tell_difference), 0);
        catalog_close(&catalog);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_repeat_is_one_frame, world_set_up,
                                                world_tear_down),
                cmocka_unit_test_setup_teardown(what_recovery_finds_is_held_against_what_is_there,
                                                world_set_up, world_tear_down),
                cmocka_unit_test_setup_teardown(reindex_counts_a_frame_once, world_set_up,
                                                world_tear_down),
                cmocka_unit_test_setup_teardown(what_may_be_two_frames_is_two, world_set_up,
                                                world_tear_down),
                cmocka_unit_test_setup_teardown(a_repeat_of_what_was_deleted_is_one_too,
                                                world_set_up, world_tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
