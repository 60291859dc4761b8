#include "query/event_filter.h"

#include <string.h>

#include "base/utf8.h"

void event_filter_init(struct event_filter *filter)
{
        memset(filter, 0, sizeof *filter);
        filter->from = UTC_NONE;
        filter->to = UTC_NONE;
}

/* ---- values ---- */

/* A decimal number up to `most`, at least one digit; moves *at past it. */
static bool take_number(const char **at, int64_t most, int64_t *value_out)
{
        const char *start = *at;
        int64_t value = 0;
        for (; **at >= '0' && **at <= '9'; (*at)++) {
                value = value * 10 + (**at - '0');
                if (value > most)
                        return false;
        }
        *value_out = value;
        return *at > start;
}

static bool whole_number(const char *text, int64_t least, int64_t most, int64_t *value_out)
{
        return take_number(&text, most, value_out) && *text == '\0' && *value_out >= least;
}

bool filter_parse_dwell(const char *text, int64_t *dwell_ms_out, struct error *err)
{
        int64_t seconds = 0;
        int64_t ms = 0;
        const char *at = text;
        bool ok = take_number(&at, DWELL_MAX_MS / 1000, &seconds);
        if (ok && *at == '.') {
                int64_t weight = 100;
                ok = at[1] != '\0';
                for (at++; *at >= '0' && *at <= '9' && weight > 0; at++, weight /= 10)
                        ms += (*at - '0') * weight;
        }
        ms += seconds * 1000;
        if (!ok || *at != '\0' || ms < DWELL_MIN_MS || ms > DWELL_MAX_MS)
                return error_set(err, ERROR_INPUT,
                                 "\"%.32s\" is not a dwell: write seconds from 1 to 86400, like 3 "
                                 "or 2.5",
                                 text);
        *dwell_ms_out = ms;
        return true;
}

/* "08:00"; "24:00" is the end of the day. */
static bool take_clock(const char **at, int *minute_out)
{
        const char *text = *at;
        for (int i = 0; i < 5; i++) {
                if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
                        return false;
        }
        int hour = (text[0] - '0') * 10 + text[1] - '0';
        int minute = (text[3] - '0') * 10 + text[4] - '0';
        if (minute > 59 || hour > 24 || (hour == 24 && minute > 0))
                return false;
        *minute_out = hour * 60 + minute;
        *at += 5;
        return true;
}

bool filter_parse_hours(const char *text, int *from_minute_out, int *to_minute_out,
                        struct error *err)
{
        const char *at = text;
        int from = 0;
        int to = 0;
        bool ok = take_clock(&at, &from) && *at == '-';
        at += ok;
        ok = ok && take_clock(&at, &to) && *at == '\0' && from < 24 * 60;
        if (!ok)
                return error_set(err, ERROR_INPUT,
                                 "\"%.32s\" is not a range of hours: write it like 08:00-12:00, or "
                                 "22:00-06:00 across midnight",
                                 text);
        if (from == to)
                return error_set(err, ERROR_INPUT, "\"%.32s\" holds no time at all", text);
        *from_minute_out = from;
        *to_minute_out = to;
        return true;
}

bool filter_parse_weekday(const char *text, int *weekday_out, struct error *err)
{
        static const char *const words[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
        for (int day = 0; day < 7; day++) {
                bool digit = text[0] == '0' + day && text[1] == '\0';
                if (digit || strcmp(text, words[day]) == 0) {
                        *weekday_out = day;
                        return true;
                }
        }
        return error_set(err, ERROR_INPUT,
                         "\"%.32s\" is not a weekday: write mon, tue, wed, thu, fri, sat, sun, or "
                         "0 (Sunday) to 6",
                         text);
}

/* ---- parameters ---- */

static bool set_camera(struct event_filter *filter, const char *value, struct error *err)
{
        if (!camera_name_valid(value))
                return error_set(err, ERROR_INPUT, "\"%.64s\" cannot be the name of a camera",
                                 utf8_valid(value, strlen(value)) ? value : "?");
        for (size_t i = 0; i < filter->camera_count; i++) {
                if (strcmp(filter->cameras[i], value) == 0)
                        return true;
        }
        if (filter->camera_count == FILTER_CAMERAS_MAX)
                return error_set(err, ERROR_INPUT, "at most %d cameras can be named",
                                 FILTER_CAMERAS_MAX);
        memcpy(filter->cameras[filter->camera_count++], value, strlen(value) + 1);
        return true;
}

static bool set_from(struct event_filter *filter, const char *value, struct error *err)
{
        return utc_parse(value, strlen(value), &filter->from, err);
}

static bool set_to(struct event_filter *filter, const char *value, struct error *err)
{
        return utc_parse(value, strlen(value), &filter->to, err);
}

static bool set_dwell(struct event_filter *filter, const char *value, struct error *err)
{
        return filter_parse_dwell(value, &filter->dwell_ms, err);
}

static bool set_window(struct event_filter *filter, const char *value, struct error *err)
{
        int64_t window = 0;
        if (!whole_number(value, 1, 64, &window))
                return error_set(err, ERROR_INPUT, "\"%.32s\" is not a window: write 1 to 64",
                                 value);
        filter->windows |= UINT64_C(1) << (window - 1);
        return true;
}

static bool set_kind(struct event_filter *filter, const char *value, struct error *err)
{
        size_t length = strlen(value);
        if (length == 0 || length >= FILTER_KIND_SIZE)
                return error_set(err, ERROR_INPUT,
                                 "a kind is a word like motion, input or timer of at most %d bytes",
                                 FILTER_KIND_SIZE - 1);
        if (filter->kind_count == FILTER_KINDS_MAX)
                return error_set(err, ERROR_INPUT, "at most %d kinds can be named",
                                 FILTER_KINDS_MAX);
        memcpy(filter->kinds[filter->kind_count++], value, length + 1);
        return true;
}

static bool set_hours(struct event_filter *filter, const char *value, struct error *err)
{
        if (!filter_parse_hours(value, &filter->hours_from_minute, &filter->hours_to_minute, err))
                return false;
        filter->has_hours = true;
        return true;
}

static bool set_weekday(struct event_filter *filter, const char *value, struct error *err)
{
        int weekday = 0;
        if (!filter_parse_weekday(value, &weekday, err))
                return false;
        filter->weekdays |= 1U << weekday;
        return true;
}

static bool set_sort(struct event_filter *filter, const char *value, struct error *err)
{
        static const struct {
                const char *word;
                enum event_sort sort;
        } words[] = {
                {"time", EVENT_SORT_TIME},       {"duration", EVENT_SORT_DURATION},
                {"length", EVENT_SORT_DURATION}, {"frames", EVENT_SORT_FRAMES},
                {"windows", EVENT_SORT_WINDOWS},
        };
        bool descending = value[0] == '-';
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
                if (strcmp(value + descending, words[i].word) == 0) {
                        filter->sort = words[i].sort;
                        filter->descending = descending;
                        return true;
                }
        }
        return error_set(err, ERROR_INPUT,
                         "\"%.32s\" is not a sort: write time, duration, frames or windows, with "
                         "\"-\" before it for the greatest first",
                         value);
}

static bool set_wish(enum event_wish *wish, const char *value, struct error *err)
{
        bool with = strcmp(value, "true") == 0;
        if (!with && strcmp(value, "false") != 0)
                return error_set(err, ERROR_INPUT, "\"%.32s\" is neither true nor false", value);
        *wish = with ? EVENT_WITH : EVENT_WITHOUT;
        return true;
}

static bool set_reviewed(struct event_filter *filter, const char *value, struct error *err)
{
        return set_wish(&filter->reviewed, value, err);
}

static bool set_pinned(struct event_filter *filter, const char *value, struct error *err)
{
        return set_wish(&filter->pinned, value, err);
}

static bool set_noted(struct event_filter *filter, const char *value, struct error *err)
{
        return set_wish(&filter->noted, value, err);
}

static bool set_limit(struct event_filter *filter, const char *value, struct error *err)
{
        int64_t limit = 0;
        if (!whole_number(value, 1, EVENTS_LIMIT_MAX, &limit))
                return error_set(err, ERROR_INPUT, "\"%.32s\" is not a limit: write 1 to %d", value,
                                 EVENTS_LIMIT_MAX);
        filter->limit = (size_t)limit;
        return true;
}

static bool set_cursor(struct event_filter *filter, const char *value, struct error *err)
{
        size_t length = strlen(value);
        if (length == 0 || length >= sizeof filter->cursor)
                return error_set(err, ERROR_INPUT, "the cursor is not one of ours");
        memcpy(filter->cursor, value, length + 1);
        return true;
}

static const struct {
        const char *name;
        bool (*set)(struct event_filter *filter, const char *value, struct error *err);
} parameters[] = {
        {"camera", set_camera}, {"from", set_from},     {"to", set_to},
        {"dwell", set_dwell},   {"window", set_window}, {"kind", set_kind},
        {"hours", set_hours},   {"sort", set_sort},     {"weekday", set_weekday},
        {"limit", set_limit},   {"cursor", set_cursor}, {"reviewed", set_reviewed},
        {"pinned", set_pinned}, {"noted", set_noted},
};

bool event_filter_set(struct event_filter *filter, const char *name, const char *value,
                      struct error *err)
{
        for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
                if (strcmp(parameters[i].name, name) != 0)
                        continue;
                return parameters[i].set(filter, value, err) || error_prefix(err, "%s", name);
        }
        return error_set(err, ERROR_INPUT,
                         "there is no parameter \"%.32s\": events take camera, from, to, dwell, "
                         "window, kind, hours, weekday, reviewed, pinned, noted, sort, limit and "
                         "cursor",
                         name);
}
