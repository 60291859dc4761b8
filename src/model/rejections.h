#pragma once

#include <stdint.h>

/* What was sent as pictures of a camera and is none, by reason. */
enum { REJECTION_REASONS = 8, REJECTION_REASON_SIZE = 24 };

struct rejection {
        char reason[REJECTION_REASON_SIZE]; /* a stable word: "cut", "incomplete", ... */
        int64_t count;
};

struct rejections {
        int64_t total; /* of all that are kept */
        int count;
        struct rejection reasons[REJECTION_REASONS]; /* of the newest of them; the most first */
};
