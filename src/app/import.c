#include "app/import.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/batch.h"
#include "app/roots.h"
#include "base/text.h"
#include "base/zone.h"
#include "parse/understand.h"
#include "receive/csv.h"

enum { FOLDER_PATH_ROOM = 4096 };

/* The folder of the last row: lists name the same folder many times in a row. */
struct import_folder {
        char named[FOLDER_PATH_ROOM]; /* as the list has it */
        size_t named_length;
        char *path; /* absolute, owned; NULL: none yet */
        int fd;     /* -1: it is not there */
};

struct import {
        struct import_config config;
        char *root;   /* absolute, NULL if none */
        char *beside; /* absolute */
        struct zone *zone;
        struct csv csv;
        struct import_folder folder;
        struct batch *batch;
        struct utc now;
        struct import_result result;
        bool failed;
        struct error failure;
};

static void bad_row(struct import *import, int64_t line, const char *reason)
{
        import->result.bad++;
        if (import->config.on_bad != NULL)
                import->config.on_bad(import->config.context, line, reason);
}

static void give_up(struct import *import, const struct error *err)
{
        if (!import->failed)
                import->failure = *err;
        import->failed = true;
}

/* Makes `named`, the folder part of a path, the current folder. */
static bool enter_folder(struct import *import, const char *named, size_t length, struct error *err)
{
        struct import_folder *folder = &import->folder;
        if (folder->path != NULL && folder->named_length == length &&
            memcmp(folder->named, named, length) == 0)
                return true;
        if (length >= sizeof folder->named)
                return error_set(err, ERROR_INPUT, "the path is longer than %zu bytes",
                                 sizeof folder->named);
        char joined[2 * FOLDER_PATH_ROOM];
        struct text text;
        text_init(&text, joined, sizeof joined);
        if (length == 0 || named[0] != '/') {
                text_add_string(&text, import->root != NULL ? import->root : import->beside);
                text_add_char(&text, '/');
        }
        text_add(&text, named, length);
        char *path = NULL;
        if (!text_ok(&text))
                return error_set(err, ERROR_INPUT, "the path is too long");
        if (!root_resolve(joined, &path, err))
                return false;
        if (folder->fd >= 0)
                close(folder->fd);
        free(folder->path);
        folder->path = path;
        folder->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        memcpy(folder->named, named, length);
        folder->named_length = length;
        return true;
}

/* The path as the rules for paths see it: below the root if it is, else as the list has it. */
static void add_seen_path(const struct import *import, struct text *text, const struct csv_row *row,
                          const char *name)
{
        const char *path = import->folder.path;
        if (import->root == NULL || !path_is_within(path, import->root)) {
                text_add(text, row->path, row->path_length);
                return;
        }
        const char *below = path + strlen(import->root);
        while (*below == '/')
                below++;
        text_add_string(text, below);
        if (*below != '\0')
                text_add_char(text, '/');
        text_add_string(text, name);
}

static bool split(const struct csv_row *row, size_t *folder_length_out,
                  char name[static PLACE_NAME_SIZE], const char **why_out)
{
        const char *slash = memrchr(row->path, '/', row->path_length);
        size_t folder = slash != NULL ? (size_t)(slash - row->path) : 0;
        const char *start = slash != NULL ? slash + 1 : row->path;
        size_t length = row->path_length - (size_t)(start - row->path);
        *why_out = NULL;
        if (length == 0)
                *why_out = "the path ends in a slash: it names no file";
        else if (length >= PLACE_NAME_SIZE)
                *why_out = "the file's name is longer than 255 bytes";
        if (*why_out != NULL)
                return false;
        memcpy(name, start, length);
        name[length] = '\0';
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
                *why_out = "the path names no file";
                return false;
        }
        *folder_length_out = slash == row->path ? 1 : folder;
        return true;
}

static bool take_row(struct import *import, const struct csv_row *row, const char *name,
                     struct error *err)
{
        char seen[FOLDER_PATH_ROOM + PLACE_NAME_SIZE];
        struct text text;
        struct stat status;
        struct facts facts;
        bool exists = import->folder.fd >= 0 &&
                      fstatat(import->folder.fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                      S_ISREG(status.st_mode);
        text_init(&text, seen, sizeof seen);
        add_seen_path(import, &text, row, name);
        if (!text_ok(&text))
                return error_set(err, ERROR_INPUT, "the path is too long");
        const struct understand_context context = {
                .path = seen,
                .path_length = text.length,
                .zone = import->zone,
                .received = UTC_NONE,
                .now = import->now,
                .bytes = exists ? status.st_size : -1,
        };
        if (!understand_comment(row->json, row->json_length, &context, &facts, err))
                return false;
        if (!utc_known(facts.time))
                return error_set(err, ERROR_INPUT, "neither the JSON nor the path tells the time");
        if (import->batch == NULL)
                import->batch = ingest_batch(import->config.ingest);
        if (import->batch == NULL)
                return error_set(err, ERROR_FULL, "no memory for a batch of rows");
        /* Its modification time is left open, so that a scan still opens the file. */
        batch_add_frame(import->batch, batch_folder(import->batch, import->folder.path), name,
                        &facts, UTC_NONE);
        import->result.frames++;
        import->result.missing += !exists;
        return true;
}

static void each_row(void *context, const struct csv_row *row)
{
        struct import *import = context;
        struct error err = {0};
        char name[PLACE_NAME_SIZE];
        size_t folder_length = 0;
        const char *why = row->bad;
        import->result.rows++;
        if (import->failed)
                return;
        if (why != NULL || !split(row, &folder_length, name, &why)) {
                bad_row(import, row->line, why);
                return;
        }
        if (!enter_folder(import, row->path, folder_length, &err) ||
            !take_row(import, row, name, &err)) {
                bad_row(import, row->line, err.text);
                return;
        }
        if (import->batch->count >= BATCH_FULL &&
            !ingest_submit(import->config.ingest, &import->batch, &err))
                give_up(import, &err);
}

static void destroy(struct import *import)
{
        batch_free(&import->batch);
        if (import->folder.fd >= 0)
                close(import->folder.fd);
        free(import->folder.path);
        free(import->root);
        free(import->beside);
        zone_free(&import->zone);
        free(import);
}

bool import_open(const struct import_config *config, struct import **import_out, struct error *err)
{
        struct import *import = calloc(1, sizeof *import);
        if (import == NULL)
                return error_set(err, ERROR_FULL, "no memory to import");
        import->config = *config;
        import->folder.fd = -1;
        import->now = utc_now();
        csv_init(&import->csv, each_row, import);
        bool ok = root_resolve(config->beside, &import->beside, err) &&
                  (config->root == NULL || root_resolve(config->root, &import->root, err)) &&
                  (config->zone == NULL || zone_load(config->zone, &import->zone, err));
        if (!ok) {
                destroy(import);
                return false;
        }
        *import_out = import;
        return true;
}

bool import_feed(struct import *import, const char *bytes, size_t length, struct error *err)
{
        csv_feed(&import->csv, bytes, length);
        if (import->failed && err != NULL)
                *err = import->failure;
        return !import->failed;
}

void import_progress(const struct import *import, struct import_result *result_out)
{
        *result_out = import->result;
}

bool import_close(struct import **import, struct import_result *result_out, struct error *err)
{
        struct import *i = *import;
        struct error late = {0};
        *import = NULL;
        csv_end(&i->csv);
        if (!i->failed && i->batch != NULL && !ingest_submit(i->config.ingest, &i->batch, &late))
                give_up(i, &late);
        *result_out = i->result;
        bool ok = !i->failed;
        if (!ok && err != NULL)
                *err = i->failure;
        destroy(i);
        return ok;
}
