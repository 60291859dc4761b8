#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/ingest.h"
#include "app/recover.h"
#include "catalog/catalog.h"
#include "store/frame_store.h"

/*
 * A receiver of pictures as small as can be, over store, ingest and recovery, and what must hold of
 * its data directory afterwards. Pictures have numbers, from which all else of them follows.
 */
enum { CAMERAS = 5, ACKS_MOST = 400000, PICTURE_MOST = 6000 };

extern char directory[64];    /* the data directory of the test */
extern char frames[80];       /* in it */
extern uint8_t *acknowledged; /* by number */

int world_set_up(void **state);
int world_tear_down(void **state);

void must(bool ok, const struct error *err);

struct receiver {
        struct ingest *ingest;
        struct frame_store *store;
        struct batch *batch;
        int32_t next_segment;
        struct camera cameras[CAMERAS];
        struct recovery recovery;
};

void receiver_start(struct receiver *receiver, enum durability durability);
void receiver_stop(struct receiver *receiver);

/* Appends picture `number` to the group. */
void receive(struct receiver *receiver, uint32_t number);
/* Likewise, as one whose time was told by `source`, uploaded as `path`. */
void receive_as(struct receiver *receiver, uint32_t number, enum time_source source,
                const char *path);
/* Syncs and commits; what was received is acknowledged then. */
void finish_group(struct receiver *receiver);

/* What catalog_check and check_segments say; *difference is called for each. */
int64_t differences_of(struct catalog *catalog, bool fast,
                       void (*difference)(void *context, const char *sentence));

/* Every acknowledged number below `limit` is in the catalog once, byte for byte, and nothing that
 * is no picture is; check finds no difference. */
void check_world(uint32_t limit);
/* Whether it met picture `number`. */
bool world_has(uint32_t number);
/* The camera, counted from 0, and the capture time of a picture. */
int picture_camera(uint32_t number);
struct utc picture_time(uint32_t number);
