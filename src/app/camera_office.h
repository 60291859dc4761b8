#pragma once

#include "app/ftp.h"
#include "app/ingest.h"
#include "app/settings.h"
#include "base/error.h"
#include "serve/camera_desk.h"

/* Answers serve/camera_desk.h from accounts, receiving and parsing. */
struct camera_office;

struct camera_office_config {
        const struct settings *settings; /* borrowed until camera_office_create returns */
        struct ingest *ingest;           /* borrowed, as the next */
        struct ftp *ftp;                 /* NULL: another process receives into this folder */
};

bool camera_office_create(const struct camera_office_config *config,
                          struct camera_office **office_out, struct error *err) MUST_CHECK;
/* Accepts NULL inside. */
void camera_office_destroy(struct camera_office **office);

struct camera_desk camera_office_desk(struct camera_office *office);
