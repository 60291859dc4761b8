#include "query/health.h"

#include <stdlib.h>

#include "query/silence.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

enum {
        SKEW_FRAMES = 9,
        SKEW_LEAST = 3,               /* files, before their times are believed */
        SKEW_APART_MS = 120000,       /* files looked at are so far apart */
        SKEW_SPAN_MS = 600000,        /* and all of them at least this */
        SKEW_SPREAD_FILES_MS = 60000, /* differences agree within this */
        SKEW_SPREAD_ARRIVED_MS = 300000,
        ARCHIVE_DAYS = 30
};

static struct utc arrival_of(const struct frame *frame)
{
        return utc_known(frame->received) ? frame->received : frame->key.time;
}

/* ---- the clock ---- */

static int compare(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a;
        int64_t y = *(const int64_t *)b;
        return x < y ? -1 : x > y;
}

static bool tells(const struct frame *frame)
{
        return utc_known(frame->received) && frame->time_source != TIME_RECEIVED;
}

/* Steps back through the newest frames; those of hour files one by one, files in strides. */
static bool read_skew(struct catalog *catalog, const struct frame *latest,
                      struct camera_health *health, struct error *err)
{
        bool arrived = latest->place.segment.value != 0;
        int64_t step = arrived ? 1 : SKEW_APART_MS;
        int64_t differences[SKEW_FRAMES];
        size_t count = 0;
        struct frame frame = *latest;
        int64_t oldest = latest->key.time.ms;
        for (int i = 0; i < SKEW_FRAMES; i++) {
                if (tells(&frame) && (frame.place.segment.value != 0) == arrived) {
                        differences[count++] = frame.received.ms - frame.key.time.ms;
                        oldest = frame.key.time.ms;
                }
                struct error none = {0};
                struct utc to = {frame.key.time.ms - step};
                if (catalog_frame_before(catalog, latest->key.camera, to, &frame, &none))
                        continue;
                if (none.kind != ERROR_NOT_FOUND) {
                        *err = none;
                        return false;
                }
                break;
        }
        if (count == 0)
                return true;
        qsort(differences, count, sizeof differences[0], compare);
        int64_t spread = arrived ? differences[count * 3 / 4] - differences[count / 4]
                                 : differences[count - 1] - differences[0];
        bool agree = arrived ? spread <= SKEW_SPREAD_ARRIVED_MS
                             : count >= SKEW_LEAST && spread <= SKEW_SPREAD_FILES_MS &&
                                       latest->key.time.ms - oldest >= SKEW_SPAN_MS;
        health->skew_known = agree;
        health->skew_ms = agree ? differences[count / 2] : 0;
        return true;
}

/* ---- the rate ---- */

static bool count_hour(struct catalog *catalog, const struct camera *camera, int64_t end_ms,
                       int64_t *frames_out, struct error *err)
{
        struct stretch hour = {camera->id, {end_ms - HOUR_MS}, {end_ms - 1}};
        int64_t bytes;
        return catalog_frames_count(catalog, &hour, frames_out, &bytes, err);
}

static bool read_rate(struct catalog *catalog, const struct camera *camera, struct utc now,
                      struct camera_health *health, struct error *err)
{
        int64_t clock = now.ms - health->skew_ms;
        int64_t end = clock - clock % MINUTE_MS;
        int64_t sum = 0;
        if (!count_hour(catalog, camera, end, &health->rate, err))
                return false;
        for (int day = 1; day <= HEALTH_DAYS; day++) {
                int64_t frames = 0;
                if (end - HOUR_MS - day * DAY_MS < camera->first.time.ms)
                        break;
                if (!count_hour(catalog, camera, end - day * DAY_MS, &frames, err))
                        return false;
                sum += frames;
                health->usual_days = day;
        }
        if (health->usual_days > 0)
                health->usual_thousandths = sum * 1000 / health->usual_days;
        return true;
}

/* ---- silence ---- */

static bool read_silence(struct catalog *catalog, const struct camera *camera,
                         const struct health_question *question, struct camera_health *health,
                         struct error *err)
{
        struct utc arrival = arrival_of(question->latest);
        int64_t silence = question->now.ms - arrival.ms;
        if (silence <= CAMERA_LIVE_MS)
                return true;
        health->silent_since = arrival;
        bool archive = !question->has_account && silence > ARCHIVE_DAYS * DAY_MS;
        if (camera->disabled || archive)
                return true;
        if (!silence_limit(catalog, camera->id, camera->last.time, &health->silent_after_ms, err))
                return false;
        health->overdue = silence > health->silent_after_ms;
        return true;
}

bool camera_health(struct catalog *catalog, const struct camera *camera,
                   const struct health_question *question, struct camera_health *health_out,
                   struct error *err)
{
        *health_out = (struct camera_health){.silent_since = UTC_NONE};
        if (question->latest == NULL)
                return true;
        return read_skew(catalog, question->latest, health_out, err) &&
               read_rate(catalog, camera, question->now, health_out, err) &&
               read_silence(catalog, camera, question, health_out, err);
}
