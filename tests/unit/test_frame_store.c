#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "disk_faults.h"
#include "store/frame_store.h"
#include "store/segment.h"
#include "store/store.h"

/* ---- a store, and what it said ---- */

enum { SEGMENTS = 4000, PICTURES = 20000 };

struct picture {
        struct place place;
        int64_t end;
        uint32_t seed;
        size_t length;
        bool acknowledged;
};

struct world {
        char directory[64];
        char frames[80];
        char journal[80];
        struct frame_store *store;
        struct segment segments[SEGMENTS]; /* by id; committed is kept up */
        int segment_count;
        int ended;
        struct picture pictures[PICTURES];
        int count;
        int group; /* first picture of the group */
        bool refuse_begin;
};

static struct world world;

static bool begin_segment(void *context, struct segment *segment, struct error *err)
{
        struct world *w = context;
        if (w->refuse_begin)
                return error_set(err, ERROR_SYSTEM, "no numbers today");
        assert_true(w->segment_count < SEGMENTS - 1);
        segment->id.value = ++w->segment_count;
        w->segments[segment->id.value] = *segment;
        return true;
}

static void end_segment(void *context, struct segment_id segment, enum segment_state state)
{
        struct world *w = context;
        assert_int_equal(w->segments[segment.value].state, SEGMENT_OPEN);
        assert_true(state == SEGMENT_CLOSED || state == SEGMENT_BROKEN);
        w->segments[segment.value].state = state;
        w->ended++;
}

static void open_store(size_t most_open, size_t most_known, enum durability durability)
{
        struct error err;
        struct frame_store_config config = {
                .directory = world.frames,
                .journal = world.journal,
                .durability = durability,
                .most_open = most_open,
                .most_known = most_known,
                .begin_segment = begin_segment,
                .end_segment = end_segment,
                .context = &world,
        };
        if (!frame_store_create(&config, &world.store, &err))
                fail_msg("%s", err.text);
}

static int set_up(void **state)
{
        (void)state;
        memset(&world, 0, sizeof world);
        atomic_store(&calls, 0);
        atomic_store(&failed_calls, 0);
        atomic_store(&sync_calls, 0);
        fail_at = 0;
        fail_count = 1;
        full = false;
        pretend_room = true;
        /* In memory, where a sync costs nothing: what is tried here is what follows from errors. */
        snprintf(world.directory, sizeof world.directory, "%s/cctvweb-store-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (mkdtemp(world.directory) == NULL)
                return -1;
        snprintf(world.frames, sizeof world.frames, "%s/frames", world.directory);
        snprintf(world.journal, sizeof world.journal, "%s/begun", world.directory);
        return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
        (void)status;
        (void)type;
        (void)ftw;
        return remove(path);
}

static int tear_down(void **state)
{
        (void)state;
        frame_store_destroy(&world.store);
        return nftw(world.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void fill(uint8_t *out, uint32_t seed, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                seed = seed * 1664525 + 1013904223;
                out[i] = (uint8_t)(seed >> 24);
        }
}

static bool append(int camera, int64_t ms, size_t length, struct error *err)
{
        static uint8_t bytes[300000];
        char directory[16];
        char facts[64];
        struct picture *picture = &world.pictures[world.count];
        snprintf(directory, sizeof directory, "cam%d", camera);
        int facts_length = snprintf(facts, sizeof facts, "{\"n\":%d}", world.count);
        picture->seed = (uint32_t)world.count * 7919 + (uint32_t)length;
        picture->length = length;
        picture->acknowledged = false;
        fill(bytes, picture->seed, length);
        struct frame_bytes pieces[] = {
                {bytes, length / 3}, {bytes, 0}, {bytes + length / 3, length - length / 3}};
        struct frame_record record = {
                .camera = {camera},
                .directory = directory,
                .time = {ms},
                .facts = facts,
                .facts_length = (size_t)facts_length,
                .pieces = pieces,
                .piece_count = 3,
        };
        assert_true(world.count < PICTURES);
        if (!frame_store_append(world.store, &record, err))
                return false;
        picture->place = record.place;
        picture->end = record.end;
        world.count++;
        return true;
}

static int failed_told;

static void on_failed(void *context, struct segment_id segment, const struct error *why)
{
        (void)context;
        assert_true(why->kind != ERROR_NONE && why->text[0] != '\0');
        failed_told++;
        for (int i = world.group; i < world.count; i++) {
                if (world.pictures[i].place.segment.value == segment.value)
                        world.pictures[i].length = 0; /* does not count */
        }
}

/* Syncs; what was not said to have failed is acknowledged. */
static void sync_group(void)
{
        failed_told = 0;
        frame_store_sync(world.store, on_failed, NULL);
        for (int i = world.group; i < world.count; i++) {
                struct picture *picture = &world.pictures[i];
                struct segment *segment = &world.segments[picture->place.segment.value];
                picture->acknowledged = picture->length > 0;
                if (picture->acknowledged && segment->committed < picture->end)
                        segment->committed = picture->end;
        }
        world.group = world.count;
}

static void check_picture(const struct picture *picture)
{
        static uint8_t got[300000];
        static uint8_t want[300000];
        char path[SEGMENT_PATH_SIZE];
        struct extent extent;
        struct error err;
        segment_path(&world.segments[picture->place.segment.value], path);
        if (!store_open_segment(world.directory, path, picture->place.offset,
                                (int64_t)picture->length, &extent, &err))
                fail_msg("%s", err.text);
        assert_int_equal(pread(extent.fd, got, picture->length, extent.offset), picture->length);
        fill(want, picture->seed, picture->length);
        assert_memory_equal(got, want, picture->length);
        close(extent.fd);
}

static bool count_intact(void *context, const struct segment_record *record, bool intact)
{
        (void)record;
        assert_true(intact);
        ++*(int *)context;
        return true;
}

/* Every acknowledged picture is there, and the files hold these and nothing else up to their
 * committed length. */
static int check_all(void)
{
        static int want[SEGMENTS];
        int acknowledged = 0;
        memset(want, 0, sizeof want);
        for (int i = 0; i < world.count; i++) {
                if (!world.pictures[i].acknowledged)
                        continue;
                check_picture(&world.pictures[i]);
                want[world.pictures[i].place.segment.value]++;
                acknowledged++;
        }
        for (int i = 1; i <= world.segment_count; i++) {
                char path[SEGMENT_PATH_SIZE];
                char whole[200];
                struct segment_walk walk;
                struct error err;
                int found = 0;
                segment_path(&world.segments[i], path);
                snprintf(whole, sizeof whole, "%s/%s", world.frames, path);
                int fd = open(whole, O_RDONLY | O_CLOEXEC);
                assert_true(fd >= 0);
                struct segment_visit visit = {0, true, count_intact, &found};
                assert_true(segment_walk(fd, &visit, &walk, &err));
                close(fd);
                assert_int_equal(walk.broken, 0);
                assert_true(found >= want[i]);
                assert_true(walk.end >= world.segments[i].committed);
        }
        return acknowledged;
}

/* ---- tests ---- */

#define HOUR INT64_C(3600000)
#define DAY_START INT64_C(1400803200000)

static void pictures_come_back_as_they_went_in(void **state)
{
        (void)state;
        struct error err = {0};
        open_store(0, 0, DURABILITY_SYNC);
        for (int round = 0; round < 20; round++) {
                for (int i = 0; i < 30; i++)
                        assert_true(append(1 + i % 7, DAY_START + round * HOUR / 4 + i,
                                           (size_t)(1 + (i * 7919 + round * 31) % 90000), &err));
                sync_group();
                assert_int_equal(failed_told, 0);
        }
        assert_int_equal(check_all(), 600);
        assert_int_equal(world.segment_count, 7 * 5);
        assert_string_equal(world.segments[1].directory, "cam1");
        char path[SEGMENT_PATH_SIZE];
        segment_path(&world.segments[1], path);
        assert_string_equal(path, "cam1/2014-05-23/00.mjpeg");
}

/* Few files held open, few known: all is still there. */
static void bounds_are_kept(void **state)
{
        (void)state;
        struct error err = {0};
        open_store(3, 5, DURABILITY_OS);
        for (int i = 0; i < 600; i++) {
                assert_true(append(1 + i * 7 % 11, DAY_START + i, 1000, &err));
                if (i % 4 == 3)
                        sync_group();
        }
        assert_int_equal(atomic_load(&sync_calls), 0); /* DURABILITY_OS */
        assert_true(world.ended > 100);
        assert_true(world.segment_count - world.ended <= 5 + 4);
        assert_int_equal(check_all(), 600);
}

static void an_hour_that_is_over_is_retired(void **state)
{
        (void)state;
        struct error err = {0};
        open_store(0, 0, DURABILITY_OS);
        assert_true(append(1, DAY_START, 100, &err));
        assert_true(append(2, DAY_START + HOUR, 100, &err));
        frame_store_retire(world.store, (struct utc){DAY_START + HOUR}, mono_now());
        assert_int_equal(world.ended, 0); /* of the group */
        sync_group();
        struct mono before = mono_now();
        before.ns -= 3600 * INT64_C(1000000000);
        frame_store_retire(world.store, (struct utc){DAY_START + HOUR}, before);
        assert_int_equal(world.ended, 0); /* used lately */
        frame_store_retire(world.store, (struct utc){DAY_START + HOUR}, mono_now());
        assert_int_equal(world.ended, 1);
        assert_int_equal(world.segments[1].state, SEGMENT_CLOSED);
        /* A late one goes to another file of the hour. */
        assert_true(append(1, DAY_START + 5, 100, &err));
        assert_int_equal(world.segments[3].number, 1);
        sync_group();
        assert_int_equal(check_all(), 3);
}

static void room_that_was_kept_is_given_back(void **state)
{
        (void)state;
        struct error err = {0};
        struct stat status;
        char path[200];
        pretend_room = false;
        open_store(1, 0, DURABILITY_SYNC);
        assert_true(append(1, DAY_START, 50000, &err));
        sync_group();
        snprintf(path, sizeof path, "%s/cam1/2014-05-23/00.mjpeg", world.frames);
        assert_int_equal(stat(path, &status), 0);
        assert_true(append(2, DAY_START, 50000, &err));
        sync_group(); /* closes the first */
        assert_int_equal(stat(path, &status), 0);
        assert_true(status.st_blocks * 512 <= 65536);
        assert_true(append(1, DAY_START + 1, 50000, &err));
        sync_group();
        assert_int_equal(world.segment_count, 2);
        assert_int_equal(check_all(), 3);
}

static bool see_begun(void *context, const char *path)
{
        struct segment segment;
        assert_true(segment_path_parse(path, strlen(path), &segment));
        ++*(int *)context;
        return true;
}

static void the_journal_names_each_file(void **state)
{
        (void)state;
        struct error err = {0};
        int count = 0;
        assert_true(frame_store_begun(world.journal, see_begun, &count, &err));
        assert_int_equal(count, 0);
        open_store(0, 0, DURABILITY_OS);
        for (int i = 0; i < 50; i++)
                assert_true(append(1 + i, DAY_START, 10, &err));
        assert_true(frame_store_begun(world.journal, see_begun, &count, &err));
        assert_int_equal(count, 50);
        frame_store_destroy(&world.store);
        assert_true(frame_store_begun_forget(world.journal, &err));
        assert_true(frame_store_begun_forget(world.journal, &err));
        count = 0;
        assert_true(frame_store_begun(world.journal, see_begun, &count, &err));
        assert_int_equal(count, 0);
}

/* A full disk: what is told is told, the file stays good, and when there is room it goes on. */
static void a_full_disk_breaks_nothing(void **state)
{
        (void)state;
        struct error err = {0};
        open_store(0, 0, DURABILITY_SYNC);
        assert_true(append(1, DAY_START, 100, &err));
        assert_true(append(1, DAY_START + 1, 100, &err));
        full = true;
        for (int i = 0; i < 5; i++) {
                assert_false(append(1, DAY_START + 2, 2000, &err));
                assert_int_equal(err.kind, ERROR_FULL);
                assert_false(append(2, DAY_START + 2, 2000, &err)); /* a new file */
                assert_int_equal(err.kind, ERROR_FULL);
        }
        full = false;
        assert_true(append(1, DAY_START + 3, 100, &err));
        sync_group();
        assert_int_equal(world.segment_count, 1);
        assert_int_equal(check_all(), 3);
}

static void a_failed_sync_is_never_repeated(void **state)
{
        (void)state;
        struct error err = {0};
        open_store(0, 0, DURABILITY_SYNC);
        assert_true(append(1, DAY_START, 100, &err));
        sync_group();
        assert_true(append(1, DAY_START + 1, 100, &err));
        fail_errno = EIO;
        fail_at = atomic_load(&calls) + 1;
        int syncs = atomic_load(&sync_calls);
        sync_group();
        assert_int_equal(failed_told, 1);
        assert_int_equal(atomic_load(&sync_calls), syncs + 1);
        assert_int_equal(world.segments[1].state, SEGMENT_BROKEN);
        /* What did not count is cut off. */
        struct stat status;
        char path[200];
        snprintf(path, sizeof path, "%s/cam1/2014-05-23/00.mjpeg", world.frames);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_size, world.segments[1].committed);
        assert_true(append(1, DAY_START + 2, 100, &err));
        sync_group();
        assert_int_equal(failed_told, 0);
        assert_int_equal(world.segments[2].number, 1);
        assert_int_equal(check_all(), 2);
}

static void without_a_number_nothing_is_written(void **state)
{
        (void)state;
        struct error err = {0};
        open_store(0, 0, DURABILITY_SYNC);
        world.refuse_begin = true;
        assert_false(append(1, DAY_START, 100, &err));
        assert_string_equal(err.text, "no numbers today");
        world.refuse_begin = false;
        assert_true(append(1, DAY_START, 100, &err));
        sync_group();
        assert_int_equal(check_all(), 1);
}

static void what_makes_no_sense_is_refused(void **state)
{
        (void)state;
        struct error err = {0};
        struct frame_record record = {.camera = {1},
                                      .directory = "..",
                                      .time = {DAY_START},
                                      .facts = "{}",
                                      .facts_length = 2};
        open_store(0, 0, DURABILITY_SYNC);
        assert_false(frame_store_append(world.store, &record, &err));
        record.directory = "a/b";
        assert_false(frame_store_append(world.store, &record, &err));
        record.directory = "fine";
        record.time = UTC_NONE;
        assert_false(frame_store_append(world.store, &record, &err));
        record.time.ms = DAY_START;
        record.facts = "{}\n";
        record.facts_length = 3;
        assert_false(frame_store_append(world.store, &record, &err));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_int_equal(world.segment_count, 0);
}

/* One run of a small story; whatever fails in it, what was acknowledged is there. */
static void story(void)
{
        struct error err = {0};
        for (int group = 0; group < 4; group++) {
                for (int i = 0; i < 6; i++) {
                        int64_t ms = DAY_START + (group > 1 ? HOUR : 0) + i;
                        if (!append(1 + i % 3, ms, 3000 + (size_t)(i * 100), &err))
                                assert_true(err.kind != ERROR_NONE && err.text[0] != '\0');
                }
                sync_group();
        }
}

static int fail_each_call(int errors, int length)
{
        int k = 1;
        int acknowledged_all = 0;
        for (;; k++) {
                tear_down(NULL);
                set_up(NULL);
                open_store(2, 3, DURABILITY_SYNC);
                fail_errno = errors;
                fail_count = length;
                fail_at = atomic_load(&calls) + k;
                story();
                int hit = atomic_load(&failed_calls);
                fail_at = 0;
                /* It recovers by itself: the next group is whole. */
                int before = world.count;
                struct error err = {0};
                for (int i = 0; i < 3; i++) {
                        if (!append(1 + i, DAY_START + HOUR + 100, 500, &err))
                                fail_msg("call %d: %s", k, err.text);
                }
                sync_group();
                for (int i = before; i < world.count; i++)
                        assert_true(world.pictures[i].acknowledged);
                acknowledged_all = check_all();
                if (hit == 0)
                        break;
                assert_int_equal(hit, hit < length ? hit : length);
        }
        assert_int_equal(acknowledged_all, 4 * 6 + 3);
        return k - 1;
}

static void every_failing_call_loses_nothing_acknowledged(void **state)
{
        (void)state;
        /* So many calls and more change the disk in the story; fewer would mean that some were not
         * failed.
         */
        assert_true(fail_each_call(EIO, 1) > 60);
        assert_true(fail_each_call(ENOSPC, 1) > 60);
        assert_true(fail_each_call(EIO, 3) > 60);
        assert_true(fail_each_call(ENOSPC, 25) > 60);
}

/* Goes on where another run of the program ended, at the committed length. */
static void a_store_goes_on_with_what_is_there(void **state)
{
        (void)state;
        struct error err = {0};
        char path[200];
        for (int run = 0; run < 10; run++) {
                open_store(0, 0, DURABILITY_SYNC);
                for (int i = 1; i <= world.segment_count; i++) {
                        if (!frame_store_adopt(world.store, &world.segments[i], &err))
                                fail_msg("%s", err.text);
                }
                for (int i = 0; i < 10; i++)
                        assert_true(append(1 + i % 3, DAY_START + i, 1000, &err));
                sync_group();
                assert_true(append(1, DAY_START, 1000, &err)); /* not synced */
                world.group = world.count;
                frame_store_destroy(&world.store);
                snprintf(path, sizeof path, "%s/cam2/2014-05-23/00.mjpeg", world.frames);
                FILE *file = fopen(path, "ab");
                assert_non_null(file);
                fputs("CCTVWEB1 half a record", file);
                fclose(file);
        }
        assert_int_equal(world.segment_count, 3);
        assert_int_equal(check_all(), 100);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(pictures_come_back_as_they_went_in, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(bounds_are_kept, set_up, tear_down),
                cmocka_unit_test_setup_teardown(an_hour_that_is_over_is_retired, set_up, tear_down),
                cmocka_unit_test_setup_teardown(room_that_was_kept_is_given_back, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(the_journal_names_each_file, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_full_disk_breaks_nothing, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_failed_sync_is_never_repeated, set_up, tear_down),
                cmocka_unit_test_setup_teardown(without_a_number_nothing_is_written, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_makes_no_sense_is_refused, set_up, tear_down),
                cmocka_unit_test_setup_teardown(every_failing_call_loses_nothing_acknowledged,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_store_goes_on_with_what_is_there, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
