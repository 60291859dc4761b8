#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/json_read.h"
#include "catalog/catalog.h"
#include "model/camera.h"
#include "model/frame.h"

/*
 * `"stretches": [{"camera", "from", "to"}, ...]`, as the calls that change something of many events
 * at a time take it.
 */
enum { STRETCHES_MOST = 1000 };

struct named_stretch {
        char camera[CAMERA_NAME_SIZE];
        struct stretch stretch;
};

struct stretches {
        struct named_stretch *items;
        size_t count;
};

/* Of a JSON array; the cameras are names yet. End with stretches_free. */
bool stretches_read(const json_t *array, struct stretches *stretches_out,
                    struct error *err) MUST_CHECK;

/* The name of a camera, as JSON has it; one that is too long is of none. */
bool named_camera(const json_t *value, struct named_stretch *stretch_out,
                  struct error *err) MUST_CHECK;

/* One of them: an object. */
bool stretch_read(const json_t *object, struct named_stretch *stretch_out,
                  struct error *err) MUST_CHECK;

/* Looks the cameras up, and gives them the names they have now; ERROR_NOT_FOUND names the one that
 * is not there. */
bool stretches_resolve(struct stretches *stretches, struct catalog *catalog,
                       struct error *err) MUST_CHECK;

/* Tells viewers that they have changed: one message a camera, from its first to its last. */
struct live;
void stretches_tell(const struct stretches *stretches, struct live *live, const char *event);

void stretches_free(struct stretches *stretches);
