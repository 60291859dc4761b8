#include "simulate/delivery_form.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 16384, UNIQUE_MAX = 1000, NAME_SIZE = 64 };

/* Makes each folder of a path below the directory that does not exist yet. */
static bool make_folders(const char *directory, const char *path, struct error *err)
{
        char full[4096];
        int length = snprintf(full, sizeof full, "%s/%s", directory, path);
        if (length < 0 || (size_t)length >= sizeof full)
                return error_set(err, ERROR_INPUT, "the folder's path is too long");
        for (char *at = full + 1;; at++) {
                if (*at != '/' && *at != '\0')
                        continue;
                char kept = *at;
                *at = '\0';
                if (mkdir(full, 0777) < 0 && errno != EEXIST)
                        return error_sys(err, "make the folder %s", full);
                *at = kept;
                if (kept == '\0')
                        return true;
        }
}

static bool enter(struct delivery_folder *d, const char *path, struct error *err)
{
        if (d->fd >= 0 && strcmp(d->path, path) == 0)
                return true;
        delivery_folder_rest(d);
        if (!make_folders(d->options->directory, path, err))
                return false;
        char full[4096];
        int length = snprintf(full, sizeof full, "%s/%s", d->options->directory, path);
        if (length < 0 || (size_t)length >= sizeof full)
                return error_set(err, ERROR_INPUT, "the folder's path is too long");
        d->fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (d->fd < 0)
                return error_sys(err, "open the folder %s", full);
        snprintf(d->path, sizeof d->path, "%s", path);
        return true;
}

/* Creates a file that was not there: `name`, or with .1, .2 ... appended. */
static int create(const struct delivery_folder *d, const char *name, char out[static NAME_SIZE])
{
        const char *format = d->options->rename ? ".in.%s." : "%s";
        snprintf(out, NAME_SIZE, format, name);
        for (int i = 1; i <= UNIQUE_MAX; i++) {
                int fd = openat(d->fd, out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                if (fd >= 0 || errno != EEXIST)
                        return fd;
                snprintf(out, NAME_SIZE, d->options->rename ? ".in.%s.%d." : "%s.%d", name, i);
        }
        errno = EEXIST;
        return -1;
}

static bool write_all(const struct delivery_folder *d, int fd, const uint8_t *bytes, size_t length)
{
        while (length > 0) {
                size_t part = length < PIECE || !d->options->slowly ? length : PIECE;
                ssize_t n = write(fd, bytes, part);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return false;
                bytes += n;
                length -= (size_t)n;
                if (d->options->slowly && length > 0)
                        nanosleep(&(struct timespec){0, 2000000}, NULL);
        }
        return true;
}

/* Gives the finished file its name; never over another. */
static bool publish(const struct delivery_folder *d, const char *written, const char *name,
                    struct error *err)
{
        char out[NAME_SIZE];
        snprintf(out, sizeof out, "%s", name);
        for (int i = 1; i <= UNIQUE_MAX; i++) {
                if (renameat2(d->fd, written, d->fd, out, RENAME_NOREPLACE) == 0)
                        return true;
                if (errno != EEXIST)
                        break;
                snprintf(out, sizeof out, "%s.%d", name, i);
        }
        return error_sys(err, "rename to %s/%s", d->path, out);
}

static bool put(const struct delivery_folder *d, const struct parcel *parcel, struct error *err)
{
        char written[NAME_SIZE];
        int fd = create(d, parcel->name, written);
        if (fd < 0)
                return error_sys(err, "create %s/%s", d->path, parcel->name);
        bool ok = write_all(d, fd, parcel->bytes, parcel->length);
        if (ok && d->options->past) {
                int64_t ms = parcel->due.ms;
                struct timespec when = {ms / 1000, ms % 1000 * 1000000};
                ok = futimens(fd, (struct timespec[]){when, when}) == 0;
        }
        if (!ok)
                error_sys(err, "write %s/%s", d->path, parcel->name);
        if (close(fd) < 0 && ok)
                ok = error_sys(err, "close %s/%s", d->path, parcel->name);
        return ok && (!d->options->rename || publish(d, written, parcel->name, err));
}

bool delivery_folder_store(struct delivery_folder *folder, const struct parcel *parcel,
                           struct error *err)
{
        return enter(folder, parcel->folder, err) && put(folder, parcel, err);
}

void delivery_folder_rest(struct delivery_folder *folder)
{
        if (folder->fd >= 0)
                close(folder->fd);
        folder->fd = -1;
}
