#include "base/utc.h"

#include <stdio.h>
#include <time.h>

#define MS_PER_DAY INT64_C(86400000)

static bool leap_year(int year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
        static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        return month == 2 && leap_year(year) ? 29 : days[month - 1];
}

bool civil_valid(const struct civil *civil)
{
        return civil->year >= 0 && civil->year <= 9999 && civil->month >= 1 && civil->month <= 12 &&
               civil->day >= 1 && civil->day <= days_in_month(civil->year, civil->month) &&
               civil->hour >= 0 && civil->hour <= 23 && civil->minute >= 0 && civil->minute <= 59 &&
               civil->second >= 0 && civil->second <= 59 && civil->millisecond >= 0 &&
               civil->millisecond <= 999;
}

/* Years are counted from March so that the leap day is the last of its year; 400 years are one
 * cycle of 146,097 days. */
int64_t civil_days(int year, int month, int day)
{
        int64_t y = month <= 2 ? year - 1 : year;
        int64_t cycle = (y >= 0 ? y : y - 399) / 400;
        int64_t year_of_cycle = y - cycle * 400;
        int64_t month_from_march = month > 2 ? month - 3 : month + 9;
        int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        int64_t day_of_cycle =
                year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
        return cycle * 146097 + day_of_cycle - 719468;
}

struct utc civil_as_utc(const struct civil *civil)
{
        int64_t days = civil_days(civil->year, civil->month, civil->day);
        int64_t seconds = civil->hour * 3600 + civil->minute * 60 + civil->second;
        return (struct utc){days * MS_PER_DAY + seconds * 1000 + civil->millisecond};
}

struct civil utc_civil(struct utc time)
{
        int64_t ms = time.ms < UTC_MIN_MS   ? UTC_MIN_MS
                     : time.ms > UTC_MAX_MS ? UTC_MAX_MS
                                            : time.ms;
        int64_t days = ms / MS_PER_DAY;
        int64_t rest = ms % MS_PER_DAY;
        if (rest < 0) {
                rest += MS_PER_DAY;
                days--;
        }
        int64_t z = days + 719468;
        int64_t cycle = (z >= 0 ? z : z - 146096) / 146097;
        int64_t day_of_cycle = z - cycle * 146097;
        int64_t year_of_cycle = (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 -
                                 day_of_cycle / 146096) /
                                365;
        int64_t day_of_year =
                day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        int64_t month_from_march = (5 * day_of_year + 2) / 153;
        struct civil civil = {
                .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
                .month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9),
                .hour = (int)(rest / 3600000),
                .minute = (int)(rest / 60000 % 60),
                .second = (int)(rest / 1000 % 60),
                .millisecond = (int)(rest % 1000),
        };
        civil.year = (int)(year_of_cycle + cycle * 400 + (civil.month <= 2));
        return civil;
}

int weekday_of_days(int64_t days)
{
        int64_t weekday = (days + 4) % 7;
        return (int)(weekday < 0 ? weekday + 7 : weekday);
}

struct utc utc_now(void)
{
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        return (struct utc){(int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

struct mono mono_now(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (struct mono){(int64_t)now.tv_sec * 1000000000 + now.tv_nsec};
}

static void put_digits(char *out, int value, int digits)
{
        for (int i = digits - 1; i >= 0; i--) {
                out[i] = (char)('0' + value % 10);
                value /= 10;
        }
}

void utc_format(struct utc time, char out[static UTC_TEXT_SIZE])
{
        struct civil civil = utc_civil(time);
        put_digits(out, civil.year, 4);
        out[4] = '-';
        put_digits(out + 5, civil.month, 2);
        out[7] = '-';
        put_digits(out + 8, civil.day, 2);
        out[10] = 'T';
        put_digits(out + 11, civil.hour, 2);
        out[13] = ':';
        put_digits(out + 14, civil.minute, 2);
        out[16] = ':';
        put_digits(out + 17, civil.second, 2);
        out[19] = '.';
        put_digits(out + 20, civil.millisecond, 3);
        out[23] = 'Z';
        out[24] = '\0';
}

/* Reading stands on a cursor that never passes the end. */
struct cursor {
        const char *at;
        const char *end;
};

static bool take_char(struct cursor *cursor, const char *any_of)
{
        if (cursor->at == cursor->end)
                return false;
        for (; *any_of != '\0'; any_of++) {
                if (*cursor->at == *any_of) {
                        cursor->at++;
                        return true;
                }
        }
        return false;
}

static bool take_digits(struct cursor *cursor, int digits, int *value_out)
{
        int value = 0;
        for (int i = 0; i < digits; i++) {
                if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '9')
                        return false;
                value = value * 10 + (*cursor->at++ - '0');
        }
        *value_out = value;
        return true;
}

static bool take_fraction(struct cursor *cursor, int *millisecond_out)
{
        int digits = 0;
        int value = 0;
        while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
                if (digits < 3)
                        value = value * 10 + (*cursor->at - '0');
                digits++;
                cursor->at++;
        }
        for (int i = digits; i < 3; i++)
                value *= 10;
        *millisecond_out = value;
        return digits > 0;
}

static bool take_offset(struct cursor *cursor, int *minutes_out)
{
        *minutes_out = 0;
        if (take_char(cursor, "Zz"))
                return true;
        bool minus = cursor->at < cursor->end && *cursor->at == '-';
        int hours = 0;
        int minutes = 0;
        if (!take_char(cursor, "+-") || !take_digits(cursor, 2, &hours) ||
            !take_char(cursor, ":") || !take_digits(cursor, 2, &minutes) || hours > 23 ||
            minutes > 59)
                return false;
        *minutes_out = (minus ? -1 : 1) * (hours * 60 + minutes);
        return true;
}

static bool parse_rfc3339(struct cursor cursor, struct utc *time_out)
{
        struct civil civil = {0};
        int offset_minutes = 0;
        if (!take_digits(&cursor, 4, &civil.year) || !take_char(&cursor, "-") ||
            !take_digits(&cursor, 2, &civil.month) || !take_char(&cursor, "-") ||
            !take_digits(&cursor, 2, &civil.day) || !take_char(&cursor, "Tt ") ||
            !take_digits(&cursor, 2, &civil.hour) || !take_char(&cursor, ":") ||
            !take_digits(&cursor, 2, &civil.minute) || !take_char(&cursor, ":") ||
            !take_digits(&cursor, 2, &civil.second))
                return false;
        if (take_char(&cursor, ".") && !take_fraction(&cursor, &civil.millisecond))
                return false;
        if (!take_offset(&cursor, &offset_minutes) || cursor.at != cursor.end ||
            !civil_valid(&civil))
                return false;
        time_out->ms = civil_as_utc(&civil).ms - (int64_t)offset_minutes * 60000;
        return true;
}

static bool parse_epoch_ms(struct cursor cursor, struct utc *time_out)
{
        bool minus = take_char(&cursor, "-");
        int64_t value = 0;
        if (cursor.at == cursor.end)
                return false;
        for (; cursor.at < cursor.end; cursor.at++) {
                if (*cursor.at < '0' || *cursor.at > '9')
                        return false;
                value = value * 10 + (*cursor.at - '0');
                if (value > UTC_MAX_MS)
                        return false;
        }
        value = minus ? -value : value;
        if (value < UTC_MIN_MS)
                return false;
        time_out->ms = value;
        return true;
}

bool utc_parse(const char *text, size_t length, struct utc *time_out, struct error *err)
{
        struct cursor cursor = {text, text + length};
        if (parse_epoch_ms(cursor, time_out) || parse_rfc3339(cursor, time_out))
                return true;
        return error_set(err, ERROR_INPUT,
                         "\"%.*s\" is not a time: write it like 2014-05-23T14:08:20.529Z or as "
                         "milliseconds since 1970",
                         (int)(length > 64 ? 64 : length), text);
}
