#include "query/rhythm.h"

enum { SILENT_LEAST = 3, FAILURES = 3, CALM = 120, DAY = 24 * 60 };

void rhythm_add(struct rhythm *rhythm, int64_t gap_minutes, int64_t times)
{
        if (gap_minutes < 1 || times < 1)
                return;
        int64_t counted = gap_minutes > RHYTHM_GAP_MAX ? RHYTHM_GAP_MAX : gap_minutes;
        rhythm->gaps[counted] += (uint32_t)times;
        rhythm->count += times;
        if (gap_minutes > rhythm->longest)
                rhythm->longest = gap_minutes;
        rhythm->minutes += counted * times;
}

/* The gap below which so many others are; `rank` is less than the count. */
static int64_t gap_at(const struct rhythm *rhythm, int64_t rank)
{
        int64_t gap = 0;
        for (int64_t below = 0; below <= rank && gap < RHYTHM_GAP_MAX; below += rhythm->gaps[gap])
                gap++;
        return gap;
}

int64_t rhythm_usual(const struct rhythm *rhythm)
{
        if (rhythm->count < RHYTHM_GAPS_MIN)
                return 0;
        return gap_at(rhythm, (rhythm->count - 1) * 19 / 20);
}

static int64_t untold(const struct rhythm *rhythm)
{
        return 2 * rhythm->longest > DAY ? 2 * rhythm->longest : DAY;
}

int64_t rhythm_silent_after(const struct rhythm *rhythm)
{
        int64_t usual = rhythm_usual(rhythm);
        if (usual == 0)
                return untold(rhythm);
        int64_t middle = gap_at(rhythm, (rhythm->count - 1) / 2);
        int64_t often = gap_at(rhythm, rhythm->count - 1 - FAILURES);
        bool steady = usual <= 2 * middle;
        int64_t after = 3 * usual;
        /* Steady by day and calm each night is not steady. */
        if (!steady || (often >= CALM && often > after)) {
                if (rhythm->minutes < RHYTHM_DAYS_MIN * DAY)
                        return untold(rhythm);
                after = 2 * often;
        }
        return after < SILENT_LEAST ? SILENT_LEAST : after;
}
