/* Which events fit a query, one by one and by pieces of time. */
#include "query/event_finder.h"

static bool in_hours(const struct event_query *query, int minute)
{
        int from = query->hours_from_minute;
        int to = query->hours_to_minute;
        if (from <= to)
                return minute >= from && minute < to;
        return minute >= from || minute < to;
}

static bool wished(enum event_wish wish, bool has)
{
        return wish == EVENT_EITHER || has == (wish == EVENT_WITH);
}

static bool on_weekday(const struct event_query *query, const struct civil *local)
{
        int64_t days = civil_days(local->year, local->month, local->day);
        return query->weekdays == 0 || (query->weekdays >> weekday_of_days(days) & 1) != 0;
}

bool event_fits(const struct event_query *query, const struct zone *zone, const struct span *event)
{
        if (!wished(query->reviewed, event->reviewed) || !wished(query->pinned, event->pinned) ||
            !wished(query->noted, event->noted))
                return false;
        if (query->windows != 0 && (event->windows & query->windows) == 0)
                return false;
        if (query->kinds != 0 && (event->kinds & query->kinds) == 0)
                return false;
        if (!query->has_hours && query->weekdays == 0)
                return true;
        struct civil local = zone_civil(zone, event->start);
        return on_weekday(query, &local) &&
               (!query->has_hours || in_hours(query, local.hour * 60 + local.minute));
}

/* ---- pieces ---- */

enum event_fit event_fit_by_start(const struct event_query *query, const struct zone *zone,
                                  const struct span *piece)
{
        if (!query->has_hours && query->weekdays == 0)
                return FIT_ALL;
        struct civil first = zone_civil(zone, piece->start);
        struct civil last = zone_civil(zone, piece->end);
        int from = first.hour * 60 + first.minute;
        int to = last.hour * 60 + last.minute;
        /* Only when the clock was not set meanwhile is all between the two. */
        if (civil_as_utc(&last).ms - civil_as_utc(&first).ms != piece->end.ms - piece->start.ms ||
            first.day != last.day || piece->end.ms - piece->start.ms >= INT64_C(86400000))
                return FIT_SOME;
        if (!on_weekday(query, &first))
                return FIT_NONE;
        if (!query->has_hours)
                return FIT_ALL;
        int fit = 0;
        for (int minute = from; minute <= to; minute++)
                fit += in_hours(query, minute);
        if (fit == 0)
                return FIT_NONE;
        return fit == to - from + 1 ? FIT_ALL : FIT_SOME;
}

/* Of events in a piece of which so much is marked. */
static enum event_fit fit_of_wish(enum event_wish wish, enum marked marked)
{
        if (wish == EVENT_EITHER)
                return FIT_ALL;
        if (marked == MARKED_PARTLY)
                return FIT_SOME;
        return wished(wish, marked == MARKED_WHOLLY) ? FIT_ALL : FIT_NONE;
}

static enum event_fit fit_of_mask(uint64_t wanted, uint64_t there)
{
        if (wanted == 0)
                return FIT_ALL;
        return (wanted & there) == 0 ? FIT_NONE : FIT_SOME;
}

enum event_fit event_fit_by_content(const struct event_query *query,
                                    const struct event_marks *marks, const struct span *piece,
                                    unsigned *lacking_out)
{
        const enum event_fit fits[] = {
                fit_of_mask(query->windows, piece->windows),
                fit_of_mask(query->kinds, piece->kinds),
                fit_of_wish(query->reviewed, event_marks_reviewed(marks, piece)),
                fit_of_wish(query->pinned, event_marks_pinned(marks, piece)),
                fit_of_wish(query->noted, event_marks_noted(marks, piece)),
        };
        enum event_fit all = FIT_ALL;
        *lacking_out = 0;
        for (unsigned i = 0; i < sizeof fits / sizeof fits[0]; i++) {
                if (fits[i] == FIT_NONE)
                        *lacking_out |= 1U << i;
                if (fits[i] == FIT_SOME)
                        all = FIT_SOME;
        }
        return *lacking_out != 0 ? FIT_NONE : all;
}
