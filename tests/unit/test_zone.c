#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ftw.h>
#include <time.h>

#include <cmocka.h>

#include "base/zone.h"
#include "base/zone_rule.h"

#define ZONES "/usr/share/zoneinfo/"

static struct utc at(const char *text)
{
        struct utc time;
        assert_true(utc_parse(text, strlen(text), &time, NULL));
        return time;
}

/* A local time is written as if it were UTC. */
static void expect(const char *name, const char *local, enum zone_fit fit, const char *first,
                   const char *later)
{
        struct zone *zone = NULL;
        struct error err = {0};
        if (!zone_load(name, &zone, &err))
                fail_msg("%s", err.text);
        struct civil civil = utc_civil(at(local));
        struct utc utc = UTC_NONE;
        struct utc second = UTC_NONE;
        assert_int_equal(zone_utc(zone, &civil, &utc, &second), fit);
        assert_int_equal(utc.ms, at(first).ms);
        assert_int_equal(second.ms, at(later).ms);
        struct utc alone = UTC_NONE;
        assert_int_equal(zone_utc(zone, &civil, &alone, NULL), fit);
        assert_int_equal(alone.ms, utc.ms);
        zone_free(&zone);
        assert_null(zone);
}

/* cmocka's skip() is a failure in the protocol that meson reads. */
static bool zones_missing(void)
{
        struct zone *zone = NULL;
        if (!zone_load("America/Chicago", &zone, NULL)) {
                print_message("# skipped: no time zone files on this machine\n");
                return true;
        }
        zone_free(&zone);
        return false;
}

static void hours_that_happen_twice_or_never(void **state)
{
        (void)state;
        if (zones_missing())
                return;
        expect("America/Chicago", "2014-05-23T09:08:27.907Z", ZONE_UNIQUE,
               "2014-05-23T14:08:27.907Z", "2014-05-23T14:08:27.907Z");
        expect("America/Chicago", "2014-11-02T01:30:00Z", ZONE_TWICE, "2014-11-02T06:30:00Z",
               "2014-11-02T07:30:00Z");
        expect("America/Chicago", "2014-11-02T00:59:59.999Z", ZONE_UNIQUE,
               "2014-11-02T05:59:59.999Z", "2014-11-02T05:59:59.999Z");
        expect("America/Chicago", "2014-11-02T01:00:00Z", ZONE_TWICE, "2014-11-02T06:00:00Z",
               "2014-11-02T07:00:00Z");
        expect("America/Chicago", "2014-11-02T02:00:00Z", ZONE_UNIQUE, "2014-11-02T08:00:00Z",
               "2014-11-02T08:00:00Z");
        expect("America/Chicago", "2014-03-09T02:30:00Z", ZONE_SKIPPED, "2014-03-09T08:30:00Z",
               "2014-03-09T08:30:00Z");
        expect("America/Chicago", "2014-03-09T03:00:00Z", ZONE_UNIQUE, "2014-03-09T08:00:00Z",
               "2014-03-09T08:00:00Z");
        expect("Europe/Berlin", "2026-10-25T02:30:00Z", ZONE_TWICE, "2026-10-25T00:30:00Z",
               "2026-10-25T01:30:00Z");
        expect("Australia/Sydney", "2026-10-04T02:15:00Z", ZONE_SKIPPED, "2026-10-03T16:15:00Z",
               "2026-10-03T16:15:00Z");
        /* Half an hour of summer time. */
        expect("Australia/Lord_Howe", "2026-04-05T01:45:00Z", ZONE_TWICE, "2026-04-04T14:45:00Z",
               "2026-04-04T15:15:00Z");
        expect("Australia/Lord_Howe", "2026-04-05T01:29:00Z", ZONE_UNIQUE, "2026-04-04T14:29:00Z",
               "2026-04-04T14:29:00Z");
        expect("Australia/Lord_Howe", "2026-10-04T02:10:00Z", ZONE_SKIPPED, "2026-10-03T15:40:00Z",
               "2026-10-03T15:40:00Z");
        expect("Asia/Kathmandu", "2026-01-01T00:00:00Z", ZONE_UNIQUE, "2025-12-31T18:15:00Z",
               "2025-12-31T18:15:00Z");
        /* A day that Samoa left out. */
        expect("Pacific/Apia", "2011-12-30T12:00:00Z", ZONE_SKIPPED, "2011-12-30T22:00:00Z",
               "2011-12-30T22:00:00Z");
        /* Past the table, by the rule. */
        expect("America/New_York", "2099-07-04T12:00:00Z", ZONE_UNIQUE, "2099-07-04T16:00:00Z",
               "2099-07-04T16:00:00Z");
        expect("America/New_York", "2099-11-01T01:30:00Z", ZONE_TWICE, "2099-11-01T05:30:00Z",
               "2099-11-01T06:30:00Z");
        expect("Europe/Dublin", "2050-07-01T12:00:00Z", ZONE_UNIQUE, "2050-07-01T11:00:00Z",
               "2050-07-01T11:00:00Z");
}

static void utc_needs_no_files(void **state)
{
        (void)state;
        expect("UTC", "2014-05-23T09:08:27.907Z", ZONE_UNIQUE, "2014-05-23T09:08:27.907Z",
               "2014-05-23T09:08:27.907Z");
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
        (void)state;
        static const char *const names[] = {
                "",
                "/etc/passwd",
                "../zoneinfo/UTC",
                "Europe/../UTC",
                "Europe/",
                "Europe//Berlin",
                "/UTC",
                "Europe/Berlin ",
                "Europe\\Berlin",
                "No/Where",
                "Europe",
                "tzdata.zi",
                "America/Chicago\n",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        };
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                struct zone *zone = NULL;
                struct error err = {0};
                if (zone_load(names[i], &zone, &err))
                        fail_msg("\"%s\" was taken", names[i]);
                assert_null(zone);
                assert_int_equal(err.kind, ERROR_INPUT);
        }
}

/* ---- all zones of the machine against the C library ---- */

static int zones_held;

static void hold_moment(const struct zone *zone, const char *name, int64_t t)
{
        struct tm tm;
        time_t library_time = (time_t)t;
        localtime_r(&library_time, &tm);
        int offset = zone_offset(zone, (struct utc){t * 1000});
        if (offset != tm.tm_gmtoff)
                fail_msg("%s at %lld: %d, the C library says %ld", name, (long long)t, offset,
                         tm.tm_gmtoff);
        struct civil civil = zone_civil(zone, (struct utc){t * 1000});
        if (civil.year != tm.tm_year + 1900 || civil.month != tm.tm_mon + 1 ||
            civil.day != tm.tm_mday || civil.hour != tm.tm_hour || civil.minute != tm.tm_min ||
            civil.second != tm.tm_sec)
                fail_msg("%s at %lld: wrong fields", name, (long long)t);
        struct utc first;
        struct utc later;
        enum zone_fit fit = zone_utc(zone, &civil, &first, &later);
        bool one_of = first.ms == t * 1000 || later.ms == t * 1000;
        if (fit == ZONE_SKIPPED || !one_of || (fit == ZONE_UNIQUE && first.ms != later.ms))
                fail_msg("%s at %lld: its local time does not lead back", name, (long long)t);
}

/* The second before a change and the one at it. */
static void hold_change(const struct zone *zone, const char *name, int64_t low, int64_t high)
{
        int before = zone_offset(zone, (struct utc){low * 1000});
        while (high - low > 1) {
                int64_t middle = low + (high - low) / 2;
                if (zone_offset(zone, (struct utc){middle * 1000}) == before)
                        low = middle;
                else
                        high = middle;
        }
        hold_moment(zone, name, low);
        hold_moment(zone, name, high);
        struct civil wall = zone_civil(zone, (struct utc){low * 1000});
        struct utc first;
        struct utc later;
        int after = zone_offset(zone, (struct utc){high * 1000});
        if (after > before) { /* a gap begins one second after */
                struct utc gap = civil_as_utc(&wall);
                gap.ms += 1000;
                wall = utc_civil(gap);
                assert_int_equal(zone_utc(zone, &wall, &first, &later), ZONE_SKIPPED);
                assert_int_equal(first.ms, high * 1000);
        } else if (after < before) {
                assert_int_equal(zone_utc(zone, &wall, &first, &later), ZONE_TWICE);
                assert_int_equal(first.ms, low * 1000);
                assert_int_equal(later.ms, (low + before - after) * 1000);
        }
}

static int hold_file(const char *path, const struct stat *status, int type, struct FTW *walk)
{
        (void)status;
        (void)walk;
        const char *name = path + strlen(ZONES);
        if (type != FTW_F || strchr(name, '.') != NULL || strncmp(name, "leap", 4) == 0)
                return 0;
        struct zone *zone = NULL;
        struct error err = {0};
        if (name[0] >= 'a' && name[0] <= 'z') { /* right/, posix/, localtime: not names of IANA's */
                assert_false(zone_load(name, &zone, &err));
                return 0;
        }
        if (!zone_load(name, &zone, &err))
                fail_msg("%s", err.text);
        setenv("TZ", name, 1);
        tzset();
        static const int64_t step = 9 * 86400 + 12345;
        int64_t end = at("2101-01-01T00:00:00Z").ms / 1000;
        for (int64_t t = 0; t < end; t += step) {
                hold_moment(zone, name, t);
                if (zone_offset(zone, (struct utc){t * 1000}) !=
                    zone_offset(zone, (struct utc){(t + step) * 1000}))
                        hold_change(zone, name, t, t + step);
        }
        zone_free(&zone);
        zones_held++;
        return 0;
}

static void all_zones_agree_with_the_c_library(void **state)
{
        (void)state;
        if (zones_missing())
                return;
        assert_int_equal(nftw(ZONES, hold_file, 8, FTW_PHYS), 0);
        unsetenv("TZ");
        tzset();
        print_message("# %d zones held against the C library\n", zones_held);
        assert_true(zones_held > 300);
}

/* ---- hostile and odd files ---- */

static size_t read_zone(const char *path, uint8_t *buffer, size_t size)
{
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size_t length = fread(buffer, 1, size, file);
        fclose(file);
        return length;
}

static void no_part_of_a_file_is_taken_for_the_whole(void **state)
{
        (void)state;
        if (zones_missing())
                return;
        uint8_t buffer[8192];
        size_t length = read_zone(ZONES "America/Chicago", buffer, sizeof buffer);
        struct zone *zone = NULL;
        assert_true(zone_parse(buffer, length, &zone, NULL));
        zone_free(&zone);
        for (size_t i = 0; i < length; i++) {
                uint8_t *part = malloc(i > 0 ? i : 1);
                assert_non_null(part);
                memcpy(part, buffer, i);
                struct error err = {0};
                assert_false(zone_parse(part, i, &zone, &err));
                assert_int_equal(err.kind, ERROR_INPUT);
                assert_null(zone);
                free(part);
        }
}

static void damaged_files_do_no_harm(void **state)
{
        (void)state;
        if (zones_missing())
                return;
        uint8_t buffer[8192];
        size_t length = read_zone(ZONES "Europe/Dublin", buffer, sizeof buffer);
        uint32_t random = 12345;
        for (int i = 0; i < 20000; i++) {
                uint8_t *copy = malloc(length);
                assert_non_null(copy);
                memcpy(copy, buffer, length);
                for (int k = 0; k < 3; k++) {
                        random = random * 1664525 + 1013904223;
                        copy[random % length] = (uint8_t)(random >> 24);
                }
                struct zone *zone = NULL;
                if (zone_parse(copy, length, &zone, NULL)) {
                        struct civil civil = zone_civil(zone, (struct utc){1400510841748});
                        assert_true(civil_valid(&civil));
                        struct utc utc;
                        (void)zone_utc(zone, &civil, &utc, NULL);
                        zone_free(&zone);
                }
                free(copy);
        }
}

/* A file as RFC 9636 has it, of one type and a rule only. */
static struct zone *zone_of_rule(const char *rule)
{
        static const uint8_t header_1[44] = {'T', 'Z', 'i', 'f', '2', [39] = 1, [43] = 1};
        uint8_t bytes[256] = {0};
        size_t at_byte = 0;
        for (int i = 0; i < 2; i++) {
                memcpy(bytes + at_byte, header_1, sizeof header_1);
                at_byte += sizeof header_1 + 7; /* one type of offset 0, one byte of names */
        }
        bytes[at_byte++] = '\n';
        memcpy(bytes + at_byte, rule, strlen(rule));
        at_byte += strlen(rule);
        bytes[at_byte++] = '\n';
        struct zone *zone = NULL;
        struct error err = {0};
        if (!zone_parse(bytes, at_byte, &zone, &err))
                fail_msg("%s: %s", rule, err.text);
        return zone;
}

/* Version 1, two changes at 1000 and 2000 s, to the types 1 (an hour) and 0. */
#define TWO_CHANGES                                                                                \
        "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                                                     \
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\x02\0\0\0\x04"                                   \
        "\0\0\x03\xe8\0\0\x07\xd0\x01\x00"                                                         \
        "\0\0\0\0\0\0\0\0\x0e\x10\x01\0UTC"

static void tables_that_cannot_be(void **state)
{
        (void)state;
        static const struct {
                size_t at;
                uint8_t byte;
        } faults[] = {
                {44 + 8, 2},         /* a type one past the last */
                {44 + 9, 0xff},      /* and far past it */
                {44 + 4 + 2, 0x03},  /* a change before the one before it */
                {44 + 10, 0x7f},     /* an offset of years */
                {44 + 10 + 6, 0xff}, /* and of years to the west */
                {44 + 10 + 10, 2},   /* summer time that is neither yes nor no */
                {31, 1},             /* leap seconds, and no bytes for them */
                {39, 0},             /* no type at all */
                {35, 3},             /* more changes than there are */
        };
        uint8_t bytes[] = TWO_CHANGES; /* its NUL is the last of the names */
        struct zone *zone = NULL;
        struct error err = {0};
        if (!zone_parse(bytes, sizeof bytes, &zone, &err))
                fail_msg("%s", err.text);
        assert_int_equal(zone_offset(zone, (struct utc){999999}), 0);
        assert_int_equal(zone_offset(zone, (struct utc){1000000}), 3600);
        assert_int_equal(zone_offset(zone, (struct utc){1999999}), 3600);
        assert_int_equal(zone_offset(zone, (struct utc){2000000}), 0);
        zone_free(&zone);
        for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
                uint8_t before = bytes[faults[i].at];
                bytes[faults[i].at] = faults[i].byte;
                if (zone_parse(bytes, sizeof bytes, &zone, &err))
                        fail_msg("fault %zu was taken", i);
                assert_null(zone);
                bytes[faults[i].at] = before;
        }
}

static void rules_of_all_forms(void **state)
{
        (void)state;
        static const struct {
                const char *rule;
                const char *time;
                int offset;
        } cases[] = {
                {"<+0330>-3:30", "2026-07-01T00:00:00Z", 12600},
                {"XXX3", "2026-07-01T00:00:00Z", -10800},
                {"AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z", 0}, /* J60 is 1 March always */
                {"AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", 3600},
                {"AAA0BBB,J60/0,J300/0", "2023-03-01T00:00:00Z", 3600},
                {"AAA0BBB,59/0,300/0", "2024-02-29T00:00:00Z", 3600}, /* 59 counts the leap day */
                {"AAA0BBB,59/0,300/0", "2023-02-28T23:59:59Z", 0},
                {"AAA0BBB,59/0,300/0", "2023-03-01T00:00:00Z", 3600},
                {"XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", -14400}, /* summer all year */
                {"XXX3EDT4,0/0,J365/23", "2026-12-31T23:59:59Z", -14400},
                {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z",
                 0}, /* Dublin: less in winter */
                {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3600},
                {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200}, /* Nuuk */
                {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600},
                {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-27T23:59:59Z", 7200}, /* Gaza once */
                {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 10800},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct zone *zone = zone_of_rule(cases[i].rule);
                if (zone_offset(zone, at(cases[i].time)) != cases[i].offset)
                        fail_msg("%s at %s: %d", cases[i].rule, cases[i].time,
                                 zone_offset(zone, at(cases[i].time)));
                zone_free(&zone);
        }
}

static void rules_that_are_none(void **state)
{
        (void)state;
        static const char *const cases[] = {
                "",
                "AB3",
                "ABC",
                "ABC26",
                "<+03>",
                "<>3",
                "ABC3:60",
                "ABC3DEF",
                "ABC3DEF,",
                "ABC3DEF,M1.1",
                "ABC3DEF,M13.1.0,M1.1.0",
                "ABC3DEF,M3.2.0,M11.1.7",
                "ABC3DEF,M3.6.0,M11.1.0",
                "ABC3DEF,J0,J1",
                "ABC3DEF,J366,J1",
                "ABC3DEF,366,1",
                "ABC3DEF,M3.2.0/168,M11.1.0",
                "ABC3DEF,M3.2.0,M11.1.0x",
                "ABC99999999999999999999",
                "ABC3DEF26,M3.2.0,M11.1.0",
                "ABC3DE4,M3.2.0,M11.1.0",
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct zone_rule rule;
                if (zone_rule_parse(cases[i], strlen(cases[i]), &rule))
                        fail_msg("\"%s\" was taken", cases[i]);
        }
        const char *whole = "ABC3DEF4,M3.2.0/2:30,M11.1.0/-1";
        struct zone_rule rule;
        assert_true(zone_rule_parse(whole, strlen(whole), &rule));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(hours_that_happen_twice_or_never),
                cmocka_unit_test(utc_needs_no_files),
                cmocka_unit_test(names_that_lead_elsewhere_are_refused),
                cmocka_unit_test(all_zones_agree_with_the_c_library),
                cmocka_unit_test(no_part_of_a_file_is_taken_for_the_whole),
                cmocka_unit_test(damaged_files_do_no_harm),
                cmocka_unit_test(tables_that_cannot_be),
                cmocka_unit_test(rules_of_all_forms),
                cmocka_unit_test(rules_that_are_none),
        };
        return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
