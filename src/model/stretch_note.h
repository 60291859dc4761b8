#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"
#include "model/frame.h"

/* What somebody wrote about a stretch of a camera's time. */
enum {
        NOTE_CHARACTERS_MOST = 2000,
        NOTE_TEXT_SIZE = NOTE_CHARACTERS_MOST * 4 + 1 /* UTF-8 */
};

struct stretch_note {
        int64_t id; /* never used again */
        struct stretch stretch;
        struct utc changed; /* when it was written last */
        char text[NOTE_TEXT_SIZE];
};

/* True when the bytes may be a note's text: UTF-8 of 1 .. NOTE_CHARACTERS_MOST characters, not only
 * blanks, without control characters other than line ends and tabs. */
bool note_text_valid(const char *text, size_t length);
