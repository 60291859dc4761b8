#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "query/event_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What was taken is within the bounds it is documented with. */
static void assert_bounds(const struct event_filter *filter)
{
        assert(filter->camera_count <= FILTER_CAMERAS_MAX);
        assert(filter->kind_count <= FILTER_KINDS_MAX);
        for (size_t i = 0; i < filter->camera_count; i++)
                assert(camera_name_valid(filter->cameras[i]));
        assert(filter->dwell_ms == 0 ||
               (filter->dwell_ms >= DWELL_MIN_MS && filter->dwell_ms <= DWELL_MAX_MS));
        assert(filter->limit <= EVENTS_LIMIT_MAX);
        assert(filter->weekdays < 1U << 7);
        assert(filter->sort < EVENT_SORTS);
        if (filter->has_hours) {
                assert(filter->hours_from_minute >= 0 && filter->hours_from_minute < 1440);
                assert(filter->hours_to_minute >= 0 && filter->hours_to_minute <= 1440);
                assert(filter->hours_from_minute != filter->hours_to_minute);
        }
}

/* A cursor that is taken is written back as it came. */
static void try_cursor(const char *text)
{
        struct error err;
        for (int sort = 0; sort < EVENT_SORTS * 2; sort++) {
                struct event_cursor cursor;
                char again[EVENT_CURSOR_TEXT_SIZE];
                if (!event_cursor_parse(text, (enum event_sort)(sort / 2), sort % 2, &cursor, &err))
                        continue;
                event_cursor_format(&cursor, (enum event_sort)(sort / 2), sort % 2, again);
                assert(strcmp(text, again) == 0);
        }
}

/* Lines NAME=VALUE, each set in turn. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct event_filter filter;
        event_filter_init(&filter);
        const char *at = (const char *)bytes;
        const char *end = at + length;
        while (at < end) {
                char line[512];
                struct error err = {0};
                const char *stop = memchr(at, '\n', (size_t)(end - at));
                size_t size = (size_t)((stop != NULL ? stop : end) - at);
                size_t used = size < sizeof line - 1 ? size : sizeof line - 1;
                memcpy(line, at, used);
                line[used] = '\0';
                at += size + (stop != NULL);
                char *equals = strchr(line, '=');
                if (equals == NULL)
                        continue;
                *equals = '\0';
                if (!event_filter_set(&filter, line, equals + 1, &err))
                        assert(err.kind == ERROR_INPUT && err.text[0] != '\0');
                if (strcmp(line, "cursor") == 0)
                        try_cursor(equals + 1);
        }
        assert_bounds(&filter);
        return 0;
}
