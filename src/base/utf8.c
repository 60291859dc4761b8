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
