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

enum { ROUTE_PARAMETERS_MAX = 12, ROUTE_CAPTURES_MAX = 2 };

/* What stood for {...}, as sent; inside the path. */
struct route_captures {
        const char *at[ROUTE_CAPTURES_MAX];
        size_t length[ROUTE_CAPTURES_MAX]; /* 0: there is none */
};

struct route {
        const char *pattern;   /* up to ROUTE_CAPTURES_MAX {...}, each part of one segment */
        const char *operation; /* operationId */
        route_handler *handle; /* for GET and HEAD, which is all there is now */
        const char *parameters[ROUTE_PARAMETERS_MAX]; /* allowed in the query; '*' after: repeats,
                                                         '!' after: required */
};

enum { ROUTES = 24 };
extern const struct route routes[ROUTES];

/* The row whose pattern a path (as sent, not decoded) fits, or NULL. */
const struct route *route_find(const char *path, struct route_captures *captures_out);

/* Refuses (ERROR_INPUT) parameters the route does not know, repeated ones that may not be, and
 * required ones that are missing or empty. */
bool route_check(const struct route *route, const struct query_parameter *parameters, size_t count,
                 struct error *err) MUST_CHECK;
