#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "model/frame.h"

/*
 * Thumbnails: made by workers from a bounded queue, so that a page full of covers holds up nothing
 * else, and kept on disk. A request whose thumbnail is not there yet is suspended and resumed.
 */
struct thumbnails;
struct thumbnail_wait;
struct request;

struct thumbnails_config {
        const char *data_directory; /* they are kept in its cache/thumbnails */
        int64_t cache_bytes;        /* on disk, at most; 0: none are kept */
        int workers;
        const char *allowed_origin; /* as reply_add_origin */
};

bool thumbnails_create(const struct thumbnails_config *config, struct thumbnails **thumbnails_out,
                       struct error *err) MUST_CHECK;

/* Wakes every request that waits (with "not now"); none waits from then on. */
void thumbnails_stop(struct thumbnails *thumbnails);

/* Ends the workers. After the last request. Accepts NULL inside. */
void thumbnails_destroy(struct thumbnails **thumbnails);

/* These frames are gone for good. */
void thumbnails_drop(struct thumbnails *thumbnails, const struct frame *frames, size_t count);

/* GET /frames/{id}.jpg?width=: answers, or suspends the request until it can be. */
bool thumbnail_answer(struct request *request, const struct frame_key *key,
                      struct error *err) MUST_CHECK;

/* Called for a request that was suspended, when it runs again. */
bool thumbnail_resume(struct request *request, struct error *err) MUST_CHECK;

/* The request is over, answered or not. */
void thumbnail_forget(struct request *request);

/* Bytes kept on disk. */
int64_t thumbnails_bytes(const struct thumbnails *thumbnails);

void thumbnails_metrics(struct thumbnails *thumbnails, struct text *out);
