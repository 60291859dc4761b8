#pragma once

#include "app/ingest.h"
#include "app/settings.h"
#include "base/error.h"
#include "base/text.h"
#include "serve/camera_desk.h"
#include "serve/overview.h"
#include "serve/reception.h"

/*
 * Receiving by FTP as a whole: server, logins, receiver, and a keeper that looks once a second at
 * the disk and at the accounts. The server listens once there is an account, or when the setting
 * `ftp` was given; accounts that appear later start it.
 */
struct ftp;

struct ftp_config {
        const struct settings *settings; /* borrowed until ftp_start returns */
        struct ingest *ingest;           /* borrowed until ftp_stop */
        /* Something the owner has to know: kind as "disk-full", a sentence, and whether it holds or
         * is over. From the keeper's thread. */
        void (*alert)(void *context, const char *kind, const char *text, bool holds);
        void *context;
};

/* Recovers what an earlier run left and starts. What is wrong with the settings is told before
 * anything is done. */
bool ftp_start(const struct ftp_config *config, struct ftp **ftp_out, struct error *err) MUST_CHECK;

/* Takes no more, finishes what was received; ingest must still run. Accepts NULL inside. */
void ftp_stop(struct ftp **ftp);

/* ---- from any thread ---- */

void ftp_metrics(struct ftp *ftp, struct text *out);

/* What the calls of HTTP ask of receiving. */
struct reception ftp_reception(struct ftp *ftp);

/* Cameras or accounts were changed in the catalog: from its return on that holds for logins and
 * uploads, sessions of accounts that are no longer what they were have been ended, and the server
 * listens if it is to. */
void ftp_cameras_changed(struct ftp *ftp);

/* Where cameras have to send to. */
void ftp_target(struct ftp *ftp, struct upload_target *target_out);

/* Paths of what was rejected of a camera, the newest first; returns how many. */
size_t ftp_rejected_paths(struct ftp *ftp, const struct camera *camera, struct received_path *paths,
                          size_t room);

/* Fills in what receiving knows of it. */
void ftp_overview(struct ftp *ftp, struct overview *out);

/* Logs how far it is. */
void ftp_report(struct ftp *ftp);
