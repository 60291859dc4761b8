#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "catalog/catalog.h"
#include "model/kind.h"

static char directory[64];

static struct catalog *open_or_fail(enum catalog_mode mode)
{
        struct catalog *catalog = NULL;
        struct error err = {0};
        if (!catalog_open(directory, mode, &catalog, &err))
                fail_msg("%s", err.text);
        return catalog;
}

static int make_directory(void **state)
{
        (void)state;
        snprintf(directory, sizeof directory, "/tmp/cctvweb-catalog-XXXXXX");
        return mkdtemp(directory) == NULL;
}

static void print_difference(void *context, const char *sentence)
{
        (void)context;
        print_error("%s\n", sentence);
}

/* Whatever a test did, it leaves a sound catalog. */
static int remove_directory(void **state)
{
        (void)state;
        struct catalog *catalog = NULL;
        struct error err = {0};
        int64_t differences = 0;
        if (!catalog_open(directory, CATALOG_READ, &catalog, &err) ||
            !catalog_check(catalog, print_difference, NULL, &differences, &err) || differences != 0)
                return 1;
        catalog_close(&catalog);
        char command[128];
        snprintf(command, sizeof command, "rm -rf '%s'", directory);
        return system(command); /* NOLINT(cert-env33-c): a path of our own */
}

static struct frame frame_at(struct camera_id camera, int64_t ms, struct folder_id folder,
                             const char *name)
{
        struct frame frame = {
                .key = {camera, {ms}, 0},
                .received = {ms + 1500},
                .sequence = ms % 1000,
                .kinds = KIND_BIT(KIND_MOTION),
                .windows = 5,
                .has_trigger = true,
                .trigger = -2,
                .width = 1280,
                .height = 1024,
                .bytes = 70000,
                .time_source = TIME_VENDOR,
                .place = {.folder = folder},
        };
        snprintf(frame.place.name, sizeof frame.place.name, "%s", name);
        return frame;
}

static struct camera_id camera_named(struct catalog *catalog, const char *name)
{
        struct facts facts;
        struct camera_id camera;
        bool created;
        struct error err = {0};
        facts_init(&facts);
        snprintf(facts.camera_name, sizeof facts.camera_name, "%s", name);
        assert_true(catalog_camera_for(catalog, &facts, NULL, &camera, &created, &err));
        return camera;
}

static void a_frame_comes_back_as_it_went_in(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = open_or_fail(CATALOG_WRITE);
        struct camera_id camera = camera_named(catalog, "front");
        struct folder_id folder;
        assert_true(catalog_folder(catalog, "/pictures", &folder, &err));
        struct frame frames[2] = {frame_at(camera, 1400854100529, folder, "b\xff.jpg"),
                                  frame_at(camera, -5, folder, "a.jpg")};
        frames[1].received = UTC_NONE;
        frames[1].sequence = -1;
        frames[1].has_trigger = false;
        frames[1].trigger = 0;
        struct frame want[2] = {frames[0], frames[1]};
        struct add_result result;
        assert_true(catalog_add(catalog, frames, 2, &result, &err));
        assert_int_equal(result.added, 2);
        for (int i = 0; i < 2; i++) {
                struct frame got = {0};
                assert_true(catalog_frame(catalog, &want[i].key, &got, &err));
                assert_int_equal(got.received.ms, want[i].received.ms);
                assert_int_equal(got.sequence, want[i].sequence);
                assert_int_equal(got.kinds, want[i].kinds);
                assert_int_equal(got.windows, want[i].windows);
                assert_int_equal(got.has_trigger, want[i].has_trigger);
                assert_int_equal(got.trigger, want[i].trigger);
                assert_int_equal(got.width, want[i].width);
                assert_int_equal(got.height, want[i].height);
                assert_int_equal(got.bytes, want[i].bytes);
                assert_int_equal(got.time_source, want[i].time_source);
                assert_int_equal(got.place.folder.value, folder.value);
                assert_string_equal(got.place.name, want[i].place.name);
        }
        struct camera told;
        assert_true(catalog_camera_by_name(catalog, "front", &told, &err));
        assert_int_equal(told.frames, 2);
        assert_int_equal(told.motion_frames, 2);
        assert_int_equal(told.bytes, 140000);
        assert_int_equal(told.first.time.ms, -5);
        assert_int_equal(told.last.time.ms, 1400854100529);
        catalog_close(&catalog);
}

static void the_same_place_is_never_counted_twice(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = open_or_fail(CATALOG_WRITE);
        struct camera_id camera = camera_named(catalog, "front");
        struct folder_id folder;
        struct add_result result;
        struct camera told;
        assert_true(catalog_folder(catalog, "/pictures", &folder, &err));
        struct frame frame = frame_at(camera, 5000, folder, "a.jpg");
        assert_true(catalog_add(catalog, &frame, 1, &result, &err));
        assert_true(catalog_add(catalog, &frame, 1, &result, &err));
        assert_int_equal(result.unchanged, 1);
        assert_int_equal(result.added + result.replaced, 0);

        /* Imported again without the file: what is known stays. */
        struct frame imported = frame;
        imported.received = UTC_NONE;
        imported.bytes = 0;
        imported.width = imported.height = 0;
        assert_true(catalog_add(catalog, &imported, 1, &result, &err));
        assert_int_equal(result.unchanged, 1);

        /* The file was written anew: another time, and another size. */
        frame.key.time.ms = 9000;
        frame.bytes = 10;
        assert_true(catalog_add(catalog, &frame, 1, &result, &err));
        assert_int_equal(result.replaced, 1);
        assert_true(catalog_camera_by_name(catalog, "front", &told, &err));
        assert_int_equal(told.frames, 1);
        assert_int_equal(told.bytes, 10);
        assert_int_equal(told.first.time.ms, 9000);

        /* Another time again, and back: whoever has its address finds it. */
        struct frame_key before = frame.key;
        frame.bytes = 11;
        frame.key.tie = 7;
        assert_true(catalog_add(catalog, &frame, 1, &result, &err));
        assert_int_equal(frame_key_compare(&before, &frame.key), 0);

        /* Another file of the same millisecond is another frame. */
        struct frame twin = frame_at(camera, 9000, folder, "b.jpg");
        assert_true(catalog_add(catalog, &twin, 1, &result, &err));
        assert_int_equal(result.added, 1);
        assert_int_equal(twin.key.tie, 1);

        /* Written anew at the same time, each keeps its address, even past one that went. */
        int64_t removed;
        assert_true(catalog_remove(catalog, &frame.key, 1, &removed, &err));
        assert_int_equal(removed, 1);
        twin.bytes = 12;
        assert_true(catalog_add(catalog, &twin, 1, &result, &err));
        assert_int_equal(result.replaced, 1);
        assert_int_equal(twin.key.tie, 1);
        catalog_close(&catalog);
}

/* What one process remembers is not believed after another one wrote. */
static void another_writer_is_noticed(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *one = open_or_fail(CATALOG_WRITE);
        struct catalog *two = open_or_fail(CATALOG_WRITE);
        struct camera told;
        struct folder_id folder;
        struct add_result result;
        int64_t vanished;
        struct camera_id yard = camera_named(one, "yard");
        struct camera_id gate = camera_named(one, "gate");
        assert_true(catalog_folder(one, "/pictures", &folder, &err));
        struct frame frame = frame_at(yard, 5000, folder, "a.jpg");
        assert_true(catalog_add(one, &frame, 1, &result, &err));

        /* The other swaps names, and finds the file gone. */
        assert_true(catalog_camera_by_id(two, yard, &told, &err));
        snprintf(told.name, sizeof told.name, "old yard");
        assert_true(catalog_camera_update(two, &told, &err));
        assert_true(catalog_camera_by_id(two, gate, &told, &err));
        snprintf(told.name, sizeof told.name, "yard");
        assert_true(catalog_camera_update(two, &told, &err));
        assert_true(catalog_vanish(two, &frame.place, 1, (struct utc){1}, &vanished, &err));
        assert_int_equal(vanished, 1);

        assert_true(catalog_begin(one, &err));
        assert_int_equal(camera_named(one, "yard").value, gate.value);
        assert_true(catalog_add(one, &frame, 1, &result, &err));
        assert_int_equal(result.added, 1);
        assert_true(catalog_commit(one, &err));
        catalog_close(&one);
        catalog_close(&two);
}

static void a_vanished_frame_is_gone_until_it_comes_back(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = open_or_fail(CATALOG_WRITE);
        struct camera_id camera = camera_named(catalog, "front");
        struct folder_id folder;
        struct add_result result;
        struct frame got;
        int64_t vanished;
        assert_true(catalog_folder(catalog, "/pictures", &folder, &err));
        struct frame frame = frame_at(camera, 5000, folder, "a.jpg");
        assert_true(catalog_add(catalog, &frame, 1, &result, &err));
        assert_true(catalog_vanish(catalog, &frame.place, 1, (struct utc){1400854100529}, &vanished,
                                   &err));
        assert_int_equal(vanished, 1);
        assert_false(catalog_frame(catalog, &frame.key, &got, &err));
        assert_int_equal(err.kind, ERROR_GONE);
        assert_non_null(strstr(err.text, "/pictures/a.jpg"));
        assert_non_null(strstr(err.text, "2014-05-23T14:08:20.529Z"));
        assert_true(catalog_vanish(catalog, &frame.place, 1, (struct utc){1}, &vanished, &err));
        assert_int_equal(vanished, 0);
        assert_true(catalog_add(catalog, &frame, 1, &result, &err));
        assert_int_equal(result.added, 1);
        assert_true(catalog_frame(catalog, &frame.key, &got, &err));
        struct frame_key nobody = {camera, {77}, 0};
        assert_false(catalog_frame(catalog, &nobody, &got, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        catalog_close(&catalog);
}

static struct camera_id recognised(struct catalog *catalog, const char *mac, const char *name,
                                   bool *created_out)
{
        struct facts facts;
        struct camera_id camera = {0};
        struct error err = {0};
        facts_init(&facts);
        if (mac != NULL) {
                facts.has_mac = true;
                assert_true(mac_parse(mac, strlen(mac), facts.mac));
        }
        snprintf(facts.camera_name, sizeof facts.camera_name, "%s", name);
        if (!catalog_camera_for(catalog, &facts, NULL, &camera, created_out, &err))
                fail_msg("%s", err.text);
        return camera;
}

static void cameras_are_recognised_by_mac_then_by_name(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = open_or_fail(CATALOG_WRITE);
        struct camera told;
        bool created;
        const char *a = "00:50:1a:02:2c:be";
        const char *b = "00:50:1a:02:2c:bf";
        int32_t first = recognised(catalog, a, "", &created).value;
        assert_true(created);
        assert_true(catalog_camera_by_id(catalog, (struct camera_id){first}, &told, &err));
        assert_string_equal(told.name, "00_50_1a_02_2c_be");
        assert_int_equal(recognised(catalog, a, "yard", &created).value, first);
        assert_false(created);
        int32_t yard = recognised(catalog, b, "yard", &created).value;
        assert_true(created);
        assert_int_not_equal(yard, first);
        /* No MAC: the name decides. Another MAC of the same name: the name is taken. */
        assert_int_equal(recognised(catalog, NULL, "yard", &created).value, yard);
        int32_t third = recognised(catalog, "00:50:1a:02:2c:c0", "yard", &created).value;
        assert_true(created);
        assert_true(catalog_camera_by_id(catalog, (struct camera_id){third}, &told, &err));
        assert_string_equal(told.name, "00_50_1a_02_2c_c0");
        /* A camera known by name only gets the MAC that is seen later. */
        int32_t gate = recognised(catalog, NULL, "gate", &created).value;
        assert_int_equal(recognised(catalog, "00:50:1a:02:2c:c1", "gate", &created).value, gate);
        assert_true(catalog_camera_by_name(catalog, "gate", &told, &err));
        assert_true(told.has_mac);
        /* Renamed, its pictures still find it. */
        snprintf(told.name, sizeof told.name, "north gate");
        assert_true(catalog_camera_update(catalog, &told, &err));
        assert_int_equal(recognised(catalog, NULL, "gate", &created).value, gate);
        snprintf(told.name, sizeof told.name, "yard");
        assert_false(catalog_camera_update(catalog, &told, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        /* Nothing at all, and a name that cannot be one. */
        int32_t nameless = recognised(catalog, NULL, "", &created).value;
        assert_true(catalog_camera_by_name(catalog, "camera", &told, &err));
        assert_int_equal(told.id.value, nameless);
        recognised(catalog, NULL, "a/b\x01\xff", &created);
        assert_true(catalog_camera_by_name(catalog, "a_b__", &told, &err));
        catalog_close(&catalog);
}

static void kinds_beyond_the_standard_get_a_bit_until_there_are_no_more(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = open_or_fail(CATALOG_WRITE);
        struct facts facts;
        uint64_t kinds;
        facts_init(&facts);
        facts.kinds = KIND_BIT(KIND_MOTION);
        snprintf(facts.words, sizeof facts.words, "tripwire\ncolour night\ntripwire");
        assert_true(catalog_kinds_of(catalog, &facts, &kinds, &err));
        assert_int_equal(kinds, KIND_BIT(KIND_MOTION) | UINT64_C(3) << KIND_FIRST_FREE);
        facts.kinds = 0;
        for (int i = 0; i < 100; i++) {
                snprintf(facts.words, sizeof facts.words, "word%d", i);
                assert_true(catalog_kinds_of(catalog, &facts, &kinds, &err));
                assert_int_equal(__builtin_popcountll(kinds), 1);
        }
        assert_int_equal(kinds, UINT64_C(1) << 61);
        struct catalog *reader = open_or_fail(CATALOG_READ);
        assert_string_equal(catalog_kind_word(reader, KIND_FIRST_FREE + 1), "colour night");
        assert_string_equal(catalog_kind_word(reader, 61), "other");
        assert_int_equal(catalog_kind_bit(reader, "word3"), KIND_FIRST_FREE + 5);
        assert_int_equal(catalog_kind_bit(reader, "motion"), KIND_MOTION);
        assert_int_equal(catalog_kind_bit(reader, "word99"), -1);
        assert_null(catalog_kind_word(reader, 63));
        catalog_close(&reader);
        catalog_close(&catalog);
}

struct names {
        char text[256];
        int count;
        int stop_after;
};

static bool note_folder(void *context, struct folder_id folder, const char *path,
                        uint64_t fingerprint)
{
        struct names *names = context;
        size_t used = strlen(names->text);
        snprintf(names->text + used, sizeof names->text - used, "%d:%s:%d ", (int)folder.value,
                 path, (int)fingerprint);
        return ++names->count != names->stop_after;
}

static void folders_below_are_those_and_no_others(void **state)
{
        (void)state;
        static const char *const paths[] = {"/a", "/a-b", "/a/z", "/a/b", "/a/b/c", "/ab", "/a0"};
        struct error err = {0};
        struct catalog *catalog = open_or_fail(CATALOG_WRITE);
        struct folder_id folder;
        struct folder_id again;
        const char *path;
        for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
                assert_true(catalog_folder(catalog, paths[i], &folder, &err));
                assert_true(catalog_folder(catalog, paths[i], &again, &err));
                assert_int_equal(folder.value, again.value);
                assert_true(catalog_folder_path(catalog, folder, &path, &err));
                assert_string_equal(path, paths[i]);
        }
        assert_false(catalog_folder_find(catalog, "/none", &folder, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        assert_true(catalog_folder_find(catalog, "/a/b", &folder, &err));
        assert_true(catalog_folder_set_fingerprint(catalog, folder, 77, &err));
        struct names names = {0};
        assert_true(catalog_folders_below(catalog, "/a", note_folder, &names, &err));
        assert_string_equal(names.text, "1:/a:0 4:/a/b:77 5:/a/b/c:0 3:/a/z:0 ");
        names = (struct names){.stop_after = 2};
        assert_true(catalog_folders_below(catalog, "/a", note_folder, &names, &err));
        assert_int_equal(names.count, 2);
        names = (struct names){0};
        assert_true(catalog_folders_below(catalog, "/", note_folder, &names, &err));
        assert_int_equal(names.count, 7);
        catalog_close(&catalog);
}

static bool note_file(void *context, const struct known_file *file)
{
        struct names *names = context;
        size_t used = strlen(names->text);
        snprintf(names->text + used, sizeof names->text - used, "%s%s ", file->name,
                 file->as == KNOWN_SKIPPED ? "(skipped)" : "");
        return ++names->count != names->stop_after;
}

static void a_file_is_a_frame_or_skipped_never_both(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = open_or_fail(CATALOG_WRITE);
        struct camera_id camera = camera_named(catalog, "front");
        struct folder_id folder;
        struct add_result result;
        struct known_file file;
        struct camera told;
        assert_true(catalog_folder(catalog, "/pictures", &folder, &err));
        struct frame frame = frame_at(camera, 5000, folder, "a.jpg");
        assert_true(catalog_file_skip(catalog, &frame.place, 12, (struct utc){34}, "empty", &err));
        assert_true(catalog_file_find(catalog, &frame.place, &file, &err));
        assert_int_equal(file.as, KNOWN_SKIPPED);
        assert_int_equal(file.bytes, 12);
        assert_int_equal(file.modified.ms, 34);
        assert_true(catalog_add(catalog, &frame, 1, &result, &err));
        assert_true(catalog_file_find(catalog, &frame.place, &file, &err));
        assert_int_equal(file.as, KNOWN_FRAME);
        assert_int_equal(file.modified.ms, 6500);
        struct names names = {0};
        assert_true(catalog_files_of(catalog, folder, note_file, &names, &err));
        assert_string_equal(names.text, "a.jpg ");
        /* Overwritten with something that is no picture. */
        assert_true(catalog_file_skip(catalog, &frame.place, 1, (struct utc){9}, "not-jpeg", &err));
        assert_true(catalog_camera_by_name(catalog, "front", &told, &err));
        assert_int_equal(told.frames, 0);
        assert_false(told.has_frames);
        names = (struct names){0};
        assert_true(catalog_files_of(catalog, folder, note_file, &names, &err));
        assert_string_equal(names.text, "a.jpg(skipped) ");
        int64_t vanished;
        assert_true(catalog_vanish(catalog, &frame.place, 1, (struct utc){1}, &vanished, &err));
        assert_int_equal(vanished, 0);
        assert_false(catalog_file_find(catalog, &frame.place, &file, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        catalog_close(&catalog);
}

static void what_is_rolled_back_is_forgotten_everywhere(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = open_or_fail(CATALOG_WRITE);
        struct camera told;
        struct folder_id folder;
        struct add_result result;
        struct facts facts;
        uint64_t kinds;
        const char *path;
        facts_init(&facts);
        snprintf(facts.words, sizeof facts.words, "tripwire");
        assert_true(catalog_begin(catalog, &err));
        struct camera_id lost = camera_named(catalog, "lost");
        assert_true(catalog_folder(catalog, "/lost", &folder, &err));
        assert_true(catalog_folder_path(catalog, folder, &path, &err));
        assert_true(catalog_kinds_of(catalog, &facts, &kinds, &err));
        struct frame frame = frame_at(lost, 5000, folder, "a.jpg");
        assert_true(catalog_add(catalog, &frame, 1, &result, &err));
        catalog_rollback(catalog);
        assert_false(catalog_camera_by_name(catalog, "lost", &told, &err));
        assert_int_equal(catalog_kind_bit(catalog, "tripwire"), -1);

        /* The same numbers now mean something else. */
        snprintf(facts.words, sizeof facts.words, "colour");
        assert_true(catalog_begin(catalog, &err));
        struct camera_id kept = camera_named(catalog, "kept");
        assert_true(catalog_folder(catalog, "/kept", &folder, &err));
        assert_true(catalog_folder_path(catalog, folder, &path, &err));
        assert_string_equal(path, "/kept");
        assert_true(catalog_kinds_of(catalog, &facts, &kinds, &err));
        assert_int_equal(kinds, UINT64_C(1) << KIND_FIRST_FREE);
        struct frame other = frame_at(kept, 5000, folder, "a.jpg");
        other.windows = 2;
        assert_true(catalog_add(catalog, &other, 1, &result, &err));
        assert_int_equal(result.added, 1);
        assert_true(catalog_commit(catalog, &err));
        assert_string_equal(catalog_kind_word(catalog, KIND_FIRST_FREE), "colour");
        assert_true(catalog_frame(catalog, &other.key, &frame, &err));
        assert_int_equal(frame.windows, 2);
        assert_int_equal(camera_named(catalog, "kept").value, kept.value);
        catalog_close(&catalog);
}

static void a_reader_sees_one_state_and_needs_a_catalog(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *reader = NULL;
        struct camera told;
        assert_false(catalog_open(directory, CATALOG_READ, &reader, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        assert_null(reader);
        struct catalog *catalog = open_or_fail(CATALOG_WRITE);
        reader = open_or_fail(CATALOG_READ);
        camera_named(catalog, "one");
        assert_true(catalog_read_begin(reader, &err));
        camera_named(catalog, "two");
        assert_true(catalog_camera_by_name(reader, "one", &told, &err));
        assert_false(catalog_camera_by_name(reader, "two", &told, &err));
        catalog_read_end(reader);
        assert_true(catalog_camera_by_name(reader, "two", &told, &err));
        catalog_close(&reader);
        catalog_close(&catalog);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_frame_comes_back_as_it_went_in),
                TEST(the_same_place_is_never_counted_twice),
                TEST(another_writer_is_noticed),
                TEST(a_vanished_frame_is_gone_until_it_comes_back),
                TEST(cameras_are_recognised_by_mac_then_by_name),
                TEST(kinds_beyond_the_standard_get_a_bit_until_there_are_no_more),
                TEST(folders_below_are_those_and_no_others),
                TEST(a_file_is_a_frame_or_skipped_never_both),
                TEST(what_is_rolled_back_is_forgotten_everywhere),
                TEST(a_reader_sees_one_state_and_needs_a_catalog),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
