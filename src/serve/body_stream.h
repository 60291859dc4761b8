#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "serve/request.h"

/*
 * JSON too long to be held: made piece by piece as the client takes it, compressed on the way. What
 * turns out to be short is sent as any other JSON, with a length and an ETag.
 */
struct body_source {
        /* Appends the next piece (nothing is fine); sets *last_out with the last one. */
        bool (*produce)(void *context, struct text *out, bool *last_out, struct error *err);
        void (*destroy)(void *context);
        void *context;
};

/* Takes the source, also when it fails. A failure in mid-stream cuts the connection. */
bool body_stream_send(struct request *request, const struct body_source *source,
                      struct error *err) MUST_CHECK;
