/* The tree against a plain list of paths, and its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "receive/ftp_tree.h"

enum { MODEL_MAX = 512, PATH_MAX_HERE = 64 };

/* What there should be. */
struct model {
        struct {
                char path[PATH_MAX_HERE];
                bool folder;
                int64_t size;
        } entries[MODEL_MAX];
        size_t count;
};

static const struct utc now = {INT64_C(1400846900000)};
static uint64_t seed = 88172645463325252;

static unsigned random_below(unsigned limit)
{
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        return (unsigned)((seed >> 33) % limit);
}

static int find(const struct model *model, const char *path)
{
        for (size_t i = 0; i < model->count; i++) {
                if (strcmp(model->entries[i].path, path) == 0)
                        return (int)i;
        }
        return -1;
}

static bool below(const char *folder, const char *path)
{
        size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
        return strncmp(folder, path, length) == 0 && path[length] == '/' &&
               path[length + 1] != '\0';
}

static void add(struct model *model, const char *path, bool folder, int64_t size)
{
        int at = find(model, path);
        if (at < 0)
                at = (int)model->count++;
        assert_true(model->count <= MODEL_MAX);
        snprintf(model->entries[at].path, PATH_MAX_HERE, "%s", path);
        model->entries[at].folder = folder;
        model->entries[at].size = size;
}

static void drop(struct model *model, int at)
{
        model->entries[at] = model->entries[--model->count];
}

/* Adds the folders of the path up to `length`; stops where a file is in the way. */
static bool add_folders(struct model *model, const char *path, size_t length)
{
        char part[PATH_MAX_HERE];
        for (size_t i = 1; i <= length; i++) {
                if (i < length && path[i] != '/')
                        continue;
                memcpy(part, path, i);
                part[i] = '\0';
                int at = find(model, part);
                if (at >= 0 && !model->entries[at].folder)
                        return false;
                if (at < 0)
                        add(model, part, true, 0);
        }
        return true;
}

static size_t parent_length(const char *path)
{
        return (size_t)(strrchr(path, '/') - path);
}

static bool model_put(struct model *model, const char *path, int64_t size)
{
        int at = find(model, path);
        if (at >= 0 && model->entries[at].folder)
                return false;
        if (!add_folders(model, path, parent_length(path)))
                return false;
        add(model, path, false, size);
        return true;
}

static bool model_remove(struct model *model, const char *path)
{
        int at = find(model, path);
        for (size_t i = 0; i < model->count; i++) {
                if (below(path, model->entries[i].path))
                        return false;
        }
        if (at < 0 || strcmp(path, "/") == 0)
                return false;
        drop(model, at);
        return true;
}

static bool model_rename(struct model *model, const char *from, const char *to)
{
        int at = find(model, from);
        int target = find(model, to);
        if (at < 0 || strcmp(from, "/") == 0 || below(from, to))
                return false;
        if (strcmp(from, to) == 0)
                return true;
        bool folder = model->entries[at].folder;
        if (target >= 0 && (folder || model->entries[target].folder))
                return false;
        if (!add_folders(model, to, parent_length(to)))
                return false;
        if (target >= 0)
                drop(model, target);
        for (size_t i = 0; i < model->count; i++) {
                char *path = model->entries[i].path;
                char moved[PATH_MAX_HERE * 2];
                if (strcmp(path, from) != 0 && !below(from, path))
                        continue;
                snprintf(moved, sizeof moved, "%s%s", to, path + strlen(from));
                assert_true(strlen(moved) < PATH_MAX_HERE);
                memcpy(path, moved, strlen(moved) + 1);
        }
        return true;
}

static void random_path(char out[static PATH_MAX_HERE])
{
        static const char *const names[] = {"a", "b", "a!", "a b", "\xff", "-", "ab"};
        size_t used = 0;
        for (unsigned depth = 1 + random_below(3); depth > 0; depth--)
                used += (size_t)snprintf(out + used, PATH_MAX_HERE - used, "/%s",
                                         names[random_below(sizeof names / sizeof names[0])]);
}

struct seen {
        const struct model *model;
        const char *folder;
        const char *before;
        size_t count;
};

static void see(void *context, const char *name, const struct ftp_entry *entry)
{
        struct seen *seen = context;
        char path[PATH_MAX_HERE * 2];
        snprintf(path, sizeof path, "%s/%s", strcmp(seen->folder, "/") == 0 ? "" : seen->folder,
                 name);
        int at = find(seen->model, path);
        assert_true(at >= 0);
        assert_int_equal(seen->model->entries[at].folder, entry->is_folder);
        assert_true(seen->before == NULL || strcmp(seen->before, name) < 0);
        seen->before = name;
        seen->count++;
}

static void assert_same(struct ftp_tree *tree, const struct model *model)
{
        assert_int_equal(ftp_tree_count(tree), model->count);
        for (size_t i = 0; i < model->count; i++) {
                const struct ftp_entry *entry = ftp_tree_find(tree, model->entries[i].path);
                assert_non_null(entry);
                assert_int_equal(entry->is_folder, model->entries[i].folder);
                assert_int_equal(entry->size, model->entries[i].size);
                if (!entry->is_folder)
                        continue;
                struct seen seen = {.model = model, .folder = model->entries[i].path};
                size_t children = 0;
                for (size_t k = 0; k < model->count; k++) {
                        const char *path = model->entries[k].path;
                        size_t length = strlen(seen.folder) > 1 ? strlen(seen.folder) : 0;
                        children +=
                                below(seen.folder, path) && strchr(path + length + 1, '/') == NULL;
                }
                ftp_tree_list(tree, seen.folder, see, &seen);
                assert_int_equal(seen.count, children);
        }
}

static void test_against_model(void **state)
{
        (void)state;
        for (int run = 0; run < 60; run++) {
                struct ftp_tree *tree = ftp_tree_create();
                struct model *model = calloc(1, sizeof *model);
                if (tree == NULL || model == NULL)
                        abort();
                add(model, "/", true, 0);
                for (int step = 0; step < 120; step++) {
                        char path[PATH_MAX_HERE];
                        char other[PATH_MAX_HERE];
                        random_path(path);
                        random_path(other);
                        /* Paths stay short: folders move only to where no folder is above. */
                        bool short_enough = strlen(path) + strlen(other) < 20;
                        const struct ftp_entry file = {.size = step + 1, .modified = now};
                        switch (random_below(4)) {
                        case 0:
                                assert_int_equal(ftp_tree_make_folder(tree, path, now),
                                                 add_folders(model, path, strlen(path)));
                                break;
                        case 1:
                                assert_int_equal(ftp_tree_put_file(tree, path, &file),
                                                 model_put(model, path, file.size));
                                break;
                        case 2:
                                assert_int_equal(ftp_tree_remove(tree, path),
                                                 model_remove(model, path));
                                break;
                        default:
                                if (short_enough)
                                        assert_int_equal(ftp_tree_rename(tree, path, other, now),
                                                         model_rename(model, path, other));
                        }
                        assert_same(tree, model);
                }
                free(model);
                ftp_tree_destroy(&tree);
        }
}

/* Every path has its parents, all are found, and there are not too many. */
static void assert_sound(struct ftp_tree *tree, const char *path)
{
        char parent[FTP_PATH_SIZE];
        snprintf(parent, sizeof parent, "%s", path);
        assert_true(ftp_tree_has(tree, path));
        while (strcmp(parent, "/") != 0) {
                ftp_path_parent(parent, parent);
                const struct ftp_entry *entry = ftp_tree_find(tree, parent);
                assert_non_null(entry);
                assert_true(entry->is_folder);
        }
        assert_true(ftp_tree_count(tree) <= FTP_TREE_ENTRIES);
}

static void test_bounds(void **state)
{
        (void)state;
        struct ftp_tree *tree = ftp_tree_create();
        const struct ftp_entry file = {.size = 1, .modified = now};
        char path[FTP_PATH_SIZE];
        assert_true(ftp_tree_make_folder(tree, "/kept", now));
        for (int i = 0; i < 20000; i++) {
                snprintf(path, sizeof path, "/day%d/hour/%d.jpg", i / 100, i);
                assert_true(ftp_tree_put_file(tree, path, &file));
                assert_sound(tree, path);
                assert_non_null(ftp_tree_find(tree, "/kept")); /* what is used stays */
        }
        assert_false(ftp_tree_has(tree, "/day0/hour/0.jpg"));
        assert_true(ftp_tree_has(tree, "/day199/hour/19900.jpg"));
        ftp_tree_destroy(&tree);
}

/* Paths as long and deep as they may be, more than fit; the room is in bytes then. */
static void test_long_paths(void **state)
{
        (void)state;
        struct ftp_tree *tree = ftp_tree_create();
        const struct ftp_entry file = {.size = 1, .modified = now};
        char path[FTP_PATH_SIZE];
        for (int i = 0; i < 2000; i++) {
                size_t used = 0;
                while (used + 32 < sizeof path - 8)
                        used += (size_t)snprintf(path + used, sizeof path - used, "/%08d%022d", i,
                                                 (int)random_below(2));
                assert_true(ftp_tree_put_file(tree, path, &file));
                assert_sound(tree, path);
        }
        ftp_tree_destroy(&tree);
}

static void test_rename_too_long(void **state)
{
        (void)state;
        struct ftp_tree *tree = ftp_tree_create();
        const struct ftp_entry file = {.size = 1, .modified = now};
        char name[FTP_PATH_SIZE];
        char to[FTP_PATH_SIZE];
        memset(name, 'n', sizeof name);
        memcpy(name, "/a/", 3);
        name[FTP_PATH_SIZE - 2] = '\0';
        memset(to, 't', sizeof to);
        to[0] = '/';
        to[100] = '\0';
        assert_true(ftp_tree_put_file(tree, "/a/0", &file));
        assert_true(ftp_tree_put_file(tree, name, &file));
        assert_false(ftp_tree_rename(tree, "/a", to, now));
        assert_true(ftp_tree_has(tree, "/a/0") && ftp_tree_has(tree, name));
        assert_false(ftp_tree_has(tree, to));
        assert_true(ftp_tree_rename(tree, "/a", "/b", now));
        assert_true(ftp_tree_has(tree, "/b/0") && !ftp_tree_has(tree, "/a"));
        ftp_tree_destroy(&tree);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_against_model),
                cmocka_unit_test(test_bounds),
                cmocka_unit_test(test_long_paths),
                cmocka_unit_test(test_rename_too_long),
        };
        return cmocka_run_group_tests_name("ftp_tree", tests, NULL, NULL);
}
