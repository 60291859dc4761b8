#include "serve/reader_pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct reader_pool {
        pthread_mutex_t lock;
        pthread_cond_t given;
        char *directory;
        size_t most;
        size_t open; /* handles that exist */
        size_t idle; /* of them, here */
        struct catalog *readers[];
};

bool reader_pool_create(const char *directory, size_t most, struct reader_pool **pool_out,
                        struct error *err)
{
        struct reader_pool *pool = calloc(1, sizeof *pool + most * sizeof(struct catalog *));
        char *copy = strdup(directory);
        if (pool == NULL || copy == NULL) {
                free(pool);
                free(copy);
                return error_set(err, ERROR_FULL, "no memory for the readers of the catalog");
        }
        pthread_mutex_init(&pool->lock, NULL);
        pthread_cond_init(&pool->given, NULL);
        pool->directory = copy;
        pool->most = most;
        *pool_out = pool;
        return true;
}

void reader_pool_destroy(struct reader_pool **pool)
{
        struct reader_pool *gone = *pool;
        if (gone == NULL)
                return;
        assert(gone->idle == gone->open);
        for (size_t i = 0; i < gone->idle; i++)
                catalog_close(&gone->readers[i]);
        pthread_cond_destroy(&gone->given);
        pthread_mutex_destroy(&gone->lock);
        free(gone->directory);
        free(gone);
        *pool = NULL;
}

bool reader_take(struct reader_pool *pool, struct catalog **reader_out, struct error *err)
{
        pthread_mutex_lock(&pool->lock);
        while (pool->idle == 0 && pool->open == pool->most)
                pthread_cond_wait(&pool->given, &pool->lock);
        if (pool->idle > 0) {
                *reader_out = pool->readers[--pool->idle];
                pthread_mutex_unlock(&pool->lock);
                return true;
        }
        pool->open++;
        pthread_mutex_unlock(&pool->lock);
        if (catalog_open(pool->directory, CATALOG_READ, reader_out, err))
                return true;
        pthread_mutex_lock(&pool->lock);
        pool->open--;
        pthread_cond_signal(&pool->given);
        pthread_mutex_unlock(&pool->lock);
        return false;
}

void reader_give(struct reader_pool *pool, struct catalog **reader)
{
        if (*reader == NULL)
                return;
        pthread_mutex_lock(&pool->lock);
        pool->readers[pool->idle++] = *reader;
        pthread_cond_signal(&pool->given);
        pthread_mutex_unlock(&pool->lock);
        *reader = NULL;
}
