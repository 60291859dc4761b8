#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/camera.h"
#include "parse/path_template.h"

static struct path_template *compiled(const char *text)
{
        struct path_template *out = NULL;
        struct error err = {0};
        if (!path_template_compile(text, strlen(text), &out, &err))
                fail_msg("%s", err.text);
        return out;
}

/* Time, MAC and name found, as text; "miss" if the path does not fit. */
static void match_text(const char *text, const char *path, char *out, size_t size)
{
        struct path_template *path_template = compiled(text);
        struct templated found;
        char time[UTC_TEXT_SIZE] = "-";
        char mac[MAC_TEXT_SIZE] = "-";
        if (!path_template_match(path_template, path, strlen(path), &found)) {
                snprintf(out, size, "miss");
                path_template_free(&path_template);
                return;
        }
        if (found.time.form == NAMED_MOMENT) {
                utc_format(found.time.utc, time);
        } else if (found.time.form != NAMED_NO_TIME) {
                utc_format(civil_as_utc(&found.time.civil), time);
                time[19] = '\0';
                if (found.time.form == NAMED_YEARLESS)
                        memcpy(time, "0000", 4);
        }
        if (found.has_mac)
                mac_format(found.mac, mac);
        snprintf(out, size, "%s %s %s %s", time,
                 found.time.form == NAMED_NO_TIME ? "-" : time_source_word(found.time.source), mac,
                 found.camera_name[0] != '\0' ? found.camera_name : "-");
        path_template_free(&path_template);
        assert_null(path_template);
}

static void reads_what_templates_made(void **state)
{
        (void)state;
        static const char usual[] = "$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN";
        static const char yearless[] = "$SH/$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN";
        static const struct {
                const char *text;
                const char *path;
                const char *found;
        } cases[] = {
                {usual, "00_50_1a_02_2c_be/2014-05-23/09/09_08_27.trig-01.jpg",
                 "2014-05-23T09:08:27 path 00:50:1a:02:2c:be -"},
                {usual, "/share/a/b//00:50:1A:02:2C:BE\\2014-05-23/09/09.08.27.trig-01.jpg.1",
                 "2014-05-23T09:08:27 path 00:50:1a:02:2c:be -"},
                {yearless, "00_50_1a_02_2c_be/05-23/09/09_08_27.trig-01.jpg",
                 "0000-05-23T09:08:27 path 00:50:1a:02:2c:be -"},
                {yearless, "00_50_1a_02_2c_be/02-29/09/09_08_27.trig-01.jpg",
                 "0000-02-29T09:08:27 path 00:50:1a:02:2c:be -"},
                {"$ST.$MSE.$FN", "14_10_39.1400510841748.trig-02.jpg",
                 "2014-05-19T14:47:21.748Z name - -"},
                {"$SN/$SD(%F)/$SD(%H)/$SD(%M)_$SD(%S).$FN", "gate/2016-01-01/23/23_01.trig+00.jpg",
                 "2016-01-01T23:23:01 path - gate"},
                {"/cams/$SN_$SD(%Y%m%d)/$ST.$FN", "x/cams/Hof_1_20160101/23_23_01.trig+00.jpg",
                 "2016-01-01T23:23:01 path - Hof_1"},
                {"$SD/$ST.$FN", "Wed Feb 03 2010/01_02_03.x.jpg", "2010-02-03T01:02:03 path - -"},
                {"$SD/$ST.$FN", "Wed_Feb_03_2010/01_02_03.x.jpg", "2010-02-03T01:02:03 path - -"},
                {"$SD(%y%b%d-%I%M%S%p).$FN", "99Dec31-120000AM.jpg",
                 "1999-12-31T00:00:00 name - -"},
                {"$SD(%y%B%d-%I.%M.%p).$FN", "10february03-12.30.PM.jpg",
                 "2010-02-03T12:30:00 name - -"},
                {"$SD(%Y.%j)/$SD(%T).$FN", "2012.366/23:59:59.jpg", "2012-12-31T23:59:59 path - -"},
                {"$SD(%Y.%j)/$SD(%T).$FN", "2013.366/23:59:59.jpg", "- - - -"},
                {"$SD(%A %e %b %Y %k:%M).$FN", "Monday  5 May 2014  7_08.x.jpg",
                 "2014-05-05T07:08:00 name - -"},
                {"$SD(%s)$O(1.2.3.4)-$FN", "1400510841xyz-1.jpg",
                 "2014-05-19T14:47:21.000Z name - -"},
                {"$SI/$SC-$SP-$SV-$SM/$SD(%F_%T)-$FN", "10_0_0_1/a-b-c-d/2014-05-19_10_11_12-x",
                 "2014-05-19T10:11:12 name - -"},
                {"$$$SN/$FN", "$gate/x.jpg", "- - - gate"},
                {"$SN/$FN", "bad /x.jpg", "- - - -"}, /* a blank at the end: no name */
                /* Not a time: fields that cannot be, or not enough of them. */
                {usual, "00_50_1a_02_2c_be/2014-02-30/09/09_08_27.trig-01.jpg",
                 "- - 00:50:1a:02:2c:be -"},
                {usual, "00_50_1a_02_2c_be/2014-05-23/09/09_08_61.trig-01.jpg",
                 "- - 00:50:1a:02:2c:be -"},
                {"$SD(%F)/$SD(%I)/$SD(%M).$FN", "2014-05-23/13/10.x.jpg", "- - - -"},
                {"$SD(%F)/$FN", "2014-05-23/x.jpg", "- - - -"},
                /* Misses. */
                {usual, "2014-05-23/09/09_08_27.trig-01.jpg", "miss"},
                {usual, "", "miss"},
                {usual, "00_50_1a_02_2c_be/2014-05-23/09/09_08_27", "miss"},
                {usual, "00_50_1a_02_2c_be/2014-05-23/09/09_08_27.", "miss"},
                {usual, "00_50_1a_02_2c_be/2014-05-23/09/more/09_08_27.x.jpg", "miss"},
                {usual, "x00_50_1a_02_2c_be/2014-05-23/09/09_08_27.x.jpg", "miss"},
                {"$SN/a$FN", "gate/b.jpg", "miss"},
                {"$SI/$FN", "10.0.0.256/b.jpg", "miss"},
                {"$SI/$FN", "10.0.0/b.jpg", "miss"},
                {"$SN.jpg", "gate.jpgx", "miss"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                char found[200];
                match_text(cases[i].text, cases[i].path, found, sizeof found);
                if (strcmp(found, cases[i].found) != 0)
                        fail_msg("%s on %s: \"%s\", not \"%s\"", cases[i].text, cases[i].path,
                                 found, cases[i].found);
        }
}

static void says_what_is_wrong_and_where(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                const char *word;
        } cases[] = {
                {"", "empty"},
                {"$", "at byte 1"},
                {"$SH/$XY", "at byte 5"},
                {"$SD(%Y", "at byte 4"},
                {"$SD(%", "at byte 5"},
                {"$SD(%)", "at byte 5"},
                {"ab$SD(%Q)", "at byte 8"},
                {"a/b", "no variable"},
                {"$SH/", "no file name"},
                {"$O(1.2", "at byte 3"},
                {"$SN$SN$SN$SN$SN$SN$SN$SN$SN", "free text"},
                {"$SN\n", "control"},
                {"$FN/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z", "folders"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct path_template *out = NULL;
                struct error err = {0};
                assert_false(
                        path_template_compile(cases[i].text, strlen(cases[i].text), &out, &err));
                assert_null(out);
                assert_int_equal(err.kind, ERROR_INPUT);
                if (strstr(err.text, cases[i].word) == NULL)
                        fail_msg("\"%s\": %s", cases[i].text, err.text);
        }
        char text[TEMPLATE_BYTES + 1];
        memset(text, 'a', sizeof text);
        memcpy(text, "$FN", 3);
        struct path_template *out = NULL;
        assert_false(path_template_compile(text, TEMPLATE_BYTES, &out, NULL));
        assert_true(path_template_compile(text, TEMPLATE_BYTES - 1, &out, NULL));
        path_template_free(&out);
}

/* Each prefix of a template compiles or says why; no part of a path that fits fits. */
static void prefixes(void **state)
{
        (void)state;
        static const char text[] = "$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN.jpg";
        static const char path[] = "00_50_1a_02_2c_be/2014-05-23/09/09_08_27.trig-01.jpg";
        for (size_t length = 0; length < sizeof text; length++) {
                struct path_template *out = NULL;
                struct error err = {0};
                if (!path_template_compile(text, length, &out, &err))
                        assert_int_equal(err.kind, ERROR_INPUT);
                path_template_free(&out);
        }
        struct path_template *whole = compiled(text);
        struct templated found;
        for (size_t length = 0; length + 1 < sizeof path; length++) {
                char *part = malloc(length > 0 ? length : 1);
                assert_non_null(part);
                memcpy(part, path, length);
                assert_false(path_template_match(whole, part, length, &found));
                free(part);
        }
        assert_true(path_template_match(whole, path, sizeof path - 1, &found));
        path_template_free(&whole);
}

/* Texts side by side on a path made for them: without a bound this would take years. */
static void takes_bounded_steps(void **state)
{
        (void)state;
        struct path_template *path_template = compiled("$SCa$SPa$SVa$SMa$FNa$SCa$SPa$SVb");
        char path[1000];
        memset(path, 'a', sizeof path);
        struct mono start = mono_now();
        struct templated found;
        for (int i = 0; i < 100; i++)
                assert_false(path_template_match(path_template, path, sizeof path, &found));
        assert_true(mono_now().ns - start.ns < INT64_C(5000000000));
        path[sizeof path - 1] = 'b';
        assert_true(path_template_match(path_template, path, sizeof path, &found));
        path_template_free(&path_template);
}

/* What the usual template makes of any moment is read back as that moment. */
static void any_moment_round_trips(void **state)
{
        (void)state;
        struct path_template *path_template =
                compiled("$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN");
        for (int64_t ms = 0; ms < 4102444800000; ms += INT64_C(86400000) * 13 + 7654000) {
                struct civil civil = utc_civil((struct utc){ms});
                char path[100];
                struct templated found;
                snprintf(path, sizeof path,
                         "00_50_1a_02_2c_be/%04d-%02d-%02d/%02d/%02d_%02d_%02d.x", civil.year,
                         civil.month, civil.day, civil.hour, civil.hour, civil.minute,
                         civil.second);
                assert_true(path_template_match(path_template, path, strlen(path), &found));
                assert_int_equal(found.time.form, NAMED_CIVIL);
                assert_int_equal(civil_as_utc(&found.time.civil).ms, ms);
        }
        path_template_free(&path_template);
}

/* The pieces as "year=2014 ...", or where it stops: "path@template wanted". */
static void explain_text(const char *text, const char *path, char *out, size_t size)
{
        struct path_template *path_template = compiled(text);
        struct template_reading reading;
        size_t used = 0;
        out[0] = '\0';
        path_template_explain(path_template, path, strlen(path), &reading);
        if (!reading.fits)
                snprintf(out, size, "%zu@%zu %s%s%c", reading.stops_at, reading.template_at,
                         reading.wanted, reading.literal != 0 ? " " : "",
                         reading.literal != 0 ? reading.literal : '\0');
        for (size_t i = 0; reading.fits && i < reading.count; i++) {
                const struct template_piece *piece = &reading.pieces[i];
                used += (size_t)snprintf(out + used, size - used, "%s%s=%.*s", i > 0 ? " " : "",
                                         piece->means, (int)piece->length, path + piece->at);
        }
        path_template_free(&path_template);
}

static void explains_what_it_finds(void **state)
{
        (void)state;
        static const char usual[] = "$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN";
        static const struct {
                const char *text;
                const char *path;
                const char *found;
        } rows[] = {
                {usual, "00_50_1a_02_2c_be/2014-05-23/09/09_08_27.trig-01.jpg",
                 "mac=00_50_1a_02_2c_be year=2014 month=05 day=23 hour=09 hour=09 minute=08 "
                 "second=27 text=trig-01.jpg"},
                /* As the path was given: folders before it, slashes doubled, backslashes. */
                {usual, "//up/ab//00501a022cbe\\2014-05-23//09/09:08:27.x",
                 "mac=00501a022cbe year=2014 month=05 day=23 hour=09 hour=09 minute=08 second=27 "
                 "text=x"},
                {"$SN_$MSE.jpg", "front_gate_1400854100529.jpg",
                 "name=front_gate epoch-ms=1400854100529"},
                {usual, "front/2014-05-23/09/09_08_27.trig-01.jpg", "0@0 mac"},
                {usual, "00_50_1a_02_2c_be/05-23/09/09_08_27.trig-01.jpg", "18@4 year"},
                {usual, "00_50_1a_02_2c_be/2014_05_23/09/09_08_27.jpg", "22@11 literal -"},
                {usual, "00_50_1a_02_2c_be/2014-05-23/09/09_08.jpg", "38@36 second"},
                {usual, "2014-05-23/09/09_08_27.jpg", "0@0 folder"},
                {"$SN.$MSE", "yard.123x", "8@4 end"},
                {"a$FN.jpg", "abc.png", "4@5 literal j"},
                {"x/$FN", "x/", "0@0 folder"},
        };
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                char out[300];
                explain_text(rows[i].text, rows[i].path, out, sizeof out);
                if (strcmp(out, rows[i].found) != 0)
                        fail_msg("%s of %s: %s, not %s", rows[i].text, rows[i].path, out,
                                 rows[i].found);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_what_templates_made),
                cmocka_unit_test(says_what_is_wrong_and_where),
                cmocka_unit_test(prefixes),
                cmocka_unit_test(explains_what_it_finds),
                cmocka_unit_test(takes_bounded_steps),
                cmocka_unit_test(any_moment_round_trips),
        };
        return cmocka_run_group_tests_name("path_template", tests, NULL, NULL);
}
