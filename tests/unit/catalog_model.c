#include "catalog_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/kind.h"

void temporary_make(char out[static 64])
{
        snprintf(out, 64, "/tmp/cctvweb-test-XXXXXX");
        assert_non_null(mkdtemp(out));
}

void temporary_remove(const char *directory)
{
        char command[128];
        snprintf(command, sizeof command, "rm -rf '%s'", directory);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a path of our own */
}

struct catalog *catalog_open_or_fail(const char *directory, enum catalog_mode mode)
{
        struct catalog *catalog = NULL;
        struct error err = {0};
        if (!catalog_open(directory, mode, &catalog, &err))
                fail_msg("%s", err.text);
        return catalog;
}

uint64_t random_next(uint64_t *state)
{
        *state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
        uint64_t z = *state;
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

int random_below(uint64_t *state, int below)
{
        return (int)(random_next(state) % (uint64_t)below);
}

#define OK(call)                                                                                   \
        do {                                                                                       \
                if (!(call))                                                                       \
                        fail_msg("%s:%d: %s: %s", __FILE__, __LINE__, #call, err.text);            \
        } while (0)

void model_init(struct model *model, struct catalog *catalog, uint64_t seed)
{
        struct error err = {0};
        memset(model, 0, sizeof *model);
        model->random = seed;
        for (int i = 0; i < MODEL_CAMERAS; i++) {
                struct facts facts;
                bool created;
                facts_init(&facts);
                snprintf(facts.camera_name, sizeof facts.camera_name, "camera-%d", i);
                OK(catalog_camera_for(catalog, &facts, NULL, &model->cameras[i], &created, &err));
        }
        for (int i = 0; i < MODEL_FOLDERS; i++) {
                char path[32];
                snprintf(path, sizeof path, "/pictures/%d", i);
                OK(catalog_folder(catalog, path, &model->folders[i], &err));
        }
}

/* Times where things go wrong: at and around hours and seconds, before and after 1970. */
int64_t model_time(uint64_t *random)
{
        static const int64_t hours[] = {0, 0, 1, -1, 388904, 388905};
        static const int64_t offsets[] = {0, 1, -1, 500, 999, 1000, 1001, -999, -1000, -1001};
        int64_t time = hours[random_below(random, 6)] * RUN_HOUR_MS;
        time += offsets[random_below(random, 10)];
        if (random_below(random, 2) == 0)
                time += (int64_t)random_below(random, 40) * 1000;
        if (random_below(random, 3) == 0)
                time += random_below(random, 400000) - 200000;
        return time;
}

struct frame model_frame(struct model *model, int index)
{
        static const uint64_t kinds[] = {KIND_BIT(KIND_NONE), KIND_BIT(KIND_MOTION),
                                         KIND_BIT(KIND_MOTION) | KIND_BIT(KIND_INPUT), 0,
                                         UINT64_C(1) << 40};
        static const uint64_t windows[] = {0, 0, 1, 4, 5, UINT64_C(1) << 63};
        uint64_t *random = &model->random;
        struct frame frame = {
                .key = {model->cameras[random_below(random, MODEL_CAMERAS)],
                        {model_time(random)},
                        (uint32_t)random_below(random, 3)}, /* to be ignored */
                .received = UTC_NONE,
                .sequence = random_below(random, 4) - 1,
                .kinds = kinds[random_below(random, 5)],
                .windows = windows[random_below(random, 6)],
                .has_trigger = random_below(random, 3) == 0,
                .width = random_below(random, 2) * 640,
                .height = 480,
                .bytes = 1 + random_below(random, 100000),
                .time_source = TIME_NAME,
                .place = {.folder = model->folders[index % MODEL_FOLDERS]},
        };
        if (random_below(random, 5) != 0)
                frame.received.ms = frame.key.time.ms + random_below(random, 4000) - 1000;
        if (frame.has_trigger)
                frame.trigger = random_below(random, 3) - 1;
        snprintf(frame.place.name, sizeof frame.place.name, "picture-%04d.jpg", index);
        return frame;
}

static int index_of(const struct frame *frame)
{
        return (int)strtol(frame->place.name + 8, NULL, 10);
}

/* ---- operations ---- */

static bool same_facts(const struct frame *a, const struct frame *b)
{
        return a->key.camera.value == b->key.camera.value && a->key.time.ms == b->key.time.ms &&
               a->received.ms == b->received.ms && a->sequence == b->sequence &&
               a->kinds == b->kinds && a->windows == b->windows &&
               a->has_trigger == b->has_trigger && a->trigger == b->trigger &&
               a->width == b->width && a->height == b->height && a->bytes == b->bytes;
}

/* What the catalog says of unknown receive times: what was known of the same picture stays. */
static void keep_known(struct frame *frame, const struct frame *known)
{
        if (frame->key.camera.value != known->key.camera.value ||
            frame->key.time.ms != known->key.time.ms || utc_known(frame->received))
                return;
        frame->received = known->received;
        if (frame->sequence < 0)
                frame->sequence = known->sequence;
}

/* A deleted picture's file, unless it is surely another one. */
static bool same_file(const struct frame *deleted, const struct frame *now)
{
        return !utc_known(now->received) ||
               (now->bytes == deleted->bytes && now->received.ms == deleted->received.ms);
}

static void assert_key_is_free(const struct model *model, const struct frame_key *key)
{
        for (int i = 0; i < model->purged_count; i++)
                assert_int_not_equal(frame_key_compare(&model->purged[i], key), 0);
        for (int i = 0; i < MODEL_FILES; i++) {
                if (model->files[i].state == FILE_DELETED)
                        assert_int_not_equal(frame_key_compare(&model->files[i].frame.key, key), 0);
        }
}

void model_add(struct model *model, struct catalog *catalog, struct frame *frames, size_t count)
{
        struct error err = {0};
        struct add_result expected = {0};
        struct add_result result = {0};
        bool same[MODEL_FILES] = {false};
        for (size_t i = 0; i < count; i++) {
                struct model_file *file = &model->files[index_of(&frames[i])];
                struct frame now = frames[i];
                if (file->state == FILE_FRAME)
                        keep_known(&now, &file->frame);
                same[index_of(&frames[i])] =
                        file->state == FILE_DELETED && same_file(&file->frame, &now);
                if (same[index_of(&frames[i])])
                        expected.unchanged++;
                else if (file->state != FILE_FRAME)
                        expected.added++;
                else if (same_facts(&file->frame, &now))
                        expected.unchanged++;
                else
                        expected.replaced++;
        }
        OK(catalog_add(catalog, frames, count, &result, &err));
        assert_int_equal(result.added, expected.added);
        assert_int_equal(result.replaced, expected.replaced);
        assert_int_equal(result.unchanged, expected.unchanged);
        for (size_t i = 0; i < count; i++) {
                struct model_file *file = &model->files[index_of(&frames[i])];
                if (same[index_of(&frames[i])])
                        continue;
                assert_key_is_free(model, &frames[i].key);
                file->state = FILE_FRAME;
                file->frame = frames[i];
        }
}

static void add_some(struct model *model, struct catalog *catalog)
{
        struct frame frames[64];
        bool used[MODEL_FILES] = {false};
        size_t count = 0;
        int wanted = 1 + random_below(&model->random, 64);
        for (int i = 0; i < wanted; i++) {
                int index = random_below(&model->random, MODEL_FILES);
                const struct model_file *file = &model->files[index];
                if (used[index])
                        continue;
                used[index] = true;
                bool again = (file->state == FILE_FRAME || file->state == FILE_DELETED) &&
                             random_below(&model->random, 3) == 0;
                frames[count++] = again ? file->frame : model_frame(model, index);
        }
        model_add(model, catalog, frames, count);
}

static void remove_some(struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        struct frame_key keys[32];
        int64_t expected = 0;
        int64_t removed = 0;
        size_t count = (size_t)(1 + random_below(&model->random, 32));
        for (size_t i = 0; i < count; i++) {
                struct model_file *file = &model->files[random_below(&model->random, MODEL_FILES)];
                keys[i] = (struct frame_key){model->cameras[0], {12345678}, 9}; /* not there */
                if (file->state != FILE_FRAME)
                        continue;
                keys[i] = file->frame.key;
                file->state = FILE_UNKNOWN;
                expected++;
        }
        OK(catalog_remove(catalog, keys, count, &removed, &err));
        assert_int_equal(removed, expected);
}

static void vanish_some(struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        struct place places[32];
        int64_t expected = 0;
        int64_t vanished = 0;
        size_t count = (size_t)(1 + random_below(&model->random, 32));
        for (size_t i = 0; i < count; i++) {
                int index = random_below(&model->random, MODEL_FILES);
                struct model_file *file = &model->files[index];
                places[i] = model_frame(model, index).place;
                expected += file->state == FILE_FRAME;
                if (file->state == FILE_FRAME)
                        file->state = FILE_VANISHED;
                else if (file->state == FILE_SKIPPED)
                        file->state = FILE_UNKNOWN;
        }
        OK(catalog_vanish(catalog, places, count, (struct utc){99}, &vanished, &err));
        assert_int_equal(vanished, expected);
}

static void skip_one(struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        int index = random_below(&model->random, MODEL_FILES);
        struct model_file *file = &model->files[index];
        struct place place = model_frame(model, index).place;
        file->state = FILE_SKIPPED;
        file->skipped_bytes = random_below(&model->random, 1000);
        OK(catalog_file_skip(catalog, &place, file->skipped_bytes, (struct utc){5}, "empty", &err));
}

/* Changes nothing that can be asked. */
static void fold_some(struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        struct folding folding = {0};
        for (int i = random_below(&model->random, 20); i >= 0 && !folding.done; i--)
                OK(catalog_fold(catalog, &folding, &err));
}

static void one_operation(struct model *model, struct catalog *catalog)
{
        if (random_below(&model->random, 4) == 0)
                fold_some(model, catalog);
        switch (random_below(&model->random, 12)) {
        case 0:
        case 1: remove_some(model, catalog); break;
        case 2: vanish_some(model, catalog); break;
        case 3: skip_one(model, catalog); break;
        case 4:
        case 5: model_delete(model, catalog); break;
        case 6: model_undo(model, catalog); break;
        case 7: model_purge(model, catalog); break;
        default: add_some(model, catalog); break;
        }
}

void model_step(struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        static struct model before;
        int way = random_below(&model->random, 4);
        if (way > 0)
                OK(catalog_begin(catalog, &err));
        before = *model;
        one_operation(model, catalog);
        if (way > 1)
                one_operation(model, catalog);
        if (way == 3) {
                uint64_t random = model->random;
                catalog_rollback(catalog);
                *model = before;
                model->random = random;
        } else if (way > 0) {
                OK(catalog_commit(catalog, &err));
        }
}

/* ---- comparing ---- */

static int compare_frames(const void *a, const void *b)
{
        return frame_key_compare(&(*(const struct frame *const *)a)->key,
                                 &(*(const struct frame *const *)b)->key);
}

static int frames_of(const struct model *model, struct camera_id camera,
                     const struct frame *out[static MODEL_FILES])
{
        int count = 0;
        for (int i = 0; i < MODEL_FILES; i++) {
                const struct model_file *file = &model->files[i];
                if (file->state == FILE_FRAME && file->frame.key.camera.value == camera.value)
                        out[count++] = &file->frame;
        }
        qsort(out, (size_t)count, sizeof out[0], compare_frames);
        return count;
}

int model_events(const struct model *model, struct camera_id camera, int64_t dwell_ms,
                 struct span out[static MODEL_FILES])
{
        const struct frame *frames[MODEL_FILES];
        int count = frames_of(model, camera, frames);
        int events = 0;
        for (int i = 0; i < count; i++) {
                const struct frame *frame = frames[i];
                struct span *event = events > 0 ? &out[events - 1] : NULL;
                if (event == NULL || frame->key.time.ms - event->end.ms > dwell_ms) {
                        event = &out[events++];
                        *event = (struct span){.camera = camera,
                                               .start = frame->key.time,
                                               .cover = {frame_cover_rank(frame), frame->key}};
                }
                event->end = frame->key.time;
                event->frames++;
                event->motion_frames += frame_has_motion(frame->kinds, frame->windows);
                event->bytes += frame->bytes;
                event->kinds |= frame->kinds;
                event->windows |= frame->windows;
                if (frame_cover_rank(frame) < event->cover.rank)
                        event->cover = (struct cover){frame_cover_rank(frame), frame->key};
        }
        return events;
}

void span_assert_equal(const struct span *a, const struct span *b)
{
        assert_int_equal(a->camera.value, b->camera.value);
        assert_int_equal(a->start.ms, b->start.ms);
        assert_int_equal(a->end.ms, b->end.ms);
        assert_int_equal(a->frames, b->frames);
        assert_int_equal(a->motion_frames, b->motion_frames);
        assert_int_equal(a->bytes, b->bytes);
        assert_int_equal(a->kinds, b->kinds);
        assert_int_equal(a->windows, b->windows);
        assert_int_equal(a->cover.rank, b->cover.rank);
        assert_int_equal(frame_key_compare(&a->cover.key, &b->cover.key), 0);
}

static void compare_events(const struct model *model, struct catalog *catalog,
                           const struct camera *camera, int64_t dwell_ms)
{
        struct error err = {0};
        struct event_page page;
        struct span expected[MODEL_FILES];
        int count = model_events(model, camera->id, dwell_ms, expected);
        struct event_query query = {
                .cameras = camera,
                .camera_count = 1,
                .from = UTC_NONE,
                .to = UTC_NONE,
                .dwell_ms = dwell_ms,
                .limit = MODEL_FILES,
        };
        OK(events_find(catalog, &query, &page, &err));
        assert_int_equal(page.total, count);
        assert_int_equal(page.count, count);
        assert_false(page.more);
        for (int i = 0; i < count; i++)
                span_assert_equal(&page.events[i], &expected[i]);
        event_page_free(&page);
}

static void compare_events_in_range(struct model *model, struct catalog *catalog,
                                    const struct camera *camera)
{
        struct error err = {0};
        struct event_page page;
        struct span all[MODEL_FILES];
        int64_t dwell_ms = 1000 + random_below(&model->random, 30000);
        int64_t a = model_time(&model->random);
        int64_t b = model_time(&model->random);
        struct event_query query = {
                .cameras = camera,
                .camera_count = 1,
                .from = {a < b ? a : b},
                .to = {a < b ? b : a},
                .dwell_ms = dwell_ms,
                .limit = MODEL_FILES,
        };
        int count = model_events(model, camera->id, dwell_ms, all);
        OK(events_find(catalog, &query, &page, &err));
        size_t met = 0;
        for (int i = 0; i < count; i++) {
                if (all[i].end.ms < query.from.ms || all[i].start.ms > query.to.ms)
                        continue;
                assert_true(met < page.count);
                span_assert_equal(&page.events[met++], &all[i]);
        }
        assert_int_equal(met, page.count);
        event_page_free(&page);
}

struct activity_sum {
        struct activity buckets[MODEL_FILES];
        int count;
};

static bool note_bucket(void *context, const struct activity *bucket)
{
        struct activity_sum *sum = context;
        assert_true(sum->count < MODEL_FILES);
        sum->buckets[sum->count++] = *bucket;
        return true;
}

static void compare_range(struct model *model, struct catalog *catalog, const struct camera *camera)
{
        static const int64_t bucket_sizes[] = {60000, 300000, 3600000, 86400000,
                                               1000,  90000,  61001};
        static struct activity_sum got;
        struct error err = {0};
        const struct frame *frames[MODEL_FILES];
        int count = frames_of(model, camera->id, frames);
        int64_t bucket_ms = bucket_sizes[random_below(&model->random, 7)];
        int64_t origin = (int64_t)random_below(&model->random, 3) * 60000;
        int64_t a = model_time(&model->random);
        int64_t b = model_time(&model->random);
        struct utc from = {a < b ? a : b};
        struct utc to = {a < b ? b : a};
        if (random_below(&model->random, 4) == 0)
                from = to = UTC_NONE;
        struct stretch stretch = {camera->id, from, to};
        struct buckets buckets = {{origin}, bucket_ms};
        int64_t frames_found = 0;
        int64_t bytes_found = 0;
        got.count = 0;
        OK(catalog_frames_count(catalog, &stretch, &frames_found, &bytes_found, &err));
        OK(catalog_activity(catalog, &stretch, &buckets, note_bucket, &got, &err));
        int bucket = -1;
        struct activity now = {0};
        for (int i = 0; i < count; i++) {
                int64_t time = frames[i]->key.time.ms;
                if (time < from.ms || (utc_known(to) && time > to.ms))
                        continue;
                frames_found--;
                bytes_found -= frames[i]->bytes;
                int64_t start = time - (((time - origin) % bucket_ms) + bucket_ms) % bucket_ms;
                if (bucket < 0 || now.start.ms != start) {
                        if (bucket >= 0)
                                assert_memory_equal(&now, &got.buckets[bucket], sizeof now);
                        memset(&now, 0, sizeof now);
                        now.start.ms = start;
                        bucket++;
                        assert_true(bucket < got.count);
                }
                now.frames++;
                now.motion_frames += frame_has_motion(frames[i]->kinds, frames[i]->windows);
                now.bytes += frames[i]->bytes;
                for (int w = 0; w < 64; w++)
                        now.windows[w] += (int64_t)(frames[i]->windows >> w & 1);
        }
        if (bucket >= 0)
                assert_memory_equal(&now, &got.buckets[bucket], sizeof now);
        assert_int_equal(got.count, bucket + 1);
        assert_int_equal(frames_found, 0);
        assert_int_equal(bytes_found, 0);
}

static void compare_camera(const struct model *model, const struct camera *camera)
{
        const struct frame *frames[MODEL_FILES];
        int count = frames_of(model, camera->id, frames);
        int64_t motion = 0;
        int64_t bytes = 0;
        for (int i = 0; i < count; i++) {
                motion += frame_has_motion(frames[i]->kinds, frames[i]->windows);
                bytes += frames[i]->bytes;
        }
        assert_int_equal(camera->frames, count);
        assert_int_equal(camera->motion_frames, motion);
        assert_int_equal(camera->bytes, bytes);
        assert_int_equal(camera->has_frames, count > 0);
        if (count == 0)
                return;
        assert_int_equal(frame_key_compare(&camera->first, &frames[0]->key), 0);
        assert_int_equal(frame_key_compare(&camera->last, &frames[count - 1]->key), 0);
}

static void compare_frames_of(struct model *model, struct catalog *catalog, struct camera_id camera)
{
        const struct frame *frames[MODEL_FILES];
        int count = frames_of(model, camera, frames);
        struct error err = {0};
        struct frame_cursor *cursor = NULL;
        const struct frame *frame;
        int at = count > 0 ? random_below(&model->random, count) : 0;
        const struct frame_key *after = at > 0 ? &frames[at - 1]->key : NULL;
        struct stretch all = {camera, UTC_NONE, UTC_NONE};
        OK(catalog_frames_open(catalog, &all, after, &cursor, &err));
        while (frame_cursor_next(cursor, &frame, &err)) {
                assert_true(at < count);
                assert_int_equal(frame_key_compare(&frame->key, &frames[at]->key), 0);
                assert_true(same_facts(frame, frames[at]));
                assert_string_equal(frame->place.name, frames[at]->place.name);
                at++;
        }
        assert_int_equal(err.kind, ERROR_NONE);
        assert_int_equal(at, count);
        frame_cursor_close(&cursor);
}

static void compare_file(struct model *model, struct catalog *catalog, int index)
{
        const struct model_file *file = &model->files[index];
        struct place place = {.folder = model->folders[index % MODEL_FOLDERS]};
        struct known_file known;
        struct frame frame;
        struct error err = {0};
        snprintf(place.name, sizeof place.name, "picture-%04d.jpg", index);
        bool found = catalog_file_find(catalog, &place, &known, &err);
        assert_int_equal(found, file->state == FILE_FRAME || file->state == FILE_SKIPPED ||
                                        file->state == FILE_DELETED);
        if (file->state == FILE_SKIPPED) {
                assert_int_equal(known.as, KNOWN_SKIPPED);
                assert_int_equal(known.bytes, file->skipped_bytes);
        } else if (file->state == FILE_FRAME) {
                assert_int_equal(known.as, KNOWN_FRAME);
                assert_int_equal(frame_key_compare(&known.key, &file->frame.key), 0);
                assert_int_equal(known.modified.ms, file->frame.received.ms);
        } else if (file->state == FILE_DELETED) {
                assert_int_equal(known.as, KNOWN_DELETED);
                assert_int_equal(known.bytes, file->frame.bytes);
                assert_false(catalog_frame(catalog, &file->frame.key, &frame, &err));
                assert_int_equal(err.kind, ERROR_GONE);
        } else if (file->state == FILE_VANISHED &&
                   !catalog_frame(catalog, &file->frame.key, &frame, &err)) {
                /* If it is found, another file has got the same key since. */
                assert_int_equal(err.kind, ERROR_GONE);
        }
}

static void print_difference(void *context, const char *sentence)
{
        (void)context;
        print_error("%s\n", sentence);
}

void model_compare(struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        int64_t differences = 0;
        OK(catalog_check(catalog, print_difference, NULL, &differences, &err));
        assert_int_equal(differences, 0);
        for (int i = 0; i < MODEL_CAMERAS; i++) {
                struct camera camera;
                OK(catalog_camera_by_id(catalog, model->cameras[i], &camera, &err));
                compare_camera(model, &camera);
                compare_frames_of(model, catalog, camera.id);
                compare_events(model, catalog, &camera, 1000);
                compare_events(model, catalog, &camera, 300000);
                compare_events(model, catalog, &camera, 1000 + random_below(&model->random, 20000));
                for (int j = 0; j < 4; j++) {
                        compare_events_in_range(model, catalog, &camera);
                        compare_range(model, catalog, &camera);
                }
        }
        for (int i = 0; i < MODEL_FILES; i++)
                compare_file(model, catalog, i);
        model_compare_deletions(model, catalog);
}
