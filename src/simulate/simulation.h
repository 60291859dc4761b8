#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "base/zone.h"
#include "simulate/delivery.h"
#include "simulate/ftp_target.h"

/*
 * Simulated cameras at work: threads that let each camera decide, draw and upload, either at the
 * pace of the clock or as fast as it goes. The same options give the same files with any number of
 * threads.
 */
struct simulation_options {
        int cameras;
        int rate;          /* uploads a second during motion */
        int64_t seconds;   /* of the cameras' time; 0: for ever */
        struct utc start;  /* the cameras' time at the beginning */
        int speed_percent; /* 100: as the clock; 0: as fast as possible */
        uint64_t seed;
        float visits; /* usual visits an hour */
        int width, height;
        const char *directory;        /* where the pictures go, or NULL; borrowed */
        const struct ftp_target *ftp; /* or an FTP server, or NULL; borrowed */
        const char *acks;             /* file of what that acknowledged, or NULL; borrowed */
        bool resume;                  /* pass over as many uploads of a camera as are in it */
        const struct zone *zone;      /* NULL: UTC; borrowed */
        bool rename;
        int threads; /* 0: as many as processors; to an FTP server, as many as cameras */
};

struct simulation_count {
        int64_t frames, motion_frames, bytes, bursts; /* delivered */
        struct delivery_tally delivery;
        struct utc first, last; /* UTC_NONE if there was no frame */
};

struct simulation;

/* Checks the options, makes the directory and the cameras; nothing moves yet. A camera's FTP
 * session begins with its first upload. */
bool simulation_create(const struct simulation_options *options, struct simulation **out,
                       struct error *err) MUST_CHECK;
bool simulation_start(struct simulation *simulation, struct error *err) MUST_CHECK;

/* True when all is done; else false after timeout_ms. */
bool simulation_wait(struct simulation *simulation, int timeout_ms);

/* Asks the threads to end after the frame in hand. */
void simulation_stop(struct simulation *simulation);

/* Joins the threads; fails if one of them did. */
bool simulation_end(struct simulation *simulation, struct error *err) MUST_CHECK;
void simulation_free(struct simulation **simulation);

/* Counts of one camera, or of all with camera -1; and how far the cameras' time has come, 0 .. 1000
 * of the whole (0 when it has no end). From any thread. */
struct simulation_count simulation_count(struct simulation *simulation, int camera);
int simulation_progress(struct simulation *simulation);
const char *simulation_camera_name(const struct simulation *simulation, int camera);
const uint8_t *simulation_camera_mac(const struct simulation *simulation, int camera);
