#include "app/aside.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/aside_name.h"
#include "base/file.h"
#include "base/log.h"
#include "store/disk.h"

enum {
        BLOCK = 4096 /* what a small file really takes */
};

struct owner {
        char name[ASIDE_OWNER_SIZE];
        int64_t count;
};

struct kept {
        struct aside_item item;
        uint32_t owner; /* index */
};

struct aside {
        char *directory;
        int64_t most_bytes;
        bool with_notes;

        pthread_mutex_t lock; /* guards what follows */
        struct kept *items;   /* a ring of `room`, oldest first */
        size_t first, count, room;
        struct owner *owners;
        size_t owner_count, owner_room;
        int64_t bytes, used; /* of the items; with what they take beside */
};

enum part { PART_BYTES, PART_NOTE, PART_FOLDER };

static bool path_of(const struct aside *aside, const char *owner, const char *id, enum part part,
                    char out[static PATH_MAX])
{
        int length;
        if (aside->with_notes && part == PART_FOLDER)
                length = snprintf(out, PATH_MAX, "%s/%s", aside->directory, owner);
        else if (aside->with_notes)
                length = snprintf(out, PATH_MAX, "%s/%s/%s.%s", aside->directory, owner, id,
                                  part == PART_NOTE ? "json" : "bin");
        else
                length = snprintf(out, PATH_MAX, "%s/%s/%.4s-%.2s-%.2s%s%s", aside->directory,
                                  owner, id, id + 4, id + 6, part == PART_FOLDER ? "" : "/",
                                  part == PART_FOLDER ? "" : id);
        return length > 0 && length < PATH_MAX;
}

/* ---- what there is; the lock is held ---- */

static int64_t takes(const struct aside *aside, int64_t bytes)
{
        return bytes + BLOCK + (aside->with_notes ? BLOCK : 0);
}

static struct kept *kept_at(struct aside *aside, size_t i)
{
        assert(aside->room > 0);
        return &aside->items[(aside->first + i) % aside->room];
}

static bool owner_index(struct aside *aside, const char *name, bool add, uint32_t *index_out)
{
        for (size_t i = 0; i < aside->owner_count; i++) {
                *index_out = (uint32_t)i;
                if (strcmp(aside->owners[i].name, name) == 0)
                        return true;
        }
        if (!add || strlen(name) >= ASIDE_OWNER_SIZE)
                return false;
        if (aside->owner_count == aside->owner_room) {
                size_t room = aside->owner_room > 0 ? aside->owner_room * 2 : 16;
                struct owner *grown = reallocarray(aside->owners, room, sizeof *grown);
                if (grown == NULL)
                        return false;
                aside->owners = grown;
                aside->owner_room = room;
        }
        *index_out = (uint32_t)aside->owner_count;
        aside->owners[aside->owner_count] = (struct owner){0};
        memcpy(aside->owners[aside->owner_count++].name, name, strlen(name) + 1);
        return true;
}

static bool reserve(struct aside *aside)
{
        if (aside->count < aside->room)
                return true;
        size_t room = aside->room > 0 ? aside->room * 2 : 64;
        struct kept *grown = calloc(room, sizeof *grown);
        if (grown == NULL)
                return false;
        for (size_t i = 0; i < aside->count; i++)
                grown[i] = *kept_at(aside, i);
        free(aside->items);
        aside->items = grown;
        aside->first = 0;
        aside->room = room;
        return true;
}

static bool add_item(struct aside *aside, const char *owner, const struct aside_item *item)
{
        uint32_t index;
        if (!reserve(aside) || !owner_index(aside, owner, true, &index))
                return false;
        struct kept *kept = kept_at(aside, aside->count++);
        kept->item = *item;
        kept->owner = index;
        aside->owners[index].count++;
        aside->bytes += item->bytes;
        aside->used += takes(aside, item->bytes);
        return true;
}

/* Removes the i-th and its files. */
static void drop(struct aside *aside, size_t i)
{
        char path[PATH_MAX];
        const struct kept gone = *kept_at(aside, i);
        const char *owner = aside->owners[gone.owner].name;
        for (int part = PART_BYTES; part <= PART_NOTE; part++) {
                if ((part == PART_BYTES || aside->with_notes) &&
                    path_of(aside, owner, gone.item.id, (enum part)part, path))
                        unlink(path);
        }
        /* Only goes when it is empty; of the quarantine the owner's folder stays. */
        if (!aside->with_notes && path_of(aside, owner, gone.item.id, PART_FOLDER, path))
                rmdir(path);
        aside->owners[gone.owner].count--;
        aside->bytes -= gone.item.bytes;
        aside->used -= takes(aside, gone.item.bytes);
        for (; i > 0; i--)
                *kept_at(aside, i) = *kept_at(aside, i - 1);
        aside->first = (aside->first + 1) % aside->room;
        aside->count--;
}

/* The oldest go until there is room for so much more. */
static void make_room(struct aside *aside, int64_t wanted)
{
        while (aside->count > 0 && aside->used + wanted > aside->most_bytes)
                drop(aside, 0);
}

/* The oldest of a sort go until one more makes the most there may be. */
static void drop_alike(struct aside *aside, const struct aside_note *note)
{
        size_t found = 0;
        uint32_t index;
        if (note->most == 0 || !owner_index(aside, note->owner, false, &index))
                return;
        for (size_t i = aside->count; i > 0; i--) {
                const struct kept *kept = kept_at(aside, i - 1);
                if (kept->owner != index || kept->item.tag != note->tag)
                        continue;
                if (++found >= note->most) {
                        drop(aside, i - 1);
                        return; /* each time one comes */
                }
        }
}

/* ---- what is there from earlier ---- */

static bool read_folder(struct aside *aside, const char *path, const char *owner, int depth,
                        struct error *err);

static bool read_entry(struct aside *aside, const char *path, const char *owner, const char *name,
                       int depth, struct error *err)
{
        char below[PATH_MAX];
        struct stat status;
        struct aside_item item;
        int length = snprintf(below, sizeof below, "%s/%s", path, name);
        if (length >= PATH_MAX || lstat(below, &status) < 0)
                return true;
        if (S_ISDIR(status.st_mode))
                return depth >= 2 ||
                       read_folder(aside, below, depth == 0 ? name : owner, depth + 1, err);
        size_t id = strlen(name);
        if (aside->with_notes)
                id = id > 4 && strcmp(name + id - 4, ".bin") == 0 ? id - 4 : 0;
        if (!S_ISREG(status.st_mode) || depth == 0 || id >= ASIDE_ID_SIZE || id == 0)
                return true;
        memcpy(item.id, name, id);
        item.id[id] = '\0';
        item.bytes = status.st_size;
        item.tag = 0;
        if (!aside_stamp_parse(item.id, &item.time))
                return true;
        return add_item(aside, owner, &item) ||
               error_set(err, ERROR_FULL, "no memory for the names in %s", path);
}

static bool read_folder(struct aside *aside, const char *path, const char *owner, int depth,
                        struct error *err)
{
        DIR *folder = opendir(path);
        const struct dirent *entry;
        bool ok = true;
        if (folder == NULL)
                return error_sys(err, "read %s", path);
        while (ok && (entry = readdir(folder)) != NULL) {
                if (entry->d_name[0] != '.')
                        ok = read_entry(aside, path, owner, entry->d_name, depth, err);
        }
        closedir(folder);
        return ok;
}

static int by_time(const void *a, const void *b)
{
        const struct kept *x = a;
        const struct kept *y = b;
        if (x->item.time.ms != y->item.time.ms)
                return x->item.time.ms < y->item.time.ms ? -1 : 1;
        return strcmp(x->item.id, y->item.id);
}

bool aside_create(const struct aside_config *config, struct aside **aside_out, struct error *err)
{
        struct aside *aside = calloc(1, sizeof *aside);
        if (aside == NULL || (aside->directory = strdup(config->directory)) == NULL) {
                free(aside);
                return error_set(err, ERROR_FULL, "no memory for what is kept aside");
        }
        aside->most_bytes = config->most_bytes;
        aside->with_notes = config->with_notes;
        pthread_mutex_init(&aside->lock, NULL);
        bool ok = mkdir(aside->directory, 0777) == 0 || errno == EEXIST ||
                  error_sys(err, "make %s", aside->directory);
        ok = ok && read_folder(aside, aside->directory, "", 0, err);
        if (ok && aside->count > 0)
                qsort(aside->items, aside->count, sizeof *aside->items, by_time);
        if (ok)
                make_room(aside, 0);
        *aside_out = aside;
        if (!ok)
                aside_destroy(aside_out);
        return ok;
}

void aside_destroy(struct aside **aside)
{
        struct aside *gone = *aside;
        *aside = NULL;
        if (gone == NULL)
                return;
        pthread_mutex_destroy(&gone->lock);
        free(gone->items);
        free(gone->owners);
        free(gone->directory);
        free(gone);
}

/* ---- writing ---- */

static bool write_file(const char *path, const void *bytes, size_t length, struct error *err)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd < 0)
                return error_sys(err, "write %s", path);
        bool ok = file_write(fd, bytes, length) && fdatasync(fd) == 0;
        if (!ok) {
                error_sys(err, "write %s", path);
                unlink(path);
        }
        close(fd);
        return ok;
}

/* Makes DIRECTORY/OWNER and what is below it. */
static bool make_folders(const struct aside *aside, const char *folder, const char *owner,
                         struct error *err)
{
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", aside->directory, owner);
        bool made = mkdir(path, 0777) == 0;
        if (!made && errno != EEXIST)
                return error_sys(err, "make %s", path);
        if (mkdir(folder, 0777) < 0 && errno != EEXIST)
                return error_sys(err, "make %s", folder);
        return (disk_sync_folder(path) == 0 &&
                (!made || disk_sync_folder(aside->directory) == 0)) ||
               error_sys(err, "sync %s", path);
}

static void name_item(const struct aside *aside, const struct aside_note *note, int attempt,
                      struct aside_item *item)
{
        char name[ASIDE_ID_SIZE - ASIDE_STAMP_SIZE - 8];
        char stamp[ASIDE_STAMP_SIZE];
        char number[12] = "";
        const char *slash = strrchr(note->path, '/');
        const char *last = slash != NULL ? slash + 1 : note->path;
        (void)aside;
        aside_stamp_format(note->received, stamp);
        aside_escape(last, strlen(last), name, sizeof name);
        if (attempt > 0)
                snprintf(number, sizeof number, "%d-", attempt + 1);
        snprintf(item->id, sizeof item->id, "%s-%s%s", stamp, number, name);
        item->time = note->received;
}

static bool write_item(struct aside *aside, const struct aside_note *note, const uint8_t *bytes,
                       size_t length, const struct aside_item *item, struct error *err)
{
        char folder[PATH_MAX];
        char path[PATH_MAX];
        char words[8192]; /* a path of 1,024 bytes may be as many times 6 */
        struct text text;
        if (!path_of(aside, note->owner, item->id, PART_FOLDER, folder) ||
            !path_of(aside, note->owner, item->id, PART_BYTES, path))
                return error_set(err, ERROR_INPUT, "the path of the data folder is too long");
        if (!make_folders(aside, folder, note->owner, err) || !write_file(path, bytes, length, err))
                return false;
        text_init(&text, words, sizeof words);
        aside_note_write(note, length, &text);
        bool ok = true;
        char beside[PATH_MAX];
        if (aside->with_notes && path_of(aside, note->owner, item->id, PART_NOTE, beside))
                ok = write_file(beside, text.bytes, text.length, err);
        if (!ok)
                unlink(path); /* it comes again: what is not listed would fill the disk */
        return ok && (disk_sync_folder(folder) == 0 || error_sys(err, "sync %s", folder));
}

bool aside_put(struct aside *aside, const struct aside_note *note, const uint8_t *bytes,
               size_t length, struct error *err)
{
        struct aside_item item = {.bytes = (int64_t)length, .tag = note->tag};
        bool ok = false;
        if (takes(aside, item.bytes) > aside->most_bytes)
                return error_set(err, ERROR_FULL, "%zu bytes are more than may be kept aside",
                                 length);
        pthread_mutex_lock(&aside->lock);
        drop_alike(aside, note);
        make_room(aside, takes(aside, item.bytes));
        pthread_mutex_unlock(&aside->lock);
        for (int attempt = 0; !ok && attempt < 1000; attempt++) {
                name_item(aside, note, attempt, &item);
                ok = write_item(aside, note, bytes, length, &item, err);
                if (!ok && err->kind != ERROR_CONFLICT)
                        return false;
        }
        pthread_mutex_lock(&aside->lock);
        if (ok && !add_item(aside, note->owner, &item))
                log_warn("ftp", "aside-not-listed", "id=\"%s\"", item.id);
        pthread_mutex_unlock(&aside->lock);
        return ok;
}

/* ---- reading ---- */

/* Where to go on behind an item; when it is gone since, behind those that were newer. */
static size_t behind(struct aside *aside, uint32_t owner, const char *after)
{
        struct utc time;
        size_t i = aside->count;
        while (i > 0) {
                const struct kept *kept = kept_at(aside, i - 1);
                if (kept->owner == owner && strcmp(kept->item.id, after) == 0)
                        return i - 1;
                i--;
        }
        if (!aside_stamp_parse(after, &time))
                return 0;
        for (i = aside->count; i > 0 && kept_at(aside, i - 1)->item.time.ms >= time.ms;)
                i--;
        return i;
}

size_t aside_list(struct aside *aside, const char *owner, const char *after,
                  struct aside_item *items, size_t room)
{
        size_t found = 0;
        uint32_t index;
        pthread_mutex_lock(&aside->lock);
        bool any = owner_index(aside, owner, false, &index);
        size_t from = aside->count;
        if (any && after != NULL)
                from = behind(aside, index, after);
        for (size_t i = from; any && i > 0 && found < room; i--) {
                const struct kept *kept = kept_at(aside, i - 1);
                if (kept->owner == index)
                        items[found++] = kept->item;
        }
        pthread_mutex_unlock(&aside->lock);
        return found;
}

void aside_set_tag(struct aside *aside, const char *owner, const char *id, uint8_t tag)
{
        uint32_t index;
        pthread_mutex_lock(&aside->lock);
        bool any = owner_index(aside, owner, false, &index);
        for (size_t i = aside->count; any && i > 0; i--) {
                struct kept *kept = kept_at(aside, i - 1);
                if (kept->owner != index || strcmp(kept->item.id, id) != 0)
                        continue;
                kept->item.tag = tag;
                break;
        }
        pthread_mutex_unlock(&aside->lock);
}

int64_t aside_count(struct aside *aside, const char *owner)
{
        uint32_t index;
        pthread_mutex_lock(&aside->lock);
        int64_t count = owner_index(aside, owner, false, &index) ? aside->owners[index].count : 0;
        pthread_mutex_unlock(&aside->lock);
        return count;
}

static bool open_part(const struct aside *aside, const char *owner, const char *id, enum part part,
                      struct aside_file *file_out, struct error *err)
{
        char path[PATH_MAX];
        struct stat status;
        struct utc time;
        /* Names that we gave, so that nothing leads out of the folder. */
        if (strchr(id, '/') != NULL || !aside_stamp_parse(id, &time) ||
            (part == PART_NOTE && !aside->with_notes) || !path_of(aside, owner, id, part, path))
                return error_set(err, ERROR_NOT_FOUND, "there is no \"%.80s\"", id);
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT)
                return error_set(err, ERROR_NOT_FOUND, "there is no \"%.80s\" (any more)", id);
        if (fd < 0)
                return error_sys(err, "open %s", path);
        if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
                close(fd);
                return error_set(err, ERROR_NOT_FOUND, "there is no \"%.80s\"", id);
        }
        *file_out = (struct aside_file){fd, status.st_size};
        return true;
}

bool aside_open(struct aside *aside, const char *owner, const char *id, struct aside_file *file_out,
                struct error *err)
{
        return open_part(aside, owner, id, PART_BYTES, file_out, err);
}

bool aside_open_note(struct aside *aside, const char *owner, const char *id,
                     struct aside_file *file_out, struct error *err)
{
        return open_part(aside, owner, id, PART_NOTE, file_out, err);
}

void aside_totals(struct aside *aside, int64_t *items_out, int64_t *bytes_out)
{
        pthread_mutex_lock(&aside->lock);
        *items_out = (int64_t)aside->count;
        *bytes_out = aside->bytes;
        pthread_mutex_unlock(&aside->lock);
}
