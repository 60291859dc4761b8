#include "app/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASS = 1024 }; /* files marked between two looks at the catalog */

struct folder_list {
        struct folder_id *ids;
        size_t count, room;
        bool failed;
};

static bool list_folder(void *context, struct folder_id id, const char *path, uint64_t fingerprint)
{
        (void)path;
        (void)fingerprint;
        struct folder_list *list = context;
        if (list->count == list->room) {
                size_t room = list->room > 0 ? list->room * 2 : 64;
                struct folder_id *grown = reallocarray(list->ids, room, sizeof *grown);
                if (grown == NULL) {
                        list->failed = true;
                        return false;
                }
                list->ids = grown;
                list->room = room;
        }
        list->ids[list->count++] = id;
        return true;
}

struct pass {
        int fd; /* of the folder; -1: it is gone and so is all in it */
        struct folder_id folder;
        struct place *places;
        size_t count;
};

static bool gone(int number)
{
        return number == ENOENT || number == ENOTDIR;
}

static bool look_at_file(void *context, const struct known_file *file)
{
        struct pass *pass = context;
        if (file->as == KNOWN_DELETED)
                return true; /* nobody looks for it; what became of it shows when it comes back */
        if (pass->fd >= 0) {
                struct stat status;
                if (fstatat(pass->fd, file->name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
                        if (S_ISREG(status.st_mode))
                                return true;
                } else if (!gone(errno)) {
                        return true;
                }
        }
        struct place *place = &pass->places[pass->count++];
        place->folder = pass->folder;
        memcpy(place->name, file->name, sizeof place->name);
        return pass->count < PASS;
}

static bool sweep_folder(struct catalog *catalog, struct pass *pass, struct utc now,
                         int64_t *vanished, struct error *err)
{
        const char *path = NULL;
        if (!catalog_folder_path(catalog, pass->folder, &path, err))
                return false;
        pass->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (pass->fd < 0 && !gone(errno))
                return true;
        bool ok = true;
        bool any = false;
        do {
                pass->count = 0;
                int64_t marked = 0;
                ok = catalog_files_of(catalog, pass->folder, look_at_file, pass, err) &&
                     (pass->count == 0 ||
                      catalog_vanish(catalog, pass->places, pass->count, now, &marked, err));
                *vanished += marked;
                any = any || pass->count > 0;
        } while (ok && pass->count == PASS);
        if (pass->fd >= 0)
                close(pass->fd);
        return ok && (!any || catalog_folder_set_fingerprint(catalog, pass->folder, 0, err));
}

bool sweep_folders(struct catalog *catalog, const char *path, struct utc now, int64_t *vanished_out,
                   struct error *err)
{
        struct folder_list list = {0};
        struct pass pass = {.fd = -1, .places = calloc(PASS, sizeof *pass.places)};
        bool ok = false;
        *vanished_out = 0;
        if (!catalog_folders_below(catalog, path, list_folder, &list, err))
                goto out;
        if (list.failed || pass.places == NULL) {
                error_set(err, ERROR_FULL, "no memory to look for vanished files");
                goto out;
        }
        ok = true;
        for (size_t i = 0; ok && i < list.count; i++) {
                pass.folder = list.ids[i];
                ok = sweep_folder(catalog, &pass, now, vanished_out, err);
        }
out:
        free(list.ids);
        free(pass.places);
        return ok;
}
