#include "disk_faults.h"

#include <errno.h>

#include "store/disk.h"

atomic_int calls;
int fail_at;
int fail_count = 1;
int fail_errno;
bool full;
bool pretend_room;
atomic_int failed_calls;
atomic_int sync_calls;

static bool fails(void)
{
        int call = atomic_fetch_add(&calls, 1) + 1;
        if (fail_at == 0 || call < fail_at || call >= fail_at + fail_count)
                return false;
        atomic_fetch_add(&failed_calls, 1);
        errno = fail_errno;
        return true;
}

int __real_disk_open(const char *path, bool create);
int __real_disk_write(int fd, struct iovec *pieces, int count, int64_t offset);
int __real_disk_sync(int fd);
int __real_disk_truncate(int fd, int64_t length);
int __real_disk_allocate(int fd, int64_t offset, int64_t length);
int __real_disk_make_folder(const char *path, bool *created_out);
int __real_disk_sync_folder(const char *path);
int __wrap_disk_open(const char *path, bool create);
int __wrap_disk_write(int fd, struct iovec *pieces, int count, int64_t offset);
int __wrap_disk_sync(int fd);
int __wrap_disk_truncate(int fd, int64_t length);
int __wrap_disk_allocate(int fd, int64_t offset, int64_t length);
int __wrap_disk_make_folder(const char *path, bool *created_out);
int __wrap_disk_sync_folder(const char *path);

int __wrap_disk_open(const char *path, bool create)
{
        return fails() ? -1 : __real_disk_open(path, create);
}

/* A write that fails leaves half of it there. */
int __wrap_disk_write(int fd, struct iovec *pieces, int count, int64_t offset)
{
        if (full)
                errno = ENOSPC;
        else if (!fails())
                return __real_disk_write(fd, pieces, count, offset);
        int why = errno;
        struct iovec half = {pieces[0].iov_base, pieces[0].iov_len / 2};
        (void)__real_disk_write(fd, &half, 1, offset);
        errno = why;
        return -1;
}

int __wrap_disk_sync(int fd)
{
        atomic_fetch_add(&sync_calls, 1);
        return fails() ? -1 : __real_disk_sync(fd);
}

int __wrap_disk_truncate(int fd, int64_t length)
{
        return fails() ? -1 : __real_disk_truncate(fd, length);
}

int __wrap_disk_allocate(int fd, int64_t offset, int64_t length)
{
        if (fails())
                return -1;
        return pretend_room ? 0 : __real_disk_allocate(fd, offset, length);
}

int __wrap_disk_make_folder(const char *path, bool *created_out)
{
        return fails() ? -1 : __real_disk_make_folder(path, created_out);
}

int __wrap_disk_sync_folder(const char *path)
{
        return fails() ? -1 : __real_disk_sync_folder(path);
}
