#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether a film is all there, as its container tells: ISO base media (MP4, MOV, 3GP; ISO/IEC
 * 14496-12) and RIFF (AVI). Only lengths are looked at. Pure.
 */
enum film {
        FILM_UNKNOWN, /* neither, or it does not say */
        FILM_WHOLE,
        FILM_CUT /* it ends before what it says is in it */
};

enum film film_look(const uint8_t *bytes, size_t length) __attribute__((pure));
