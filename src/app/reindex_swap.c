#include "app/reindex_swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const suffixes[] = {"", "-wal", "-shm"};

bool reindex_directory(const char *data_directory, char out[static PATH_MAX], struct error *err)
{
        int length = snprintf(out, PATH_MAX - 64, "%s/reindex", data_directory);
        return (length > 0 && length < PATH_MAX - 64) ||
               error_set(err, ERROR_INPUT, "the path of the data folder is too long");
}

bool reindex_clear(const char *new_directory, struct error *err)
{
        char path[PATH_MAX + 32];
        for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
                snprintf(path, sizeof path, "%s/catalog.db%s", new_directory, suffixes[i]);
                if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
                        return error_sys(err, "remove %s", path);
        }
        if (rmdir(new_directory) < 0 && errno != ENOENT)
                return error_sys(err, "remove %s", new_directory);
        return true;
}

static bool sync_path(const char *path, int flags, struct error *err)
{
        int fd = open(path, flags | O_CLOEXEC);
        if (fd < 0)
                return error_sys(err, "open %s", path);
        bool ok = fsync(fd) == 0 || error_sys(err, "sync %s", path);
        close(fd);
        return ok;
}

/* The old one gets a second name; what SQLite left beside one that could not be opened goes along,
 * since it does not belong to the new one. */
static bool keep_old(const char *old, struct error *err)
{
        char from[PATH_MAX + 64];
        char to[PATH_MAX + 64];
        for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
                snprintf(from, sizeof from, "%s%s", old, suffixes[i]);
                snprintf(to, sizeof to, "%s.before-reindex%s", old, suffixes[i]);
                if (unlink(to) < 0 && errno != ENOENT)
                        return error_sys(err, "remove %s", to);
                if ((i == 0 ? link(from, to) : rename(from, to)) < 0 && errno != ENOENT)
                        return error_sys(err, "keep %s as %s", from, to);
        }
        return true;
}

bool reindex_swap(const char *data_directory, const char *new_directory, struct error *err)
{
        char new_path[PATH_MAX + 32];
        char old_path[PATH_MAX + 32];
        snprintf(new_path, sizeof new_path, "%s/catalog.db", new_directory);
        snprintf(old_path, sizeof old_path, "%s/catalog.db", data_directory);
        if (!sync_path(new_path, O_RDONLY, err) || !keep_old(old_path, err))
                return false;
        if (rename(new_path, old_path) < 0)
                return error_sys(err, "put %s in place", new_path);
        struct error ignored;
        (void)!reindex_clear(new_directory, &ignored);
        return sync_path(data_directory, O_RDONLY | O_DIRECTORY, err);
}
