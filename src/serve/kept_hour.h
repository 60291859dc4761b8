#pragma once

#include <stdbool.h>

#include "model/frame.h"
#include "store/store.h"

/*
 * The hour file that the last frame of a range was in, kept open for those that follow: they need
 * neither catalog nor path. Of zeros it keeps none. One thread.
 */
struct kept_hour {
        struct segment_id segment; /* 0: none */
        int fd;
};

/* The bytes of a frame, held (store_hold). False when it is in another file, or was taken out of
 * this one: then the catalog is to be asked, which knows why. */
bool kept_hour_open(const struct kept_hour *hour, const struct frame *frame,
                    struct extent *extent_out);

/* Keeps the file in which a frame was found, if it is an hour file. */
void kept_hour_keep(struct kept_hour *hour, const struct frame *frame, const struct extent *extent);

void kept_hour_close(struct kept_hour *hour);
