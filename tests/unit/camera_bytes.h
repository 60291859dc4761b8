#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Pictures put together from header bytes as real cameras write them, for the tests of parse/.
 */
struct picture {
        uint8_t bytes[200000];
        size_t length;
};

static inline void picture_add(struct picture *picture, const void *bytes, size_t length)
{
        memcpy(picture->bytes + picture->length, bytes, length);
        picture->length += length;
}

#define ADD(picture, literal) picture_add(picture, literal, sizeof(literal) - 1)

/* A segment that declares `declared` bytes; 0: as many as it has. */
static inline void picture_segment(struct picture *picture, uint8_t marker, const void *data,
                                   size_t length, size_t declared)
{
        if (declared == 0)
                declared = length + 2;
        uint8_t head[] = {0xff, marker, (uint8_t)(declared >> 8), (uint8_t)declared};
        picture_add(picture, head, sizeof head);
        if (length > 0)
                picture_add(picture, data, length);
}

#define SEGMENT(picture, marker, literal)                                                          \
        picture_segment(picture, marker, literal, sizeof(literal) - 1, 0)

#define IQEYE_IDENTITY "\x00\x50\x1a\x02\x2c\xbe\x3b"
#define IQEYE_MOTION                                                                               \
        "{\"IQimage\":{\"sequence\":529057,\"time\":1400510841748,\"event\":[\"motion\"],"         \
        "\"motionWindows\":[2],\"imgjdbg\":\" 291/020:20/480/005:081/107/07/4/50/70/20/"           \
        "17:06/07/06:d4\"}}"
#define IQEYE_NONE                                                                                 \
        "{\"IQimage\":{\"sequence\":2542282,\"time\":1408160269221,\"event\":[\"none\"],"          \
        "\"imgjdbg\":\" 998/004:16/5/167:080/071/01/4/57/70/20/00:06/06/09:c3\"}}"

static inline void picture_begin(struct picture *picture)
{
        picture->length = 0;
        ADD(picture, "\xff\xd8");
}

static inline void picture_jfif(struct picture *picture)
{
        SEGMENT(picture, 0xe0, "JFIF\x00\x01\x02\x01\x00\x60\x00\x60\x00\x00");
}

/* From the first table to the end: 1280 x 1024. */
static inline void picture_finish(struct picture *picture)
{
        uint8_t table[65] = {0};
        for (uint8_t i = 1; i < sizeof table; i++)
                table[i] = i;
        picture_segment(picture, 0xdb, table, sizeof table, 0);
        SEGMENT(picture, 0xc0, "\x08\x04\x00\x05\x00\x03\x01\x21\x00\x02\x11\x01\x03\x11\x01");
        SEGMENT(picture, 0xda, "\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00");
        ADD(picture, "\x12\x34\xff\x00\x56\xff\xd0\x78\x9a");
        ADD(picture, "\xff\xd9");
}

static inline void picture_iqeye(struct picture *picture, const char *json)
{
        picture_begin(picture);
        picture_jfif(picture);
        SEGMENT(picture, 0xfe, IQEYE_IDENTITY);
        picture_segment(picture, 0xfe, json, strlen(json), 0);
        picture_finish(picture);
}

/* EXIF of an "AXIS P1448" at 2022:11:15 23:35:31.25 in the zone +09:00, big-endian. */
#define EXIF_ORIGINAL                                                                              \
        "Exif\0\0MM\0\x2a\0\0\0\x08"                                                               \
        "\0\x03"                                                                                   \
        "\x01\x0f\0\x02\0\0\0\x05\0\0\0\x32"                                                       \
        "\x01\x10\0\x02\0\0\0\x06\0\0\0\x38"                                                       \
        "\x87\x69\0\x04\0\0\0\x01\0\0\0\x3e"                                                       \
        "\0\0\0\0"                                                                                 \
        "AXIS\0\0P1448\0"                                                                          \
        "\0\x03"                                                                                   \
        "\x90\x03\0\x02\0\0\0\x14\0\0\0\x68"                                                       \
        "\x90\x11\0\x02\0\0\0\x07\0\0\0\x7c"                                                       \
        "\x92\x91\0\x02\0\0\0\x03"                                                                 \
        "25\0\0"                                                                                   \
        "\0\0\0\0"                                                                                 \
        "2022:11:15 23:35:31\0"                                                                    \
        "+09:00\0"
