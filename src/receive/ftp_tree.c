#include "receive/ftp_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "receive/fingerprint.h"

/*
 * Entries are in one array sorted by path, '/' before every other byte, so that a folder is
 * followed by all that is below it. A few thousand short entries: finding is a binary search and a
 * change moves pointers, which is less than a system call.
 */
struct node {
        struct ftp_entry entry;
        uint64_t touched; /* by the tree's clock of changes */
        char path[];
};

/* A folder that somebody asked for in vain. */
struct missed {
        uint64_t path;  /* hash */
        uint64_t login; /* 0: none */
};

enum { MISSED = 32 };

struct ftp_tree {
        struct node **nodes;
        size_t count, room;
        size_t bytes;
        uint64_t clock;
        uint64_t logins;
        struct missed missed[MISSED]; /* the newest */
        size_t missed_next;
};

static size_t cost(const char *path)
{
        return sizeof(struct node) + strlen(path) + 1;
}

static int order(unsigned char c)
{
        return c == '/' ? 0 : c == '\0' ? -1 : c;
}

static int compare(const char *a, const char *b)
{
        while (*a != '\0' && *a == *b) {
                a++;
                b++;
        }
        return order((unsigned char)*a) - order((unsigned char)*b);
}

/* The index of the path, or where it would be. */
static size_t search(const struct ftp_tree *tree, const char *path, bool *found_out)
{
        size_t low = 0;
        size_t high = tree->count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (compare(tree->nodes[middle]->path, path) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        *found_out = low < tree->count && compare(tree->nodes[low]->path, path) == 0;
        return low;
}

/* True when `path` is below the folder. */
static bool is_below(const char *folder, const char *path)
{
        size_t length = strlen(folder);
        if (length == 1)
                return path[1] != '\0';
        return strncmp(folder, path, length) == 0 && path[length] == '/';
}

static void drop(struct ftp_tree *tree, size_t index)
{
        tree->bytes -= cost(tree->nodes[index]->path);
        free(tree->nodes[index]);
        tree->count--;
        memmove(tree->nodes + index, tree->nodes + index + 1,
                (tree->count - index) * sizeof(struct node *));
}

static struct node *node_create(const char *path, const struct ftp_entry *entry)
{
        size_t length = strlen(path);
        struct node *node = malloc(sizeof *node + length + 1);
        if (node == NULL)
                return NULL;
        node->entry = *entry;
        node->touched = 0;
        memcpy(node->path, path, length + 1);
        return node;
}

static bool holds_something(const struct ftp_tree *tree, size_t index)
{
        return index + 1 < tree->count &&
               is_below(tree->nodes[index]->path, tree->nodes[index + 1]->path);
}

/* What is empty or a file, and neither the path that room is made for nor a folder above it. */
static bool may_forget(const struct ftp_tree *tree, size_t index, const char *path)
{
        const char *there = tree->nodes[index]->path;
        return !holds_something(tree, index) && strcmp(there, path) != 0 && !is_below(there, path);
}

/* Forgets the older part of what can be forgotten, in one pass, so that a full tree costs little
 * for each further file. */
static void forget_old(struct ftp_tree *tree, const char *path)
{
        uint64_t oldest = tree->clock;
        for (size_t i = 1; i < tree->count; i++) {
                if (tree->nodes[i]->touched < oldest && may_forget(tree, i, path))
                        oldest = tree->nodes[i]->touched;
        }
        uint64_t limit = oldest + (tree->clock - oldest) / 4;
        for (size_t i = tree->count - 1; i > 0; i--) {
                if (tree->nodes[i]->touched <= limit && may_forget(tree, i, path))
                        drop(tree, i);
        }
}

static bool make_room(struct ftp_tree *tree, const char *path)
{
        while (tree->count > 1 &&
               (tree->count >= FTP_TREE_ENTRIES || tree->bytes + cost(path) > FTP_TREE_BYTES))
                forget_old(tree, path);
        if (tree->count < tree->room)
                return true;
        size_t room = tree->room > 0 ? tree->room * 2 : 16;
        struct node **grown = realloc(tree->nodes, room * sizeof(struct node *));
        if (grown == NULL)
                return false;
        tree->nodes = grown;
        tree->room = room;
        return true;
}

static bool insert(struct ftp_tree *tree, const char *path, const struct ftp_entry *entry)
{
        if (!make_room(tree, path))
                return false;
        bool found;
        size_t index = search(tree, path, &found);
        struct node *node = node_create(path, entry);
        if (node == NULL)
                return false;
        node->touched = ++tree->clock;
        if (found)
                drop(tree, index);
        memmove(tree->nodes + index + 1, tree->nodes + index,
                (tree->count - index) * sizeof(struct node *));
        tree->nodes[index] = node;
        tree->count++;
        tree->bytes += cost(path);
        return true;
}

struct ftp_tree *ftp_tree_create(void)
{
        struct ftp_tree *tree = calloc(1, sizeof *tree);
        if (tree == NULL)
                return NULL;
        static const struct ftp_entry root = {.is_folder = true};
        if (!insert(tree, "/", &root))
                ftp_tree_destroy(&tree);
        return tree;
}

void ftp_tree_destroy(struct ftp_tree **tree)
{
        struct ftp_tree *gone = *tree;
        *tree = NULL;
        if (gone == NULL)
                return;
        for (size_t i = 0; i < gone->count; i++)
                free(gone->nodes[i]);
        free(gone->nodes);
        free(gone);
}

const struct ftp_entry *ftp_tree_find(struct ftp_tree *tree, const char *path)
{
        bool found;
        size_t index = search(tree, path, &found);
        if (!found)
                return NULL;
        tree->nodes[index]->touched = ++tree->clock;
        return &tree->nodes[index]->entry;
}

bool ftp_tree_has(const struct ftp_tree *tree, const char *path)
{
        bool found;
        (void)search(tree, path, &found);
        return found;
}

bool ftp_tree_make_folder(struct ftp_tree *tree, const char *path, struct utc now)
{
        const struct ftp_entry folder = {.is_folder = true, .modified = now};
        char part[FTP_PATH_SIZE];
        size_t length = strlen(path);
        for (size_t i = 1; i <= length; i++) {
                if (i < length && path[i] != '/')
                        continue;
                memcpy(part, path, i);
                part[i] = '\0';
                const struct ftp_entry *there = ftp_tree_find(tree, part);
                if (there != NULL && !there->is_folder)
                        return false;
                if (there == NULL && !insert(tree, part, &folder))
                        return false;
        }
        return true;
}

bool ftp_tree_put_file(struct ftp_tree *tree, const char *path, const struct ftp_entry *entry)
{
        char parent[FTP_PATH_SIZE];
        const struct ftp_entry *there = ftp_tree_find(tree, path);
        if (there != NULL && there->is_folder)
                return false;
        ftp_path_parent(path, parent);
        return ftp_tree_make_folder(tree, parent, entry->modified) && insert(tree, path, entry);
}

bool ftp_tree_remove(struct ftp_tree *tree, const char *path)
{
        bool found;
        size_t index = search(tree, path, &found);
        if (!found || index == 0)
                return false;
        if (index + 1 < tree->count && is_below(path, tree->nodes[index + 1]->path))
                return false;
        drop(tree, index);
        return true;
}

/* True when all that is below `from` still has paths of a good length below `to`. */
static bool fits_below(const struct ftp_tree *tree, const char *from, const char *to)
{
        bool found;
        for (size_t i = search(tree, from, &found) + 1;
             i < tree->count && is_below(from, tree->nodes[i]->path); i++) {
                if (strlen(tree->nodes[i]->path) - strlen(from) + strlen(to) >= FTP_PATH_SIZE)
                        return false;
        }
        return true;
}

/* Moves what is below `from` to below `to`, one entry at a time. */
static bool move_below(struct ftp_tree *tree, const char *from, const char *to)
{
        size_t from_length = strlen(from);
        for (;;) {
                bool found;
                size_t index = search(tree, from, &found) + found;
                if (index >= tree->count || !is_below(from, tree->nodes[index]->path))
                        return true;
                char path[FTP_PATH_SIZE];
                const char *rest = tree->nodes[index]->path + from_length;
                int used = snprintf(path, sizeof path, "%s%s", to, rest);
                (void)used; /* fits_below saw that it fits */
                struct ftp_entry entry = tree->nodes[index]->entry;
                drop(tree, index);
                if (!insert(tree, path, &entry))
                        return false;
        }
}

bool ftp_tree_rename(struct ftp_tree *tree, const char *from, const char *to, struct utc now)
{
        const struct ftp_entry *there = ftp_tree_find(tree, from);
        if (there == NULL || strcmp(from, "/") == 0 || is_below(from, to))
                return false;
        struct ftp_entry entry = *there;
        if (strcmp(from, to) == 0)
                return true;
        char parent[FTP_PATH_SIZE];
        const struct ftp_entry *target = ftp_tree_find(tree, to);
        ftp_path_parent(to, parent);
        if ((target != NULL && (target->is_folder || entry.is_folder)) ||
            !fits_below(tree, from, to) || !ftp_tree_make_folder(tree, parent, now))
                return false;
        bool found;
        size_t index = search(tree, from, &found);
        if (found && !entry.is_folder)
                drop(tree, index);
        if (!insert(tree, to, &entry))
                return false;
        if (!entry.is_folder)
                return true;
        bool moved = move_below(tree, from, to);
        (void)ftp_tree_remove(tree, from); /* unless it was forgotten to make room */
        return moved;
}

bool ftp_tree_touch(struct ftp_tree *tree, const char *path, struct utc modified)
{
        bool found;
        size_t index = search(tree, path, &found);
        if (!found || tree->nodes[index]->entry.is_folder)
                return false;
        tree->nodes[index]->entry.modified = modified;
        return true;
}

void ftp_tree_list(struct ftp_tree *tree, const char *path,
                   void (*each)(void *context, const char *name, const struct ftp_entry *entry),
                   void *context)
{
        bool found;
        size_t index = search(tree, path, &found);
        size_t length = strlen(path) > 1 ? strlen(path) : 0;
        if (!found)
                return;
        for (index++; index < tree->count && is_below(path, tree->nodes[index]->path); index++) {
                const char *name = tree->nodes[index]->path + length + 1;
                if (strchr(name, '/') == NULL)
                        each(context, name, &tree->nodes[index]->entry);
        }
}

size_t ftp_tree_count(const struct ftp_tree *tree)
{
        return tree->count;
}

uint64_t ftp_tree_login(struct ftp_tree *tree)
{
        return ++tree->logins;
}

bool ftp_tree_missed(struct ftp_tree *tree, const char *path, uint64_t login)
{
        uint64_t hash = hash_bytes(path, strlen(path), 0);
        for (size_t i = 0; i < MISSED; i++) {
                if (tree->missed[i].login != 0 && tree->missed[i].path == hash)
                        return tree->missed[i].login < login;
        }
        tree->missed[tree->missed_next++ % MISSED] = (struct missed){hash, login};
        return false;
}
