/* Purging, ended or failing at each call that touches the disk. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/keeper.h"
#include "app/reindex.h"
#include "small_receiver.h"
#include "store/disk.h"

enum { PICTURES = 1500, ROUNDS = 30 };

/* ---- what happens at the k-th call ---- */

enum way { FINE, DIE_BEFORE, DIE_AFTER, FAIL };

static enum way way;
static int at_call;
static atomic_int calls;
static atomic_int met; /* times it came to that */
static atomic_bool armed;

static bool meets(void)
{
        if (!atomic_load(&armed) || atomic_fetch_add(&calls, 1) + 1 != at_call)
                return false;
        atomic_fetch_add(&met, 1);
        return true;
}

int __real_disk_open(const char *path, bool create);
int __real_disk_punch(int fd, int64_t offset, int64_t length);
int __real_disk_sync(int fd);
int __real_disk_sync_folder(const char *path);
int __wrap_disk_open(const char *path, bool create);
int __wrap_disk_punch(int fd, int64_t offset, int64_t length);
int __wrap_disk_sync(int fd);
int __wrap_disk_sync_folder(const char *path);

#define AT(call)                                                                                   \
        bool here = meets();                                                                       \
        if (here && way == DIE_BEFORE)                                                             \
                _exit(9);                                                                          \
        if (here && way == FAIL) {                                                                 \
                errno = EIO;                                                                       \
                return -1;                                                                         \
        }                                                                                          \
        int result = (call);                                                                       \
        if (here && way == DIE_AFTER)                                                              \
                _exit(9);                                                                          \
        return result

/* Before a file is made: so often is the folder it is to be in removed, which is empty. */
static int sweep_times;

int __wrap_disk_open(const char *path, bool create)
{
        char folder[300];
        const char *slash = strrchr(path, '/');
        if (create && sweep_times > 0 && slash != NULL) {
                snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
                sweep_times -= rmdir(folder) == 0;
        }
        AT(__real_disk_open(path, create));
}

int __wrap_disk_punch(int fd, int64_t offset, int64_t length)
{
        AT(__real_disk_punch(fd, offset, length));
}

int __wrap_disk_sync(int fd)
{
        AT(__real_disk_sync(fd));
}

int __wrap_disk_sync_folder(const char *path)
{
        AT(__real_disk_sync_folder(path));
}

/* ---- deleting ---- */

/* Round r deletes one camera's hour in every fifth round, else pictures here and there. */
static bool is_of_round(uint32_t number, int round)
{
        int64_t hour = (picture_time(number).ms - 1400850000000) / 3600000;
        if (round % 5 == 0)
                return picture_camera(number) == round / 5 % CAMERAS && hour == round / 15 + 1;
        return number % ROUNDS == (uint32_t)round || number % ROUNDS == (uint32_t)round / 2;
}

static struct keeper *start_keeper(struct receiver *receiver)
{
        struct keeper *keeper = NULL;
        struct error err;
        struct keeper_config config = {
                .data_directory = directory, .ingest = receiver->ingest, .purges = true};
        must(keeper_start(&config, &keeper, &err), &err);
        return keeper;
}

static bool delete_round(struct receiver *receiver, struct keeper *keeper, int round,
                         struct error *err)
{
        static struct stretch stretches[PICTURES];
        size_t count = 0;
        struct trash_deleted deleted;
        for (uint32_t number = 0; number < PICTURES; number++) {
                if (is_of_round(number, round))
                        stretches[count++] =
                                (struct stretch){receiver->cameras[picture_camera(number)].id,
                                                 picture_time(number), picture_time(number)};
        }
        return keeper_delete(keeper, stretches, count, &deleted, err);
}

struct left {
        struct deletion_sums sums;
        bool empties;
};

static bool note_empty(void *context, const struct segment *segment)
{
        (void)segment;
        *(bool *)context = true;
        return false;
}

static bool look(void *context, struct catalog *catalog, struct error *err)
{
        struct left *left = context;
        left->empties = false;
        return catalog_deletion_sums(catalog, &left->sums, err) &&
               catalog_segments_empty(catalog, note_empty, &left->empties, err);
}

/* Until nothing is left to be purged; false when it takes too long. */
static bool wait_purged(struct receiver *receiver)
{
        struct left left = {.empties = true};
        struct error err;
        for (int i = 0; i < 2000; i++) {
                struct timespec pause = {0, 2000000};
                must(ingest_call(receiver->ingest, look, &left, &err), &err);
                if (left.sums.deletions == 0 && !left.empties)
                        return true;
                nanosleep(&pause, NULL);
        }
        return false;
}

static void fill(void)
{
        struct receiver receiver;
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 0; number < PICTURES; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        memset(acknowledged, 1, PICTURES);
}

/* ---- crashes ---- */

/* Deletes and purges as one that is killed at its k-th call; tells when the deletion was made. */
static void run_child(int round, int ready)
{
        struct receiver receiver;
        struct error err;
        receiver_start(&receiver, DURABILITY_OS);
        atomic_store(&armed, true);
        struct keeper *keeper = start_keeper(&receiver);
        must(delete_round(&receiver, keeper, round, &err), &err);
        if (write(ready, "d", 1) != 1)
                _exit(1);
        _exit(wait_purged(&receiver) ? 0 : 2);
}

static int one_round(int round, bool *deleted_out)
{
        int ends[2];
        int status = 0;
        char word = 0;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                close(ends[0]);
                run_child(round, ends[1]);
        }
        close(ends[1]);
        *deleted_out = read(ends[0], &word, 1) == 1;
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static void assert_gone(const bool gone[static PICTURES])
{
        check_world(PICTURES);
        for (uint32_t number = 0; number < PICTURES; number++)
                assert_false(gone[number] && world_has(number));
}

static void a_purge_survives_its_end_anywhere(void **state)
{
        (void)state;
        static bool gone[PICTURES];
        int died = 0;
        fill();
        for (int round = 0; round < ROUNDS; round++) {
                bool deleted = false;
                way = round % 2 == 0 ? DIE_BEFORE : DIE_AFTER;
                at_call = 1 + round * 3 % 37;
                for (uint32_t number = 0; number < PICTURES; number++) {
                        if (is_of_round(number, round))
                                acknowledged[number] = 0;
                }
                int status = one_round(round, &deleted);
                assert_true(status == 0 || status == 9);
                died += status == 9;
                for (uint32_t number = 0; deleted && number < PICTURES; number++)
                        gone[number] = gone[number] || is_of_round(number, round);
                assert_gone(gone);
        }
        assert_true(died > ROUNDS / 2); /* else it hardly ended at work */
        way = FINE;
        bool deleted;
        assert_int_equal(one_round(1, &deleted), 0);
        assert_gone(gone);
        /* All that was purged is gone for good, whatever reads the disk. */
        struct reindex_config config = {.data_directory = directory};
        struct reindex_result result;
        struct error err;
        uint32_t left = 0;
        for (uint32_t number = 0; number < PICTURES; number++)
                left += world_has(number);
        must(reindex(&config, &result, &err), &err);
        assert_int_equal(result.broken, 0);
        assert_int_equal(result.frames, left);
        assert_gone(gone);
}

/* ---- failures ---- */

static void what_fails_is_tried_again(void **state)
{
        (void)state;
        static bool gone[PICTURES];
        int failed = 0;
        fill();
        for (int round = 0; round < ROUNDS; round++) {
                struct receiver receiver;
                struct error err;
                struct keeper_counters counters;
                receiver_start(&receiver, DURABILITY_OS);
                way = FAIL;
                at_call = 1 + round;
                atomic_store(&calls, 0);
                atomic_store(&met, 0);
                atomic_store(&armed, true);
                struct keeper *keeper = start_keeper(&receiver);
                must(delete_round(&receiver, keeper, round, &err), &err);
                for (int i = 0; i < 400; i++) {
                        struct timespec pause = {0, 2000000};
                        struct left left;
                        must(ingest_call(receiver.ingest, look, &left, &err), &err);
                        if (atomic_load(&met) > 0 || left.sums.deletions == 0)
                                break;
                        nanosleep(&pause, NULL);
                }
                keeper_stop(&keeper);
                atomic_store(&armed, false);
                keeper = start_keeper(&receiver); /* which is its next try */
                if (!wait_purged(&receiver))
                        fail_msg("round %d: not purged", round);
                keeper_counters(keeper, &counters);
                assert_int_equal(counters.failures, 0);
                keeper_stop(&keeper);
                receiver_stop(&receiver);
                failed += atomic_load(&met);
                for (uint32_t number = 0; number < PICTURES; number++) {
                        gone[number] = gone[number] || is_of_round(number, round);
                        if (gone[number])
                                acknowledged[number] = 0;
                }
                assert_gone(gone);
        }
        assert_true(failed > ROUNDS / 3);
}

/* ---- what is left of files and folders ---- */

static int count_below(const char *path, bool folders)
{
        struct dirent **entries = NULL;
        char below[400];
        int count = 0;
        int all = scandir(path, &entries, NULL, NULL);
        for (int i = 0; i < all; i++) {
                bool folder = entries[i]->d_type == DT_DIR;
                snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
                if (entries[i]->d_name[0] != '.') {
                        count += folder == folders;
                        count += folder ? count_below(below, folders) : 0;
                }
                free(entries[i]);
        }
        free(entries);
        return count;
}

static void delete_all(struct receiver *receiver)
{
        struct stretch stretches[CAMERAS];
        struct trash_deleted deleted;
        struct error err;
        struct keeper *keeper = start_keeper(receiver);
        for (int i = 0; i < CAMERAS; i++)
                stretches[i] =
                        (struct stretch){receiver->cameras[i].id, {0}, {INT64_C(2000000000000)}};
        must(keeper_delete(keeper, stretches, CAMERAS, &deleted, &err), &err);
        assert_true(deleted.frames > 0);
        assert_true(wait_purged(receiver));
        keeper_stop(&keeper);
}

/* Hour files that were purged while they could still grow go once they are closed, and with the
 * last of a day its folder. */
static void nothing_empty_stays(void **state)
{
        (void)state;
        struct receiver receiver;
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 0; number < PICTURES; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        assert_true(count_below(frames, false) > CAMERAS);
        delete_all(&receiver);
        assert_true(count_below(frames, false) > 0); /* those that are open */
        frame_store_retire(receiver.store, (struct utc){INT64_C(2000000000000)},
                           (struct mono){INT64_MAX});
        finish_group(&receiver);
        struct keeper *keeper = start_keeper(&receiver);
        assert_true(wait_purged(&receiver));
        keeper_stop(&keeper);
        assert_int_equal(count_below(frames, false), 0);
        assert_int_equal(count_below(frames, true), CAMERAS);
        /* The same names again. */
        for (uint32_t number = 0; number < PICTURES; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        memset(acknowledged, 1, PICTURES);
        check_world(PICTURES);
}

static void a_folder_may_go_before_it_is_used(void **state)
{
        (void)state;
        struct receiver receiver;
        receiver_start(&receiver, DURABILITY_SYNC);
        sweep_times = 3;
        for (uint32_t number = 0; number < 20; number++)
                receive(&receiver, number);
        assert_int_equal(sweep_times, 0);
        finish_group(&receiver);
        receiver_stop(&receiver);
        memset(acknowledged, 1, 20);
        check_world(20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_purge_survives_its_end_anywhere),
                TEST(what_fails_is_tried_again),
                TEST(nothing_empty_stays),
                TEST(a_folder_may_go_before_it_is_used),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
