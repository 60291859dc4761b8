#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "simulate/ftp_send.h"

/*
 * An upload by STOU, which libcurl has no word for: libcurl connects and logs in (with TLS where
 * wanted), the commands after that are said here.
 */
struct ftp_stou {
        CURL *control; /* set up by the caller for CURLOPT_CONNECT_ONLY; borrowed */
        const struct ftp_target *target;
        bool (*stopped)(void *context);
        void *context;
        bool connected;
        char heard[1024]; /* from the server, not yet taken */
        size_t heard_length;
};

/* Connects if need be, and uploads. */
void ftp_stou_upload(struct ftp_stou *stou, const struct ftp_parcel *parcel,
                     struct ftp_answer *answer_out);
