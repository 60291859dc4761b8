#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "app/accounts.h"
#include "app/ftp.h"
#include "app/receiver.h"
#include "app/session_log.h"
#include "catalog/catalog.h"
#include "receive/ftp_server.h"

/*
 * The inside of FTP receiving, shared by ftp.c (life, joining) and ftp_report.c (figures, frames
 * that are fetched).
 */
enum { FTP_TEXTS = 8 };

struct ftp {
        struct ftp_config config; /* without the settings */
        struct ftp_server_config server_config;
        char *texts[FTP_TEXTS]; /* of the server's configuration */
        size_t text_count;
        char *data_directory;
        int data_fd;        /* the lock; -1: none */
        bool off;           /* by the settings */
        bool wanted;        /* by the settings, accounts or not */
        bool any_interface; /* the default address: IPv4 alone will do where there is no IPv6 */
        int64_t reserve_bytes;

        struct receiver *receiver;
        struct accounts *accounts;
        struct session_log *log;

        pthread_mutex_t lock; /* guards the pointer */
        struct ftp_server *server;
        char listening[64]; /* the address it was given */

        /* Of the network thread: frames that are fetched. */
        struct catalog *frames;

        /* Of the keeper. */
        pthread_t keeper;
        bool keeper_runs, review_failed;
        struct mono next_try; /* to listen, after it failed */
        pthread_mutex_t keeper_lock;
        pthread_cond_t keeper_wake;
        bool stopping;
        unsigned looks_wanted, looks_done; /* of somebody who waits */

        atomic_bool disk_low;  /* nothing more is taken */
        atomic_bool disk_hit;  /* a write found no room lately: likewise */
        struct mono hit_until; /* of the keeper */
        bool spare_kept;       /* likewise */
        atomic_llong free_bytes, reserve, refused_full;
};

/* ---- ftp_report.c ---- */

bool ftp_open_frame(void *context, const struct frame_key *key, int *fd_out, int64_t *offset_out,
                    int64_t *length_out, struct error *err);
