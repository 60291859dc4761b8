#include "app/spare_room.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"

enum { SPARE_LEAST = 64 << 10, DESCRIPTORS = 8, THUMBNAILS_MOST = 512 };

static bool path_of(const char *data_directory, const char *name, char out[static PATH_MAX])
{
        int length = snprintf(out, PATH_MAX, "%s/%s", data_directory, name);
        return length > 0 && length < PATH_MAX;
}

static int64_t free_bytes(const char *directory)
{
        struct statvfs status;
        return statvfs(directory, &status) < 0
                       ? INT64_MAX /* nothing is known: nothing is done */
                       : (int64_t)status.f_bavail * (int64_t)status.f_frsize;
}

bool spare_is_kept(const char *data_directory)
{
        char path[PATH_MAX];
        struct stat status;
        return path_of(data_directory, "spare", path) && stat(path, &status) == 0 &&
               (int64_t)status.st_blocks * 512 >= SPARE_BYTES;
}

bool spare_keep(const char *data_directory)
{
        char path[PATH_MAX];
        if (!path_of(data_directory, "spare", path))
                return false;
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return false;
        off_t size = SPARE_BYTES;
        while (size >= SPARE_LEAST && posix_fallocate(fd, 0, size) != 0)
                size /= 2;
        close(fd);
        return size == SPARE_BYTES;
}

/* nftw has no context: how many were removed is counted over all calls, of which there is one. */
static int remove_thumbnail(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
        static int removed;
        (void)status;
        if (type == FTW_F && ftw->level == 2 && unlink(path) == 0)
                removed++;
        return removed >= THUMBNAILS_MOST;
}

void spare_use(const char *data_directory)
{
        char path[PATH_MAX];
        int64_t before = free_bytes(data_directory);
        if (before >= SPARE_BYTES)
                return;
        if (path_of(data_directory, "spare", path))
                (void)unlink(path);
        if (free_bytes(data_directory) < SPARE_LEAST && path_of(data_directory, "cache", path))
                (void)nftw(path, remove_thumbnail, DESCRIPTORS, FTW_PHYS);
        log_warn("serve", "no-room", "free=%" PRId64 " with-spare=%" PRId64, before,
                 free_bytes(data_directory));
}
