#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the directories of a TIFF (TIFF 6.0, section 2), the form EXIF has, where they lie. Nothing
 * is followed but what the caller asks for, so no input costs more than a pass over its entries.
 * Pure, any bytes.
 */
struct tiff {
        const uint8_t *bytes;
        size_t length;
        bool big_endian;
};

/* The types met here; others are passed over by who looks for these. */
enum {
        TIFF_BYTE = 1,
        TIFF_ASCII = 2,
        TIFF_SHORT = 3,
        TIFF_LONG = 4,
        TIFF_UNDEFINED = 7,
        TIFF_SIGNED_SHORT = 8,
        TIFF_DIRECTORY = 13
};

struct tiff_entry {
        uint16_t tag;
        uint16_t type;
        const uint8_t *value;
        size_t length; /* bytes of the value that are there */
};

/* False when the bytes do not begin as a TIFF; *first_out is where its first directory is said to
 * be. */
bool tiff_open(struct tiff *tiff, const uint8_t *bytes, size_t length, size_t *first_out);

/* How many entries of a directory are there; 0 if it is none. */
size_t tiff_entries(const struct tiff *tiff, size_t directory);

/* An entry, index < tiff_entries; false when its type is not known or its value is not there. */
bool tiff_entry(const struct tiff *tiff, size_t directory, size_t index,
                struct tiff_entry *entry_out);

/* The number at `at`, which must have the bytes. */
uint16_t tiff_u16(const struct tiff *tiff, const uint8_t *at);
uint32_t tiff_u32(const struct tiff *tiff, const uint8_t *at);
