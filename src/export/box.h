#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Writes the boxes ("atoms") QuickTime films are made of (QuickTime File Format; ISO/IEC 14496-12,
 * 4.2): a length, four letters, contents. Numbers are big-endian. Into a text, so what is written
 * fails once, in the end.
 */
void box_8(struct text *out, unsigned value);
void box_16(struct text *out, unsigned value);
void box_32(struct text *out, uint32_t value);
void box_64(struct text *out, uint64_t value);
void box_zeros(struct text *out, size_t count);

/* Begins a box; returns where, for box_end. */
size_t box_begin(struct text *out, const char type[static 4]);

/* As box_begin, with the version and flags of a full box. */
size_t box_begin_full(struct text *out, const char type[static 4], unsigned version,
                      uint32_t flags);

/* Ends it; `more` bytes of it are going to follow what is written. */
void box_end(struct text *out, size_t begin, uint32_t more);
