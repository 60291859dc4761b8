#include "simulate/simulation.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "simulate/acks.h"
#include "simulate/delivery.h"
#include "simulate/device.h"

enum { THREADS_MAX = 64, CAMERAS_MAX = 1000 }; /* threads that wait for FTP cost little */

struct camera {
        struct device *device;
        struct delivery *delivery;
        int64_t skip;       /* worker's: uploads that were made before */
        struct upload next; /* worker's: what it sends next */
        bool more;
        struct simulation_count count; /* under the lock */
};

struct worker {
        struct simulation *simulation;
        pthread_t thread;
        int number;
        bool started;
};

struct simulation {
        struct simulation_options options;
        struct camera *cameras;
        struct acks *acks; /* NULL: not wanted */
        struct worker workers[THREADS_MAX];
        int worker_count;
        struct mono began;

        pthread_mutex_t lock;
        pthread_cond_t changed; /* stop, or a worker has ended */
        bool stop;
        int running;
        int taken; /* cameras given to workers, when as fast as possible */
        bool failed;
        struct error error; /* of the first that failed */
};

static bool check(const struct simulation_options *o, struct error *err)
{
        if (o->cameras < 1 || o->cameras > CAMERAS_MAX)
                return error_set(err, ERROR_INPUT, "%d cameras: from 1 to %d are possible",
                                 o->cameras, CAMERAS_MAX);
        if (o->rate < 1 || o->rate > 18)
                return error_set(err, ERROR_INPUT, "%d frames a second: from 1 to 18 are possible",
                                 o->rate);
        if (o->seconds < 0 || (o->seconds == 0 && o->speed_percent == 0))
                return error_set(err, ERROR_INPUT,
                                 "at full speed (--speed 0) --seconds must be more than 0");
        if (!(o->visits > 0 && o->visits <= 3600))
                return error_set(err, ERROR_INPUT, "activity: more than 0, at most 3600 an hour");
        return true;
}

static bool stopped(struct simulation *s)
{
        pthread_mutex_lock(&s->lock);
        bool stop = s->stop;
        pthread_mutex_unlock(&s->lock);
        return stop;
}

static struct timespec timespec_of(int64_t ns)
{
        return (struct timespec){ns / 1000000000, ns % 1000000000};
}

/* Waits, unless told to stop: then false. */
static bool pause_delivery(void *context, int milliseconds)
{
        struct simulation *s = context;
        struct timespec until = timespec_of(mono_now().ns + (int64_t)milliseconds * 1000000);
        pthread_mutex_lock(&s->lock);
        while (!s->stop && milliseconds > 0) {
                if (pthread_cond_timedwait(&s->changed, &s->lock, &until) == ETIMEDOUT)
                        break;
        }
        bool stop = s->stop;
        pthread_mutex_unlock(&s->lock);
        return !stop;
}

static bool make_camera(struct simulation *s, int number, struct error *err)
{
        const struct simulation_options *o = &s->options;
        struct camera *camera = &s->cameras[number];
        *camera = (struct camera){.count = {.first = UTC_NONE, .last = UTC_NONE}};
        struct device_options device = {
                .number = number,
                .seed = o->seed,
                .rate = o->rate,
                .visits = o->visits,
                .width = o->width,
                .height = o->height,
                .start = o->start,
                .end = o->seconds == 0 ? UTC_NONE : (struct utc){o->start.ms + o->seconds * 1000},
                .zone = o->zone,
        };
        if (!device_create(&device, &camera->device, err))
                return false;
        struct delivery_options delivery = {
                .directory = o->directory,
                .ftp = o->ftp,
                .zone = o->zone,
                .mac = device_mac(camera->device),
                .name = device_name(camera->device),
                .number = number + 1,
                .rename = o->rename,
                .slowly = o->speed_percent == 100,
                .past = o->speed_percent != 100,
                .acks = s->acks,
                .pause = pause_delivery,
                .context = s,
        };
        if (o->resume && !acks_count(s->acks, device_mac(camera->device), &camera->skip, err))
                return false;
        return delivery_open(&delivery, &camera->delivery, err);
}

/* Where the pictures go, and who is told. */
static bool prepare(struct simulation *s, struct error *err)
{
        const struct simulation_options *o = &s->options;
        if (o->directory != NULL && mkdir(o->directory, 0777) < 0 && errno != EEXIST)
                return error_sys(err, "make the folder %s", o->directory);
        if (o->acks != NULL && !acks_open(o->acks, &s->acks, err))
                return false;
        if (o->ftp != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                return error_set(err, ERROR_SYSTEM, "libcurl cannot be used");
        for (int i = 0; i < o->cameras; i++) {
                if (!make_camera(s, i, err))
                        return false;
        }
        return true;
}

bool simulation_create(const struct simulation_options *options, struct simulation **out,
                       struct error *err)
{
        if (!check(options, err))
                return false;
        struct simulation *s = calloc(1, sizeof *s);
        struct camera *cameras = calloc((size_t)options->cameras, sizeof *cameras);
        if (s == NULL || cameras == NULL) {
                free(s);
                free(cameras);
                return error_set(err, ERROR_FULL, "no memory for %d cameras", options->cameras);
        }
        s->options = *options;
        s->cameras = cameras;
        pthread_mutex_init(&s->lock, NULL);
        pthread_condattr_t monotonic;
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&s->changed, &monotonic);
        pthread_condattr_destroy(&monotonic);
        if (!prepare(s, err)) {
                simulation_free(&s);
                return false;
        }
        *out = s;
        return true;
}

/* Waits until the clock shows a camera's time; false when told to stop. */
static bool wait_for(struct simulation *s, struct utc due)
{
        if (s->options.speed_percent == 0)
                return !stopped(s);
        int64_t ahead_ms = (due.ms - s->options.start.ms) * 100 / s->options.speed_percent;
        struct timespec until = timespec_of(s->began.ns + ahead_ms * 1000000);
        pthread_mutex_lock(&s->lock);
        while (!s->stop) {
                if (pthread_cond_timedwait(&s->changed, &s->lock, &until) == ETIMEDOUT)
                        break;
        }
        bool stop = s->stop;
        pthread_mutex_unlock(&s->lock);
        return !stop;
}

/* Only the decisions of what was delivered before are made again. */
static bool begin(struct camera *camera, struct error *err)
{
        if (!device_next(camera->device, &camera->next, &camera->more, err))
                return false;
        for (; camera->more && camera->skip > 0; camera->skip--) {
                if (!device_next(camera->device, &camera->next, &camera->more, err))
                        return false;
        }
        return true;
}

static bool send_next(struct simulation *s, struct camera *camera, struct error *err)
{
        const struct upload *upload = &camera->next;
        const uint8_t *bytes = NULL;
        size_t length = 0;
        if (!device_picture(camera->device, upload, &bytes, &length, err) ||
            !delivery_store(camera->delivery, upload, bytes, length, err))
                return false;
        pthread_mutex_lock(&s->lock);
        struct simulation_count *c = &camera->count;
        bool given_up = delivery_tally(camera->delivery)->unacknowledged > 0;
        c->delivery = *delivery_tally(camera->delivery);
        if (given_up) { /* it was told to stop */
                pthread_mutex_unlock(&s->lock);
                return true;
        }
        c->frames++;
        c->motion_frames += upload->windows != 0;
        c->bursts += upload->trigger == 0;
        c->bytes += (int64_t)length;
        if (!utc_known(c->first))
                c->first = upload->time;
        c->last = upload->time;
        pthread_mutex_unlock(&s->lock);
        return device_next(camera->device, &camera->next, &camera->more, err);
}

static bool run_whole(struct simulation *s, struct camera *camera, struct error *err)
{
        if (!begin(camera, err))
                return false;
        while (camera->more && !stopped(s)) {
                if (!send_next(s, camera, err))
                        return false;
        }
        delivery_rest(camera->delivery);
        return true;
}

/* As fast as possible: one camera after another, so that few hold pictures in memory. */
static bool work_fast(struct simulation *s, struct error *err)
{
        for (;;) {
                pthread_mutex_lock(&s->lock);
                int number = s->stop ? s->options.cameras : s->taken++;
                pthread_mutex_unlock(&s->lock);
                if (number >= s->options.cameras)
                        return true;
                if (!run_whole(s, &s->cameras[number], err))
                        return false;
                device_rest(s->cameras[number].device);
        }
}

/* By the clock: of the cameras of this worker always the one that is due first. */
static bool work_timed(struct simulation *s, int worker, struct error *err)
{
        for (int i = worker; i < s->options.cameras; i += s->worker_count) {
                struct camera *camera = &s->cameras[i];
                if (!begin(camera, err))
                        return false;
        }
        for (;;) {
                struct camera *first = NULL;
                for (int i = worker; i < s->options.cameras; i += s->worker_count) {
                        struct camera *camera = &s->cameras[i];
                        if (camera->more &&
                            (first == NULL || camera->next.due.ms < first->next.due.ms))
                                first = camera;
                }
                if (first == NULL || !wait_for(s, first->next.due))
                        return true;
                if (!send_next(s, first, err))
                        return false;
        }
}

static void *work(void *argument)
{
        struct worker *worker = argument;
        struct simulation *s = worker->simulation;
        struct error err;
        bool ok = s->options.speed_percent == 0 ? work_fast(s, &err)
                                                : work_timed(s, worker->number, &err);
        pthread_mutex_lock(&s->lock);
        s->running--;
        if (!ok && !s->failed) {
                s->failed = true;
                s->error = err;
                s->stop = true;
        }
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
        return NULL;
}

bool simulation_start(struct simulation *s, struct error *err)
{
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        int usual = s->options.ftp != NULL ? s->options.cameras : (int)processors;
        int threads = s->options.threads > 0 ? s->options.threads : usual;
        threads = threads > THREADS_MAX ? THREADS_MAX : threads < 1 ? 1 : threads;
        s->worker_count = threads < s->options.cameras ? threads : s->options.cameras;
        s->began = mono_now();
        for (int i = 0; i < s->worker_count; i++) {
                struct worker *worker = &s->workers[i];
                *worker = (struct worker){.simulation = s, .number = i};
                pthread_mutex_lock(&s->lock);
                s->running++;
                pthread_mutex_unlock(&s->lock);
                int result = pthread_create(&worker->thread, NULL, work, worker);
                if (result != 0) {
                        pthread_mutex_lock(&s->lock);
                        s->running--;
                        pthread_mutex_unlock(&s->lock);
                        errno = result;
                        return error_sys(err, "start a thread");
                }
                worker->started = true;
        }
        return true;
}

bool simulation_wait(struct simulation *s, int timeout_ms)
{
        struct timespec until = timespec_of(mono_now().ns + (int64_t)timeout_ms * 1000000);
        pthread_mutex_lock(&s->lock);
        while (s->running > 0) {
                if (pthread_cond_timedwait(&s->changed, &s->lock, &until) == ETIMEDOUT)
                        break;
        }
        bool done = s->running == 0;
        pthread_mutex_unlock(&s->lock);
        return done;
}

void simulation_stop(struct simulation *s)
{
        pthread_mutex_lock(&s->lock);
        s->stop = true;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
}

bool simulation_end(struct simulation *s, struct error *err)
{
        for (int i = 0; i < s->worker_count; i++) {
                if (s->workers[i].started)
                        pthread_join(s->workers[i].thread, NULL);
                s->workers[i].started = false;
        }
        if (s->failed && err != NULL)
                *err = s->error;
        return !s->failed;
}

void simulation_free(struct simulation **simulation)
{
        struct simulation *s = *simulation;
        if (s == NULL)
                return;
        simulation_stop(s);
        if (!simulation_end(s, NULL)) {
                /* who wanted to know has asked before */
        }
        for (int i = 0; i < s->options.cameras; i++) {
                delivery_close(&s->cameras[i].delivery);
                device_free(&s->cameras[i].device);
        }
        acks_close(&s->acks);
        pthread_cond_destroy(&s->changed);
        pthread_mutex_destroy(&s->lock);
        free(s->cameras);
        free(s);
        *simulation = NULL;
}

static void add(struct simulation_count *sum, const struct simulation_count *c)
{
        sum->frames += c->frames;
        sum->motion_frames += c->motion_frames;
        sum->bytes += c->bytes;
        sum->bursts += c->bursts;
        const struct delivery_tally *d = &c->delivery;
        sum->delivery.sent += d->sent;
        sum->delivery.acknowledged += d->acknowledged;
        sum->delivery.refused += d->refused;
        sum->delivery.broken += d->broken;
        sum->delivery.cut += d->cut;
        sum->delivery.retried += d->retried;
        sum->delivery.unacknowledged += d->unacknowledged;
        sum->delivery.bytes += d->bytes;
        if (d->slowest_ms > sum->delivery.slowest_ms)
                sum->delivery.slowest_ms = d->slowest_ms;
        if (utc_known(c->first) && (!utc_known(sum->first) || c->first.ms < sum->first.ms))
                sum->first = c->first;
        if (utc_known(c->last) && c->last.ms > sum->last.ms)
                sum->last = c->last;
}

struct simulation_count simulation_count(struct simulation *s, int camera)
{
        struct simulation_count sum = {.first = UTC_NONE, .last = UTC_NONE};
        pthread_mutex_lock(&s->lock);
        for (int i = 0; i < s->options.cameras; i++) {
                if (camera == -1 || camera == i)
                        add(&sum, &s->cameras[i].count);
        }
        pthread_mutex_unlock(&s->lock);
        return sum;
}

int simulation_progress(struct simulation *s)
{
        if (s->options.seconds == 0)
                return 0;
        int64_t sum = 0;
        int64_t whole = s->options.seconds * 1000;
        pthread_mutex_lock(&s->lock);
        for (int i = 0; i < s->options.cameras; i++) {
                const struct simulation_count *c = &s->cameras[i].count;
                if (utc_known(c->last))
                        sum += (c->last.ms - s->options.start.ms) * 1000 / whole;
        }
        pthread_mutex_unlock(&s->lock);
        return (int)(sum / s->options.cameras);
}

const char *simulation_camera_name(const struct simulation *s, int camera)
{
        return device_name(s->cameras[camera].device);
}

const uint8_t *simulation_camera_mac(const struct simulation *s, int camera)
{
        return device_mac(s->cameras[camera].device);
}
