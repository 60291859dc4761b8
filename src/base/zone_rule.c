#include "base/zone_rule.h"

#include "base/utc.h"

enum { HOUR = 3600, DAY = 86400, HOURS_MAX = 167, OFFSET_HOURS_MAX = 25 };

/* Moments that utc_civil can name, and some room for a neighbouring year on each side. */
#define RULE_MIN (UTC_MIN_MS / 1000 + 2 * 366 * (int64_t)DAY)
#define RULE_MAX (UTC_MAX_MS / 1000 - 2 * 366 * (int64_t)DAY)

struct cursor {
        const char *at;
        const char *end;
};

static bool take(struct cursor *cursor, char c)
{
        if (cursor->at == cursor->end || *cursor->at != c)
                return false;
        cursor->at++;
        return true;
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_number(struct cursor *cursor, int most, int *value_out)
{
        int value = 0;
        const char *start = cursor->at;
        while (cursor->at < cursor->end && is_digit(*cursor->at)) {
                value = value * 10 + (*cursor->at++ - '0');
                if (value > most)
                        return false;
        }
        *value_out = value;
        return cursor->at > start;
}

/* Letters, or anything of letters, digits and signs between < and >. */
static bool skip_name(struct cursor *cursor)
{
        if (take(cursor, '<')) {
                const char *start = cursor->at;
                while (cursor->at < cursor->end &&
                       (is_letter(*cursor->at) || is_digit(*cursor->at) || *cursor->at == '+' ||
                        *cursor->at == '-'))
                        cursor->at++;
                return cursor->at > start && take(cursor, '>');
        }
        const char *start = cursor->at;
        while (cursor->at < cursor->end && is_letter(*cursor->at))
                cursor->at++;
        return cursor->at - start >= 3;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(struct cursor *cursor, int hours_most, int *seconds_out)
{
        bool minus = take(cursor, '-');
        if (!minus)
                (void)take(cursor, '+');
        int hours = 0;
        int minutes = 0;
        int seconds = 0;
        if (!take_number(cursor, hours_most, &hours))
                return false;
        if (take(cursor, ':') && !take_number(cursor, 59, &minutes))
                return false;
        if (take(cursor, ':') && !take_number(cursor, 59, &seconds))
                return false;
        int sum = hours * HOUR + minutes * 60 + seconds;
        *seconds_out = minus ? -sum : sum;
        return true;
}

static bool take_day(struct cursor *cursor, struct zone_day *day)
{
        day->seconds = 2 * HOUR;
        if (take(cursor, 'M')) {
                day->form = ZONE_DAY_MONTH;
                if (!take_number(cursor, 12, &day->month) || day->month < 1 || !take(cursor, '.') ||
                    !take_number(cursor, 5, &day->week) || day->week < 1 || !take(cursor, '.') ||
                    !take_number(cursor, 6, &day->weekday))
                        return false;
        } else if (take(cursor, 'J')) {
                day->form = ZONE_DAY_JULIAN;
                if (!take_number(cursor, 365, &day->day) || day->day < 1)
                        return false;
        } else {
                day->form = ZONE_DAY_ZERO;
                if (!take_number(cursor, 365, &day->day))
                        return false;
        }
        return !take(cursor, '/') || take_time(cursor, HOURS_MAX, &day->seconds);
}

bool zone_rule_parse(const char *text, size_t length, struct zone_rule *rule_out)
{
        struct cursor cursor = {text, text + length};
        struct zone_rule rule = {0};
        int west = 0;
        if (!skip_name(&cursor) || !take_time(&cursor, OFFSET_HOURS_MAX, &west))
                return false;
        rule.standard = -west;
        if (cursor.at < cursor.end) {
                rule.has_summer = true;
                rule.summer = rule.standard + HOUR;
                if (!skip_name(&cursor))
                        return false;
                if (cursor.at < cursor.end && *cursor.at != ',') {
                        if (!take_time(&cursor, OFFSET_HOURS_MAX, &west))
                                return false;
                        rule.summer = -west;
                }
                if (!take(&cursor, ',') || !take_day(&cursor, &rule.start) || !take(&cursor, ',') ||
                    !take_day(&cursor, &rule.end))
                        return false;
        }
        if (cursor.at != cursor.end)
                return false;
        *rule_out = rule;
        return true;
}

static bool leap_year(int year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Local seconds since 1970 at which the change of a year happens. */
static int64_t change_in(const struct zone_day *rule, int year)
{
        int64_t days = 0;
        switch (rule->form) {
        case ZONE_DAY_JULIAN:
                days = civil_days(year, 1, 1) + rule->day - 1 +
                       (leap_year(year) && rule->day >= 60);
                break;
        case ZONE_DAY_ZERO: days = civil_days(year, 1, 1) + rule->day; break;
        case ZONE_DAY_MONTH: {
                int64_t first = civil_days(year, rule->month, 1);
                int64_t next = rule->month == 12 ? civil_days(year + 1, 1, 1)
                                                 : civil_days(year, rule->month + 1, 1);
                days = first + (rule->weekday - weekday_of_days(first) + 7) % 7 +
                       (rule->week - 1) * 7;
                if (days >= next)
                        days -= 7;
                break;
        }
        }
        return days * DAY + rule->seconds;
}

struct zone_stretch zone_rule_at(const struct zone_rule *rule, int64_t t)
{
        if (!rule->has_summer || t < RULE_MIN || t > RULE_MAX) {
                struct zone_stretch always = {INT64_MIN, INT64_MAX, rule->standard};
                if (rule->has_summer) {
                        always.from = t < RULE_MIN ? INT64_MIN : RULE_MAX + 1;
                        always.to = t < RULE_MIN ? RULE_MIN : INT64_MAX;
                }
                return always;
        }
        /* The last change at or before t and the first after it, of three years, because a change
         * may lie days outside its year. Where summer ends as it begins again it goes on. */
        int year = utc_civil((struct utc){t * 1000}).year;
        struct zone_stretch stretch = {INT64_MIN, INT64_MAX, rule->standard};
        bool summer = false;
        for (int y = year - 1; y <= year + 1; y++) {
                int64_t begins = change_in(&rule->start, y) - rule->standard;
                int64_t ends = change_in(&rule->end, y) - rule->summer;
                if (ends <= t && ends >= stretch.from && !(summer && ends == stretch.from)) {
                        stretch.from = ends;
                        summer = false;
                }
                if (begins <= t && begins >= stretch.from) {
                        stretch.from = begins;
                        summer = true;
                }
                if (ends > t && ends < stretch.to)
                        stretch.to = ends;
                if (begins > t && begins < stretch.to)
                        stretch.to = begins;
        }
        stretch.offset = summer ? rule->summer : rule->standard;
        return stretch;
}
