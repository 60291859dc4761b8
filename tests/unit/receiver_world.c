#include "receiver_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/check_segments.h"
#include "camera_bytes.h"
#include "catalog/sqlite_handle.h"
#include "catalog_model.h"

char directory[64];

void must(bool ok, const struct error *err)
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
                world->handles[answers[i].ticket.slot] = answers[i].result.handle;
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

void start_with(struct world *world, enum durability durability)
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

void world_start(struct world *world)
{
        start_with(world, DURABILITY_SYNC);
}

void world_stop(struct world *world)
{
        struct error err;
        receiver_stop(&world->receiver);
        (void)!ingest_stop(&world->ingest, &err);
        upload_budget_finish(&world->budget);
        pthread_cond_destroy(&world->changed);
        pthread_mutex_destroy(&world->lock);
}

void send_as(struct world *world, uint32_t number, const char *path, bool readable)
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
        snprintf(upload->path, sizeof upload->path, "%s", path);
        receiver_take(world->receiver, (struct ftp_ticket){number, 1}, &upload);
        receiver_go(world->receiver);
}

void send_picture(struct world *world, uint32_t number, bool readable)
{
        char path[32];
        snprintf(path, sizeof path, "/%u.jpg", number);
        send_as(world, number, path, readable);
}

void send_one(struct world *world, uint32_t number)
{
        send_picture(world, number, false);
}

size_t wait_for(struct world *world, size_t sent, enum ftp_outcome outcome)
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

void set_room(struct world *world, bool room)
{
        struct error err = {0};
        char any[] = "PRAGMA max_page_count = 1000000; DROP TRIGGER fill; DROP TABLE filler";
        char none[] = "CREATE TABLE filler (x);"
                      "CREATE TEMP TRIGGER fill AFTER INSERT ON main.frames "
                      "BEGIN INSERT INTO filler VALUES (zeroblob(100000)); END;"
                      "PRAGMA max_page_count = 1"; /* what there is stays allowed */
        must(ingest_call(world->ingest, limit_pages, room ? any : none, &err), &err);
}

int64_t frames_now(void)
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

void check_all(void)
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

int set_up(void **state)
{
        (void)state;
        temporary_make(directory);
        return 0;
}

int tear_down(void **state)
{
        (void)state;
        temporary_remove(directory);
        return 0;
}

void wait_for_frames(int64_t wanted)
{
        for (int tries = 0; tries < 1000 && frames_now() != wanted; tries++)
                usleep(10000);
        assert_int_equal(frames_now(), wanted);
}
