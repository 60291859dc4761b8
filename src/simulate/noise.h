#pragma once

#include <stdint.h>

/* Value noise: smooth, 0 .. 1, one knot a unit. */
float noise2(float x, float y, uint32_t seed);
float noise3(float x, float y, float z, uint32_t seed);

/* Octaves of noise2 added, each twice as fine and half as strong; 0 .. 1. */
float fractal2(float x, float y, int octaves, uint32_t seed);

/* A number 0 .. 1 for each cell of a grid. */
float cell_noise(int x, int y, uint32_t seed);
