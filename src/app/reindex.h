#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Builds the catalog again from the hour files in DATA/frames: a new one beside the old, put in its
 * place when it is complete; the old one stays as catalog.db.before-reindex. Of the old one, where
 * it can be read, stay cameras with their settings, accounts, and what is known of folders that are
 * indexed in place; else the cameras are named by what their frames say, and folders have to be
 * scanned again. Needs the data directory alone (ERROR_CONFLICT).
 */
struct reindex_result {
        int64_t files;
        int64_t frames;        /* received ones, found in hour files */
        int64_t bytes;         /* of their pictures */
        int64_t repeats;       /* records of frames that another record has, passed over */
        int64_t broken;        /* stretches that are no records, and records not understood */
        int64_t folder_frames; /* of folders, taken over from the old catalog */
        int64_t cameras_new;   /* that the old catalog did not know */
        bool had_old;          /* there was an old catalog */
        bool kept_old;         /* and what is not in the files was taken from it */
        char why_not[400];     /* it could not be read */
};

struct reindex_config {
        const char *data_directory;
        /* Each file or stretch that something is wrong with; may be NULL. */
        void (*problem)(void *context, const char *sentence);
        /* Called now and then with what is done so far; may be NULL. */
        void (*progress)(void *context, const struct reindex_result *so_far);
        bool (*stopping)(void *context); /* may be NULL; true: give up, the old catalog stays */
        void *context;
};

bool reindex(const struct reindex_config *config, struct reindex_result *result_out,
             struct error *err) MUST_CHECK;
