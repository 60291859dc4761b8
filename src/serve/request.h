#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/utc.h"
#include "catalog/catalog.h"
#include "model/camera.h"
#include "serve/body.h"
#include "serve/query_string.h"
#include "serve/route.h"

/*
 * One HTTP request from its first line to its last byte. Owned by the thread of the pool that
 * serves its connection; while the connection is suspended nobody touches it but who has it away.
 */
struct server;
struct thumbnail_wait;

enum { REQUEST_CAPTURE_SIZE = 640 };

/* Whose it is: a thread of serve/writing.h has it while it is away. */
enum request_where { REQUEST_HERE, REQUEST_AWAY, REQUEST_BACK };

struct request {
        struct server *server;
        struct MHD_Connection *connection;
        struct mono start;
        const struct route *route;          /* NULL: none, or not known yet */
        unsigned status;                    /* of the queued answer; 0: none yet */
        bool begun;                         /* the header was seen */
        bool admitted;                      /* and nothing in it is against answering */
        bool too_long;                      /* the URL was; it is empty then */
        bool head;                          /* HEAD: no body is sent */
        bool app;                           /* a file of the web app was answered */
        bool lost;                          /* its page, as nothing is there */
        char capture[REQUEST_CAPTURE_SIZE]; /* decoded {...} */
        char second_capture[REQUEST_CAPTURE_SIZE];
        struct query_parameter *parameters;
        size_t parameter_count;
        struct catalog *reader; /* lent for the call; request_reader */
        struct thumbnail_wait *thumbnail;
        struct body body;
        enum request_where where;
        struct request *next;           /* that waits too */
        struct MHD_Response *kept;      /* the answer found while away */
        unsigned kept_status;           /* its, 0: none yet */
        unsigned methods;               /* that this path has, a bit each */
        struct route_captures captures; /* inside target */
        char *query;                    /* inside target; NULL: none */
        char *url;                      /* inside target: the path, ends where the query begins */
        const char *authority;          /* inside target: the host that it named; NULL: none */
        char target[];                  /* as sent, in parts */
};

/* The value of a parameter, NULL when it is not given. */
const char *request_parameter(const struct request *request, const char *name);

const char *request_header(const struct request *request, const char *name);

/* The host and port that were asked for; NULL when none was named. */
const char *request_host(const struct request *request);

/* A reading handle for the rest of this call. */
bool request_reader(struct request *request, struct catalog **reader_out,
                    struct error *err) MUST_CHECK;
void request_reader_give(struct request *request);

/* The camera of parameter `camera`; an unknown one is ERROR_NOT_FOUND. */
bool request_camera(struct request *request, struct camera *camera_out,
                    struct error *err) MUST_CHECK;

/* A time; UTC_NONE when not given. */
bool request_time(const struct request *request, const char *name, struct utc *time_out,
                  struct error *err) MUST_CHECK;

/* A whole number within bounds; `otherwise` when not given. */
bool request_number(const struct request *request, const char *name, const int64_t bounds[2],
                    int64_t otherwise, int64_t *number_out, struct error *err) MUST_CHECK;

/* A decimal number in thousandths within bounds (in thousandths too). */
bool request_decimal(const struct request *request, const char *name, const int64_t bounds[2],
                     int64_t otherwise, int64_t *thousandths_out, struct error *err) MUST_CHECK;
