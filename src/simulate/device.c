#include "simulate/device.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/camera.h"
#include "simulate/iqeye.h"
#include "simulate/visit.h"

/* As set in the camera: frames kept from before a trigger and sent after it. */
enum { PRE = 4, POST_MAX = 4, QUEUE = PRE + 1, QUALITY = 68, PHASE_MS = 600 };

struct device {
        struct device_options options;
        char name[32];
        uint8_t mac[6];
        struct scene scene;

        /* the rhythm */
        struct rng rng;
        int64_t sensor_start_ms; /* when the sensor's counter was 0 */
        struct visit visit;
        bool visiting;
        int64_t tick;     /* the sensor's counter at the next look */
        int64_t tick_end; /* the last look of this visit */
        int post;         /* frames sent after a trigger */
        int post_left;
        int64_t sent_ms; /* when the connection is free again */
        struct upload before[PRE];
        int before_count;
        struct upload queue[QUEUE];
        int queue_first, queue_count;

        /* the picture; made when first needed */
        bool looked;
        struct mosaic mosaic;
        struct survey survey;
        struct canvas canvas;
        bool lit;
        struct tiles ground[CANVAS_PHASES];
        struct tiles fresh;
        uint8_t *pixels; /* tiles to encode */
        int pixel_tiles;
        uint8_t *picture;
        size_t picture_room;
};

/* sensor frames are 1/18 s apart */
static int64_t sensor_ms(const struct device *d, int64_t count)
{
        return d->sensor_start_ms + count * 1000 / IQEYE_SENSOR_RATE;
}

static int64_t sensor_count(const struct device *d, int64_t ms)
{
        return (ms - d->sensor_start_ms) * IQEYE_SENSOR_RATE / 1000;
}

bool device_create(const struct device_options *options, struct device **device_out,
                   struct error *err)
{
        struct device *d = calloc(1, sizeof *d);
        if (d == NULL)
                return error_set(err, ERROR_FULL, "no memory for a camera");
        uint64_t own = mix64(options->seed * 1000003 + (uint64_t)options->number);
        d->options = *options;
        d->rng.state = mix64(own ^ 0x7a7a);
        enum scene_kind kind = (enum scene_kind)(options->number % SCENE_KINDS);
        int round = options->number / SCENE_KINDS + 1;
        if (round == 1)
                snprintf(d->name, sizeof d->name, "%s", scene_word(kind));
        else
                snprintf(d->name, sizeof d->name, "%s-%d", scene_word(kind), round);
        scene_build(&d->scene, kind, own);
        /* an odd factor sends different numbers to different ends of the MAC */
        unsigned tail = (unsigned)options->number * 0x9e37U + (unsigned)options->seed * 0x3d5U;
        memcpy(d->mac,
               (uint8_t[]){0x00, 0x50, 0x1a, (uint8_t)(own >> 8), (uint8_t)(tail >> 8),
                           (uint8_t)tail},
               6);
        int64_t up_s = 3600 + (int64_t)(own % 2000000); /* how long it has been on */
        d->sensor_start_ms = options->start.ms - up_s * 1000 - (int64_t)(own >> 20) % 997;
        d->post = 1 + (int)(own >> 40) % (POST_MAX - 1);
        d->sent_ms = options->start.ms;
        *device_out = d;
        return true;
}

void device_rest(struct device *d)
{
        survey_finish(&d->survey);
        canvas_finish(&d->canvas);
        for (int i = 0; i < CANVAS_PHASES; i++)
                tiles_finish(&d->ground[i]);
        tiles_finish(&d->fresh);
        free(d->pixels);
        d->pixels = NULL;
        d->pixel_tiles = 0;
        free(d->picture);
        d->picture = NULL;
        d->picture_room = 0;
        d->looked = false;
        d->lit = false;
}

void device_free(struct device **device)
{
        struct device *d = *device;
        if (d == NULL)
                return;
        device_rest(d);
        free(d);
        *device = NULL;
}

size_t device_windows(const struct device *device, struct camera_window *windows_out)
{
        static_assert((int)DEVICE_WINDOWS == (int)SCENE_WINDOWS, "room for them");
        size_t count = (size_t)device->scene.window_count;
        for (size_t i = 0; i < count; i++) {
                const struct zone_rect *rect = &device->scene.windows[i];
                struct camera_window *window = &windows_out[i];
                *window = (struct camera_window){
                        .number = (int)i + 1,
                        .x = (int32_t)lroundf(rect->x0 * WINDOW_UNIT),
                        .y = (int32_t)lroundf(rect->y0 * WINDOW_UNIT),
                        .width = (int32_t)lroundf((rect->x1 - rect->x0) * WINDOW_UNIT),
                        .height = (int32_t)lroundf((rect->y1 - rect->y0) * WINDOW_UNIT),
                };
                snprintf(window->name, sizeof window->name, "%s", rect->name);
        }
        return count;
}

const char *device_name(const struct device *device)
{
        return device->name;
}

const uint8_t *device_mac(const struct device *device)
{
        return device->mac;
}

static bool look(struct device *d, struct error *err)
{
        if (d->looked)
                return true;
        if (!mosaic_init(&d->mosaic, d->options.width, d->options.height, QUALITY, err) ||
            !survey_make(&d->survey, &d->scene, d->options.width, d->options.height, err) ||
            !canvas_init(&d->canvas, &d->mosaic, &d->survey, err))
                return false;
        d->looked = true;
        return true;
}

static struct civil local_time(const struct device *d, int64_t ms)
{
        struct utc time = {ms};
        return d->options.zone != NULL ? zone_civil(d->options.zone, time) : utc_civil(time);
}

/* The first visit is under way when the camera starts, so that there is something to see at once;
 * cameras take turns. */
static void next_visit(struct device *d)
{
        int64_t start = d->options.start.ms;
        bool first = !d->visiting;
        if (first) {
                start += (int64_t)(d->options.number % 8) * 2500;
        } else {
                struct civil then = local_time(d, d->visit.end_ms);
                start = d->visit.end_ms + visit_gap(then.hour, d->options.visits, &d->rng);
        }
        struct civil local = local_time(d, start);
        struct light light = light_at(&d->scene, &local, d->options.seed);
        d->visit = visit_make(&d->scene, light.lamps > 0.9F, start, &d->rng);
        if (first) {
                int64_t ahead = (d->visit.end_ms - d->visit.start_ms) / 4;
                d->visit.start_ms -= ahead;
                d->visit.end_ms -= ahead;
        }
        d->visiting = true;
        int64_t every = IQEYE_SENSOR_RATE / d->options.rate;
        int64_t from = sensor_count(d, d->visit.start_ms) - PRE * every;
        int64_t earliest = sensor_count(d, d->options.start.ms) + 1;
        d->tick = from < earliest ? earliest : from;
        d->tick_end = sensor_count(d, d->visit.end_ms) + POST_MAX * every;
        d->before_count = 0;
        d->post_left = 0;
}

static void enqueue(struct device *d, struct upload upload, int trigger, int64_t ready_ms)
{
        assert(d->queue_count < QUEUE);
        int64_t begin = ready_ms + 30 > d->sent_ms ? ready_ms + 30 : d->sent_ms;
        d->sent_ms = begin + 25 + rng_below(&d->rng, 20);
        upload.trigger = trigger;
        upload.due.ms = begin;
        d->queue[(d->queue_first + d->queue_count) % QUEUE] = upload;
        d->queue_count++;
}

static void remember(struct device *d, const struct upload *upload)
{
        if (d->before_count == PRE) {
                memmove(d->before, d->before + 1, sizeof d->before[0] * (PRE - 1));
                d->before_count--;
        }
        d->before[d->before_count++] = *upload;
}

/* The camera looks at one frame of its sensor. */
static void look_once(struct device *d)
{
        struct upload now = {.time = {sensor_ms(d, d->tick)}, .sequence = d->tick};
        now.windows = visit_windows(&d->visit, &d->survey, now.time.ms);
        /* uploads are not quite evenly spaced: the sensor goes on while a frame is compressed */
        int64_t every = IQEYE_SENSOR_RATE / d->options.rate;
        d->tick += every + (rng_below(&d->rng, 8) == 0 ? 1 : 0);
        if (d->post_left > 0) {
                enqueue(d, now, d->post - --d->post_left, now.time.ms);
                return;
        }
        /* a window must fire for a moment before it triggers */
        bool missed = d->before_count > 0 && d->before[d->before_count - 1].windows == 0 &&
                      rng_below(&d->rng, 8) == 0;
        if (now.windows == 0 || missed) {
                remember(d, &now);
                return;
        }
        for (int i = 0; i < d->before_count; i++)
                enqueue(d, d->before[i], i - d->before_count, now.time.ms);
        d->before_count = 0;
        enqueue(d, now, 0, now.time.ms);
        d->post_left = d->post;
}

bool device_next(struct device *d, struct upload *upload_out, bool *more_out, struct error *err)
{
        if (!look(d, err))
                return false;
        bool endless = !utc_known(d->options.end);
        while (d->queue_count == 0) {
                if (!d->visiting || d->tick > d->tick_end)
                        next_visit(d);
                if (!endless && sensor_ms(d, d->tick) >= d->options.end.ms) {
                        *more_out = false;
                        return true;
                }
                look_once(d);
        }
        *upload_out = d->queue[d->queue_first];
        d->queue_first = (d->queue_first + 1) % QUEUE;
        d->queue_count--;
        *more_out = true;
        return true;
}

static bool encode(struct device *d, const int *list, int count, struct tiles *out,
                   struct error *err)
{
        size_t bytes = (size_t)d->mosaic.tile_width * MOSAIC_TILE_HEIGHT * 3;
        if (count > d->pixel_tiles) {
                uint8_t *larger = realloc(d->pixels, bytes * (size_t)count);
                if (larger == NULL)
                        return error_set(err, ERROR_FULL, "no memory for %d tiles", count);
                d->pixels = larger;
                d->pixel_tiles = count;
        }
        for (int i = 0; i < count; i++)
                canvas_tile(&d->canvas, list == NULL ? i : list[i], d->pixels + bytes * (size_t)i);
        return mosaic_encode(&d->mosaic, d->pixels, count, out, err);
}

/* Makes the canvas ready for a moment: its light, and the wind. */
static bool prepare(struct device *d, const struct civil *local, int phase, struct error *err)
{
        struct light light = light_at(&d->scene, local, d->options.seed);
        if (!d->lit || light.step != d->canvas.light.step) {
                if (!canvas_light(&d->canvas, &light, err))
                        return false;
                for (int i = 0; i < CANVAS_PHASES; i++)
                        d->ground[i].count = 0;
                d->lit = true;
        }
        canvas_clear(&d->canvas, phase);
        if (d->ground[phase].count > 0)
                return true;
        return encode(d, NULL, d->mosaic.columns * d->mosaic.rows, &d->ground[phase], err);
}

static void burn_in(struct device *d, const struct civil *local)
{
        static const char days[7][4] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
        static const char months[12][4] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                           "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
        char line[80];
        int day = weekday_of_days(civil_days(local->year, local->month, local->day));
        snprintf(line, sizeof line, "%s %02d:%02d:%02d %s %s %02d %04d", d->name, local->hour,
                 local->minute, local->second, days[day], months[local->month - 1], local->day,
                 local->year);
        int scale = d->options.width >= 1000 ? 2 : 1;
        int height = 9 * scale;
        canvas_text(&d->canvas, 0, d->options.height - height, scale, line);
}

bool device_picture(struct device *d, const struct upload *upload, const uint8_t **bytes_out,
                    size_t *length_out, struct error *err)
{
        struct civil local = local_time(d, upload->time.ms);
        int phase = (int)(upload->time.ms / PHASE_MS % CANVAS_PHASES);
        if (!look(d, err) || !prepare(d, &local, phase, err))
                return false;
        visit_draw(&d->visit, &d->canvas, upload->time.ms);
        burn_in(d, &local);
        if (!encode(d, d->canvas.touched, d->canvas.touched_count, &d->fresh, err))
                return false;

        struct iqeye_picture about = {.product = iqeye_product((unsigned)d->options.number),
                                      .sequence = upload->sequence,
                                      .time = upload->time,
                                      .windows = upload->windows,
                                      .gain = (int)(460 - 90 * d->canvas.light.exposure),
                                      .brightness = (int)(100 + 40 * d->canvas.light.cloud)};
        memcpy(about.mac, d->mac, sizeof about.mac);
        uint8_t head[IQEYE_HEAD_MAX];
        struct mosaic_parts parts = {.opening = head,
                                     .opening_length = iqeye_head(&about, head),
                                     .ground = &d->ground[phase],
                                     .fresh = &d->fresh,
                                     .fresh_index = d->canvas.fresh};
        size_t bound = mosaic_bound(&d->mosaic, &parts);
        if (bound > d->picture_room) {
                uint8_t *larger = realloc(d->picture, bound + bound / 4);
                if (larger == NULL)
                        return error_set(err, ERROR_FULL, "no memory for a picture");
                d->picture = larger;
                d->picture_room = bound + bound / 4;
        }
        *length_out = mosaic_assemble(&d->mosaic, &parts, d->picture);
        *bytes_out = d->picture;
        return true;
}
