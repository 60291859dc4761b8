#pragma once

#include <stdlib.h>

#include "camera_bytes.h"
#include "parse/understand.h"

/* What the tests of whole pictures share; cmocka.h comes before it. */
static inline struct utc at(const char *text)
{
        struct utc time;
        assert_true(utc_parse(text, strlen(text), &time, NULL));
        return time;
}

static inline struct understand_context context_of(const char *path)
{
        return (struct understand_context){
                .path = path,
                .path_length = path != NULL ? strlen(path) : 0,
                .received = at("2022-11-16T00:00:00Z"),
                .now = at("2026-01-01T00:00:00Z"),
                .bytes = -1,
        };
}

static inline struct facts understand(const struct picture *picture,
                                      const struct understand_context *context)
{
        struct facts facts;
        uint8_t *copy = malloc(picture->length > 0 ? picture->length : 1);
        assert_non_null(copy);
        memcpy(copy, picture->bytes, picture->length);
        assert_int_equal(understand_head(copy, picture->length, true, context, &facts), 0);
        free(copy);
        return facts;
}

static inline void expect_time(const struct facts *facts, const char *time, enum time_source source)
{
        char text[UTC_TEXT_SIZE];
        utc_format(facts->time, text);
        assert_string_equal(text, time);
        assert_int_equal(facts->time_source, source);
}
