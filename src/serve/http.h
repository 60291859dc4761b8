#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "model/frame.h"
#include "serve/camera_desk.h"
#include "serve/changes.h"
#include "serve/exporting.h"
#include "serve/host.h"
#include "serve/overview.h"
#include "serve/reception.h"
#include "serve/trash.h"

/*
 * The HTTP side: the calls of /api/v1 and the web app, from a catalog that exists already. Threads
 * of its own: a small pool for requests, workers for thumbnails, one for paced playback, one for
 * /live.
 */
struct server;

struct http_config {
        struct listen_address listen;
        const char *data_directory;
        int threads;                      /* of the pool; 0: one a core, at least two */
        int64_t cache_bytes;              /* thumbnails on disk; 0: none are kept */
        const char *const *allowed_hosts; /* further names for the Host header */
        size_t allowed_host_count;
        const char *allowed_origin; /* of another site whose pages may ask; NULL: of none */
        /* Appends figures of other stages to /metrics; from any thread. May be NULL. */
        void (*add_metrics)(void *context, struct text *out);
        void *context;
        const struct reception *reception;      /* NULL: nothing is received */
        const struct changes *changes;          /* NULL: nothing can be changed */
        const struct exporting *exporting;      /* NULL: only what needs nothing of it */
        const struct overview_source *overview; /* NULL: only what the catalog knows */
        const struct trash *trash;              /* NULL: nothing can be deleted */
        const struct camera_desk *desk;         /* NULL: cameras cannot be changed */
};

/* Everything the config points to must live until http_stop. */
bool http_start(const struct http_config *config, struct server **server_out,
                struct error *err) MUST_CHECK;

/* "127.0.0.1:8080", with the port that was really taken. */
enum { HTTP_ADDRESS_SIZE = 64 };
void http_address(const struct server *server, char out[static HTTP_ADDRESS_SIZE]);

/* Takes no new connections, lets what is being answered finish for a while, cuts the rest. Done
 * within 3 seconds. What follows may still be called, to no effect. */
void http_stop(struct server *server);

/* After http_stop. Accepts NULL inside. */
void http_free(struct server **server);

/* For /live, from any thread; they copy and return at once. */
void http_frames_arrived(struct server *server, const struct frame *frames, size_t count);
void http_camera_changed(struct server *server, struct camera_id camera);
struct http_progress {
        const char *task;
        const char *folder;
        int64_t done;
        int64_t total; /* -1: not known */
        int64_t rate;
};
void http_progress(struct server *server, const struct http_progress *progress);

/* What is known of a stretch of a camera (and its name) has changed; `event` says how: marks,
 * deleted, ... */
void http_stretch_changed(struct server *server, const char *event, const char *camera,
                          const struct stretch *stretch);

/* The frames of a stretch are deleted: none is answered from a cache any more. */
void http_frames_deleted(struct server *server, const struct stretch *stretch);
/* These are gone for good: nothing made of them is kept. */
void http_frames_purged(struct server *server, const struct frame *frames, size_t count);

/* Something the owner has to know: a word, a sentence, and whether it holds or is over. */
void http_alert(struct server *server, const char *kind, const char *text, bool holds);

/* An export has come, got on or ended; or, `removed`, is no longer there. */
void http_export_changed(struct server *server, const struct export_row *row, int64_t done,
                         bool removed);
