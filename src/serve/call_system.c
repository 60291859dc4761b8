/* GET /healthz, /readyz, /metrics. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "catalog/deletions.h"
#include "serve/calls.h"
#include "serve/reply.h"
#include "serve/server.h"
#include "version.h"

enum { METRICS_BYTES_MOST = 4 << 20 };

static bool say(struct request *request, const char *word, struct error *err)
{
        struct text body;
        text_init_growing(&body, 64);
        text_add_format(&body, "{\"status\":\"%s\"}", word);
        return reply_text(request, "application/json", &body, err);
}

bool call_health(struct request *request, struct error *err)
{
        const struct reception *reception = request->server->config.reception;
        char trouble[RECEPTION_TROUBLE_SIZE];
        struct text body;
        struct json json;
        if (reception == NULL || !reception->trouble(reception->context, trouble))
                return say(request, "ok", err);
        text_init_growing(&body, 4096);
        json_init(&json, &body);
        json_open_object(&json);
        json_add_string(&json, "status", "trouble");
        json_add_string(&json, "detail", trouble);
        json_close_object(&json);
        return reply_text(request, "application/json", &body, err);
}

bool call_ready(struct request *request, struct error *err)
{
        struct catalog *catalog;
        struct error cause;
        if (atomic_load(&request->server->stopping))
                return error_set(err, ERROR_BUSY, "the server is being stopped");
        if (!request_reader(request, &catalog, &cause) || !catalog_read_begin(catalog, &cause))
                return error_set(err, ERROR_BUSY, "the catalog cannot be read: %s", cause.text);
        catalog_read_end(catalog);
        return say(request, "ready", err);
}

/* Figures of the cameras, gathered in one pass. */
struct camera_figures {
        struct text *ages;
        int64_t now_ms;
        int64_t frames;
        int64_t bytes;
        int64_t cameras;
};

static bool add_camera(void *context, const struct camera *camera)
{
        struct camera_figures *figures = context;
        figures->frames += camera->frames;
        figures->bytes += camera->bytes;
        figures->cameras++;
        if (!camera->has_frames)
                return true;
        int64_t age_ms = figures->now_ms - camera->last.time.ms;
        text_add_string(figures->ages, "cctvweb_camera_last_frame_age_seconds{camera=\"");
        metrics_label(figures->ages, camera->name);
        text_add_format(figures->ages, "\"} %s%" PRId64 ".%03d\n", age_ms < 0 ? "-" : "",
                        (age_ms < 0 ? -age_ms : age_ms) / 1000,
                        (int)((age_ms < 0 ? -age_ms : age_ms) % 1000));
        return true;
}

static bool add_cameras(struct request *request, struct text *out, struct error *err)
{
        struct catalog *catalog;
        struct camera_figures figures = {.ages = out, .now_ms = utc_now().ms};
        if (!request_reader(request, &catalog, err))
                return false;
        metrics_head(out, "cctvweb_camera_last_frame_age_seconds", "gauge",
                     "Since the capture time of the newest frame.");
        if (!catalog_cameras(catalog, add_camera, &figures, err))
                return false;
        metrics_add(out, "cctvweb_cameras", "gauge", "Cameras in the catalog.", figures.cameras);
        metrics_add(out, "cctvweb_frames", "gauge", "Frames in the catalog.", figures.frames);
        metrics_add(out, "cctvweb_frame_bytes", "gauge", "Bytes of the frames in the catalog.",
                    figures.bytes);
        return true;
}

static bool add_deletions(struct request *request, struct text *out, struct error *err)
{
        struct catalog *catalog;
        struct deletion_sums sums;
        int64_t received = 0;
        if (!request_reader(request, &catalog, err) ||
            !catalog_deletion_sums(catalog, &sums, err) ||
            !catalog_received_bytes(catalog, &received, err))
                return false;
        metrics_add(out, "cctvweb_deletions", "gauge", "Deletions that are not yet gone for good.",
                    sums.deletions);
        metrics_add(out, "cctvweb_deletions_frames", "gauge", "Frames in them.", sums.frames);
        metrics_add(out, "cctvweb_deletions_bytes", "gauge", "Bytes of these frames.", sums.bytes);
        metrics_add(out, "cctvweb_hour_files_bytes", "gauge", "Bytes of all hour files.", received);
        return true;
}

static void add_catalog_size(const struct server *server, struct text *out)
{
        char path[PATH_MAX];
        struct stat status;
        int64_t bytes = 0;
        static const char *const names[] = {"catalog.db", "catalog.db-wal"};
        for (int i = 0; i < 2; i++) {
                int length = snprintf(path, sizeof path, "%s/%s", server->config.data_directory,
                                      names[i]);
                if (length > 0 && (size_t)length < sizeof path && stat(path, &status) == 0)
                        bytes += status.st_size;
        }
        metrics_add(out, "cctvweb_catalog_bytes", "gauge", "Size of the catalog on disk.", bytes);
}

bool call_metrics(struct request *request, struct error *err)
{
        struct server *server = request->server;
        struct text body;
        text_init_growing(&body, METRICS_BYTES_MOST);
        metrics_head(&body, "cctvweb_build_info", "gauge", "Always 1.");
        text_add_string(&body, "cctvweb_build_info{version=\"" CCTVWEB_VERSION "\"} 1\n");
        metrics_add(&body, "cctvweb_start_time_seconds", "gauge", "When the server was started.",
                    server->started.ms / 1000);
        if (!add_cameras(request, &body, err) || !add_deletions(request, &body, err)) {
                text_finish(&body);
                return false;
        }
        add_catalog_size(server, &body);
        metrics_write(&server->metrics, &body);
        thumbnails_metrics(server->thumbnails, &body);
        paced_metrics(server->paced, &body);
        live_metrics(server->live, &body);
        if (server->config.add_metrics != NULL)
                server->config.add_metrics(server->config.context, &body);
        return reply_text(request, "text/plain; version=0.0.4; charset=utf-8", &body, err);
}
