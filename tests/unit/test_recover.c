/* Hour files and catalog after kill -9 and after damage, through store, ingest and recovery. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

#include "app/batch.h"
#include "app/check_segments.h"
#include "app/ingest.h"
#include "app/record_facts.h"
#include "app/recover.h"
#include "app/reindex.h"
#include "catalog/catalog.h"
#include "store/frame_store.h"
#include "store/segment.h"
#include "store/store.h"

enum { CAMERAS = 5, ACKS_MOST = 400000, PICTURE_MOST = 6000 };

static char directory[64];
static char frames[80];
static char journal[80];

static int set_up(void **state)
{
        (void)state;
        snprintf(directory, sizeof directory, "/tmp/cctvweb-recover-XXXXXX");
        if (mkdtemp(directory) == NULL)
                return -1;
        snprintf(frames, sizeof frames, "%s/frames", directory);
        snprintf(journal, sizeof journal, "%s/begun", directory);
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
        return nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- a receiver, as small as can be ---- */

struct receiver {
        struct catalog *catalog; /* a reading one */
        struct ingest *ingest;
        struct frame_store *store;
        struct batch *batch;
        int32_t next_segment;
        struct camera cameras[CAMERAS];
        struct recovery recovery;
};

static void must(bool ok, const struct error *err)
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

static void receiver_start(struct receiver *receiver, enum durability durability)
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

static void receiver_stop(struct receiver *receiver)
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
        memcpy(out, "\xff\xd8", 2);
        memcpy(out + 2, &number, sizeof number);
        for (size_t i = 6; i < length; i++) {
                seed = seed * 1664525 + 1013904223;
                out[i] = (uint8_t)(seed >> 25); /* never FF */
        }
        return length;
}

static void receive(struct receiver *receiver, uint32_t number)
{
        uint8_t picture[PICTURE_MOST];
        char json[RECORD_FACTS_SIZE];
        struct error err;
        struct record_facts record = {.received = {1400854100529 + number}};
        const struct camera *camera = &receiver->cameras[number % CAMERAS];
        size_t length = make_picture(number, picture);
        facts_init(&record.facts);
        record.facts.is_jpeg = true;
        record.facts.time.ms = 1400854100529 + (int64_t)(number * 7919 % 10800000);
        record.facts.time_source = TIME_VENDOR;
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

static void finish_group(struct receiver *receiver)
{
        struct error err;
        must(frame_store_sync(receiver->store, no_failure, NULL, &err), &err);
        must(ingest_submit(receiver->ingest, &receiver->batch, &err), &err);
        receiver->batch = batch_create();
        must(ingest_flush(receiver->ingest, &err), &err);
}

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

/* ---- what must hold afterwards ---- */

static uint8_t *acknowledged; /* by number */
static uint8_t *found;

static void tell_difference(void *context, const char *sentence)
{
        (void)context;
        fail_msg("%s", sentence);
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

static void check_world(uint32_t limit)
{
        struct catalog *catalog = NULL;
        struct error err = {0};
        int64_t differences = 0;
        memset(found, 0, limit);
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        must(catalog_check(catalog, tell_difference, NULL, &differences, &err), &err);
        must(check_segments(directory, catalog, false, tell_difference, NULL, &differences, &err),
             &err);
        assert_int_equal(differences, 0);
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
        acknowledged = calloc(ACKS_MOST, 1);
        found = calloc(ACKS_MOST, 1);
        assert_true(acknowledged != NULL && found != NULL);
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
        print_message("acknowledged %u, tails cut %d, found in tails %d\n", sum, (int)cut,
                      (int)again);
        assert_true(sum > 300);
        free(acknowledged);
        free(found);
}

/* The catalog as after a power cut, that is older than the files: what is behind its committed
 * length is found again. */
static void an_older_catalog_catches_up(void **state)
{
        (void)state;
        struct receiver receiver;
        struct recovery recovery;
        char command[300];
        acknowledged = calloc(1000, 1);
        found = calloc(1000, 1);
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
        recover_here(&recovery);
        assert_int_equal(recovery.found, 100);
        check_world(200);
        free(acknowledged);
        free(found);
}

static void a_torn_tail_is_cut_and_gone_on_with(void **state)
{
        (void)state;
        struct receiver receiver;
        char path[200];
        acknowledged = calloc(1000, 1);
        found = calloc(1000, 1);
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
        free(acknowledged);
        free(found);
}

/* ---- reindex ---- */

static struct reindex_result reindex_here(void)
{
        struct reindex_config config = {.data_directory = directory};
        struct reindex_result result;
        struct error err;
        must(reindex(&config, &result, &err), &err);
        return result;
}

static void fill_some(uint32_t count)
{
        struct receiver receiver;
        acknowledged = calloc(ACKS_MOST, 1);
        found = calloc(ACKS_MOST, 1);
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 0; number < count; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        memset(acknowledged, 1, count);
}

static void remove_catalog(void)
{
        static const char *const names[] = {"catalog.db", "catalog.db-wal", "catalog.db-shm"};
        for (int i = 0; i < 3; i++) {
                char path[100];
                snprintf(path, sizeof path, "%s/%s", directory, names[i]);
                (void)unlink(path);
        }
}

/* Whatever of the catalog is lost, all that was received is there again. */
static void a_lost_catalog_is_built_again(void **state)
{
        (void)state;
        fill_some(9000);
        check_world(9000);
        remove_catalog();
        struct reindex_result result = reindex_here();
        assert_int_equal(result.frames, 9000);
        assert_int_equal(result.broken, 0);
        assert_int_equal(result.cameras_new, CAMERAS);
        assert_false(result.had_old);
        check_world(9000);
        /* And goes on. */
        struct receiver receiver;
        receiver_start(&receiver, DURABILITY_OS);
        for (uint32_t number = 9000; number < 9100; number++)
                receive(&receiver, number);
        finish_group(&receiver);
        receiver_stop(&receiver);
        memset(acknowledged, 1, 9100);
        check_world(9100);
        free(acknowledged);
        free(found);
}

static void a_broken_catalog_is_built_again(void **state)
{
        (void)state;
        char path[100];
        fill_some(200);
        remove_catalog();
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        for (int i = 0; i < 5000; i++)
                fputs("not a database ", file);
        fclose(file);
        struct reindex_result result = reindex_here();
        assert_true(result.had_old && !result.kept_old && result.why_not[0] != '\0');
        assert_int_equal(result.frames, 200);
        check_world(200);
        snprintf(path, sizeof path, "%s/catalog.db.before-reindex", directory);
        assert_int_equal(access(path, F_OK), 0);
        free(acknowledged);
        free(found);
}

/* What only the catalog knows stays: settings, names, numbers, frames of folders. */
static void settings_and_folders_stay(void **state)
{
        (void)state;
        struct catalog *catalog = NULL;
        struct error err = {0};
        struct camera camera;
        struct camera_id camera_id;
        struct folder_id folder;
        struct add_result added;
        struct frame frame = {
                .received = {77}, .sequence = -1, .kinds = 2, .width = 3, .height = 4, .bytes = 5};
        fill_some(200);
        must(catalog_open(directory, CATALOG_WRITE, &catalog, &err), &err);
        must(catalog_camera_by_name(catalog, "cam3", &camera, &err), &err);
        camera_id = camera.id;
        snprintf(camera.name, sizeof camera.name, "gate");
        snprintf(camera.zone, sizeof camera.zone, "Europe/Berlin");
        camera.disabled = true;
        must(catalog_camera_update(catalog, &camera, &err), &err);
        must(catalog_folder(catalog, "/srv/pictures", &folder, &err), &err);
        frame.place.folder = folder;
        for (int i = 0; i < 5000; i++) {
                frame.key = (struct frame_key){camera.id, {1400854100000 + i / 2 * 400}, 0};
                snprintf(frame.place.name, sizeof frame.place.name, "p%d.jpg", i);
                must(catalog_add(catalog, &frame, 1, &added, &err), &err);
        }
        catalog_close(&catalog);
        struct reindex_result result = reindex_here();
        assert_true(result.kept_old);
        assert_int_equal(result.frames, 200);
        assert_int_equal(result.folder_frames, 5000);
        assert_int_equal(result.cameras_new, 0);
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        must(catalog_camera_by_name(catalog, "gate", &camera, &err), &err);
        assert_int_equal(camera.id.value, camera_id.value);
        assert_string_equal(camera.zone, "Europe/Berlin");
        assert_string_equal(camera.directory, "cam3");
        assert_true(camera.disabled);
        assert_int_equal(camera.frames, 5000 + 40);
        int64_t differences = 0;
        must(catalog_check(catalog, tell_difference, NULL, &differences, &err), &err);
        must(check_segments(directory, catalog, false, tell_difference, NULL, &differences, &err),
             &err);
        assert_int_equal(differences, 0);
        catalog_close(&catalog);
        free(acknowledged);
        free(found);
}

static void reindex_wants_to_be_alone(void **state)
{
        (void)state;
        struct receiver receiver;
        struct reindex_config config = {.data_directory = directory};
        struct reindex_result result;
        struct error err;
        receiver_start(&receiver, DURABILITY_OS);
        assert_false(reindex(&config, &result, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        receiver_stop(&receiver);
        reindex_here();
}

/* ---- check ---- */

static char told[4000];

static void keep_told(void *context, const char *sentence)
{
        (void)context;
        size_t used = strlen(told);
        snprintf(told + used, sizeof told - used, "%s\n", sentence);
}

static int64_t differences_now(bool fast)
{
        struct catalog *catalog = NULL;
        struct error err;
        int64_t differences = 0;
        told[0] = '\0';
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        must(catalog_check(catalog, keep_told, NULL, &differences, &err), &err);
        must(check_segments(directory, catalog, fast, keep_told, NULL, &differences, &err), &err);
        catalog_close(&catalog);
        return differences;
}

static void change_byte(const char *below, int64_t offset)
{
        char path[200];
        uint8_t byte;
        snprintf(path, sizeof path, "%s/%s", frames, below);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(pread(fd, &byte, 1, offset), 1);
        byte ^= 1;
        assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
        close(fd);
}

static void make_old(const char *below)
{
        char path[200];
        struct timespec times[2] = {{1400000000, 0}, {1400000000, 0}};
        snprintf(path, sizeof path, "%s/%s", frames, below);
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void check_names_each_difference(void **state)
{
        (void)state;
        struct catalog *catalog = NULL;
        struct error err;
        struct camera camera;
        struct frame frame;
        int64_t removed;
        char from[200];
        char to[200];
        fill_some(5);
        must(catalog_open(directory, CATALOG_READ, &catalog, &err), &err);
        must(catalog_camera_by_name(catalog, "cam1", &camera, &err), &err);
        must(catalog_frame(catalog, &camera.first, &frame, &err), &err);
        catalog_close(&catalog);
        assert_int_equal(differences_now(false), 0);
        /* A picture with a wrong byte. */
        change_byte("cam1/2014-05-23/14.mjpeg", frame.place.offset + 10);
        assert_int_equal(differences_now(false), 1);
        assert_non_null(strstr(told, "is damaged"));
        assert_int_equal(differences_now(true), 0);
        change_byte("cam1/2014-05-23/14.mjpeg", frame.place.offset + 10);
        /* A header with a wrong byte. */
        change_byte("cam1/2014-05-23/14.mjpeg", 70);
        assert_int_equal(differences_now(true), 1);
        assert_non_null(strstr(told, "has no record"));
        change_byte("cam1/2014-05-23/14.mjpeg", 70);
        /* A missing file, and one that nobody knows. */
        snprintf(from, sizeof from, "%s/cam1/2014-05-23/14.mjpeg", frames);
        snprintf(to, sizeof to, "%s/cam1/2014-05-23/15.mjpeg", frames);
        assert_int_equal(rename(from, to), 0);
        make_old("cam1/2014-05-23/15.mjpeg");
        assert_int_equal(differences_now(true), 2);
        assert_non_null(strstr(told, "14.mjpeg is missing"));
        assert_non_null(strstr(told, "15.mjpeg is not in the catalog"));
        assert_int_equal(rename(to, from), 0);
        /* A record without a frame. */
        must(catalog_open(directory, CATALOG_WRITE, &catalog, &err), &err);
        struct frame_key key = camera.first;
        must(catalog_remove(catalog, &key, 1, &removed, &err), &err);
        assert_int_equal(removed, 1);
        assert_int_equal(differences_now(true), 1);
        assert_non_null(strstr(told, "is not in the catalog"));
        /* A frame with other facts. */
        struct add_result added;
        frame.sequence++;
        must(catalog_add(catalog, &frame, 1, &added, &err), &err);
        assert_int_equal(differences_now(true), 1);
        assert_non_null(strstr(told, "sequence"));
        catalog_close(&catalog);
        free(acknowledged);
        free(found);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_torn_tail_is_cut_and_gone_on_with, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(an_older_catalog_catches_up, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_lost_catalog_is_built_again, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_broken_catalog_is_built_again, set_up, tear_down),
                cmocka_unit_test_setup_teardown(settings_and_folders_stay, set_up, tear_down),
                cmocka_unit_test_setup_teardown(reindex_wants_to_be_alone, set_up, tear_down),
                cmocka_unit_test_setup_teardown(check_names_each_difference, set_up, tear_down),
                cmocka_unit_test_setup_teardown(nothing_acknowledged_is_lost_by_kill, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
