#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "model/frame.h"
#include "serve/http.h"
#include "serve/reader_pool.h"
#include "serve/reception.h"

/*
 * What happens, told as it happens, to any number of listeners (server-sent events). Messages are
 * numbered and the last LIVE_KEPT of them kept; each listener walks behind at its own speed with
 * its connection suspended while there is nothing new. One that falls further behind, or comes back
 * too late, is told to start over (`event: reset`). Nothing grows with a slow listener.
 *
 * Ids go on growing when the server is started again.
 */
struct live;

enum { LIVE_KEPT = 1024, LIVE_FRAMES_A_SECOND = 200 };

bool live_create(struct reader_pool *readers, const struct reception *reception,
                 struct live **live_out, struct error *err) MUST_CHECK;

/* Ends every listener's stream; none waits from then on. */
void live_stop(struct live *live);

/* After the last request. Accepts NULL inside. */
void live_destroy(struct live **live);

/* What is to be told; from any thread, returns at once. */
void live_frames(struct live *live, const struct frame *frames, size_t count);
void live_camera(struct live *live, struct camera_id camera);
void live_progress(struct live *live, const struct http_progress *progress);
void live_alert(struct live *live, const char *kind, const char *text, bool holds);

/* `data` is an object of its own, of a camera or (0) of all. */
void live_tell(struct live *live, struct camera_id camera, const char *event,
               const struct text *data);

/* {"camera","from","to"}: what is known of a stretch of the camera of this name has changed. */
void live_stretch(struct live *live, const char *event, const char *camera,
                  const struct stretch *stretch);

void live_metrics(struct live *live, struct text *out);

/* ---- for listeners (call_live.c) ---- */

enum { LIVE_CAMERAS_MOST = 64 };

struct MHD_Connection;

/* One that listens; the live's lock guards it. */
struct listener {
        struct listener *previous;
        struct listener *next;
        struct MHD_Connection *connection;
        bool waiting;            /* suspended */
        uint64_t at;             /* the next message to send */
        struct message *sending; /* referenced; being copied out */
        size_t sent;             /* of it */
        int64_t last_sent_ns;    /* for keep-alive comments */
        size_t camera_count;     /* 0: all */
        int32_t cameras[LIVE_CAMERAS_MOST];
};

/* Joins; `last_id` 0: from now on, else what came after that message, if it is still known. */
void live_join(struct live *live, struct listener *listener, uint64_t last_id);
void live_leave(struct live *live, struct listener *listener);

/* Copies what there is for this listener; 0: nothing, its connection is suspended; -1: the stream
 * ends. */
ptrdiff_t live_read(struct live *live, struct listener *listener, char *buffer, size_t room);
