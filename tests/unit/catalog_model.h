#pragma once

#include "catalog/catalog.h"
#include "catalog/deletions.h"
#include "query/events.h"

/*
 * A catalog in the plainest form: an array of files and what each is. Tests do the same to it and
 * to the real one and hold what they answer against each other.
 */
enum { MODEL_FILES = 600, MODEL_CAMERAS = 3, MODEL_FOLDERS = 4, MODEL_PURGED = 4096 };

enum file_state { FILE_UNKNOWN, FILE_FRAME, FILE_SKIPPED, FILE_VANISHED, FILE_DELETED };

struct model_file {
        enum file_state state;
        struct frame frame; /* the one that is or was there */
        int64_t skipped_bytes;
        int64_t deletion; /* of a deleted one */
};

struct model {
        uint64_t random;
        struct camera_id cameras[MODEL_CAMERAS];
        struct folder_id folders[MODEL_FOLDERS];
        struct model_file files[MODEL_FILES];
        struct frame_key purged[MODEL_PURGED]; /* keys that nobody may get */
        int purged_count;
};

/* A temporary folder for a catalog; its name is 63 bytes at most. */
void temporary_make(char out[static 64]);
void temporary_remove(const char *directory);

struct catalog *catalog_open_or_fail(const char *directory, enum catalog_mode mode);

uint64_t random_next(uint64_t *state);
int random_below(uint64_t *state, int below);

/* Registers cameras and folders. */
void model_init(struct model *model, struct catalog *catalog, uint64_t seed);

/* A frame of a random camera at a time likely to touch others, in the place of file `index`. */
struct frame model_frame(struct model *model, int index);

/* Changes both by one random operation. */
void model_step(struct model *model, struct catalog *catalog);

/* Adds frames in the given order, in one call; they must have the places of different files. */
void model_add(struct model *model, struct catalog *catalog, struct frame *frames, size_t count);

/* Deletes, brings back or purges, at random; in catalog_model_deletions.c. */
void model_delete(struct model *model, struct catalog *catalog);
void model_undo(struct model *model, struct catalog *catalog);
void model_purge(struct model *model, struct catalog *catalog);
void model_compare_deletions(const struct model *model, struct catalog *catalog);
int64_t model_time(uint64_t *random);

/* Fails the test where they differ in anything that can be asked. */
void model_compare(struct model *model, struct catalog *catalog);

/* The events of a camera by the rule, from the frames; returns how many. */
int model_events(const struct model *model, struct camera_id camera, int64_t dwell_ms,
                 struct span out[static MODEL_FILES]);

void span_assert_equal(const struct span *a, const struct span *b);
