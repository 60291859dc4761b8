/* The receiver when its frames cannot be committed: who sent them is told at once, sends again, and
 * whatever was stored meanwhile is counted once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/batch.h"
#include "app/check_segments.h"
#include "app/receiver.h"
#include "camera_bytes.h"
#include "catalog/sqlite_handle.h"
#include "catalog_model.h"

enum { UPLOADS = 40 };

static char directory[64];

/* A receiver and what it answered, by ticket. */
struct world {
        struct ingest *ingest;
        struct receiver *receiver;
        struct upload_budget budget;
        int64_t account;
        pthread_mutex_t lock;
        pthread_cond_t changed;
        enum ftp_outcome outcomes[UPLOADS];
        bool answered[UPLOADS];
        bool named[UPLOADS]; /* told which frame it is */
        size_t count;
        size_t told_full;
};

static void must(bool ok, const struct error *err)
{
        if (ok)
                return;
        fprintf(stderr, "failed: %s\n", err->text);
        abort();
}

static void take_answers(void *context, const struct ftp_answer *answers, size_t count)
{
        struct world *world = context;
        pthread_mutex_lock(&world->lock);
        for (size_t i = 0; i < count; i++) {
                world->outcomes[answers[i].ticket.slot] = answers[i].result.outcome;
                world->answered[answers[i].ticket.slot] = true;
                world->named[answers[i].ticket.slot] = answers[i].result.frame.camera.value != 0;
        }
        world->count += count;
        pthread_cond_broadcast(&world->changed);
        pthread_mutex_unlock(&world->lock);
}

static void take_full(void *context)
{
        struct world *world = context;
        pthread_mutex_lock(&world->lock);
        world->told_full++;
        pthread_mutex_unlock(&world->lock);
}

static bool add_account(void *context, struct catalog *catalog, struct error *err)
{
        int64_t *number_out = context;
        struct camera camera = {.name = "yard", .zone = "UTC", .dwell_ms = 3000};
        struct account account = {.user = "yard", .hash = "none"};
        if (catalog_account_by_user(catalog, "yard", &account, err)) {
                *number_out = account.number;
                return true;
        }
        if (!catalog_camera_create(catalog, &camera, err))
                return false;
        account.camera = camera.id;
        bool ok = catalog_account_add(catalog, &account, err);
        *number_out = account.number;
        return ok;
}

static void start_with(struct world *world, enum durability durability)
{
        struct error err = {0};
        struct recovery recovery = {0};
        struct ingest_config ingest = {.data_directory = directory, .persist = true};
        *world = (struct world){0};
        upload_budget_init(&world->budget, 64 << 20);
        pthread_mutex_init(&world->lock, NULL);
        pthread_cond_init(&world->changed, NULL);
        must(ingest_start(&ingest, &world->ingest, &err), &err);
        must(ingest_call(world->ingest, add_account, &world->account, &err), &err);
        struct receiver_config config = {
                .data_directory = directory,
                .ingest = world->ingest,
                .durability = durability,
                .quarantine_bytes = 1 << 20,
                .attachment_bytes = 1 << 20,
                .answer = take_answers,
                .disk_full = take_full,
                .context = world,
        };
        must(receiver_start(&config, &world->receiver, &recovery, &err), &err);
}

static void world_start(struct world *world)
{
        start_with(world, DURABILITY_SYNC);
}

static void world_stop(struct world *world)
{
        struct error err;
        receiver_stop(&world->receiver);
        (void)!ingest_stop(&world->ingest, &err);
        upload_budget_finish(&world->budget);
        pthread_cond_destroy(&world->changed);
        pthread_mutex_destroy(&world->lock);
}

/* Picture `number` of the camera, whose sender may ask for it back or not. */
static void send_picture(struct world *world, uint32_t number, bool readable)
{
        static struct picture picture;
        struct error err = {0};
        char comment[200];
        struct upload *upload = upload_create(directory, &world->budget);
        assert_non_null(upload);
        snprintf(comment, sizeof comment,
                 "{\"IQimage\":{\"sequence\":%u,\"time\":%lld,\"event\":[\"motion\"],"
                 "\"motionWindows\":[2]}}",
                 number, 1400510841748LL + (long long)number * 400000);
        picture_begin(&picture);
        picture_jfif(&picture);
        SEGMENT(&picture, 0xfe, IQEYE_IDENTITY);
        picture_segment(&picture, 0xfe, comment, strlen(comment), 0);
        picture_finish(&picture);
        for (size_t at = 0; at < picture.length;) {
                uint8_t *room;
                size_t size;
                must(upload_room(upload, &room, &size, &err), &err);
                if (size > picture.length - at)
                        size = picture.length - at;
                memcpy(room, picture.bytes + at, size);
                must(upload_added(upload, size, &err), &err);
                at += size;
        }
        upload->account = world->account;
        upload->end = UPLOAD_WHOLE;
        upload->readable = readable;
        upload->ended = utc_now();
        snprintf(upload->path, sizeof upload->path, "/%u.jpg", number);
        receiver_take(world->receiver, (struct ftp_ticket){number, 1}, &upload);
        receiver_go(world->receiver);
}

static void send_one(struct world *world, uint32_t number)
{
        send_picture(world, number, false);
}

/* Until all that were sent are answered; how many of them so. Fails after ten seconds. */
static size_t wait_for(struct world *world, size_t sent, enum ftp_outcome outcome)
{
        struct timespec until;
        size_t found = 0;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 10;
        pthread_mutex_lock(&world->lock);
        int woken = 0;
        while (world->count < sent && woken == 0)
                woken = pthread_cond_timedwait(&world->changed, &world->lock, &until);
        assert_int_equal(world->count, sent);
        for (size_t i = 0; i < UPLOADS; i++)
                found += world->answered[i] && world->outcomes[i] == outcome;
        world->count = 0;
        memset(world->answered, 0, sizeof world->answered);
        pthread_mutex_unlock(&world->lock);
        return found;
}

/* As a full disk would: SQLite finds no room for a further page, and each frame wants some. */
static bool limit_pages(void *context, struct catalog *catalog, struct error *err)
{
        (void)err;
        return sqlite3_exec(catalog->db, context, NULL, NULL, NULL) == SQLITE_OK;
}

static void set_room(struct world *world, bool room)
{
        struct error err = {0};
        char any[] = "PRAGMA max_page_count = 1000000; DROP TRIGGER fill; DROP TABLE filler";
        char none[] = "CREATE TABLE filler (x);"
                      "CREATE TEMP TRIGGER fill AFTER INSERT ON main.frames "
                      "BEGIN INSERT INTO filler VALUES (zeroblob(100000)); END;"
                      "PRAGMA max_page_count = 1"; /* what there is stays allowed */
        must(ingest_call(world->ingest, limit_pages, room ? any : none, &err), &err);
}

static int64_t frames_now(void)
{
        struct catalog *catalog = NULL;
        struct camera camera;
        struct error err = {0};
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        must(catalog_camera_by_name(catalog, "yard", &camera, &err), &err);
        catalog_close(&catalog);
        return camera.frames;
}

static void tell_difference(void *context, const char *sentence)
{
        (void)context;
        fail_msg("%s", sentence);
}

static void check_all(void)
{
        struct catalog *catalog = NULL;
        struct error err = {0};
        int64_t differences = 0;
        struct segment_check hours = {.difference = tell_difference};
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        must(catalog_check(catalog, tell_difference, NULL, &differences, &err), &err);
        must(check_segments(directory, catalog, &hours, &err), &err);
        catalog_close(&catalog);
}

static int set_up(void **state)
{
        (void)state;
        temporary_make(directory);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        temporary_remove(directory);
        return 0;
}

/* Of a folder's scan, which nobody waits for. */
static struct batch *scanned(struct world *world, const char *camera, int count)
{
        struct facts facts;
        char name[32];
        struct batch *batch = ingest_batch(world->ingest);
        assert_non_null(batch);
        facts_init(&facts);
        facts.is_jpeg = true;
        snprintf(facts.camera_name, sizeof facts.camera_name, "%s", camera);
        uint32_t folder = batch_folder(batch, "/tmp/none");
        for (int i = 0; i < count; i++) {
                facts.time.ms = 1400510841748 + i * INT64_C(7000);
                snprintf(name, sizeof name, "%s%d.jpg", camera, i);
                batch_add_frame(batch, folder, name, &facts, facts.time);
        }
        return batch;
}

static void add_patient(struct world *world)
{
        struct error err = {0};
        struct batch *batch = scanned(world, "folder", 500);
        must(ingest_submit(world->ingest, &batch, &err), &err);
}

struct several {
        struct ingest *ingest;
        struct batch *batches[3];
        bool refused;
};

/* On the writer's thread, which takes all of them at once when this is over. */
static bool submit_several(void *context, struct catalog *catalog, struct error *err)
{
        struct several *several = context;
        (void)catalog;
        bool ok = true;
        for (size_t i = 0; i < 3; i++)
                ok = ok && ingest_submit(several->ingest, &several->batches[i], err);
        return ok;
}

static bool never(void *context)
{
        (void)context;
        return false;
}

static void take_refusal(void *context, const struct frame *frames, size_t count,
                         const struct error *failure)
{
        struct several *several = context;
        (void)frames;
        (void)count;
        several->refused = failure != NULL;
}

/* Its committed length would pass over what was given up before it. */
static void what_builds_on_a_group_that_was_given_up_is_not_written(void **state)
{
        struct world world;
        struct catalog *catalog = NULL;
        struct camera camera;
        struct error err = {0};
        (void)state;
        world_start(&world);
        struct several several = {.ingest = world.ingest,
                                  .batches = {scanned(&world, "one", 1), scanned(&world, "two", 1),
                                              scanned(&world, "three", 1)}};
        several.batches[1]->wanted = never;
        several.batches[1]->done = take_refusal;
        several.batches[1]->context = &several;
        must(ingest_call(world.ingest, submit_several, &several, &err), &err);
        must(ingest_flush(world.ingest, &err), &err);
        assert_true(several.refused);
        world_stop(&world);
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        assert_true(catalog_camera_by_name(catalog, "one", &camera, &err));
        assert_true(catalog_camera_by_name(catalog, "three", &camera, &err));
        assert_false(catalog_camera_by_name(catalog, "two", &camera, &err));
        catalog_close(&catalog);
}

static void who_waits_for_a_full_disk_is_told(void **state)
{
        struct world world;
        struct error err;
        (void)state;
        world_start(&world);
        for (uint32_t i = 0; i < 10; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, 10, FTP_DONE), 10);
        set_room(&world, false);
        add_patient(&world); /* is tried again and again meanwhile */
        for (int times = 0; times < 3; times++) {
                for (uint32_t i = 10; i < UPLOADS; i++)
                        send_one(&world, i);
                assert_int_equal(wait_for(&world, UPLOADS - 10, FTP_NO_SPACE), UPLOADS - 10);
        }
        assert_true(world.told_full > 0);
        assert_int_equal(frames_now(), 10);
        set_room(&world, true);
        /* Within the next try. */
        size_t done = 0;
        for (int tries = 0; done < UPLOADS && tries < 30; tries++) {
                for (uint32_t i = 0; i < UPLOADS; i++)
                        send_one(&world, i);
                done = wait_for(&world, UPLOADS, FTP_DONE);
                usleep(100000);
        }
        assert_int_equal(done, UPLOADS);
        assert_int_equal(frames_now(), UPLOADS);
        must(ingest_flush(world.ingest, &err), &err);
        world_stop(&world);
        check_all();
        /* The start finds what was stored and not committed: nothing new. */
        world_start(&world);
        world_stop(&world);
        assert_int_equal(frames_now(), UPLOADS);
        check_all();
}

/* Nobody sends it again: the start takes in what was stored. */
static void what_was_given_up_is_found_by_the_next_start(void **state)
{
        struct world world;
        (void)state;
        world_start(&world);
        set_room(&world, false);
        for (uint32_t i = 0; i < UPLOADS; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, UPLOADS, FTP_NO_SPACE), UPLOADS);
        assert_int_equal(frames_now(), 0);
        set_room(&world, true);
        world_stop(&world);
        world_start(&world);
        world_stop(&world);
        assert_in_range(frames_now(), 1, UPLOADS);
        check_all();
}

/* A batch that went through the writer is given to others: nothing of its purpose may stay. */
static void a_batch_is_as_new_when_it_is_used_again(void **state)
{
        struct world world;
        struct error err;
        (void)state;
        world_start(&world);
        for (uint32_t i = 0; i < 20; i++) {
                send_one(&world, i);
                assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        }
        for (int i = 0; i < 20; i++)
                add_patient(&world);
        must(ingest_flush(world.ingest, &err), &err);
        assert_int_equal(world.count, 0);
        world_stop(&world);
        assert_int_equal(frames_now(), 20);
        check_all();
}

/* Waits until that many are in the catalog, at most ten seconds. */
static void wait_for_frames(int64_t wanted)
{
        for (int tries = 0; tries < 1000 && frames_now() != wanted; tries++)
                usleep(10000);
        assert_int_equal(frames_now(), wanted);
}

/* durability: os. The kernel has the picture: that is enough for the answer, whatever the catalog
 * can do at the moment. */
static void the_word_of_the_kernel_is_enough(void **state)
{
        struct world world;
        (void)state;
        start_with(&world, DURABILITY_OS);
        for (uint32_t i = 0; i < 10; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, 10, FTP_DONE), 10);
        wait_for_frames(10);
        set_room(&world, false);
        for (uint32_t i = 10; i < UPLOADS; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, UPLOADS - 10, FTP_DONE), UPLOADS - 10);
        assert_int_equal(frames_now(), 10);
        set_room(&world, true);
        wait_for_frames(UPLOADS);
        world_stop(&world);
        check_all();
}

/* ... and if this process ends before the catalog could take it, the next finds it. */
static void what_the_kernel_has_is_found_by_the_next_start(void **state)
{
        struct world world;
        (void)state;
        start_with(&world, DURABILITY_OS);
        send_one(&world, 0);
        assert_int_equal(wait_for(&world, 1, FTP_DONE), 1);
        wait_for_frames(1);
        set_room(&world, false);
        for (uint32_t i = 1; i < UPLOADS; i++)
                send_one(&world, i);
        assert_int_equal(wait_for(&world, UPLOADS - 1, FTP_DONE), UPLOADS - 1);
        ingest_hurry(world.ingest); /* as a server that is stopped does */
        world_stop(&world);
        assert_int_equal(frames_now(), 1);
        world_start(&world);
        assert_int_equal(frames_now(), UPLOADS);
        world_stop(&world);
        check_all();
}

/* Who may ask for the picture by its name is answered when the frame has one. */
static void who_may_read_back_is_told_which_frame_it_is(void **state)
{
        struct world world;
        (void)state;
        start_with(&world, DURABILITY_OS);
        for (uint32_t i = 0; i < UPLOADS; i++)
                send_picture(&world, i, i % 2 == 0);
        assert_int_equal(wait_for(&world, UPLOADS, FTP_DONE), UPLOADS);
        for (uint32_t i = 0; i < UPLOADS; i++)
                assert_int_equal(world.named[i], i % 2 == 0);
        world_stop(&world);
        assert_int_equal(frames_now(), UPLOADS);
        check_all();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(who_waits_for_a_full_disk_is_told, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_was_given_up_is_found_by_the_next_start,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_batch_is_as_new_when_it_is_used_again, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(
                        what_builds_on_a_group_that_was_given_up_is_not_written, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_word_of_the_kernel_is_enough, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_the_kernel_has_is_found_by_the_next_start,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(who_may_read_back_is_told_which_frame_it_is, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
