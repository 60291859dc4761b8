#include "serve/frame_cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Shards, so that threads hardly ever wait for each other; small ones, so that looking through the
 * keys of one is as quick as any table. */
enum { SHARDS = 64, SHARD_MOST = 64 };

#define CACHE_NS (FRAME_CACHE_MS * INT64_C(1000000))

struct entry {
        struct frame_file file; /* response NULL: free */
        struct mono checked;    /* when the catalog was asked */
        uint64_t used;          /* the shard's clock */
};

struct shard {
        pthread_mutex_t lock;
        uint64_t clock;
        struct frame_key keys[SHARD_MOST]; /* of the entries; camera 0: free */
        struct entry entries[SHARD_MOST];
};

struct frame_cache {
        unsigned shard_entries;
        atomic_uint_fast64_t age;
        pthread_t keeper;
        bool kept; /* the keeper runs */
        pthread_mutex_t lock;
        pthread_cond_t end;
        bool ending;
        struct shard shards[SHARDS];
};

static void drop(struct shard *shard, unsigned at)
{
        MHD_destroy_response(shard->entries[at].file.response); /* goes with the last answer */
        shard->entries[at].file.response = NULL;
        shard->keys[at] = (struct frame_key){0};
}

static bool expired(const struct entry *entry)
{
        return mono_now().ns - entry->checked.ns > CACHE_NS;
}

/* A file that was deleted takes its space until it is closed, so none is held for long. */
static void sweep(struct frame_cache *cache)
{
        for (int i = 0; i < SHARDS; i++) {
                struct shard *shard = &cache->shards[i];
                pthread_mutex_lock(&shard->lock);
                for (unsigned j = 0; j < cache->shard_entries; j++) {
                        if (shard->entries[j].file.response != NULL && expired(&shard->entries[j]))
                                drop(shard, j);
                }
                pthread_mutex_unlock(&shard->lock);
        }
}

static void *keep(void *context)
{
        struct frame_cache *cache = context;
        pthread_setname_np(pthread_self(), "frame-cache");
        pthread_mutex_lock(&cache->lock);
        while (!cache->ending) {
                int64_t next = mono_now().ns + CACHE_NS;
                struct timespec until = {.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000};
                pthread_cond_timedwait(&cache->end, &cache->lock, &until);
                pthread_mutex_unlock(&cache->lock);
                sweep(cache);
                pthread_mutex_lock(&cache->lock);
        }
        pthread_mutex_unlock(&cache->lock);
        return NULL;
}

bool frame_cache_create(unsigned files, struct frame_cache **cache_out, struct error *err)
{
        struct frame_cache *cache = calloc(1, sizeof *cache);
        if (cache == NULL)
                return error_set(err, ERROR_FULL, "no memory for the frame cache");
        unsigned each = files / SHARDS;
        cache->shard_entries = each < 1 ? 1 : each > SHARD_MOST ? SHARD_MOST : each;
        for (int i = 0; i < SHARDS; i++)
                pthread_mutex_init(&cache->shards[i].lock, NULL);
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_mutex_init(&cache->lock, NULL);
        pthread_cond_init(&cache->end, &attributes);
        pthread_condattr_destroy(&attributes);
        *cache_out = cache;
        cache->kept = pthread_create(&cache->keeper, NULL, keep, cache) == 0;
        if (cache->kept)
                return true;
        frame_cache_destroy(cache_out);
        return error_set(err, ERROR_SYSTEM, "cannot start a thread for the frame cache");
}

void frame_cache_destroy(struct frame_cache **cache)
{
        struct frame_cache *gone = *cache;
        if (gone == NULL)
                return;
        pthread_mutex_lock(&gone->lock);
        gone->ending = true;
        pthread_cond_signal(&gone->end);
        pthread_mutex_unlock(&gone->lock);
        if (gone->kept)
                pthread_join(gone->keeper, NULL);
        for (int i = 0; i < SHARDS; i++) {
                for (unsigned j = 0; j < SHARD_MOST; j++) {
                        if (gone->shards[i].entries[j].file.response != NULL)
                                drop(&gone->shards[i], j);
                }
                pthread_mutex_destroy(&gone->shards[i].lock);
        }
        pthread_cond_destroy(&gone->end);
        pthread_mutex_destroy(&gone->lock);
        free(gone);
        *cache = NULL;
}

static struct shard *shard_of(struct frame_cache *cache, const struct frame_key *key)
{
        uint64_t hash = (uint64_t)key->time.ms * UINT64_C(0x9e3779b97f4a7c15) +
                        (uint64_t)key->camera.value * UINT64_C(0xc2b2ae3d27d4eb4f) + key->tie;
        return &cache->shards[hash >> 58];
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

static bool same_key(const struct frame_key *a, const struct frame_key *b)
{
        return a->time.ms == b->time.ms && a->camera.value == b->camera.value && a->tie == b->tie;
}

bool frame_cache_use(struct frame_cache *cache, const struct frame_key *key,
                     void (*use)(void *context, const struct frame_file *), void *context)
{
        struct shard *shard = shard_of(cache, key);
        bool found = false;
        pthread_mutex_lock(&shard->lock);
        for (unsigned i = 0; i < cache->shard_entries; i++) {
                struct entry *entry = &shard->entries[i];
                if (!same_key(&shard->keys[i], key) || entry->file.response == NULL)
                        continue;
                if (expired(entry) || !unchanged(&entry->file)) {
                        drop(shard, i);
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

/* The entry of this key, else a free one, else the one not used for longest. */
static unsigned place_for(const struct frame_cache *cache, const struct shard *shard,
                          const struct frame_key *key)
{
        unsigned best = 0;
        for (unsigned i = 0; i < cache->shard_entries; i++) {
                const struct entry *entry = &shard->entries[i];
                bool best_free = shard->entries[best].file.response == NULL;
                if (entry->file.response != NULL && same_key(&shard->keys[i], key))
                        return i;
                if (!best_free &&
                    (entry->file.response == NULL || entry->used < shard->entries[best].used))
                        best = i;
        }
        return best;
}

uint64_t frame_cache_age(const struct frame_cache *cache)
{
        return atomic_load(&cache->age);
}

void frame_cache_forget(struct frame_cache *cache, const struct stretch *stretch)
{
        atomic_fetch_add(&cache->age, 1); /* first, for those who are about to put */
        for (int i = 0; i < SHARDS; i++) {
                struct shard *shard = &cache->shards[i];
                pthread_mutex_lock(&shard->lock);
                for (unsigned j = 0; j < cache->shard_entries; j++) {
                        const struct frame_key *key = &shard->keys[j];
                        if (shard->entries[j].file.response != NULL &&
                            key->camera.value == stretch->camera.value &&
                            key->time.ms >= stretch->from.ms && key->time.ms <= stretch->to.ms)
                                drop(shard, j);
                }
                pthread_mutex_unlock(&shard->lock);
        }
}

void frame_cache_put(struct frame_cache *cache, const struct frame_file *file, uint64_t age)
{
        struct shard *shard = shard_of(cache, &file->key);
        pthread_mutex_lock(&shard->lock);
        if (atomic_load(&cache->age) != age) {
                pthread_mutex_unlock(&shard->lock);
                MHD_destroy_response(file->response);
                return;
        }
        unsigned at = place_for(cache, shard, &file->key);
        if (shard->entries[at].file.response != NULL)
                drop(shard, at);
        shard->entries[at] =
                (struct entry){.file = *file, .checked = mono_now(), .used = ++shard->clock};
        shard->keys[at] = file->key;
        pthread_mutex_unlock(&shard->lock);
}
