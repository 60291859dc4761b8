#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "serve/encoding.h"
#include "serve/request.h"

/*
 * The web app, inside the program: files made ready by tools/embed.c, uncompressed and compressed.
 */
struct asset_body {
        const unsigned char *bytes;
        size_t length; /* 0: not made in this encoding */
};

struct asset {
        const char *path;
        const char *type;
        const char *hash; /* of the content */
        bool immutable;   /* the name changes when the content does */
        struct asset_body bodies[ENCODINGS];
};

extern const struct asset assets[];
extern const size_t asset_count;

/* The file of a path; the app's page for paths that are places in the app; else NULL. */
const struct asset *asset_find(const char *path);

/* Answers with it; 304 in place of 200 when the client has it. */
bool asset_answer(struct request *request, unsigned status, const struct asset *asset,
                  struct error *err) MUST_CHECK;
