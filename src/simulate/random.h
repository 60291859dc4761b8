#pragma once

#include <stdint.h>

/*
 * Numbers that look random and are the same for the same seed on every machine: what makes two
 * runs with the same arguments write the same bytes. Not for secrets.
 */
struct rng {
        uint64_t state;
};

/* Scatters the bits of a number (the finaliser of SplitMix64). */
static inline uint64_t mix64(uint64_t x)
{
        x += UINT64_C(0x9e3779b97f4a7c15);
        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        return x ^ (x >> 31);
}

static inline uint64_t rng_next(struct rng *rng)
{
        rng->state += UINT64_C(0x9e3779b97f4a7c15);
        return mix64(rng->state);
}

/* 0 <= result < 1 */
static inline float rng_unit(struct rng *rng)
{
        return (float)(rng_next(rng) >> 40) * (1.0F / 16777216.0F);
}

static inline float rng_range(struct rng *rng, float low, float high)
{
        return low + (high - low) * rng_unit(rng);
}

/* 0 <= result < count; count at least 1 */
static inline int rng_below(struct rng *rng, int count)
{
        return (int)(rng_next(rng) % (uint64_t)count);
}
