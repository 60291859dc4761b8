#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/ingest.h"
#include "app/watch.h"
#include "receive/watch_records.h"
#include "receive/watch_tree.h"

/* ---- records ---- */

static size_t put_record(char *bytes, int watch, uint32_t mask, const char *name, uint32_t room)
{
        struct inotify_event event = {.wd = watch, .mask = mask, .len = room};
        memcpy(bytes, &event, sizeof event);
        memset(bytes + sizeof event, 0, room);
        memcpy(bytes + sizeof event, name, strlen(name));
        return sizeof event + room;
}

static void records_are_read_and_no_more(void **state)
{
        (void)state;
        char bytes[200];
        size_t first = put_record(bytes, 7, IN_CLOSE_WRITE, "a.jpg", 16);
        size_t second = first + put_record(bytes + first, -1, IN_Q_OVERFLOW, "", 0);
        for (size_t length = 0; length <= second; length++) {
                struct watch_record record;
                size_t at = 0;
                int count = 0;
                /* Exactly as long, so that a sanitizer sees a byte too many. */
                char *exact = malloc(length > 0 ? length : 1);
                assert_non_null(exact);
                memcpy(exact, bytes, length);
                while (watch_record_next(exact, length, &at, &record)) {
                        count++;
                        assert_int_equal(record.watch, count == 1 ? 7 : -1);
                        assert_string_equal(record.name, count == 1 ? "a.jpg" : "");
                }
                assert_int_equal(count, (length >= first) + (length >= second));
                free(exact);
        }
}

static void a_name_that_does_not_end_is_refused(void **state)
{
        (void)state;
        char bytes[100];
        struct watch_record record;
        size_t at = 0;
        size_t length = put_record(bytes, 1, IN_CREATE, "abcdefgh", 8);
        assert_false(watch_record_next(bytes, length, &at, &record));
}

/* ---- the tree, against a list ---- */

enum { NAMES = 40, STEPS = 20000 };

struct listed {
        char path[32];
        int watch;
};

static void drop(void *context, int watch)
{
        struct listed *list = context;
        for (int i = 0; i < NAMES; i++) {
                if (list[i].path[0] != '\0' && list[i].watch == watch) {
                        list[i].watch = -2; /* told */
                        return;
                }
        }
        fail_msg("descriptor %d was dropped but never set", watch);
}

static bool is_below(const char *path, const char *top)
{
        size_t length = strlen(top);
        return strncmp(path, top, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static void remove_below(struct watch_tree *tree, struct listed *list, const char *path)
{
        char top[32];
        snprintf(top, sizeof top, "%s", path);
        watch_tree_remove(tree, watch_tree_by_path(tree, top), drop, list);
        for (int i = 0; i < NAMES; i++) {
                if (list[i].path[0] == '\0' || !is_below(list[i].path, top))
                        continue;
                assert_true(list[i].watch < 0);
                list[i] = (struct listed){"", -1};
        }
}

static void compare(const struct watch_tree *tree, const struct listed *list)
{
        size_t count = 0;
        size_t watched = 0;
        for (int i = 0; i < NAMES; i++) {
                if (list[i].path[0] == '\0')
                        continue;
                struct watch_folder *folder = watch_tree_by_path(tree, list[i].path);
                assert_non_null(folder);
                assert_int_equal(folder->watch, list[i].watch);
                count++;
                watched += list[i].watch >= 0;
                if (list[i].watch >= 0)
                        assert_ptr_equal(watch_tree_by_watch(tree, list[i].watch), folder);
        }
        assert_int_equal(watch_tree_count(tree), count);
        assert_int_equal(watch_tree_watched(tree), watched);
}

static void a_tree_is_what_was_done_to_it(void **state)
{
        (void)state;
        struct watch_tree *tree = watch_tree_create();
        struct listed list[NAMES] = {{"", -1}};
        unsigned seed = 3;
        int next_watch = 1;
        for (int step = 0; step < STEPS; step++) {
                int slot = rand_r(&seed) % NAMES;
                struct listed *at = &list[slot];
                if (at->path[0] != '\0') {
                        if (rand_r(&seed) % 4 == 0) {
                                remove_below(tree, list, at->path);
                        } else {
                                at->watch = rand_r(&seed) % 5 == 0 ? -1 : next_watch++;
                                watch_tree_set_watch(tree, watch_tree_by_path(tree, at->path),
                                                     at->watch);
                        }
                        compare(tree, list);
                        continue;
                }
                /* A new child of another folder, or at the top. */
                char parent[32];
                memcpy(parent, list[rand_r(&seed) % NAMES].path, sizeof parent);
                if (strlen(parent) > 20)
                        continue;
                snprintf(at->path, sizeof at->path, "%.20s/%d", parent, slot);
                at->watch = -1;
                struct watch_folder *added = watch_tree_add(tree, at->path, 0);
                assert_non_null(added);
                compare(tree, list);
        }
        watch_tree_free(&tree);
}

/* ---- a watch at work on a folder of its own ---- */

struct fixture {
        char folder[64];
        char data[80];
        char pictures[80];
        struct ingest *ingest;
        struct watch *watch;
};

static const char picture_start[] =
        "\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x02\x01\x00\x60\x00\x60\0\0";

/* The smallest thing that counts as a picture: a start and an end. */
static void put_picture(const struct fixture *fixture, const char *name)
{
        char path[256];
        snprintf(path, sizeof path, "%s/%s", fixture->pictures, name);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fwrite(picture_start, 1, sizeof picture_start - 1, file);
        fwrite("\xff\xd9", 1, 2, file);
        fclose(file);
}

static void make_folder(const struct fixture *fixture, const char *name)
{
        char path[256];
        snprintf(path, sizeof path, "%s/%s", fixture->pictures, name);
        assert_int_equal(mkdir(path, 0700), 0);
}

static void start(struct fixture *fixture, size_t most_watches)
{
        struct error err = {0};
        const struct ingest_config ingest = {.data_directory = fixture->data, .persist = true};
        assert_true(ingest_start(&ingest, &fixture->ingest, &err));
        const char *folders[] = {fixture->pictures};
        const struct watch_config config = {
                .folders = folders,
                .folder_count = 1,
                .data_directory = fixture->data,
                .ingest = fixture->ingest,
                .most_watches = most_watches,
                .poll_seconds = 1,
        };
        assert_true(watch_start(&config, &fixture->watch, &err));
}

static int set_up(void **state)
{
        static struct fixture fixture;
        fixture = (struct fixture){.folder = "/tmp/cctvweb-unit-XXXXXX"};
        if (mkdtemp(fixture.folder) == NULL)
                return -1;
        snprintf(fixture.data, sizeof fixture.data, "%s/data", fixture.folder);
        snprintf(fixture.pictures, sizeof fixture.pictures, "%s/pictures", fixture.folder);
        *state = &fixture;
        return mkdir(fixture.pictures, 0700);
}

static int tear_down(void **state)
{
        struct fixture *fixture = *state;
        struct error err;
        char command[128];
        watch_stop(&fixture->watch);
        if (!ingest_stop(&fixture->ingest, &err))
                return -1;
        snprintf(command, sizeof command, "rm -rf '%s'", fixture->folder);
        return system(command); /* NOLINT(cert-env33-c): a path of our own making */
}

static int64_t frames(const struct fixture *fixture)
{
        struct ingest_counters counters;
        ingest_counters(fixture->ingest, &counters);
        return counters.added - counters.vanished;
}

static void wait_for_frames(const struct fixture *fixture, int64_t wanted)
{
        for (int i = 0; i < 3000 && frames(fixture) != wanted; i++)
                usleep(10000);
        assert_int_equal(frames(fixture), wanted);
}

static void wait_for_scans(const struct fixture *fixture, int64_t wanted)
{
        struct watch_counters counters = {0};
        for (int i = 0; i < 3000 && (counters.scans < wanted || counters.scanning); i++) {
                watch_counters(fixture->watch, &counters);
                usleep(10000);
        }
        assert_true(counters.scans >= wanted);
}

static void an_overflow_is_answered_with_new_watches_and_a_scan(void **state)
{
        struct fixture *fixture = *state;
        struct watch_counters counters;
        start(fixture, 0);
        wait_for_scans(fixture, 1);
        for (int64_t round = 1; round <= 5; round++) {
                char name[32];
                snprintf(name, sizeof name, "%d", (int)round);
                make_folder(fixture, name);
                watch_pretend_overflow(fixture->watch);
                snprintf(name, sizeof name, "%d/a.jpg", (int)round);
                put_picture(fixture, name);
                wait_for_frames(fixture, round * 2 - 1);
                wait_for_scans(fixture, round + 1);
                /* The new watches see what comes now. */
                snprintf(name, sizeof name, "%d/b.jpg", (int)round);
                put_picture(fixture, name);
                wait_for_frames(fixture, round * 2);
        }
        watch_counters(fixture->watch, &counters);
        assert_int_equal(counters.overflows, 5);
        assert_int_equal(counters.folders, 6);
        assert_int_equal(counters.watched, 6);
}

static void folders_without_a_watch_are_scanned_again_and_again(void **state)
{
        struct fixture *fixture = *state;
        struct watch_counters counters;
        make_folder(fixture, "a");
        make_folder(fixture, "b");
        start(fixture, 2);
        wait_for_scans(fixture, 1);
        watch_counters(fixture->watch, &counters);
        assert_int_equal(counters.folders, 3);
        assert_int_equal(counters.watched, 2);
        put_picture(fixture, "a/1.jpg");
        put_picture(fixture, "b/1.jpg");
        make_folder(fixture, "b/c");
        put_picture(fixture, "b/c/1.jpg");
        wait_for_frames(fixture, 3);
        char path[160];
        snprintf(path, sizeof path, "%s/b/1.jpg", fixture->pictures);
        unlink(path);
        wait_for_frames(fixture, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(records_are_read_and_no_more),
                cmocka_unit_test(a_name_that_does_not_end_is_refused),
                cmocka_unit_test(a_tree_is_what_was_done_to_it),
                cmocka_unit_test_setup_teardown(an_overflow_is_answered_with_new_watches_and_a_scan,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(folders_without_a_watch_are_scanned_again_and_again,
                                                set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
