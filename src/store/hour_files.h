#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/segment.h"
#include "store/begun.h"

/*
 * The hour files a frame store may still append to, found by camera and hour; open ones are few.
 * Inner part of frame_store.
 */
struct hour_file {
        struct segment segment;
        int fd;            /* -1: closed for now */
        int64_t end;       /* where the next record goes */
        int64_t synced;    /* up to here it is durable */
        int64_t allocated; /* room was kept up to here */
        bool dirty;        /* in the list of the group */
        bool broken;       /* a write failed: nothing more goes in */
        int folders;       /* to sync with it: 1 the day's, 2 the camera's too, 3 DATA/frames too */
        struct error failure; /* of its sync, when kind is not ERROR_NONE */
        struct mono used;
        struct hour_file *next;          /* of its bucket */
        struct hour_file *newer, *older; /* by use */
};

enum { HOUR_BUCKETS = 1024 };

struct hour_files {
        char *directory;
        struct begun begun;
        struct hour_file *buckets[HOUR_BUCKETS];
        struct hour_file *newest, *oldest;
        size_t known, open;
};

bool hour_files_init(struct hour_files *files, const char *directory, const char *journal,
                     struct error *err) MUST_CHECK;
void hour_files_finish(struct hour_files *files);

/* NULL when there is none. */
struct hour_file *hour_files_find(struct hour_files *files, struct camera_id camera,
                                  struct utc hour);

/* Begins a file of segment->directory and hour with the first number that is free, and sets number;
 * it is not yet in the list. */
bool hour_files_create(struct hour_files *files, struct segment *segment,
                       struct hour_file **file_out, struct error *err) MUST_CHECK;
/* A file that is there, not opened. */
bool hour_files_known(struct hour_files *files, const struct segment *segment,
                      struct hour_file **file_out, struct error *err) MUST_CHECK;
void hour_files_insert(struct hour_files *files, struct hour_file *file);

/* Takes it out of the list; it can still be synced. */
void hour_files_remove(struct hour_files *files, struct hour_file *file);

/* Opens it if it is closed, and marks it as the newest used. */
bool hour_files_use(struct hour_files *files, struct hour_file *file, struct error *err) MUST_CHECK;

/* Closes it for now, giving back room that was kept. */
void hour_files_close(struct hour_files *files, struct hour_file *file);
void hour_files_free(struct hour_files *files, struct hour_file **file);

/* False, and file->failure set, when somebody removed the open file, or put another in its place.
 */
bool hour_files_is_there(const struct hour_files *files, struct hour_file *file);

/* Makes file and folders durable; on failure sets file->failure. Safe beside others. */
void hour_files_sync(const struct hour_files *files, struct hour_file *file);
