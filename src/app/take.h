#pragma once

#include <stddef.h>
#include <stdint.h>

#include "app/batch.h"
#include "base/utc.h"
#include "base/zone.h"
#include "receive/picture_file.h"

struct path_template;

/*
 * Takes one file of a folder: opens it, reads its head, understands it, and puts a frame, or why it
 * is none, into a batch. One taker a thread.
 */
struct taker {
        const struct path_template *template; /* borrowed, NULL: none */
        const struct zone *zone;              /* borrowed, NULL: UTC */
        int young_ms; /* so long a file without an end counts as still being written */
        uint8_t *buffer;
        size_t room;
        unsigned enough, short_of; /* files whose first kilobyte was enough, and was not */
        char *path;                /* of the file below the root */
        size_t path_room;
};

enum take_outcome {
        TAKE_FRAME,
        TAKE_SKIPPED,    /* remembered as no picture; taken.reason */
        TAKE_REFUSED,    /* no regular file; not remembered; taken.reason */
        TAKE_UNFINISHED, /* young and without an end: nothing was done */
        TAKE_GONE,       /* not there any more: nothing was done */
        TAKE_FAILED      /* could not be read; taken.number is an errno */
};

struct taken {
        enum skip_reason reason;
        int number;
        struct picture_file file; /* closed; as it was when opened */
};

struct take_from {
        int folder_fd;
        const char *folder_path; /* absolute */
        const char *relative;    /* the part below the root */
        const char *name;
};

/* `now` serves for the age of the file and the sanity of times. With `as_it_is` a young file
 * without an end is taken too. */
enum take_outcome take_file(struct taker *taker, const struct take_from *from, struct utc now,
                            bool as_it_is, struct batch *batch, struct taken *taken_out);

void taker_finish(struct taker *taker);
