#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "serve/conditional.h"
#include "serve/encoding.h"
#include "serve/request.h"

/*
 * Answers: queued on the request's connection with the headers every answer has.
 */

/* Adds the headers every answer has that is no part of the app: whatever its bytes are, no browser
 * makes a page with rights here of them. Accepts NULL (want of memory, which reply_send tells of).
 */
void reply_add_common(struct MHD_Response *response);

/* Likewise of the app, which may do what its policy says. */
void reply_add_app(struct MHD_Response *response, const char *policy);

void reply_add(struct MHD_Response *response, const char *name, const char *value);

/* Lets pages of the one other site that may ask read the answer; NULL: there is none. reply_send
 * does; what is sent by reply_send_shared must have it before. */
void reply_add_origin(struct MHD_Response *response, const char *origin);

/* Queues and lets go of the response, or keeps it while the request is away. A NULL response is
 * want of memory. */
bool reply_send(struct request *request, unsigned status, struct MHD_Response *response,
                struct error *err) MUST_CHECK;

/* As reply_send, but the caller keeps the response; not while the request is away. */
bool reply_send_shared(struct request *request, unsigned status, struct MHD_Response *response,
                       struct error *err) MUST_CHECK;

/* An RFC 9457 problem. Cannot fail in a way anybody could be told of. */
void reply_problem(struct request *request, unsigned status, const char *detail);

/* The problem an error kind stands for. */
void reply_error(struct request *request, const struct error *err);

/* 304 with the validators; 416 with the length. */
bool reply_not_modified(struct request *request, const char *etag, const char *cache_control,
                        struct error *err) MUST_CHECK;
bool reply_range_refused(struct request *request, int64_t length, struct error *err) MUST_CHECK;

/* "bytes 0-99/200" on a response. */
void reply_add_content_range(struct MHD_Response *response, int64_t offset, int64_t length,
                             int64_t whole);

/* JSON, compressed as the client likes when that is worth it, with a weak ETag that is compared
 * with If-None-Match. Takes the text's bytes, also when it fails. */
bool reply_json(struct request *request, struct text *body, struct error *err) MUST_CHECK;

/* JSON that says what a change did (200, 201, 202), kept by nobody. Takes the text's bytes, also
 * when it fails. */
bool reply_new_json(struct request *request, unsigned status, struct text *body,
                    struct error *err) MUST_CHECK;

/* 204: it is done, and there is nothing to say. */
bool reply_nothing(struct request *request, struct error *err) MUST_CHECK;

/* JSON written from one state of the catalog by `write`; at most `bound` bytes. */
bool reply_catalog_json(struct request *request, size_t bound,
                        bool (*write)(struct request *request, struct json *json,
                                      struct catalog *catalog, struct error *err),
                        struct error *err) MUST_CHECK;

/* Plain text that must not be cached. Takes the text's bytes, also when it fails. */
bool reply_text(struct request *request, const char *type, struct text *body,
                struct error *err) MUST_CHECK;

/* What If-None-Match, Range and the like say. */
struct conditions reply_conditions(const struct request *request);

/* The encoding this client likes best. */
enum encoding reply_encoding(const struct request *request);

/* What a reader of an answer returns that has to end before its end. Closes the connection, which
 * the library itself does at once only when the length was told beforehand. */
ssize_t reply_cut(struct MHD_Connection *connection);
