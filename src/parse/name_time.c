#include <string.h>

#include "parse/digits.h"
#include "parse/name.h"

/*
 * The generic rule for times in names and folders.
 */

enum { UNSET_YEAR = 1970 }; /* where a clock begins that was never set */

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

/* ---- a date and a time in the name: each rule gives where the time ends, NULL if it is none ----
 */

/* A run of digits that is all of it: with the second's thousandths, or with a counter of two digits
 * behind it, as D-Link has it. */
static const char *long_run(const char *name, const char *end, size_t digits, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                if (run == digits && number(at, 4) >= UNSET_YEAR && date_digits(at, civil) &&
                    time_digits(at + 8, digits == 16 ? 6 : digits - 8, civil))
                        return at + run;
                at += run;
        }
        return NULL;
}

/* yyMMddHHmmss and two digits more: Sony, Hi3510. */
static const char *short_run(const char *name, const char *end, struct civil *civil)
{
        enum { DIGITS = 14 };
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                if (run == DIGITS && memcmp(at, "20", 2) != 0 &&
                    date_set(civil, 2000 + number(at, 2), number(at + 2, 2), number(at + 4, 2)) &&
                    time_digits(at + 6, 6, civil))
                        return at + run;
                at += run;
        }
        return NULL;
}

/* yyyyMMdd[-_T@ ]HHmmss(fff) */
static const char *two_runs(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                const char *after = at + run;
                if (run == 8 && is_one_of(after, end, "-_T@ ") && date_digits(at, civil) &&
                    time_digits(after + 1, run_length(after + 1, end), civil))
                        return after + 1 + run_length(after + 1, end);
                at = after;
        }
        return NULL;
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
static const char *joined_time(const char *at, const char *end, bool fraction, struct civil *civil)
{
        const char *from = at;
        int hour = 0;
        int minute = 0;
        int second = 0;
        int millisecond = 0;
        if (!take_pair(&from, end, "-.:_", &hour) || !take_pair(&from, end, "-.:_", &minute) ||
            !take_pair(&from, end, NULL, &second))
                return NULL;
        size_t more = is_one_of(from, end, "-.,") ? run_length(from + 1, end) : 0;
        if (more == 3 && fraction) {
                millisecond = number(from + 1, 3);
                from += 1 + more;
        } else if (more > 0 && more <= 3 && at[2] == '.' && at[5] == '.' && *from == '.') {
                return NULL;
        }
        return time_set(civil, hour, minute, second, millisecond) ? from : NULL;
}

/* yyyy-MM-dd[ _@T-]HH[-.:_]mm[-.:_]ss(.fff) */
static const char *joined(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                const char *from = at;
                const char *after = NULL;
                if (take_joined_date(&from, end, civil) && is_one_of(from, end, " _@T-"))
                        after = joined_time(from + 1, end, true, civil);
                if (after != NULL)
                        return after;
                at += run;
        }
        return NULL;
}

/* HH[-.:_]mm[-.:_]ss anywhere. */
static const char *joined_time_in(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                bool address = run == 2 && at > name + 1 && at[-1] == '.' && is_digit(at[-2]) &&
                               at + 2 < end && at[2] == '.';
                const char *after =
                        run == 2 && !address ? joined_time(at, end, false, civil) : NULL;
                if (after != NULL)
                        return after;
                at += run;
        }
        return NULL;
}

/* A date, and later in the name a time in pairs. */
static const char *apart(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                const char *from = at;
                const char *after = NULL;
                bool found = take_joined_date(&from, end, civil);
                if (!found && run == 8 && date_digits(at, civil)) {
                        from = at + run;
                        found = true;
                }
                if (found)
                        after = joined_time_in(from, end, civil);
                if (after != NULL)
                        return after;
                at += run;
        }
        return NULL;
}

/* NN-NN-NN or NN-NN-NNNN, then a time as in `joined`, with hundredths as Axis has them. What each
 * of the numbers is stays open. */
static const char *orderless(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                const char *from = at;
                const char *after = NULL;
                struct civil date = {0};
                if (take_pair(&from, end, "-_.", &date.year) &&
                    take_pair(&from, end, "-_.", &date.month)) {
                        size_t last = run_length(from, end);
                        date.day = last == 2 || last == 4 ? number(from, last) : 0;
                        from += last;
                        if (date.day > 0 && is_one_of(from, end, " _@T"))
                                after = joined_time(from + 1, end, true, &date);
                }
                if (after != NULL) {
                        bool hundredths =
                                is_one_of(after, end, "-.,") && run_length(after + 1, end) == 2;
                        *civil = date;
                        if (hundredths)
                                civil->millisecond = number(after + 1, 2) * 10;
                        return after + (hundredths ? 3 : 0);
                }
                at += run;
        }
        return NULL;
}

/* Twelve digits, or six and six: a date of two digits each, and a time. */
static const char *two_sixes(const char *name, const char *end, struct civil *civil)
{
        for (const char *at = name; at < end;) {
                size_t run = next_run(&at, end);
                bool parted =
                        run == 6 && is_one_of(at + 6, end, "-_T@ ") && run_length(at + 7, end) == 6;
                const char *time = at + 6 + parted;
                if ((run == 12 || parted) && time_digits(time, 6, civil)) {
                        civil->year = number(at, 2);
                        civil->month = number(at + 2, 2);
                        civil->day = number(at + 4, 2);
                        return time + 6;
                }
                at += run;
        }
        return NULL;
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
        const char *at = name->at;
        const char *end = at + name->length;
        const char *after = NULL;
        time->form = NAMED_CIVIL;
        if ((after = long_run(at, end, 17, &time->civil)) != NULL ||
            (after = long_run(at, end, 14, &time->civil)) != NULL ||
            (after = long_run(at, end, 16, &time->civil)) != NULL ||
            (after = two_runs(at, end, &time->civil)) != NULL ||
            (after = joined(at, end, &time->civil)) != NULL ||
            (after = apart(at, end, &time->civil)) != NULL) {
                name_read_behind(after, end, time);
                return true;
        }
        time->form = NAMED_MOMENT;
        return moment(at, end, &time->utc);
}

/* Forms that could be something else, so the folders are asked before. */
static bool unusual_time_of_name(const struct path_part *name, struct named_time *time)
{
        const char *end = name->at + name->length;
        time->form = NAMED_CIVIL;
        const char *after = short_run(name->at, end, &time->civil);
        if (after == NULL) {
                time->form = NAMED_ORDERLESS;
                after = orderless(name->at, end, &time->civil);
        }
        if (after == NULL) {
                time->form = NAMED_GUESSED;
                after = two_sixes(name->at, end, &time->civil);
        }
        if (after != NULL)
                name_read_behind(after, end, time);
        return after != NULL;
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
static const char *time_run(const struct path_part *name, int hour, struct civil *civil)
{
        const char *end = name->at + name->length;
        for (const char *at = name->at; at < end;) {
                size_t run = next_run(&at, end);
                if (time_digits(at, run, civil) && (hour < 0 || civil->hour == hour))
                        return at + run;
                at += run;
        }
        return NULL;
}

/* HH/mm/ss or HH/mm.ss: the name begins with what the folders leave open. */
static const char *time_over(const struct path_part *name, const int near[static 2],
                             struct civil *civil)
{
        const char *at = name->at;
        const char *end = name->at + name->length;
        int first = 0;
        int second = 0;
        if (near[0] < 0 || !take_pair(&at, end, NULL, &first))
                return NULL;
        const char *behind = at;
        if (is_one_of(at, end, "-.:_")) {
                at++;
                if (take_pair(&at, end, NULL, &second) &&
                    time_set(civil, near[0], first, second, 0))
                        return at;
        }
        return near[1] >= 0 && time_set(civil, near[1], near[0], first, 0) ? behind : NULL;
}

static bool time_of_path(const struct path_parts *parts, struct named_time *time)
{
        size_t date = 0;
        int near[2];
        if (!find_date(parts, time, &date))
                return false;
        near_numbers(parts, date, near);
        const struct path_part *name = &parts->parts[parts->count - 1];
        const char *end = name->at + name->length;
        int hour = near[1] >= 0 ? near[1] : near[0];
        const char *after = joined_time_in(name->at, end, &time->civil);
        if (after == NULL)
                after = time_run(name, hour <= 23 ? hour : -1, &time->civil);
        if (after == NULL)
                after = time_over(name, near, &time->civil);
        if (after != NULL)
                name_read_behind(after, end, time);
        return after != NULL;
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
        const struct path_part *name = &parts->parts[parts->count - 1];
        bool found = time_of_name(name, time_out);
        bool by_path = !found && time_of_path(parts, time_out);
        if (found || by_path || unusual_time_of_name(name, time_out))
                time_out->source = by_path ? TIME_PATH : TIME_NAME;
        else
                *time_out = (struct named_time){.form = NAMED_NO_TIME, .utc = UTC_NONE};
}
