#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "catalog/catalog.h"
#include "model/account.h"
#include "model/camera.h"

/* `cctvweb camera`, shared by camera.c (the command line), camera_change.c (what is done) and
 * camera_print.c (what is told). */
struct camera_options {
        const char *data;
        const char *name;     /* of the camera; NULL: by user, or a shared account */
        const char *new_name; /* of rename */
        const char *user;
        const char *zone;
        const char *path_template;
        int64_t dwell_ms; /* 0: not given */
        bool password_stdin;
        bool download;
        bool shared;
        bool json;
};

struct camera_job {
        const struct camera_options *options;
        char directory[4096];
        struct catalog *catalog;
        /* What it is about. */
        bool has_camera, has_account;
        struct camera camera;
        struct account account;
        char password[257]; /* when it was made here; else empty */
};

/* ---- camera_change.c ---- */

bool camera_add(struct camera_job *job, struct error *err) MUST_CHECK;
bool camera_rename(struct camera_job *job, struct error *err) MUST_CHECK;
/* What standard input says, as the change of the API. */
bool camera_set(struct camera_job *job, struct error *err) MUST_CHECK;
bool camera_disable(struct camera_job *job, struct error *err) MUST_CHECK;
bool camera_enable(struct camera_job *job, struct error *err) MUST_CHECK;
bool camera_remove(struct camera_job *job, struct error *err) MUST_CHECK;
bool camera_password(struct camera_job *job, struct error *err) MUST_CHECK;

/* ---- camera_print.c ---- */

bool camera_list(struct camera_job *job, struct error *err) MUST_CHECK;
bool camera_show(struct camera_job *job, struct error *err) MUST_CHECK;
/* Camera and account as they are now; `done` is a word like "added". */
bool camera_tell(struct camera_job *job, const char *done, struct error *err) MUST_CHECK;
