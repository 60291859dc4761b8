#include "small_receiver.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/batch.h"
#include "app/check_segments.h"
#include "app/record_facts.h"
#include "app/repeats.h"
#include "store/store.h"

char directory[64];
char frames[80];
static char journal[80];
uint8_t *acknowledged;
static uint8_t *found;

int world_set_up(void **state)
{
        (void)state;
        snprintf(directory, sizeof directory, "/tmp/cctvweb-recover-XXXXXX");
        if (mkdtemp(directory) == NULL)
                return -1;
        acknowledged = calloc(ACKS_MOST, 1);
        found = calloc(ACKS_MOST, 1);
        snprintf(frames, sizeof frames, "%s/frames", directory);
        snprintf(journal, sizeof journal, "%s/begun", directory);
        return acknowledged == NULL || found == NULL;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
        (void)status;
        (void)type;
        (void)ftw;
        return remove(path);
}

int world_tear_down(void **state)
{
        (void)state;
        free(acknowledged);
        free(found);
        return nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void must(bool ok, const struct error *err)
{
        if (ok)
                return;
        fprintf(stderr, "failed: %s\n", err->text);
        abort();
}

static bool begin_segment(void *context, struct segment *segment, struct error *err)
{
        struct receiver *receiver = context;
        (void)err;
        segment->id.value = receiver->next_segment++;
        batch_add_segment(receiver->batch, segment);
        return true;
}

static void end_segment(void *context, struct segment_id segment, enum segment_state state)
{
        struct receiver *receiver = context;
        batch_add_ended(receiver->batch, segment, state);
}

void receiver_start(struct receiver *receiver, enum durability durability)
{
        struct error err;
        struct segment_id next;
        struct catalog *catalog = NULL;
        struct frame_store_config config = {
                .directory = frames,
                .journal = journal,
                .durability = durability,
                .most_open = 4,
                .most_known = 8,
                .begin_segment = begin_segment,
                .end_segment = end_segment,
                .context = receiver,
        };
        struct ingest_config ingest = {.data_directory = directory};
        *receiver = (struct receiver){.batch = batch_create()};
        must(catalog_open(directory, CATALOG_WRITE, &catalog, &err), &err);
        catalog_compare_by(catalog, repeat_is, directory);
        for (int i = 0; i < CAMERAS; i++) {
                struct facts facts;
                struct camera_id id;
                bool created;
                facts_init(&facts);
                snprintf(facts.camera_name, sizeof facts.camera_name, "cam%d", i);
                must(catalog_camera_for(catalog, &facts, NULL, &id, &created, &err), &err);
                must(catalog_camera_by_id(catalog, id, &receiver->cameras[i], &err), &err);
        }
        must(frame_store_create(&config, &receiver->store, &err), &err);
        must(recover(directory, catalog, receiver->store, &receiver->recovery, &err), &err);
        must(catalog_segment_next(catalog, &next, &err), &err);
        receiver->next_segment = next.value;
        catalog_close(&catalog);
        must(ingest_start(&ingest, &receiver->ingest, &err), &err);
}

void receiver_stop(struct receiver *receiver)
{
        struct error err;
        frame_store_destroy(&receiver->store);
        must(ingest_submit(receiver->ingest, &receiver->batch, &err), &err);
        must(ingest_stop(&receiver->ingest, &err), &err);
}

/* A picture of a number: its length and each byte follow from it. */
static size_t make_picture(uint32_t number, uint8_t out[static PICTURE_MOST])
{
        uint32_t seed = number * 2654435761U;
        size_t length = 12 + seed % (PICTURE_MOST - 12);
        out[0] = 0xff;
        out[1] = 0xd8;
        memcpy(out + 2, &number, sizeof number);
        for (size_t i = 6; i < length; i++) {
                seed = seed * 1664525 + 1013904223;
                out[i] = (uint8_t)(seed >> 25); /* never FF */
        }
        return length;
}

int picture_camera(uint32_t number)
{
        return (int)(number % CAMERAS);
}

struct utc picture_time(uint32_t number)
{
        return (struct utc){1400854100529 + (int64_t)(number * 7919 % 10800000)};
}

bool world_has(uint32_t number)
{
        return found[number];
}

void receive(struct receiver *receiver, uint32_t number)
{
        receive_as(receiver, number, TIME_VENDOR, "");
}

void receive_as(struct receiver *receiver, uint32_t number, enum time_source source,
                const char *path)
{
        uint8_t picture[PICTURE_MOST];
        char json[RECORD_FACTS_SIZE];
        struct error err;
        struct record_facts record = {.received = {1400854100529 + number}};
        const struct camera *camera = &receiver->cameras[picture_camera(number)];
        size_t length = make_picture(number, picture);
        facts_init(&record.facts);
        record.facts.is_jpeg = true;
        record.facts.time = picture_time(number);
        record.facts.time_source = source;
        snprintf(record.path, sizeof record.path, "%s", path);
        record.facts.sequence = number;
        record.facts.bytes = (int64_t)length;
        snprintf(record.facts.camera_name, sizeof record.facts.camera_name, "%s", camera->name);
        snprintf(record.facts.words, sizeof record.facts.words, "own%u", number % 3);
        struct frame_bytes piece = {picture, length};
        struct frame_record append = {
                .camera = camera->id,
                .directory = camera->directory,
                .time = record.facts.time,
                .facts = json,
                .facts_length = record_facts_format(&record, json),
                .pieces = &piece,
                .piece_count = 1,
        };
        must(frame_store_append(receiver->store, &append, &err), &err);
        batch_add_received(receiver->batch, camera->id, &record.facts, record.received,
                           &append.place);
        batch_add_committed(receiver->batch, append.place.segment, append.end);
}

static void no_failure(void *context, struct segment_id segment, const struct error *err)
{
        (void)context;
        (void)segment;
        must(false, err);
}

void finish_group(struct receiver *receiver)
{
        struct error err;
        frame_store_sync(receiver->store, no_failure, NULL);
        must(ingest_submit(receiver->ingest, &receiver->batch, &err), &err);
        receiver->batch = batch_create();
        must(ingest_flush(receiver->ingest, &err), &err);
}

/* ---- what must hold afterwards ---- */

static void tell_difference(void *context, const char *sentence)
{
        (void)context;
        fail_msg("%s", sentence);
}

int64_t differences_of(struct catalog *catalog, bool fast,
                       void (*difference)(void *context, const char *sentence))
{
        struct error err;
        int64_t differences = 0;
        struct segment_check hours = {.fast = fast, .difference = difference};
        must(catalog_check(catalog, difference, NULL, &differences, &err), &err);
        must(check_segments(directory, catalog, &hours, &err), &err);
        return differences + hours.differences;
}

static void check_frame(struct catalog *catalog, const struct frame *frame, uint32_t limit)
{
        uint8_t got[PICTURE_MOST];
        uint8_t want[PICTURE_MOST];
        char path[SEGMENT_PATH_SIZE];
        struct extent extent;
        struct error err;
        uint32_t number;
        must(catalog_segment_path(catalog, frame->place.segment, path, &err), &err);
        must(store_open_segment(directory, path, frame->place.offset, frame->bytes, &extent, &err),
             &err);
        assert_true(extent.length <= PICTURE_MOST);
        assert_int_equal(pread(extent.fd, got, (size_t)extent.length, extent.offset),
                         extent.length);
        close(extent.fd);
        memcpy(&number, got + 2, sizeof number);
        assert_true(number < limit);
        assert_int_equal(make_picture(number, want), extent.length);
        assert_memory_equal(got, want, (size_t)extent.length);
        assert_int_equal(frame->sequence, number);
        char word[16];
        snprintf(word, sizeof word, "own%u", number % 3);
        int bit = catalog_kind_bit(catalog, word);
        assert_true(bit >= 0 && (frame->kinds >> bit & 1) != 0);
        assert_int_equal(found[number], 0); /* once */
        found[number] = 1;
}

void check_world(uint32_t limit)
{
        struct catalog *catalog = NULL;
        struct error err = {0};
        memset(found, 0, limit);
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        assert_int_equal(differences_of(catalog, false, tell_difference), 0);
        for (int i = 0; i < CAMERAS; i++) {
                struct camera camera;
                struct frame_cursor *cursor = NULL;
                const struct frame *frame;
                char name[16];
                snprintf(name, sizeof name, "cam%d", i);
                must(catalog_camera_by_name(catalog, name, &camera, &err), &err);
                struct stretch all = {camera.id, UTC_NONE, UTC_NONE};
                must(catalog_frames_open(catalog, &all, NULL, &cursor, &err), &err);
                while (frame_cursor_next(cursor, &frame, &err))
                        check_frame(catalog, frame, limit);
                assert_int_equal(err.kind, ERROR_NONE);
                frame_cursor_close(&cursor);
        }
        for (uint32_t number = 0; number < limit; number++)
                assert_true(found[number] || !acknowledged[number]);
        catalog_close(&catalog);
}
