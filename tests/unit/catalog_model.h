#pragma once

#include "catalog/catalog.h"
#include "query/events.h"

/*
 * A catalog in the plainest form: an array of files and what each is. Tests do the same to it and
 * to the real one and hold what they answer against each other.
 */
enum { MODEL_FILES = 600, MODEL_CAMERAS = 3, MODEL_FOLDERS = 4 };

enum file_state { FILE_UNKNOWN, FILE_FRAME, FILE_SKIPPED, FILE_VANISHED };

struct model_file {
        enum file_state state;
        struct frame frame; /* the one that is or was there */
        int64_t skipped_bytes;
};

struct model {
        uint64_t random;
        struct camera_id cameras[MODEL_CAMERAS];
        struct folder_id folders[MODEL_FOLDERS];
        struct model_file files[MODEL_FILES];
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

/* Fails the test where they differ in anything that can be asked. */
void model_compare(struct model *model, struct catalog *catalog);

/* The events of a camera by the rule, from the frames; returns how many. */
int model_events(const struct model *model, struct camera_id camera, int64_t dwell_ms,
                 struct span out[static MODEL_FILES]);

void span_assert_equal(const struct span *a, const struct span *b);
