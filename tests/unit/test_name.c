#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/camera.h"
#include "model/kind.h"
#include "parse/name.h"

/* The time as text, "-" if none, with what it was read from; a year not known is 0000. */
static void time_text(const char *path, char out[static 40])
{
        struct path_parts parts;
        struct named_time time;
        char formatted[UTC_TEXT_SIZE];
        path_split(path, strlen(path), &parts);
        name_time(&parts, &time);
        if (time.form == NAMED_NO_TIME) {
                snprintf(out, 40, "-");
                return;
        }
        struct civil civil = time.civil;
        if (time.form == NAMED_ORDERLESS || time.form == NAMED_GUESSED)
                civil.year = 2000;
        struct utc as_utc = time.form == NAMED_MOMENT ? time.utc : civil_as_utc(&civil);
        utc_format(as_utc, formatted);
        formatted[23] = '\0';
        if (time.form == NAMED_YEARLESS)
                memcpy(formatted, "0000", 4);
        if (time.form == NAMED_ORDERLESS)
                memcpy(formatted, "XXXX", 4);
        snprintf(out, 40, "%s%s %s", formatted, time.form == NAMED_MOMENT ? "Z" : "",
                 time_source_word(time.source));
}

static void times_of_all_rules(void **state)
{
        (void)state;
        static const struct {
                const char *path;
                const char *time;
        } cases[] = {
                /* As cameras write them (CAMERAS.md). */
                {"2022/11/15/camera-a_01_20221115233531.jpg", "2022-11-15T23:35:31.000 name"},
                {"192.168.1.64_01_20200105114524095_MOTION_DETECTION.jpg",
                 "2020-01-05T11:45:24.095 name"},
                {"AMC0028V_795UUB/2018-08-24/001/jpg/22/27/22[M][0@0][0].jpg",
                 "2018-08-24T22:27:22.000 path"},
                {"x/2023-08-03/001/jpg/08/25.03[M][0@0][0].jpg", "2023-08-03T08:25:03.000 path"},
                {"FoscamCamera_00626EFE8B21/snap/MDAlarm_20260925-021400.jpg",
                 "2026-09-25T02:14:00.000 name"},
                {"p_20050107180653_1_pre.jpg", "2005-01-07T18:06:53.000 name"},
                {"00-18-ae-a8-da-2a\\VFD\\2021-01-09\\14\\VFD_2021-01-09-14-05-06-123_001.jpg",
                 "2021-01-09T14:05:06.123 name"},
                {"Img_2010-08-10/Snap_103130_021_1.jpg", "2010-08-10T10:31:30.000 path"},
                {"00_50_1a_02_2c_be/05-23/09/09_08_27.trig-01.jpg", "0000-05-23T09:08:27.000 path"},
                {"camera/00_34_33:e3:b4:81/2016-01-01/23/23_01.trig+00.jpg",
                 "2016-01-01T23:23:01.000 path"},
                {"14_10_39.1400510841748.trig-02.jpg", "2014-05-19T14:47:21.748Z name"},
                {"2014-05-19/10.30.14.trig-3.jpg.1", "2014-05-19T10:30:14.000 path"},
                {"DCS-932L2013012317181301.jpg", "2013-01-23T17:18:13.000 name"},
                {"cam11071206071301.jpg", "2011-07-12T06:07:13.000 name"},
                {"20171007/images/A17100701101200.jpg", "2017-10-07T01:10:12.000 name"},
                {"image23-01-01_12-00-00-05_0001.jpg", "XXXX-01-01T12:00:00.050 name"},
                /* Of a clock with twelve hours, and with a zone. */
                {"2026-09-25 02-14-00 PM.jpg", "2026-09-25T14:14:00.000 name"},
                {"20260925_121400am_1.jpg", "2026-09-25T00:14:00.000 name"},
                {"20260925121400PM.jpg", "2026-09-25T12:14:00.000 name"},
                {"2026-09-25/02.14.00 PM.jpg", "2026-09-25T14:14:00.000 path"},
                {"2026-09-25_14-14-00_PM.jpg", "2026-09-25T14:14:00.000 name"},
                {"2026-09-25_02-14-00_pmx.jpg", "2026-09-25T02:14:00.000 name"},
                {"20260925T021400Z.jpg", "2026-09-25T02:14:00.000Z name"},
                {"20260925021400123Z_1.jpg", "2026-09-25T02:14:00.123Z name"},
                {"20260925T021400Zoo.jpg", "2026-09-25T02:14:00.000 name"},
                {"2026-09-25_02-14-00_UTC.jpg", "2026-09-25T02:14:00.000Z name"},
                {"2026-09-25_02-14-00 GMT+2.jpg", "2026-09-25T02:14:00.000 name"},
                {"2026-09-25T02:14:00.500+02:00.jpg", "2026-09-25T00:14:00.500Z name"},
                {"20260925T021400+0530.jpg", "2026-09-24T20:44:00.000Z name"},
                {"20260925T021400-05:00.jpg", "2026-09-25T07:14:00.000Z name"},
                {"20260925T021400-0500.jpg", "2026-09-25T02:14:00.000 name"}, /* a counter */
                {"20260925T021400+0007.jpg", "2026-09-25T02:14:00.000 name"},
                {"05-23/02-14-00 PM Z.jpg", "0000-05-23T14:14:00.000 path"},
                /* The generic rule, form by form. */
                {"20140519101112131.jpg", "2014-05-19T10:11:12.131 name"},
                {"a19991231235959b.jpg", "1999-12-31T23:59:59.000 name"},
                {"20140519@101112.jpg", "2014-05-19T10:11:12.000 name"},
                {"x-20140519T101112131-y.jpg", "2014-05-19T10:11:12.131 name"},
                {"2014-05-19 10.11.12.jpg", "2014-05-19T10:11:12.000 name"},
                {"2014-05-19_10:11:12.345.jpg", "2014-05-19T10:11:12.345 name"},
                {"2014-05-19@10-11-12.jpg", "2014-05-19T10:11:12.000 name"},
                {"2014-05-19T10_11_12_1.jpg", "2014-05-19T10:11:12.000 name"},
                {"20140519_10-11-12.jpg", "2014-05-19T10:11:12.000 name"},
                {"2014-05-19 gate 10.11.12.jpg", "2014-05-19T10:11:12.000 name"},
                {"20140519/10-11-12.jpg", "2014-05-19T10:11:12.000 path"},
                {"2014/05/19/101112.jpg", "2014-05-19T10:11:12.000 path"},
                {"201405/19/x101112131.jpg", "2014-05-19T10:11:12.131 path"},
                {"2014-05/19/10/11/12.jpg", "2014-05-19T10:11:12.000 path"},
                {"2014/05/19/10/11-12.jpg", "2014-05-19T10:11:12.000 path"},
                {"2014/05/19/10/x.101112.jpg", "2014-05-19T10:11:12.000 path"},
                {"02-29/01_02_03.jpg", "0000-02-29T01:02:03.000 path"},
                /* The deepest date of several, and one with a year before one without. */
                {"2013-01-01/2014-05-19/10-11-12.jpg", "2014-05-19T10:11:12.000 path"},
                {"2014-05-19/10-11/10-11-12.jpg", "2014-05-19T10:11:12.000 path"},
                /* A later rule when the fields of an earlier one cannot be. */
                {"20141319101112_20140519-101112.jpg", "2014-05-19T10:11:12.000 name"},
                {"2014-05-19/99_99_99_10_11_12.jpg", "2014-05-19T10:11:12.000 path"},
                {"2014-05-19/20141301101112.10_11_12.jpg", "2014-05-19T10:11:12.000 path"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                char text[40];
                time_text(cases[i].path, text);
                if (strcmp(text, cases[i].time) != 0)
                        fail_msg("%s: %s, not %s", cases[i].path, text, cases[i].time);
        }
}

static void what_is_no_time(void **state)
{
        (void)state;
        static const char *const paths[] = {
                "",
                "image.jpg",
                "09_08_27.trig-01.jpg", /* no date at all */
                "2014-05-19/image.jpg",
                "2014-05-19/10/image.jpg",
                "20140230101112.jpg", /* no such day */
                "20140519241112.jpg", /* no such hour */
                "20140519106012.jpg",
                "20140519101160.jpg",
                "00000519101112.jpg",
                "201405191011120.jpg", /* 15 digits */
                "2014051910111.jpg",
                "1201405191011123.jpg",
                "x20140519101112131415.jpg",     /* 20 digits */
                "2014-05-19/10.20.30.40_01.jpg", /* an address */
                "2014-05-19/192.168.10.20.jpg",
                "2014-05-19/09/101112.jpg", /* a counter: not of this hour */
                "17130701101200.jpg",       /* no such month */
                "19130701101200.jpg",       /* before there were clocks in cameras */
                "2400510841748.jpg",        /* 13 digits, not a moment to be believed */
                "02-30/01_02_03.jpg",
                "2014-13-19/10-11-12.jpg",
        };
        for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
                char text[40];
                time_text(paths[i], text);
                if (strcmp(text, "-") != 0)
                        fail_msg("\"%s\" was read as %s", paths[i], text);
        }
}

/* Each moment of a sample, written in each form, is read as what it was. */
static void every_form_round_trips(void **state)
{
        (void)state;
        for (int64_t ms = 946684800000; ms < 4000000000000;
             ms += INT64_C(86400000) * 61 + 3661001) {
                struct civil civil = utc_civil((struct utc){ms});
                char date[3][40];
                char wanted[40];
                char text[40];
                char path[120];
                int milli = civil.millisecond;
                snprintf(path, sizeof path, "a_%04d%02d%02d%02d%02d%02d%03d.jpg", civil.year,
                         civil.month, civil.day, civil.hour, civil.minute, civil.second, milli);
                utc_format((struct utc){ms}, date[0]);
                snprintf(wanted, sizeof wanted, "%.23s name", date[0]);
                time_text(path, text);
                assert_string_equal(text, wanted);
                snprintf(path, sizeof path, "%04d-%02d-%02d/%02d/%02d.%02d[M][0@0][0].jpg",
                         civil.year, civil.month, civil.day, civil.hour, civil.minute,
                         civil.second);
                utc_format((struct utc){ms - milli}, date[0]);
                snprintf(wanted, sizeof wanted, "%.23s path", date[0]);
                time_text(path, text);
                assert_string_equal(text, wanted);
                snprintf(path, sizeof path, "%04d/%02d/%02d/%02d/%02d/%02d.jpg", civil.year,
                         civil.month, civil.day, civil.hour, civil.minute, civil.second);
                time_text(path, text);
                assert_string_equal(text, wanted);
        }
}

static void the_year_is_that_of_the_newest_such_day(void **state)
{
        (void)state;
        static const struct {
                const char *received;
                int month, day, hour;
                int year; /* 0: none */
        } cases[] = {
                {"2014-05-23T14:08:28Z", 5, 23, 9, 2014},
                {"2015-01-01T00:00:05Z", 12, 31, 23, 2014},
                {"2014-12-31T23:30:00Z", 1, 1, 0, 2015}, /* a zone ahead of UTC */
                {"2014-05-21T14:00:00Z", 5, 23, 9, 2013},
                {"2014-05-22T14:00:00Z", 5, 23, 9, 2014},
                {"2015-03-01T00:00:00Z", 2, 29, 12, 2012},
                {"2024-02-29T12:00:00Z", 2, 29, 12, 2024},
                {"1905-01-01T00:00:00Z", 2, 29, 12, 1904},
                {"2014-05-23T14:08:28Z", 2, 30, 9, 0},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct utc received;
                struct civil civil = {
                        .month = cases[i].month, .day = cases[i].day, .hour = cases[i].hour};
                assert_true(
                        utc_parse(cases[i].received, strlen(cases[i].received), &received, NULL));
                assert_int_equal(name_infer_year(&civil, received), cases[i].year != 0);
                if (cases[i].year != 0)
                        assert_int_equal(civil.year, cases[i].year);
        }
}

static void triggers(void **state)
{
        (void)state;
        static const struct {
                const char *name;
                bool found;
                int trigger;
        } cases[] = {
                {"09_08_27.trig-01.jpg", true, -1},
                {"09_08_27.trig+00.jpg", true, 0},
                {"x.trig-00.jpg", true, 0},
                {"10.30.16.trig+0.jpg", true, 0},
                {"trig+3.jpg.1", true, 3},
                {"trig-8", true, -8},
                {"trig.trig+12.jpg", true, 12},
                {"p_20050107180653_1_pre.jpg", true, -1},
                {"p_20050107180653_4_trg.jpg", true, 0},
                {"p_20050107180653_5_pos.jpg", true, 1},
                {"garden_pre.jpg", false, 0},
                {"_pre.jpg", false, 0},
                {"trig.jpg", false, 0},
                {"trig+.jpg", false, 0},
                {"trig+1234.jpg", false, 0},
                {"trigger-01.jpg", false, 0},
                {"image-01.jpg", false, 0},
                {"", false, 0},
                {"trig-", false, 0},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                int trigger = 99;
                bool found = name_trigger(cases[i].name, strlen(cases[i].name), &trigger);
                assert_int_equal(found, cases[i].found);
                assert_int_equal(trigger, found ? cases[i].trigger : 99);
        }
}

static void whose_picture_it_is(void **state)
{
        (void)state;
        static const struct {
                const char *path;
                const char *mac;  /* NULL: none */
                const char *name; /* NULL: none */
        } cases[] = {
                {"00_50_1a_02_2c_be/05-23/09/x.jpg", "00:50:1a:02:2c:be", NULL},
                {"camera/00_34_33:e3:b4:81/2016/x.jpg", "00:34:33:e3:b4:81", "camera"},
                {"00-18-AE-A8-DA-2A\\VFD\\x.jpg", "00:18:ae:a8:da:2a", NULL},
                {"00501a022cbe/x.jpg", "00:50:1a:02:2c:be", NULL},
                {"FoscamCamera_00626EFE8B21/snap/x.jpg", "00:62:6e:fe:8b:21",
                 "FoscamCamera_00626EFE8B21"},
                {"00626E4A1234(Hof)_0_20120101120000_1.jpg", "00:62:6e:4a:12:34", NULL},
                {"x/00501a022cbe.jpg", NULL, "x"}, /* names of files are not folders */
                {"AMC0028V_795UUB/2018-08-24/x.jpg", NULL, "AMC0028V_795UUB"},
                {"AMC0028V_795UUB/2018-08-24/001/jpg/22/27/22[M][0@0][0].jpg", NULL,
                 "AMC0028V_795UUB"},
                {"AMC0028V_795UUB/2018-08-24/002/jpg/22/27/22[M][0@0][0].jpg", NULL,
                 "AMC0028V_795UUB_002"},
                /* From the file's name, where no folder says it. */
                {"192.168.1.64_01_20200105114524095_MOTION_DETECTION.jpg", NULL, "192.168.1.64"},
                {"192.168.1.64_03_20200105114524095_MOTION_DETECTION.jpg", NULL, "192.168.1.64_03"},
                {"2022/11/15/camera-a_01_20221115233531.jpg", NULL, "camera-a"},
                {"2022/11/15/camera-a_00_20221115233531.jpg", NULL, "camera-a"},
                {"2022/11/15/Hof_02_Home Hub_20221115233531.jpg", NULL, "Hof"},
                {"hub/Hof_02_Home Hub_20221115233531.jpg", NULL, "hub"},
                {"a_12_b_01_20221115233531.jpg", NULL, "a_12_b"},
                {"image_01_20221115233531.jpg", NULL, NULL},
                {"test_01_20221115233531.jpg", NULL, NULL},
                {"_01_20221115233531.jpg", NULL, NULL},
                {"\xb4\xf3_01_20221115233531.jpg", NULL, "%B4%F3"},
                {"gate_01_99991315233531.jpg", NULL, NULL}, /* no time */
                {"gate_001_20221115233531.jpg", NULL, NULL},
                {"camera_test1668/test.jpg", NULL, NULL},
                {"camera_test/test.jpg", NULL, "camera_test"},
                {"Hof & Garten/a.jpg", NULL, "Hof & Garten"},
                {"./gate/a.jpg", NULL, "gate"},
                {"a.jpg", NULL, NULL},
                {"2018-08-24/a.jpg", NULL, NULL},
                {"20171007/images/a.jpg", NULL, NULL},
                {"05-23/a.jpg", NULL, NULL},
                {"23/a.jpg", NULL, NULL},
                {"Img_2010-08-10/a.jpg", NULL, NULL},
                {"images/a.jpg", NULL, NULL},
                {"Snap/a.jpg", NULL, NULL},
                {"Sensor1/a.jpg", NULL, NULL},
                {"202211152335/a.jpg", NULL, NULL},      /* twelve digits are a time */
                {"01-50-1a-02-2c-be/a.jpg", NULL, NULL}, /* an address of a group */
                {"/srv/gate/a.jpg", NULL, NULL},         /* where the root is is not known */
                {"\xb4\xf3 1/a.jpg", NULL, "%B4%F3 1"},
                {"bad\nname/a.jpg", NULL, NULL},
                {"a name that is longer than sixty-three bytes is not a camera's name/a.jpg", NULL,
                 NULL},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct path_parts parts;
                uint8_t mac[6];
                char mac_text[MAC_TEXT_SIZE] = "";
                char name[FACTS_NAME_SIZE] = "";
                path_split(cases[i].path, strlen(cases[i].path), &parts);
                if (name_mac(&parts, mac))
                        mac_format(mac, mac_text);
                if (strcmp(mac_text, cases[i].mac != NULL ? cases[i].mac : "") != 0)
                        fail_msg("%s: MAC %s", cases[i].path, mac_text);
                bool named = name_camera(&parts, name);
                if (named != (cases[i].name != NULL) || (named && strcmp(name, cases[i].name) != 0))
                        fail_msg("%s: name %s", cases[i].path, name);
        }
}

static void kinds_in_words(void **state)
{
        (void)state;
        static const struct {
                const char *path;
                uint64_t kinds;
        } cases[] = {
                {"1.2.3.4_01_20200105114524095_MOTION_DETECTION.jpg", KIND_BIT(KIND_MOTION)},
                {"1.2.3.4_01_20200105114524095_LINE_CROSSING_DETECTION.jpg", KIND_BIT(KIND_LINE)},
                {"1.2.3.4_01_20200105114524095_FACE_DETECTION.jpg", KIND_BIT(KIND_FACE)},
                {"1.2.3.4_01_20200105114524095_MOTION_DETECTION_2.jpg", 0},
                {"s/2018-08-24/001/jpg/22/27/22[M][0@0][0].jpg", KIND_BIT(KIND_MOTION)},
                {"s/2018-08-24/001/jpg/22/27/22[R][0@0][0].jpg", KIND_BIT(KIND_TIMER)},
                {"s/2018-08-24/001/jpg/22/27/22[A][0@0][0].jpg", KIND_BIT(KIND_ALARM)},
                {"s/2018-08-24/001/jpg/22/27/22[I][0@0][1].jpg", KIND_BIT(KIND_SMART)},
                {"snap/MDAlarm_20260925-021400.jpg", KIND_BIT(KIND_MOTION)},
                {"snap/HMDAlarm_20260925-021400.jpg", KIND_BIT(KIND_HUMAN)},
                {"snap/Schedule_20260925-021400.jpg", KIND_BIT(KIND_TIMER)},
                {"snap/Schedule_.jpg", 0},
                {"20171007/images/A17100701101200.jpg", KIND_BIT(KIND_ALARM)},
                {"20171007/images/P17100701101200.jpg", KIND_BIT(KIND_TIMER)},
                {"20171007/A17100701101200.jpg", 0},
                {"cam/ActDet/x.jpg", KIND_BIT(KIND_MOTION)},
                {"cam/Sensor1/x.jpg", KIND_BIT(KIND_INPUT)},
                {"cam/Timer/x.jpg", KIND_BIT(KIND_TIMER)},
                {"cam/Timer", 0},
                {"09_08_27.trig+00.jpg", 0}, /* a place in a burst says nothing of why */
                {"test-101112.jpg", KIND_BIT(KIND_TEST)},
                {"FTPTEST.jpg", KIND_BIT(KIND_TEST)},
                {"contest.jpg", 0},
                {"tester.jpg", 0},
                {"", 0},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct path_parts parts;
                path_split(cases[i].path, strlen(cases[i].path), &parts);
                if (name_kinds(&parts) != cases[i].kinds)
                        fail_msg("%s: %llx", cases[i].path, (unsigned long long)name_kinds(&parts));
        }
}

/* Three numbers are the date that is close to when the picture came. */
static void dates_in_any_order(void **state)
{
        (void)state;
        static const struct {
                const char *name;
                const char *received;
                const char *date; /* NULL: stays open */
        } cases[] = {
                {"05-11-22_12-00-00.jpg", "2022-11-05T12:00:05Z", "2022-11-05"},
                {"05-11-22_12-00-00.jpg", "2022-05-11T12:00:05Z", "2022-05-11"},
                {"05-11-22_12-00-00.jpg", "2005-11-22T12:00:05Z", "2005-11-22"},
                {"05-11-22_12-00-00.jpg", "2026-01-01T12:00:05Z", "2005-11-22"},
                {"image23-01-01_12-00-00-05_0001.jpg", "2023-01-01T12:00:01Z", "2023-01-01"},
                {"05-11-2022_12-00-00.jpg", "2022-11-05T12:00:05Z", "2022-11-05"},
                {"05-11-2022_12-00-00.jpg", "2022-05-11T12:00:05Z", "2022-05-11"},
                {"05-11-2022_12-00-00.jpg", "2026-01-01T12:00:05Z", NULL},
                {"25-11-2022_12-00-00.jpg", "2026-01-01T12:00:05Z", "2022-11-25"},
                {"11-25-2022_12-00-00.jpg", "2026-01-01T12:00:05Z", "2022-11-25"},
                {"25-25-2022_12-00-00.jpg", "2026-01-01T12:00:05Z", NULL},
                /* Without signs between them they may be anything. */
                {"221105120000.jpg", "2022-11-05T12:00:05Z", "2022-11-05"},
                {"snap_221105_120000.jpg", "2022-11-05T12:00:05Z", "2022-11-05"},
                {"snap_051122_120000.jpg", "2022-11-05T12:00:05Z", "2022-11-05"},
                {"221105120000.jpg", "2022-11-08T12:00:05Z", NULL},
                {"snap_221105_120000.jpg", "2026-11-05T12:00:05Z", NULL},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct path_parts parts;
                struct named_time time;
                struct utc received;
                char text[UTC_TEXT_SIZE] = "-";
                path_split(cases[i].name, strlen(cases[i].name), &parts);
                name_time(&parts, &time);
                assert_true(time.form == NAMED_ORDERLESS || time.form == NAMED_GUESSED);
                assert_true(
                        utc_parse(cases[i].received, strlen(cases[i].received), &received, NULL));
                bool found = name_order_date(&time, received);
                if (found)
                        utc_format(civil_as_utc(&time.civil), text);
                if (found != (cases[i].date != NULL) ||
                    (found && strncmp(text, cases[i].date, 10) != 0))
                        fail_msg("%s at %s: %s", cases[i].name, cases[i].received, text);
        }
}

static void parts_of_paths(void **state)
{
        (void)state;
        struct path_parts parts;
        path_split("//a\\.\\b/../c//d.jpg/", 20, &parts);
        assert_int_equal(parts.count, 4);
        assert_memory_equal(parts.parts[0].at, "a", 1);
        assert_memory_equal(parts.parts[3].at, "d.jpg", 5);
        assert_false(parts.from_root);
        path_split("", 0, &parts);
        assert_int_equal(parts.count, 0);
        char *many = malloc(100000);
        assert_non_null(many);
        for (size_t i = 0; i < 100000; i++)
                many[i] = i % 2 == 0 ? 'a' : '/';
        path_split(many, 100000, &parts);
        assert_int_equal(parts.count, PATH_PARTS);
        assert_false(parts.from_root);
        memset(many, 'a', 100000);
        path_split(many, 100000, &parts);
        assert_int_equal(parts.count, 1);
        assert_int_equal(parts.parts[0].length, PATH_BYTES);
        assert_false(parts.from_root);
        free(many);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(times_of_all_rules),
                cmocka_unit_test(what_is_no_time),
                cmocka_unit_test(every_form_round_trips),
                cmocka_unit_test(the_year_is_that_of_the_newest_such_day),
                cmocka_unit_test(triggers),
                cmocka_unit_test(whose_picture_it_is),
                cmocka_unit_test(kinds_in_words),
                cmocka_unit_test(dates_in_any_order),
                cmocka_unit_test(parts_of_paths),
        };
        return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
