#include "parse/film.h"

#include <string.h>

enum { BOX_HEAD = 8, LARGE_HEAD = 16, CHUNK_HEAD = 8, RIFF_HEAD = 12, BOXES_MOST = 4096 };

static uint64_t big(const uint8_t *at, int bytes)
{
        uint64_t value = 0;
        for (int i = 0; i < bytes; i++)
                value = value << 8 | at[i];
        return value;
}

/* ---- boxes ---- */

static bool is_type(const uint8_t *box, const char *type)
{
        return memcmp(box + 4, type, 4) == 0;
}

static bool begins_film(const uint8_t *bytes)
{
        static const char *const types[] = {"ftyp", "moov", "mdat", "wide", "skip", "free"};
        bool begins = false;
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
                begins = begins || is_type(bytes, types[i]);
        return begins;
}

/* Box after box; without the one that says what the others hold nothing can be played. */
static enum film look_at_boxes(const uint8_t *bytes, size_t length)
{
        bool described = false;
        size_t at = 0;
        for (int i = 0; i < BOXES_MOST; i++) {
                size_t left = length - at;
                if (left == 0)
                        return described ? FILM_WHOLE : FILM_CUT;
                if (left < BOX_HEAD)
                        return FILM_CUT;
                uint64_t size = big(bytes + at, 4);
                described = described || is_type(bytes + at, "moov");
                if (size == 0) /* up to the end, wherever that is */
                        return FILM_UNKNOWN;
                if (size == 1 && left < LARGE_HEAD)
                        return FILM_CUT;
                size_t head = size == 1 ? LARGE_HEAD : BOX_HEAD;
                size = size == 1 ? big(bytes + at + 8, 8) : size;
                if (size < head)
                        return FILM_UNKNOWN;
                if (size > left)
                        return FILM_CUT;
                at += (size_t)size;
        }
        return FILM_UNKNOWN;
}

/* ---- RIFF ---- */

/* An AVI is one RIFF, and further ones where it is long. */
static enum film look_at_riff(const uint8_t *bytes, size_t length)
{
        size_t at = 0;
        while (length - at >= CHUNK_HEAD && memcmp(bytes + at, "RIFF", 4) == 0) {
                const uint8_t *head = bytes + at;
                uint32_t size = (uint32_t)head[4] | (uint32_t)head[5] << 8 |
                                (uint32_t)head[6] << 16 | (uint32_t)head[7] << 24;
                at += CHUNK_HEAD;
                if (size <= 4 || size > length - at) /* the length is set at the end */
                        return FILM_CUT;
                at += size;
                at += size % 2 != 0 && at < length;
        }
        return FILM_WHOLE;
}

enum film film_look(const uint8_t *bytes, size_t length)
{
        if (length >= RIFF_HEAD && memcmp(bytes, "RIFF", 4) == 0 &&
            memcmp(bytes + 8, "AVI ", 4) == 0)
                return look_at_riff(bytes, length);
        if (length >= BOX_HEAD && begins_film(bytes))
                return look_at_boxes(bytes, length);
        return FILM_UNKNOWN;
}
