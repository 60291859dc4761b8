#include "export/box.h"

#include <string.h>

void box_8(struct text *out, unsigned value)
{
        text_add_char(out, (char)(unsigned char)value);
}

void box_16(struct text *out, unsigned value)
{
        box_8(out, value >> 8 & 0xff);
        box_8(out, value & 0xff);
}

void box_32(struct text *out, uint32_t value)
{
        box_16(out, value >> 16);
        box_16(out, value & 0xffff);
}

void box_64(struct text *out, uint64_t value)
{
        box_32(out, (uint32_t)(value >> 32));
        box_32(out, (uint32_t)value);
}

void box_zeros(struct text *out, size_t count)
{
        while (count-- > 0)
                text_add_char(out, '\0');
}

size_t box_begin(struct text *out, const char type[static 4])
{
        size_t begin = out->length;
        box_32(out, 0);
        text_add(out, type, 4);
        return begin;
}

size_t box_begin_full(struct text *out, const char type[static 4], unsigned version, uint32_t flags)
{
        size_t begin = box_begin(out, type);
        box_32(out, (uint32_t)version << 24 | flags);
        return begin;
}

void box_end(struct text *out, size_t begin, uint32_t more)
{
        char head[4];
        if (!text_ok(out))
                return;
        uint32_t size = (uint32_t)(out->length - begin) + more;
        for (int i = 0; i < 4; i++)
                head[i] = (char)(unsigned char)(size >> (24 - 8 * i));
        memcpy(out->bytes + begin, head, sizeof head);
}
