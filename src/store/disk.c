#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int disk_open(const char *path, bool create)
{
        int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT | O_EXCL : 0);
        return open(path, flags, 0666);
}

/* Moves past what is written. */
static void pass_over(struct iovec **pieces, int *count, size_t written)
{
        while (*count > 0 && written >= (*pieces)->iov_len) {
                written -= (*pieces)->iov_len;
                (*pieces)++;
                (*count)--;
        }
        if (*count > 0) {
                (*pieces)->iov_base = (char *)(*pieces)->iov_base + written;
                (*pieces)->iov_len -= written;
        }
}

int disk_write(int fd, struct iovec *pieces, int count, int64_t offset)
{
        pass_over(&pieces, &count, 0); /* empty pieces */
        while (count > 0) {
                ssize_t written = pwritev(fd, pieces, count, offset);
                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return -1;
                if (written == 0) {
                        errno = EIO;
                        return -1;
                }
                offset += written;
                pass_over(&pieces, &count, (size_t)written);
        }
        return 0;
}

void disk_start(int fd, int64_t offset, int64_t length)
{
        (void)sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE);
}

int disk_sync(int fd)
{
        return fdatasync(
                fd); /* never again after an error: the kernel drops what it could not write */
}

int disk_truncate(int fd, int64_t length)
{
        return ftruncate(fd, length);
}

int disk_allocate(int fd, int64_t offset, int64_t length)
{
        int result = fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length);
        return result < 0 && errno == EOPNOTSUPP ? 0 : result;
}

static int overwrite(int fd, int64_t offset, int64_t length)
{
        static const char zeros[64 << 10];
        while (length > 0) {
                size_t now = length < (int64_t)sizeof zeros ? (size_t)length : sizeof zeros;
                struct iovec piece = {(void *)zeros, now};
                if (disk_write(fd, &piece, 1, offset) < 0)
                        return -1;
                offset += (int64_t)now;
                length -= (int64_t)now;
        }
        return 0;
}

int disk_punch(int fd, int64_t offset, int64_t length)
{
        if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) == 0)
                return 0;
        return errno == EOPNOTSUPP || errno == ENOSYS ? overwrite(fd, offset, length) : -1;
}

int disk_make_folder(const char *path, bool *created_out)
{
        *created_out = mkdir(path, 0777) == 0;
        return *created_out || errno == EEXIST ? 0 : -1;
}

int disk_sync_folder(const char *path)
{
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -1;
        int result = fsync(fd);
        int why = errno;
        close(fd);
        errno = why;
        return result;
}
