#include "app/purge.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/disk.h"
#include "store/segment.h"

enum { HEADER_ROOM = SEGMENT_PREFIX + SEGMENT_HEADER_MAX, PIECE = 64 << 10 };

/* ---- records of an hour file ---- */

struct work {
        const char *path;
        int fd;
        int64_t freed;
        struct frame *held; /* being read by somebody */
        size_t held_count;
        struct error *err;
};

/* Where the record of a picture begins; at the picture itself when there is no header any more. */
static int64_t record_start(int fd, const struct frame *frame)
{
        uint8_t room[HEADER_ROOM];
        struct segment_record record;
        int64_t offset = frame->place.offset;
        size_t length = offset < HEADER_ROOM ? (size_t)offset : HEADER_ROOM;
        if (pread(fd, room, length, offset - (int64_t)length) != (ssize_t)length ||
            !segment_header_before(room, length, offset, &record) ||
            record.picture_length != frame->bytes)
                return offset;
        return record.offset;
}

static bool lock_stretch(int fd, short type, int64_t offset, int64_t length)
{
        struct flock lock = {.l_type = type,
                             .l_whence = SEEK_SET,
                             .l_start = (off_t)offset,
                             .l_len = (off_t)length};
        return fcntl(fd, F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES);
}

static bool free_stretch(struct work *work, int64_t start, int64_t end)
{
        int64_t freed = 0;
        if (!segment_punch(work->fd, start, end - start, &freed, work->err))
                return error_prefix(work->err, "%s", work->path);
        work->freed += freed > 0 ? freed : 0; /* less when it grew meanwhile */
        return true;
}

/* Frames from `first` on whose records lie one after the other; returns how many. */
static size_t neighbours(const struct work *work, const struct frame *frames, size_t count,
                         int64_t *start_out, int64_t *end_out)
{
        size_t together = 1;
        *start_out = record_start(work->fd, &frames[0]);
        *end_out = frames[0].place.offset + frames[0].bytes;
        while (together < count && record_start(work->fd, &frames[together]) == *end_out) {
                *end_out = frames[together].place.offset + frames[together].bytes;
                together++;
        }
        return together;
}

static bool free_frames(struct work *work, struct frame *frames, size_t count, bool alone)
{
        int64_t start;
        int64_t end;
        for (size_t at = 0; at < count;) {
                size_t together =
                        neighbours(work, frames + at, alone ? 1 : count - at, &start, &end);
                if (!lock_stretch(work->fd, F_WRLCK, start, end - start)) {
                        if (together > 1) {
                                if (!free_frames(work, frames + at, together, true))
                                        return false;
                        } else {
                                work->held[work->held_count++] = frames[at];
                                frames[at].key.camera.value = 0;
                        }
                        at += together;
                        continue;
                }
                bool ok = free_stretch(work, start, end);
                (void)lock_stretch(work->fd, F_UNLCK, start, end - start);
                if (!ok)
                        return false;
                at += together;
        }
        return true;
}

/* The folder that something is in; false when the path has none, or is too long. */
static bool folder_of(const char *path, char out[static PATH_MAX])
{
        const char *slash = strrchr(path, '/');
        return slash != NULL &&
               snprintf(out, PATH_MAX, "%.*s", (int)(slash - path), path) < PATH_MAX;
}

/* The camera's folder, which the day's is in, is there: the file is gone, not the disk. */
static bool camera_is_there(const char *path)
{
        char day[PATH_MAX];
        char camera[PATH_MAX];
        return folder_of(path, day) && folder_of(day, camera) && access(camera, F_OK) == 0;
}

static bool open_file(const char *path, int *fd_out, bool *missing_out, struct error *err)
{
        *fd_out = disk_open(path, false);
        *missing_out = *fd_out < 0 && errno == ENOENT && camera_is_there(path);
        return *fd_out >= 0 || *missing_out || error_sys(err, "open %s", path);
}

/* Those that are held go behind the others. */
static size_t put_behind(const struct work *work, struct frame *frames, size_t count)
{
        size_t gone = 0;
        for (size_t i = 0; i < count; i++) {
                if (frames[i].key.camera.value != 0)
                        frames[gone++] = frames[i];
        }
        memcpy(frames + gone, work->held, work->held_count * sizeof *work->held);
        return gone;
}

bool purge_records(const char *path, struct frame *frames, size_t count, struct purged *purged_out,
                   struct error *err)
{
        struct work work = {.path = path, .err = err};
        bool missing = false;
        *purged_out = (struct purged){.gone = count};
        if (!open_file(path, &work.fd, &missing, err))
                return false;
        purged_out->missing = missing;
        if (missing)
                return true;
        work.held = malloc(count * sizeof *work.held);
        bool ok = work.held != NULL || error_set(err, ERROR_FULL, "no memory to purge frames");
        ok = ok && free_frames(&work, frames, count, false);
        if (ok && disk_sync(work.fd) < 0)
                ok = error_sys(err, "sync %s", path);
        if (ok) {
                purged_out->gone = put_behind(&work, frames, count);
                purged_out->freed = work.freed;
        }
        close(work.fd);
        free(work.held);
        return ok;
}

/* ---- whole hour files ---- */

static bool only_zeros(int fd, int64_t size, bool *zeros_out, struct error *err)
{
        uint8_t *piece = malloc(PIECE);
        off_t at = 0;
        bool ok = piece != NULL || error_set(err, ERROR_FULL, "no memory to look at an hour file");
        *zeros_out = ok;
        while (ok && *zeros_out && at < size) {
                off_t data = lseek(fd, at, SEEK_DATA);
                if (data < 0 && errno == ENXIO)
                        break; /* a hole to the end */
                at = data > at ? data : at;
                ssize_t got = pread(fd, piece, PIECE, at);
                if (got < 0)
                        ok = error_sys(err, "read an hour file");
                if (got <= 0)
                        break;
                *zeros_out = piece[0] == 0 && memcmp(piece, piece + 1, (size_t)got - 1) == 0;
                at += got;
        }
        free(piece);
        return ok;
}

bool purge_is_empty(const char *path, bool *empty_out, struct error *err)
{
        int fd;
        bool missing = false;
        struct stat status;
        *empty_out = true;
        if (!open_file(path, &fd, &missing, err))
                return false;
        if (missing)
                return true;
        bool ok = fstat(fd, &status) == 0 || error_sys(err, "stat %s", path);
        ok = ok && only_zeros(fd, status.st_size, empty_out, err);
        close(fd);
        return ok;
}

bool purge_unlink(const char *path, int64_t *freed, struct error *err)
{
        char day[PATH_MAX];
        char camera[PATH_MAX];
        struct stat status;
        if (!folder_of(path, day) || !folder_of(day, camera))
                return error_set(err, ERROR_INPUT, "%s: the path is too long", path);
        if (lstat(path, &status) == 0) {
                if (unlink(path) < 0)
                        return error_sys(err, "remove %s", path);
                *freed += (int64_t)status.st_blocks * 512;
        } else if (errno != ENOENT) {
                return error_sys(err, "stat %s", path);
        }
        /* Only goes when it is empty. Whoever is about to make a file in it makes it anew. */
        bool gone = rmdir(day) == 0 || errno == ENOENT;
        const char *changed = gone ? camera : day;
        return disk_sync_folder(changed) == 0 || error_sys(err, "sync the folder %s", changed);
}

/* ---- files of folders ---- */

int purge_open_folder(const char *root, const char *path)
{
        enum { WAY = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
        int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (path += strlen(root); fd >= 0 && *path != '\0';) {
                char name[NAME_MAX + 1];
                size_t length = strcspn(path, "/");
                int below = -1;
                int why = ENAMETOOLONG;
                if (length <= NAME_MAX) {
                        memcpy(name, path, length);
                        name[length] = '\0';
                        bool up = strcmp(name, "..") == 0;
                        below = up ? -1 : openat(fd, length > 0 ? name : ".", O_RDONLY | WAY);
                        why = up ? ELOOP : errno;
                }
                close(fd);
                errno = why;
                fd = below;
                path += length + (path[length] == '/');
        }
        return fd;
}

bool purge_file(int folder_fd, const struct frame *frame, int64_t *freed, struct error *err)
{
        struct stat status;
        const char *name = frame->place.name;
        if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT || error_sys(err, "stat %s", name);
        int64_t modified = (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
        /* Another file than the one that was deleted is none of ours. */
        if (!S_ISREG(status.st_mode) || status.st_size != frame->bytes ||
            modified != frame->received.ms)
                return true;
        if (unlinkat(folder_fd, name, 0) == 0) {
                *freed += status.st_nlink == 1 ? (int64_t)status.st_blocks * 512 : 0;
                return true;
        }
        return errno == ENOENT || error_sys(err, "remove %s", name);
}
