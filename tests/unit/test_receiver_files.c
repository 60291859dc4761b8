/* The receiver when its files are not as it left them, or cannot be used for a while: nothing that
 * it answered for may be lost by that, and nobody is answered for what is not stored. */
#include <dirent.h>
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

#include "catalog/sqlite_handle.h"
#include "receiver_world.h"
#include "store/store.h"

/* Of the first two pictures. */
static const char first_hour[] = "yard/2014-05-19/14.mjpeg";

static void path_to(const char *below, char out[static 160])
{
        snprintf(out, 160, "%s/frames/%s", directory, below);
}

/* Frames whose bytes are there. */
static int readable_frames(void)
{
        struct catalog *catalog = NULL;
        struct camera camera;
        struct frame_cursor *cursor = NULL;
        const struct frame *frame;
        struct error err = {0};
        int count = 0;
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        must(catalog_camera_by_name(catalog, "yard", &camera, &err), &err);
        struct stretch all = {camera.id, UTC_NONE, UTC_NONE};
        must(catalog_frames_open(catalog, &all, NULL, &cursor, &err), &err);
        while (frame_cursor_next(cursor, &frame, &err)) {
                char path[SEGMENT_PATH_SIZE];
                struct extent extent;
                uint8_t begin[2] = {0};
                must(catalog_segment_path(catalog, frame->place.segment, path, &err), &err);
                if (!store_open_segment(directory, path, frame->place.offset, frame->bytes, &extent,
                                        &err))
                        continue;
                assert_int_equal(pread(extent.fd, begin, 2, extent.offset), 2);
                count += begin[0] == 0xff && begin[1] == 0xd8;
                close(extent.fd);
        }
        frame_cursor_close(&cursor);
        catalog_close(&catalog);
        return count;
}

/* ---- held under a temporary name ---- */

static size_t publish(struct world *world, uint32_t ticket, uint64_t handle,
                      enum ftp_outcome outcome)
{
        receiver_publish(world->receiver, (struct ftp_ticket){ticket, 1}, handle, "/a.jpg");
        receiver_go(world->receiver);
        return wait_for(world, 1, outcome);
}

/* That it could not be stored when it got its name does not make it stored the next time. */
static void what_is_held_waits_for_room(enum durability durability)
{
        struct world world;
        start_with(&world, durability);
        send_as(&world, 0, "/a.tmp", false);
        assert_int_equal(wait_for(&world, 1, FTP_HELD), 1);
        uint64_t handle = world.handles[0];
        set_room(&world, false);
        assert_int_equal(publish(&world, 1, handle, FTP_NO_SPACE), 1);
        assert_int_equal(publish(&world, 2, handle, FTP_NO_SPACE), 1);
        set_room(&world, true);
        for (int tries = 0; publish(&world, 3, handle, FTP_DONE) == 0 && tries < 30; tries++)
                usleep(100000); /* until the writer's next try */
        assert_int_equal(world.outcomes[3], FTP_DONE);
        assert_int_equal(readable_frames(), 1);
        assert_int_equal(publish(&world, 4, handle, FTP_DONE), 1); /* who did not hear it */
        world_stop(&world);
        assert_int_equal(readable_frames(), 1);
        world_start(&world);
        world_stop(&world);
        assert_int_equal(readable_frames(), 1);
        check_all();
}

static void what_is_held_is_stored_when_there_is_room(void **state)
{
        (void)state;
        what_is_held_waits_for_room(DURABILITY_SYNC);
}

static void also_when_the_kernel_is_believed(void **state)
{
        (void)state;
        what_is_held_waits_for_room(DURABILITY_OS);
}

/* ---- what could not be committed ---- */

static int files_of_first_day(void)
{
        char path[160];
        int count = 0;
        path_to("yard/2014-05-19", path);
        DIR *folder = opendir(path);
        while (folder != NULL && readdir(folder) != NULL)
                count++;
        if (folder != NULL)
                closedir(folder);
        return count;
}

/* It is there as soon as there is room, whether or not it is sent again, and however often that was
 * tried it is on the disk once. */
static void what_was_given_up_is_taken_in(void **state)
{
        struct world world;
        (void)state;
        world_start(&world);
        set_room(&world, false);
        send_one(&world, 0);
        assert_int_equal(wait_for(&world, 1, FTP_NO_SPACE), 1);
        int files = files_of_first_day();
        for (int tries = 0; tries < 20; tries++) {
                send_one(&world, 0);
                assert_int_equal(wait_for(&world, 1, FTP_NO_SPACE), 1);
        }
        assert_int_equal(files_of_first_day(), files);
        set_room(&world, true);
        size_t done = 0;
        for (int tries = 0; done == 0 && tries < 30; tries++) {
                usleep(100000);
                send_one(&world, 1);
                done = wait_for(&world, 1, FTP_DONE);
        }
        assert_int_equal(frames_now(), 2);
        send_one(&world, 0);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        assert_int_equal(files_of_first_day(), files);
        world_stop(&world);
        assert_int_equal(readable_frames(), 2);
        check_all();
}

static bool refuse_first(void *context, struct catalog *catalog, struct error *err)
{
        (void)err;
        return sqlite3_exec(catalog->db, context, NULL, NULL, NULL) == SQLITE_OK;
}

/* Whatever the catalog has against one picture, those of other hours come in, and there is a next
 * start. */
static void a_picture_that_is_refused_holds_up_nothing(void **state)
{
        struct world world;
        struct error err = {0};
        char sql[] = "CREATE TRIGGER refuse BEFORE INSERT ON frames WHEN new.time = 1400510841748 "
                     "BEGIN SELECT RAISE(ABORT, 'not this one'); END";
        (void)state;
        world_start(&world);
        must(ingest_call(world.ingest, refuse_first, sql, &err), &err);
        send_one(&world, 0);
        assert_int_equal(wait_for(&world, 1, FTP_LOCAL_ERROR), 1);
        for (uint32_t i = 2; i < 6; i++) {
                send_one(&world, i);
                assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        }
        world_stop(&world);
        world_start(&world);
        world_stop(&world);
        assert_int_equal(readable_frames(), 4);
}

/* ---- hour files that others removed ---- */

static void remove_first_hour(void)
{
        char path[160];
        path_to(first_hour, path);
        assert_int_equal(unlink(path), 0);
}

static void a_removed_file_takes_nothing_with_it(enum durability durability)
{
        struct world world;
        start_with(&world, durability);
        send_one(&world, 0);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        wait_for_frames(1);
        remove_first_hour();
        send_one(&world, 1);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        wait_for_frames(2);
        assert_int_equal(readable_frames(), 1);
        world_stop(&world);
        remove(directory); /* not empty */
        start_with(&world, durability);
        send_one(&world, 2);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        world_stop(&world);
        assert_int_equal(readable_frames(), 2);
}

static void a_file_removed_at_work_takes_nothing_with_it(void **state)
{
        (void)state;
        a_removed_file_takes_nothing_with_it(DURABILITY_SYNC);
}

static void nor_with_the_word_of_the_kernel(void **state)
{
        (void)state;
        a_removed_file_takes_nothing_with_it(DURABILITY_OS);
}

/* Its row keeps its name: the next file of the hour has another. */
static void the_name_of_a_removed_file_is_not_used_again(enum durability durability)
{
        struct world world;
        start_with(&world, durability);
        send_one(&world, 0);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        world_stop(&world);
        remove_first_hour();
        start_with(&world, durability);
        send_one(&world, 1);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        wait_for_frames(2);
        world_stop(&world);
        assert_int_equal(readable_frames(), 1);
}

static void a_file_removed_in_between_is_not_missed(void **state)
{
        (void)state;
        the_name_of_a_removed_file_is_not_used_again(DURABILITY_SYNC);
}

static void nor_by_the_early_answer(void **state)
{
        (void)state;
        the_name_of_a_removed_file_is_not_used_again(DURABILITY_OS);
}

/* ---- what the start finds ---- */

static void two_hours(void)
{
        struct world world;
        world_start(&world);
        for (uint32_t i = 0; i < 4; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, 4, FTP_DONE), 4);
        world_stop(&world);
}

/* One file that cannot be read holds up nobody. */
static void a_file_that_cannot_be_read_is_left(void **state)
{
        struct world world;
        char path[160];
        char aside[160];
        (void)state;
        two_hours();
        path_to(first_hour, path);
        path_to("yard/aside", aside);
        assert_int_equal(rename(path, aside), 0);
        assert_int_equal(symlink("nowhere", path), 0);
        world_start(&world);
        for (uint32_t i = 0; i < 6; i++)
                send_one(&world, i + 1);
        assert_int_equal(wait_for(&world, 6, FTP_DONE), 6);
        world_stop(&world);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rename(aside, path), 0);
        world_start(&world);
        world_stop(&world);
        assert_in_range(readable_frames(), 7, 8);
}

/* A disk that is not mounted when we start: what lies on it is looked at when it is back. */
static void a_disk_that_comes_back_is_looked_at(void **state)
{
        struct world world;
        char camera[160];
        char away[160];
        char command[400];
        struct error err = {0};
        (void)state;
        world_start(&world);
        send_one(&world, 0);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        world_stop(&world);
        snprintf(command, sizeof command, "cd %s && mkdir old && cp catalog.db* old", directory);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
        world_start(&world);
        send_one(&world, 1);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        world_stop(&world);
        /* As after a power cut: the last transaction is lost, the picture is not. */
        snprintf(command, sizeof command, "cd %s && rm catalog.db* && mv old/* . && rmdir old",
                 directory);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
        assert_int_equal(frames_now(), 1);
        path_to("yard", camera);
        path_to("../away", away);
        assert_int_equal(rename(camera, away), 0);
        world_start(&world);
        send_one(&world, 2);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        world_stop(&world);
        snprintf(command, sizeof command, "cd %s && cp -r frames/yard/* away && rm -r frames/yard",
                 directory);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
        assert_int_equal(rename(away, camera), 0);
        world_start(&world);
        world_stop(&world);
        assert_int_equal(readable_frames(), 3);
        (void)err;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(what_is_held_is_stored_when_there_is_room, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(also_when_the_kernel_is_believed, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_was_given_up_is_taken_in, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_picture_that_is_refused_holds_up_nothing, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(a_file_removed_at_work_takes_nothing_with_it,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(nor_with_the_word_of_the_kernel, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_file_removed_in_between_is_not_missed, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(nor_by_the_early_answer, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_file_that_cannot_be_read_is_left, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(a_disk_that_comes_back_is_looked_at, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
