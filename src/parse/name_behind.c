#include <string.h>

#include "parse/digits.h"
#include "parse/name.h"

/*
 * What may stand behind a time in a name.
 */

static bool is_letter(char c)
{
        return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* True when the word stands at `at`, in any case, and no longer one does. */
static bool word_at(const char *at, const char *end, const char *word)
{
        size_t length = strlen(word);
        return at != NULL && (size_t)(end - at) >= length && strncasecmp(at, word, length) == 0 &&
               (at + length == end || (!is_letter(at[length]) && !is_digit(at[length])));
}

/* `+0200`, `+02:00` (or _), `-05:00`. What follows a `-` without a colon is a counter. */
static bool offset_at(const char *at, const char *end, int *minutes_out)
{
        if (!is_one_of(at, end, "+-"))
                return false;
        bool east = *at == '+';
        size_t run = run_length(++at, end);
        int hours = 0;
        int minutes = 0;
        if (east && run == 4) {
                hours = number(at, 2);
                minutes = number(at + 2, 2);
        } else if (!take_pair(&at, end, east ? ":_" : ":", &hours) ||
                   !take_pair(&at, end, NULL, &minutes)) {
                return false;
        }
        *minutes_out = (hours * 60 + minutes) * (east ? 1 : -1);
        return hours <= 14 && minutes % 15 == 0 && minutes < 60;
}

void name_read_behind(const char *at, const char *end, struct named_time *time)
{
        const char *next = is_one_of(at, end, " _-.") ? at + 1 : at;
        int minutes = 0;
        bool late = word_at(next, end, "PM");
        if ((late || word_at(next, end, "AM")) && time->civil.hour >= 1 && time->civil.hour <= 12) {
                time->civil.hour = time->civil.hour % 12 + (late ? 12 : 0);
                at = next + 2;
                next = is_one_of(at, end, " _-.") ? at + 1 : at;
        }
        bool zoned = word_at(at, end, "Z") ||
                     ((word_at(next, end, "UTC") || word_at(next, end, "GMT")) &&
                      !is_one_of(next + 3, end, "+-"));
        if (time->form != NAMED_CIVIL || !(zoned || offset_at(at, end, &minutes)))
                return;
        time->form = NAMED_MOMENT;
        time->utc.ms = civil_as_utc(&time->civil).ms - (int64_t)minutes * 60000;
}
