#include "app/hour_tree.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tree {
        const char *root; /* DATA/frames */
        bool (*each)(void *context, const struct segment *);
        void (*other)(void *context, const char *path);
        void *context;
        struct error *err;
        bool stopped; /* `each` wants no more */
};

static int visible(const struct dirent *entry)
{
        return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

/* "14.mjpeg" comes before "14.1.mjpeg" comes before "14.10.mjpeg". */
static int by_hour_and_number(const struct dirent **a, const struct dirent **b)
{
        int hour = strncmp((*a)->d_name, (*b)->d_name, 2);
        if (hour != 0)
                return hour;
        size_t left = strlen((*a)->d_name);
        size_t right = strlen((*b)->d_name);
        if (left != right)
                return left < right ? -1 : 1;
        return by_bytes(a, b);
}

static bool visit(struct tree *tree, const char *below, int depth);

static bool visit_entry(struct tree *tree, const char *path, int depth)
{
        struct segment segment;
        if (depth < 2)
                return visit(tree, path, depth + 1);
        if (segment_path_parse(path, strlen(path), &segment))
                tree->stopped = !tree->each(tree->context, &segment);
        else if (tree->other != NULL)
                tree->other(tree->context, path);
        return true;
}

/* The entries of a folder at a depth: cameras, their days, a day's files. */
static bool visit(struct tree *tree, const char *below, int depth)
{
        char path[PATH_MAX];
        struct dirent **entries = NULL;
        snprintf(path, sizeof path, "%s/%s", tree->root, below);
        int count = scandir(path, &entries, visible, depth < 2 ? by_bytes : by_hour_and_number);
        if (count < 0) {
                if (errno == ENOENT && depth == 0)
                        return true;
                if (errno != ENOTDIR)
                        return error_sys(tree->err, "read the folder %s", path);
                if (tree->other != NULL)
                        tree->other(tree->context, below);
                return true;
        }
        bool ok = true;
        for (int i = 0; i < count; i++) {
                char deeper[PATH_MAX];
                int used = snprintf(deeper, sizeof deeper, "%s%s%s", below, depth > 0 ? "/" : "",
                                    entries[i]->d_name);
                if (ok && !tree->stopped && used > 0 && (size_t)used < sizeof deeper)
                        ok = visit_entry(tree, deeper, depth);
                free(entries[i]);
        }
        free(entries);
        return ok;
}

bool hour_tree(const char *data_directory, bool (*each)(void *context, const struct segment *),
               void (*other)(void *context, const char *path), void *context, struct error *err)
{
        char root[PATH_MAX];
        int length = snprintf(root, sizeof root, "%s/frames", data_directory);
        if (length < 0 || (size_t)length >= sizeof root - SEGMENT_PATH_SIZE)
                return error_set(err, ERROR_INPUT, "the path of the data folder is too long");
        struct tree tree = {
                .root = root, .each = each, .other = other, .context = context, .err = err};
        return visit(&tree, "", 0);
}
