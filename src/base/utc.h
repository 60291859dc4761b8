#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Time. A moment on the world's clock and a moment on this machine's steady clock are different
 * types that do not mix. Milliseconds are what cameras write, what the catalog stores and what the
 * API says, so nothing is rounded on the way. No floating point.
 */
struct utc {
        int64_t ms; /* since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX) */
};

struct mono {
        int64_t ns; /* CLOCK_MONOTONIC */
};

/* A time that is not known. */
#define UTC_NONE ((struct utc){INT64_MIN})

static inline bool utc_known(struct utc time)
{
        return time.ms != INT64_MIN;
}

/* Years 0000 to 9999 can be written; what lies outside is clamped by utc_format. */
#define UTC_MIN_MS INT64_C(-62167219200000)
#define UTC_MAX_MS INT64_C(253402300799999)

/* A date and a time of day without a zone, proleptic Gregorian calendar. */
struct civil {
        int year;        /* 0 .. 9999 */
        int month;       /* 1 .. 12 */
        int day;         /* 1 .. 31 */
        int hour;        /* 0 .. 23 */
        int minute;      /* 0 .. 59 */
        int second;      /* 0 .. 59 */
        int millisecond; /* 0 .. 999 */
};

/* True when each field is in its range and the day exists in its month. A second of 60 (a leap
 * second, which POSIX time has no place for) is not. */
bool civil_valid(const struct civil *civil);

/* Days from 1970-01-01 to the date; the date must be valid. */
int64_t civil_days(int year, int month, int day);

/* The moment the fields name when read as UTC; the fields must be valid. */
struct utc civil_as_utc(const struct civil *civil);

/* The fields of a moment in UTC; the moment is clamped to the years 0000 to 9999. */
struct civil utc_civil(struct utc time);

/* 0 Sunday .. 6 Saturday, of days since 1970-01-01. */
int weekday_of_days(int64_t days);

struct utc utc_now(void);
struct mono mono_now(void);

#define UTC_TEXT_SIZE 25

/* RFC 3339 in UTC with milliseconds, `2014-05-23T14:08:20.529Z`. */
void utc_format(struct utc time, char out[static UTC_TEXT_SIZE]);

/* Reads RFC 3339 (any offset, any number of fraction digits, cut to milliseconds; `t`, `z` and a
 * blank between date and time are accepted) or decimal milliseconds since 1970, as the API and the
 * command line take them. `text` need not be terminated. */
bool utc_parse(const char *text, size_t length, struct utc *time_out, struct error *err) MUST_CHECK;
