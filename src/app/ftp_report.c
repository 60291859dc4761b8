#include <inttypes.h>
#include <stdio.h>

#include "app/ftp_inside.h"
#include "base/log.h"
#include "serve/frame_open.h"
#include "serve/metrics.h"

/* On the network thread: a row and an open. */
bool ftp_open_frame(void *context, const struct frame_key *key, int *fd_out, int64_t *offset_out,
                    int64_t *length_out, struct error *err)
{
        struct ftp *ftp = context;
        struct frame frame;
        struct extent extent;
        if (ftp->frames == NULL &&
            !catalog_open(ftp->data_directory, CATALOG_READ, &ftp->frames, err))
                return false;
        if (!catalog_frame(ftp->frames, key, &frame, err) ||
            !frame_open(ftp->frames, ftp->data_directory, &frame, &extent, err))
                return false;
        *fd_out = extent.fd;
        *offset_out = extent.offset;
        *length_out = extent.length;
        return true;
}

static void add_seconds(struct text *out, const char *name, const char *help, int64_t ns)
{
        metrics_head(out, name, "counter", help);
        text_add_format(out, "%s %" PRId64 ".%09" PRId64 "\n", name, ns / 1000000000,
                        ns % 1000000000);
}

struct figure {
        const char *name, *type, *help;
        int64_t value;
};

static void add_figures(struct text *out, const struct figure *figures, size_t count)
{
        for (size_t i = 0; i < count; i++)
                metrics_add(out, figures[i].name, figures[i].type, figures[i].help,
                            figures[i].value);
}

static void add_server(struct ftp_server *server, struct text *out)
{
        struct ftp_counters counters;
        ftp_server_counters(server, &counters);
        const struct figure figures[] = {
                {"cctvweb_ftp_sessions", "gauge", "Sessions open now.", counters.sessions},
                {"cctvweb_ftp_sessions_total", "counter", "Sessions.", counters.sessions_total},
                {"cctvweb_ftp_sessions_refused_total", "counter",
                 "Connections refused because there were too many.", counters.refused},
                {"cctvweb_ftp_logins_total", "counter", "Logins.", counters.logins},
                {"cctvweb_ftp_logins_failed_total", "counter", "Wrong user or password.",
                 counters.logins_failed},
                {"cctvweb_ftp_uploads_total", "counter", "Uploads that came whole.",
                 counters.uploads},
                {"cctvweb_ftp_uploads_cut_total", "counter", "Uploads that were cut.",
                 counters.uploads_cut},
                {"cctvweb_ftp_upload_bytes_total", "counter", "Bytes of uploads.",
                 counters.upload_bytes},
                {"cctvweb_ftp_uploads_open", "gauge", "Uploads that come or are being stored.",
                 counters.uploads_open},
                {"cctvweb_ftp_upload_memory_bytes", "gauge", "Memory of uploads.", counters.memory},
                {"cctvweb_ftp_answered_total", "counter", "Uploads answered 226.",
                 counters.answered},
        };
        add_figures(out, figures, sizeof figures / sizeof figures[0]);
        add_seconds(out, "cctvweb_ftp_answer_seconds_total",
                    "From the last byte of an upload to its 226, sum.", counters.answer_ns);
}

static void add_receiver(struct receiver *receiver, struct text *out)
{
        struct receiver_counters counters;
        receiver_counters(receiver, &counters);
        const struct figure figures[] = {
                {"cctvweb_received_frames_total", "counter", "Frames received and committed.",
                 counters.frames},
                {"cctvweb_received_bytes_total", "counter", "Bytes of them.", counters.bytes},
                {"cctvweb_received_attachments_total", "counter", "Uploads that are no pictures.",
                 counters.attachments},
                {"cctvweb_received_held_total", "counter", "Uploads under a temporary name.",
                 counters.held},
                {"cctvweb_received_holding", "gauge", "Of them, waiting to be renamed.",
                 counters.holding},
                {"cctvweb_received_failed_total", "counter",
                 "Uploads that could not be stored, and whose sender was told.", counters.failed},
                {"cctvweb_received_groups_total", "counter", "Groups of frames committed at once.",
                 counters.groups},
                {"cctvweb_received_group_largest", "gauge", "Uploads taken at once, most.",
                 counters.largest_group},
                {"cctvweb_received_queue", "gauge", "Uploads waiting for the receiver.",
                 counters.queue},
                {"cctvweb_received_aside_queue", "gauge", "Uploads waiting to be kept aside.",
                 counters.aside_queue},
                {"cctvweb_received_committing", "gauge", "Groups waiting for their commit.",
                 counters.committing},
                {"cctvweb_received_syncs_total", "counter", "Syncs of groups.", counters.syncs},
        };
        add_figures(out, figures, sizeof figures / sizeof figures[0]);
        add_seconds(out, "cctvweb_received_sync_seconds_total", "Time spent in them.",
                    counters.sync_ns);
        metrics_head(out, "cctvweb_received_rejects_total", "counter",
                     "Uploads put in quarantine, by why.");
        for (int i = REJECT_NONE + 1; i < REJECTS; i++)
                text_add_format(out, "cctvweb_received_rejects_total{reason=\"%s\"} %" PRId64 "\n",
                                reject_word((enum reject)i), counters.rejects[i]);
}

/* What is kept in quarantine and as attachments. */
static void add_aside(struct receiver *receiver, struct text *out)
{
        int64_t items[2];
        int64_t bytes[2];
        aside_totals(receiver_quarantine(receiver), &items[0], &bytes[0]);
        aside_totals(receiver_attachments(receiver), &items[1], &bytes[1]);
        const struct {
                const char *name, *help;
                const int64_t *values;
        } figures[] = {
                {"cctvweb_aside_items", "What is kept that is no frame.", items},
                {"cctvweb_aside_bytes", "Bytes of that.", bytes},
        };
        for (size_t i = 0; i < 2; i++) {
                const char *name = figures[i].name;
                metrics_head(out, name, "gauge", figures[i].help);
                text_add_format(out, "%s{where=\"quarantine\"} %" PRId64 "\n", name,
                                figures[i].values[0]);
                text_add_format(out, "%s{where=\"attachments\"} %" PRId64 "\n", name,
                                figures[i].values[1]);
        }
}

void ftp_metrics(struct ftp *ftp, struct text *out)
{
        struct accounts_counters accounts;
        pthread_mutex_lock(&ftp->lock);
        struct ftp_server *server = ftp->server;
        pthread_mutex_unlock(&ftp->lock);
        if (server != NULL)
                add_server(server, out);
        add_receiver(ftp->receiver, out);
        add_aside(ftp->receiver, out);
        accounts_counters(ftp->accounts, &accounts);
        const struct figure figures[] = {
                {"cctvweb_ftp_logins_remembered_total", "counter", "Logins without hashing.",
                 accounts.remembered},
                {"cctvweb_ftp_logins_hashed_total", "counter", "Passwords hashed.",
                 accounts.hashed},
                {"cctvweb_ftp_logins_later_total", "counter",
                 "Logins told to come back, since too many waited.", accounts.later},
                {"cctvweb_ftp_logins_waiting", "gauge", "Logins waiting.", accounts.waiting},
                {"cctvweb_disk_free_bytes", "gauge", "Free on the disk of the data folder.",
                 atomic_load(&ftp->free_bytes)},
                {"cctvweb_disk_reserve_bytes", "gauge", "Below this nothing more is received.",
                 atomic_load(&ftp->reserve)},
                {"cctvweb_disk_full", "gauge", "1 while uploads are refused for want of room.",
                 atomic_load(&ftp->disk_low)},
                {"cctvweb_ftp_refused_full_total", "counter", "Uploads refused for want of room.",
                 atomic_load(&ftp->refused_full)},
        };
        add_figures(out, figures, sizeof figures / sizeof figures[0]);
}

void ftp_overview(struct ftp *ftp, struct overview *out)
{
        struct ftp_counters counters = {0};
        struct upload_target target;
        int64_t items;
        pthread_mutex_lock(&ftp->lock);
        struct ftp_server *server = ftp->server;
        pthread_mutex_unlock(&ftp->lock);
        if (server != NULL)
                ftp_server_counters(server, &counters);
        ftp_target(ftp, &target);
        out->receives = true;
        out->listening = target.port != 0 || target.tls_port != 0;
        out->port = target.port != 0 ? target.port : target.tls_port;
        if (target.off)
                snprintf(out->why_not, sizeof out->why_not, "%s", target.why);
        out->sessions = counters.sessions;
        out->uploads = counters.uploads_open;
        out->full = atomic_load(&ftp->disk_low);
        out->reserve = atomic_load(&ftp->reserve);
        aside_totals(receiver_quarantine(ftp->receiver), &items, &out->quarantine_bytes);
        aside_totals(receiver_attachments(ftp->receiver), &items, &out->attachments_bytes);
}

void ftp_report(struct ftp *ftp)
{
        struct receiver_counters counters;
        struct ftp_counters network = {0};
        pthread_mutex_lock(&ftp->lock);
        struct ftp_server *server = ftp->server;
        pthread_mutex_unlock(&ftp->lock);
        receiver_counters(ftp->receiver, &counters);
        if (server != NULL)
                ftp_server_counters(server, &network);
        log_info("ftp", "progress",
                 "sessions=%" PRId64 " frames=%" PRId64 " queue=%" PRId64 " committing=%" PRId64
                 " held=%" PRId64 " failed=%" PRId64,
                 network.sessions, counters.frames, counters.queue, counters.committing,
                 counters.holding, counters.failed);
}
