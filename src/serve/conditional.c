#include "serve/conditional.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void http_date_format(struct utc time, char out[static HTTP_DATE_SIZE])
{
        struct civil civil = utc_civil(time);
        int64_t days = civil_days(civil.year, civil.month, civil.day);
        /* The remainders only tell the compiler what civil promises. */
        snprintf(out, HTTP_DATE_SIZE, "%s, %02u %s %04u %02u:%02u:%02u GMT",
                 day_names[weekday_of_days(days)], (unsigned)civil.day % 100,
                 month_names[civil.month - 1], (unsigned)civil.year % 10000,
                 (unsigned)civil.hour % 100, (unsigned)civil.minute % 100,
                 (unsigned)civil.second % 100);
}

/* `count` digits at `text`, or -1. */
static int digits(const char *text, int count)
{
        int value = 0;
        for (int i = 0; i < count; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return -1;
                value = value * 10 + (text[i] - '0');
        }
        return value;
}

bool http_date_parse(const char *text, struct utc *time_out)
{
        if (strlen(text) != HTTP_DATE_SIZE - 1 || text[3] != ',' || text[4] != ' ' ||
            text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' ||
            text[22] != ':' || strcmp(text + 25, " GMT") != 0)
                return false;
        struct civil civil = {
                .year = digits(text + 12, 4),
                .day = digits(text + 5, 2),
                .hour = digits(text + 17, 2),
                .minute = digits(text + 20, 2),
                .second = digits(text + 23, 2),
        };
        for (int i = 0; i < 12; i++) {
                if (strncmp(text + 8, month_names[i], 3) == 0)
                        civil.month = i + 1;
        }
        if (!civil_valid(&civil))
                return false;
        *time_out = civil_as_utc(&civil);
        return true;
}

static const char *skip_blanks(const char *at)
{
        while (*at == ' ' || *at == '\t')
                at++;
        return at;
}

/* The opaque part of a tag: past W/. */
static const char *opaque(const char *etag)
{
        return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

bool etag_list_has(const char *list, const char *etag)
{
        const char *wanted = opaque(etag);
        size_t wanted_length = strlen(wanted);
        const char *at = skip_blanks(list);
        if (at[0] == '*' && *skip_blanks(at + 1) == '\0')
                return true;
        while (*at != '\0') {
                const char *tag = opaque(at);
                if (*tag != '"')
                        return false;
                const char *end = strchr(tag + 1, '"');
                if (end == NULL)
                        return false;
                size_t length = (size_t)(end + 1 - tag);
                if (length == wanted_length && memcmp(tag, wanted, length) == 0)
                        return true;
                at = skip_blanks(end + 1);
                if (*at == ',')
                        at = skip_blanks(at + 1);
                else if (*at != '\0')
                        return false;
        }
        return false;
}

/* A strong match only: a part of one picture must not be joined to a part of another. */
static bool range_applies(const char *if_range, const struct validators *validators)
{
        if (if_range == NULL)
                return true;
        if (if_range[0] == '"')
                return strcmp(if_range, validators->etag) == 0;
        struct utc time;
        return utc_known(validators->modified) && http_date_parse(if_range, &time) &&
               time.ms / 1000 == validators->modified.ms / 1000;
}

/* A decimal number, saturated far past any file; false when there is none. */
static bool take_position(const char **at, int64_t *value_out)
{
        const int64_t most = INT64_MAX / 16;
        if (**at < '0' || **at > '9')
                return false;
        int64_t value = 0;
        for (; **at >= '0' && **at <= '9'; (*at)++)
                value = value > most ? value : value * 10 + (**at - '0');
        *value_out = value;
        return true;
}

static enum condition decide_range(const char *range, int64_t whole, int64_t *offset_out,
                                   int64_t *length_out)
{
        if (strncasecmp(range, "bytes=", 6) != 0)
                return CONDITION_WHOLE;
        const char *at = skip_blanks(range + 6);
        int64_t first = -1;
        int64_t last = -1;
        bool has_first = take_position(&at, &first);
        if (*at++ != '-')
                return CONDITION_WHOLE;
        bool has_last = take_position(&at, &last);
        at = skip_blanks(at);
        if (*at != '\0' || (!has_first && !has_last) || (has_first && has_last && last < first))
                return CONDITION_WHOLE;
        if (!has_first) {
                if (last == 0 || whole == 0)
                        return CONDITION_NOT_SATISFIED;
                first = last >= whole ? 0 : whole - last;
                last = whole - 1;
        } else if (first >= whole) {
                return CONDITION_NOT_SATISFIED;
        } else if (!has_last || last >= whole) {
                last = whole - 1;
        }
        *offset_out = first;
        *length_out = last - first + 1;
        return CONDITION_PART;
}

enum condition condition_decide(const struct conditions *conditions,
                                const struct validators *validators, int64_t *offset_out,
                                int64_t *length_out)
{
        if (conditions->if_none_match != NULL) {
                if (etag_list_has(conditions->if_none_match, validators->etag))
                        return CONDITION_NOT_MODIFIED;
        } else if (conditions->if_modified_since != NULL && utc_known(validators->modified)) {
                struct utc since;
                if (http_date_parse(conditions->if_modified_since, &since) &&
                    validators->modified.ms / 1000 <= since.ms / 1000)
                        return CONDITION_NOT_MODIFIED;
        }
        if (conditions->range == NULL || !range_applies(conditions->if_range, validators))
                return CONDITION_WHOLE;
        return decide_range(conditions->range, validators->length, offset_out, length_out);
}
