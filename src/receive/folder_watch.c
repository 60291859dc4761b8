#include "receive/folder_watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "receive/watch_records.h"
#include "receive/watch_tree.h"

enum {
        READ_BYTES = 65536,
        READS = 8, /* before files are looked at */
        MASK = IN_CLOSE_WRITE | IN_CREATE | IN_ATTRIB | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
               IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK
};

struct root_state {
        bool there, told_missing;
        dev_t device;
        ino_t inode;
};

struct folder_watch {
        struct watch_visitor visitor;
        const char *const *roots; /* borrowed */
        struct root_state *states;
        size_t root_count;
        size_t most;
        int fd;
        struct watch_tree *tree;
        bool told_limit;
        int64_t events;
        char **stack; /* folders found and not yet entered; owned paths */
        size_t stack_count, stack_room;
        _Alignas(struct inotify_event) char bytes[READ_BYTES];
};

/* ---- folders to enter ---- */

static void push(struct folder_watch *watch, const char *folder, const char *name)
{
        if (watch->stack_count == watch->stack_room) {
                size_t room = watch->stack_room > 0 ? watch->stack_room * 2 : 64;
                char **grown = reallocarray((void *)watch->stack, room, sizeof(char *));
                if (grown == NULL)
                        goto failed;
                watch->stack = grown;
                watch->stack_room = room;
        }
        size_t before = strlen(folder);
        size_t after = name != NULL ? strlen(name) : 0;
        char *path = malloc(before + 1 + after + 1);
        if (path == NULL)
                goto failed;
        memcpy(path, folder, before + 1);
        if (name != NULL) {
                bool slash = path[before - 1] != '/';
                path[before] = '/';
                memcpy(path + before + slash, name, after + 1);
        }
        watch->stack[watch->stack_count++] = path;
        return;
failed:
        log_error("watch", "no-memory", "folder=\"%s\"", folder);
}

static void drop_watch(void *context, int descriptor)
{
        struct folder_watch *watch = context;
        inotify_rm_watch(watch->fd, descriptor);
}

static void remove_folder(struct folder_watch *watch, struct watch_folder *folder)
{
        watch_tree_remove(watch->tree, folder, drop_watch, watch);
}

static void tell_limit(struct folder_watch *watch, const char *path)
{
        if (watch->told_limit)
                return;
        watch->told_limit = true;
        watch->visitor.limited(watch->visitor.context, path);
}

/*
 * Has the kernel watch the folder; false when it is not there, or is no folder. Where the kernel
 * gives no more watches the folder is kept without one. *known_out: it was watched before.
 */
static bool watch_folder_at(struct folder_watch *watch, const char *path, size_t root,
                            bool *known_out)
{
        struct watch_folder *folder = watch_tree_by_path(watch->tree, path);
        uint32_t mask = MASK | (strcmp(path, watch->roots[root]) == 0 ? 0U : IN_DONT_FOLLOW);
        bool full = watch->most > 0 && (folder == NULL || folder->watch < 0) &&
                    watch_tree_watched(watch->tree) >= watch->most;
        int descriptor = -1;
        if (full)
                errno = ENOSPC;
        else
                descriptor = inotify_add_watch(watch->fd, path, mask);
        if (descriptor < 0 && errno != ENOSPC && errno != ENOMEM) {
                if (errno == EACCES)
                        log_warn("watch", "folder-not-readable", "path=\"%s\"", path);
                if (folder != NULL)
                        remove_folder(watch, folder);
                return false;
        }
        *known_out = folder != NULL && descriptor >= 0 && folder->watch == descriptor;
        if (*known_out)
                return true;
        /* The same folder under its old name, or another one under this name. */
        struct watch_folder *same = watch_tree_by_watch(watch->tree, descriptor);
        if (same != NULL)
                watch_tree_set_watch(watch->tree, same, -1);
        if (folder == NULL)
                folder = watch_tree_add(watch->tree, path, root);
        if (folder == NULL) {
                log_error("watch", "no-memory", "folder=\"%s\"", path);
                return false;
        }
        if (folder->watch >= 0)
                inotify_rm_watch(watch->fd, folder->watch);
        watch_tree_set_watch(watch->tree, folder, descriptor);
        if (descriptor < 0)
                tell_limit(watch, path);
        return true;
}

static bool is_folder(int fd, const struct dirent *entry)
{
        if (entry->d_type != DT_UNKNOWN)
                return entry->d_type == DT_DIR;
        struct stat status;
        return fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISDIR(status.st_mode);
}

static void list(struct folder_watch *watch, const char *path, size_t root, bool tell_files)
{
        DIR *folder = opendir(path);
        if (folder == NULL) {
                if (errno != ENOENT && errno != ENOTDIR)
                        log_warn("watch", "folder-not-readable", "path=\"%s\"", path);
                return;
        }
        for (const struct dirent *entry = NULL; (entry = readdir(folder)) != NULL;) {
                const char *name = entry->d_name;
                if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                        continue;
                if (is_folder(dirfd(folder), entry))
                        push(watch, path, name);
                else if (tell_files)
                        watch->visitor.file(watch->visitor.context, root, path, name, WATCH_FOUND);
        }
        closedir(folder);
}

/* Watches the folder and all below it, then says what is in them. */
static void enter(struct folder_watch *watch, const char *folder, const char *name, size_t root,
                  bool tell_files)
{
        push(watch, folder, name);
        while (watch->stack_count > 0) {
                char *path = watch->stack[--watch->stack_count];
                bool known = false;
                if (watch_folder_at(watch, path, root, &known) && !known)
                        list(watch, path, root, tell_files);
                free(path);
        }
}

/* ---- roots ---- */

static void lose_root(struct folder_watch *watch, size_t root)
{
        struct watch_folder *folder = watch_tree_by_path(watch->tree, watch->roots[root]);
        if (folder != NULL)
                remove_folder(watch, folder);
        if (!watch->states[root].there)
                return;
        watch->states[root].there = false;
        watch->states[root].told_missing = true;
        watch->visitor.root(watch->visitor.context, root, false);
}

static void tick_root(struct folder_watch *watch, size_t root)
{
        struct root_state *state = &watch->states[root];
        struct stat status;
        bool there = stat(watch->roots[root], &status) == 0 && S_ISDIR(status.st_mode);
        bool same = there && state->device == status.st_dev && state->inode == status.st_ino;
        if (state->there && !same)
                lose_root(watch, root);
        if (there && !state->there) {
                enter(watch, watch->roots[root], NULL, root, false);
                if (watch_tree_by_path(watch->tree, watch->roots[root]) == NULL)
                        return; /* gone again */
                state->there = true;
                state->told_missing = false;
                state->device = status.st_dev;
                state->inode = status.st_ino;
                watch->visitor.root(watch->visitor.context, root, true);
        }
        if (!there && !state->told_missing) {
                state->told_missing = true;
                watch->visitor.root(watch->visitor.context, root, false);
        }
}

void folder_watch_tick(struct folder_watch *watch)
{
        for (size_t i = 0; i < watch->root_count; i++)
                tick_root(watch, i);
}

void folder_watch_retry(struct folder_watch *watch)
{
        size_t position = 0;
        struct watch_folder *folder = NULL;
        while ((folder = watch_tree_unwatched(watch->tree, &position)) != NULL) {
                char *path = strdup(folder->path);
                size_t before = watch_tree_watched(watch->tree);
                if (path == NULL)
                        return;
                enter(watch, path, NULL, folder->root, false);
                free(path);
                if (watch_tree_watched(watch->tree) <= before)
                        return; /* still none to be had */
                position = 0;
        }
        watch->told_limit = false;
}

/* ---- events ---- */

static void start_anew(struct folder_watch *watch)
{
        struct watch_tree *tree = watch_tree_create();
        int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (tree == NULL || fd < 0) {
                log_error("watch", "not-restarted", "%s", "going on with the old watches");
                watch_tree_free(&tree);
                if (fd >= 0)
                        close(fd);
                return;
        }
        close(watch->fd);
        watch_tree_free(&watch->tree);
        watch->fd = fd;
        watch->tree = tree;
        for (size_t i = 0; i < watch->root_count; i++) {
                if (watch->states[i].there)
                        enter(watch, watch->roots[i], NULL, i, false);
        }
}

static void on_folder_event(struct folder_watch *watch, const struct watch_folder *folder,
                            const struct watch_record *record)
{
        if (record->mask & (IN_CREATE | IN_MOVED_TO)) {
                char *path = strdup(folder->path); /* entering may take the folder away */
                if (path != NULL)
                        enter(watch, path, record->name, folder->root, true);
                free(path);
                return;
        }
        if (!(record->mask & (IN_DELETE | IN_MOVED_FROM)))
                return;
        push(watch, folder->path, record->name);
        if (watch->stack_count == 0)
                return;
        char *path = watch->stack[--watch->stack_count];
        struct watch_folder *gone = watch_tree_by_path(watch->tree, path);
        if (gone != NULL)
                remove_folder(watch, gone);
        watch->visitor.folder_gone(watch->visitor.context, path);
        free(path);
}

static void on_file_event(struct folder_watch *watch, const struct watch_folder *folder,
                          const struct watch_record *record)
{
        static const struct {
                uint32_t mask;
                enum watch_what what;
        } meanings[] = {
                {IN_CLOSE_WRITE, WATCH_CLOSED}, {IN_MOVED_TO, WATCH_MOVED_IN},
                {IN_CREATE, WATCH_FOUND},       {IN_ATTRIB, WATCH_FOUND},
                {IN_DELETE, WATCH_GONE},        {IN_MOVED_FROM, WATCH_GONE},
        };
        for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
                if (record->mask & meanings[i].mask)
                        watch->visitor.file(watch->visitor.context, folder->root, folder->path,
                                            record->name, meanings[i].what);
        }
}

/* False when the records that follow are of watches that are no more. */
static bool on_record(struct folder_watch *watch, const struct watch_record *record)
{
        watch->events++;
        if (record->mask & IN_Q_OVERFLOW) {
                start_anew(watch);
                watch->visitor.overflow(watch->visitor.context);
                return false;
        }
        struct watch_folder *folder = watch_tree_by_watch(watch->tree, record->watch);
        if (folder == NULL)
                return true; /* of a watch that was given up; the listing saw what it saw */
        bool is_root = strcmp(folder->path, watch->roots[folder->root]) == 0;
        if (record->mask & (IN_IGNORED | IN_UNMOUNT)) {
                watch_tree_set_watch(watch->tree, folder, -1);
                if (is_root)
                        lose_root(watch, folder->root);
                else
                        remove_folder(watch, folder);
        } else if (record->mask & (IN_MOVE_SELF | IN_DELETE_SELF)) {
                if (is_root)
                        lose_root(watch, folder->root);
        } else if (record->name[0] == '\0') {
                return true;
        } else if (record->mask & IN_ISDIR) {
                on_folder_event(watch, folder, record);
        } else {
                on_file_event(watch, folder, record);
        }
        return true;
}

void folder_watch_feed(struct folder_watch *watch, const char *bytes, size_t length)
{
        struct watch_record record;
        size_t at = 0;
        while (watch_record_next(bytes, length, &at, &record) && on_record(watch, &record))
                ;
}

void folder_watch_read(struct folder_watch *watch)
{
        for (int i = 0; i < READS; i++) {
                int fd = watch->fd;
                ssize_t got = read(fd, watch->bytes, sizeof watch->bytes);
                if (got <= 0)
                        return;
                folder_watch_feed(watch, watch->bytes, (size_t)got);
        }
}

/* ---- life ---- */

bool folder_watch_create(const char *const *roots, size_t count, size_t most,
                         const struct watch_visitor *visitor, struct folder_watch **watch_out,
                         struct error *err)
{
        struct folder_watch *watch = calloc(1, sizeof *watch);
        if (watch == NULL)
                return error_set(err, ERROR_FULL, "no memory to watch folders");
        watch->visitor = *visitor;
        watch->roots = roots;
        watch->root_count = count;
        watch->most = most;
        watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        watch->tree = watch_tree_create();
        watch->states = calloc(count + 1, sizeof *watch->states);
        bool ok = true;
        if (watch->fd < 0)
                ok = error_sys(err, "watching folders (fs.inotify.max_user_instances may be too "
                                    "low)");
        else if (watch->tree == NULL || watch->states == NULL)
                ok = error_set(err, ERROR_FULL, "no memory to watch folders");
        if (!ok) {
                folder_watch_free(&watch);
                return false;
        }
        *watch_out = watch;
        return true;
}

void folder_watch_free(struct folder_watch **watch)
{
        struct folder_watch *gone = *watch;
        *watch = NULL;
        if (gone == NULL)
                return;
        if (gone->fd >= 0)
                close(gone->fd);
        while (gone->stack_count > 0)
                free(gone->stack[--gone->stack_count]);
        free((void *)gone->stack);
        free(gone->states);
        watch_tree_free(&gone->tree);
        free(gone);
}

int folder_watch_fd(const struct folder_watch *watch)
{
        return watch->fd;
}

size_t folder_watch_folders(const struct folder_watch *watch)
{
        return watch_tree_count(watch->tree);
}

size_t folder_watch_watched(const struct folder_watch *watch)
{
        return watch_tree_watched(watch->tree);
}

int64_t folder_watch_events(const struct folder_watch *watch)
{
        return watch->events;
}
