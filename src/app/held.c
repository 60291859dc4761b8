#include "app/held.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/record_facts.h"
#include "base/file.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/segment.h"

/* One that is held. */
struct hold {
        uint64_t handle;
        struct mono since;
        bool taken;
        bool old; /* of an earlier run; due at once */
};

enum { HOLDS_MOST = 65536, TAKEN_KEPT = 4096 };

struct held {
        char *directory;
        pthread_mutex_t lock; /* guards what follows */
        struct hold *holds;   /* in order of handles */
        size_t count, room;
        uint64_t next;
};

static void path_of(const struct held *held, uint64_t handle, char out[static PATH_MAX])
{
        snprintf(out, PATH_MAX, "%s/%" PRIu64 ".held", held->directory, handle);
}

/* ---- the list; the lock is held ---- */

static struct hold *find(struct held *held, uint64_t handle)
{
        size_t low = 0;
        size_t high = held->count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (held->holds[middle].handle < handle)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < held->count && held->holds[low].handle == handle ? &held->holds[low] : NULL;
}

/* Forgets the oldest of those that were taken, which are remembered for a while. */
static void forget_taken(struct held *held)
{
        size_t taken = 0;
        size_t kept = 0;
        for (size_t i = 0; i < held->count; i++)
                taken += held->holds[i].taken;
        if (taken < 2 * TAKEN_KEPT)
                return;
        for (size_t i = 0; i < held->count; i++) {
                if (held->holds[i].taken && taken > TAKEN_KEPT) {
                        taken--;
                        continue;
                }
                held->holds[kept++] = held->holds[i];
        }
        held->count = kept;
}

static bool add(struct held *held, const struct hold *hold, struct error *err)
{
        forget_taken(held);
        if (held->count >= HOLDS_MOST)
                return error_set(err, ERROR_FULL, "too many uploads wait to be renamed");
        if (held->count == held->room) {
                size_t room = held->room > 0 ? held->room * 2 : 64;
                struct hold *grown = reallocarray(held->holds, room, sizeof *grown);
                if (grown == NULL)
                        return error_set(err, ERROR_FULL, "no memory to hold an upload");
                held->holds = grown;
                held->room = room;
        }
        held->holds[held->count++] = *hold;
        if (hold->handle >= held->next)
                held->next = hold->handle + 1;
        return true;
}

/* ---- files ---- */

static bool write_file(const struct held *held, const char *path, struct upload *upload,
                       struct error *err)
{
        struct record_facts record = {.received = upload->ended};
        char facts[RECORD_FACTS_SIZE];
        char header[SEGMENT_PREFIX + SEGMENT_HEADER_MAX];
        const uint8_t *bytes;
        facts_init(&record.facts);
        memcpy(record.path, upload->path, sizeof record.path);
        record.path[sizeof record.path - 1] = '\0';
        snprintf(record.user, sizeof record.user, "%.63s", upload->user);
        record.facts.sequence = upload->account; /* the one number there is room for */
        record.facts.time = upload->started;
        size_t length = record_facts_format(&record, facts);
        if (!upload_view(upload, &bytes, err))
                return false;
        size_t header_length = segment_header_format(facts, length, upload->size,
                                                     segment_checksum(bytes, (size_t)upload->size),
                                                     header, sizeof header);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0)
                return error_sys(err, "hold an upload in %s", path);
        bool ok = file_write(fd, header, header_length) &&
                  file_write(fd, bytes, (size_t)upload->size) && fdatasync(fd) == 0;
        if (!ok)
                error_sys(err, "hold an upload in %s", path);
        close(fd);
        if (ok && disk_sync_folder(held->directory) < 0)
                ok = error_sys(err, "sync %s", held->directory);
        if (!ok)
                unlink(path);
        return ok;
}

/* The bytes behind the header. */
static bool read_bytes(int fd, int64_t length, struct upload *upload, struct error *err)
{
        while (length > 0) {
                uint8_t *at;
                size_t room;
                if (!upload_room(upload, &at, &room, err))
                        return false;
                ssize_t got = read(fd, at, room < (size_t)length ? room : (size_t)length);
                if (got <= 0)
                        return error_set(err, ERROR_CORRUPT, "a held upload is cut short");
                if (!upload_added(upload, (size_t)got, err))
                        return false;
                length -= got;
        }
        return true;
}

/* *torn_out: a crash came while it was written, so that nobody was told that it is safe. */
static bool read_file(const struct held *held, uint64_t handle, struct upload *upload,
                      bool *torn_out, struct error *err)
{
        char path[PATH_MAX];
        uint8_t header[SEGMENT_PREFIX + SEGMENT_HEADER_MAX];
        struct segment_record record;
        struct record_facts facts;
        path_of(held, handle, path);
        *torn_out = false;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return error_sys(err, "open %s", path);
        ssize_t got = read(fd, header, sizeof header);
        enum segment_read found =
                got >= 0 ? segment_header_parse(header, (size_t)got, 0, &record) : SEGMENT_NOTHING;
        bool ok = found == SEGMENT_RECORD;
        off_t size = lseek(fd, 0, SEEK_END);
        *torn_out = got == 0 || found == SEGMENT_SHORT ||
                    (ok && size < record.picture_offset + record.picture_length);
        if (!ok)
                error_set(err, ERROR_CORRUPT, "%s is no held upload, or is cut short", path);
        ok = ok && record_facts_parse(record.facts, record.facts_length, &facts, err) &&
             lseek(fd, record.picture_offset, SEEK_SET) >= 0 &&
             read_bytes(fd, record.picture_length, upload, err);
        close(fd);
        if (!ok)
                return false;
        upload->account = facts.facts.sequence;
        upload->started = facts.facts.time;
        upload->ended = facts.received;
        memcpy(upload->path, facts.path, sizeof upload->path);
        memcpy(upload->user, facts.user, sizeof facts.user);
        const uint8_t *bytes;
        return upload_view(upload, &bytes, err) &&
               (segment_checksum(bytes, (size_t)upload->size) == record.checksum ||
                error_set(err, ERROR_CORRUPT, "%s is damaged", path));
}

static bool read_directory(struct held *held, struct error *err)
{
        DIR *folder = opendir(held->directory);
        const struct dirent *entry;
        bool ok = true;
        if (folder == NULL)
                return error_sys(err, "read %s", held->directory);
        while (ok && (entry = readdir(folder)) != NULL) {
                char *end = NULL;
                struct hold hold = {.handle = strtoull(entry->d_name, &end, 10),
                                    .old = true,
                                    .since = {INT64_MIN / 2}};
                if (hold.handle != 0 && hold.handle != UINT64_MAX && strcmp(end, ".held") == 0)
                        ok = add(held, &hold, err);
        }
        closedir(folder);
        return ok;
}

static int by_handle(const void *a, const void *b)
{
        const struct hold *x = a;
        const struct hold *y = b;
        return (x->handle > y->handle) - (x->handle < y->handle);
}

/* ---- operations ---- */

bool held_create(const char *directory, struct held **held_out, struct error *err)
{
        struct held *held = calloc(1, sizeof *held);
        if (held == NULL || (held->directory = strdup(directory)) == NULL) {
                free(held);
                return error_set(err, ERROR_FULL, "no memory for held uploads");
        }
        pthread_mutex_init(&held->lock, NULL);
        held->next = 1;
        bool ok = mkdir(directory, 0777) == 0 || errno == EEXIST ||
                  error_sys(err, "make %s", directory);
        ok = ok && read_directory(held, err);
        if (ok && held->count > 0)
                qsort(held->holds, held->count, sizeof *held->holds, by_handle);
        *held_out = held;
        if (!ok)
                held_destroy(held_out);
        return ok;
}

void held_destroy(struct held **held)
{
        struct held *gone = *held;
        *held = NULL;
        if (gone == NULL)
                return;
        pthread_mutex_destroy(&gone->lock);
        free(gone->holds);
        free(gone->directory);
        free(gone);
}

bool held_put(struct held *held, struct upload *upload, uint64_t *handle_out, struct error *err)
{
        char path[PATH_MAX];
        struct hold hold = {.since = mono_now()};
        pthread_mutex_lock(&held->lock);
        hold.handle = held->next++;
        pthread_mutex_unlock(&held->lock);
        path_of(held, hold.handle, path);
        if (!write_file(held, path, upload, err))
                return false;
        pthread_mutex_lock(&held->lock);
        bool ok = add(held, &hold, err);
        pthread_mutex_unlock(&held->lock);
        if (!ok)
                unlink(path);
        *handle_out = hold.handle;
        return ok;
}

bool held_take(struct held *held, uint64_t handle, struct upload_budget *budget,
               enum held_state *state_out, struct upload **upload_out, struct error *err)
{
        pthread_mutex_lock(&held->lock);
        struct hold *hold = find(held, handle);
        *state_out = hold == NULL ? HELD_NOTHING : hold->taken ? HELD_TAKEN : HELD_HERE;
        if (hold != NULL)
                hold->taken = true;
        pthread_mutex_unlock(&held->lock);
        if (*state_out != HELD_HERE)
                return true;
        struct upload *upload = upload_create(held->directory, budget);
        if (upload == NULL) {
                held_keep(held, handle);
                return error_set(err, ERROR_FULL, "no memory for a held upload");
        }
        bool torn = false;
        if (!read_file(held, handle, upload, &torn, err)) {
                upload_free(&upload);
                if (torn) {
                        log_warn("ftp", "held-torn", "why=\"%s\"", err->text);
                        held_done(held, handle);
                } else if (err->kind != ERROR_CORRUPT) {
                        held_keep(held, handle);
                }
                return false;
        }
        *upload_out = upload;
        return true;
}

void held_keep(struct held *held, uint64_t handle)
{
        pthread_mutex_lock(&held->lock);
        struct hold *hold = find(held, handle);
        if (hold != NULL) {
                hold->taken = false;
                hold->since = mono_now();
        }
        pthread_mutex_unlock(&held->lock);
}

void held_done(struct held *held, uint64_t handle)
{
        char path[PATH_MAX];
        path_of(held, handle, path);
        if (unlink(path) < 0 && errno != ENOENT)
                log_warn("ftp", "held-not-removed", "path=\"%s\" why=\"%s\"", path,
                         strerrordesc_np(errno));
}

uint64_t held_due(struct held *held, struct mono now, bool *old_out)
{
        uint64_t handle = 0;
        pthread_mutex_lock(&held->lock);
        for (size_t i = 0; i < held->count && handle == 0; i++) {
                const struct hold *hold = &held->holds[i];
                int64_t age_ns = now.ns - hold->since.ns;
                if (!hold->taken && age_ns >= HELD_SECONDS * INT64_C(1000000000)) {
                        handle = hold->handle;
                        *old_out = hold->old;
                }
        }
        pthread_mutex_unlock(&held->lock);
        return handle;
}

size_t held_count(struct held *held)
{
        size_t count = 0;
        pthread_mutex_lock(&held->lock);
        for (size_t i = 0; i < held->count; i++)
                count += !held->holds[i].taken;
        pthread_mutex_unlock(&held->lock);
        return count;
}
