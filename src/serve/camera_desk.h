#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/camera_change.h"
#include "model/template_reading.h"

/*
 * What the calls about cameras need of stages beside the catalog: accounts and their passwords, the
 * addresses uploads go to, the paths that came, path templates. Functions of whoever joins the
 * stages, safe from any thread. Those that change something wait for the catalog's one writer and
 * hold at once, also for uploads under way.
 */
enum { RECEIVED_PATHS = 48, RECEIVED_PATH_SIZE = 1024, TEMPLATE_PATHS = 100 };

struct received_path {
        char path[RECEIVED_PATH_SIZE]; /* as the camera named it; below the folder, for one that is
                                          indexed in place */
        struct utc time;               /* when it came */
        bool rejected;                 /* it is in quarantine */
};

struct template_question {
        const char *path_template; /* empty: the rules that hold for most cameras */
        const char *zone;
        const char *const *paths;
        size_t count;
};

struct camera_desk {
        void *context;

        bool (*add)(void *context, const struct camera_wish *wish, struct camera_access *access_out,
                    struct error *err);
        bool (*change)(void *context, const char *name, const struct camera_change *change,
                       struct camera *camera_out, struct error *err);
        bool (*remove)(void *context, const char *name, struct camera_id *camera_out,
                       struct error *err);
        /* `wish` has the name, perhaps a password; a camera without an account gets one. */
        bool (*password)(void *context, const struct camera_wish *wish,
                         struct camera_access *access_out, struct error *err);

        /* Where cameras have to send to now. */
        void (*target)(void *context, struct upload_target *target_out);

        /* Paths that came lately, the newest first, none twice; returns how many. */
        size_t (*paths)(void *context, const struct camera *camera,
                        struct received_path paths[static RECEIVED_PATHS]);

        /* readings[i] is of paths[i]. What is wrong with the template comes in `problem_out`, of
         * ERROR_NONE when nothing is; a zone that is not there is ERROR_INPUT. */
        bool (*read_paths)(void *context, const struct template_question *question,
                           struct template_reading *readings, struct error *problem_out,
                           struct error *err);
};
