#include "simulate/noise.h"

#include <math.h>

static uint32_t scatter(int x, int y, int z, uint32_t seed)
{
        uint32_t h = (uint32_t)x * 0x8da6b343U ^ (uint32_t)y * 0xd8163841U ^
                     (uint32_t)z * 0xcb1ab31fU ^ seed * 0x9e3779b9U;
        h = (h ^ (h >> 15)) * 0x2c1b3c6dU;
        h = (h ^ (h >> 12)) * 0x297a2d39U;
        return h ^ (h >> 15);
}

static float unit(uint32_t h)
{
        return (float)(h >> 8) * (1.0F / 16777216.0F);
}

static float fade(float t)
{
        return t * t * (3 - 2 * t);
}

float cell_noise(int x, int y, uint32_t seed)
{
        return unit(scatter(x, y, 0, seed));
}

static float layer(float x, float y, int z, uint32_t seed)
{
        float fx = floorf(x);
        float fy = floorf(y);
        int ix = (int)fx;
        int iy = (int)fy;
        float tx = fade(x - fx);
        float ty = fade(y - fy);
        float a = unit(scatter(ix, iy, z, seed));
        float b = unit(scatter(ix + 1, iy, z, seed));
        float c = unit(scatter(ix, iy + 1, z, seed));
        float d = unit(scatter(ix + 1, iy + 1, z, seed));
        float low = a + (b - a) * tx;
        float high = c + (d - c) * tx;
        return low + (high - low) * ty;
}

float noise2(float x, float y, uint32_t seed)
{
        return layer(x, y, 0, seed);
}

float noise3(float x, float y, float z, uint32_t seed)
{
        float fz = floorf(z);
        float t = fade(z - fz);
        float a = layer(x, y, (int)fz, seed);
        float b = layer(x, y, (int)fz + 1, seed);
        return a + (b - a) * t;
}

float fractal2(float x, float y, int octaves, uint32_t seed)
{
        float sum = 0;
        float weight = 0.5F;
        float total = 0;
        for (int i = 0; i < octaves; i++) {
                sum += weight * layer(x, y, 0, seed + (uint32_t)i);
                total += weight;
                weight *= 0.5F;
                x = x * 2 + 17.3F;
                y = y * 2 + 5.1F;
        }
        return sum / total;
}
