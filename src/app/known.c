#include "app/known.h"

#include <stdlib.h>
#include <string.h>

#include "receive/fingerprint.h"

static bool no_memory(struct error *err)
{
        return error_set(err, ERROR_FULL, "no memory for what the catalog knows");
}

/* ---- folders ---- */

struct adding {
        struct known_folders *known;
        bool failed;
};

static uint64_t hash_path(const char *path)
{
        return hash_bytes(path, strlen(path), 0);
}

static bool add_folder(void *context, struct folder_id id, const char *path, uint64_t fingerprint)
{
        struct adding *adding = context;
        struct known_folders *known = adding->known;
        if (known->count == known->room) {
                size_t room = known->room > 0 ? known->room * 2 : 256;
                struct known_folder *grown = reallocarray(known->folders, room, sizeof *grown);
                if (grown == NULL) {
                        adding->failed = true;
                        return false;
                }
                known->folders = grown;
                known->room = room;
        }
        struct known_folder *folder = &known->folders[known->count++];
        folder->path_hash = hash_path(path);
        folder->fingerprint = fingerprint;
        folder->id = id;
        atomic_init(&folder->visited, false);
        return true;
}

bool known_folders_add(struct known_folders *known, struct catalog *catalog, const char *root,
                       struct error *err)
{
        struct adding adding = {.known = known};
        if (!catalog_folders_below(catalog, root, add_folder, &adding, err))
                return false;
        return !adding.failed || no_memory(err);
}

static int compare_folders(const void *left, const void *right)
{
        const struct known_folder *a = left;
        const struct known_folder *b = right;
        return a->path_hash < b->path_hash ? -1 : a->path_hash > b->path_hash;
}

void known_folders_sort(struct known_folders *known)
{
        if (known->count > 1)
                qsort(known->folders, known->count, sizeof *known->folders, compare_folders);
}

struct known_folder *known_folders_find(const struct known_folders *known, const char *path)
{
        if (known->count == 0)
                return NULL;
        struct known_folder wanted = {.path_hash = hash_path(path)};
        return bsearch(&wanted, known->folders, known->count, sizeof wanted, compare_folders);
}

void known_folders_finish(struct known_folders *known)
{
        free(known->folders);
        *known = (struct known_folders){0};
}

/* ---- files ---- */

struct loading {
        struct known_files *known;
        bool failed;
};

static uint64_t hash_of(const struct known_file *file)
{
        return file_hash(file->name, file->bytes, file->modified);
}

static bool add_file(void *context, const struct known_file *file)
{
        struct loading *loading = context;
        struct known_files *known = loading->known;
        if (known->count == known->room) {
                size_t room = known->room > 0 ? known->room + known->room / 2 : 256;
                uint64_t *grown = reallocarray(known->hashes, room, sizeof *grown);
                if (grown == NULL) {
                        loading->failed = true;
                        return false;
                }
                known->hashes = grown;
                known->room = room;
        }
        known->hashes[known->count++] = hash_of(file);
        return true;
}

static void sift_down(uint64_t *heap, size_t at, size_t count)
{
        uint64_t value = heap[at];
        for (size_t child = at * 2 + 1; child < count; child = at * 2 + 1) {
                if (child + 1 < count && heap[child + 1] > heap[child])
                        child++;
                if (heap[child] <= value)
                        break;
                heap[at] = heap[child];
                at = child;
        }
        heap[at] = value;
}

/* In place: qsort would take the same memory once more. */
static void heap_sort(uint64_t *values, size_t count)
{
        for (size_t i = count / 2; i > 0; i--)
                sift_down(values, i - 1, count);
        for (size_t end = count; end > 1; end--) {
                uint64_t most = values[0];
                values[0] = values[end - 1];
                values[end - 1] = most;
                sift_down(values, 0, end - 1);
        }
}

bool known_files_load(struct known_files *known, struct catalog *catalog, struct folder_id folder,
                      struct error *err)
{
        struct loading loading = {.known = known};
        if (!catalog_files_of(catalog, folder, add_file, &loading, err))
                return false;
        if (loading.failed)
                return no_memory(err);
        heap_sort(known->hashes, known->count);
        known->seen = calloc(known->count / 8 + 1, 1);
        return known->seen != NULL || no_memory(err);
}

/* Hashes are spread evenly, so a guess by value lands near; then halves, in case they are not. */
static bool find(const struct known_files *known, uint64_t hash, size_t *index_out)
{
        size_t low = 0;
        size_t high = known->count;
        for (int guesses = 0; low < high; guesses++) {
                size_t at = low + (high - low) / 2;
                uint64_t first = known->hashes[low];
                uint64_t last = known->hashes[high - 1];
                if (hash < first || hash > last)
                        return false;
                if (guesses < 8 && last > first) {
                        __extension__ typedef unsigned __int128 wide;
                        at = low +
                             (size_t)((wide)(hash - first) * (high - 1 - low) / (last - first));
                }
                if (known->hashes[at] == hash) {
                        *index_out = at;
                        return true;
                }
                if (known->hashes[at] < hash)
                        low = at + 1;
                else
                        high = at;
        }
        return false;
}

bool known_files_meet(struct known_files *known, const char *name, int64_t bytes,
                      struct utc modified)
{
        size_t index = 0;
        if (!find(known, file_hash(name, bytes, modified), &index))
                return false;
        atomic_fetch_or_explicit(&known->seen[index / 8], (uint8_t)(1U << index % 8),
                                 memory_order_relaxed);
        return true;
}

bool known_files_missed(const struct known_files *known, const struct known_file *file)
{
        size_t index = 0;
        return find(known, hash_of(file), &index) &&
               (atomic_load_explicit(&known->seen[index / 8], memory_order_relaxed) >> (index % 8) &
                1) == 0;
}

void known_files_finish(struct known_files *known)
{
        free(known->hashes);
        free((void *)known->seen);
        *known = (struct known_files){0};
}
