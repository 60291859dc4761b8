#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json_read.h"
#include "base/text.h"

/*
 * What a request that changes something brings: JSON of at most BODY_MOST bytes, kept while it
 * comes. All that is being read at a time is bounded too, whoever sends it and however slowly.
 */
struct request;

enum { BODY_MOST = 1 << 20, BODIES_MOST = 64 << 20 };

struct body {
        struct text text;
        size_t reserved; /* of BODIES_MOST */
        size_t received; /* also what was too much to be kept */
};

/* True when the header says that there is one. */
bool body_expected(const struct request *request) MUST_CHECK;

/* Whether it may come: false when the request was answered (413, 415, 503). */
bool body_admit(struct request *request) MUST_CHECK;

/* A piece of it; false when there is so much too much that the connection is to be cut. */
bool body_add(struct request *request, const char *bytes, size_t length) MUST_CHECK;

/* Lets go of it. */
void body_free(struct request *request);

/* Of handlers: the body as JSON, which the caller ends with json_decref. */
bool body_json(struct request *request, json_t **document_out, struct error *err) MUST_CHECK;
