#pragma once

#include "catalog/sqlite_write.h"

/* A check under way; see catalog_check. */
struct check {
        struct catalog *catalog;
        void (*difference)(void *context, const char *sentence);
        void *context;
        int64_t differences;

        int64_t places; /* frames that have one */

        struct camera_id camera; /* the one being looked at */
        char name[CAMERA_NAME_SIZE + 16];
        struct sums sums; /* counted */
};

/* Counts a difference and tells it. */
void check_tell(struct check *check, const char *format, ...) PRINTF_LIKE(2, 3);
void check_number(struct check *check, const char *where, const char *what, int64_t expected,
                  int64_t found);

/* Reads the frames of check->camera once and holds runs and activity against them, row by row; sets
 * check->sums. */
bool check_frames(struct check *check, struct error *err) MUST_CHECK;

/* Holds the blocks of check->camera against its runs and activity. */
bool check_blocks(struct check *check, struct error *err) MUST_CHECK;
