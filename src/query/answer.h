#pragma once

#include "base/error.h"
#include "base/json.h"
#include "catalog/catalog.h"
#include "model/camera.h"
#include "model/event.h"
#include "model/frame.h"
#include "model/rejections.h"
#include "model/stretch_note.h"

/*
 * The JSON objects of a camera, an event and a frame, the same on the command line and over HTTP.
 * Each is written as one value into `json`; names of fields are in docs/reference. Best called
 * between catalog_read_begin and catalog_read_end, so that what is looked up on the way (the latest
 * frame, the cover, words and paths) fits what is being told.
 */

/* "live", "quiet" or "empty": how a camera stands at `now`. A camera is live while its newest frame
 * was received (or, if that is not known, taken) within CAMERA_LIVE_MS of query/health.h.
 * `rejections`: uploads of it in quarantine; NULL: not known here. */
bool answer_camera(struct json *json, struct catalog *catalog, const struct camera *camera,
                   struct utc now, const struct rejections *rejections,
                   struct error *err) MUST_CHECK;

/* `event` is of `camera`, as events_find gave it. Looks up the cover frame and notes. */
bool answer_event(struct json *json, struct catalog *catalog, const struct camera *camera,
                  const struct span *event, struct error *err) MUST_CHECK;

void answer_note(struct json *json, const char *camera, const struct stretch_note *note);

/* `frame` is of `camera`. Looks up the folder's path. */
bool answer_frame(struct json *json, struct catalog *catalog, const struct camera *camera,
                  const struct frame *frame, struct error *err) MUST_CHECK;

/* The words of a kind mask as an array of strings, in order of their bits. */
void answer_kinds(struct json *json, struct catalog *catalog, uint64_t kinds);

/* "/api/v1/frames/<id>.jpg" */
#define FRAME_URL_SIZE (FRAME_ID_SIZE + 24)
void frame_url_format(const struct frame_key *key, char out[static FRAME_URL_SIZE]);
