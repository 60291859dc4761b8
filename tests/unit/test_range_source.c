/* What an export reads of hour files, whatever is deleted meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/keeper.h"
#include "export/stream.h"
#include "serve/range_source.h"
#include "small_receiver.h"

enum { PICTURES = 1000, BUFFER = 1 << 20 };

static char whole[BUFFER];
static char part[BUFFER];

/* All pictures of the first camera. */
struct reading {
        struct reader_pool *readers;
        struct range_source *source;
        struct export_stream *stream;
        struct stretch all;
};

static void reading_begin(struct reading *reading, const struct camera *camera)
{
        struct error err;
        reading->all = (struct stretch){camera->id, {0}, {1500000000000}};
        struct range_source_config config = {
                .data_directory = directory, .stretches = &reading->all, .count = 1};
        must(reader_pool_create(directory, 2, &reading->readers, &err), &err);
        config.readers = reading->readers;
        must(range_source_create(&config, &reading->source, &err), &err);
        must(export_open(range_source_frames(reading->source), EXPORT_MJPEG, (struct utc){0},
                         &reading->stream, &err),
             &err);
}

static void reading_end(struct reading *reading)
{
        export_close(&reading->stream);
        range_source_destroy(&reading->source);
        reader_pool_destroy(&reading->readers);
}

/* Until the end or a failure. */
static size_t read_on(struct reading *reading, char *out, bool *failed_out)
{
        size_t length = 0;
        size_t got = 1;
        struct error err = {0};
        *failed_out = false;
        while (got > 0 && length < BUFFER) {
                if (!export_read(reading->stream, out + length, BUFFER - length, &got, &err)) {
                        *failed_out = true;
                        assert_true(err.kind == ERROR_GONE || err.kind == ERROR_CONFLICT);
                        break;
                }
                length += got;
        }
        return length;
}

static void purge_all(struct receiver *receiver, const struct stretch *stretch)
{
        struct keeper *keeper = NULL;
        struct trash_deleted deleted;
        struct keeper_counters counters = {0};
        struct error err;
        struct keeper_config config = {
                .data_directory = directory, .ingest = receiver->ingest, .purges = true};
        must(keeper_start(&config, &keeper, &err), &err);
        must(keeper_delete(keeper, stretch, 1, &deleted, &err), &err);
        for (int i = 0; i < 1000 && counters.purged < deleted.frames - 40; i++) {
                struct timespec pause = {0, 2000000};
                keeper_counters(keeper, &counters);
                nanosleep(&pause, NULL);
        }
        assert_true(counters.purged > 0);
        keeper_stop(&keeper);
}

static void what_was_purged_midway_is_not_given_as_zeros(void **state)
{
        (void)state;
        struct receiver receiver;
        struct reading reading;
        bool failed;
        size_t got;
        struct error err;
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 0; number < PICTURES; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        reading_begin(&reading, &receiver.cameras[0]);
        size_t length = read_on(&reading, whole, &failed);
        assert_false(failed);
        assert_true(length > 100000 && length < BUFFER);
        reading_end(&reading);

        reading_begin(&reading, &receiver.cameras[0]);
        must(export_read(reading.stream, part, 10, &got, &err), &err);
        purge_all(&receiver, &reading.all);
        size_t rest = read_on(&reading, part + got, &failed);
        assert_true(failed);
        assert_memory_equal(part, whole, got + rest);
        reading_end(&reading);
        receiver_stop(&receiver);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_was_purged_midway_is_not_given_as_zeros),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
