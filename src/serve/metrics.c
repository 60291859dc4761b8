#include "serve/metrics.h"

#include <inttypes.h>

static const int64_t bounds_us[METRICS_BUCKETS] = {100,   250,   500,    1000,   2500,    5000,
                                                   10000, 25000, 100000, 500000, 2500000, 10000000};

void metrics_count(struct metrics *metrics, int route, unsigned status)
{
        unsigned class = status / 100 < METRICS_CLASSES ? status / 100 : 0;
        atomic_fetch_add_explicit(&metrics->requests[route][class], 1, memory_order_relaxed);
}

void metrics_time(struct metrics *metrics, struct mono start, struct mono end)
{
        int64_t us = (end.ns - start.ns) / 1000;
        int bucket = 0;
        while (bucket < METRICS_BUCKETS && us > bounds_us[bucket])
                bucket++;
        atomic_fetch_add_explicit(&metrics->buckets[bucket], 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&metrics->duration_us, (uint64_t)us, memory_order_relaxed);
}

void metrics_head(struct text *out, const char *name, const char *type, const char *help)
{
        text_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_add(struct text *out, const char *name, const char *type, const char *help,
                 int64_t value)
{
        metrics_head(out, name, type, help);
        text_add_format(out, "%s %" PRId64 "\n", name, value);
}

void metrics_label(struct text *out, const char *value)
{
        for (; *value != '\0'; value++) {
                if (*value == '\\' || *value == '"')
                        text_add_char(out, '\\');
                text_add_char(out, *value);
        }
}

static const char *route_word(int route)
{
        if (route == METRICS_ROUTE_APP)
                return "app";
        return route == METRICS_ROUTE_OTHER ? "other" : routes[route].pattern;
}

static uint64_t load(const atomic_uint_fast64_t *value)
{
        return atomic_load_explicit(value, memory_order_relaxed);
}

static void write_requests(struct metrics *metrics, struct text *out)
{
        metrics_head(out, "cctvweb_http_requests_total", "counter",
                     "Requests answered, by call and class of status.");
        for (int route = 0; route < METRICS_ROUTES; route++) {
                for (int class = 0; class < METRICS_CLASSES; class ++) {
                        uint64_t value = load(&metrics->requests[route][class]);
                        if (value == 0)
                                continue;
                        text_add_format(out, "cctvweb_http_requests_total{route=\"%s\",",
                                        route_word(route));
                        if (route < METRICS_ROUTE_APP)
                                text_add_format(out, "method=\"%s\",",
                                                route_method_word(routes[route].method));
                        text_add_format(out, "status=\"%dxx\"} %" PRIu64 "\n", class, value);
                }
        }
}

static void write_durations(struct metrics *metrics, struct text *out)
{
        const char *name = "cctvweb_http_request_duration_seconds";
        metrics_head(out, name, "histogram", "From the header read to the last byte sent.");
        uint64_t sum = 0;
        for (int i = 0; i < METRICS_BUCKETS; i++) {
                sum += load(&metrics->buckets[i]);
                text_add_format(out, "%s_bucket{le=\"%" PRId64 ".%06" PRId64 "\"} %" PRIu64 "\n",
                                name, bounds_us[i] / 1000000, bounds_us[i] % 1000000, sum);
        }
        sum += load(&metrics->buckets[METRICS_BUCKETS]);
        uint64_t us = load(&metrics->duration_us);
        text_add_format(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, sum);
        text_add_format(out, "%s_sum %" PRIu64 ".%06" PRIu64 "\n%s_count %" PRIu64 "\n", name,
                        us / 1000000, us % 1000000, name, sum);
}

void metrics_write(struct metrics *metrics, struct text *out)
{
        write_requests(metrics, out);
        write_durations(metrics, out);
        metrics_add(out, "cctvweb_http_connections", "gauge", "Connections open now.",
                    (int64_t)load(&metrics->connections));
        metrics_add(out, "cctvweb_playback_cut_total", "counter",
                    "Playback streams ended because a file had vanished or changed.",
                    (int64_t)load(&metrics->frames_cut));
}
