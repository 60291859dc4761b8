#include "store/begun.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/disk.h"
#include "store/frame_store.h"

/* Some 20,000 files; the catalog knows each within seconds. */
enum { BYTES_MOST = 1 << 20 };

bool begun_init(struct begun *begun, const char *path, struct error *err)
{
        *begun = (struct begun){.path = strdup(path), .fd = -1};
        return begun->path != NULL || error_set(err, ERROR_FULL, "no memory for the frame store");
}

static void close_file(struct begun *begun)
{
        if (begun->fd >= 0)
                close(begun->fd);
        begun->fd = -1;
}

void begun_finish(struct begun *begun)
{
        if (begun->path == NULL)
                return;
        close_file(begun);
        free(begun->path);
        *begun = (struct begun){.fd = -1};
}

static void old_path(const char *path, char out[static PATH_MAX])
{
        snprintf(out, PATH_MAX, "%s.old", path);
}

/* Opens the file, first put aside when it is full. */
static bool prepare(struct begun *begun, struct error *err)
{
        char old[PATH_MAX];
        struct stat status;
        if (begun->fd >= 0 && begun->bytes < BYTES_MOST)
                return true;
        if (begun->fd >= 0) {
                close_file(begun);
                old_path(begun->path, old);
                if (rename(begun->path, old) < 0)
                        return error_sys(err, "rename %s", begun->path);
        }
        begun->fd = open(begun->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (begun->fd < 0)
                return error_sys(err, "open %s", begun->path);
        if (fstat(begun->fd, &status) < 0) {
                close_file(begun);
                return error_sys(err, "stat %s", begun->path);
        }
        begun->bytes = status.st_size;
        return true;
}

bool begun_add(struct begun *begun, const char *path, struct error *err)
{
        size_t length = strlen(path);
        if (!prepare(begun, err))
                return false;
        /* The line feed first ends what an earlier failure may have left half. */
        struct iovec line[] = {{(void *)"\n", 1}, {(void *)path, length}, {(void *)"\n", 1}};
        if (disk_write(begun->fd, line, 3, begun->bytes) < 0)
                return error_sys(err, "write %s", begun->path);
        begun->bytes += (int64_t)length + 2;
        return true;
}

/* ---- reading ---- */

static bool read_lines(const char *path, bool (*each)(void *context, const char *path),
                       void *context, bool *more, struct error *err)
{
        FILE *file = fopen(path, "re");
        char *line = NULL;
        size_t room = 0;
        ssize_t length;
        if (file == NULL)
                return errno == ENOENT || error_sys(err, "open %s", path);
        while (*more && (length = getline(&line, &room, file)) > 0) {
                if (length < 2 || line[length - 1] != '\n')
                        continue;
                line[length - 1] = '\0';
                *more = each(context, line);
        }
        bool ok = !ferror(file) || error_sys(err, "read %s", path);
        free(line);
        fclose(file);
        return ok;
}

bool frame_store_begun(const char *journal, bool (*each)(void *context, const char *path),
                       void *context, struct error *err)
{
        char old[PATH_MAX];
        bool more = true;
        old_path(journal, old);
        return read_lines(old, each, context, &more, err) &&
               read_lines(journal, each, context, &more, err);
}

bool frame_store_begun_forget(const char *journal, struct error *err)
{
        char old[PATH_MAX];
        old_path(journal, old);
        if ((unlink(old) < 0 && errno != ENOENT) || (unlink(journal) < 0 && errno != ENOENT))
                return error_sys(err, "remove %s", journal);
        return true;
}
