#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "catalog/catalog.h"
#include "model/camera_change.h"

/*
 * Cameras that people add and change, the same from the command line and over HTTP. What is asked
 * for is checked, and its password hashed, without the catalog (a tenth of a second, so not on the
 * thread that writes); then it is done in one transaction.
 */

/* Checks what a new camera is asked to be and fills in user, password and hash; ERROR_INPUT says
 * what cannot be. */
bool camera_setup_check(const struct camera_wish *wish, struct camera_access *access_out,
                        struct error *err) MUST_CHECK;

/* Adds camera and account as they were checked. ERROR_CONFLICT for a name, or a user that was asked
 * for, in use; a user made from the name gets a number then. */
bool camera_setup_add(struct catalog *catalog, const struct camera_wish *wish,
                      struct camera_access *access, struct error *err) MUST_CHECK;

/* Checks a change alone, then does it to the camera of this name. */
bool camera_setup_check_change(const struct camera_change *change, struct error *err) MUST_CHECK;
bool camera_setup_change(struct catalog *catalog, const char *name,
                         const struct camera_change *change, struct camera *camera_out,
                         struct error *err) MUST_CHECK;

/* Gives the camera's account the password in `access` (of camera_setup_check of a wish that names
 * the camera); a camera without an account gets it. */
bool camera_setup_password(struct catalog *catalog, const struct camera_wish *wish,
                           struct camera_access *access, struct error *err) MUST_CHECK;

/* Forgets a camera and its account; ERROR_CONFLICT when it has frames, and nothing is done. */
bool camera_setup_remove(struct catalog *catalog, const char *name, struct camera_id *camera_out,
                         struct error *err) MUST_CHECK;
