#pragma once

#include "simulate/delivery.h"

/* The forms of delivery, for delivery.c. */

/* An upload with its names. */
struct parcel {
        const char *folder; /* relative */
        const char *name;
        const uint8_t *bytes;
        size_t length;
        struct utc due;
};

enum { PARCEL_FOLDER_SIZE = 64, PARCEL_NAME_SIZE = 32 };

/* A folder. */
struct delivery_folder {
        const struct delivery_options *options; /* borrowed */
        int fd;                                 /* open folder of the hour, or -1 */
        char path[PARCEL_FOLDER_SIZE];          /* relative to the directory */
};

bool delivery_folder_store(struct delivery_folder *folder, const struct parcel *parcel,
                           struct error *err) MUST_CHECK;
void delivery_folder_rest(struct delivery_folder *folder);

/* An FTP server. */
struct delivery_ftp;

bool delivery_ftp_open(const struct delivery_options *options, struct delivery_ftp **out,
                       struct error *err) MUST_CHECK;
bool delivery_ftp_store(struct delivery_ftp *ftp, const struct parcel *parcel,
                        struct delivery_tally *tally, struct error *err) MUST_CHECK;
void delivery_ftp_rest(struct delivery_ftp *ftp);
void delivery_ftp_close(struct delivery_ftp **ftp);
