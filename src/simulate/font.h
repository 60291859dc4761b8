#pragma once

#include <stdint.h>

/*
 * Letters of 5 x 7 dots for the line a camera burns into its pictures: blank to `~`, capital
 * letters for small ones. Row `y` of a letter as bits, bit 4 the leftmost.
 */
enum { FONT_WIDTH = 5, FONT_HEIGHT = 7 };

uint8_t font_row(char letter, int y);
