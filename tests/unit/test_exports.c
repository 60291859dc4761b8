/* Exports made in the background, and how long they are kept. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "app/exports.h"
#include "serve/answer_export.h"
#include "small_receiver.h"

enum { PICTURES = 50 };

static const int64_t start_ms = INT64_C(1500000000000);
static const int64_t kept_ms = INT64_C(86400000) * EXPORT_KEPT_DAYS;

static atomic_llong clock_ms;
static atomic_int removed; /* told of */

static struct utc clock_now(void)
{
        return (struct utc){atomic_load(&clock_ms)};
}

static void on_change(void *context, const struct export_row *row, int64_t done, bool gone)
{
        (void)context;
        (void)row;
        (void)done;
        atomic_fetch_add(&removed, gone);
}

struct world {
        struct receiver receiver;
        struct exports *exports;
};

static void begin(struct world *world)
{
        struct error err;
        struct exports_config config = {
                .data_directory = directory,
                .bytes_most = INT64_C(1) << 30,
                .clock = clock_now,
                .on_change = on_change,
        };
        receiver_start(&world->receiver, DURABILITY_OS);
        config.ingest = world->receiver.ingest;
        must(exports_start(&config, &world->exports, &err), &err);
}

static void end(struct world *world)
{
        exports_stop(&world->exports);
        receiver_stop(&world->receiver);
}

struct look {
        int64_t id;
        bool found;
        enum export_state state;
};

static bool look_up(void *context, struct catalog *catalog, struct error *err)
{
        struct look *look = context;
        struct export_row row;
        struct error missing = {0};
        (void)err;
        look->found = catalog_export(catalog, look->id, &row, &missing);
        if (look->found) {
                look->state = row.state;
                catalog_export_free(&row);
        }
        return true;
}

/* Until it is in the state, or, for EXPORT_STATES, gone; false when it takes too long. */
static bool becomes(struct world *world, int64_t id, enum export_state state)
{
        struct look look = {.id = id};
        struct error err;
        for (int i = 0; i < 5000; i++) {
                struct timespec pause = {0, 2000000};
                must(ingest_call(world->receiver.ingest, look_up, &look, &err), &err);
                if (look.found ? look.state == state : state == EXPORT_STATES)
                        return true;
                nanosleep(&pause, NULL);
        }
        return false;
}

static int64_t add(struct world *world)
{
        struct stretch all = {world->receiver.cameras[0].id, {0}, {start_ms}};
        struct export_order order = {.format = EXPORT_MJPEG, .stretches = &all, .count = 1};
        struct export_row row;
        struct error err;
        must(exports_add(world->exports, &order, PICTURES / CAMERAS, &row, &err), &err);
        int64_t id = row.id;
        catalog_export_free(&row);
        return id;
}

static bool has_file(int64_t id)
{
        char path[200];
        snprintf(path, sizeof path, "%s/exports/%lld.mjpeg", directory, (long long)id);
        return access(path, F_OK) == 0;
}

static void it_is_kept_seven_days(void **state)
{
        (void)state;
        struct world world;
        atomic_store(&clock_ms, start_ms);
        begin(&world);
        for (uint32_t number = 0; number < PICTURES; number++)
                receive(&world.receiver, number);
        finish_group(&world.receiver);
        int64_t first = add(&world);
        assert_true(becomes(&world, first, EXPORT_DONE));
        assert_true(has_file(first));
        /* To the millisecond; each further one makes the thread look. */
        atomic_store(&clock_ms, start_ms + kept_ms);
        int64_t second = add(&world);
        int64_t third = add(&world);
        assert_true(becomes(&world, third, EXPORT_DONE));
        assert_true(becomes(&world, first, EXPORT_DONE));
        assert_int_equal(atomic_load(&removed), 0);
        atomic_store(&clock_ms, start_ms + kept_ms + 1);
        int64_t fourth = add(&world);
        assert_true(becomes(&world, first, EXPORT_STATES));
        assert_false(has_file(first));
        assert_true(becomes(&world, fourth, EXPORT_DONE));
        assert_true(has_file(second) && has_file(third) && has_file(fourth));
        end(&world);
        assert_int_equal(atomic_load(&removed), 1);
        /* Also what an earlier run made, and all that is due at once. */
        atomic_store(&clock_ms, start_ms + 3 * kept_ms);
        begin(&world);
        assert_true(becomes(&world, fourth, EXPORT_STATES));
        assert_true(becomes(&world, second, EXPORT_STATES));
        assert_true(becomes(&world, third, EXPORT_STATES));
        end(&world);
        assert_false(has_file(second) || has_file(third) || has_file(fourth));
        assert_int_equal(atomic_load(&removed), 4);
}

/* ---- a catalog that cannot be written ---- */

static void execute(const char *sql)
{
        char path[100];
        sqlite3 *db = NULL;
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        sqlite3_busy_timeout(db, 5000);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
}

static void its_end_is_noted_when_that_is_possible_again(void **state)
{
        (void)state;
        struct world world;
        struct timespec moment = {0, 200000000};
        struct export_row row;
        bool gone = false;
        struct error err;
        atomic_store(&clock_ms, start_ms);
        begin(&world);
        for (uint32_t number = 0; number < PICTURES; number++)
                receive(&world.receiver, number);
        finish_group(&world.receiver);
        execute("CREATE TRIGGER no_end BEFORE UPDATE ON exports WHEN NEW.state > 1 "
                "BEGIN SELECT RAISE(ABORT, 'no room'); END");
        int64_t done = add(&world);
        int64_t next = add(&world);
        assert_true(becomes(&world, done, EXPORT_RUNNING));
        nanosleep(&moment, NULL);
        execute("DROP TRIGGER no_end");
        assert_true(becomes(&world, done, EXPORT_DONE));
        assert_true(becomes(&world, next, EXPORT_DONE));
        assert_true(has_file(done));
        /* One that is cancelled meanwhile leaves no file. */
        execute("CREATE TRIGGER no_end BEFORE UPDATE ON exports WHEN NEW.state = 2 "
                "BEGIN SELECT RAISE(ABORT, 'no room'); END");
        int64_t third = add(&world);
        assert_true(becomes(&world, third, EXPORT_RUNNING));
        nanosleep(&moment, NULL);
        must(exports_remove(world.exports, third, &row, &gone, &err), &err);
        catalog_export_free(&row);
        assert_true(becomes(&world, third, EXPORT_CANCELLED));
        assert_false(has_file(third));
        end(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(it_is_kept_seven_days),
                TEST(its_end_is_noted_when_that_is_possible_again),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
