#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Reading digits in names. A number counts only as a whole run of digits, so that a serial number
 * is not taken for a part of a date. Nothing is terminated: `end` is behind the last byte.
 */
static inline bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static inline int number(const char *at, size_t digits)
{
        int value = 0;
        for (size_t i = 0; i < digits; i++)
                value = value * 10 + (at[i] - '0');
        return value;
}

/* Digits from `at` on, at most `end`. */
static inline size_t run_length(const char *at, const char *end)
{
        const char *start = at;
        while (at < end && is_digit(*at))
                at++;
        return (size_t)(at - start);
}

static inline bool is_one_of(const char *at, const char *end, const char *set)
{
        return at < end && *at != '\0' && strchr(set, *at) != NULL;
}

/* Two digits and no more at *at, then one of `joints` (none wanted if NULL). */
static inline bool take_pair(const char **at, const char *end, const char *joints, int *value_out)
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
