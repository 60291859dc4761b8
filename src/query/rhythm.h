#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * How often a camera usually sends, and from which length on a gap means that it was silent:
 * nothing came although it usually would. A camera that is merely quiet sends pictures without
 * motion, or has gaps like this one all the time. Pure; memory does not depend on what is added.
 *
 * Gaps are whole minutes from one minute with frames to the next one with frames, 1 when frames
 * came in both of two minutes on end. Longer ones than a week count as a week.
 */
enum { RHYTHM_GAP_MAX = 7 * 24 * 60, RHYTHM_GAPS_MIN = 8, RHYTHM_DAYS_MIN = 4 };

struct rhythm {
        uint32_t gaps[RHYTHM_GAP_MAX + 1]; /* how many of each length */
        int64_t count;
        int64_t minutes; /* all of them together */
        int64_t longest; /* however long */
};

/* All zero is a rhythm nothing is known of. */
void rhythm_add(struct rhythm *rhythm, int64_t gap_minutes, int64_t times);

/* The gap that 19 of 20 do not exceed; 0 while fewer than RHYTHM_GAPS_MIN were added. */
int64_t rhythm_usual(const struct rhythm *rhythm);

/*
 * A gap longer than this is silence. Thrice the usual gap of a camera that sends
 * steadily; of one that sends when something moves, twice the longest gap but three, so that up to
 * three failures in the time looked at stand out while nights that are always calm do not; that
 * takes days to tell (RHYTHM_DAYS_MIN). While it cannot be told, a day or twice the longest gap so
 * far: none of those that were added is silence then. Never less than three minutes.
 */
int64_t rhythm_silent_after(const struct rhythm *rhythm);
