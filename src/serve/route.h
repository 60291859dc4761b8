#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "serve/query_string.h"

/*
 * The calls of the HTTP interface, one row each: what the program answers, the OpenAPI document
 * describes and the metrics count. Matching is pure.
 */
struct request;

typedef bool route_handler(struct request *request, struct error *err);

enum { ROUTE_PARAMETERS_MAX = 16, ROUTE_CAPTURES_MAX = 2, ROUTES_MOST = 96 };

/* GET answers HEAD as well; the others change something. */
enum route_method { METHOD_GET, METHOD_POST, METHOD_PATCH, METHOD_DELETE, METHODS };

/* What stood for {...}, as sent; inside the path. */
struct route_captures {
        const char *at[ROUTE_CAPTURES_MAX];
        size_t length[ROUTE_CAPTURES_MAX]; /* 0: there is none */
};

struct route {
        enum route_method method;
        bool takes_body;       /* JSON, see serve/body.h */
        const char *pattern;   /* up to ROUTE_CAPTURES_MAX {...}, each part of one segment */
        const char *operation; /* operationId */
        /* Of what changes something: called on a thread of serve/writing.h. */
        route_handler *handle;
        const char *parameters[ROUTE_PARAMETERS_MAX]; /* allowed in the query; '*' after: repeats,
                                                         '!' after: required */
};

/* Ends with a row without pattern. */
extern const struct route routes[ROUTES_MOST + 1];

/* The row for a path (as sent, not decoded) and a method, or NULL. `methods_out` are those that the
 * path has rows for, a bit each; 0 when there is no such path. */
const struct route *route_find(enum route_method method, const char *path,
                               struct route_captures *captures_out, unsigned *methods_out);

/* The method of a request line's word, HEAD being GET; METHODS when it is none of ours. */
enum route_method route_method_of(const char *word);
const char *route_method_word(enum route_method method);

/* "GET, HEAD, POST, OPTIONS" */
enum { ROUTE_ALLOW_SIZE = 64 };
void route_allow(unsigned methods, char out[static ROUTE_ALLOW_SIZE]);

/* Refuses (ERROR_INPUT) parameters the route does not know, repeated ones that may not be, and
 * required ones that are missing or empty. */
bool route_check(const struct route *route, const struct query_parameter *parameters, size_t count,
                 struct error *err) MUST_CHECK;
