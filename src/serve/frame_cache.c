#include "serve/frame_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Shards, so that threads hardly ever wait for each other; small ones, so that looking through one
 * is as quick as any table. */
enum { SHARDS = 16, SHARD_MOST = 64 };

struct entry {
        struct frame_file file; /* response NULL: free */
        struct mono checked;    /* when the catalog was asked */
        uint64_t used;          /* the shard's clock */
};

struct shard {
        pthread_mutex_t lock;
        uint64_t clock;
        struct entry entries[SHARD_MOST];
};

struct frame_cache {
        unsigned shard_entries;
        struct shard shards[SHARDS];
};

bool frame_cache_create(unsigned files, struct frame_cache **cache_out, struct error *err)
{
        struct frame_cache *cache = calloc(1, sizeof *cache);
        if (cache == NULL)
                return error_set(err, ERROR_FULL, "no memory for the frame cache");
        unsigned each = files / SHARDS;
        cache->shard_entries = each < 1 ? 1 : each > SHARD_MOST ? SHARD_MOST : each;
        for (int i = 0; i < SHARDS; i++)
                pthread_mutex_init(&cache->shards[i].lock, NULL);
        *cache_out = cache;
        return true;
}

void frame_cache_destroy(struct frame_cache **cache)
{
        struct frame_cache *gone = *cache;
        if (gone == NULL)
                return;
        for (int i = 0; i < SHARDS; i++) {
                for (int j = 0; j < SHARD_MOST; j++) {
                        if (gone->shards[i].entries[j].file.response != NULL)
                                MHD_destroy_response(gone->shards[i].entries[j].file.response);
                }
                pthread_mutex_destroy(&gone->shards[i].lock);
        }
        free(gone);
        *cache = NULL;
}

static struct shard *shard_of(struct frame_cache *cache, const struct frame_key *key)
{
        uint64_t hash = (uint64_t)key->time.ms * UINT64_C(0x9e3779b97f4a7c15) +
                        (uint64_t)key->camera.value * UINT64_C(0xc2b2ae3d27d4eb4f) + key->tie;
        return &cache->shards[hash >> 60];
}

static void drop(struct entry *entry)
{
        MHD_destroy_response(entry->file.response); /* goes when the last answer is sent */
        entry->file.response = NULL;
}

static bool unchanged(const struct frame_file *file)
{
        struct stat status;
        if (fstat(file->fd, &status) < 0 || status.st_nlink == 0)
                return false;
        if (file->received)
                return status.st_size >= file->offset + file->length;
        return status.st_size == file->length &&
               (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000 ==
                       file->modified.ms;
}

bool frame_cache_use(struct frame_cache *cache, const struct frame_key *key,
                     void (*use)(void *context, const struct frame_file *), void *context)
{
        struct shard *shard = shard_of(cache, key);
        bool found = false;
        pthread_mutex_lock(&shard->lock);
        for (unsigned i = 0; i < cache->shard_entries; i++) {
                struct entry *entry = &shard->entries[i];
                if (entry->file.response == NULL || frame_key_compare(&entry->file.key, key) != 0)
                        continue;
                if (mono_now().ns - entry->checked.ns > FRAME_CACHE_MS * INT64_C(1000000) ||
                    !unchanged(&entry->file)) {
                        drop(entry);
                        break;
                }
                entry->used = ++shard->clock;
                use(context, &entry->file);
                found = true;
                break;
        }
        pthread_mutex_unlock(&shard->lock);
        return found;
}

void frame_cache_put(struct frame_cache *cache, const struct frame_file *file)
{
        struct shard *shard = shard_of(cache, &file->key);
        pthread_mutex_lock(&shard->lock);
        struct entry *best = &shard->entries[0];
        for (unsigned i = 0; i < cache->shard_entries; i++) {
                struct entry *entry = &shard->entries[i];
                bool same = entry->file.response != NULL &&
                            frame_key_compare(&entry->file.key, &file->key) == 0;
                if (entry->file.response == NULL || same) {
                        best = entry;
                        if (same)
                                break;
                } else if (best->file.response != NULL && entry->used < best->used) {
                        best = entry;
                }
        }
        if (best->file.response != NULL)
                drop(best);
        *best = (struct entry){.file = *file, .checked = mono_now(), .used = ++shard->clock};
        pthread_mutex_unlock(&shard->lock);
}
