#include "serve/route.h"

#include <stdio.h>
#include <string.h>

#include "serve/calls.h"

#define GET METHOD_GET, false
#define POST METHOD_POST, false
#define POST_JSON METHOD_POST, true
#define PATCH METHOD_PATCH, true
#define DELETE METHOD_DELETE, false

const struct route routes[ROUTES_MOST + 1] = {
        {GET, "/api/v1/frames/{id}.jpg", "getFrame", call_frame, {"width"}},
        {GET,
         "/api/v1/frames",
         "listFrames",
         call_frames,
         {"camera!", "from", "to", "limit", "cursor"}},
        {DELETE, "/api/v1/frames", "deleteFrames", call_delete_frames, {"camera!", "from!", "to!"}},
        {GET,
         "/api/v1/events",
         "listEvents",
         call_events,
         {"camera*", "from", "to", "dwell", "window*", "hours", "weekday*", "kind*", "reviewed",
          "pinned", "noted", "sort", "limit", "cursor"}},
        {GET, "/api/v1/cameras", "listCameras", call_cameras, {"limit", "cursor"}},
        {GET, "/api/v1/cameras/{name}", "getCamera", call_camera, {NULL}},
        {POST_JSON, "/api/v1/cameras", "addCamera", call_add_camera, {NULL}},
        {PATCH, "/api/v1/cameras/{name}", "changeCamera", call_change_camera, {NULL}},
        {DELETE, "/api/v1/cameras/{name}", "removeCamera", call_remove_camera, {NULL}},
        {POST_JSON,
         "/api/v1/cameras/{name}/password",
         "setCameraPassword",
         call_set_password,
         {NULL}},
        {GET, "/api/v1/cameras/{name}/upload", "getCameraUpload", call_camera_upload, {NULL}},
        {GET, "/api/v1/cameras/{name}/paths", "listCameraPaths", call_camera_paths, {NULL}},
        {POST_JSON, "/api/v1/templates/preview", "previewTemplate", call_preview_template, {NULL}},
        {GET,
         "/api/v1/cameras/{name}/quarantine",
         "listQuarantine",
         call_quarantine,
         {"limit", "cursor"}},
        {GET, "/api/v1/cameras/{name}/quarantine/{id}", "getQuarantined", call_quarantined, {NULL}},
        {GET,
         "/api/v1/cameras/{name}/attachments",
         "listAttachments",
         call_attachments,
         {"limit", "cursor"}},
        {GET, "/api/v1/cameras/{name}/attachments/{id}", "getAttachment", call_attachment, {NULL}},
        {GET, "/api/v1/cameras/{name}/log", "getCameraLog", call_session_log, {NULL}},
        {GET, "/api/v1/accounts", "listAccounts", call_accounts, {"limit", "cursor"}},
        {GET,
         "/api/v1/accounts/{user}/quarantine",
         "listAccountQuarantine",
         call_quarantine,
         {"limit", "cursor"}},
        {GET,
         "/api/v1/accounts/{user}/quarantine/{id}",
         "getAccountQuarantined",
         call_quarantined,
         {NULL}},
        {GET,
         "/api/v1/accounts/{user}/attachments",
         "listAccountAttachments",
         call_attachments,
         {"limit", "cursor"}},
        {GET,
         "/api/v1/accounts/{user}/attachments/{id}",
         "getAccountAttachment",
         call_attachment,
         {NULL}},
        {GET, "/api/v1/accounts/{user}/log", "getAccountLog", call_session_log, {NULL}},
        {GET, "/api/v1/playback", "getPlayback", call_playback, {"camera!", "from!", "to!"}},
        {GET,
         "/api/v1/playback/index",
         "getPlaybackIndex",
         call_index,
         {"camera!", "from!", "to!"}},
        {GET,
         "/api/v1/playback.mjpeg",
         "getPlaybackPaced",
         call_paced,
         {"camera!", "from!", "to!", "speed", "skip"}},
        {POST_JSON, "/api/v1/exports", "addExport", call_add_export, {NULL}},
        {GET, "/api/v1/exports", "listExports", call_exports, {"limit", "cursor"}},
        {GET, "/api/v1/exports/{id}", "getExportJob", call_get_export, {NULL}},
        {DELETE, "/api/v1/exports/{id}", "removeExport", call_remove_export, {NULL}},
        {GET, "/api/v1/exports/{id}/file", "getExportFile", call_export_file, {NULL}},
        {GET, "/api/v1/export", "getExport", call_export, {"camera!", "from!", "to!", "format!"}},
        {GET,
         "/api/v1/activity",
         "getActivity",
         call_activity,
         {"camera*", "from", "to", "bucket", "origin"}},
        {GET, "/api/v1/frames/near", "listFramesNear", call_frames_near, {"camera*", "at!"}},
        {GET, "/api/v1/silences", "listSilences", call_silences, {"camera*", "from!", "to!"}},
        {GET,
         "/api/v1/marks",
         "listMarks",
         call_marks,
         {"camera*", "from", "to", "limit", "cursor"}},
        {POST_JSON, "/api/v1/marks", "setMarks", call_set_marks, {NULL}},
        {GET, "/api/v1/deletions", "listDeletions", call_deletions, {"limit", "cursor"}},
        {POST_JSON, "/api/v1/deletions", "deleteStretches", call_delete_stretches, {NULL}},
        {POST, "/api/v1/deletions/{id}/undo", "undoDeletion", call_undo, {NULL}},
        {POST, "/api/v1/deletions/{id}/purge", "purgeDeletion", call_purge, {NULL}},
        {GET,
         "/api/v1/notes",
         "listNotes",
         call_notes,
         {"camera*", "from", "to", "limit", "cursor"}},
        {POST_JSON, "/api/v1/notes", "writeNote", call_write_note, {NULL}},
        {PATCH, "/api/v1/notes/{id}", "changeNote", call_change_note, {NULL}},
        {DELETE, "/api/v1/notes/{id}", "eraseNote", call_erase_note, {NULL}},
        {GET, "/api/v1/system", "getSystem", call_system, {NULL}},
        {GET, "/api/v1/live", "getLive", call_live, {"camera*"}},
        {GET, "/api/v1/openapi.json", "getOpenapi", call_openapi, {NULL}},
        {GET, "/api/v1/metrics", "getMetrics", call_metrics, {NULL}},
        {GET, "/api/v1/healthz", "getHealth", call_health, {NULL}},
        {GET, "/api/v1/readyz", "getReady", call_ready, {NULL}},
        {GET, "/metrics", "getMetricsRoot", call_metrics, {NULL}},
        {GET, "/healthz", "getHealthRoot", call_health, {NULL}},
        {GET, "/readyz", "getReadyRoot", call_ready, {NULL}},
};

/* One segment of a pattern and of a path, neither with '/'. */
static bool segment_fits(const char *pattern, size_t pattern_length, const char *path,
                         size_t length, struct route_captures *captures, size_t *captured)
{
        const char *open = memchr(pattern, '{', pattern_length);
        if (open == NULL)
                return pattern_length == length && memcmp(pattern, path, length) == 0;
        const char *close = memchr(pattern, '}', pattern_length);
        size_t head = (size_t)(open - pattern);
        size_t tail = pattern_length - (size_t)(close + 1 - pattern);
        if (length <= head + tail || memcmp(pattern, path, head) != 0 ||
            memcmp(path + length - tail, close + 1, tail) != 0)
                return false;
        captures->at[*captured] = path + head;
        captures->length[*captured] = length - head - tail;
        (*captured)++;
        return true;
}

static bool fits(const char *pattern, const char *path, struct route_captures *captures)
{
        size_t captured = 0;
        *captures = (struct route_captures){0};
        for (;;) {
                size_t pattern_length = strcspn(pattern, "/");
                size_t length = strcspn(path, "/");
                if (!segment_fits(pattern, pattern_length, path, length, captures, &captured))
                        return false;
                pattern += pattern_length;
                path += length;
                if (*pattern != *path)
                        return false;
                if (*pattern == '\0')
                        return true;
                pattern++;
                path++;
        }
}

const struct route *route_find(enum route_method method, const char *path,
                               struct route_captures *captures_out, unsigned *methods_out)
{
        const struct route *found = NULL;
        struct route_captures captures;
        *captures_out = (struct route_captures){0};
        *methods_out = 0;
        for (const struct route *route = routes; route->pattern != NULL; route++) {
                if (!fits(route->pattern, path, &captures))
                        continue;
                *methods_out |= 1U << route->method;
                if (route->method != method || found != NULL)
                        continue;
                found = route;
                *captures_out = captures;
        }
        return found;
}

static const char *const method_words[METHODS] = {
        [METHOD_GET] = "GET",
        [METHOD_POST] = "POST",
        [METHOD_PATCH] = "PATCH",
        [METHOD_DELETE] = "DELETE",
};

enum route_method route_method_of(const char *word)
{
        if (strcmp(word, "HEAD") == 0)
                return METHOD_GET;
        for (int method = 0; method < METHODS; method++) {
                if (strcmp(word, method_words[method]) == 0)
                        return (enum route_method)method;
        }
        return METHODS;
}

const char *route_method_word(enum route_method method)
{
        return method_words[method];
}

void route_allow(unsigned methods, char out[static ROUTE_ALLOW_SIZE])
{
        size_t used = 0;
        for (int method = 0; method < METHODS; method++) {
                if ((methods & 1U << method) == 0)
                        continue;
                int more = snprintf(out + used, ROUTE_ALLOW_SIZE - used, "%s%s, ",
                                    method_words[method], method == METHOD_GET ? ", HEAD" : "");
                used += (size_t)more;
        }
        snprintf(out + used, ROUTE_ALLOW_SIZE - used, "OPTIONS");
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
