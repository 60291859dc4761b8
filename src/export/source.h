#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "base/zone.h"
#include "model/camera.h"
#include "model/frame.h"
#include "store/store.h"

/*
 * Where the frames of an export come from: stretches of cameras, one after the other, as often as
 * they are asked for. Each time they have to be the same, or a page is ERROR_CONFLICT. The writers
 * of formats know nothing else of the catalog or of where bytes lie.
 */
struct export_camera {
        struct camera camera;
        struct zone *zone;
};

struct export_source {
        void *context;
        size_t stretches;
        int64_t frames; /* in all, with those that have no bytes and do not come */
        int64_t bytes;  /* of those that come */
        /* The camera of a stretch; lives as long as the source. */
        const struct export_camera *(*camera)(void *context, size_t stretch);
        /* The limits that were asked for. */
        const struct stretch *(*stretch)(void *context, size_t stretch);
        /* Begins again. */
        void (*rewind)(void *context);
        /* Up to `room` more frames that have bytes, all of one stretch; none at the end. */
        bool (*page)(void *context, struct frame *frames, size_t room, size_t *count_out,
                     size_t *stretch_out, struct error *err);
        bool (*open)(void *context, const struct frame *frame, struct extent *extent_out,
                     struct error *err);
        /* Appends the words of a frame's kinds (a JSON array) and the path or name under which it
         * came (plain bytes; nothing when that is not known). */
        bool (*describe)(void *context, const struct frame *frame, struct json *kinds,
                         struct text *path, struct error *err);
};
