/* Hour files and catalog after kill -9 and after damage, through store, ingest and recovery. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
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

#include "disk_faults.h"
#include "small_receiver.h"

/* Receives groups and tells the numbers acknowledged until it is killed. */
static void run_child(int acks, uint32_t number, enum durability durability)
{
        struct receiver receiver;
        receiver_start(&receiver, durability);
        for (;;) {
                uint32_t first = number;
                uint32_t count = 1 + number * 31 % 12;
                while (number < first + count)
                        receive(&receiver, number++);
                finish_group(&receiver);
                uint32_t told[2] = {first, number};
                if (write(acks, told, sizeof told) != sizeof told)
                        _exit(1);
        }
}

/* Takes down what is acknowledged; false at the end. */
static bool read_acks(int acks, uint32_t *last)
{
        uint32_t told[2];
        if (read(acks, told, sizeof told) != sizeof told)
                return false;
        for (uint32_t i = told[0]; i < told[1]; i++)
                acknowledged[i] = 1;
        *last = told[1];
        return true;
}

/* Kills so long after the start, or after the first acknowledgement. */
static uint32_t kill_once(uint32_t number, int rest_us, bool at_work, enum durability durability)
{
        int ends[2];
        uint32_t last = number;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                close(ends[0]);
                run_child(ends[1], number, durability);
                _exit(0);
        }
        close(ends[1]);
        if (at_work)
                assert_true(read_acks(ends[0], &last));
        struct timespec rest = {0, rest_us * 1000L};
        nanosleep(&rest, NULL);
        kill(child, SIGKILL);
        while (read_acks(ends[0], &last))
                ;
        close(ends[0]);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        return last + 64; /* numbers that may have been begun are not used again */
}

static void recover_here(struct recovery *recovery)
{
        struct catalog *catalog = NULL;
        struct error err;
        must(catalog_open(directory, CATALOG_WRITE, &catalog, &err), &err);
        must(recover(directory, catalog, NULL, recovery, &err), &err);
        catalog_close(&catalog);
}

static void nothing_acknowledged_is_lost_by_kill(void **state)
{
        (void)state;
        struct recovery recovery;
        uint32_t number = 0;
        int64_t cut = 0;
        int64_t again = 0;
        srand(4711); /* NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time */
        for (int round = 0; round < 150; round++) {
                enum durability durability = round % 10 == 0 ? DURABILITY_SYNC : DURABILITY_OS;
                bool at_work = round % 3 != 0;
                int rest_us = rand() % (at_work ? 15000 : 40000); /* NOLINT(cert-msc*) */
                number = kill_once(number, rest_us, at_work, durability);
                assert_true(number < ACKS_MOST - 1000);
                if (round % 10 != 9)
                        continue;
                recover_here(&recovery);
                cut += recovery.cut;
                again += recovery.found;
                check_world(number);
                recover_here(&recovery);
                assert_int_equal(recovery.found + recovery.cut + recovery.broken, 0);
        }
        uint32_t sum = 0;
        for (uint32_t i = 0; i < number; i++)
                sum += acknowledged[i];
        print_message("# acknowledged %u, tails cut %d, found in tails %d\n", sum, (int)cut,
                      (int)again);
        assert_true(sum > 300);
}

/* The catalog as after a power cut, that is older than the files: what is behind its committed
 * length is found again. */
static void an_older_catalog_catches_up(void **state)
{
        (void)state;
        struct receiver receiver;
        struct recovery recovery;
        char command[300];
        receiver_start(&receiver, DURABILITY_SYNC);
        for (uint32_t number = 0; number < 100; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        snprintf(command, sizeof command, "cd %s && mkdir old && cp catalog.db* old", directory);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
        receiver_start(&receiver, DURABILITY_SYNC);
        for (uint32_t number = 100; number < 200; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        snprintf(command, sizeof command, "cd %s && rm catalog.db* && mv old/* . && rmdir old",
                 directory);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
        memset(acknowledged, 1, 200);
        sync_calls = 0;
        recover_here(&recovery);
        assert_int_equal(recovery.found, 100);
        /* What comes again is dropped for what was found: that has to be durable. */
        assert_true(sync_calls > 0);
        check_world(200);
}

static void a_torn_tail_is_cut_and_gone_on_with(void **state)
{
        (void)state;
        struct receiver receiver;
        char path[200];
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 0; number < 5; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        snprintf(path, sizeof path, "%s/cam1/2014-05-23/14.mjpeg", frames);
        int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, "CCTVWEB1 torn \xff\xd8", 16), 16);
        close(fd);
        receiver_start(&receiver, DURABILITY_OS);
        assert_int_equal(receiver.recovery.segments, 5);
        assert_int_equal(receiver.recovery.cut, 1);
        assert_int_equal(receiver.recovery.cut_bytes, 16);
        for (uint32_t number = 5; number < 10; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        snprintf(path, sizeof path, "%s/cam1/2014-05-23/14.1.mjpeg", frames);
        assert_int_equal(access(path, F_OK), -1);
        memset(acknowledged, 1, 10);
        check_world(10);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_torn_tail_is_cut_and_gone_on_with, world_set_up,
                                                world_tear_down),
                cmocka_unit_test_setup_teardown(an_older_catalog_catches_up, world_set_up,
                                                world_tear_down),
                cmocka_unit_test_setup_teardown(nothing_acknowledged_is_lost_by_kill, world_set_up,
                                                world_tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
