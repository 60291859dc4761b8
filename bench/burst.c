#include "burst.h"

#include <stdio.h>
#include <string.h>

#include "model/kind.h"

uint64_t burst_random(uint64_t *state)
{
        *state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
        uint64_t z = *state;
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

static int below(struct burst *burst, int limit)
{
        return (int)(burst_random(&burst->random) % (uint64_t)limit);
}

void burst_init(struct burst *burst, enum burst_style style, struct camera_id camera,
                int64_t start_ms, uint64_t seed)
{
        *burst = (struct burst){
                .style = style, .random = seed, .camera = camera, .time_ms = start_ms};
}

/* Gaps of the sample, every tenth of 198 in order of length. */
static int64_t sample_gap(struct burst *burst)
{
        static const int gaps[] = {55,  112, 166, 166, 167, 167,  222,  222,  244,   355,
                                   389, 444, 536, 611, 834, 1055, 1278, 2333, 17663, 44581};
        int gap = gaps[below(burst, 20)];
        if (gap > 10000)
                gap *= 1 + below(burst, 7);
        return gap * 9 / 10 + below(burst, 1 + gap / 5);
}

static int64_t busy_gap(struct burst *burst)
{
        if (burst->left == 0)
                return 30000 + below(burst, 260000);
        return below(burst, 150) == 0 ? 1100 + below(burst, 1500) : 210 + below(burst, 80);
}

void burst_next(struct burst *burst, struct frame *frame_out)
{
        int64_t gap = burst->style == BURST_SAMPLE ? sample_gap(burst) : busy_gap(burst);
        burst->time_ms += gap;
        if (gap > 1000 || burst->left == 0) {
                burst->trigger = -2;
                burst->windows = UINT64_C(1) << below(burst, 6);
                if (below(burst, 3) == 0)
                        burst->windows |= UINT64_C(1) << below(burst, 6);
        }
        if (burst->left == 0)
                burst->left = 40 + below(burst, 900);
        burst->left--;
        int64_t second = burst->time_ms / 1000;
        bool motion = burst->trigger >= 0;
        *frame_out = (struct frame){
                .key = {burst->camera, {burst->time_ms}, 0},
                .received = {burst->time_ms + 800 + below(burst, 2500)},
                .sequence = burst->sequence += 1 + gap / 55,
                .kinds = motion ? KIND_BIT(KIND_MOTION) : KIND_BIT(KIND_NONE),
                .windows = motion ? burst->windows : 0,
                .has_trigger = true,
                .trigger = burst->trigger < 3 ? burst->trigger : 3,
                .width = 1280,
                .height = 1024,
                .bytes = 60000 + below(burst, 90000),
                .time_source = TIME_VENDOR,
        };
        snprintf(frame_out->place.name, sizeof frame_out->place.name,
                 "%02d_%02d_%02d.%lld.trig%+03d.jpg", (int)(second / 3600 % 24),
                 (int)(second / 60 % 60), (int)(second % 60), (long long)burst->time_ms,
                 frame_out->trigger);
        burst->trigger++;
}
