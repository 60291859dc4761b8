#pragma once

#include "model/frame.h"

/*
 * Frames as an IQeye with motion detection sends them: bursts with a few frames before and after
 * each trigger, gaps of a second or two inside, minutes of nothing between. Deterministic by seed.
 */
enum burst_style {
        BURST_SAMPLE, /* gaps as in 48 minutes of a real camera: a frame in 15 s, 4 to a run */
        BURST_BUSY    /* a street: minutes of motion at 4 frames/s, a frame in 0.86 s */
};

struct burst {
        enum burst_style style;
        uint64_t random;
        struct camera_id camera;
        int64_t time_ms;
        int64_t sequence;
        int left;    /* frames of this burst */
        int trigger; /* role of the next frame */
        uint64_t windows;
};

void burst_init(struct burst *burst, enum burst_style style, struct camera_id camera,
                int64_t start_ms, uint64_t seed);

/* The next frame, later than the last; its place has no folder yet. */
void burst_next(struct burst *burst, struct frame *frame_out);

uint64_t burst_random(uint64_t *state);
