#pragma once

#include "base/json.h"
#include "base/json_read.h"
#include "model/camera_change.h"

/* Cameras as people ask for them, and where they upload to, in JSON. */

/* The members of a new camera, and of a change; texts live as long as the document. `windows` is
 * room for those of the change. */
bool camera_wish_read(const json_t *document, struct camera_wish *wish_out,
                      struct error *err) MUST_CHECK;
bool camera_change_read(const json_t *document, struct camera_window windows[static CAMERA_WINDOWS],
                        struct camera_change *change_out, struct error *err) MUST_CHECK;

/* `user` and `password`: NULL or empty: null. */
void upload_target_write(struct json *json, const struct upload_target *target, const char *user,
                         const char *password);
