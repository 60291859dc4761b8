#include "app/ftp.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "app/data_lock.h"
#include "app/ftp_inside.h"
#include "app/spare_room.h"
#include "base/log.h"

enum {
        LOOK_MS = 1000,
        RETRY_S = 30,
        HIT_S = 5,
        CHANGED_S = 5,
        STOP_SECONDS = 3,
        DATA_SECONDS = 10,
        STALL_SECONDS = 30,
        MEMORY_MOST = 128 << 20, /* of uploads */
        RESERVE_PART = 50        /* 2 % of the disk, if that is less than the setting */
};

/* ---- what the server asks; on the network thread ---- */

static void on_login(void *context, struct ftp_ticket ticket, const char *user,
                     const char *password, const char *peer)
{
        struct ftp *ftp = context;
        accounts_login(ftp->accounts, ticket, user, password, peer);
}

static void on_login_gone(void *context, struct ftp_ticket ticket)
{
        struct ftp *ftp = context;
        accounts_forget(ftp->accounts, ticket);
}

static bool on_admit(void *context, int64_t account, enum ftp_outcome *outcome_out,
                     const char **why_out)
{
        struct ftp *ftp = context;
        (void)account;
        if (!atomic_load(&ftp->disk_low) && !atomic_load(&ftp->disk_hit))
                return true;
        atomic_fetch_add(&ftp->refused_full, 1);
        *outcome_out = FTP_NO_SPACE;
        *why_out = "the disk is full, or nearly so";
        return false;
}

static void on_received(void *context, struct ftp_ticket ticket, struct upload **upload)
{
        struct ftp *ftp = context;
        receiver_take(ftp->receiver, ticket, upload);
}

static void on_cut(void *context, struct upload **upload)
{
        struct ftp *ftp = context;
        receiver_take_cut(ftp->receiver, upload);
}

static void on_publish(void *context, struct ftp_ticket ticket, uint64_t handle, const char *path)
{
        struct ftp *ftp = context;
        receiver_publish(ftp->receiver, ticket, handle, path);
}

static void on_dropped(void *context, uint64_t handle)
{
        struct ftp *ftp = context;
        receiver_drop(ftp->receiver, handle);
}

static void on_turned(void *context)
{
        struct ftp *ftp = context;
        receiver_go(ftp->receiver);
}

static void on_said(void *context, int64_t account, const char *peer, bool by_client,
                    const char *line, size_t length)
{
        struct ftp *ftp = context;
        session_log_add(ftp->log, account, peer, by_client, line, length);
}

/* ---- answers; on threads of receiver, ingest and accounts ---- */

/* The server is there before anything of its own waits for an answer, though it may be so new that
 * its starter has not yet put it in its place. */
static struct ftp_server *server_of(struct ftp *ftp)
{
        pthread_mutex_lock(&ftp->lock);
        struct ftp_server *server = ftp->server;
        pthread_mutex_unlock(&ftp->lock);
        return server;
}

static void answer_uploads(void *context, const struct ftp_answer *answers, size_t count)
{
        struct ftp_server *server = server_of(context);
        if (server != NULL)
                ftp_server_answer(server, answers, count);
}

static void answer_login(void *context, struct ftp_ticket ticket, enum ftp_login result,
                         const struct ftp_account *account)
{
        struct ftp_server *server = server_of(context);
        if (server != NULL)
                ftp_server_answer_login(server, ticket, result, account);
}

static void on_account_ended(void *context, int64_t account)
{
        struct ftp_server *server = server_of(context);
        log_info("ftp", "account-changed", "account=%" PRId64, account);
        if (server != NULL)
                ftp_server_end_account(server, account);
}

/* ---- the disk ---- */

/* Whether a write found no room, other than what the figures say (a quota, ...): for a moment, then
 * it is tried again. */
static bool was_hit(struct ftp *ftp)
{
        struct mono now = mono_now();
        if (atomic_exchange(&ftp->disk_hit, false))
                ftp->hit_until.ns = now.ns + HIT_S * INT64_C(1000000000);
        return now.ns < ftp->hit_until.ns;
}

static void tell_disk(struct ftp *ftp, bool low, int64_t free_bytes, int64_t reserve)
{
        char text[RECEPTION_TROUBLE_SIZE];
        snprintf(text, sizeof text,
                 !low ? "there is room again: %" PRId64 " MB are free, the reserve is %" PRId64
                        " MB"
                 : free_bytes < reserve ? "%" PRId64
                                          " MB are free, less than the reserve of %" PRId64
                                          " MB: cameras are told 452 until there is room"
                                        : "a write found no room, though %" PRId64
                                          " MB are free and the reserve is %" PRId64
                                          " MB: cameras are told 452 until there is room",
                 free_bytes >> 20, reserve >> 20);
        if (low)
                log_error("ftp", "disk-full", "why=\"%s\"", text);
        else
                log_info("ftp", "disk-has-room", "why=\"%s\"", text);
        if (ftp->config.alert != NULL)
                ftp->config.alert(ftp->config.context, "disk-full", text, low);
}

static void look_at_disk(struct ftp *ftp)
{
        struct statvfs status;
        if (statvfs(ftp->data_directory, &status) < 0)
                return;
        int64_t free_bytes = (int64_t)status.f_bavail * (int64_t)status.f_frsize;
        int64_t part = (int64_t)status.f_blocks * (int64_t)status.f_frsize / RESERVE_PART;
        int64_t reserve = ftp->reserve_bytes < part ? ftp->reserve_bytes : part;
        /* Room for the next start comes before that for pictures. */
        if (!ftp->spare_kept)
                ftp->spare_kept =
                        spare_is_kept(ftp->data_directory) ||
                        (free_bytes > reserve + 2 * SPARE_BYTES && spare_keep(ftp->data_directory));
        if (!ftp->spare_kept)
                reserve += SPARE_BYTES;
        atomic_store(&ftp->free_bytes, free_bytes);
        atomic_store(&ftp->reserve, reserve);
        bool was = atomic_load(&ftp->disk_low);
        /* It is over when there is some more, or it would be told again and again. */
        bool low = was_hit(ftp) || free_bytes < (was ? reserve + reserve / 4 : reserve);
        atomic_store(&ftp->disk_low, low);
        if (low != was)
                tell_disk(ftp, low, free_bytes, reserve);
}

/* Told by a write that found no room; the next look says when that is over. */
static void on_disk_full(void *context)
{
        struct ftp *ftp = context;
        if (!atomic_exchange(&ftp->disk_hit, true))
                log_error("ftp", "disk-full", "why=\"%s\"", "a write found no room");
}

static void on_found(void *context, int64_t account, const char *peer, struct camera_id camera)
{
        struct ftp *ftp = context;
        session_log_attribute(ftp->log, account, peer, camera);
}

/* ---- the server ---- */

static bool start_server(struct ftp *ftp, struct error *err)
{
        struct ftp_server_config config = ftp->server_config;
        config.host = (struct ftp_host){
                .context = ftp,
                .login = on_login,
                .login_gone = on_login_gone,
                .admit = on_admit,
                .received = on_received,
                .cut = on_cut,
                .publish = on_publish,
                .dropped = on_dropped,
                .turned = on_turned,
                .open_frame = ftp_open_frame,
                .said = on_said,
        };
        pthread_mutex_lock(&ftp->lock);
        bool ok = ftp_server_start(&config, &ftp->server, err);
        if (!ok && ftp->any_interface && access("/proc/net/if_inet6", F_OK) < 0) {
                config.listen = "0.0.0.0:2121";
                ok = ftp_server_start(&config, &ftp->server, err);
        }
        if (ok)
                snprintf(ftp->listening, sizeof ftp->listening, "%s", config.listen);
        pthread_mutex_unlock(&ftp->lock);
        if (!ok)
                return false;
        log_info("ftp", "listening", "port=%u tls-port=%u", (unsigned)ftp_server_port(ftp->server),
                 (unsigned)ftp_server_tls_port(ftp->server));
        return true;
}

static void look_at_accounts(struct ftp *ftp)
{
        struct error err = {0};
        bool any = false;
        if (!accounts_review(ftp->accounts, &any, &err)) {
                if (!ftp->review_failed)
                        log_warn("ftp", "accounts-not-reviewed", "why=\"%s\"", err.text);
                ftp->review_failed = true;
                return;
        }
        ftp->review_failed = false;
        if (!any || ftp->off || ftp->server != NULL || mono_now().ns < ftp->next_try.ns)
                return;
        if (!start_server(ftp, &err)) {
                ftp->next_try.ns = mono_now().ns + RETRY_S * INT64_C(1000000000);
                log_error("ftp", "not-started", "why=\"%s\" retry-s=%d", err.text, RETRY_S);
        }
}

static void *run_keeper(void *context)
{
        struct ftp *ftp = context;
        pthread_setname_np(pthread_self(), "ftp-keeper");
        pthread_mutex_lock(&ftp->keeper_lock);
        while (!ftp->stopping) {
                struct timespec until;
                clock_gettime(CLOCK_MONOTONIC, &until);
                until.tv_sec += LOOK_MS / 1000;
                if (ftp->looks_done == ftp->looks_wanted)
                        pthread_cond_timedwait(&ftp->keeper_wake, &ftp->keeper_lock, &until);
                if (ftp->stopping)
                        break;
                unsigned wanted = ftp->looks_wanted;
                pthread_mutex_unlock(&ftp->keeper_lock);
                look_at_disk(ftp);
                look_at_accounts(ftp);
                pthread_mutex_lock(&ftp->keeper_lock);
                ftp->looks_done = wanted;
                pthread_cond_broadcast(&ftp->keeper_wake);
        }
        pthread_mutex_unlock(&ftp->keeper_lock);
        return NULL;
}

void ftp_cameras_changed(struct ftp *ftp)
{
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += CHANGED_S;
        receiver_cameras_changed(ftp->receiver);
        pthread_mutex_lock(&ftp->keeper_lock);
        unsigned mine = ++ftp->looks_wanted;
        pthread_cond_broadcast(&ftp->keeper_wake);
        int late = 0;
        while (late == 0 && !ftp->stopping && (int)(ftp->looks_done - mine) < 0)
                late = pthread_cond_timedwait(&ftp->keeper_wake, &ftp->keeper_lock, &until);
        pthread_mutex_unlock(&ftp->keeper_lock);
}

/* ---- beginning ---- */

/* A copy that lives as long as `ftp`. */
static const char *keep(struct ftp *ftp, const char *text)
{
        if (text == NULL)
                return NULL;
        assert(ftp->text_count < FTP_TEXTS);
        return ftp->texts[ftp->text_count++] = strdup(text);
}

/* "50000-50100" */
static bool take_ports(struct ftp *ftp, const char *text, struct error *err)
{
        char *middle = NULL;
        char *end = NULL;
        if (text == NULL)
                return true;
        unsigned long first = strtoul(text, &middle, 10);
        unsigned long last = *middle == '-' ? strtoul(middle + 1, &end, 10) : 0;
        if (end == NULL || *end != '\0' || first < 1024 || last > 65535 || first > last)
                return error_set(err, ERROR_INPUT,
                                 "ftp_ports: \"%s\" is no range of ports like 50000-50100", text);
        ftp->server_config.passive_first = (uint16_t)first;
        ftp->server_config.passive_last = (uint16_t)last;
        return true;
}

static bool take_settings(struct ftp *ftp, const struct settings *settings, struct error *err)
{
        struct ftp_server_config *config = &ftp->server_config;
        const char *listen = settings_text(settings, SETTING_FTP);
        const char *address = settings_text(settings, SETTING_FTP_PUBLIC_ADDRESS);
        struct in_addr parsed;
        ftp->off = listen == NULL || strcmp(listen, "off") == 0;
        ftp->any_interface = settings->values[SETTING_FTP].source == SOURCE_DEFAULT;
        ftp->wanted = settings->values[SETTING_FTP].source != SOURCE_DEFAULT && !ftp->off;
        ftp->data_directory = strdup(settings_text(settings, SETTING_DATA));
        ftp->reserve_bytes = settings_number(settings, SETTING_RESERVE_MB) << 20;
        if (address != NULL && inet_pton(AF_INET, address, &parsed) != 1)
                return error_set(err, ERROR_INPUT, "ftp_public_address: \"%s\" is no IPv4 address",
                                 address);
        if (!take_ports(ftp, settings_text(settings, SETTING_FTP_PORTS), err))
                return false;
        config->listen = keep(ftp, listen);
        config->listen_tls = keep(ftp, settings_text(settings, SETTING_FTPS));
        config->certificate = keep(ftp, settings_text(settings, SETTING_TLS_CERT));
        config->key = keep(ftp, settings_text(settings, SETTING_TLS_KEY));
        config->public_address = keep(ftp, address);
        const char *required = settings_text(settings, SETTING_TLS_REQUIRED);
        config->tls_required = required != NULL && strcmp(required, "yes") == 0;
        config->sessions_max = (unsigned)settings_number(settings, SETTING_FTP_SESSIONS);
        config->idle_seconds = (int)settings_number(settings, SETTING_FTP_IDLE_S);
        config->data_seconds = DATA_SECONDS;
        config->stall_seconds = STALL_SECONDS;
        config->upload_max = settings_number(settings, SETTING_UPLOAD_MAX_MB) << 20;
        config->memory_max = MEMORY_MOST;
        if ((config->certificate == NULL) != (config->key == NULL))
                return error_set(err, ERROR_INPUT, "tls_cert and tls_key belong together");
        if (config->certificate == NULL && (config->listen_tls != NULL || config->tls_required))
                return error_set(err, ERROR_INPUT,
                                 "ftps and tls_required need tls_cert and tls_key");
        return ftp->data_directory != NULL || error_set(err, ERROR_FULL, "no memory for FTP");
}

/* A session takes two descriptors while it sends. */
static void raise_descriptors(const struct ftp_server_config *config)
{
        struct rlimit limit;
        rlim_t wanted = (rlim_t)config->sessions_max * 2 + 4096;
        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
                return;
        limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > wanted
                                 ? wanted
                                 : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < wanted)
                log_warn("ftp", "few-descriptors", "limit=%llu wanted=%llu",
                         (unsigned long long)limit.rlim_cur, (unsigned long long)wanted);
}

static bool start_receiver(struct ftp *ftp, const struct settings *settings, struct error *err)
{
        struct recovery recovery = {0};
        const char *durability = settings_text(settings, SETTING_DURABILITY);
        bool os = durability != NULL && strcmp(durability, "os") == 0;
        struct receiver_config config = {
                .data_directory = ftp->data_directory,
                .zone = settings_text(settings, SETTING_ZONE),
                .path_template = settings_text(settings, SETTING_TEMPLATE),
                .ingest = ftp->config.ingest,
                .durability = os ? DURABILITY_OS : DURABILITY_SYNC,
                .quarantine_bytes = settings_number(settings, SETTING_QUARANTINE_MB) << 20,
                .attachment_bytes = settings_number(settings, SETTING_ATTACHMENTS_MB) << 20,
                .answer = answer_uploads,
                .found = on_found,
                .disk_full = on_disk_full,
                .context = ftp,
        };
        if (!receiver_start(&config, &ftp->receiver, &recovery, err))
                return false;
        ftp->server_config.spool_directory = receiver_incoming(ftp->receiver);
        if (recovery.segments > 0 || recovery.found > 0)
                log_info("ftp", "recovered",
                         "files=%" PRId64 " found=%" PRId64 " cut=%" PRId64 " cut-bytes=%" PRId64
                         " broken=%" PRId64 " missing=%" PRId64 " left=%" PRId64,
                         recovery.segments, recovery.found, recovery.cut, recovery.cut_bytes,
                         recovery.broken, recovery.missing, recovery.left);
        return true;
}

static bool start_rest(struct ftp *ftp, struct error *err)
{
        struct accounts_config accounts = {
                .data_directory = ftp->data_directory,
                .answer = answer_login,
                .ended = on_account_ended,
                .context = ftp,
        };
        bool any = false;
        ftp->log = session_log_create();
        if (ftp->log == NULL)
                return error_set(err, ERROR_FULL, "no memory for FTP");
        raise_descriptors(&ftp->server_config);
        if (!accounts_start(&accounts, &ftp->accounts, err) ||
            !accounts_review(ftp->accounts, &any, err))
                return false;
        look_at_disk(ftp);
        if (!ftp->off && (any || ftp->wanted) && !start_server(ftp, err))
                return false;
        ftp->keeper_runs = pthread_create(&ftp->keeper, NULL, run_keeper, ftp) == 0;
        return ftp->keeper_runs || error_set(err, ERROR_SYSTEM, "the FTP keeper did not start");
}

bool ftp_start(const struct ftp_config *config, struct ftp **ftp_out, struct error *err)
{
        struct ftp *ftp = calloc(1, sizeof *ftp);
        if (ftp == NULL)
                return error_set(err, ERROR_FULL, "no memory for FTP");
        pthread_condattr_t steady;
        pthread_condattr_init(&steady);
        pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
        pthread_mutex_init(&ftp->lock, NULL);
        pthread_mutex_init(&ftp->keeper_lock, NULL);
        pthread_cond_init(&ftp->keeper_wake, &steady);
        pthread_condattr_destroy(&steady);
        ftp->config = *config;
        ftp->config.settings = NULL;
        ftp->data_fd = -1;
        *ftp_out = ftp;
        if (take_settings(ftp, config->settings, err) &&
            data_lock(ftp->data_directory, DATA_RECEIVER, &ftp->data_fd, err) &&
            start_receiver(ftp, config->settings, err) && start_rest(ftp, err))
                return true;
        ftp_stop(ftp_out);
        return false;
}

static void free_texts(struct ftp *ftp)
{
        for (size_t i = 0; i < ftp->text_count; i++)
                free(ftp->texts[i]);
        free(ftp->data_directory);
}

void ftp_stop(struct ftp **ftp)
{
        struct ftp *gone = *ftp;
        *ftp = NULL;
        if (gone == NULL)
                return;
        pthread_mutex_lock(&gone->keeper_lock);
        gone->stopping = true;
        pthread_cond_broadcast(&gone->keeper_wake);
        pthread_mutex_unlock(&gone->keeper_lock);
        if (gone->keeper_runs)
                pthread_join(gone->keeper, NULL);
        /* What was received is stored and answered while the network still stands; its budget and
         * its ear are needed until nobody has an upload or an answer any more. */
        if (gone->server != NULL)
                ftp_server_stop(gone->server, STOP_SECONDS);
        receiver_stop(&gone->receiver);
        accounts_stop(&gone->accounts);
        ftp_server_free(&gone->server);
        session_log_destroy(&gone->log);
        catalog_close(&gone->frames);
        if (gone->data_fd >= 0)
                close(gone->data_fd);
        pthread_cond_destroy(&gone->keeper_wake);
        pthread_mutex_destroy(&gone->keeper_lock);
        pthread_mutex_destroy(&gone->lock);
        free_texts(gone);
        free(gone);
}
