/* GET /system: how the program is doing. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "catalog/deletions.h"
#include "serve/calls.h"
#include "serve/overview.h"
#include "serve/reply.h"
#include "serve/server.h"
#include "version.h"

enum {
        OVERVIEW_BYTES_MOST = 1 << 20,
        GROWTH_EVERY_MS = 60 * 1000,
        WEEK_MS = 7 * 24 * 3600 * 1000,
        LEAST_MS = 3600 * 1000 /* less of receiving says nothing of a day */
};
#define DAY_MS (24 * 3600 * INT64_C(1000))

/* ---- how much comes ---- */

/* Bytes received in a day, by the last week; -1: not known. Looked up once in a minute, as it costs
 * a row for each camera and hour. */
static bool bytes_a_day(struct request *request, struct catalog *catalog, int64_t *bytes_out,
                        struct error *err)
{
        struct server *server = request->server;
        struct utc now = utc_now();
        int64_t steady_ns = mono_now().ns;
        int64_t asked_ns = atomic_load(&server->a_day_asked_ns);
        *bytes_out = atomic_load(&server->a_day);
        if (asked_ns != 0 && steady_ns - asked_ns < GROWTH_EVERY_MS * INT64_C(1000000))
                return true;
        int64_t bytes = 0;
        struct utc first = UTC_NONE;
        struct utc from = {now.ms - WEEK_MS};
        if (!catalog_received_since(catalog, from, &bytes, &first, err))
                return false;
        int64_t begun = utc_known(first) && first.ms > from.ms ? first.ms : from.ms;
        int64_t passed = now.ms - begun;
        *bytes_out = -1;
        if (utc_known(first) && passed >= LEAST_MS)
                *bytes_out = (int64_t)((double)bytes * (double)DAY_MS / (double)passed);
        atomic_store(&server->a_day, *bytes_out);
        atomic_store(&server->a_day_asked_ns, steady_ns);
        return true;
}

/* ---- the disk ---- */

static int64_t catalog_bytes(const struct server *server)
{
        static const char *const names[] = {"catalog.db", "catalog.db-wal", "catalog.db-shm"};
        int64_t bytes = 0;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                char path[PATH_MAX];
                struct stat status;
                int length = snprintf(path, sizeof path, "%s/%s", server->config.data_directory,
                                      names[i]);
                if (length > 0 && (size_t)length < sizeof path && stat(path, &status) == 0)
                        bytes += (int64_t)status.st_blocks * 512;
        }
        return bytes;
}

static bool add_parts(struct request *request, struct json *json, struct catalog *catalog,
                      const struct overview *overview, struct error *err)
{
        const struct server *server = request->server;
        struct deletion_sums deleted;
        int64_t received = 0;
        int64_t exports = 0;
        if (!catalog_received_bytes(catalog, &received, err) ||
            !catalog_deletion_sums(catalog, &deleted, err) ||
            !catalog_export_bytes(catalog, &exports, err))
                return false;
        int64_t waiting = deleted.bytes < received ? deleted.bytes : received;
        json_name(json, "parts");
        json_open_object(json);
        json_add_int(json, "frames", received - waiting);
        json_add_int(json, "deleted", waiting);
        json_add_int(json, "quarantine", overview->quarantine_bytes);
        json_add_int(json, "attachments", overview->attachments_bytes);
        json_add_int(json, "exports", exports);
        json_add_int(json, "cache", thumbnails_bytes(server->thumbnails));
        json_add_int(json, "catalog", catalog_bytes(server));
        json_close_object(json);
        return true;
}

static void add_number(struct json *json, const char *name, bool known, int64_t value)
{
        if (known)
                json_add_int(json, name, value);
        else
                json_add_null(json, name);
}

static bool add_disk(struct request *request, struct json *json, struct catalog *catalog,
                     const struct overview *overview, struct error *err)
{
        struct statvfs status;
        int64_t a_day = -1;
        int64_t total = -1;
        int64_t available = -1;
        if (statvfs(request->server->config.data_directory, &status) == 0) {
                total = (int64_t)status.f_blocks * (int64_t)status.f_frsize;
                available = (int64_t)status.f_bavail * (int64_t)status.f_frsize;
        }
        if (!bytes_a_day(request, catalog, &a_day, err))
                return false;
        json_name(json, "disk");
        json_open_object(json);
        add_number(json, "total", total >= 0, total);
        add_number(json, "free", available >= 0, available);
        add_number(json, "reserve", overview->reserve >= 0, overview->reserve);
        json_add_bool(json, "full", overview->full);
        if (!add_parts(request, json, catalog, overview, err))
                return false;
        add_number(json, "bytes_per_day", a_day >= 0, a_day);
        int64_t spare = available - (overview->reserve > 0 ? overview->reserve : 0);
        json_name(json, "days_left");
        if (a_day > 0 && available >= 0)
                json_decimal(json, spare > 0 ? (int64_t)((double)spare * 10 / (double)a_day) : 0,
                             1);
        else
                json_none(json);
        json_close_object(json);
        return true;
}

/* ---- what goes on ---- */

static void add_ingest(struct json *json, const struct overview *overview)
{
        json_name(json, "ingest");
        json_open_object(json);
        json_name(json, "frames_per_second");
        json_decimal(json, overview->frames_a_minute * 100 / 60, 2);
        json_add_int(json, "bytes_per_second", overview->bytes_a_minute / 60);
        json_add_int(json, "queue", overview->queue);
        json_add_int(json, "queue_limit", overview->queue_limit);
        json_close_object(json);
}

static void add_folders(struct json *json, const struct overview *overview, void *context)
{
        json_name(json, "folders");
        json_open_array(json);
        for (size_t i = 0; i < overview->folder_count; i++) {
                json_open_object(json);
                json_add_string(json, "path", overview->folders[i]);
                json_add_bool(json, "managed", overview->is_managed(context, overview->folders[i]));
                json_close_object(json);
        }
        json_close_array(json);
        json_name(json, "scans");
        json_open_array(json);
        for (size_t i = 0; i < overview->scan_count; i++) {
                const struct overview_scan *scan = &overview->scans[i];
                json_open_object(json);
                json_add_string(json, "task", "scan");
                json_add_string(json, "folder", scan->folder);
                json_add_int(json, "done", scan->done);
                add_number(json, "total", scan->total >= 0, scan->total);
                json_add_int(json, "rate", scan->rate);
                json_close_object(json);
        }
        json_close_array(json);
}

static void add_ftp(struct json *json, const struct overview *overview)
{
        json_name(json, "ftp");
        json_open_object(json);
        json_add_bool(json, "receives", overview->receives);
        json_add_bool(json, "listening", overview->listening);
        add_number(json, "port", overview->listening, overview->port);
        if (overview->why_not[0] != '\0')
                json_add_string(json, "why_not", overview->why_not);
        else
                json_add_null(json, "why_not");
        json_add_int(json, "sessions", overview->sessions);
        json_add_int(json, "uploads", overview->uploads);
        json_close_object(json);
}

static bool add_sums(void *context, const struct camera *camera)
{
        struct camera *sums = context;
        sums->frames += camera->frames;
        sums->bytes += camera->bytes;
        sums->id.value++;
        return true;
}

static bool add_catalogued(struct json *json, struct catalog *catalog,
                           const struct overview *overview, struct error *err)
{
        struct camera sums = {0};
        struct deletion_sums deleted;
        if (!catalog_cameras(catalog, add_sums, &sums, err) ||
            !catalog_deletion_sums(catalog, &deleted, err))
                return false;
        json_name(json, "pictures");
        json_open_object(json);
        json_add_int(json, "cameras", sums.id.value);
        json_add_int(json, "frames", sums.frames);
        json_add_int(json, "bytes", sums.bytes);
        json_close_object(json);
        json_name(json, "deletions");
        json_open_object(json);
        json_add_int(json, "total", deleted.deletions);
        json_add_int(json, "frames", deleted.frames);
        json_add_int(json, "bytes", deleted.bytes);
        json_name(json, "grace");
        json_seconds(json, overview->undo_ms);
        json_close_object(json);
        return true;
}

static bool write_system(struct request *request, struct json *json, struct catalog *catalog,
                         struct error *err)
{
        const struct overview_source *source = request->server->config.overview;
        struct overview *overview = calloc(1, sizeof *overview); /* too large for a stack */
        if (overview == NULL)
                return error_set(err, ERROR_FULL, "no memory for the overview");
        overview->reserve = -1;
        if (source != NULL)
                source->look(source->context, overview);
        json_open_object(json);
        json_add_string(json, "version", CCTVWEB_VERSION);
        json_add_utc(json, "started", request->server->started);
        bool fine = add_disk(request, json, catalog, overview, err) &&
                    add_catalogued(json, catalog, overview, err);
        if (fine) {
                add_ingest(json, overview);
                add_folders(json, overview, source != NULL ? source->context : NULL);
                add_ftp(json, overview);
                json_close_object(json);
        }
        free(overview);
        return fine;
}

bool call_system(struct request *request, struct error *err)
{
        return reply_catalog_json(request, OVERVIEW_BYTES_MOST, write_system, err);
}
