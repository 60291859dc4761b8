#include "receive/picture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

struct utc picture_modified(const struct stat *status)
{
        return (struct utc){(int64_t)status->st_mtim.tv_sec * 1000 +
                            status->st_mtim.tv_nsec / 1000000};
}

enum picture_open picture_open(int folder_fd, const char *name, struct picture_file *file_out)
{
        int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
        int fd = openat(folder_fd, name, flags);
        if (fd < 0) {
                if (errno == ENOENT || errno == ENOTDIR)
                        return PICTURE_GONE;
                if (errno == ELOOP)
                        return PICTURE_LINK;
                return errno == ENXIO ? PICTURE_SPECIAL : PICTURE_FAILED;
        }
        file_out->fd = fd;
        file_out->missed = false;
        if (fstat(fd, &file_out->status) < 0) {
                int number = errno;
                close(fd);
                errno = number;
                return PICTURE_FAILED;
        }
        if (!S_ISREG(file_out->status.st_mode)) {
                close(fd);
                return PICTURE_SPECIAL;
        }
        file_out->bytes = file_out->status.st_size;
        file_out->modified = picture_modified(&file_out->status);
        return PICTURE_OPENED;
}

void picture_close(struct picture_file *file)
{
        if (file->fd >= 0)
                close(file->fd);
        file->fd = -1;
}

ssize_t picture_read(struct picture_file *file, void *buffer, size_t length, int64_t offset)
{
        /* What is cached comes at once; only else is it worth a call to say how it is read. */
        struct iovec into = {buffer, length};
        ssize_t got = preadv2(file->fd, &into, 1, offset, RWF_NOWAIT);
        if (got > 0 && ((size_t)got == length || offset + got >= file->bytes))
                return got;
        file->missed = true;
        posix_fadvise(file->fd, 0, 0, POSIX_FADV_RANDOM);
        do {
                got = pread(file->fd, buffer, length, offset);
        } while (got < 0 && errno == EINTR);
        return got;
}

bool picture_ended(struct picture_file *file)
{
        unsigned char tail[64];
        int64_t start = file->bytes > (int64_t)sizeof tail ? file->bytes - (int64_t)sizeof tail : 0;
        ssize_t got = picture_read(file, tail, sizeof tail, start);
        while (got > 2 && tail[got - 1] == 0)
                got--;
        return got >= 2 && tail[got - 2] == 0xff && tail[got - 1] == 0xd9;
}
