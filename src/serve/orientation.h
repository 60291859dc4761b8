#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Which way up a picture is to be shown: the tag Orientation of EXIF (CIPA DC-008, 4.6.4). Pure,
 * any bytes. 1 is as stored; 2 to 8 are turned or mirrored, and viewers do so by themselves.
 */
enum { ORIENTATION_AS_STORED = 1, ORIENTATION_MOST = 8, ORIENTATION_SEGMENT = 32 };

/* Of an APP1 segment's data (behind its length); as stored when it does not say. */
int orientation_read(const uint8_t *segment, size_t length);

/* The data of an APP1 segment that says nothing else. */
void orientation_write(int orientation, uint8_t out[static ORIENTATION_SEGMENT]);
