#include "serve/thumbnails.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/frame_open.h"
#include "serve/reply.h"
#include "serve/server.h"
#include "serve/shrink.h"
#include "serve/thumbnail_cache.h"

enum { JOBS_MOST = 1024, WORKERS_MOST = 16 };

#define THUMBNAIL_CACHE_CONTROL "private, max-age=31536000, immutable"

/* A thumbnail being made. Everything but what the worker fills in is under the lock. */
struct job {
        struct job *next; /* in the queue */
        struct job *next_open;
        char name[THUMBNAIL_NAME_SIZE]; /* of the file in the cache; says what it is of */
        struct extent source;           /* the worker's */
        int width;
        struct thumbnail_wait *waits;
        unsigned references; /* the worker and each request that waits */
        bool done;
        struct MHD_Response *response; /* shared by those who waited; NULL: failed with err */
        struct error err;
};

/* A request that waits for a job. */
struct thumbnail_wait {
        struct thumbnail_wait *next;
        struct MHD_Connection *connection;
        struct job *job;
};

struct thumbnails {
        pthread_mutex_t lock;
        pthread_cond_t work;
        struct thumbnail_cache *cache;
        const char *allowed_origin;
        struct job *first; /* the queue */
        struct job *last;
        struct job *open; /* queued or being made */
        size_t open_count;
        bool stopping;
        pthread_t threads[WORKERS_MOST];
        int workers;
        int64_t made;
        int64_t hits;
        int64_t refused;
        int64_t failed;
};

/* ---- making ---- */

static bool read_source(const struct extent *source, uint8_t **bytes_out, struct error *err)
{
        if (source->length > SHRINK_BYTES_MOST)
                return error_set(err, ERROR_CORRUPT, "%" PRId64 " bytes are too large a picture",
                                 source->length);
        uint8_t *bytes = malloc(source->length > 0 ? (size_t)source->length : 1);
        if (bytes == NULL)
                return error_set(err, ERROR_FULL, "no memory for a thumbnail");
        int64_t got = 0;
        while (got < source->length) {
                ssize_t more = pread(source->fd, bytes + got, (size_t)(source->length - got),
                                     source->offset + got);
                if (more <= 0) {
                        free(bytes);
                        return error_set(err, ERROR_GONE, "the file has become shorter");
                }
                got += more;
        }
        *bytes_out = bytes;
        return true;
}

static void add_headers(struct MHD_Response *response, const char *etag)
{
        reply_add_common(response);
        reply_add(response, "Content-Type", "image/jpeg");
        reply_add(response, "Cache-Control", THUMBNAIL_CACHE_CONTROL);
        reply_add(response, "ETag", etag);
}

static void etag_of(const char *name, char out[static THUMBNAIL_NAME_SIZE + 2])
{
        snprintf(out, THUMBNAIL_NAME_SIZE + 2, "\"%.*s\"", (int)strcspn(name, "."), name);
}

/* On a worker, without the lock. */
static void make(struct thumbnails *thumbnails, struct job *job)
{
        uint8_t *bytes = NULL;
        uint8_t *small = NULL;
        size_t length = 0;
        bool fine = read_source(&job->source, &bytes, &job->err) &&
                    shrink_jpeg(bytes, (size_t)job->source.length, job->width, &small, &length,
                                &job->err);
        close(job->source.fd);
        free(bytes);
        if (!fine)
                return;
        thumbnail_cache_put(thumbnails->cache, job->name, small, length);
        job->response = MHD_create_response_from_buffer_with_free_callback(length, small, free);
        if (job->response == NULL) {
                free(small);
                error_set(&job->err, ERROR_FULL, "no memory for the answer");
                return;
        }
        char etag[THUMBNAIL_NAME_SIZE + 2];
        etag_of(job->name, etag);
        add_headers(job->response, etag);
        reply_add_origin(job->response, thumbnails->allowed_origin);
}

/* With the lock. */
static void release(struct job *job)
{
        if (--job->references > 0)
                return;
        if (job->response != NULL)
                MHD_destroy_response(job->response);
        free(job);
}

/* With the lock. */
static void finish(struct thumbnails *thumbnails, struct job *job)
{
        struct job **at = &thumbnails->open;
        while (*at != job)
                at = &(*at)->next_open;
        *at = job->next_open;
        thumbnails->open_count--;
        job->done = true;
        if (job->response != NULL)
                thumbnails->made++;
        else
                thumbnails->failed++;
        for (struct thumbnail_wait *wait = job->waits; wait != NULL; wait = wait->next)
                MHD_resume_connection(wait->connection);
        job->waits = NULL;
        release(job);
}

static struct job *take(struct thumbnails *thumbnails)
{
        struct job *job = thumbnails->first;
        if (job != NULL) {
                thumbnails->first = job->next;
                if (thumbnails->first == NULL)
                        thumbnails->last = NULL;
        }
        return job;
}

static void *work(void *context)
{
        struct thumbnails *thumbnails = context;
        pthread_setname_np(pthread_self(), "thumbnails");
        pthread_mutex_lock(&thumbnails->lock);
        for (;;) {
                struct job *job = take(thumbnails);
                if (job == NULL && thumbnails->stopping)
                        break;
                if (job == NULL) {
                        pthread_cond_wait(&thumbnails->work, &thumbnails->lock);
                        continue;
                }
                bool stopping = thumbnails->stopping;
                pthread_mutex_unlock(&thumbnails->lock);
                if (stopping) {
                        close(job->source.fd);
                        error_set(&job->err, ERROR_BUSY, "the server is being stopped");
                } else {
                        make(thumbnails, job);
                        thumbnail_cache_keep(thumbnails->cache);
                }
                pthread_mutex_lock(&thumbnails->lock);
                finish(thumbnails, job);
        }
        pthread_mutex_unlock(&thumbnails->lock);
        return NULL;
}

/* ---- asking ---- */

/* With the lock. A job of this name that is not done, or a new one; takes the source. */
static struct job *join(struct thumbnails *thumbnails, const char *name, int width,
                        const struct extent *source)
{
        for (struct job *job = thumbnails->open; job != NULL; job = job->next_open) {
                if (strcmp(job->name, name) == 0) {
                        close(source->fd);
                        return job;
                }
        }
        struct job *job = NULL;
        if (thumbnails->open_count < JOBS_MOST && !thumbnails->stopping)
                job = calloc(1, sizeof *job);
        if (job == NULL) {
                close(source->fd);
                thumbnails->refused++;
                return NULL;
        }
        snprintf(job->name, sizeof job->name, "%s", name);
        job->width = width;
        job->source = *source;
        job->references = 1;
        job->next_open = thumbnails->open;
        thumbnails->open = job;
        thumbnails->open_count++;
        if (thumbnails->last != NULL)
                thumbnails->last->next = job;
        else
                thumbnails->first = job;
        thumbnails->last = job;
        pthread_cond_signal(&thumbnails->work);
        return job;
}

/* Takes the source; suspends the request. */
static bool wait_for(struct request *request, const char *name, int width,
                     const struct extent *source, struct error *err)
{
        struct thumbnails *thumbnails = request->server->thumbnails;
        struct thumbnail_wait *wait = calloc(1, sizeof *wait);
        if (wait == NULL) {
                close(source->fd);
                return error_set(err, ERROR_FULL, "no memory for a thumbnail");
        }
        pthread_mutex_lock(&thumbnails->lock);
        struct job *job = join(thumbnails, name, width, source);
        if (job != NULL) {
                *wait = (struct thumbnail_wait){
                        .next = job->waits, .connection = request->connection, .job = job};
                job->waits = wait;
                job->references++;
                request->thumbnail = wait;
                /* Under the lock, so that the worker cannot be done before. */
                MHD_suspend_connection(request->connection);
        }
        pthread_mutex_unlock(&thumbnails->lock);
        if (job != NULL)
                return true; /* cppcheck-suppress memleak; the job and the request have it */
        free(wait);
        return error_set(err, ERROR_BUSY, "too many thumbnails are being made; try again");
}

static bool send_kept(struct request *request, int fd, const char *etag, struct error *err)
{
        struct stat status;
        struct MHD_Response *response = NULL;
        if (fstat(fd, &status) == 0)
                response = MHD_create_response_from_fd_at_offset64((uint64_t)status.st_size, fd, 0);
        if (response == NULL)
                close(fd);
        else
                add_headers(response, etag);
        return reply_send(request, 200, response, err);
}

static void name_of(const struct frame_key *key, int64_t length, struct utc modified, int width,
                    char out[static THUMBNAIL_NAME_SIZE])
{
        char id[FRAME_ID_SIZE];
        frame_id_format(key, id);
        snprintf(out, THUMBNAIL_NAME_SIZE, "%s-%" PRIx64 "-%" PRIx64 "-w%d.jpg", id, length,
                 modified.ms, width);
}

void thumbnails_drop(struct thumbnails *thumbnails, const struct frame *frames, size_t count)
{
        char name[THUMBNAIL_NAME_SIZE];
        for (size_t i = 0; i < count; i++) {
                const struct frame *frame = &frames[i];
                struct utc modified =
                        utc_known(frame->received) ? frame->received : frame->key.time;
                for (int width = 0; width < SHRINK_WIDTH_MAX;) {
                        width = shrink_step(width + 1);
                        name_of(&frame->key, frame->bytes, modified, width, name);
                        thumbnail_cache_drop(thumbnails->cache, name);
                }
        }
}

/* The frame's file, and the name of its thumbnail. */
static bool find(struct request *request, const struct frame_key *key, int width,
                 struct extent *source_out, char name[static THUMBNAIL_NAME_SIZE],
                 struct error *err)
{
        struct catalog *catalog;
        struct frame frame;
        if (!request_reader(request, &catalog, err) || !catalog_read_begin(catalog, err))
                return false;
        bool fine = catalog_frame(catalog, key, &frame, err) &&
                    frame_open(catalog, request->server->config.data_directory, &frame, source_out,
                               err);
        catalog_read_end(catalog);
        if (!fine)
                return false;
        name_of(key, source_out->length, source_out->modified, width, name);
        return true;
}

bool thumbnail_answer(struct request *request, const struct frame_key *key, struct error *err)
{
        static const int64_t widths[2] = {SHRINK_WIDTH_MIN, SHRINK_WIDTH_MAX};
        struct thumbnails *thumbnails = request->server->thumbnails;
        int64_t wanted;
        struct extent source;
        char name[THUMBNAIL_NAME_SIZE];
        if (!request_number(request, "width", widths, SHRINK_WIDTH_MAX, &wanted, err))
                return false;
        int width = shrink_step((int)wanted);
        if (!find(request, key, width, &source, name, err))
                return false;
        char etag[THUMBNAIL_NAME_SIZE + 2];
        etag_of(name, etag);
        const char *known = request_header(request, "If-None-Match");
        if (known != NULL && etag_list_has(known, etag)) {
                close(source.fd);
                return reply_not_modified(request, etag, THUMBNAIL_CACHE_CONTROL, err);
        }
        int fd = thumbnail_cache_open(thumbnails->cache, name);
        if (fd < 0)
                return wait_for(request, name, width, &source, err);
        close(source.fd);
        pthread_mutex_lock(&thumbnails->lock);
        thumbnails->hits++;
        pthread_mutex_unlock(&thumbnails->lock);
        return send_kept(request, fd, etag, err);
}

bool thumbnail_resume(struct request *request, struct error *err)
{
        struct job *job = request->thumbnail->job;
        assert(job->done);
        if (job->response != NULL)
                return reply_send_shared(request, 200, job->response, err);
        if (job->err.kind != ERROR_CORRUPT)
                return error_set(err, job->err.kind, "%s", job->err.text);
        reply_problem(request, 422, job->err.text);
        return true;
}

void thumbnail_forget(struct request *request)
{
        struct thumbnails *thumbnails = request->server->thumbnails;
        if (request->thumbnail == NULL)
                return;
        pthread_mutex_lock(&thumbnails->lock);
        release(request->thumbnail->job);
        pthread_mutex_unlock(&thumbnails->lock);
        free(request->thumbnail);
        request->thumbnail = NULL;
}

/* ---- life ---- */

bool thumbnails_create(const struct thumbnails_config *config, struct thumbnails **thumbnails_out,
                       struct error *err)
{
        char folder[PATH_MAX];
        struct thumbnails *thumbnails = calloc(1, sizeof *thumbnails);
        int length = snprintf(folder, sizeof folder, "%s/cache/thumbnails", config->data_directory);
        if (thumbnails == NULL || length < 0 || (size_t)length >= sizeof folder) {
                free(thumbnails);
                return error_set(err, ERROR_FULL, "no memory for thumbnails");
        }
        if (!thumbnail_cache_create(folder, config->cache_bytes, &thumbnails->cache, err)) {
                free(thumbnails);
                return false;
        }
        thumbnails->allowed_origin = config->allowed_origin;
        pthread_mutex_init(&thumbnails->lock, NULL);
        pthread_cond_init(&thumbnails->work, NULL);
        int workers = config->workers < WORKERS_MOST ? config->workers : WORKERS_MOST;
        for (int i = 0; i < workers; i++) {
                if (pthread_create(&thumbnails->threads[i], NULL, work, thumbnails) != 0)
                        break;
                thumbnails->workers++;
        }
        *thumbnails_out = thumbnails;
        if (thumbnails->workers > 0)
                return true;
        thumbnails_destroy(thumbnails_out);
        return error_set(err, ERROR_SYSTEM, "cannot start a thread for thumbnails");
}

void thumbnails_stop(struct thumbnails *thumbnails)
{
        pthread_mutex_lock(&thumbnails->lock);
        thumbnails->stopping = true;
        pthread_cond_broadcast(&thumbnails->work);
        pthread_mutex_unlock(&thumbnails->lock);
}

void thumbnails_destroy(struct thumbnails **thumbnails)
{
        struct thumbnails *gone = *thumbnails;
        if (gone == NULL)
                return;
        thumbnails_stop(gone);
        for (int i = 0; i < gone->workers; i++)
                pthread_join(gone->threads[i], NULL);
        assert(gone->open == NULL);
        thumbnail_cache_destroy(&gone->cache);
        pthread_cond_destroy(&gone->work);
        pthread_mutex_destroy(&gone->lock);
        free(gone);
        *thumbnails = NULL;
}

int64_t thumbnails_bytes(const struct thumbnails *thumbnails)
{
        return thumbnail_cache_bytes(thumbnails->cache);
}

void thumbnails_metrics(struct thumbnails *thumbnails, struct text *out)
{
        pthread_mutex_lock(&thumbnails->lock);
        int64_t made = thumbnails->made;
        int64_t hits = thumbnails->hits;
        int64_t refused = thumbnails->refused;
        int64_t failed = thumbnails->failed;
        int64_t open = (int64_t)thumbnails->open_count;
        pthread_mutex_unlock(&thumbnails->lock);
        metrics_add(out, "cctvweb_thumbnails_made_total", "counter", "Thumbnails made.", made);
        metrics_add(out, "cctvweb_thumbnails_cached_total", "counter",
                    "Thumbnails answered from the cache on disk.", hits);
        metrics_add(out, "cctvweb_thumbnails_refused_total", "counter",
                    "Thumbnails refused because the queue was full.", refused);
        metrics_add(out, "cctvweb_thumbnails_failed_total", "counter",
                    "Pictures no thumbnail could be made of.", failed);
        metrics_add(out, "cctvweb_thumbnails_queue", "gauge", "Thumbnails waited for.", open);
        metrics_add(out, "cctvweb_thumbnails_cache_bytes", "gauge",
                    "Bytes of the cache of thumbnails on disk.",
                    thumbnail_cache_bytes(thumbnails->cache));
}
