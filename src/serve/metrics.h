#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/text.h"
#include "base/utc.h"
#include "serve/route.h"

/*
 * What was answered, counted: for /metrics in the text format of Prometheus. Counting is safe from
 * any thread and takes no lock.
 */
enum { METRICS_CLASSES = 6, METRICS_BUCKETS = 12, METRICS_ROUTES = ROUTES_MOST + 2 };

struct metrics {
        /* By row of the route table; then: web app, anything else. Class: hundreds of the status.
         */
        atomic_uint_fast64_t requests[METRICS_ROUTES][METRICS_CLASSES];
        atomic_uint_fast64_t buckets[METRICS_BUCKETS + 1]; /* by duration, the last: longer */
        atomic_uint_fast64_t duration_us;
        atomic_uint_fast64_t connections; /* open now */
        atomic_uint_fast64_t frames_cut;  /* playback streams ended by a vanished file */
};

enum { METRICS_ROUTE_APP = ROUTES_MOST, METRICS_ROUTE_OTHER = ROUTES_MOST + 1 };

/* `route` is an index as above. Streams that last are not counted in durations. */
void metrics_count(struct metrics *metrics, int route, unsigned status);
void metrics_time(struct metrics *metrics, struct mono start, struct mono end);

void metrics_write(struct metrics *metrics, struct text *out);

/* One figure: its HELP and TYPE lines and its value. */
void metrics_add(struct text *out, const char *name, const char *type, const char *help,
                 int64_t value);

/* The two lines before figures with labels. */
void metrics_head(struct text *out, const char *name, const char *type, const char *help);

/* A label's value, escaped. */
void metrics_label(struct text *out, const char *value);
