/* Hour files in the catalog, and frames whose place is in them. */
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

#include "app/data_lock.h"
#include "catalog/catalog.h"

static char directory[64];
static struct catalog *catalog;

static void must(bool ok, const struct error *err)
{
        if (!ok)
                fail_msg("%s", err->text);
}

static int set_up(void **state)
{
        (void)state;
        struct error err;
        snprintf(directory, sizeof directory, "/tmp/cctvweb-segments-XXXXXX");
        return mkdtemp(directory) == NULL ||
               !catalog_open(directory, CATALOG_WRITE, &catalog, &err);
}

static int tear_down(void **state)
{
        (void)state;
        char command[128];
        catalog_close(&catalog);
        snprintf(command, sizeof command, "rm -rf '%s'", directory);
        return system(command); /* NOLINT(cert-env33-c): a path of our own */
}

static struct camera camera_named(const char *name)
{
        struct facts facts;
        struct camera camera;
        struct camera_id id;
        struct error err;
        bool created;
        facts_init(&facts);
        snprintf(facts.camera_name, sizeof facts.camera_name, "%s", name);
        must(catalog_camera_for(catalog, &facts, NULL, &id, &created, &err), &err);
        must(catalog_camera_by_id(catalog, id, &camera, &err), &err);
        return camera;
}

#define HOUR INT64_C(3600000)
#define START INT64_C(1400853600000)

static struct segment segment_of(const struct camera *camera, int hour, int number)
{
        struct segment segment = {
                .camera = camera->id, .hour = {START + hour * HOUR}, .number = number};
        struct error err;
        must(catalog_segment_next(catalog, &segment.id, &err), &err);
        must(catalog_segment_add(catalog, &segment, &err), &err);
        return segment;
}

static void hour_files_come_back(void **state)
{
        (void)state;
        struct error err = {0};
        struct segment got;
        char path[SEGMENT_PATH_SIZE];
        struct camera yard = camera_named("yard");
        struct segment first = segment_of(&yard, 0, 0);
        struct segment second = segment_of(&yard, 0, 12);
        assert_int_equal(first.id.value, 1);
        assert_int_equal(second.id.value, 2);
        assert_false(catalog_segment_add(catalog, &first, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        struct segment same = second;
        same.id.value = 3; /* another number, the same file */
        assert_false(catalog_segment_add(catalog, &same, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        must(catalog_segment_commit(catalog, second.id, 5000, &err), &err);
        must(catalog_segment_commit(catalog, second.id, 4000, &err), &err); /* never less */
        must(catalog_segment_find(catalog, yard.id, second.hour, 12, &got, &err), &err);
        assert_int_equal(got.id.value, 2);
        assert_int_equal(got.committed, 5000);
        assert_int_equal(got.state, SEGMENT_OPEN);
        assert_string_equal(got.directory, "yard");
        must(catalog_segment_path(catalog, second.id, path, &err), &err);
        assert_string_equal(path, "yard/2014-05-23/14.12.mjpeg");
        must(catalog_segment_path(catalog, first.id, path, &err), &err);
        assert_string_equal(path, "yard/2014-05-23/14.mjpeg");
        assert_false(catalog_segment(catalog, (struct segment_id){7}, &got, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        assert_false(catalog_segment_commit(catalog, (struct segment_id){7}, 1, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        assert_false(catalog_segment_find(catalog, yard.id, second.hour, 11, &got, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

struct listed {
        int count;
        int32_t ids[100];
};

/* Changes what is being listed, as recovery does. */
static bool list(void *context, const struct segment *segment)
{
        struct listed *listed = context;
        struct error err;
        listed->ids[listed->count++] = segment->id.value;
        if (segment->id.value % 2 == 0)
                must(catalog_segment_set_state(catalog, segment->id, SEGMENT_CLOSED, &err), &err);
        return true;
}

static void open_ones_are_listed(void **state)
{
        (void)state;
        struct error err;
        struct camera yard = camera_named("yard");
        struct listed listed = {0};
        for (int i = 0; i < 20; i++)
                segment_of(&yard, i, 0);
        must(catalog_segments(catalog, true, list, &listed, &err), &err);
        assert_int_equal(listed.count, 20);
        listed.count = 0;
        must(catalog_segments(catalog, true, list, &listed, &err), &err);
        assert_int_equal(listed.count, 10);
        for (int i = 0; i < 10; i++)
                assert_int_equal(listed.ids[i], i * 2 + 1);
        listed.count = 0;
        must(catalog_segments(catalog, false, list, &listed, &err), &err);
        assert_int_equal(listed.count, 20);
}

/* A camera's folder is its name at first, for good; who gets that name later has another. */
static void renaming_moves_no_file(void **state)
{
        (void)state;
        struct error err;
        struct camera yard = camera_named("yard");
        struct camera got;
        assert_string_equal(yard.directory, "yard");
        snprintf(yard.name, sizeof yard.name, "garden");
        yard.is_new = true;
        must(catalog_camera_update(catalog, &yard, &err), &err);
        must(catalog_camera_by_directory(catalog, "yard", &got, &err), &err);
        assert_string_equal(got.name, "garden");
        assert_true(got.is_new);
        /* The old name is an alias of the camera that had it, until another is given it. */
        struct camera again = camera_named("yard");
        assert_int_equal(again.id.value, yard.id.value);
        struct camera other = camera_named("shed");
        snprintf(other.name, sizeof other.name, "yard");
        must(catalog_camera_update(catalog, &other, &err), &err);
        struct camera shed = camera_named("garden-2");
        snprintf(shed.name, sizeof shed.name, "x");
        assert_string_equal(other.directory, "shed");
        assert_false(catalog_camera_by_directory(catalog, "garden", &got, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

/* A folder that another camera's frames are in; a name of full length is cut between letters. */
static void a_taken_folder_gets_a_number(void **state)
{
        (void)state;
        struct error err;
        char name[CAMERA_NAME_SIZE];
        struct facts facts;
        struct camera_id id;
        struct camera got;
        memset(name, 'a', sizeof name);
        memcpy(name + CAMERA_NAME_SIZE - 8, "\xc3\xa4\xc3\xa4\xc3\xa4z", 8);
        facts_init(&facts);
        snprintf(facts.camera_name, sizeof facts.camera_name, "garden");
        must(catalog_camera_restore(catalog, name, &facts, &id, &err), &err);
        must(catalog_camera_restore(catalog, "yard", &facts, &id, &err), &err);
        must(catalog_camera_by_directory(catalog, name, &got, &err), &err);
        assert_string_equal(got.name, "garden");
        must(catalog_camera_by_directory(catalog, "yard", &got, &err), &err);
        assert_int_equal(got.id.value, id.value);
        assert_string_not_equal(got.name, "garden");
        assert_string_equal(camera_named("yard").directory, "yard-2");
        struct camera new = camera_named(name);
        assert_string_equal(new.name, name);
        assert_true(camera_name_valid(new.directory));
        assert_int_equal(strlen(new.directory), CAMERA_NAME_SIZE - 1 - 1); /* an a-umlaut less */
        assert_memory_equal(new.directory, name, CAMERA_NAME_SIZE - 4);
        assert_string_equal(new.directory + CAMERA_NAME_SIZE - 4, "-2");
}

static void places_in_hour_files_come_back(void **state)
{
        (void)state;
        struct error err = {0};
        struct camera yard = camera_named("yard");
        struct segment segment = segment_of(&yard, 0, 0);
        struct add_result added;
        struct frame frames[3];
        for (int i = 0; i < 3; i++)
                frames[i] = (struct frame){
                        .key = {yard.id, {START + 5}, 0}, /* all of the same instant */
                        .received = {START + 100 + i},
                        .sequence = -1,
                        .bytes = 1000 + i,
                        .place = {.segment = segment.id, .offset = 5000000000 - i * 2000},
                };
        must(catalog_add(catalog, frames, 3, &added, &err), &err);
        assert_int_equal(added.added, 3);
        /* In the order of the file. */
        for (uint32_t tie = 0; tie < 3; tie++) {
                struct frame got;
                struct frame_key key = {yard.id, {START + 5}, tie};
                must(catalog_frame(catalog, &key, &got, &err), &err);
                assert_int_equal(got.place.segment.value, segment.id.value);
                assert_int_equal(got.place.folder.value, 0);
                assert_true(got.place.offset == 5000000000 - (2 - (int64_t)tie) * 2000);
                assert_string_equal(got.place.name, "");
        }
        must(catalog_segment_commit(catalog, segment.id, 6000000000, &err), &err);
        int64_t differences = 0;
        int64_t removed = 0;
        must(catalog_check(catalog, NULL, NULL, &differences, &err), &err);
        assert_int_equal(differences, 0);
        struct frame_key key = {yard.id, {START + 5}, 1};
        must(catalog_remove(catalog, &key, 1, &removed, &err), &err);
        assert_int_equal(removed, 1);
}

static int told;

static void count_told(void *context, const char *sentence)
{
        (void)context;
        (void)sentence;
        told++;
}

static void check_knows_wrong_places(void **state)
{
        (void)state;
        struct error err = {0};
        struct camera yard = camera_named("yard");
        struct segment segment = segment_of(&yard, 0, 0);
        struct add_result added;
        struct frame frames[] = {
                {.key = {yard.id, {START + 1}, 0}, .bytes = 10, .place = {.segment = segment.id}},
                /* behind the committed length */
                {.key = {yard.id, {START + 2}, 0},
                 .bytes = 10,
                 .place = {.segment = segment.id, .offset = 995}},
                /* of another hour */
                {.key = {yard.id, {START + HOUR}, 0},
                 .bytes = 10,
                 .place = {.segment = segment.id}},
                /* in none */
                {.key = {yard.id, {START + 3}, 0}, .bytes = 10, .place = {.segment = {77}}},
        };
        int64_t differences = 0;
        must(catalog_segment_commit(catalog, segment.id, 1000, &err), &err);
        must(catalog_add(catalog, frames, 4, &added, &err), &err);
        told = 0;
        must(catalog_check(catalog, count_told, NULL, &differences, &err), &err);
        assert_int_equal(differences, 3);
        assert_int_equal(told, 3);
}

/* What a received frame costs in the catalog, all told. */
static void a_received_frame_is_small(void **state)
{
        (void)state;
        enum { FRAMES = 100000, BATCH = 1000 };
        static struct frame frames[BATCH];
        struct error err = {0};
        struct camera yard = camera_named("yard");
        struct add_result added;
        struct stat status;
        char path[100];
        int64_t offset = 0;
        struct segment segment = {0};
        for (int i = 0; i < FRAMES; i++) {
                int64_t ms = START + (int64_t)i * 417 + i * 7919 % 300;
                if (segment.id.value == 0 || segment_hour((struct utc){ms}).ms != segment.hour.ms) {
                        segment = segment_of(&yard, (int)((ms - START) / HOUR), 0);
                        offset = 0;
                }
                frames[i % BATCH] = (struct frame){
                        .key = {yard.id, {ms}, 0},
                        .received = {ms + 700 + i * 31 % 900},
                        .sequence = 500000 + i,
                        .kinds = 1,
                        .width = 1280,
                        .height = 1024,
                        .bytes = 40000 + i * 7919 % 30000,
                        .place = {.segment = segment.id, .offset = offset + 400},
                };
                offset += frames[i % BATCH].bytes + 400;
                if (i % BATCH == BATCH - 1)
                        must(catalog_add(catalog, frames, BATCH, &added, &err), &err);
        }
        catalog_close(&catalog);
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        assert_int_equal(stat(path, &status), 0);
        print_message("# %.1f bytes a frame\n", (double)status.st_size / FRAMES);
        assert_true(status.st_size / FRAMES <= 45);
}

static void locks_keep_out_who_must_not_be_there(void **state)
{
        (void)state;
        struct error err;
        int scan = -1;
        int receiver = -1;
        int other = -1;
        must(data_lock(directory, DATA_SHARED, &scan, &err), &err);
        must(data_lock(directory, DATA_RECEIVER, &receiver, &err), &err);
        assert_false(data_lock(directory, DATA_RECEIVER, &other, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        assert_false(data_lock(directory, DATA_ALONE, &other, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        close(receiver);
        must(data_lock(directory, DATA_RECEIVER, &receiver, &err), &err);
        close(scan);
        close(receiver);
        must(data_lock(directory, DATA_ALONE, &other, &err), &err);
        assert_false(data_lock(directory, DATA_SHARED, &scan, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        assert_false(data_lock(directory, DATA_RECEIVER, &receiver, &err));
        close(other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(hour_files_come_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(open_ones_are_listed, set_up, tear_down),
                cmocka_unit_test_setup_teardown(renaming_moves_no_file, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_taken_folder_gets_a_number, set_up, tear_down),
                cmocka_unit_test_setup_teardown(places_in_hour_files_come_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(check_knows_wrong_places, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_received_frame_is_small, set_up, tear_down),
                cmocka_unit_test_setup_teardown(locks_keep_out_who_must_not_be_there, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
