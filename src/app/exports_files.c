/* The folder of exports: what is in it, and what the catalog says is. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/export_make.h"
#include "app/exports_inside.h"
#include "base/folder.h"
#include "base/log.h"
#include "serve/answer_export.h"
#include "store/disk.h"

static bool path_of(const struct exports *exports, const char *name,
                    char out[static EXPORTS_PATH_SIZE], struct error *err)
{
        int length = snprintf(out, EXPORTS_PATH_SIZE, "%s/exports%s%s", exports->data_directory,
                              name[0] != '\0' ? "/" : "", name);
        return (length > 0 && length < EXPORTS_PATH_SIZE) ||
               error_set(err, ERROR_INPUT, "the path of the data folder is too long");
}

bool exports_part_path(const struct exports *exports, int64_t id,
                       char out[static EXPORTS_PATH_SIZE], struct error *err)
{
        char name[40];
        snprintf(name, sizeof name, "%" PRId64 ".part", id);
        return path_of(exports, name, out, err);
}

bool exports_open_folder(struct exports *exports, bool *own_out, struct error *err)
{
        char path[EXPORTS_PATH_SIZE];
        if (!path_of(exports, "", path, err) || !folder_make(path, err) ||
            !path_of(exports, "lock", path, err))
                return false;
        exports->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (exports->lock_fd < 0)
                return error_sys(err, "open %s", path);
        *own_out = flock(exports->lock_fd, LOCK_EX | LOCK_NB) == 0;
        return *own_out || errno == EWOULDBLOCK || error_sys(err, "lock %s", path);
}

bool exports_put(struct exports *exports, const struct export_row *row, struct error *err)
{
        char folder[EXPORTS_PATH_SIZE];
        char from[EXPORTS_PATH_SIZE + sizeof EXPORT_MADE + 1];
        char part[EXPORTS_PATH_SIZE];
        char to[EXPORT_PATH_SIZE];
        if (!exports_part_path(exports, row->id, part, err) || !path_of(exports, "", folder, err) ||
            !export_path(exports->data_directory, row, to, err))
                return false;
        snprintf(from, sizeof from, "%s/%s", part, EXPORT_MADE);
        if (rename(from, to) < 0)
                return error_sys(err, "write %s", to);
        return disk_sync_folder(folder) == 0 || error_sys(err, "sync %s", folder);
}

void exports_unlink(struct exports *exports, const struct export_row *row)
{
        char path[EXPORT_PATH_SIZE];
        struct error err;
        if (!export_path(exports->data_directory, row, path, &err) ||
            (unlink(path) < 0 && errno != ENOENT))
                log_warn("exports", "not-removed", "id=%" PRId64, row->id);
}

/* ---- at the start ---- */

static bool file_is_there(const struct exports *exports, const struct export_row *row)
{
        char path[EXPORT_PATH_SIZE];
        struct error ignored;
        return export_path(exports->data_directory, row, path, &ignored) && access(path, F_OK) == 0;
}

static void fail(const struct exports *exports, struct export_row *row, const char *why)
{
        row->state = EXPORT_FAILED;
        row->ended = exports_now(exports);
        row->bytes = 0;
        snprintf(row->problem, sizeof row->problem, "%s", why);
}

static bool recover_row(struct exports *exports, struct catalog *catalog, struct export_row *row,
                        struct error *err)
{
        if (row->state == EXPORT_RUNNING && row->tries >= EXPORT_TRIES_MOST)
                fail(exports, row, "the server ended each time while it was being made");
        else if (row->state == EXPORT_RUNNING)
                row->state = EXPORT_WAITING;
        else if (row->state == EXPORT_DONE && !file_is_there(exports, row))
                fail(exports, row, "its file is no longer there");
        else
                return true;
        return catalog_export_update(catalog, row, err);
}

static bool recover_rows(void *context, struct catalog *catalog, struct error *err)
{
        struct exports *exports = context;
        struct export_row row;
        int64_t before = INT64_MAX;
        struct error end = {0};
        while (catalog_export_before(catalog, before, &row, &end)) {
                before = row.id;
                bool fine = recover_row(exports, catalog, &row, err);
                catalog_export_free(&row);
                if (!fine)
                        return false;
        }
        if (end.kind == ERROR_NOT_FOUND)
                return true;
        *err = end;
        return false;
}

/* Whether a file in the folder is one the catalog calls done. */
struct known_name {
        const char *name;
        int64_t id;
        bool known;
};

static bool look_up(void *context, struct catalog *catalog, struct error *err)
{
        struct known_name *known = context;
        struct export_row row;
        char path[EXPORT_PATH_SIZE];
        struct error ignored;
        (void)err;
        if (!catalog_export(catalog, known->id, &row, &ignored))
                return true;
        known->known = row.state == EXPORT_DONE && export_path("", &row, path, &ignored) &&
                       strcmp(strrchr(path, '/') + 1, known->name) == 0;
        catalog_export_free(&row);
        return true;
}

/* Only what has a name of ours is touched. */
static void sweep_entry(struct exports *exports, const char *name)
{
        char path[EXPORTS_PATH_SIZE];
        struct known_name known = {.name = name};
        struct error err;
        char *end = NULL;
        if (name[0] < '1' || name[0] > '9')
                return;
        known.id = strtoll(name, &end, 10);
        if (*end != '.' || !path_of(exports, name, path, &err))
                return;
        if (strcmp(end, ".part") == 0)
                export_clean(path);
        else if (ingest_call(exports->config.ingest, look_up, &known, &err) && !known.known)
                unlink(path);
}

bool exports_recover(struct exports *exports, struct error *err)
{
        char folder[EXPORTS_PATH_SIZE];
        if (!ingest_call(exports->config.ingest, recover_rows, exports, err) ||
            !path_of(exports, "", folder, err))
                return false;
        DIR *dir = opendir(folder);
        if (dir == NULL)
                return error_sys(err, "read %s", folder);
        const struct dirent *entry;
        while ((entry = readdir(dir)) != NULL)
                sweep_entry(exports, entry->d_name);
        closedir(dir);
        return true;
}
