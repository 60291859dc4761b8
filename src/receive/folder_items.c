#include "receive/folder_items.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
        CHUNK_BYTES = 32768,
        CHUNK_NAMES = CHUNK_BYTES / 24, /* an entry is no shorter */
        CHUNKS_A_THREAD = 2
};

struct linux_entry {
        uint64_t inode;
        int64_t next;
        uint16_t size;
        uint8_t type;
        char name[];
};

struct sorted_name {
        uint64_t inode;
        uint32_t at; /* offset of the entry in the chunk's bytes */
};

struct chunk {
        struct scan_folder *folder;
        struct chunk *next;
        size_t length;
        size_t name_count;
        struct sorted_name names[CHUNK_NAMES]; /* not folders; by inode */
        _Alignas(struct linux_entry) char bytes[CHUNK_BYTES];
};

const char *scan_names_next(struct scan_names *names, unsigned char *type_out)
{
        const struct chunk *chunk = names->chunk;
        if (names->at == chunk->name_count)
                return NULL;
        const struct linux_entry *entry =
                (const void *)(chunk->bytes + chunk->names[names->at++].at);
        *type_out = entry->type;
        return entry->name;
}

/* ---- the stack of folders ---- */

bool folder_push(struct folder_scan *scan, const struct waiting_folder *folder)
{
        bool ok = true;
        pthread_mutex_lock(&scan->lock);
        if (scan->folder_count == scan->folder_room) {
                size_t room = scan->folder_room > 0 ? scan->folder_room * 2 : 256;
                struct waiting_folder *grown = reallocarray(scan->folders, room, sizeof *grown);
                if (grown != NULL) {
                        scan->folders = grown;
                        scan->folder_room = room;
                } else {
                        ok = false;
                }
        }
        if (ok)
                scan->folders[scan->folder_count++] = *folder;
        if (scan->sleeping > 0)
                pthread_cond_signal(&scan->work);
        pthread_mutex_unlock(&scan->lock);
        return ok;
}

static void push_child(struct folder_scan *scan, unsigned worker, const struct scan_folder *parent,
                       const char *name)
{
        size_t before = strlen(parent->path);
        bool slash = before > 0 && parent->path[before - 1] != '/';
        size_t length = before + slash + strlen(name);
        char *path = malloc(length + 1);
        if (path == NULL) {
                scan->visitor.failed(scan->visitor.context, worker, parent->path, ENOMEM);
                return;
        }
        memcpy(path, parent->path, before);
        if (slash)
                path[before] = '/';
        memcpy(path + before + slash, name, strlen(name) + 1);
        uint32_t relative = parent->relative[0] != '\0'
                                    ? (uint32_t)(parent->relative - parent->path)
                                    : (uint32_t)(before + slash);
        struct waiting_folder folder = {path, (uint32_t)parent->root, relative};
        if (!folder_push(scan, &folder)) {
                scan->visitor.failed(scan->visitor.context, worker, path, ENOMEM);
                free(path);
        }
}

/* ---- chunks ---- */

static struct chunk *chunk_take_spare(struct folder_scan *scan)
{
        pthread_mutex_lock(&scan->lock);
        struct chunk *chunk = scan->spare;
        if (chunk != NULL)
                scan->spare = chunk->next;
        pthread_mutex_unlock(&scan->lock);
        return chunk != NULL ? chunk : malloc(sizeof *chunk);
}

static void chunk_give_back(struct folder_scan *scan, struct chunk *chunk)
{
        pthread_mutex_lock(&scan->lock);
        chunk->next = scan->spare;
        scan->spare = chunk;
        pthread_mutex_unlock(&scan->lock);
}

/* Hands the chunk to other threads; false when enough are waiting already. */
static bool chunk_offer(struct folder_scan *scan, struct chunk *chunk)
{
        pthread_mutex_lock(&scan->lock);
        bool ok = scan->chunk_count < (size_t)scan->threads * CHUNKS_A_THREAD && !scan->stopping;
        if (ok) {
                chunk->folder->working++;
                chunk->next = scan->chunks;
                scan->chunks = chunk;
                scan->chunk_count++;
                if (scan->sleeping > 0)
                        pthread_cond_signal(&scan->work);
        }
        pthread_mutex_unlock(&scan->lock);
        return ok;
}

static void work_on_names(struct folder_scan *scan, unsigned worker, struct chunk *chunk)
{
        struct scan_names names = {.chunk = chunk};
        scan->visitor.names(scan->visitor.context, worker, chunk->folder, &names);
}

/* ---- listing ---- */

static bool is_folder(int fd, const struct linux_entry *entry)
{
        if (entry->type != DT_UNKNOWN)
                return entry->type == DT_DIR;
        struct stat status;
        return fstatat(fd, entry->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISDIR(status.st_mode);
}

static int compare_inodes(const void *left, const void *right)
{
        const struct sorted_name *a = left;
        const struct sorted_name *b = right;
        return a->inode < b->inode ? -1 : a->inode > b->inode;
}

/*
 * Sets folders found aside and puts the other names in order of inodes: files that came one after
 * the other lie together in memory and on disk, while the listing's order is that of a hash.
 */
static void sort_out(struct folder_scan *scan, unsigned worker, struct chunk *chunk)
{
        struct scan_folder *folder = chunk->folder;
        chunk->name_count = 0;
        for (size_t at = 0; at < chunk->length;) {
                const struct linux_entry *entry = (const void *)(chunk->bytes + at);
                struct sorted_name name = {entry->inode, (uint32_t)at};
                at += entry->size;
                if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
                        continue;
                folder->entries++;
                if (is_folder(folder->fd, entry)) {
                        if (folder->pass == 0)
                                push_child(scan, worker, folder, entry->name);
                } else {
                        assert(chunk->name_count < CHUNK_NAMES);
                        chunk->names[chunk->name_count++] = name;
                }
        }
        qsort(chunk->names, chunk->name_count, sizeof chunk->names[0], compare_inodes);
}

/* Reads one chunk; false at the end of the folder, with folder->listed false if it failed. */
static bool read_chunk(struct folder_scan *scan, unsigned worker, struct chunk *chunk)
{
        long got = syscall(SYS_getdents64, chunk->folder->fd, chunk->bytes, CHUNK_BYTES);
        if (got > 0) {
                chunk->length = (size_t)got;
                return true;
        }
        if (got < 0 && errno != ENOENT) { /* ENOENT: the folder was removed meanwhile */
                atomic_store(&chunk->folder->listed, false);
                scan->visitor.failed(scan->visitor.context, worker, chunk->folder->path, errno);
        }
        return false;
}

/*
 * One pass over a folder. A chunk is kept in hand until it is known whether another follows: a
 * small folder is worked on by the thread that read it, a large one is shared.
 */
static void list(struct folder_scan *scan, unsigned worker, struct scan_folder *folder)
{
        struct chunk *chunk = chunk_take_spare(scan);
        struct chunk *held = NULL;
        atomic_store(&folder->listed, chunk != NULL);
        folder->entries = 0;
        if (chunk == NULL)
                scan->visitor.failed(scan->visitor.context, worker, folder->path, ENOMEM);
        while (chunk != NULL) {
                if (folder_scan_stopping(scan)) {
                        atomic_store(&folder->listed, false);
                        break;
                }
                chunk->folder = folder;
                if (!read_chunk(scan, worker, chunk))
                        break;
                sort_out(scan, worker, chunk);
                if (chunk->name_count == 0)
                        continue;
                if (held == NULL) {
                        held = chunk;
                        chunk = chunk_take_spare(scan);
                } else if (chunk_offer(scan, chunk)) {
                        chunk = chunk_take_spare(scan);
                } else {
                        work_on_names(scan, worker, chunk);
                }
                if (chunk == NULL) {
                        atomic_store(&folder->listed, false);
                        scan->visitor.failed(scan->visitor.context, worker, folder->path, ENOMEM);
                }
        }
        if (held != NULL) {
                work_on_names(scan, worker, held);
                chunk_give_back(scan, held);
        }
        if (chunk != NULL)
                chunk_give_back(scan, chunk);
}

static void leave(struct folder_scan *scan, unsigned worker, struct scan_folder *folder)
{
        if (folder->fd >= 0)
                close(folder->fd);
        folder->fd = -1;
        scan->visitor.left(scan->visitor.context, worker, folder);
        free(folder->path);
        free(folder);
}

/* True for the one who was the last to work on the folder in this pass. */
static bool was_last(struct folder_scan *scan, struct scan_folder *folder)
{
        pthread_mutex_lock(&scan->lock);
        bool last = --folder->working == 0;
        pthread_mutex_unlock(&scan->lock);
        return last;
}

/* Ends the pass, and runs further ones for as long as the visitor wants them. */
static void end_pass(struct folder_scan *scan, unsigned worker, struct scan_folder *folder)
{
        while (was_last(scan, folder)) {
                bool again = scan->visitor.listed(scan->visitor.context, worker, folder);
                if (!again || lseek(folder->fd, 0, SEEK_SET) < 0) {
                        leave(scan, worker, folder);
                        return;
                }
                folder->pass++;
                folder->working = 1;
                list(scan, worker, folder);
        }
}

void folder_work(struct folder_scan *scan, unsigned worker, struct waiting_folder *found)
{
        int fd = open(found->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
                /* Gone, or changed to something else, since it was listed: only a root has to be
                 * there. */
                bool is_root = found->path[found->relative] == '\0';
                if (is_root || (errno != ENOENT && errno != ENOTDIR && errno != ELOOP))
                        scan->visitor.failed(scan->visitor.context, worker, found->path, errno);
                free(found->path);
                return;
        }
        struct scan_folder *folder = calloc(1, sizeof *folder);
        if (folder == NULL) {
                scan->visitor.failed(scan->visitor.context, worker, found->path, ENOMEM);
                close(fd);
                free(found->path);
                return;
        }
        folder->path = found->path;
        folder->relative = found->path + found->relative;
        folder->root = found->root;
        folder->fd = fd;
        folder->working = 1;
        if (!scan->visitor.entered(scan->visitor.context, worker, folder)) {
                close(fd);
                free(folder->path);
                free(folder);
                return;
        }
        list(scan, worker, folder);
        end_pass(scan, worker, folder);
}

void chunk_work(struct folder_scan *scan, unsigned worker, struct chunk *chunk)
{
        struct scan_folder *owner = chunk->folder;
        if (!folder_scan_stopping(scan))
                work_on_names(scan, worker, chunk);
        else
                atomic_store(&owner->listed, false);
        chunk_give_back(scan, chunk);
        end_pass(scan, worker, owner);
}

struct chunk *chunk_take(struct folder_scan *scan)
{
        struct chunk *chunk = scan->chunks;
        if (chunk != NULL) {
                scan->chunks = chunk->next;
                scan->chunk_count--;
        }
        return chunk;
}

void folder_items_free(struct folder_scan *scan)
{
        for (size_t i = 0; i < scan->folder_count; i++)
                free(scan->folders[i].path);
        free(scan->folders);
        while (scan->spare != NULL) {
                struct chunk *chunk = scan->spare;
                scan->spare = chunk->next;
                free(chunk);
        }
}
