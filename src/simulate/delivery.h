#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "base/zone.h"
#include "simulate/acks.h"
#include "simulate/device.h"
#include "simulate/ftp_target.h"

/*
 * Delivers a camera's uploads, in one of two forms: into a folder the way an FTP server would have
 * written them, or to an FTP server. Either way under the names of the camera's path template
 * `$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)` and name `$ST.$FN`, in its local time:
 * `00_50_1a_02_2c_be/2026-11-22/14/14_10_39.trig-02.jpg`. In a folder a name that exists gets `.1`,
 * `.2` ... as with unique names (STOU).
 *
 * Used by one thread at a time.
 */
struct delivery;

struct delivery_options {
        const char *directory;        /* the folder, or NULL; borrowed */
        const struct ftp_target *ftp; /* the FTP server, or NULL; borrowed */
        const struct zone *zone;      /* NULL: UTC; borrowed */
        const uint8_t *mac;           /* six bytes; borrowed */
        const char *name;             /* of the camera; borrowed */
        int number;                   /* of the camera, from 1 */
        bool rename;                  /* folder: write under another name, then rename */
        bool slowly;       /* folder: in pieces with pauses, as a network delivers them */
        bool past;         /* folder: set the modification time to when it was sent */
        struct acks *acks; /* FTP: told what was acknowledged; NULL: nobody; borrowed */

        /* FTP: waits before the next try; false when there is to be none. With 0 it only asks. */
        bool (*pause)(void *context, int milliseconds);
        void *context;
};

/* What happened to uploads. A folder has only acknowledged ones. */
struct delivery_tally {
        int64_t sent;           /* uploads begun, tries included */
        int64_t acknowledged;   /* answered 226 or 250 */
        int64_t refused;        /* tries answered 4xx or 5xx */
        int64_t broken;         /* tries that ended without an answer */
        int64_t cut;            /* tries the camera cut itself */
        int64_t retried;        /* tries after the first */
        int64_t unacknowledged; /* uploads given up as it was told to stop */
        int64_t bytes;          /* of the acknowledged ones */
        int64_t slowest_ms;     /* from the last byte to the answer */
};

bool delivery_open(const struct delivery_options *options, struct delivery **delivery_out,
                   struct error *err) MUST_CHECK;

/* Delivers one; to an FTP server however many tries it takes, until pause says no. */
bool delivery_store(struct delivery *delivery, const struct upload *upload, const uint8_t *bytes,
                    size_t length, struct error *err) MUST_CHECK;

const struct delivery_tally *delivery_tally(const struct delivery *delivery);

/* Gives back open folders and connections; the next upload opens them again. */
void delivery_rest(struct delivery *delivery);
void delivery_close(struct delivery **delivery);
