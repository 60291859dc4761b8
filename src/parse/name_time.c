#include <string.h>

#include "parse/name.h"

/*
 * The generic rule for times in names and folders. A number counts only as a whole run of digits,
 * so that a serial number is not taken for a part of a date.
 */

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static int number(const char *at, size_t digits)
{
        int value = 0;
        for (size_t i = 0; i < digits; i++)
                value = value * 10 + (at[i] - '0');
        return value;
}

/* Digits from `at` on, at most `end`. */
static size_t run_length(const char *at, const char *end)
{
        const char *start = at;
        while (at < end && is_digit(*at))
                at++;
        return (size_t)(at - start);
}

static bool is_one_of(const char *at, const char *end, const char *set)
{
        return at < end && *at != '\0' && strchr(set, *at) != NULL;
}

/* The next run of digits from *at on; *at is left at its first digit. */
static size_t next_run(const char **at, const char *end)
{
        while (*at < end && !is_digit(**at))
                ++*at;
        return run_length(*at, end);
}

static bool date_set(struct civil *civil, int year, int month, int day)
{
        struct civil date = {.year = year, .month = month, .day = day};
        if (year < 1900 || year > 2099 || !civil_valid(&date))
                return false;
        civil->year = year;
        civil->month = month;
        civil->day = day;
        return true;
}

static bool time_set(struct civil *civil, int hour, int minute, int second, int millisecond)
{
        if (hour > 23 || minute > 59 || second > 59)
                return false;
        civil->hour = hour;
        civil->minute = minute;
        civil->second = second;
        civil->millisecond = millisecond;
        return true;
}

/* yyyyMMdd */
static bool date_digits(const char *at, struct civil *civil)
{
        return date_set(civil, number(at, 4), number(at + 4, 2), number(at + 6, 2));
}

/* HHmmss, or HHmmssfff */
static bool time_digits(const char *at, size_t digits, struct civil *civil)
{
        return (digits == 6 || digits == 9) &&
               time_set(civil, number(at, 2), number(at + 2, 2), number(at + 4, 2),
                        digits == 9 ? number(at + 6, 3) : 0);
}

/* ---- a date and a time in the name ---- */

/* A run of 17 or 14 digits that is all of it. */
static bool long_run(const char *name, const char *end, size_t digits, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                if (run == digits && date_digits(at, civil) &&
                    time_digits(at + 8, digits - 8, civil))
                        return true;
                at += run;
        }
        return false;
}

/* yyyyMMdd[-_T@ ]HHmmss(fff) */
static bool two_runs(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                const char *after = at + run;
                if (run == 8 && is_one_of(after, end, "-_T@ ") && date_digits(at, civil) &&
                    time_digits(after + 1, run_length(after + 1, end), civil))
                        return true;
                at = after;
        }
        return false;
}

/* Two digits and no more at *at, then one of `joints` (none wanted if NULL). */
static bool take_pair(const char **at, const char *end, const char *joints, int *value_out)
{
        if (run_length(*at, end) != 2)
                return false;
        *value_out = number(*at, 2);
        *at += 2;
        if (joints == NULL)
                return true;
        if (!is_one_of(*at, end, joints))
                return false;
        ++*at;
        return true;
}

/* yyyy-MM-dd at *at, which is left behind it. */
static bool take_joined_date(const char **at, const char *end, struct civil *civil)
{
        const char *from = *at;
        int month = 0;
        int day = 0;
        if (run_length(from, end) != 4 || !is_one_of(from + 4, end, "-_."))
                return false;
        int year = number(from, 4);
        from += 5;
        if (!take_pair(&from, end, "-_.", &month) || !take_pair(&from, end, NULL, &day) ||
            !date_set(civil, year, month, day))
                return false;
        *at = from;
        return true;
}

/* HH[-.:_]mm[-.:_]ss at `at`, and [-.,]fff if `fraction`. Four numbers joined by dots are the
 * address of a machine and no time. */
static bool joined_time(const char *at, const char *end, bool fraction, struct civil *civil)
{
        const char *from = at;
        int hour = 0;
        int minute = 0;
        int second = 0;
        int millisecond = 0;
        if (!take_pair(&from, end, "-.:_", &hour) || !take_pair(&from, end, "-.:_", &minute) ||
            !take_pair(&from, end, NULL, &second))
                return false;
        size_t more = is_one_of(from, end, "-.,") ? run_length(from + 1, end) : 0;
        if (more == 3 && fraction)
                millisecond = number(from + 1, 3);
        else if (more > 0 && more <= 3 && at[2] == '.' && at[5] == '.' && *from == '.')
                return false;
        return time_set(civil, hour, minute, second, millisecond);
}

/* yyyy-MM-dd[ _@T-]HH[-.:_]mm[-.:_]ss(.fff) */
static bool joined(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                const char *from = at;
                if (take_joined_date(&from, end, civil) && is_one_of(from, end, " _@T-") &&
                    joined_time(from + 1, end, true, civil))
                        return true;
                at += run;
        }
        return false;
}

/* HH[-.:_]mm[-.:_]ss anywhere. */
static bool joined_time_in(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                bool address = run == 2 && at > name + 1 && at[-1] == '.' && is_digit(at[-2]) &&
                               at + 2 < end && at[2] == '.';
                if (run == 2 && !address && joined_time(at, end, false, civil))
                        return true;
                at += run;
        }
        return false;
}

/* A date, and later in the name a time in pairs. */
static bool apart(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                const char *from = at;
                bool found = take_joined_date(&from, end, civil);
                if (!found && run == 8 && date_digits(at, civil)) {
                        from = at + run;
                        found = true;
                }
                if (found && joined_time_in(from, end, civil))
                        return true;
                at += run;
        }
        return false;
}

/* Thirteen digits: milliseconds since 1970, of the years 2001 to 2033. */
static bool moment(const char *name, const char *end, struct utc *utc_out)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                if (run == 13 && *at == '1') {
                        utc_out->ms = (int64_t)number(at, 4) * 1000000000 + number(at + 4, 9);
                        return true;
                }
                at += run;
        }
        return false;
}

static bool time_of_name(const struct path_part *name, struct named_time *time)
{
        const char *end = name->at + name->length;
        if (long_run(name->at, end, 17, &time->civil) ||
            long_run(name->at, end, 14, &time->civil) || two_runs(name->at, end, &time->civil) ||
            joined(name->at, end, &time->civil) || apart(name->at, end, &time->civil)) {
                time->form = NAMED_CIVIL;
                return true;
        }
        if (moment(name->at, end, &time->utc)) {
                time->form = NAMED_MOMENT;
                return true;
        }
        return false;
}

/* ---- a date in the folders ---- */

static bool date_in(const struct path_part *part, struct civil *civil)
{
        const char *end = part->at + part->length;
        for (const char *at = part->at; at < end;) {
                size_t run = next_run(&at, end);
                const char *from = at;
                if (take_joined_date(&from, end, civil) || (run == 8 && date_digits(at, civil)))
                        return true;
                at += run;
        }
        return false;
}

static bool is_number(const struct path_part *part, size_t digits)
{
        return part->length == digits && run_length(part->at, part->at + digits) == digits;
}

/* yyyy/MM/dd, yyyyMM/dd or yyyy-MM/dd that ends in `folder`, before which `above` others are. */
static bool date_over(const struct path_part *folder, size_t above, struct civil *civil)
{
        if (above < 1 || !is_number(folder, 2))
                return false;
        int day = number(folder->at, 2);
        const struct path_part *month = folder - 1;
        if (is_number(month, 6))
                return date_set(civil, number(month->at, 4), number(month->at + 4, 2), day);
        if (month->length == 7 && run_length(month->at, month->at + 7) == 4 &&
            is_one_of(month->at + 4, month->at + 7, "-_.") &&
            run_length(month->at + 5, month->at + 7) == 2)
                return date_set(civil, number(month->at, 4), number(month->at + 5, 2), day);
        if (above < 2 || !is_number(month, 2) || !is_number(month - 1, 4))
                return false;
        return date_set(civil, number((month - 1)->at, 4), number(month->at, 2), day);
}

/* MM-dd; 29 February is a date of some years. */
static bool yearless_date(const struct path_part *part, struct civil *civil)
{
        const char *at = part->at;
        const char *end = part->at + part->length;
        int month = 0;
        int day = 0;
        if (part->length != 5 || !take_pair(&at, end, "-_", &month) ||
            !take_pair(&at, end, NULL, &day) || !date_set(civil, 2000, month, day))
                return false;
        return true;
}

/* The deepest date, one with a year before one without; *last_out is its last folder. */
static bool find_date(const struct path_parts *parts, struct named_time *time, size_t *last_out)
{
        for (size_t i = parts->count - 1; i-- > 0;) {
                if (date_in(&parts->parts[i], &time->civil) ||
                    date_over(&parts->parts[i], i, &time->civil)) {
                        time->form = NAMED_CIVIL;
                        *last_out = i;
                        return true;
                }
        }
        for (size_t i = parts->count - 1; i-- > 0;) {
                if (yearless_date(&parts->parts[i], &time->civil)) {
                        time->form = NAMED_YEARLESS;
                        *last_out = i;
                        return true;
                }
        }
        return false;
}

/* The two-digit folders right above the name and below the date, the nearest first; -1 if none. */
static void near_numbers(const struct path_parts *parts, size_t date, int near[static 2])
{
        size_t name = parts->count - 1;
        near[0] = near[1] = -1;
        if (name >= 1 && name - 1 > date && is_number(&parts->parts[name - 1], 2)) {
                near[0] = number(parts->parts[name - 1].at, 2);
                if (name - 2 > date && is_number(&parts->parts[name - 2], 2))
                        near[1] = number(parts->parts[name - 2].at, 2);
        }
}

/* HHmmss(fff) as a run of its own; where there is a folder of the hour it must be that hour's, or
 * the number is a counter. */
static bool time_run(const struct path_part *name, int hour, struct civil *civil)
{
        const char *end = name->at + name->length;
        for (const char *at = name->at; at < end;) {
                size_t run = next_run(&at, end);
                if (time_digits(at, run, civil) && (hour < 0 || civil->hour == hour))
                        return true;
                at += run;
        }
        return false;
}

/* HH/mm/ss or HH/mm.ss: the name begins with what the folders leave open. */
static bool time_over(const struct path_part *name, const int near[static 2], struct civil *civil)
{
        const char *at = name->at;
        const char *end = name->at + name->length;
        int first = 0;
        int second = 0;
        if (near[0] < 0 || !take_pair(&at, end, NULL, &first))
                return false;
        if (is_one_of(at, end, "-.:_")) {
                at++;
                if (take_pair(&at, end, NULL, &second) &&
                    time_set(civil, near[0], first, second, 0))
                        return true;
        }
        return near[1] >= 0 && time_set(civil, near[1], near[0], first, 0);
}

static bool time_of_path(const struct path_parts *parts, struct named_time *time)
{
        size_t date = 0;
        int near[2];
        if (!find_date(parts, time, &date))
                return false;
        near_numbers(parts, date, near);
        const struct path_part *name = &parts->parts[parts->count - 1];
        int hour = near[1] >= 0 ? near[1] : near[0];
        return joined_time_in(name->at, name->at + name->length, &time->civil) ||
               time_run(name, hour <= 23 ? hour : -1, &time->civil) ||
               time_over(name, near, &time->civil);
}

bool path_part_has_date(const struct path_part *part)
{
        struct civil civil = {0};
        return date_in(part, &civil);
}

void name_time(const struct path_parts *parts, struct named_time *time_out)
{
        *time_out = (struct named_time){.form = NAMED_NO_TIME, .utc = UTC_NONE};
        if (parts->count == 0)
                return;
        if (time_of_name(&parts->parts[parts->count - 1], time_out)) {
                time_out->source = TIME_NAME;
        } else if (time_of_path(parts, time_out)) {
                time_out->source = TIME_PATH;
        } else {
                *time_out = (struct named_time){.form = NAMED_NO_TIME, .utc = UTC_NONE};
        }
}

bool name_infer_year(struct civil *civil, struct utc received)
{
        enum { DAY_MS = 24 * 3600 * 1000, YEARS = 9 };
        int year = utc_civil((struct utc){received.ms + DAY_MS}).year;
        for (int i = 0; i < YEARS; i++) {
                struct civil dated = *civil;
                dated.year = year - i;
                if (civil_valid(&dated) && civil_as_utc(&dated).ms <= received.ms + DAY_MS) {
                        *civil = dated;
                        return true;
                }
        }
        return false;
}
