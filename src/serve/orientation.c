#include "serve/orientation.h"

#include <stdbool.h>
#include <string.h>

enum { EXIF_HEAD = 6, TIFF_HEAD = 8, ENTRY = 12, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3 };

static uint32_t number(const uint8_t *at, int bytes, bool big)
{
        uint32_t value = 0;
        for (int i = 0; i < bytes; i++)
                value |= (uint32_t)at[i] << 8 * (big ? bytes - 1 - i : i);
        return value;
}

int orientation_read(const uint8_t *segment, size_t length)
{
        if (length < EXIF_HEAD + TIFF_HEAD || memcmp(segment, "Exif\0", EXIF_HEAD) != 0)
                return ORIENTATION_AS_STORED;
        const uint8_t *tiff = segment + EXIF_HEAD;
        size_t room = length - EXIF_HEAD;
        bool big = tiff[0] == 'M';
        size_t directory = number(tiff + 4, 4, big);
        if (directory > room - 2)
                return ORIENTATION_AS_STORED;
        size_t entries = number(tiff + directory, 2, big);
        for (size_t i = 0, at = directory + 2; i < entries && at + ENTRY <= room;
             i++, at += ENTRY) {
                if (number(tiff + at, 2, big) != TAG_ORIENTATION ||
                    number(tiff + at + 2, 2, big) != TYPE_SHORT)
                        continue;
                uint32_t value = number(tiff + at + 8, 2, big);
                return value >= ORIENTATION_AS_STORED && value <= ORIENTATION_MOST
                               ? (int)value
                               : ORIENTATION_AS_STORED;
        }
        return ORIENTATION_AS_STORED;
}

void orientation_write(int orientation, uint8_t out[static ORIENTATION_SEGMENT])
{
        static const uint8_t head[ORIENTATION_SEGMENT] =
                "Exif\0\0MM\0*\0\0\0\x08"   /* directory at 8 */
                "\0\x01"                    /* of one entry: */
                "\x01\x12\0\x03\0\0\0\x01"; /* Orientation, one SHORT; its value; no more behind */
        memcpy(out, head, ORIENTATION_SEGMENT);
        out[EXIF_HEAD + TIFF_HEAD + 2 + 9] = (uint8_t)orientation;
}
