#pragma once

#include <math.h>

/* Points, directions and linear colours. x to the right, y up, z away from the camera; metres. */
struct vec {
        float x, y, z;
};

static inline struct vec vec_make(float x, float y, float z)
{
        return (struct vec){x, y, z};
}

static inline struct vec vec_add(struct vec a, struct vec b)
{
        return (struct vec){a.x + b.x, a.y + b.y, a.z + b.z};
}

static inline struct vec vec_sub(struct vec a, struct vec b)
{
        return (struct vec){a.x - b.x, a.y - b.y, a.z - b.z};
}

static inline struct vec vec_scale(struct vec a, float factor)
{
        return (struct vec){a.x * factor, a.y * factor, a.z * factor};
}

static inline struct vec vec_times(struct vec a, struct vec b)
{
        return (struct vec){a.x * b.x, a.y * b.y, a.z * b.z};
}

static inline float vec_dot(struct vec a, struct vec b)
{
        return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline struct vec vec_cross(struct vec a, struct vec b)
{
        return (struct vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

static inline struct vec vec_unit(struct vec a)
{
        float length = sqrtf(vec_dot(a, a));
        return length > 0 ? vec_scale(a, 1 / length) : a;
}

static inline struct vec vec_mix(struct vec a, struct vec b, float part)
{
        return vec_add(vec_scale(a, 1 - part), vec_scale(b, part));
}

/* fminf and fmaxf are calls, for the sake of NaN; these are not. */
static inline float least(float a, float b)
{
        return a < b ? a : b;
}

static inline float most(float a, float b)
{
        return a > b ? a : b;
}

static inline float clampf(float x, float low, float high)
{
        return x < low ? low : x > high ? high : x;
}

/* 0 below `low`, 1 above `high`, smooth in between. */
static inline float ramp(float low, float high, float x)
{
        float t = clampf((x - low) / (high - low), 0, 1);
        return t * t * (3 - 2 * t);
}
