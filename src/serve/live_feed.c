#include "serve/live_feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "query/answer.h"
#include "query/events.h"
#include "serve/live.h"
#include "serve/live_hub.h"

enum {
        FRAMES_KEPT = 1024, /* what is waiting to be told; the oldest give way */
        CAMERAS_KEPT = 1024,
        CAMERA_EVERY_MS = 10000,
        MESSAGE_MOST = 64 << 10
};

/* A camera things were told of. The hub's. */
struct told {
        struct camera_id camera;
        struct mono camera_told; /* when its object was told last */
};

struct live_feed {
        struct reader_pool *readers;
        const struct reception *reception; /* NULL: nothing is received */
        /* Under the lock: a ring of frames, and cameras that are new or were changed. */
        struct frame frames[FRAMES_KEPT];
        size_t first;
        size_t count;
        struct camera_id cameras[CAMERAS_KEPT];
        size_t camera_count;
        /* The hub's: what was taken. */
        struct frame taken[FRAMES_KEPT];
        size_t taken_count;
        struct camera_id taken_cameras[CAMERAS_KEPT];
        size_t taken_camera_count;
        struct told told[CAMERAS_KEPT];
        size_t told_count;
        int allowance; /* frames that may be told in this tick; grows up to a second's worth */
        struct mono allowed;
};

bool live_feed_create(struct reader_pool *readers, const struct reception *reception,
                      struct live_feed **feed_out, struct error *err)
{
        struct live_feed *feed = calloc(1, sizeof *feed);
        if (feed == NULL)
                return error_set(err, ERROR_FULL, "no memory for live messages");
        feed->readers = readers;
        feed->reception = reception;
        feed->allowance = LIVE_FRAMES_A_SECOND;
        feed->allowed = mono_now();
        *feed_out = feed;
        return true;
}

void live_feed_destroy(struct live_feed **feed)
{
        free(*feed);
        *feed = NULL;
}

void live_feed_frames(struct live_feed *feed, const struct frame *frames, size_t count)
{
        if (count > FRAMES_KEPT) {
                frames += count - FRAMES_KEPT;
                count = FRAMES_KEPT;
        }
        for (size_t i = 0; i < count; i++) {
                feed->frames[(feed->first + feed->count) % FRAMES_KEPT] = frames[i];
                if (feed->count < FRAMES_KEPT)
                        feed->count++;
                else
                        feed->first = (feed->first + 1) % FRAMES_KEPT;
        }
}

void live_feed_camera(struct live_feed *feed, struct camera_id camera)
{
        for (size_t i = 0; i < feed->camera_count; i++) {
                if (feed->cameras[i].value == camera.value)
                        return;
        }
        if (feed->camera_count < CAMERAS_KEPT)
                feed->cameras[feed->camera_count++] = camera;
}

bool live_feed_pending(const struct live_feed *feed)
{
        return feed->count > 0 || feed->camera_count > 0;
}

void live_feed_take(struct live_feed *feed)
{
        for (size_t i = 0; i < feed->count; i++)
                feed->taken[i] = feed->frames[(feed->first + i) % FRAMES_KEPT];
        feed->taken_count = feed->count;
        feed->count = 0;
        memcpy(feed->taken_cameras, feed->cameras, feed->camera_count * sizeof feed->cameras[0]);
        feed->taken_camera_count = feed->camera_count;
        feed->camera_count = 0;
}

static struct told *told_of(struct live_feed *feed, struct camera_id camera)
{
        for (size_t i = 0; i < feed->told_count; i++) {
                if (feed->told[i].camera.value == camera.value)
                        return &feed->told[i];
        }
        if (feed->told_count == CAMERAS_KEPT)
                feed->told_count = 0; /* more cameras than anybody has: begin anew */
        feed->told[feed->told_count] = (struct told){.camera = camera};
        return &feed->told[feed->told_count++];
}

static void tell_frame(struct live *live, struct catalog *catalog, const struct frame *frame)
{
        struct camera camera;
        struct frame there; /* it may be deleted by now, or have been so before it came again */
        struct text data;
        struct json json;
        struct error err;
        text_init_growing(&data, MESSAGE_MOST);
        json_init(&json, &data);
        if (catalog_camera_by_id(catalog, frame->key.camera, &camera, &err) &&
            catalog_frame(catalog, &frame->key, &there, &err) &&
            answer_frame(&json, catalog, &camera, frame, &err))
                live_publish(live, frame->key.camera.value, "frame", &data);
        text_finish(&data);
}

static void tell_camera(struct live_feed *feed, struct live *live, struct catalog *catalog,
                        struct camera_id id)
{
        struct camera camera;
        struct rejections space;
        struct text data;
        struct json json;
        struct error err;
        text_init_growing(&data, MESSAGE_MOST);
        json_init(&json, &data);
        if (catalog_camera_by_id(catalog, id, &camera, &err) &&
            answer_camera(&json, catalog, &camera, utc_now(),
                          reception_rejections(feed->reception, &camera, &space), &err))
                live_publish(live, id.value, "camera", &data);
        text_finish(&data);
}

/* The event a frame belongs to, as it stands now. */
static void tell_event(struct live *live, struct catalog *catalog, const struct frame *frame)
{
        struct camera camera;
        struct error err;
        if (!catalog_camera_by_id(catalog, frame->key.camera, &camera, &err))
                return;
        const struct zone *no_zone = NULL;
        struct event_query query = {
                .cameras = &camera,
                .zones = &no_zone,
                .camera_count = 1,
                .from = frame->key.time,
                .to = frame->key.time,
                .sort = EVENT_SORT_TIME,
                .limit = 1,
        };
        struct event_page page = {0};
        struct text data;
        struct json json;
        text_init_growing(&data, MESSAGE_MOST);
        json_init(&json, &data);
        if (events_find(catalog, &query, &page, &err) && page.count == 1) {
                const struct span *event = &page.events[0];
                struct stretch stretch = {camera.id, event->start, event->end};
                bool told = answer_event(&json, catalog, &camera, event, &err);
                if (told && text_ok(&data))
                        live_publish(live, frame->key.camera.value, "event", &data);
                else if (event->noted) /* long notes: viewers are to ask */
                        live_stretch(live, "marks", camera.name, &stretch);
        }
        text_finish(&data);
        event_page_free(&page);
}

static bool is_newest(const struct live_feed *feed, size_t at)
{
        for (size_t i = 0; i < feed->taken_count; i++) {
                if (i != at && frame_key_compare(&feed->taken[i].key, &feed->taken[at].key) > 0 &&
                    feed->taken[i].key.camera.value == feed->taken[at].key.camera.value)
                        return false;
        }
        return true;
}

static void refill(struct live_feed *feed)
{
        struct mono now = mono_now();
        int64_t more = (now.ns - feed->allowed.ns) / (1000000000 / LIVE_FRAMES_A_SECOND);
        if (more > LIVE_FRAMES_A_SECOND)
                more = LIVE_FRAMES_A_SECOND;
        if (more == 0)
                return;
        feed->allowed = now;
        feed->allowance += (int)more;
        if (feed->allowance > LIVE_FRAMES_A_SECOND)
                feed->allowance = LIVE_FRAMES_A_SECOND;
}

static void tell_frames(struct live_feed *feed, struct live *live, struct catalog *catalog)
{
        refill(feed);
        bool flood = feed->taken_count > (size_t)feed->allowance;
        for (size_t i = 0; i < feed->taken_count; i++) {
                const struct frame *frame = &feed->taken[i];
                bool newest = is_newest(feed, i);
                if (!flood || newest) {
                        tell_frame(live, catalog, frame);
                        feed->allowance -= feed->allowance > 0;
                }
                if (!newest)
                        continue;
                tell_event(live, catalog, frame);
                struct told *told = told_of(feed, frame->key.camera);
                struct mono now = mono_now();
                if (told->camera_told.ns == 0 ||
                    now.ns - told->camera_told.ns > CAMERA_EVERY_MS * INT64_C(1000000)) {
                        told->camera_told = now;
                        tell_camera(feed, live, catalog, frame->key.camera);
                }
        }
}

void live_feed_tell(struct live_feed *feed, struct live *live)
{
        struct catalog *catalog = NULL;
        struct error err;
        if (!reader_take(feed->readers, &catalog, &err) || !catalog_read_begin(catalog, &err)) {
                log_warn("serve", "live-not-told", "why=\"%s\"", err.text);
                reader_give(feed->readers, &catalog);
                return;
        }
        for (size_t i = 0; i < feed->taken_camera_count; i++) {
                told_of(feed, feed->taken_cameras[i])->camera_told = mono_now();
                tell_camera(feed, live, catalog, feed->taken_cameras[i]);
        }
        tell_frames(feed, live, catalog);
        catalog_read_end(catalog);
        reader_give(feed->readers, &catalog);
}
