#include "serve/live.h"

#include <assert.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "serve/live_feed.h"
#include "serve/live_hub.h"
#include "serve/metrics.h"

enum { KEEP_ALIVE_S = 15, TEXT_MOST = 64 << 10 };

#define SECOND_NS INT64_C(1000000000)

/* A message, ready to be sent. References are counted under the lock. */
struct message {
        unsigned references;
        int32_t camera; /* 0: of no camera, for all */
        size_t length;
        char bytes[];
};

struct live {
        pthread_mutex_t lock;
        pthread_cond_t work;
        pthread_t thread;
        bool started;
        bool stopping;
        struct listener *listeners;
        size_t listener_count;
        uint64_t next_id;                /* of the message to come */
        struct message *ring[LIVE_KEPT]; /* message id at id % LIVE_KEPT; NULL: never told */
        uint64_t resets;                 /* listeners told to start over */
        uint64_t messages;
        struct mono last_listener; /* when there was one */
        struct live_feed *feed;    /* under the lock but for the hub's own part */
};

/* ---- messages ---- */

/* With the lock. */
static void release(struct message *message)
{
        if (message != NULL && --message->references == 0)
                free(message);
}

/* With the lock. */
static void wake(struct listener *listener)
{
        if (!listener->waiting)
                return;
        listener->waiting = false;
        MHD_resume_connection(listener->connection);
}

/* With the lock. */
static void wake_all(struct live *live)
{
        for (struct listener *at = live->listeners; at != NULL; at = at->next)
                wake(at);
}

void live_publish(struct live *live, int32_t camera, const char *event, const struct text *data)
{
        if (!text_ok(data) || data->length > TEXT_MOST)
                return;
        struct message *message = malloc(sizeof *message + data->length + 128);
        if (message == NULL)
                return;
        pthread_mutex_lock(&live->lock);
        uint64_t id = live->next_id++;
        struct text text;
        text_init(&text, message->bytes, data->length + 128);
        text_add_format(&text, "id: %" PRIu64 "\nevent: %s\ndata: ", id, event);
        text_add(&text, data->bytes, data->length);
        text_add_string(&text, "\n\n");
        assert(text_ok(&text));
        *message = (struct message){.references = 1, .camera = camera, .length = text.length};
        release(live->ring[id % LIVE_KEPT]);
        live->ring[id % LIVE_KEPT] = message;
        live->messages++;
        pthread_mutex_unlock(&live->lock);
}

/* ---- listeners ---- */

void live_join(struct live *live, struct listener *listener, uint64_t last_id)
{
        pthread_mutex_lock(&live->lock);
        listener->at = last_id == 0 ? live->next_id : last_id + 1;
        listener->last_sent_ns = mono_now().ns;
        listener->previous = NULL;
        listener->next = live->listeners;
        if (live->listeners != NULL)
                live->listeners->previous = listener;
        live->listeners = listener;
        live->listener_count++;
        pthread_mutex_unlock(&live->lock);
}

void live_leave(struct live *live, struct listener *listener)
{
        pthread_mutex_lock(&live->lock);
        assert(!listener->waiting);
        if (listener->previous != NULL)
                listener->previous->next = listener->next;
        else
                live->listeners = listener->next;
        if (listener->next != NULL)
                listener->next->previous = listener->previous;
        live->listener_count--;
        live->last_listener = mono_now();
        release(listener->sending);
        pthread_mutex_unlock(&live->lock);
}

static bool wants(const struct listener *listener, const struct message *message)
{
        if (listener->camera_count == 0 || message->camera == 0)
                return true;
        for (size_t i = 0; i < listener->camera_count; i++) {
                if (listener->cameras[i] == message->camera)
                        return true;
        }
        return false;
}

/* With the lock. The message `id`, if it is still kept. */
static struct message *kept(const struct live *live, uint64_t id)
{
        if (id >= live->next_id || live->next_id - id > LIVE_KEPT)
                return NULL;
        return live->ring[id % LIVE_KEPT];
}

/* With the lock. The next message for a listener becomes the one it is sent. */
static bool advance(const struct live *live, struct listener *listener)
{
        while (listener->at < live->next_id) {
                struct message *message = kept(live, listener->at);
                if (message == NULL)
                        return false;
                listener->at++;
                if (!wants(listener, message))
                        continue;
                message->references++;
                listener->sending = message;
                listener->sent = 0;
                return true;
        }
        return false;
}

/* With the lock. */
static size_t copy(struct listener *listener, char *buffer, size_t room)
{
        const struct message *message = listener->sending;
        size_t length = message->length - listener->sent;
        if (length > room)
                length = room;
        memcpy(buffer, message->bytes + listener->sent, length);
        listener->sent += length;
        if (listener->sent == message->length) {
                release(listener->sending);
                listener->sending = NULL;
        }
        return length;
}

/* With the lock. What to say besides messages: that some were missed, or that we are still here. */
static size_t copy_notice(struct live *live, struct listener *listener, char *buffer, size_t room)
{
        struct text text;
        text_init(&text, buffer, room);
        if (listener->at != live->next_id) {
                listener->at = live->next_id;
                live->resets++;
                text_add_format(&text, "id: %" PRIu64 "\nevent: reset\ndata: {}\n\n",
                                live->next_id - 1);
        } else if (mono_now().ns - listener->last_sent_ns >= KEEP_ALIVE_S * SECOND_NS) {
                text_add_string(&text, ": keep-alive\n\n");
        }
        return text_ok(&text) ? text.length : 0;
}

ptrdiff_t live_read(struct live *live, struct listener *listener, char *buffer, size_t room)
{
        size_t used = 0;
        pthread_mutex_lock(&live->lock);
        bool stopping = live->stopping;
        while (!stopping && used < room && (listener->sending != NULL || advance(live, listener)))
                used += copy(listener, buffer + used, room - used);
        if (!stopping && used == 0)
                used = copy_notice(live, listener, buffer, room);
        if (used > 0) {
                listener->last_sent_ns = mono_now().ns;
        } else if (!stopping) {
                listener->waiting = true;
                /* Under the lock, so that nobody can resume it before. */
                MHD_suspend_connection(listener->connection);
        }
        pthread_mutex_unlock(&live->lock);
        return stopping ? -1 : (ptrdiff_t)used;
}

/* With the lock. Also finds out about those who have gone: writing to them fails. */
static void keep_alive(struct live *live)
{
        int64_t before = mono_now().ns - KEEP_ALIVE_S * SECOND_NS;
        for (struct listener *at = live->listeners; at != NULL; at = at->next) {
                if (at->last_sent_ns <= before)
                        wake(at);
        }
}

/* ---- what is to be told ---- */

/* Messages are made while somebody listens, and for a while after, so that who comes back finds
 * what it missed. With the lock. */
static bool anybody(const struct live *live)
{
        return live->listener_count > 0 ||
               (live->last_listener.ns != 0 &&
                mono_now().ns - live->last_listener.ns < 60 * SECOND_NS);
}

void live_frames(struct live *live, const struct frame *frames, size_t count)
{
        pthread_mutex_lock(&live->lock);
        bool waits = !live_feed_pending(live->feed); /* else the hub will look at its next tick */
        if (anybody(live))
                live_feed_frames(live->feed, frames, count);
        else
                live->next_id += count > 0; /* who comes back later has missed something */
        if (waits && live_feed_pending(live->feed))
                pthread_cond_signal(&live->work);
        pthread_mutex_unlock(&live->lock);
}

void live_camera(struct live *live, struct camera_id camera)
{
        pthread_mutex_lock(&live->lock);
        live_feed_camera(live->feed, camera);
        pthread_cond_signal(&live->work);
        pthread_mutex_unlock(&live->lock);
}

void live_tell(struct live *live, struct camera_id camera, const char *event,
               const struct text *data)
{
        live_publish(live, camera.value, event, data);
        pthread_mutex_lock(&live->lock);
        wake_all(live);
        pthread_mutex_unlock(&live->lock);
}

void live_stretch(struct live *live, const char *event, const char *camera,
                  const struct stretch *stretch)
{
        struct text data;
        struct json json;
        text_init_growing(&data, TEXT_MOST);
        json_init(&json, &data);
        json_open_object(&json);
        json_add_string(&json, "camera", camera);
        json_add_utc(&json, "from", stretch->from);
        json_add_utc(&json, "to", stretch->to);
        json_close_object(&json);
        live_tell(live, stretch->camera, event, &data);
        text_finish(&data);
}

void live_progress(struct live *live, const struct http_progress *progress)
{
        struct text data;
        struct json json;
        text_init_growing(&data, TEXT_MOST);
        json_init(&json, &data);
        json_open_object(&json);
        json_add_string(&json, "task", progress->task);
        json_add_string(&json, "folder", progress->folder);
        json_add_int(&json, "done", progress->done);
        if (progress->total >= 0)
                json_add_int(&json, "total", progress->total);
        else
                json_add_null(&json, "total");
        json_add_int(&json, "rate", progress->rate);
        json_close_object(&json);
        live_tell(live, (struct camera_id){0}, "progress", &data);
        text_finish(&data);
}

void live_alert(struct live *live, const char *kind, const char *text, bool holds)
{
        struct text data;
        struct json json;
        text_init_growing(&data, TEXT_MOST);
        json_init(&json, &data);
        json_open_object(&json);
        json_add_string(&json, "kind", kind);
        json_add_string(&json, "text", text);
        json_add_bool(&json, "holds", holds);
        json_add_utc(&json, "time", utc_now());
        json_close_object(&json);
        live_tell(live, (struct camera_id){0}, "alert", &data);
        text_finish(&data);
}

/* ---- the hub ---- */

/* With the lock. Waits for work, at most until `until`. */
static void wait_until(struct live *live, int64_t until_ns)
{
        struct timespec until = {.tv_sec = until_ns / SECOND_NS, .tv_nsec = until_ns % SECOND_NS};
        pthread_cond_timedwait(&live->work, &live->lock, &until);
}

static void *run(void *context)
{
        struct live *live = context;
        int64_t last_tick = 0;
        int64_t last_keep = 0;
        pthread_setname_np(pthread_self(), "live");
        pthread_mutex_lock(&live->lock);
        while (!live->stopping) {
                int64_t now = mono_now().ns;
                int64_t next = last_tick + LIVE_TICK_MS * INT64_C(1000000);
                if (now - last_keep >= SECOND_NS) {
                        last_keep = now;
                        keep_alive(live);
                }
                if (!live_feed_pending(live->feed)) {
                        wait_until(live, now + SECOND_NS);
                } else if (now < next) {
                        wait_until(live, next);
                } else {
                        last_tick = now;
                        live_feed_take(live->feed);
                        pthread_mutex_unlock(&live->lock);
                        live_feed_tell(live->feed, live);
                        pthread_mutex_lock(&live->lock);
                        wake_all(live);
                }
        }
        wake_all(live);
        pthread_mutex_unlock(&live->lock);
        return NULL;
}

bool live_create(struct reader_pool *readers, const struct reception *reception,
                 struct live **live_out, struct error *err)
{
        struct live *live = calloc(1, sizeof *live);
        if (live == NULL)
                return error_set(err, ERROR_FULL, "no memory for live messages");
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_mutex_init(&live->lock, NULL);
        pthread_cond_init(&live->work, &attributes);
        pthread_condattr_destroy(&attributes);
        /* Microseconds of the start: more than a server before can have reached, and exact in
         * JavaScript. */
        live->next_id = (uint64_t)utc_now().ms * 1000;
        *live_out = live;
        if (live_feed_create(readers, reception, &live->feed, err)) {
                if (pthread_create(&live->thread, NULL, run, live) == 0) {
                        live->started = true;
                        return true;
                }
                error_set(err, ERROR_SYSTEM, "cannot start a thread for live messages");
        }
        live_destroy(live_out);
        return false;
}

void live_stop(struct live *live)
{
        pthread_mutex_lock(&live->lock);
        live->stopping = true;
        pthread_cond_signal(&live->work);
        pthread_mutex_unlock(&live->lock);
        if (live->started)
                pthread_join(live->thread, NULL);
        live->started = false;
}

void live_destroy(struct live **live)
{
        struct live *gone = *live;
        if (gone == NULL)
                return;
        live_stop(gone);
        assert(gone->listeners == NULL);
        for (int i = 0; i < LIVE_KEPT; i++)
                free(gone->ring[i]);
        live_feed_destroy(&gone->feed);
        pthread_cond_destroy(&gone->work);
        pthread_mutex_destroy(&gone->lock);
        free(gone);
        *live = NULL;
}

void live_metrics(struct live *live, struct text *out)
{
        pthread_mutex_lock(&live->lock);
        int64_t listeners = (int64_t)live->listener_count;
        int64_t messages = (int64_t)live->messages;
        int64_t resets = (int64_t)live->resets;
        pthread_mutex_unlock(&live->lock);
        metrics_add(out, "cctvweb_live_clients", "gauge", "Listeners of /live.", listeners);
        metrics_add(out, "cctvweb_live_messages_total", "counter", "Messages told.", messages);
        metrics_add(out, "cctvweb_live_resets_total", "counter",
                    "Listeners that fell too far behind and were told to start over.", resets);
}
