#pragma once

#include <microhttpd.h>
#include <stddef.h>

/*
 * The way of a request through the server, as the HTTP library calls it: the URL is taken as it was
 * sent, the header is looked at, the call of its route runs, the end is counted. `context` is the
 * struct server.
 */
struct server;

void *answering_begin(void *context, const char *url, struct MHD_Connection *connection);

enum MHD_Result answering_run(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request);

void answering_end(void *context, struct MHD_Connection *connection, void **request,
                   enum MHD_RequestTerminationCode why);

void answering_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what);

/* Leaves everything as it was sent: decoding is our own. */
size_t answering_unescape(void *context, struct MHD_Connection *connection, char *text);

/* Requests that are being answered, other than those that wait for the client's next. */
size_t answering_count(struct server *server);
