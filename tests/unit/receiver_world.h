#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/ingest.h"
#include "app/receiver.h"
#include "receive/upload.h"

/*
 * A receiver with one camera and what it answered, by ticket; and what can be asked of its data
 * directory. Pictures have numbers, which are those of their tickets too.
 */
enum { UPLOADS = 40 };

extern char directory[64]; /* the data directory of the test */

struct world {
        struct ingest *ingest;
        struct receiver *receiver;
        struct upload_budget budget;
        int64_t account;
        pthread_mutex_t lock;
        pthread_cond_t changed;
        enum ftp_outcome outcomes[UPLOADS];
        uint64_t handles[UPLOADS]; /* of those that are held */
        bool answered[UPLOADS];
        bool named[UPLOADS]; /* told which frame it is */
        size_t count;
        size_t told_full;
};

/* For cmocka: a directory of its own for each test. */
int set_up(void **state);
int tear_down(void **state);

void must(bool ok, const struct error *err);

void start_with(struct world *world, enum durability durability);
void world_start(struct world *world); /* with the default */
void world_stop(struct world *world);

/* Uploads picture `number` of the camera under a name; its sender may ask for it back or not. */
void send_as(struct world *world, uint32_t number, const char *path, bool readable);
void send_picture(struct world *world, uint32_t number, bool readable);
void send_one(struct world *world, uint32_t number);

/* Until all that were sent are answered; how many of them so. Fails after ten seconds. */
size_t wait_for(struct world *world, size_t sent, enum ftp_outcome outcome);

/* Whether the catalog has room for frames: without, it is as on a full disk. */
void set_room(struct world *world, bool room);

int64_t frames_now(void);
/* Waits until that many are in the catalog, at most ten seconds. */
void wait_for_frames(int64_t wanted);

/* That catalog and hour files agree. */
void check_all(void);
