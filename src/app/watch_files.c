#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/watch_job.h"
#include "base/log.h"

enum {
        SETTLE_MS = 1000, /* a file found has to keep still for this long */
        LOOK_MS = 200,    /* between looks at a file that is waited for */
        TRIES = 10,       /* at a file that cannot be read */
        RETRY_MS = 1000,
        TOUCHED_MAX = 200000 /* files remembered while a scan runs */
};

void watch_note_file(struct watch *watch, size_t root, const char *folder, const char *name,
                     enum watch_what what)
{
        bool new = false;
        struct pending_file *file = pending_note(&watch->pending, folder, name, &new);
        if (file == NULL) {
                log_error("watch", "no-memory", "%s", "scanning instead");
                watch_scan_want(watch->scan);
                return;
        }
        if (new) {
                file->root = root;
                file->first = watch->now;
                file->due = watch->now;
        }
        if (what == WATCH_CLOSED || what == WATCH_MOVED_IN) {
                file->whole = true;
                file->due = watch->now;
        } else if (what == WATCH_GONE) {
                file->due = watch->now;
        }
}

void watch_note_folder_gone(struct watch *watch, const char *path)
{
        bool new = false;
        struct pending_file *folder = pending_note(&watch->pending, path, NULL, &new);
        if (folder == NULL) {
                watch_scan_want(watch->scan);
                return;
        }
        folder->folder = true;
        folder->due = watch->now;
}

static struct batch *batch_of(struct watch *watch)
{
        if (watch->batch == NULL)
                watch->batch = ingest_batch(watch->config.ingest);
        if (watch->batch != NULL)
                watch->batch->in_order = true;
        return watch->batch;
}

static void submit(struct watch *watch)
{
        struct error err = {0};
        if (watch->batch == NULL)
                return;
        if (ingest_submit(watch->config.ingest, &watch->batch, &err))
                return;
        log_error("watch", "not-taken", "why=\"%s\"", err.text);
        watch_scan_want(watch->scan); /* which finds them again */
}

static void forget_open_folder(struct watch *watch)
{
        if (watch->open_fd >= 0)
                close(watch->open_fd);
        free(watch->open_path);
        watch->open_fd = -1;
        watch->open_path = NULL;
}

/* The folder `path` is in, open; -1 and errno when it cannot be. Kept for the next file. */
static int open_folder_of(struct watch *watch, const char *path, size_t length)
{
        if (watch->open_path != NULL && strlen(watch->open_path) == length &&
            memcmp(watch->open_path, path, length) == 0)
                return watch->open_fd;
        forget_open_folder(watch);
        watch->open_path = strndup(path, length);
        if (watch->open_path == NULL) {
                errno = ENOMEM;
                return -1;
        }
        watch->open_fd = open(watch->open_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (watch->open_fd < 0) {
                int number = errno;
                forget_open_folder(watch);
                errno = number;
                return -1;
        }
        return watch->open_fd;
}

/* While a scan runs it may hand over later what it saw earlier; so look once more afterwards. */
static void remember_touched(struct watch *watch, const struct pending_file *file)
{
        bool new = false;
        if (!watch->counters.scanning)
                return;
        if (watch->touched.count >= TOUCHED_MAX) {
                watch_scan_want(watch->scan);
                pending_finish(&watch->touched);
        }
        struct pending_file *touched = pending_note(&watch->touched, file->path, NULL, &new);
        if (touched != NULL) {
                touched->root = file->root;
                touched->folder = file->folder;
        }
}

/* True when the file has kept still for long enough to be opened; *as_it_is: even without an end.
 */
static bool has_settled(struct watch *watch, struct pending_file *file, const struct stat *status,
                        bool *as_it_is)
{
        struct utc modified = picture_modified(status);
        if (file->bytes != status->st_size || file->modified.ms != modified.ms) {
                file->since = watch->now;
                file->bytes = status->st_size;
                file->modified = modified;
        }
        int64_t still_ms = (watch->now.ns - file->since.ns) / MS;
        int64_t age_ms = utc_now().ms - modified.ms;
        if (age_ms > still_ms)
                still_ms = age_ms;
        *as_it_is = still_ms >= WATCH_GIVE_UP_MS;
        return still_ms >= SETTLE_MS;
}

static bool wait_for(struct watch *watch, struct pending_file *file, int milliseconds)
{
        file->due.ns = watch->now.ns + milliseconds * MS;
        return false;
}

static bool failed(struct watch *watch, struct pending_file *file, int number)
{
        char why[128];
        if (++file->failures < TRIES)
                return wait_for(watch, file, RETRY_MS);
        log_error("watch", "not-read", "path=\"%s\" why=\"%s\"", file->path,
                  strerror_r(number, why, sizeof why));
        return true;
}

static bool gone(struct watch *watch, const struct pending_file *file, size_t folder_length,
                 const char *name)
{
        struct batch *batch = batch_of(watch);
        char *folder = strndup(file->path, folder_length);
        if (batch != NULL && folder != NULL)
                batch_add_vanished(batch, batch_folder(batch, folder), name);
        free(folder);
        remember_touched(watch, file);
        return true;
}

static bool take(struct watch *watch, struct pending_file *file, const char *name, bool as_it_is)
{
        const char *root = watch->roots.paths[file->root];
        const char *below = watch->open_path + strlen(root);
        struct batch *batch = batch_of(watch);
        struct taken taken;
        if (batch == NULL)
                return failed(watch, file, ENOMEM);
        while (*below == '/')
                below++;
        const struct take_from from = {
                .folder_fd = watch->open_fd,
                .folder_path = watch->open_path,
                .relative = below,
                .name = name,
        };
        switch (take_file(&watch->taker, &from, utc_now(), as_it_is, batch, &taken)) {
        case TAKE_GONE: return gone(watch, file, strlen(watch->open_path), name);
        case TAKE_UNFINISHED: return wait_for(watch, file, LOOK_MS);
        case TAKE_FAILED: return failed(watch, file, taken.number);
        case TAKE_REFUSED: return gone(watch, file, strlen(watch->open_path), name);
        case TAKE_FRAME:
        case TAKE_SKIPPED: break;
        }
        remember_touched(watch, file);
        return true;
}

static bool look_at(void *context, struct pending_file *file)
{
        struct watch *watch = context;
        struct stat status;
        bool as_it_is = file->whole;
        if (watch->batch != NULL && watch->batch->count >= BATCH_FULL)
                submit(watch);
        if (file->folder) {
                struct batch *batch = batch_of(watch);
                if (batch != NULL)
                        batch_add_sweep(batch, batch_folder(batch, file->path));
                remember_touched(watch, file);
                return true;
        }
        const char *slash = strrchr(file->path, '/');
        size_t folder_length = slash > file->path ? (size_t)(slash - file->path) : 1;
        int fd = open_folder_of(watch, file->path, folder_length);
        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
                return gone(watch, file, folder_length, slash + 1);
        if (fd < 0)
                return failed(watch, file, errno);
        if (fstatat(fd, slash + 1, &status, AT_SYMLINK_NOFOLLOW) < 0) {
                if (errno == ENOENT || errno == ENOTDIR)
                        return gone(watch, file, folder_length, slash + 1);
                return failed(watch, file, errno);
        }
        if (!S_ISREG(status.st_mode))
                return gone(watch, file, folder_length, slash + 1);
        if (!file->whole && !has_settled(watch, file, &status, &as_it_is))
                return wait_for(watch, file, LOOK_MS);
        return take(watch, file, slash + 1, as_it_is);
}

struct mono watch_look_at_files(struct watch *watch)
{
        struct mono due = pending_visit(&watch->pending, watch->now, look_at, watch);
        forget_open_folder(watch);
        submit(watch);
        return due;
}
