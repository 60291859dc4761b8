#include "app/data_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"

/* Byte 0 is locked by everybody, byte 1 by the receiver too. Locks of the open file (OFD), so that
 * they hold against other threads of the process and end when the descriptor is closed. */
static bool lock_byte(int fd, short type, int64_t byte)
{
        struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
        return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool data_lock(const char *data_directory, enum data_use use, int *fd_out, struct error *err)
{
        char path[PATH_MAX];
        int length = snprintf(path, sizeof path, "%s/lock", data_directory);
        if (length < 0 || (size_t)length >= sizeof path)
                return error_set(err, ERROR_INPUT, "the path of the data folder is too long");
        if (!folder_make(data_directory, err))
                return false;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd < 0)
                return error_sys(err, "open %s", path);
        if (!lock_byte(fd, use == DATA_ALONE ? F_WRLCK : F_RDLCK, 0) ||
            (use != DATA_SHARED && !lock_byte(fd, F_WRLCK, 1))) {
                bool taken = errno == EAGAIN || errno == EACCES;
                if (!taken)
                        error_sys(err, "lock %s", path);
                close(fd);
                if (!taken)
                        return false;
                return error_set(err, ERROR_CONFLICT,
                                 use == DATA_ALONE
                                         ? "%s is in use by another cctvweb: stop it first"
                                 : use == DATA_RECEIVER
                                         ? "another cctvweb receives into %s, or works on it alone"
                                         : "another cctvweb works on %s alone: wait for its end",
                                 data_directory);
        }
        *fd_out = fd;
        return true;
}
