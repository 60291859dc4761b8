#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

static bool open_regular(const char *path, struct extent *extent_out, struct error *err)
{
        /* O_NONBLOCK: a FIFO put in the file's place must not hold us up. */
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0) {
                if (errno == ENOENT || errno == ENOTDIR)
                        return error_set(err, ERROR_GONE, "%s is no longer there", path);
                return error_sys(err, "open %s", path);
        }
        struct stat status;
        if (fstat(fd, &status) < 0) {
                error_sys(err, "stat %s", path);
                close(fd);
                return false;
        }
        if (!S_ISREG(status.st_mode)) {
                close(fd);
                return error_set(err, ERROR_GONE, "%s is no longer a file", path);
        }
        *extent_out = (struct extent){
                .fd = fd,
                .length = status.st_size,
                .modified = {(int64_t)status.st_mtim.tv_sec * 1000 +
                             status.st_mtim.tv_nsec / 1000000},
        };
        return true;
}

bool store_open_file(const char *folder_path, const char *name, struct extent *extent_out,
                     struct error *err)
{
        char path[PATH_MAX];
        int length = snprintf(path, sizeof path, "%s/%s", folder_path, name);
        if (length < 0 || (size_t)length >= sizeof path)
                return error_set(err, ERROR_INPUT, "the path below %s is too long", folder_path);
        return open_regular(path, extent_out, err);
}

bool store_open_segment(const char *data_directory, const char *path, int64_t offset,
                        int64_t length, struct extent *extent_out, struct error *err)
{
        char whole[PATH_MAX];
        struct extent extent;
        int used = snprintf(whole, sizeof whole, "%s/frames/%s", data_directory, path);
        if (used < 0 || (size_t)used >= sizeof whole)
                return error_set(err, ERROR_INPUT, "the path of the data folder is too long");
        if (!open_regular(whole, &extent, err))
                return false;
        if (offset < 0 || length < 0 || offset > extent.length || length > extent.length - offset) {
                close(extent.fd);
                return error_set(err, ERROR_GONE, "%s is shorter than it was", whole);
        }
        extent.offset = offset;
        extent.length = length;
        *extent_out = extent;
        return true;
}
