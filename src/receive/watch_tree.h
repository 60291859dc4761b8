#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The folders being watched: found by the kernel's watch descriptor and by path, and with what lies
 * below them, so that a whole subtree can go at once. No I/O. One thread.
 */
struct watch_folder {
        char *path;  /* absolute; owned by the tree */
        size_t root; /* index of the root it is below */
        int watch;   /* descriptor, -1: not watched by the kernel */
        struct watch_folder *parent, *first_child, *next, *previous; /* in the tree */
        struct watch_folder *same_path, *same_watch;                 /* in the tables */
};

struct watch_tree;

struct watch_tree *watch_tree_create(void); /* NULL without memory */
void watch_tree_free(struct watch_tree **tree);

/* Adds a folder that is not there yet, below the folder that its path is in, if that is known. NULL
 * without memory. */
struct watch_folder *watch_tree_add(struct watch_tree *tree, const char *path, size_t root);

struct watch_folder *watch_tree_by_path(const struct watch_tree *tree, const char *path);
struct watch_folder *watch_tree_by_watch(const struct watch_tree *tree, int watch);

void watch_tree_set_watch(struct watch_tree *tree, struct watch_folder *folder, int watch);

/* Takes out a folder and all below it; `each` is told the descriptors, and may be NULL. */
void watch_tree_remove(struct watch_tree *tree, struct watch_folder *folder,
                       void (*each)(void *context, int watch), void *context);

/* Any folder that is not watched, other than those passed over before; NULL when there is none. */
struct watch_folder *watch_tree_unwatched(const struct watch_tree *tree, size_t *position);

size_t watch_tree_count(const struct watch_tree *tree);
size_t watch_tree_watched(const struct watch_tree *tree);
