#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/ftp_inside.h"
#include "app/upload_addresses.h"
#include "parse/json_scan.h"

enum { NOTE_MOST = 8192 };

static struct aside *aside_of(void *context, enum reception_kind kind)
{
        struct ftp *ftp = context;
        return kind == RECEPTION_QUARANTINE ? receiver_quarantine(ftp->receiver)
                                            : receiver_attachments(ftp->receiver);
}

static int64_t count(void *context, enum reception_kind kind, const char *owner)
{
        return aside_count(aside_of(context, kind), owner);
}

static void account_owner(void *context, const char *user, char out[static RECEPTION_OWNER_SIZE])
{
        (void)context;
        receiver_account_owner(user, out);
}

/* A text of an item's note; empty when there is none. */
static void read_note(struct aside *aside, const char *owner, const char *id, const char *wanted,
                      struct text *out)
{
        char note[NOTE_MOST];
        struct error err = {0};
        struct aside_file file;
        const char *name;
        const char *value;
        size_t name_length;
        size_t value_length;
        if (!aside_open_note(aside, owner, id, &file, &err))
                return;
        ssize_t got = pread(file.fd, note, sizeof note, 0);
        close(file.fd);
        struct json_scan scan = {note, note + (got > 0 ? got : 0)};
        /* The texts come first. */
        for (char before = '{';
             json_scan_char(&scan, before) && json_scan_string(&scan, &name, &name_length) &&
             json_scan_char(&scan, ':') && json_scan_string(&scan, &value, &value_length);
             before = ',') {
                if (name_length != strlen(wanted) || memcmp(name, wanted, name_length) != 0)
                        continue;
                json_scan_unescape(value, value_length, out);
                return;
        }
}

static void read_reason(struct aside *aside, const char *owner, struct reception_item *item)
{
        struct text reason;
        text_init(&reason, item->reason, sizeof item->reason);
        read_note(aside, owner, item->id, "reason", &reason);
}

static size_t list(void *context, enum reception_kind kind, const char *owner, const char *after,
                   struct reception_item *items, size_t room)
{
        struct aside *aside = aside_of(context, kind);
        struct aside_item *found = calloc(room, sizeof *found);
        size_t number = found != NULL ? aside_list(aside, owner, after, found, room) : 0;
        for (size_t i = 0; i < number; i++) {
                memcpy(items[i].id, found[i].id, sizeof items[i].id);
                items[i].time = found[i].time;
                items[i].bytes = found[i].bytes;
                items[i].reason[0] = '\0';
                aside_name(found[i].id, items[i].name, sizeof items[i].name);
                if (kind == RECEPTION_QUARANTINE)
                        read_reason(aside, owner, &items[i]);
        }
        free(found);
        return number;
}

static void add_reason(struct rejections *rejections, const char *reason)
{
        int at = 0;
        while (at < rejections->count && strcmp(rejections->reasons[at].reason, reason) != 0)
                at++;
        if (at == REJECTION_REASONS)
                return;
        struct rejection *rejection = &rejections->reasons[at];
        if (at == rejections->count) {
                *rejection = (struct rejection){0};
                snprintf(rejection->reason, sizeof rejection->reason, "%s", reason);
                rejections->count++;
        }
        rejection->count++;
        for (; at > 0 && rejections->reasons[at - 1].count < rejections->reasons[at].count; at--) {
                struct rejection more = rejections->reasons[at];
                rejections->reasons[at] = rejections->reasons[at - 1];
                rejections->reasons[at - 1] = more;
        }
}

/* A note is opened once a run: of items that an earlier one left. */
static void rejections(void *context, const struct camera *camera, struct rejections *out)
{
        static_assert((int)REJECTS <= (int)REJECTION_REASONS, "all reasons fit");
        struct aside *aside = aside_of(context, RECEPTION_QUARANTINE);
        struct aside_item found[RECEPTION_ITEMS];
        struct reception_item item;
        *out = (struct rejections){.total = aside_count(aside, camera->directory)};
        if (out->total == 0)
                return;
        size_t number = aside_list(aside, camera->directory, NULL, found, RECEPTION_ITEMS);
        for (size_t i = 0; i < number; i++) {
                enum reject reject = (enum reject)found[i].tag;
                if (reject == REJECT_NONE) {
                        memcpy(item.id, found[i].id, sizeof item.id);
                        item.reason[0] = '\0';
                        read_reason(aside, camera->directory, &item);
                        reject = reject_of_sentence(item.reason);
                        aside_set_tag(aside, camera->directory, item.id, (uint8_t)reject);
                }
                add_reason(out, reject == REJECT_NONE ? "other" : reject_word(reject));
        }
}

static bool open_item(void *context, enum reception_kind kind, const char *owner, const char *id,
                      struct reception_file *file_out, struct error *err)
{
        struct aside_file file;
        if (!aside_open(aside_of(context, kind), owner, id, &file, err))
                return false;
        *file_out = (struct reception_file){file.fd, file.length};
        return true;
}

static size_t read_log(void *context, int64_t account, const char *user, struct camera_id camera,
                       struct reception_line lines[static RECEPTION_LINES])
{
        struct ftp *ftp = context;
        struct session_line *said = calloc(SESSION_LOG_LINES, sizeof *said);
        size_t number = said != NULL ? session_log_read(ftp->log, account, user, camera, said) : 0;
        for (size_t i = 0; i < number; i++) {
                lines[i].time = said[i].time;
                lines[i].by_camera = said[i].by_client;
                memcpy(lines[i].peer, said[i].peer, sizeof lines[i].peer);
                memcpy(lines[i].text, said[i].text, sizeof lines[i].text);
        }
        free(said);
        return number;
}

static bool trouble(void *context, char out[static RECEPTION_TROUBLE_SIZE])
{
        struct ftp *ftp = context;
        if (!atomic_load(&ftp->disk_low))
                return false;
        snprintf(out, RECEPTION_TROUBLE_SIZE,
                 "the disk is nearly full: %" PRId64 " MB are free, cameras are refused below "
                 "%" PRId64 " MB",
                 (int64_t)atomic_load(&ftp->free_bytes) >> 20,
                 (int64_t)atomic_load(&ftp->reserve) >> 20);
        return true;
}

struct reception ftp_reception(struct ftp *ftp)
{
        static_assert((int)RECEPTION_ID_SIZE == (int)ASIDE_ID_SIZE, "ids fit");
        static_assert((int)RECEPTION_OWNER_SIZE == (int)ASIDE_OWNER_SIZE, "owners fit");
        static_assert((int)RECEPTION_LINES == (int)SESSION_LOG_LINES, "lines fit");
        static_assert(sizeof((struct reception_line){0}.text) ==
                              sizeof((struct session_line){0}.text),
                      "texts fit");
        static_assert(sizeof((struct reception_line){0}.peer) ==
                              sizeof((struct session_line){0}.peer),
                      "peers fit");
        return (struct reception){
                .context = ftp,
                .account_owner = account_owner,
                .count = count,
                .list = list,
                .open = open_item,
                .log = read_log,
                .rejections = rejections,
                .trouble = trouble,
        };
}

size_t ftp_rejected_paths(struct ftp *ftp, const struct camera *camera, struct received_path *paths,
                          size_t room)
{
        struct aside *aside = receiver_quarantine(ftp->receiver);
        struct aside_item found[RECEIVED_PATHS];
        size_t most = room < RECEIVED_PATHS ? room : RECEIVED_PATHS;
        size_t number = aside_list(aside, camera->directory, NULL, found, most);
        for (size_t i = 0; i < number; i++) {
                struct text path;
                text_init(&path, paths[i].path, sizeof paths[i].path);
                read_note(aside, camera->directory, found[i].id, "path", &path);
                paths[i].time = found[i].time;
                paths[i].rejected = true;
        }
        return number;
}

void ftp_target(struct ftp *ftp, struct upload_target *target_out)
{
        const struct ftp_server_config *config = &ftp->server_config;
        char listening[sizeof ftp->listening];
        *target_out = (struct upload_target){
                .off = ftp->off,
                .tls = config->certificate != NULL,
                .tls_required = config->tls_required,
                .passive_first = config->passive_first,
                .passive_last = config->passive_last,
        };
        if (ftp->off) {
                snprintf(target_out->why, sizeof target_out->why,
                         "FTP is switched off in the settings");
                return;
        }
        pthread_mutex_lock(&ftp->lock);
        if (ftp->server != NULL) {
                target_out->port = ftp_server_port(ftp->server);
                target_out->tls_port = ftp_server_tls_port(ftp->server);
        }
        snprintf(listening, sizeof listening, "%s",
                 ftp->server != NULL ? ftp->listening : config->listen);
        pthread_mutex_unlock(&ftp->lock);
        upload_addresses(listening, target_out);
        if (config->public_address == NULL || target_out->only_here)
                return;
        /* Whoever set it wants cameras to use it. */
        size_t more =
                target_out->count < UPLOAD_ADDRESSES ? target_out->count : UPLOAD_ADDRESSES - 1;
        memmove(target_out->addresses[1], target_out->addresses[0], more * UPLOAD_ADDRESS_SIZE);
        snprintf(target_out->addresses[0], UPLOAD_ADDRESS_SIZE, "%s", config->public_address);
        target_out->count = more + 1;
}
