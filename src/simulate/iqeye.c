#include "simulate/iqeye.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

static void add_windows(struct text *text, uint8_t windows)
{
        bool first = true;
        text_add_string(text, ",\"motionWindows\":[");
        for (int i = 0; i < 8; i++) {
                if (windows >> i & 1) {
                        text_add_format(text, first ? "%d" : ",%d", i + 1);
                        first = false;
                }
        }
        text_add_char(text, ']');
}

/* The string's parts are exposure, gain and colour balance as the sensor's control loop has them,
 * and a slow counter; they look like those of a real camera. */
static void add_debug(struct text *text, const struct iqeye_picture *picture)
{
        int64_t minute = picture->time.ms / 60000;
        text_add_format(text, ",\"imgjdbg\":\" %d/%03d:%d/%d/%03d:%03d/%03d/01/4/%d/70/20/%02d",
                        picture->gain, 4 + (500 - picture->gain) / 18,
                        picture->gain > 250 ? 20 : 16, 120 + picture->gain % 7 * 60,
                        picture->gain / 30, 80 + picture->brightness % 5,
                        97 + picture->brightness % 6, 40, 18);
        text_add_format(text, ":%02d/%02d/%02d:%02x\"", 6 + (int)(minute % 2),
                        7 + picture->gain % 3, 7 + picture->brightness % 3,
                        (unsigned)(picture->time.ms / 3200 & 0xff));
}

static size_t put_marker(uint8_t *out, uint8_t marker, const void *payload, size_t length)
{
        assert(length + 2 <= 0xffff);
        out[0] = 0xff;
        out[1] = marker;
        out[2] = (uint8_t)((length + 2) >> 8);
        out[3] = (uint8_t)((length + 2) & 0xff);
        memcpy(out + 4, payload, length);
        return length + 4;
}

size_t iqeye_head(const struct iqeye_picture *picture, uint8_t out[static IQEYE_HEAD_MAX])
{
        static const uint8_t start[] = "\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\x01\0\x60\0\x60\0\0";
        char json[400];
        struct text text;
        text_init(&text, json, sizeof json);
        text_add_format(&text, "{\"IQimage\":{\"sequence\":%lld,\"time\":%lld,\"event\":[\"%s\"]",
                        (long long)picture->sequence, (long long)picture->time.ms,
                        picture->windows != 0 ? "motion" : "none");
        if (picture->windows != 0)
                add_windows(&text, picture->windows);
        add_debug(&text, picture);
        text_add_string(&text, "}}");
        bool fits = text_ok(&text);
        assert(fits);
        (void)fits;

        uint8_t identity[7];
        memcpy(identity, picture->mac, 6);
        identity[6] = picture->product;

        size_t length = sizeof start - 1;
        memcpy(out, start, length);
        length += put_marker(out + length, 0xfe, identity, sizeof identity);
        length += put_marker(out + length, 0xfe, json, text.length);
        return length;
}

uint8_t iqeye_product(unsigned n)
{
        static const uint8_t products[] = {0x3b, 0x29, 0x3c, 0x4d, 0x5a, 0x2c, 0x6a, 0x2d};
        return products[n % sizeof products];
}
