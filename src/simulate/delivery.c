#include "simulate/delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 16384, UNIQUE_MAX = 1000, NAME_SIZE = 64 };

static struct civil local_time(const struct delivery *d, struct utc time)
{
        return d->zone != NULL ? zone_civil(d->zone, time) : utc_civil(time);
}

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

static bool enter(struct delivery *d, const char *path, struct error *err)
{
        if (d->folder >= 0 && strcmp(d->folder_path, path) == 0)
                return true;
        delivery_finish(d);
        if (!make_folders(d->directory, path, err))
                return false;
        char full[4096];
        int length = snprintf(full, sizeof full, "%s/%s", d->directory, path);
        if (length < 0 || (size_t)length >= sizeof full)
                return error_set(err, ERROR_INPUT, "the folder's path is too long");
        d->folder = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (d->folder < 0)
                return error_sys(err, "open the folder %s", full);
        snprintf(d->folder_path, sizeof d->folder_path, "%s", path);
        return true;
}

/* Creates a file that was not there: `name`, or with .1, .2 ... appended. */
static int create(const struct delivery *d, const char *name, char out[static NAME_SIZE])
{
        const char *format = d->rename ? ".in.%s." : "%s";
        snprintf(out, NAME_SIZE, format, name);
        for (int i = 1; i <= UNIQUE_MAX; i++) {
                int fd = openat(d->folder, out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                if (fd >= 0 || errno != EEXIST)
                        return fd;
                snprintf(out, NAME_SIZE, d->rename ? ".in.%s.%d." : "%s.%d", name, i);
        }
        errno = EEXIST;
        return -1;
}

static bool write_all(const struct delivery *d, int fd, const uint8_t *bytes, size_t length)
{
        while (length > 0) {
                size_t part = length < PIECE || !d->slowly ? length : PIECE;
                ssize_t n = write(fd, bytes, part);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return false;
                bytes += n;
                length -= (size_t)n;
                if (d->slowly && length > 0)
                        nanosleep(&(struct timespec){0, 2000000}, NULL);
        }
        return true;
}

/* Gives the finished file its name; never over another. */
static bool publish(const struct delivery *d, const char *written, const char *name,
                    struct error *err)
{
        char out[NAME_SIZE];
        snprintf(out, sizeof out, "%s", name);
        for (int i = 1; i <= UNIQUE_MAX; i++) {
                if (renameat2(d->folder, written, d->folder, out, RENAME_NOREPLACE) == 0)
                        return true;
                if (errno != EEXIST)
                        break;
                snprintf(out, sizeof out, "%s.%d", name, i);
        }
        return error_sys(err, "rename to %s/%s", d->folder_path, out);
}

static bool put(const struct delivery *d, const char *name, const struct upload *upload,
                const uint8_t *bytes, size_t length, struct error *err)
{
        char written[NAME_SIZE];
        int fd = create(d, name, written);
        if (fd < 0)
                return error_sys(err, "create %s/%s", d->folder_path, name);
        bool ok = write_all(d, fd, bytes, length);
        if (ok && d->past) {
                struct timespec when = {upload->due.ms / 1000, upload->due.ms % 1000 * 1000000};
                ok = futimens(fd, (struct timespec[]){when, when}) == 0;
        }
        if (!ok)
                error_sys(err, "write %s/%s", d->folder_path, name);
        if (close(fd) < 0 && ok)
                ok = error_sys(err, "close %s/%s", d->folder_path, name);
        return ok && (!d->rename || publish(d, written, name, err));
}

bool delivery_store(struct delivery *d, const uint8_t mac[static 6], const struct upload *upload,
                    const uint8_t *bytes, size_t length, struct error *err)
{
        struct civil t = local_time(d, upload->time);
        char path[64];
        snprintf(path, sizeof path, "%02x_%02x_%02x_%02x_%02x_%02x/%04d-%02d-%02d/%02d", mac[0],
                 mac[1], mac[2], mac[3], mac[4], mac[5], t.year, t.month, t.day, t.hour);
        char name[32];
        snprintf(name, sizeof name, "%02d_%02d_%02d.trig%c%02d.jpg", t.hour, t.minute, t.second,
                 upload->trigger < 0 ? '-' : '+',
                 upload->trigger < 0 ? -upload->trigger : upload->trigger);
        return enter(d, path, err) && put(d, name, upload, bytes, length, err);
}

void delivery_finish(struct delivery *d)
{
        if (d->folder >= 0)
                close(d->folder);
        d->folder = -1;
}
