#pragma once

#include <pthread.h>

#include "app/exports.h"

/* Exports, for the files that are them: their files on disk, and the thread that makes them. */
struct exports {
        struct exports_config config;
        char *data_directory;
        int lock_fd; /* -1: another process makes the exports of this folder */

        pthread_t thread;
        bool started;
        struct error off;     /* why it was not */
        pthread_mutex_t lock; /* guards what follows */
        pthread_cond_t wake;
        bool stopping;
        bool wanted;     /* there may be something to make */
        int64_t running; /* id; 0: none */
        bool cancelled;  /* that one is */
        int64_t done;    /* pictures of it */
};

enum { EXPORTS_PATH_SIZE = 4200 };

struct utc exports_now(const struct exports *exports);

/* DATA/exports/<id>.part, in which one is made. */
bool exports_part_path(const struct exports *exports, int64_t id,
                       char out[static EXPORTS_PATH_SIZE], struct error *err) MUST_CHECK;

/* Makes the folder and takes its lock; *own_out is false when another process has it. */
bool exports_open_folder(struct exports *exports, bool *own_out, struct error *err) MUST_CHECK;

/* The folder as the catalog has it: what was being made waits again, files nobody knows go. */
bool exports_recover(struct exports *exports, struct error *err) MUST_CHECK;

/* Moves the file that was made to where it is fetched from, durably. */
bool exports_put(struct exports *exports, const struct export_row *row,
                 struct error *err) MUST_CHECK;

/* Removes the file of an export, if it has one. */
void exports_unlink(struct exports *exports, const struct export_row *row);
