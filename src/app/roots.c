#include "app/roots.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

bool path_is_within(const char *path, const char *root)
{
        size_t length = strlen(root);
        if (length == 1) /* "/" */
                return true;
        return strncmp(path, root, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* Appends the parts of a path to a normalised one, going up for "..". */
static void append_parts(struct text *text, const char *path)
{
        while (*path != '\0') {
                size_t length = strcspn(path, "/");
                if (length == 2 && path[0] == '.' && path[1] == '.') {
                        while (text->length > 0 && text->bytes[text->length - 1] != '/')
                                text->length--;
                        if (text->length > 0)
                                text->length--;
                } else if (length > 0 && !(length == 1 && path[0] == '.')) {
                        text_add_char(text, '/');
                        text_add(text, path, length);
                }
                path += length + (path[length] == '/');
        }
}

bool root_resolve(const char *path, char **absolute_out, struct error *err)
{
        if (path[0] == '\0')
                return error_set(err, ERROR_INPUT, "an empty path names no folder");
        char *absolute = realpath(path, NULL);
        if (absolute == NULL) {
                char here[PATH_MAX] = "";
                if (path[0] != '/' && getcwd(here, sizeof here) == NULL)
                        return error_sys(err, "the working folder of \"%s\"", path);
                char buffer[2 * PATH_MAX];
                struct text text;
                text_init(&text, buffer, sizeof buffer);
                append_parts(&text, here);
                append_parts(&text, path);
                if (!text_ok(&text))
                        return error_set(err, ERROR_INPUT, "the path \"%.100s...\" is too long",
                                         path);
                buffer[text.length] = '\0';
                absolute = strdup(text.length > 0 ? buffer : "/");
        }
        if (absolute == NULL)
                return error_set(err, ERROR_FULL, "no memory for a path");
        *absolute_out = absolute;
        return true;
}

/* Takes out a root that is inside of another. */
static void drop_inner(struct roots *roots)
{
        size_t kept = 0;
        for (size_t i = 0; i < roots->count; i++) {
                bool inner = false;
                for (size_t j = 0; j < roots->count && !inner; j++) {
                        inner = j != i && roots->paths[j] != NULL &&
                                path_is_within(roots->paths[i], roots->paths[j]);
                        if (inner)
                                log_warn("folders", "inside-another", "folder=\"%s\" of=\"%s\"",
                                         roots->paths[i], roots->paths[j]);
                }
                if (inner) {
                        free(roots->paths[i]);
                        roots->paths[i] = NULL;
                }
        }
        for (size_t i = 0; i < roots->count; i++) {
                if (roots->paths[i] != NULL)
                        roots->paths[kept++] = roots->paths[i];
        }
        roots->count = kept;
}

bool roots_init(struct roots *roots, const char *const *folders, size_t count, struct error *err)
{
        *roots = (struct roots){.paths = calloc(count + 1, sizeof(char *))};
        if (roots->paths == NULL)
                return error_set(err, ERROR_FULL, "no memory for paths");
        for (size_t i = 0; i < count; i++) {
                if (!root_resolve(folders[i], &roots->paths[roots->count], err)) {
                        roots_finish(roots);
                        return false;
                }
                roots->count++;
        }
        drop_inner(roots);
        return true;
}

bool roots_set_own(struct roots *roots, const char *data_directory, struct error *err)
{
        return root_resolve(data_directory, &roots->own, err);
}

bool roots_is_own(const struct roots *roots, size_t root, const char *folder)
{
        static const char *const names[] = {"frames", "cache", "quarantine", "attachments",
                                            "exports"};
        if (roots->own == NULL || !path_is_within(folder, roots->own))
                return false;
        if (!path_is_within(roots->paths[root], roots->own))
                return true;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                char path[PATH_MAX];
                int length = snprintf(path, sizeof path, "%s/%s", roots->own, names[i]);
                if (length > 0 && (size_t)length < sizeof path && path_is_within(folder, path) &&
                    !path_is_within(roots->paths[root], path))
                        return true;
        }
        return false;
}

void roots_finish(struct roots *roots)
{
        for (size_t i = 0; i < roots->count; i++)
                free(roots->paths[i]);
        free((void *)roots->paths);
        free(roots->own);
        *roots = (struct roots){0};
}
