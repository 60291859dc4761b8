/*
 * bench/year DIR [CAMERAS [DAYS [KIND]]]: makes a catalog of received frames as it is after a year,
 * without the pictures, for bench/pages. One camera is on a street (3 million frames in the last
 * month), one of twenty sends a frame a second for the last two weeks, one of ten fell silent at
 * some time; all others send when something moves, by day. KIND "steady": all send three frames a
 * minute, and fell silent an hour ago.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "burst.h"
#include "catalog/catalog.h"
#include "model/kind.h"

enum { BATCH = 4000, COMMIT_FRAMES = 200000 };
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

static _Noreturn void stop(const char *why)
{
        fprintf(stderr, "bench/year: %s\n", why);
        exit(1);
}

struct writing {
        struct catalog *catalog;
        struct segment segment; /* the hour file that frames are said to be in */
        struct frame batch[BATCH];
        size_t count;
        int64_t all;
};

static void flush(struct writing *writing)
{
        struct error err = {0};
        struct add_result result;
        if (!catalog_add(writing->catalog, writing->batch, writing->count, &result, &err))
                stop(err.text);
        writing->all += (int64_t)writing->count;
        writing->count = 0;
        if (writing->all % COMMIT_FRAMES < BATCH &&
            (!catalog_commit(writing->catalog, &err) || !catalog_begin(writing->catalog, &err)))
                stop(err.text);
}

static void put(struct writing *writing, struct frame *frame)
{
        struct error err = {0};
        struct segment *segment = &writing->segment;
        struct utc hour = segment_hour(frame->key.time);
        if (hour.ms != segment->hour.ms || segment->camera.value != frame->key.camera.value) {
                if (segment->id.value != 0 && !catalog_segment_commit(writing->catalog, segment->id,
                                                                      segment->committed, &err))
                        stop(err.text);
                *segment = (struct segment){.id = {segment->id.value + 1},
                                            .camera = frame->key.camera,
                                            .hour = hour,
                                            .state = SEGMENT_CLOSED};
                if (!catalog_segment_add(writing->catalog, segment, &err))
                        stop(err.text);
        }
        frame->place = (struct place){.segment = segment->id, .offset = segment->committed + 200};
        segment->committed += 200 + frame->bytes;
        writing->batch[writing->count++] = *frame;
        if (writing->count == BATCH)
                flush(writing);
}

static void put_plain(struct writing *writing, struct camera_id camera, int64_t time, int role,
                      uint64_t windows)
{
        struct frame frame = {
                .key = {camera, {time}, 0},
                .received = {time + 900 + time % 700},
                .sequence = -1,
                .kinds = windows != 0 ? KIND_BIT(KIND_MOTION) : KIND_BIT(KIND_NONE),
                .windows = windows,
                .has_trigger = role != INT32_MIN,
                .trigger = role,
                .width = 1280,
                .height = 1024,
                .bytes = 40000 + time % 20000,
                .time_source = TIME_VENDOR,
        };
        if (!frame.has_trigger)
                frame.trigger = 0;
        put(writing, &frame);
}

static void street(struct writing *writing, struct camera_id camera, int64_t from, int64_t to)
{
        struct burst burst;
        struct frame frame;
        burst_init(&burst, BURST_BUSY, camera, from, 5);
        for (burst_next(&burst, &frame); frame.key.time.ms < to; burst_next(&burst, &frame))
                put(writing, &frame);
}

static void steady(struct writing *writing, struct camera_id camera, int64_t from, int64_t to,
                   int64_t step)
{
        for (int64_t time = from; time < to; time += step)
                put_plain(writing, camera, time + time / step % 40, INT32_MIN, 0);
}

/* Some 40 events a day between five and ten at night, of a dozen or more frames each. */
static void motion(struct writing *writing, struct camera_id camera, int64_t from, int64_t to)
{
        uint64_t random = (uint64_t)camera.value;
        int64_t time = from;
        while (time < to) {
                time += 60000 + (int64_t)(burst_random(&random) % 2800000);
                int64_t hour = time / HOUR_MS % 24;
                if (hour < 5 || hour >= 22) {
                        time += HOUR_MS;
                        continue;
                }
                int frames = 8 + (int)(burst_random(&random) % 40);
                uint64_t windows = UINT64_C(1) << burst_random(&random) % 6;
                for (int role = -2; role < frames && time < to; role++) {
                        put_plain(writing, camera, time, role < 4 ? role : 3,
                                  role < 0 ? 0 : windows);
                        time += burst_random(&random) % 12 == 0 ? 1700 : 250;
                }
        }
}

static struct camera_id camera_of(struct catalog *catalog, int number)
{
        struct facts facts;
        struct error err = {0};
        struct camera_id camera;
        bool created;
        facts_init(&facts);
        snprintf(facts.camera_name, sizeof facts.camera_name, "camera%03d", number);
        if (!catalog_camera_for(catalog, &facts, NULL, &camera, &created, &err))
                stop(err.text);
        return camera;
}

static void fill(struct writing *writing, int cameras, int days, bool all_steady)
{
        int64_t now = utc_now().ms;
        for (int i = 0; i < cameras; i++) {
                struct camera_id camera = camera_of(writing->catalog, i);
                int64_t from = now - days * DAY_MS;
                int64_t to = i % 10 == 9 ? now - i * days * DAY_MS / cameras : now;
                if (all_steady)
                        steady(writing, camera, from, now - HOUR_MS, 20000);
                else if (i == 0)
                        street(writing, camera, now - 31 * DAY_MS, to);
                else if (i % 20 == 5)
                        steady(writing, camera, now - 14 * DAY_MS, to, 1000);
                else
                        motion(writing, camera, from, to);
                if (i % 20 == 19)
                        fprintf(stderr, "%d cameras, %" PRId64 " frames\n", i + 1, writing->all);
        }
}

int main(int argc, char **argv)
{
        static struct writing writing;
        struct error err = {0};
        int cameras = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 200;
        int days = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 365;
        if (argc < 2 || cameras <= 0 || days <= 0)
                stop("usage: year DIR [CAMERAS [DAYS [steady]]]");
        if (!catalog_open(argv[1], CATALOG_WRITE, &writing.catalog, &err) ||
            !catalog_begin(writing.catalog, &err))
                stop(err.text);
        fill(&writing, cameras, days, argc > 4);
        flush(&writing);
        if (!catalog_segment_commit(writing.catalog, writing.segment.id, writing.segment.committed,
                                    &err) ||
            !catalog_commit(writing.catalog, &err))
                stop(err.text);
        for (struct folding folding = {0}; !folding.done;) {
                if (!catalog_fold(writing.catalog, &folding, &err))
                        stop(err.text);
        }
        catalog_close(&writing.catalog);
        printf("{\"bench\":\"pages\",\"what\":\"frames in a catalog of %d "
               "cameras\",\"value\":%" PRId64 "}\n",
               cameras, writing.all);
        return 0;
}
