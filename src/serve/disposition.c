#include "serve/disposition.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

static bool is_plain(unsigned char byte)
{
        return (byte < 0x80 && isalnum(byte)) ||
               (byte != '\0' && strchr("!#$&+-.^_`|~", byte) != NULL);
}

void disposition_format(const char *name, char out[static DISPOSITION_SIZE])
{
        struct text text;
        bool ascii = true;
        text_init(&text, out, DISPOSITION_SIZE);
        text_add_string(&text, "attachment; filename=\"");
        for (const char *at = name; *at != '\0'; at++) {
                unsigned char byte = (unsigned char)*at;
                bool quotable = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
                text_add_char(&text, (char)(quotable ? byte : '_'));
                ascii = ascii && quotable;
        }
        text_add_char(&text, '"');
        if (ascii)
                return;
        text_add_string(&text, "; filename*=UTF-8''");
        for (const char *at = name; *at != '\0'; at++) {
                unsigned char byte = (unsigned char)*at;
                if (is_plain(byte))
                        text_add_char(&text, (char)byte);
                else
                        text_add_format(&text, "%%%02X", byte);
        }
}
