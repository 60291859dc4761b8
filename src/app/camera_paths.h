#pragma once

#include <stddef.h>

#include "app/roots.h"
#include "catalog/catalog.h"
#include "serve/camera_desk.h"

/*
 * The paths under which a camera's newest frames came: of those in hour files as their records
 * tell, of files of a folder as they lie below the folder that was named. The newest frames one by
 * one, then some further back, so that a burst is not all there is. Returns how many.
 */
size_t camera_paths(struct catalog *catalog, const char *data_directory, const struct roots *roots,
                    const struct camera *camera, struct received_path paths[static RECEIVED_PATHS]);
