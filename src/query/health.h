#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "catalog/catalog.h"
#include "model/camera.h"
#include "model/frame.h"

/*
 * How a camera does, against what it usually does. Costs some dozen look-ups whatever the camera
 * has; of one that is not live, also the minutes of a week of activity.
 */
enum {
        CAMERA_LIVE_MS = 60000, /* a camera is live while its newest frame came within this */
        HEALTH_DAYS = 7
};

struct camera_health {
        int64_t rate; /* frames of the last 60 whole minutes, by the camera's own clock */
        /* Frames a thousand of the same hour on the days before, up to HEALTH_DAYS of them and none
         * before its first frame; days 0: it is not here for that long. */
        int64_t usual_thousandths;
        int usual_days;

        /* Arrival less capture time, the median of the newest frames: above zero the camera's clock
         * is behind. Only of frames that told their time, and whose arrival is known: those
         * received here, or files that were written as they came (their differences agree while
         * time goes on, which those of a copied folder do not). */
        bool skew_known;
        int64_t skew_ms;

        struct utc silent_since; /* arrival of the newest frame; UTC_NONE while it is live */
        /* From how long on this silence is one that its rhythm does not explain (query/silence.h);
         * 0 while it is live, and of a disabled camera or a folder that nothing came to for a
         * month, which nobody misses. */
        int64_t silent_after_ms;
        /* It has been silent for longer. */
        bool overdue;
};

struct health_question {
        const struct frame *latest; /* the camera's newest, NULL if it has none */
        bool has_account;           /* it uploads here */
        struct utc now;
};

bool camera_health(struct catalog *catalog, const struct camera *camera,
                   const struct health_question *question, struct camera_health *health_out,
                   struct error *err) MUST_CHECK;
