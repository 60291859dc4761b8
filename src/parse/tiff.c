#include "parse/tiff.h"

#include <string.h>

enum { HEADER = 8, ENTRY = 12, INLINE = 4 };

uint16_t tiff_u16(const struct tiff *tiff, const uint8_t *at)
{
        return tiff->big_endian ? (uint16_t)(at[0] << 8 | at[1]) : (uint16_t)(at[1] << 8 | at[0]);
}

uint32_t tiff_u32(const struct tiff *tiff, const uint8_t *at)
{
        uint32_t first = tiff_u16(tiff, at);
        uint32_t second = tiff_u16(tiff, at + 2);
        return tiff->big_endian ? first << 16 | second : second << 16 | first;
}

bool tiff_open(struct tiff *tiff, const uint8_t *bytes, size_t length, size_t *first_out)
{
        if (length < HEADER)
                return false;
        *tiff = (struct tiff){bytes, length, memcmp(bytes, "MM", 2) == 0};
        if (!tiff->big_endian && memcmp(bytes, "II", 2) != 0)
                return false;
        *first_out = tiff_u32(tiff, bytes + 4);
        return tiff_u16(tiff, bytes + 2) == 42;
}

size_t tiff_entries(const struct tiff *tiff, size_t directory)
{
        if (directory < HEADER || directory > tiff->length || tiff->length - directory < 2)
                return 0;
        size_t declared = tiff_u16(tiff, tiff->bytes + directory);
        size_t there = (tiff->length - directory - 2) / ENTRY;
        return declared < there ? declared : there;
}

static size_t type_size(uint16_t type)
{
        switch (type) {
        case TIFF_BYTE:
        case TIFF_ASCII:
        case TIFF_UNDEFINED: return 1;
        case TIFF_SHORT:
        case TIFF_SIGNED_SHORT: return 2;
        case TIFF_LONG:
        case TIFF_DIRECTORY: return 4;
        default: return 0;
        }
}

bool tiff_entry(const struct tiff *tiff, size_t directory, size_t index,
                struct tiff_entry *entry_out)
{
        const uint8_t *at = tiff->bytes + directory + 2 + index * ENTRY;
        uint16_t type = tiff_u16(tiff, at + 2);
        size_t size = type_size(type);
        uint64_t length = (uint64_t)tiff_u32(tiff, at + 4) * size;
        const uint8_t *value = at + 8;
        if (size == 0)
                return false;
        if (length > INLINE) {
                size_t offset = tiff_u32(tiff, value);
                if (offset >= tiff->length)
                        return false;
                value = tiff->bytes + offset;
                if (length > tiff->length - offset)
                        length = tiff->length - offset;
        }
        *entry_out = (struct tiff_entry){tiff_u16(tiff, at), type, value, (size_t)length};
        return true;
}
