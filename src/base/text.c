#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_init(struct text *text, char *buffer, size_t size)
{
        *text = (struct text){.bytes = buffer, .room = size};
        if (size > 0)
                buffer[0] = '\0';
        else
                text->failed = true;
}

void text_init_growing(struct text *text, size_t bound)
{
        *text = (struct text){.bound = bound};
}

void text_finish(struct text *text)
{
        if (text->bound > 0)
                free(text->bytes);
        *text = (struct text){0};
}

void text_clear(struct text *text)
{
        text->length = 0;
        text->failed = text->room == 0 && text->bound == 0;
        if (text->room > 0)
                text->bytes[0] = '\0';
}

/* Makes room for `more` bytes and a terminator; false, and failed for good, where it cannot. */
static bool reserve(struct text *text, size_t more)
{
        if (text->failed)
                return false;
        if (more < text->room - text->length)
                return true;
        size_t most = text->bound > 0 ? text->bound : text->room;
        if (more >= most - text->length) {
                text->failed = true;
                return false;
        }
        size_t room = text->room > 0 ? text->room : 256;
        while (room - text->length <= more)
                room = room > most / 2 ? most : room * 2;
        char *grown = realloc(text->bytes, room);
        if (grown == NULL) {
                text->failed = true;
                return false;
        }
        text->bytes = grown;
        text->room = room;
        return true;
}

void text_add(struct text *text, const void *bytes, size_t length)
{
        if (!reserve(text, length))
                return;
        if (length > 0)
                memcpy(text->bytes + text->length, bytes, length);
        text->length += length;
        text->bytes[text->length] = '\0';
}

void text_add_string(struct text *text, const char *string)
{
        text_add(text, string, strlen(string));
}

void text_add_char(struct text *text, char byte)
{
        text_add(text, &byte, 1);
}

void text_add_format(struct text *text, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        va_list again;
        va_copy(again, args);
        int length = vsnprintf(NULL, 0, format, args);
        va_end(args);
        if (length >= 0 && reserve(text, (size_t)length)) {
                vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
                text->length += (size_t)length;
        } else {
                text->failed = true;
        }
        va_end(again);
}

bool text_ok(const struct text *text)
{
        return !text->failed;
}
