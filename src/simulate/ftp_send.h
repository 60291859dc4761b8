#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "simulate/ftp_target.h"

/*
 * A simulated camera's FTP session, by libcurl: one try of one upload at a time, over a connection
 * that is kept open in between (unless its habit is another). Blocks; one thread at a time.
 */
struct ftp_send;

struct ftp_parcel {
        const char *folder; /* "00_50_1a_02_2c_be/2026-11-22/14" */
        const char *name;
        const uint8_t *bytes;
        size_t length;
        bool cut; /* end it midway: it is repeated later */
};

struct ftp_answer {
        bool acknowledged;
        int code;       /* the server's last; 0: it did not answer */
        bool login;     /* it was the login that was refused */
        char text[200]; /* what it said, or why there is no answer */
        int64_t ms;     /* from the last byte to the answer */
};

/* `user` as ftp_target_user gives it. `stopped` (with context) is asked now and then; a moment
 * after it says true a transfer ends. All is borrowed but the user. */
bool ftp_send_create(const struct ftp_target *target, const char *user,
                     bool (*stopped)(void *context), void *context, struct ftp_send **out,
                     struct error *err) MUST_CHECK;
void ftp_send_free(struct ftp_send **send);

void ftp_send_upload(struct ftp_send *send, const struct ftp_parcel *parcel,
                     struct ftp_answer *answer_out);

/* Ends the connection with QUIT; the next upload makes another. */
void ftp_send_rest(struct ftp_send *send);
