#include "serve/writing.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "serve/reply.h"
#include "serve/request.h"

enum { THREADS = 2, WAITING_MOST = 256 };

struct writing {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        pthread_t threads[THREADS];
        int started;
        bool stopping;
        struct request *first; /* what waits, in order of arrival */
        struct request *last;
        size_t waiting;
};

/* With the lock. */
static struct request *take(struct writing *writing)
{
        struct request *request = writing->first;
        if (request == NULL)
                return NULL;
        writing->first = request->next;
        if (writing->first == NULL)
                writing->last = NULL;
        writing->waiting--;
        return request;
}

static void handle(struct request *request, bool stopping)
{
        struct error err = {0};
        bool fine = !stopping || error_set(&err, ERROR_BUSY, "the server is being stopped");
        if (fine)
                fine = request->route->handle(request, &err);
        if (!fine && request->kept_status == 0)
                reply_error(request, &err);
        request_reader_give(request);
}

static void *run(void *context)
{
        struct writing *writing = context;
        pthread_setname_np(pthread_self(), "writing");
        pthread_mutex_lock(&writing->lock);
        for (;;) {
                struct request *request = take(writing);
                if (request == NULL && writing->stopping)
                        break;
                if (request == NULL) {
                        pthread_cond_wait(&writing->changed, &writing->lock);
                        continue;
                }
                bool stopping = writing->stopping;
                pthread_mutex_unlock(&writing->lock);
                handle(request, stopping);
                pthread_mutex_lock(&writing->lock);
                request->where = REQUEST_BACK;
                MHD_resume_connection(request->connection);
        }
        pthread_mutex_unlock(&writing->lock);
        return NULL;
}

bool writing_create(struct writing **writing_out, struct error *err)
{
        struct writing *writing = calloc(1, sizeof *writing);
        if (writing == NULL)
                return error_set(err, ERROR_FULL, "no memory for the server");
        pthread_mutex_init(&writing->lock, NULL);
        pthread_cond_init(&writing->changed, NULL);
        *writing_out = writing;
        while (writing->started < THREADS) {
                if (pthread_create(&writing->threads[writing->started], NULL, run, writing) != 0) {
                        writing_destroy(writing_out);
                        return error_set(err, ERROR_SYSTEM, "cannot start a thread");
                }
                writing->started++;
        }
        return true;
}

void writing_stop(struct writing *writing)
{
        pthread_mutex_lock(&writing->lock);
        writing->stopping = true;
        pthread_cond_broadcast(&writing->changed);
        pthread_mutex_unlock(&writing->lock);
        for (int i = 0; i < writing->started; i++)
                pthread_join(writing->threads[i], NULL);
        writing->started = 0;
}

void writing_destroy(struct writing **writing)
{
        struct writing *gone = *writing;
        if (gone == NULL)
                return;
        writing_stop(gone);
        assert(gone->first == NULL);
        pthread_cond_destroy(&gone->changed);
        pthread_mutex_destroy(&gone->lock);
        free(gone);
        *writing = NULL;
}

bool writing_run(struct writing *writing, struct request *request, struct error *err)
{
        pthread_mutex_lock(&writing->lock);
        bool fine = !writing->stopping && writing->waiting < WAITING_MOST;
        if (fine) {
                request->where = REQUEST_AWAY;
                request->next = NULL;
                if (writing->last != NULL)
                        writing->last->next = request;
                else
                        writing->first = request;
                writing->last = request;
                writing->waiting++;
                /* Under the lock, so that it cannot be resumed before. */
                MHD_suspend_connection(request->connection);
                pthread_cond_signal(&writing->changed);
        }
        pthread_mutex_unlock(&writing->lock);
        return fine || error_set(err, ERROR_BUSY, "too much is being changed; try again");
}
