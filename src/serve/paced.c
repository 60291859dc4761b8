#include "serve/paced.h"

#include <assert.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "serve/metrics.h"

enum { STREAMS_MOST = 2000 };

struct sleeper {
        struct mono due;
        struct MHD_Connection *connection;
};

struct paced {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        pthread_t thread;
        bool started;
        bool stopping;
        size_t streams;
        size_t sleeping;
        struct sleeper heap[STREAMS_MOST]; /* a stream waits once at most; earliest first */
};

static void swap(struct sleeper *a, struct sleeper *b)
{
        struct sleeper kept = *a;
        *a = *b;
        *b = kept;
}

static void push(struct paced *paced, struct sleeper sleeper)
{
        size_t at = paced->sleeping++;
        assert(at < STREAMS_MOST);
        paced->heap[at] = sleeper;
        while (at > 0 && paced->heap[at].due.ns < paced->heap[(at - 1) / 2].due.ns) {
                swap(&paced->heap[at], &paced->heap[(at - 1) / 2]);
                at = (at - 1) / 2;
        }
}

static struct sleeper pop(struct paced *paced)
{
        struct sleeper first = paced->heap[0];
        paced->heap[0] = paced->heap[--paced->sleeping];
        for (size_t at = 0;;) {
                size_t least = at;
                for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
                        if (child < paced->sleeping &&
                            paced->heap[child].due.ns < paced->heap[least].due.ns)
                                least = child;
                }
                if (least == at)
                        break;
                swap(&paced->heap[at], &paced->heap[least]);
                at = least;
        }
        return first;
}

static void *run(void *context)
{
        struct paced *paced = context;
        pthread_setname_np(pthread_self(), "paced");
        pthread_mutex_lock(&paced->lock);
        while (!paced->stopping) {
                while (paced->sleeping > 0 && paced->heap[0].due.ns <= mono_now().ns)
                        MHD_resume_connection(pop(paced).connection);
                if (paced->sleeping == 0) {
                        pthread_cond_wait(&paced->changed, &paced->lock);
                        continue;
                }
                struct timespec until = {
                        .tv_sec = paced->heap[0].due.ns / 1000000000,
                        .tv_nsec = paced->heap[0].due.ns % 1000000000,
                };
                pthread_cond_timedwait(&paced->changed, &paced->lock, &until);
        }
        while (paced->sleeping > 0)
                MHD_resume_connection(pop(paced).connection);
        pthread_mutex_unlock(&paced->lock);
        return NULL;
}

bool paced_create(struct paced **paced_out, struct error *err)
{
        struct paced *paced = calloc(1, sizeof *paced);
        if (paced == NULL)
                return error_set(err, ERROR_FULL, "no memory for paced playback");
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_mutex_init(&paced->lock, NULL);
        pthread_cond_init(&paced->changed, &attributes);
        pthread_condattr_destroy(&attributes);
        *paced_out = paced;
        if (pthread_create(&paced->thread, NULL, run, paced) == 0) {
                paced->started = true;
                return true;
        }
        paced_destroy(paced_out);
        return error_set(err, ERROR_SYSTEM, "cannot start a thread for paced playback");
}

void paced_stop(struct paced *paced)
{
        pthread_mutex_lock(&paced->lock);
        paced->stopping = true;
        pthread_cond_signal(&paced->changed);
        pthread_mutex_unlock(&paced->lock);
        if (paced->started)
                pthread_join(paced->thread, NULL);
        paced->started = false;
}

void paced_destroy(struct paced **paced)
{
        if (*paced == NULL)
                return;
        paced_stop(*paced);
        pthread_cond_destroy(&(*paced)->changed);
        pthread_mutex_destroy(&(*paced)->lock);
        free(*paced);
        *paced = NULL;
}

bool paced_wait(struct paced *paced, struct MHD_Connection *connection, struct mono due)
{
        pthread_mutex_lock(&paced->lock);
        bool fine = !paced->stopping;
        if (fine) {
                push(paced, (struct sleeper){due, connection});
                /* Under the lock, so that it cannot be resumed before. */
                MHD_suspend_connection(connection);
                if (paced->heap[0].connection == connection)
                        pthread_cond_signal(&paced->changed);
        }
        pthread_mutex_unlock(&paced->lock);
        return fine;
}

bool paced_enter(struct paced *paced)
{
        pthread_mutex_lock(&paced->lock);
        bool fine = paced->streams < STREAMS_MOST && !paced->stopping;
        paced->streams += fine;
        pthread_mutex_unlock(&paced->lock);
        return fine;
}

void paced_leave(struct paced *paced)
{
        pthread_mutex_lock(&paced->lock);
        paced->streams--;
        pthread_mutex_unlock(&paced->lock);
}

void paced_metrics(struct paced *paced, struct text *out)
{
        pthread_mutex_lock(&paced->lock);
        int64_t streams = (int64_t)paced->streams;
        pthread_mutex_unlock(&paced->lock);
        metrics_add(out, "cctvweb_paced_streams", "gauge", "Paced playbacks being watched.",
                    streams);
}
