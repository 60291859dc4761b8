#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/batch.h"
#include "app/ingest.h"
#include "base/error.h"
#include "catalog/catalog.h"

/*
 * How batches become one transaction; belongs to the writer thread of ingest. What was done is
 * counted only when the transaction is committed.
 */
struct new_camera {
        struct camera_id id;
        char name[CAMERA_NAME_SIZE];
};

struct ingest_write {
        struct catalog *catalog;         /* borrowed */
        struct camera_defaults defaults; /* borrowed */
        struct frame *frames;            /* of the transaction, in the order of the adds */
        size_t frame_count, frame_room;
        size_t added_count;    /* of them, already given to catalog_add */
        struct frame *repeats; /* came again; places of records that nothing needs */
        size_t repeat_count, repeat_room;
        struct new_camera *cameras;
        size_t camera_count, camera_room;
        struct ingest_counters done; /* by this transaction */
        bool incomplete; /* something was given up: no fingerprint may say that all is there */
};

/* Writes the batches in one transaction; on failure nothing of them is written. Afterwards frames
 * and cameras hold what was committed. */
bool ingest_write(struct ingest_write *write, struct batch *const *batches, size_t count,
                  struct error *err) MUST_CHECK;

void ingest_write_finish(struct ingest_write *write);
