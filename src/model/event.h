#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/frame.h"

/* A frame that may stand for what it is part of. */
struct cover {
        enum cover_rank rank;
        struct frame_key key;
};

/* The better of two covers; a total order, so that any order of arrival gives the same. */
static inline const struct cover *cover_better(const struct cover *a, const struct cover *b)
{
        if (a->rank != b->rank)
                return a->rank < b->rank ? a : b;
        return frame_key_compare(&a->key, &b->key) <= 0 ? a : b;
}

/*
 * A stretch of frames of one camera. As a run: gaps of at most RUN_GAP_MS, and never across a
 * boundary of a UTC hour, so that keeping a run exact never reads more than an hour of frames. As
 * an event: runs joined over gaps of at most the dwell.
 */
struct span {
        struct camera_id camera;
        struct utc start; /* time of the first frame */
        struct utc end;   /* time of the last frame */
        int64_t frames;
        int64_t motion_frames;
        int64_t bytes;
        uint64_t kinds;
        uint64_t windows;
        struct cover cover;
        /* What people said of it: only of events, as query/events.h finds them. */
        bool reviewed; /* every run of it lies in reviewed time */
        bool pinned;   /* pinned time overlaps a run of it */
        bool noted;    /* the stretch of a note overlaps it */
};

enum { RUN_GAP_MS = 1000, RUN_HOUR_MS = 3600000 };

/* Takes `other`, of the same camera, into `span`. In any order and grouping the result is the same.
 */
static inline void span_join(struct span *span, const struct span *other)
{
        if (other->start.ms < span->start.ms)
                span->start = other->start;
        if (other->end.ms > span->end.ms)
                span->end = other->end;
        span->frames += other->frames;
        span->motion_frames += other->motion_frames;
        span->bytes += other->bytes;
        span->kinds |= other->kinds;
        span->windows |= other->windows;
        span->cover = *cover_better(&span->cover, &other->cover);
        span->reviewed = span->reviewed && other->reviewed;
        span->pinned = span->pinned || other->pinned;
}
