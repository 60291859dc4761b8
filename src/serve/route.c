#include "serve/route.h"

#include <stdio.h>
#include <string.h>

#include "serve/calls.h"

const struct route routes[ROUTES] = {
        {"/api/v1/frames/{id}.jpg", "getFrame", call_frame, {"width"}},
        {"/api/v1/frames", "listFrames", call_frames, {"camera!", "from", "to", "limit", "cursor"}},
        {"/api/v1/events",
         "listEvents",
         call_events,
         {"camera*", "from", "to", "dwell", "window*", "hours", "weekday*", "kind*", "sort",
          "limit", "cursor"}},
        {"/api/v1/cameras", "listCameras", call_cameras, {NULL}},
        {"/api/v1/cameras/{name}", "getCamera", call_camera, {NULL}},
        {"/api/v1/playback", "getPlayback", call_playback, {"camera!", "from!", "to!"}},
        {"/api/v1/playback/index", "getPlaybackIndex", call_index, {"camera!", "from!", "to!"}},
        {"/api/v1/playback.mjpeg",
         "getPlaybackPaced",
         call_paced,
         {"camera!", "from!", "to!", "speed", "skip"}},
        {"/api/v1/activity",
         "getActivity",
         call_activity,
         {"camera*", "from", "to", "bucket", "origin"}},
        {"/api/v1/live", "getLive", call_live, {"camera*"}},
        {"/api/v1/openapi.json", "getOpenapi", call_openapi, {NULL}},
        {"/api/v1/metrics", "getMetrics", call_metrics, {NULL}},
        {"/api/v1/healthz", "getHealth", call_health, {NULL}},
        {"/api/v1/readyz", "getReady", call_ready, {NULL}},
        {"/metrics", "getMetricsRoot", call_metrics, {NULL}},
        {"/healthz", "getHealthRoot", call_health, {NULL}},
        {"/readyz", "getReadyRoot", call_ready, {NULL}},
};

static bool fits(const char *pattern, const char *path, size_t path_length,
                 const char **capture_out, size_t *capture_length_out)
{
        size_t head = strcspn(pattern, "{");
        if (pattern[head] == '\0') {
                *capture_length_out = 0;
                return head == path_length && memcmp(pattern, path, head) == 0;
        }
        const char *tail = strchr(pattern, '}') + 1;
        size_t tail_length = strlen(tail);
        if (path_length <= head + tail_length || memcmp(pattern, path, head) != 0 ||
            memcmp(path + path_length - tail_length, tail, tail_length) != 0)
                return false;
        *capture_out = path + head;
        *capture_length_out = path_length - head - tail_length;
        return memchr(*capture_out, '/', *capture_length_out) == NULL;
}

const struct route *route_find(const char *path, const char **capture_out,
                               size_t *capture_length_out)
{
        size_t length = strlen(path);
        for (size_t i = 0; i < ROUTES; i++) {
                if (fits(routes[i].pattern, path, length, capture_out, capture_length_out))
                        return &routes[i];
        }
        return NULL;
}

enum { PLAIN = '\0', REPEATS = '*', REQUIRED = '!' };

/* How a parameter of a row may be used. */
static char mark_of(const char *parameter)
{
        char last = parameter[strlen(parameter) - 1];
        return last == REPEATS || last == REQUIRED ? last : PLAIN;
}

static bool names(const char *parameter, const char *name)
{
        size_t length = strlen(parameter) - (mark_of(parameter) != PLAIN);
        return strlen(name) == length && memcmp(parameter, name, length) == 0;
}

static bool refuse_unknown(const struct route *route, const char *name, struct error *err)
{
        char known[200] = "";
        size_t used = 0;
        for (int i = 0; i < ROUTE_PARAMETERS_MAX && route->parameters[i] != NULL; i++) {
                const char *parameter = route->parameters[i];
                size_t length = strlen(parameter) - (mark_of(parameter) != PLAIN);
                int more = snprintf(known + used, sizeof known - used, "%s%.*s",
                                    used > 0 ? ", " : "", (int)length, parameter);
                if (more > 0 && used + (size_t)more < sizeof known)
                        used += (size_t)more;
        }
        return error_set(err, ERROR_INPUT, "there is no parameter \"%.60s\" here; known: %s", name,
                         used > 0 ? known : "none");
}

static bool check_one(const struct route *route, const struct query_parameter *parameters,
                      size_t count, size_t at, struct error *err)
{
        for (int i = 0; i < ROUTE_PARAMETERS_MAX && route->parameters[i] != NULL; i++) {
                if (!names(route->parameters[i], parameters[at].name))
                        continue;
                if (mark_of(route->parameters[i]) == REPEATS)
                        return true;
                for (size_t j = at + 1; j < count; j++) {
                        if (strcmp(parameters[j].name, parameters[at].name) == 0)
                                return error_set(err, ERROR_INPUT,
                                                 "%s: may be given only once here",
                                                 parameters[at].name);
                }
                return true;
        }
        return refuse_unknown(route, parameters[at].name, err);
}

bool route_check(const struct route *route, const struct query_parameter *parameters, size_t count,
                 struct error *err)
{
        for (size_t i = 0; i < count; i++) {
                if (!check_one(route, parameters, count, i, err))
                        return false;
        }
        for (int i = 0; i < ROUTE_PARAMETERS_MAX && route->parameters[i] != NULL; i++) {
                const char *parameter = route->parameters[i];
                bool given = mark_of(parameter) != REQUIRED;
                for (size_t j = 0; j < count && !given; j++)
                        given = names(parameter, parameters[j].name) &&
                                parameters[j].value[0] != '\0';
                if (!given)
                        return error_set(err, ERROR_INPUT, "%.*s: is required here",
                                         (int)strlen(parameter) - 1, parameter);
        }
        return true;
}
