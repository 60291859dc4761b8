#include "app/export_make.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/export_encode.h"
#include "app/export_work.h"
#include "app/record_path.h"
#include "base/file.h"

enum { BLOCK = 256 << 10, LOOK_BYTES = 4 << 20 };

/* ---- the work ---- */

static bool open_work(struct export_work *work, const struct export_make *make, struct error *err)
{
        *work = (struct export_work){.make = make};
        if (!reader_pool_create(make->data_directory, 1, &work->readers, err))
                return false;
        struct range_source_config config = {
                .readers = work->readers,
                .data_directory = make->data_directory,
                .stretches = make->order->stretches,
                .count = make->order->count,
                .record_path = record_path,
        };
        if (!range_source_create(&config, &work->source, err))
                return false;
        /* What is encoded is fed as a film, which has the times. */
        enum export_format format =
                make->order->format == EXPORT_MP4 ? EXPORT_MOV : make->order->format;
        work->frames = range_source_frames(work->source);
        return export_file_name(work->frames, make->order->format, work->name, err) &&
               export_open(work->frames, format, utc_now(), &work->stream, err);
}

static void close_work(struct export_work *work)
{
        export_close(&work->stream);
        range_source_destroy(&work->source);
        reader_pool_destroy(&work->readers);
}

bool export_work_go_on(struct export_work *work, struct error *err)
{
        const struct export_make *make = work->make;
        if (make->progress == NULL ||
            make->progress(make->context, export_done(work->stream), work->frames->frames))
                return true;
        return error_set(err, ERROR_BUSY, "it was cancelled");
}

bool export_work_room(const struct export_work *work, int fd, int64_t bytes, struct error *err)
{
        struct statvfs disk;
        int64_t most = work->make->bytes_most;
        if (most > 0 && bytes > most)
                return error_set(err, ERROR_FULL,
                                 "it is larger than the %" PRId64
                                 " MB that are left for exports; remove some, or raise exports_mb",
                                 most >> 20);
        if (work->make->bytes_free == 0 || fstatvfs(fd, &disk) < 0)
                return true;
        /* What receiving keeps for itself (a part of a small disk), and half as much again: so that
         * exports stop before it has to. */
        int64_t part = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize / 50;
        int64_t kept = work->make->bytes_free < part ? work->make->bytes_free : part;
        if ((int64_t)disk.f_bavail * (int64_t)disk.f_frsize < kept + kept / 2)
                return error_set(err, ERROR_FULL,
                                 "the disk is nearly full; what is left is kept for pictures");
        return true;
}

/* Writes the stream; `bounded`: what limits a file is looked at. */
static bool copy_stream(struct export_work *work, int fd, bool bounded, int64_t *bytes_out,
                        struct error *err)
{
        char *block = malloc(BLOCK);
        int64_t length = export_length(work->stream);
        int64_t bytes = 0;
        int64_t looked_at = -LOOK_BYTES;
        size_t got = 1;
        bool fine = block != NULL || error_set(err, ERROR_FULL, "no memory for an export");
        /* An archive takes a little more than its pictures. */
        if (fine && bounded)
                fine = export_work_room(work, fd, length > 0 ? length : work->frames->bytes, err);
        while (fine && got > 0) {
                if (bounded && bytes - looked_at >= LOOK_BYTES) {
                        looked_at = bytes;
                        fine = export_work_room(work, fd, bytes, err);
                }
                fine = fine && export_read(work->stream, block, BLOCK, &got, err) &&
                       (file_write(fd, block, got) || error_sys(err, "write the export")) &&
                       export_work_go_on(work, err);
                bytes += (int64_t)got;
        }
        fine = fine && (!bounded || export_work_room(work, fd, bytes, err));
        free(block);
        *bytes_out = bytes;
        return fine;
}

/* ---- files ---- */

static bool open_file(const char *folder, const char *name, int flags, int *fd_out,
                      struct error *err)
{
        char path[PATH_MAX];
        int length = snprintf(path, sizeof path, "%s/%s", folder, name);
        if (length < 0 || (size_t)length >= sizeof path)
                return error_set(err, ERROR_INPUT, "the path of %s is too long", folder);
        *fd_out = open(path, flags | O_CLOEXEC, 0600);
        return *fd_out >= 0 || error_sys(err, "open %s", path);
}

/* What was written, by us or by ffmpeg, is on the disk. */
static bool sync_file(const char *folder, int64_t *bytes_out, struct error *err)
{
        struct stat status;
        int fd;
        if (!open_file(folder, EXPORT_MADE, O_RDONLY, &fd, err))
                return false;
        bool fine = (fstat(fd, &status) == 0 && fsync(fd) == 0) || error_sys(err, "sync an export");
        close(fd);
        *bytes_out = fine ? (int64_t)status.st_size : 0;
        return fine;
}

static bool make_file(struct export_work *work, struct error *err)
{
        const struct export_make *make = work->make;
        int64_t bytes;
        int fd;
        if (make->order->format == EXPORT_MP4)
                return export_encode(work, err);
        if (!open_file(make->folder, EXPORT_MADE, O_WRONLY | O_CREAT | O_EXCL, &fd, err))
                return false;
        bool fine = copy_stream(work, fd, true, &bytes, err);
        if (close(fd) < 0 && fine)
                fine = error_sys(err, "write the export");
        return fine;
}

static void set_made(const struct export_work *work, struct export_made *made_out, int64_t bytes)
{
        *made_out = (struct export_made){.frames = export_done(work->stream), .bytes = bytes};
        memcpy(made_out->name, work->name, sizeof made_out->name);
}

bool export_make(const struct export_make *make, struct export_made *made_out, struct error *err)
{
        struct export_work work;
        int64_t bytes;
        bool fine = open_work(&work, make, err) && make_file(&work, err) &&
                    sync_file(make->folder, &bytes, err);
        if (fine)
                set_made(&work, made_out, bytes);
        close_work(&work);
        return fine;
}

bool export_write(const struct export_make *make, int fd, struct export_made *made_out,
                  struct error *err)
{
        struct export_work work;
        int64_t bytes;
        bool fine = open_work(&work, make, err) && copy_stream(&work, fd, false, &bytes, err);
        if (fine)
                set_made(&work, made_out, bytes);
        close_work(&work);
        return fine;
}

void export_clean(const char *folder)
{
        static const char *const names[] = {EXPORT_MADE, EXPORT_TEXT};
        char path[PATH_MAX];
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                int length = snprintf(path, sizeof path, "%s/%s", folder, names[i]);
                if (length > 0 && (size_t)length < sizeof path)
                        unlink(path);
        }
        rmdir(folder);
}
