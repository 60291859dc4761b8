#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/segment.h"
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

/* A picture hardly ever begins with zeros; one that was freed does, and has no header any more. */
static bool is_freed(int fd, int64_t offset, int64_t length)
{
        uint8_t room[SEGMENT_PREFIX + SEGMENT_HEADER_MAX];
        struct segment_record record;
        if (length < 2 || pread(fd, room, 2, offset) != 2 || room[0] != 0 || room[1] != 0)
                return false;
        size_t before = offset < (int64_t)sizeof room ? (size_t)offset : sizeof room;
        return pread(fd, room, before, offset - (int64_t)before) == (ssize_t)before &&
               !segment_header_before(room, before, offset, &record);
}

bool store_hold(int fd, int64_t offset, int64_t length, struct error *err)
{
        struct flock lock = {.l_type = F_RDLCK,
                             .l_whence = SEEK_SET,
                             .l_start = (off_t)offset,
                             .l_len = (off_t)(length > 0 ? length : 1)};
        /* Where a file system knows no locks, we do without. */
        if (fcntl(fd, F_OFD_SETLK, &lock) < 0 && (errno == EAGAIN || errno == EACCES))
                return error_set(err, ERROR_GONE, "the picture is being removed for good");
        return !is_freed(fd, offset, length) ||
               error_set(err, ERROR_GONE, "the picture was removed for good");
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
        if (!store_hold(extent.fd, offset, length, err)) {
                close(extent.fd);
                return error_prefix(err, "%s", whole);
        }
        extent.offset = offset;
        extent.length = length;
        *extent_out = extent;
        return true;
}
