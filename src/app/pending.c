#include "app/pending.h"

#include <stdlib.h>
#include <string.h>

#include "receive/fingerprint.h"

static size_t bucket_of(const struct pending *pending, const char *path)
{
        return (size_t)hash_bytes(path, strlen(path), 0) & (pending->bucket_count - 1);
}

static bool grow(struct pending *pending)
{
        size_t count = pending->bucket_count > 0 ? pending->bucket_count * 2 : 64;
        struct pending_file **buckets = calloc(count, sizeof(struct pending_file *));
        if (buckets == NULL)
                return pending->bucket_count > 0; /* longer chains do as well */
        struct pending old = *pending;
        pending->buckets = buckets;
        pending->bucket_count = count;
        for (size_t i = 0; i < old.bucket_count; i++) {
                for (struct pending_file *file = old.buckets[i], *next = NULL; file != NULL;
                     file = next) {
                        size_t to = bucket_of(pending, file->path);
                        next = file->next;
                        file->next = buckets[to];
                        buckets[to] = file;
                }
        }
        free((void *)old.buckets);
        return true;
}

static char *join(const char *folder, const char *name)
{
        size_t before = strlen(folder);
        size_t after = name != NULL ? strlen(name) : 0;
        char *path = malloc(before + 1 + after + 1);
        if (path == NULL)
                return NULL;
        memcpy(path, folder, before + 1);
        if (name != NULL) {
                path[before] = '/';
                memcpy(path + before + 1, name, after + 1);
        }
        return path;
}

struct pending_file *pending_note(struct pending *pending, const char *folder, const char *name,
                                  bool *new_out)
{
        if (pending->count >= pending->bucket_count && !grow(pending))
                return NULL;
        char *path = join(folder, name);
        if (path == NULL)
                return NULL;
        struct pending_file **bucket = &pending->buckets[bucket_of(pending, path)];
        for (struct pending_file *file = *bucket; file != NULL; file = file->next) {
                if (strcmp(file->path, path) == 0) {
                        free(path);
                        *new_out = false;
                        return file;
                }
        }
        struct pending_file *file = calloc(1, sizeof *file);
        if (file == NULL) {
                free(path);
                return NULL;
        }
        file->path = path;
        file->bytes = -1;
        file->next = *bucket;
        *bucket = file;
        pending->count++;
        *new_out = true;
        return file;
}

struct mono pending_visit(struct pending *pending, struct mono now,
                          bool (*each)(void *context, struct pending_file *file), void *context)
{
        struct mono next_due = {INT64_MAX};
        for (size_t i = 0; pending->count > 0 && i < pending->bucket_count; i++) {
                for (struct pending_file **at = &pending->buckets[i]; *at != NULL;) {
                        struct pending_file *file = *at;
                        if (file->due.ns <= now.ns && each(context, file)) {
                                *at = file->next;
                                free(file->path);
                                free(file);
                                pending->count--;
                                continue;
                        }
                        if (file->due.ns < next_due.ns)
                                next_due = file->due;
                        at = &file->next;
                }
        }
        return next_due;
}

static bool drop(void *context, struct pending_file *file)
{
        (void)context;
        (void)file;
        return true;
}

void pending_finish(struct pending *pending)
{
        pending_visit(pending, (struct mono){INT64_MAX}, drop, NULL);
        free((void *)pending->buckets);
        *pending = (struct pending){0};
}
