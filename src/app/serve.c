#include "app/serve.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/camera_office.h"
#include "app/exports.h"
#include "app/ftp.h"
#include "app/ingest.h"
#include "app/keeper.h"
#include "app/overview.h"
#include "app/record_path.h"
#include "app/spare_room.h"
#include "app/watch.h"
#include "base/log.h"
#include "base/zone.h"
#include "parse/path_template.h"
#include "serve/host.h"
#include "serve/http.h"
#include "serve/metrics.h"

struct serve {
        char *data_directory;
        struct ingest *ingest;
        struct watch *watch;
        struct ftp *ftp;            /* NULL: another process receives into this folder */
        struct reception reception; /* of it */
        struct changes changes;     /* through ingest */
        struct keeper *keeper;
        struct trash trash; /* of it */
        struct overview_board *board;
        struct overview_source overview; /* of it */
        struct camera_office *office;
        struct camera_desk desk; /* of it */
        struct exports *exports;
        struct exporting exporting;       /* of it */
        _Atomic(struct watch *) watching; /* set once it runs; /metrics may ask before */
        /* Set once it runs; the writer, which is started before, looks at it. */
        _Atomic(struct server *) http;
        struct server *server;
};

static void on_commit(void *context, const struct frame *frames, size_t count)
{
        struct serve *serve = context;
        struct server *http = atomic_load(&serve->http);
        if (http != NULL)
                http_frames_arrived(http, frames, count);
}

static void on_camera(void *context, struct camera_id camera, const char *name)
{
        struct serve *serve = context;
        struct server *http = atomic_load(&serve->http);
        log_info("serve", "camera-new", "name=\"%s\"", name);
        if (http != NULL)
                http_camera_changed(http, camera);
}

static void on_progress(void *context, const struct watch_progress *progress)
{
        struct serve *serve = context;
        struct server *http = atomic_load(&serve->http);
        struct http_progress told = {
                .task = "scan",
                .folder = progress->folder,
                .done = progress->done,
                .total = progress->total,
                .rate = progress->rate,
        };
        overview_progress(serve->board, progress);
        if (http != NULL)
                http_progress(http, &told);
}

static void on_alert(void *context, const char *kind, const char *text, bool holds)
{
        struct serve *serve = context;
        struct server *http = atomic_load(&serve->http);
        if (http != NULL)
                http_alert(http, kind, text, holds);
}

static void add_ingest_metrics(struct ingest *ingest, struct text *out)
{
        struct ingest_counters counters;
        ingest_counters(ingest, &counters);
        const struct {
                const char *name, *type, *help;
                int64_t value;
        } rows[] = {
                {"cctvweb_ingest_frames_total", "counter", "Frames taken in.", counters.frames},
                {"cctvweb_ingest_bytes_total", "counter", "Bytes of them.", counters.bytes},
                {"cctvweb_ingest_added_total", "counter", "Of them, new.", counters.added},
                {"cctvweb_ingest_repeats_total", "counter", "Received again, and there already.",
                 counters.repeats},
                {"cctvweb_ingest_replaced_total", "counter", "Of them, in another's place.",
                 counters.replaced},
                {"cctvweb_ingest_vanished_total", "counter", "Frames whose file vanished.",
                 counters.vanished},
                {"cctvweb_ingest_errors_total", "counter", "Batches or commits that failed.",
                 counters.errors},
                {"cctvweb_ingest_commits_total", "counter", "Transactions.", counters.commits},
                {"cctvweb_ingest_queue", "gauge", "Batches waiting.", counters.queue_length},
                {"cctvweb_ingest_queue_limit", "gauge", "Batches that may wait.",
                 counters.queue_limit},
        };
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
                metrics_add(out, rows[i].name, rows[i].type, rows[i].help, rows[i].value);
        metrics_head(out, "cctvweb_ingest_commit_seconds_total", "counter",
                     "Time spent in transactions.");
        text_add_format(out, "cctvweb_ingest_commit_seconds_total %" PRId64 ".%09" PRId64 "\n",
                        counters.commit_ns / 1000000000, counters.commit_ns % 1000000000);
        metrics_head(out, "cctvweb_ingest_skipped_total", "counter",
                     "Files that are no frames, by why.");
        for (int i = SKIP_NONE + 1; i < SKIP_REASONS; i++)
                text_add_format(out, "cctvweb_ingest_skipped_total{reason=\"%s\"} %" PRId64 "\n",
                                skip_word((enum skip_reason)i), counters.skipped[i]);
}

static void add_keeper_metrics(struct keeper *keeper, struct text *out)
{
        struct keeper_counters counters;
        keeper_counters(keeper, &counters);
        metrics_add(out, "cctvweb_deleted_frames_total", "counter", "Frames deleted.",
                    counters.deleted);
        metrics_add(out, "cctvweb_restored_frames_total", "counter",
                    "Deleted frames that came back.", counters.restored);
        metrics_add(out, "cctvweb_purged_frames_total", "counter",
                    "Deleted frames that were removed for good.", counters.purged);
        metrics_add(out, "cctvweb_purged_bytes_total", "counter",
                    "Bytes that became free by that, as the file system counts.",
                    counters.purged_bytes);
        metrics_add(out, "cctvweb_purge_failures_total", "counter",
                    "Attempts at that which failed.", counters.failures);
}

static void add_metrics(void *context, struct text *out)
{
        struct serve *serve = context;
        add_ingest_metrics(serve->ingest, out);
        add_keeper_metrics(serve->keeper, out);
        if (serve->ftp != NULL)
                ftp_metrics(serve->ftp, out);
        struct watch *watch = atomic_load(&serve->watching);
        if (watch == NULL)
                return;
        struct watch_counters counters;
        watch_counters(watch, &counters);
        metrics_add(out, "cctvweb_watch_folders", "gauge", "Folders below the watched ones.",
                    counters.folders);
        metrics_add(out, "cctvweb_watch_watched", "gauge", "Of them, watched by the kernel.",
                    counters.watched);
        metrics_add(out, "cctvweb_watch_events_total", "counter", "Changes the kernel told of.",
                    counters.events);
        metrics_add(out, "cctvweb_watch_overflows_total", "counter",
                    "Times the kernel had more to tell than it kept.", counters.overflows);
        metrics_add(out, "cctvweb_watch_pending", "gauge", "Files that are waited for.",
                    counters.pending);
        metrics_add(out, "cctvweb_watch_scans_total", "counter", "Scans in the background.",
                    counters.scans);
        metrics_add(out, "cctvweb_watch_scanning", "gauge", "1 while one runs.", counters.scanning);
}

static bool start_ingest(struct serve *serve, const struct settings *settings, struct error *err)
{
        struct ingest_config config = {
                .data_directory = settings_text(settings, SETTING_DATA),
                .zone = settings_text(settings, SETTING_ZONE),
                .path_template = settings_text(settings, SETTING_TEMPLATE),
                .persist = true,
                .on_commit = on_commit,
                .on_camera = on_camera,
                .context = serve,
        };
        return ingest_start(&config, &serve->ingest, err);
}

static bool write_changes(void *context,
                          bool (*work)(void *work_context, struct catalog *catalog,
                                       struct error *err),
                          void *work_context, struct error *err)
{
        struct serve *serve = context;
        return ingest_call(serve->ingest, work, work_context, err);
}

/* ---- deleting ---- */

static void on_change(void *context, enum keeper_event event, const char *camera,
                      const struct stretch *stretch)
{
        static const char *const words[] = {
                [KEEPER_DELETED] = "deleted",
                [KEEPER_RESTORED] = "restored",
                [KEEPER_PURGED] = "purged",
        };
        struct serve *serve = context;
        struct server *http = atomic_load(&serve->http);
        if (http == NULL)
                return;
        if (event == KEEPER_DELETED)
                http_frames_deleted(http, stretch);
        http_stretch_changed(http, words[event], camera, stretch);
        http_camera_changed(http, stretch->camera);
}

static void on_look(void *context)
{
        struct serve *serve = context;
        overview_sample(serve->board);
}

static void on_purged(void *context, const struct frame *frames, size_t count)
{
        struct serve *serve = context;
        struct server *http = atomic_load(&serve->http);
        if (http != NULL)
                http_frames_purged(http, frames, count);
}

/* After recovery; one process alone takes bytes off the disk: the one that receives. */
static bool start_keeper(struct serve *serve, const struct settings *settings, struct error *err)
{
        const struct setting_value *managed = &settings->values[SETTING_MANAGE];
        struct keeper_config config = {
                .data_directory = settings_text(settings, SETTING_DATA),
                .ingest = serve->ingest,
                .undo_ms = settings_number(settings, SETTING_UNDO_HOURS) * 3600 * 1000,
                .managed = (const char *const *)managed->items,
                .managed_count = managed->count,
                .purges = serve->ftp != NULL,
                .on_change = on_change,
                .on_purged = on_purged,
                .on_look = on_look,
                .context = serve,
        };
        if (!overview_create(settings, serve->ingest, &serve->board, err) ||
            !keeper_start(&config, &serve->keeper, err))
                return false;
        serve->trash = keeper_trash(serve->keeper);
        overview_of(serve->board, serve->ftp, serve->keeper);
        serve->overview = overview_source(serve->board);
        return true;
}

/* ---- exporting ---- */

static void on_export(void *context, const struct export_row *row, int64_t done, bool removed)
{
        struct serve *serve = context;
        struct server *http = atomic_load(&serve->http);
        if (http != NULL)
                http_export_changed(http, row, done, removed);
}

static bool exporting_add(void *context, const struct export_order *order, int64_t frames,
                          struct export_row *row_out, struct error *err)
{
        struct serve *serve = context;
        return exports_add(serve->exports, order, frames, row_out, err);
}

static bool exporting_remove(void *context, int64_t id, struct export_row *row_out,
                             bool *removed_out, struct error *err)
{
        struct serve *serve = context;
        return exports_remove(serve->exports, id, row_out, removed_out, err);
}

static int64_t exporting_done(void *context, int64_t id)
{
        struct serve *serve = context;
        return exports_done(serve->exports, id);
}

static bool start_exports(struct serve *serve, const struct settings *settings, struct error *err)
{
        struct exports_config config = {
                .data_directory = settings_text(settings, SETTING_DATA),
                .ingest = serve->ingest,
                .bytes_most = settings_number(settings, SETTING_EXPORTS_MB) << 20,
                .bytes_free = settings_number(settings, SETTING_RESERVE_MB) << 20,
                .on_change = on_export,
                .context = serve,
        };
        serve->exporting = (struct exporting){
                .context = serve,
                .record_path = record_path,
                .add = exporting_add,
                .remove = exporting_remove,
                .done = exporting_done,
        };
        return exports_start(&config, &serve->exports, err);
}

static bool start_http(struct serve *serve, const struct settings *settings,
                       const struct listen_address *listen, struct error *err)
{
        const struct setting_value *hosts = &settings->values[SETTING_ALLOWED_HOSTS];
        struct http_config config = {
                .listen = *listen,
                .data_directory = settings_text(settings, SETTING_DATA),
                .threads = (int)settings_number(settings, SETTING_THREADS),
                .cache_bytes = settings_number(settings, SETTING_CACHE_MB) << 20,
                .allowed_hosts = (const char *const *)hosts->items,
                .allowed_host_count = hosts->count,
                .allowed_origin = settings_text(settings, SETTING_ALLOWED_ORIGIN),
                .add_metrics = add_metrics,
                .context = serve,
                .reception = serve->ftp != NULL ? &serve->reception : NULL,
                .changes = &serve->changes,
                .trash = &serve->trash,
                .overview = &serve->overview,
                .desk = &serve->desk,
                .exporting = &serve->exporting,
        };
        struct camera_office_config office = {settings, serve->ingest, serve->ftp};
        if (!camera_office_create(&office, &serve->office, err))
                return false;
        serve->desk = camera_office_desk(serve->office);
        serve->changes = (struct changes){.context = serve, .write = write_changes};
        if (!http_start(&config, &serve->server, err))
                return false;
        atomic_store(&serve->http, serve->server);
        return true;
}

/* Recovery comes first of all: what was acknowledged is there before anybody can ask. */
static bool start_ftp(struct serve *serve, const struct settings *settings, struct error *err)
{
        struct ftp_config config = {
                .settings = settings,
                .ingest = serve->ingest,
                .alert = on_alert,
                .context = serve,
        };
        if (ftp_start(&config, &serve->ftp, err)) {
                serve->reception = ftp_reception(serve->ftp);
                return true;
        }
        if (err->kind != ERROR_CONFLICT || settings->values[SETTING_FTP].source != SOURCE_DEFAULT)
                return error_prefix(err, "ftp");
        log_warn("ftp", "off", "why=\"%s\"", err->text);
        return true;
}

static bool start_watch(struct serve *serve, const struct settings *settings, struct error *err)
{
        const struct setting_value *folders = &settings->values[SETTING_FOLDERS];
        struct watch_config config = {
                .folders = (const char *const *)folders->items,
                .folder_count = folders->count,
                .zone = settings_text(settings, SETTING_ZONE),
                .path_template = settings_text(settings, SETTING_TEMPLATE),
                .data_directory = settings_text(settings, SETTING_DATA),
                .ingest = serve->ingest,
                .on_progress = on_progress,
                .context = serve,
        };
        if (folders->count == 0)
                return true;
        if (!watch_start(&config, &serve->watch, err))
                return false;
        atomic_store(&serve->watching, serve->watch);
        return true;
}

/* What can be wrong with the settings is said before anything is started or created. */
static bool check(const struct settings *settings, struct listen_address *listen_out,
                  struct error *err)
{
        struct zone *zone = NULL;
        struct path_template *template = NULL;
        const char *name = settings_text(settings, SETTING_ZONE);
        const char *path = settings_text(settings, SETTING_TEMPLATE);
        if (!listen_parse(settings_text(settings, SETTING_LISTEN), listen_out, err))
                return error_prefix(err, "listen");
        const char *origin = settings_text(settings, SETTING_ALLOWED_ORIGIN);
        if (origin != NULL && !origin_check(origin, err))
                return error_prefix(err, "allowed_origin");
        if (name != NULL && !zone_load(name, &zone, err))
                return error_prefix(err, "zone");
        zone_free(&zone);
        if (path != NULL && !path_template_compile(path, strlen(path), &template, err))
                return false; /* it says itself that it is the template */
        path_template_free(&template);
        return true;
}

bool serve_start(const struct settings *settings, struct serve **serve_out, struct error *err)
{
        struct listen_address listen;
        if (!check(settings, &listen, err))
                return false;
        struct serve *serve = calloc(1, sizeof *serve);
        if (serve == NULL)
                return error_set(err, ERROR_FULL, "no memory for the server");
        serve->data_directory = strdup(settings_text(settings, SETTING_DATA));
        if (serve->data_directory != NULL)
                spare_use(serve->data_directory);
        if (start_ingest(serve, settings, err) && start_ftp(serve, settings, err) &&
            start_keeper(serve, settings, err) && start_exports(serve, settings, err) &&
            start_http(serve, settings, &listen, err) && start_watch(serve, settings, err)) {
                *serve_out = serve;
                return true;
        }
        struct error ignored;
        (void)!serve_stop(&serve, &ignored);
        return false;
}

void serve_url(const struct serve *serve, char out[static SERVE_URL_SIZE])
{
        char address[HTTP_ADDRESS_SIZE];
        http_address(serve->server, address);
        snprintf(out, SERVE_URL_SIZE, "http://%s/", address);
}

void serve_report(struct serve *serve)
{
        struct ingest_counters ingest;
        ingest_counters(serve->ingest, &ingest);
        log_info("serve", "progress",
                 "frames=%" PRId64 " added=%" PRId64 " vanished=%" PRId64 " errors=%" PRId64
                 " queue=%" PRId64 "/%" PRId64 " commits=%" PRId64,
                 ingest.frames, ingest.added, ingest.vanished, ingest.errors, ingest.queue_length,
                 ingest.queue_limit, ingest.commits);
        if (serve->ftp != NULL)
                ftp_report(serve->ftp);
        if (serve->watch == NULL)
                return;
        struct watch_counters watch;
        watch_counters(serve->watch, &watch);
        log_info("watch", "progress",
                 "folders=%" PRId64 " watched=%" PRId64 " pending=%" PRId64 " scans=%" PRId64
                 " scanning=%d",
                 watch.folders, watch.watched, watch.pending, watch.scans, watch.scanning);
}

bool serve_stop(struct serve **serve, struct error *err)
{
        struct serve *gone = *serve;
        if (gone == NULL)
                return true;
        /* Viewers first, since /metrics looks at the others; then what brings, then what writes,
         * which until then may tell of commits. */
        if (gone->keeper != NULL)
                keeper_hurry(gone->keeper); /* viewers may wait for it */
        if (gone->server != NULL)
                http_stop(gone->server);
        if (gone->ingest != NULL)
                ingest_hurry(gone->ingest); /* else a scan waits until the disk has room again */
        exports_stop(&gone->exports);
        if (gone->watch != NULL)
                watch_stop(&gone->watch);
        ftp_stop(&gone->ftp);
        keeper_stop(&gone->keeper);
        bool fine = ingest_stop(&gone->ingest, err);
        http_free(&gone->server);
        overview_destroy(&gone->board);
        /* What the catalog needs only while it is open is room for the next start. */
        if (gone->data_directory != NULL && !spare_is_kept(gone->data_directory))
                (void)spare_keep(gone->data_directory);
        free(gone->data_directory);
        camera_office_destroy(&gone->office);
        free(gone);
        *serve = NULL;
        return fine;
}
