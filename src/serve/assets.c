#include "serve/assets.h"

#include <stdio.h>
#include <string.h>

#include "serve/calls.h"
#include "serve/reply.h"

/* The first segments of places in the app: each answers with its page, which looks at the rest. */
static const char *const places[] = {"",       "cameras",  "day",    "play",
                                     "events", "calendar", "alerts", "system"};

/* Svelte writes style attributes for its transitions, hence unsafe-inline for styles alone. */
#define POLICY                                                                                     \
        "default-src 'self'; img-src 'self' blob: data:; worker-src 'self' blob:; "                \
        "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; "                   \
        "form-action 'self'; frame-ancestors 'none'"

static const struct asset *exact(const char *path)
{
        for (size_t i = 0; i < asset_count; i++) {
                if (strcmp(assets[i].path, path) == 0)
                        return &assets[i];
        }
        return NULL;
}

const struct asset *asset_find(const char *path)
{
        if (path[0] != '/')
                return NULL;
        const struct asset *asset = exact(path);
        if (asset != NULL)
                return asset;
        size_t length = strcspn(path + 1, "/");
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
                if (strlen(places[i]) == length && memcmp(path + 1, places[i], length) == 0 &&
                    (length > 0 || path[1] == '\0'))
                        return exact("/index.html");
        }
        return NULL;
}

static void add_headers(struct MHD_Response *response, const struct asset *asset,
                        enum encoding encoding, const char *etag)
{
        reply_add_app(response, POLICY);
        reply_add(response, "Content-Type", asset->type);
        reply_add(response, "ETag", etag);
        reply_add(response, "Vary", "Accept-Encoding");
        reply_add(response, "Referrer-Policy", "no-referrer");
        reply_add(response, "Cache-Control",
                  asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
        if (encoding != ENCODING_IDENTITY)
                reply_add(response, "Content-Encoding", encoding_word(encoding));
        if (strncmp(asset->type, "text/html", 9) == 0)
                reply_add(response, "X-Frame-Options", "DENY");
}

bool asset_answer(struct request *request, unsigned status, const struct asset *asset,
                  struct error *err)
{
        enum encoding encoding = reply_encoding(request);
        if (asset->bodies[encoding].length == 0)
                encoding = ENCODING_IDENTITY;
        char etag[64];
        snprintf(etag, sizeof etag, "\"%s%s%s\"", asset->hash,
                 encoding == ENCODING_IDENTITY ? "" : "-",
                 encoding == ENCODING_IDENTITY ? "" : encoding_word(encoding));
        const char *known = request_header(request, "If-None-Match");
        if (status == 200 && known != NULL && etag_list_has(known, etag))
                return reply_not_modified(request, etag, asset->immutable ? "public" : "no-cache",
                                          err);
        const struct asset_body *body = &asset->bodies[encoding];
        /* The library only reads what is persistent, though its type does not say so. */
        union {
                const unsigned char *bytes;
                void *buffer;
        } same = {.bytes = body->bytes};
        struct MHD_Response *response =
                MHD_create_response_from_buffer(body->length, same.buffer, MHD_RESPMEM_PERSISTENT);
        if (response != NULL)
                add_headers(response, asset, encoding, etag);
        return reply_send(request, status, response, err);
}

bool call_openapi(struct request *request, struct error *err)
{
        const struct asset *asset = exact("openapi.json");
        if (asset == NULL)
                return error_set(err, ERROR_NOT_FOUND, "the document was not built in");
        return asset_answer(request, 200, asset, err);
}
