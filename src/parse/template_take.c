#include "parse/template_take.h"

#include <string.h>
#include <strings.h>

#include "model/camera.h"

/* Each returns how many bytes it takes at `at`, 0 if it does not fit. */

static size_t digits(const char *at, size_t left, size_t least, size_t most, int64_t *value_out)
{
        int64_t value = 0;
        size_t count = 0;
        while (count < left && count < most && at[count] >= '0' && at[count] <= '9')
                value = value * 10 + (at[count++] - '0');
        *value_out = value;
        return count >= least ? count : 0;
}

static size_t number(const char *at, size_t left, size_t count, int *field)
{
        int64_t value = 0;
        size_t taken = digits(at, left, count, count, &value);
        if (taken > 0)
                *field = (int)value;
        return taken;
}

/* One or two digits, after a blank if it is one. */
static size_t padded(const char *at, size_t left, int *field)
{
        int64_t value = 0;
        size_t blank = left > 0 && (*at == ' ' || *at == '_' || *at == '+');
        size_t taken = digits(at + blank, left - blank, 1, blank > 0 ? 1 : 2, &value);
        if (taken == 0)
                return 0;
        *field = (int)value;
        return blank + taken;
}

static size_t word(const char *at, size_t left, const char *const *words, size_t count, bool whole,
                   int *index_out)
{
        for (size_t i = 0; i < count; i++) {
                size_t length = whole ? strlen(words[i]) : 3;
                if (length <= left && strncasecmp(at, words[i], length) == 0) {
                        *index_out = (int)i;
                        return length;
                }
        }
        return 0;
}

static size_t month_word(const char *at, size_t left, bool whole, int *month)
{
        static const char *const words[] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
        int index = 0;
        size_t taken = word(at, left, words, 12, whole, &index);
        if (taken > 0)
                *month = index + 1;
        return taken;
}

static size_t weekday_word(const char *at, size_t left, bool whole)
{
        static const char *const words[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday"};
        int index = 0;
        return word(at, left, words, 7, whole, &index);
}

static size_t half_word(const char *at, size_t left, int *half)
{
        if (left < 2 || (at[1] | 0x20) != 'm' || ((at[0] | 0x20) != 'a' && (at[0] | 0x20) != 'p'))
                return 0;
        *half = (at[0] | 0x20) == 'p';
        return 2;
}

static size_t mac(const char *at, size_t left, struct fields *fields)
{
        static const size_t lengths[] = {17, 12};
        for (size_t i = 0; i < 2; i++) {
                if (lengths[i] <= left && mac_parse(at, lengths[i], fields->mac)) {
                        fields->has_mac = true;
                        return lengths[i];
                }
        }
        return 0;
}

/* Four numbers joined by . _ or - */
static size_t address(const char *at, size_t left)
{
        size_t taken = 0;
        for (int i = 0; i < 4; i++) {
                int64_t value = 0;
                if (i > 0 &&
                    (taken >= left || strchr("._-", at[taken]) == NULL || at[taken++] == '\0'))
                        return 0;
                size_t count = digits(at + taken, left - taken, 1, 3, &value);
                if (count == 0 || value > 255)
                        return 0;
                taken += count;
        }
        return taken;
}

static size_t epoch(const char *at, size_t left, int64_t scale, size_t least, size_t most,
                    int64_t *epoch_ms)
{
        int64_t value = 0;
        size_t taken = digits(at, left, least, most, &value);
        if (taken > 0)
                *epoch_ms = value * scale;
        return taken;
}

static size_t one_of(const char *at, size_t left, const char *set)
{
        return left > 0 && *at != '\0' && strchr(set, *at) != NULL;
}

/* Nodes of a time. */
static size_t take_time(const struct node *node, const char *at, size_t left, struct fields *fields)
{
        int ignored = 0;
        switch (node->kind) {
        case NODE_YEAR: return number(at, left, 4, &fields->year);
        case NODE_YEAR_OF_CENTURY: {
                size_t taken = number(at, left, 2, &fields->year);
                fields->year += taken == 0 ? 0 : fields->year < 69 ? 2000 : 1900;
                return taken;
        }
        case NODE_MONTH: return number(at, left, 2, &fields->month);
        case NODE_MONTH_NAME: return month_word(at, left, false, &fields->month);
        case NODE_MONTH_NAMED: return month_word(at, left, true, &fields->month);
        case NODE_DAY: return number(at, left, 2, &fields->day);
        case NODE_DAY_PADDED: return padded(at, left, &fields->day);
        case NODE_DAY_OF_YEAR: return number(at, left, 3, &fields->day_of_year);
        case NODE_HOUR: return number(at, left, 2, &fields->hour);
        case NODE_HOUR_PADDED: return padded(at, left, &fields->hour);
        case NODE_HOUR12: return number(at, left, 2, &fields->hour12);
        case NODE_HOUR12_PADDED: return padded(at, left, &fields->hour12);
        case NODE_HALF: return half_word(at, left, &fields->half);
        case NODE_MINUTE: return number(at, left, 2, &fields->minute);
        case NODE_SECOND: return number(at, left, 2, &fields->second);
        case NODE_EPOCH_SECONDS: return epoch(at, left, 1000, 9, 11, &fields->epoch_ms);
        case NODE_EPOCH_MS: return epoch(at, left, 1, 1, 15, &fields->epoch_ms);
        case NODE_TWO_DIGITS: return number(at, left, 2, &ignored);
        default: return 0;
        }
}

size_t template_take(const struct node *node, const char *at, size_t left, struct fields *fields)
{
        int ignored = 0;
        switch (node->kind) {
        case NODE_LITERAL:
                /* NOLINTNEXTLINE(clang-analyzer-core.*): the caller wrote all of the path */
                return left > 0 && *at == node->byte;
        case NODE_COLON: return one_of(at, left, ":_.-");
        case NODE_BLANK: return one_of(at, left, " _+-");
        case NODE_WEEKDAY_NAME: return weekday_word(at, left, false);
        case NODE_WEEKDAY_NAMED: return weekday_word(at, left, true);
        case NODE_DIGIT: return number(at, left, 1, &ignored);
        case NODE_MAC: return mac(at, left, fields);
        case NODE_ADDRESS: return address(at, left);
        default: return take_time(node, at, left, fields);
        }
}
