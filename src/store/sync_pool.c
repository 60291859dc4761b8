#include "store/sync_pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

/* With the caller 16 at once: more gain nothing on ext4 (docs/design/store.md). */
enum { THREADS = 15, STACK = 64 << 10 };

struct sync_pool {
        pthread_mutex_t lock; /* guards all below */
        pthread_cond_t begun;
        pthread_cond_t done;
        pthread_t threads[THREADS];
        size_t thread_count;
        bool ending;
        void (*work)(void *context, size_t i);
        void *context;
        size_t count;    /* of this run */
        size_t next;     /* not yet taken */
        size_t finished; /* */
};

bool sync_pool_create(struct sync_pool **pool_out, struct error *err)
{
        struct sync_pool *pool = calloc(1, sizeof *pool);
        if (pool == NULL)
                return error_set(err, ERROR_FULL, "no memory for the frame store");
        pthread_mutex_init(&pool->lock, NULL);
        pthread_cond_init(&pool->begun, NULL);
        pthread_cond_init(&pool->done, NULL);
        *pool_out = pool;
        return true;
}

/* Takes one after the other until none is left; called and returns with the lock held. */
static void take_work(struct sync_pool *pool)
{
        while (pool->next < pool->count) {
                size_t i = pool->next++;
                pthread_mutex_unlock(&pool->lock);
                pool->work(pool->context, i);
                pthread_mutex_lock(&pool->lock);
                if (++pool->finished == pool->count)
                        pthread_cond_signal(&pool->done);
        }
}

static void *help(void *context)
{
        struct sync_pool *pool = context;
        pthread_setname_np(pthread_self(), "sync");
        pthread_mutex_lock(&pool->lock);
        while (!pool->ending) {
                take_work(pool);
                if (!pool->ending)
                        pthread_cond_wait(&pool->begun, &pool->lock);
        }
        pthread_mutex_unlock(&pool->lock);
        return NULL;
}

/* Fewer threads than wanted, or none, are slower and otherwise as good. */
static void start_threads(struct sync_pool *pool, size_t wanted)
{
        pthread_attr_t attributes;
        if (pthread_attr_init(&attributes) != 0)
                return;
        pthread_attr_setstacksize(&attributes, STACK);
        while (pool->thread_count < wanted && pool->thread_count < THREADS) {
                if (pthread_create(&pool->threads[pool->thread_count], &attributes, help, pool) !=
                    0)
                        break;
                pool->thread_count++;
        }
        pthread_attr_destroy(&attributes);
}

void sync_pool_run(struct sync_pool *pool, size_t count, void (*work)(void *context, size_t i),
                   void *context)
{
        if (count == 1) {
                work(context, 0);
                return;
        }
        pthread_mutex_lock(&pool->lock);
        assert(pool->next == pool->count);
        pool->work = work;
        pool->context = context;
        pool->count = count;
        pool->next = 0;
        pool->finished = 0;
        if (count > 0)
                start_threads(pool, count - 1);
        for (size_t i = 1; i < count && i <= pool->thread_count; i++)
                pthread_cond_signal(&pool->begun);
        take_work(pool);
        while (pool->finished < pool->count)
                pthread_cond_wait(&pool->done, &pool->lock);
        pthread_mutex_unlock(&pool->lock);
}

void sync_pool_destroy(struct sync_pool **pool)
{
        struct sync_pool *gone = *pool;
        if (gone == NULL)
                return;
        pthread_mutex_lock(&gone->lock);
        gone->ending = true;
        pthread_cond_broadcast(&gone->begun);
        pthread_mutex_unlock(&gone->lock);
        for (size_t i = 0; i < gone->thread_count; i++)
                pthread_join(gone->threads[i], NULL);
        pthread_cond_destroy(&gone->done);
        pthread_cond_destroy(&gone->begun);
        pthread_mutex_destroy(&gone->lock);
        free(gone);
        *pool = NULL;
}
