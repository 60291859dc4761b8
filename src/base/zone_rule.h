#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The POSIX TZ rule that ends a time zone file and holds for the time after its table (RFC 9636,
 * section 3.3.1): "CST6CDT,M3.2.0,M11.1.0". Pure, any bytes at all.
 */
enum zone_day_form {
        ZONE_DAY_JULIAN, /* Jn: 1 .. 365, the leap day is never counted */
        ZONE_DAY_ZERO,   /* n: 0 .. 365, the leap day is counted */
        ZONE_DAY_MONTH   /* Mm.w.d: week w (5: the last) of month m, weekday d */
};

struct zone_day {
        enum zone_day_form form;
        int month, week, weekday;
        int day;     /* of the first two forms */
        int seconds; /* after local midnight; may lie outside the day, by as much as a week */
};

struct zone_rule {
        int standard; /* seconds east of UTC */
        bool has_summer;
        int summer;
        struct zone_day start, end; /* of summer time */
};

/* A stretch of time with one offset: from <= t < to, in seconds since 1970. */
struct zone_stretch {
        int64_t from, to;
        int offset; /* seconds east of UTC */
};

bool zone_rule_parse(const char *text, size_t length, struct zone_rule *rule_out);

/* The stretch that holds the moment t. Years far outside 0 .. 9999 are one stretch of standard
 * time. */
struct zone_stretch zone_rule_at(const struct zone_rule *rule, int64_t t);
