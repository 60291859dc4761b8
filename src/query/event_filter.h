#pragma once

#include "base/error.h"
#include "query/events.h"

/*
 * What somebody wants to know of events, as written on the command line or in a URL: names and
 * values in text. Reading it is pure; event_plan_open then looks up cameras, kinds and zones.
 *
 *   camera=NAME    repeats; none: all
 *   from=, to=     a time as utc_parse reads it; both inclusive
 *   dwell=         seconds, decimals allowed, 1 .. 86400; none: each camera's own
 *   window=        1 .. 64, repeats: any of them
 *   kind=          a word, repeats: any of them
 *   hours=         08:00-12:00, of the day in the camera's zone; 22:00-06:00 crosses midnight
 *   weekday=       mon .. sun, or 0 (Sunday) .. 6; repeats: any of them
 *   reviewed=, pinned=, noted=  true | false: only events that are, or have a note, or not
 *   sort=          time | duration (length) | frames | windows; "-" before it: descending
 *   limit=         1 .. EVENTS_LIMIT_MAX
 *   cursor=        the `next` of an answer
 */
enum { FILTER_CAMERAS_MAX = 64, FILTER_KINDS_MAX = 16, FILTER_KIND_SIZE = 64 };

struct event_filter {
        char cameras[FILTER_CAMERAS_MAX][CAMERA_NAME_SIZE];
        size_t camera_count;
        char kinds[FILTER_KINDS_MAX][FILTER_KIND_SIZE];
        size_t kind_count;
        struct utc from; /* UTC_NONE if not given */
        struct utc to;
        int64_t dwell_ms; /* 0 if not given */
        uint64_t windows;
        bool has_hours;
        int hours_from_minute;
        int hours_to_minute;
        unsigned weekdays;
        enum event_wish reviewed, pinned, noted;
        enum event_sort sort;
        bool descending;
        size_t limit;                        /* 0 if not given */
        char cursor[EVENT_CURSOR_TEXT_SIZE]; /* empty if not given */
};

void event_filter_init(struct event_filter *filter);

/* Takes one pair in. An unknown name and an ill-formed value are ERROR_INPUT, with the name and
 * what is wanted in the text. Values that may be given once replace what was there. */
bool event_filter_set(struct event_filter *filter, const char *name, const char *value,
                      struct error *err) MUST_CHECK;

/* The parts of it, of use to others. All ERROR_INPUT without the name of the parameter. */
bool filter_parse_dwell(const char *text, int64_t *dwell_ms_out, struct error *err) MUST_CHECK;
bool filter_parse_hours(const char *text, int *from_minute_out, int *to_minute_out,
                        struct error *err) MUST_CHECK;
bool filter_parse_weekday(const char *text, int *weekday_out, struct error *err) MUST_CHECK;

/*
 * A filter made ready to be answered: the cameras, their zones (loaded only when hours or weekdays
 * are asked for) and the query that borrows both. An unknown camera is ERROR_NOT_FOUND. The limit
 * is 0 when the filter has none. A kind that no frame ever had finds nothing.
 */
struct event_plan {
        struct event_query query;
        struct camera *cameras;
        struct zone **zones;
};

bool event_plan_open(struct event_plan *plan, struct catalog *catalog,
                     const struct event_filter *filter, struct error *err) MUST_CHECK;
void event_plan_close(struct event_plan *plan);

/* The camera of an event or frame found with this plan. */
const struct camera *event_plan_camera(const struct event_plan *plan, struct camera_id id);
