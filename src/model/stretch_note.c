#include "model/stretch_note.h"

#include "base/utf8.h"

bool note_text_valid(const char *text, size_t length)
{
        size_t characters = 0;
        bool blank = true;
        for (size_t at = 0; at < length; characters++) {
                size_t step = utf8_length(text + at, length - at);
                unsigned char byte = (unsigned char)text[at];
                bool control = byte < 0x20 || byte == 0x7f;
                if (step == 0 || (control && byte != '\n' && byte != '\t'))
                        return false;
                blank = blank && (byte == ' ' || byte == '\n' || byte == '\t');
                at += step;
        }
        return characters <= NOTE_CHARACTERS_MOST && !blank;
}
