/* The catalog built again, and hour files held against it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/reindex.h"
#include "small_receiver.h"

static void tell_difference(void *context, const char *sentence)
{
        (void)context;
        fail_msg("%s", sentence);
}

static struct reindex_result reindex_here(void)
{
        struct reindex_config config = {.data_directory = directory};
        struct reindex_result result;
        struct error err;
        must(reindex(&config, &result, &err), &err);
        return result;
}

static void fill_some(uint32_t count)
{
        struct receiver receiver;
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 0; number < count; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        memset(acknowledged, 1, count);
}

static void remove_catalog(void)
{
        static const char *const names[] = {"catalog.db", "catalog.db-wal", "catalog.db-shm"};
        for (int i = 0; i < 3; i++) {
                char path[100];
                snprintf(path, sizeof path, "%s/%s", directory, names[i]);
                (void)unlink(path);
        }
}

/* Whatever of the catalog is lost, all that was received is there again. */
static void a_lost_catalog_is_built_again(void **state)
{
        (void)state;
        fill_some(9000);
        check_world(9000);
        remove_catalog();
        struct reindex_result result = reindex_here();
        assert_int_equal(result.frames, 9000);
        assert_int_equal(result.broken, 0);
        assert_int_equal(result.cameras_new, CAMERAS);
        assert_false(result.had_old);
        check_world(9000);
        /* And goes on. */
        struct receiver receiver;
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 9000; number < 9100; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        memset(acknowledged, 1, 9100);
        check_world(9100);
}

static void a_broken_catalog_is_built_again(void **state)
{
        (void)state;
        char path[100];
        fill_some(200);
        remove_catalog();
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        for (int i = 0; i < 5000; i++)
                fputs("not a database ", file);
        fclose(file);
        struct reindex_result result = reindex_here();
        assert_true(result.had_old && !result.kept_old && result.why_not[0] != '\0');
        assert_int_equal(result.frames, 200);
        check_world(200);
        snprintf(path, sizeof path, "%s/catalog.db.before-reindex", directory);
        assert_int_equal(access(path, F_OK), 0);
}

/* What only the catalog knows stays: settings, names, numbers, frames of folders. */
static void settings_and_folders_stay(void **state)
{
        (void)state;
        struct catalog *catalog = NULL;
        struct error err = {0};
        struct camera camera;
        struct camera_id camera_id;
        struct folder_id folder;
        struct add_result added;
        struct frame frame = {
                .received = {77}, .sequence = -1, .kinds = 2, .width = 3, .height = 4, .bytes = 5};
        fill_some(200);
        must(catalog_open(directory, CATALOG_WRITE, &catalog, &err), &err);
        must(catalog_camera_by_name(catalog, "cam3", &camera, &err), &err);
        camera_id = camera.id;
        snprintf(camera.name, sizeof camera.name, "gate");
        snprintf(camera.zone, sizeof camera.zone, "Europe/Berlin");
        camera.disabled = true;
        const struct camera_window drawn = {5, "door", 10000, 20000, 30000, 40000};
        must(catalog_camera_set_windows(catalog, camera_id, &drawn, 1, &err), &err);
        must(catalog_camera_update(catalog, &camera, &err), &err);
        must(catalog_folder(catalog, "/srv/pictures", &folder, &err), &err);
        frame.place.folder = folder;
        for (int i = 0; i < 5000; i++) {
                frame.key = (struct frame_key){camera.id, {1400854100000 + i / 2 * 400}, 0};
                snprintf(frame.place.name, sizeof frame.place.name, "p%d.jpg", i);
                must(catalog_add(catalog, &frame, 1, &added, &err), &err);
        }
        catalog_close(&catalog);
        struct reindex_result result = reindex_here();
        assert_true(result.kept_old);
        assert_int_equal(result.frames, 200);
        assert_int_equal(result.folder_frames, 5000);
        assert_int_equal(result.cameras_new, 0);
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        must(catalog_camera_by_name(catalog, "gate", &camera, &err), &err);
        assert_int_equal(camera.id.value, camera_id.value);
        assert_string_equal(camera.zone, "Europe/Berlin");
        assert_string_equal(camera.directory, "cam3");
        assert_true(camera.disabled);
        struct camera_window kept[CAMERA_WINDOWS];
        size_t kept_count;
        must(catalog_camera_windows(catalog, camera.id, kept, &kept_count, &err), &err);
        assert_int_equal(kept_count, 1);
        assert_memory_equal(kept, &drawn, sizeof drawn);
        assert_int_equal(camera.frames, 5000 + 40);
        assert_int_equal(differences_of(catalog, false, tell_difference), 0);
        catalog_close(&catalog);
}

static void reindex_wants_to_be_alone(void **state)
{
        (void)state;
        struct receiver receiver;
        struct reindex_config config = {.data_directory = directory};
        struct reindex_result result;
        struct error err;
        receiver_start(&receiver, DURABILITY_OS);
        assert_false(reindex(&config, &result, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        receiver_stop(&receiver);
        reindex_here();
}

/* ---- check ---- */

static char told[4000];

static void keep_told(void *context, const char *sentence)
{
        (void)context;
        size_t used = strlen(told);
        snprintf(told + used, sizeof told - used, "%s\n", sentence);
}

static int64_t differences_now(bool fast)
{
        struct catalog *catalog = NULL;
        struct error err;
        int64_t differences = 0;
        told[0] = '\0';
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        differences = differences_of(catalog, fast, keep_told);
        catalog_close(&catalog);
        return differences;
}

static void change_byte(const char *below, int64_t offset)
{
        char path[200];
        uint8_t byte;
        snprintf(path, sizeof path, "%s/%s", frames, below);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(pread(fd, &byte, 1, offset), 1);
        byte ^= 1;
        assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
        close(fd);
}

static void make_old(const char *below)
{
        char path[200];
        struct timespec times[2] = {{1400000000, 0}, {1400000000, 0}};
        snprintf(path, sizeof path, "%s/%s", frames, below);
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void check_names_each_difference(void **state)
{
        (void)state;
        struct catalog *catalog = NULL;
        struct error err;
        struct camera camera;
        struct frame frame;
        int64_t removed;
        char from[200];
        char to[200];
        fill_some(5);
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        must(catalog_camera_by_name(catalog, "cam1", &camera, &err), &err);
        must(catalog_frame(catalog, &camera.first, &frame, &err), &err);
        catalog_close(&catalog);
        assert_int_equal(differences_now(false), 0);
        /* A picture with a wrong byte. */
        change_byte("cam1/2014-05-23/14.mjpeg", frame.place.offset + 10);
        assert_int_equal(differences_now(false), 1);
        assert_non_null(strstr(told, "is damaged"));
        assert_int_equal(differences_now(true), 0);
        change_byte("cam1/2014-05-23/14.mjpeg", frame.place.offset + 10);
        /* A header with a wrong byte. */
        change_byte("cam1/2014-05-23/14.mjpeg", 70);
        assert_int_equal(differences_now(true), 1);
        assert_non_null(strstr(told, "has no record"));
        change_byte("cam1/2014-05-23/14.mjpeg", 70);
        /* A missing file, and one that nobody knows. */
        snprintf(from, sizeof from, "%s/cam1/2014-05-23/14.mjpeg", frames);
        snprintf(to, sizeof to, "%s/cam1/2014-05-23/15.mjpeg", frames);
        assert_int_equal(rename(from, to), 0);
        make_old("cam1/2014-05-23/15.mjpeg");
        assert_int_equal(differences_now(true), 2);
        assert_non_null(strstr(told, "14.mjpeg is missing"));
        assert_non_null(strstr(told, "15.mjpeg is not in the catalog"));
        assert_int_equal(rename(to, from), 0);
        /* A record without a frame. */
        must(catalog_open(directory, CATALOG_WRITE, &catalog, &err), &err);
        struct frame_key key = camera.first;
        must(catalog_remove(catalog, &key, 1, &removed, &err), &err);
        assert_int_equal(removed, 1);
        assert_int_equal(differences_now(true), 1);
        assert_non_null(strstr(told, "is not in the catalog"));
        /* A frame with other facts. */
        struct add_result added;
        frame.sequence++;
        must(catalog_add(catalog, &frame, 1, &added, &err), &err);
        assert_int_equal(differences_now(true), 1);
        assert_non_null(strstr(told, "sequence"));
        catalog_close(&catalog);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_lost_catalog_is_built_again, world_set_up,
                                                world_tear_down),
                cmocka_unit_test_setup_teardown(a_broken_catalog_is_built_again, world_set_up,
                                                world_tear_down),
                cmocka_unit_test_setup_teardown(settings_and_folders_stay, world_set_up,
                                                world_tear_down),
                cmocka_unit_test_setup_teardown(reindex_wants_to_be_alone, world_set_up,
                                                world_tear_down),
                cmocka_unit_test_setup_teardown(check_names_each_difference, world_set_up,
                                                world_tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
