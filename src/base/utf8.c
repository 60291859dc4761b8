#include "base/utf8.h"

size_t utf8_length(const char *bytes, size_t length)
{
        const unsigned char *b = (const unsigned char *)bytes;
        if (length == 0)
                return 0;
        if (b[0] < 0x80)
                return 1;
        size_t need = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
        if (b[0] < 0xc2 || b[0] > 0xf4 || length < need)
                return 0;
        unsigned char low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
        unsigned char high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;
        if (b[1] < low || b[1] > high)
                return 0;
        for (size_t i = 2; i < need; i++) {
                if ((b[i] & 0xc0) != 0x80)
                        return 0;
        }
        return need;
}

bool utf8_valid(const char *bytes, size_t length)
{
        while (length > 0) {
                size_t step = utf8_length(bytes, length);
                if (step == 0)
                        return false;
                bytes += step;
                length -= step;
        }
        return true;
}

static bool turns_or_breaks(unsigned code)
{
        return code == 0x061c || code == 0x200e || code == 0x200f ||
               (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
               code == 0xfeff;
}

size_t utf8_unshown(const char *bytes, size_t length)
{
        const unsigned char *b = (const unsigned char *)bytes;
        switch (utf8_length(bytes, length)) {
        case 0: return length > 0 && b[0] >= 0x80 && b[0] < 0xa0 ? 1 : 0;
        case 1: return b[0] < 0x20 || b[0] == 0x7f ? 1 : 0;
        case 2: {
                unsigned code = (b[0] & 0x1fU) << 6 | (b[1] & 0x3fU);
                return code < 0xa0 || turns_or_breaks(code) ? 2 : 0;
        }
        case 3: {
                unsigned code = (b[0] & 0xfU) << 12 | (b[1] & 0x3fU) << 6 | (b[2] & 0x3fU);
                return turns_or_breaks(code) ? 3 : 0;
        }
        default: return 0;
        }
}

void utf8_tame(char *bytes, size_t length)
{
        for (size_t at = 0; at < length;) {
                size_t bad = utf8_unshown(bytes + at, length - at);
                size_t good = bad > 0 ? 0 : utf8_length(bytes + at, length - at);
                for (size_t i = 0; i < bad; i++)
                        bytes[at + i] = '?';
                at += bad + good > 0 ? bad + good : 1;
        }
}
