#include "receive/watch_tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "receive/fingerprint.h"

struct watch_tree {
        struct watch_folder **by_path, **by_watch; /* buckets of chains */
        size_t buckets;                            /* a power of two */
        size_t count, watched;
};

static size_t path_bucket(const struct watch_tree *tree, const char *path)
{
        return (size_t)hash_bytes(path, strlen(path), 0) & (tree->buckets - 1);
}

static size_t watch_bucket(const struct watch_tree *tree, int watch)
{
        return (size_t)(unsigned)watch & (tree->buckets - 1);
}

static bool make_buckets(struct watch_tree *tree, size_t buckets)
{
        struct watch_folder **paths = calloc(buckets, sizeof(struct watch_folder *));
        struct watch_folder **watches = calloc(buckets, sizeof(struct watch_folder *));
        if (paths == NULL || watches == NULL) {
                free((void *)paths);
                free((void *)watches);
                return false;
        }
        struct watch_folder **old = tree->by_path;
        size_t old_buckets = tree->buckets;
        free((void *)tree->by_watch);
        tree->by_path = paths;
        tree->by_watch = watches;
        tree->buckets = buckets;
        for (size_t i = 0; i < old_buckets; i++) {
                for (struct watch_folder *folder = old[i], *next = NULL; folder != NULL;
                     folder = next) {
                        size_t to = path_bucket(tree, folder->path);
                        next = folder->same_path;
                        folder->same_path = paths[to];
                        paths[to] = folder;
                        if (folder->watch < 0)
                                continue;
                        to = watch_bucket(tree, folder->watch);
                        folder->same_watch = watches[to];
                        watches[to] = folder;
                }
        }
        free((void *)old);
        return true;
}

struct watch_tree *watch_tree_create(void)
{
        struct watch_tree *tree = calloc(1, sizeof *tree);
        if (tree != NULL && !make_buckets(tree, 256)) {
                free(tree);
                tree = NULL;
        }
        return tree;
}

void watch_tree_free(struct watch_tree **tree)
{
        struct watch_tree *gone = *tree;
        *tree = NULL;
        if (gone == NULL)
                return;
        for (size_t i = 0; i < gone->buckets; i++) {
                for (struct watch_folder *folder = gone->by_path[i], *next = NULL; folder != NULL;
                     folder = next) {
                        next = folder->same_path;
                        free(folder->path);
                        free(folder);
                }
        }
        free((void *)gone->by_path);
        free((void *)gone->by_watch);
        free(gone);
}

struct watch_folder *watch_tree_by_path(const struct watch_tree *tree, const char *path)
{
        struct watch_folder *folder = tree->by_path[path_bucket(tree, path)];
        while (folder != NULL && strcmp(folder->path, path) != 0)
                folder = folder->same_path;
        return folder;
}

struct watch_folder *watch_tree_by_watch(const struct watch_tree *tree, int watch)
{
        if (watch < 0)
                return NULL;
        struct watch_folder *folder = tree->by_watch[watch_bucket(tree, watch)];
        while (folder != NULL && folder->watch != watch)
                folder = folder->same_watch;
        return folder;
}

static struct watch_folder *parent_of(const struct watch_tree *tree, const char *path)
{
        const char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path)
                return NULL;
        char *above = strndup(path, (size_t)(slash - path));
        struct watch_folder *parent = above != NULL ? watch_tree_by_path(tree, above) : NULL;
        free(above);
        return parent;
}

struct watch_folder *watch_tree_add(struct watch_tree *tree, const char *path, size_t root)
{
        assert(watch_tree_by_path(tree, path) == NULL);
        if (tree->count >= tree->buckets && !make_buckets(tree, tree->buckets * 2))
                return NULL;
        struct watch_folder *folder = calloc(1, sizeof *folder);
        if (folder == NULL || (folder->path = strdup(path)) == NULL) {
                free(folder);
                return NULL;
        }
        folder->root = root;
        folder->watch = -1;
        folder->parent = parent_of(tree, path);
        if (folder->parent != NULL) {
                folder->next = folder->parent->first_child;
                if (folder->next != NULL)
                        folder->next->previous = folder;
                folder->parent->first_child = folder;
        }
        size_t bucket = path_bucket(tree, path);
        folder->same_path = tree->by_path[bucket];
        tree->by_path[bucket] = folder;
        tree->count++;
        return folder;
}

static void forget_watch(struct watch_tree *tree, struct watch_folder *folder)
{
        if (folder->watch < 0)
                return;
        struct watch_folder **at = &tree->by_watch[watch_bucket(tree, folder->watch)];
        while (*at != folder)
                at = &(*at)->same_watch;
        *at = folder->same_watch;
        folder->same_watch = NULL;
        folder->watch = -1;
        tree->watched--;
}

void watch_tree_set_watch(struct watch_tree *tree, struct watch_folder *folder, int watch)
{
        forget_watch(tree, folder);
        if (watch < 0)
                return;
        folder->watch = watch;
        size_t bucket = watch_bucket(tree, watch);
        folder->same_watch = tree->by_watch[bucket];
        tree->by_watch[bucket] = folder;
        tree->watched++;
}

static void take_out(struct watch_tree *tree, struct watch_folder *folder)
{
        forget_watch(tree, folder);
        struct watch_folder **at = &tree->by_path[path_bucket(tree, folder->path)];
        while (*at != folder)
                at = &(*at)->same_path;
        *at = folder->same_path;
        if (folder->previous != NULL)
                folder->previous->next = folder->next;
        else if (folder->parent != NULL)
                folder->parent->first_child = folder->next;
        if (folder->next != NULL)
                folder->next->previous = folder->previous;
        tree->count--;
        free(folder->path);
        free(folder);
}

void watch_tree_remove(struct watch_tree *tree, struct watch_folder *folder,
                       void (*each)(void *context, int watch), void *context)
{
        /* Leaves first, without recursion: a tree may be deep. */
        struct watch_folder *at = folder;
        for (;;) {
                while (at->first_child != NULL)
                        at = at->first_child;
                struct watch_folder *parent = at->parent;
                bool last = at == folder;
                if (each != NULL && at->watch >= 0)
                        each(context, at->watch);
                take_out(tree, at);
                if (last)
                        return;
                at = parent;
        }
}

struct watch_folder *watch_tree_unwatched(const struct watch_tree *tree, size_t *position)
{
        if (tree->watched == tree->count)
                return NULL;
        size_t index = 0;
        for (size_t i = 0; i < tree->buckets; i++) {
                for (struct watch_folder *at = tree->by_path[i]; at != NULL; at = at->same_path) {
                        if (at->watch >= 0)
                                continue;
                        if (index++ == *position) {
                                (*position)++;
                                return at;
                        }
                }
        }
        return NULL;
}

size_t watch_tree_count(const struct watch_tree *tree)
{
        return tree->count;
}

size_t watch_tree_watched(const struct watch_tree *tree)
{
        return tree->watched;
}
