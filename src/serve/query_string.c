#include "serve/query_string.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

bool percent_decode(char *text, size_t length, bool plus_is_blank, struct error *err)
{
        size_t used = 0;
        for (size_t i = 0; i < length; i++) {
                char byte = text[i];
                if (byte == '%') {
                        int high = length - i > 2 ? hex_digit(text[i + 1]) : -1;
                        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
                        if (low < 0)
                                return error_set(err, ERROR_INPUT,
                                                 "the URL has a '%%' that is not followed by two "
                                                 "hexadecimal digits");
                        byte = (char)(high << 4 | low);
                        i += 2;
                } else if (byte == '+' && plus_is_blank) {
                        byte = ' ';
                }
                if ((unsigned char)byte < 0x20 || byte == 0x7f)
                        return error_set(err, ERROR_INPUT, "the URL has a control byte in it");
                text[used++] = byte;
        }
        text[used] = '\0';
        if (!utf8_valid(text, used))
                return error_set(err, ERROR_INPUT, "the URL is not valid UTF-8");
        return true;
}

size_t query_string_most(const char *query)
{
        size_t most = 1;
        for (const char *at = query; *at != '\0'; at++)
                most += *at == '&';
        return most;
}

bool query_string_parse(char *query, struct query_parameter *parameters, size_t room,
                        size_t *count_out, struct error *err)
{
        size_t count = 0;
        char *at = query;
        bool more = true;
        while (more) {
                size_t length = strcspn(at, "&");
                more = at[length] == '&';
                char *next = at + length + 1;
                if (length > 0) {
                        assert(count < room);
                        char *equals = memchr(at, '=', length);
                        size_t name_length = equals != NULL ? (size_t)(equals - at) : length;
                        size_t skip = name_length + (equals != NULL);
                        if (!percent_decode(at + skip, length - skip, true, err) ||
                            !percent_decode(at, name_length, true, err))
                                return false;
                        parameters[count++] =
                                (struct query_parameter){.name = at, .value = at + skip};
                        if (equals == NULL)
                                parameters[count - 1].value = "";
                }
                at = next;
        }
        *count_out = count;
        return true;
}

bool percent_encode(const char *bytes, char *out, size_t room)
{
        static const char digits[] = "0123456789ABCDEF";
        size_t used = 0;
        for (; *bytes != '\0'; bytes++) {
                unsigned char byte = (unsigned char)*bytes;
                bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                             (byte >= 'A' && byte <= 'Z') || strchr("-._~", byte) != NULL;
                if (used + (plain ? 1 : 3) >= room)
                        return false;
                if (plain) {
                        out[used++] = (char)byte;
                } else {
                        out[used++] = '%';
                        out[used++] = digits[byte >> 4];
                        out[used++] = digits[byte & 15];
                }
        }
        if (used >= room)
                return false;
        out[used] = '\0';
        return true;
}
