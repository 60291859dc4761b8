#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"

/*
 * What an IQeye camera writes between SOI and DQT of its pictures: APP0 JFIF 1.02 with 60 x 60 dpi,
 * a comment with MAC and product code, and a comment with JSON without blanks.
 */

enum { IQEYE_HEAD_MAX = 512, IQEYE_SENSOR_RATE = 18 };

struct iqeye_picture {
        uint8_t mac[6];
        uint8_t product;  /* product code: 0x3b is a 7xx */
        int64_t sequence; /* frame counter of the sensor, about 18 a second */
        struct utc time;
        uint8_t windows; /* bit n-1: motion window n fired; 0: no motion */
        int gain;        /* sensor gain 0 .. 499, for the debug string */
        int brightness;  /* mean of the picture 0 .. 255, for the debug string */
};

/* Writes SOI, APP0 and both comments; returns their length. */
size_t iqeye_head(const struct iqeye_picture *picture, uint8_t out[static IQEYE_HEAD_MAX]);

/* The product code of the n-th simulated camera, among those known. */
uint8_t iqeye_product(unsigned n);
