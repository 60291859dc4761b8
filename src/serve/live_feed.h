#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/frame.h"
#include "serve/reader_pool.h"
#include "serve/reception.h"

/*
 * What has arrived and is to be told on /live, made into messages. Bursts are told briefly: all
 * frames up to LIVE_FRAMES_A_SECOND, beyond that the newest of each camera; an event at most once a
 * tick and a camera at most once in CAMERA_EVERY_MS, as they stand then.
 *
 * Two halves: what arrives is put in under the hub's lock; live_feed_take moves it over, and
 * live_feed_tell works on that without the lock, on the hub's thread.
 */
struct live_feed;
struct live;

bool live_feed_create(struct reader_pool *readers, const struct reception *reception,
                      struct live_feed **feed_out, struct error *err) MUST_CHECK;
void live_feed_destroy(struct live_feed **feed);

/* With the lock. */
void live_feed_frames(struct live_feed *feed, const struct frame *frames, size_t count);
void live_feed_camera(struct live_feed *feed, struct camera_id camera);
bool live_feed_pending(const struct live_feed *feed);
void live_feed_take(struct live_feed *feed);

/* Without it. */
void live_feed_tell(struct live_feed *feed, struct live *live);
