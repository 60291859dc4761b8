#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/utc.h"
#include "base/utf8.h"
#include "model/camera.h"
#include "model/frame.h"

static void text_that_does_not_fit_says_so(void **state)
{
        (void)state;
        char buffer[8];
        struct text text;
        text_init(&text, buffer, sizeof buffer);
        text_add_string(&text, "1234567");
        assert_true(text_ok(&text));
        text_add_char(&text, '8');
        assert_false(text_ok(&text));
        text_add_string(&text, "");
        assert_false(text_ok(&text));
        assert_string_equal(buffer, "1234567");
}

static void growing_text_stops_at_its_bound(void **state)
{
        (void)state;
        struct text text;
        text_init_growing(&text, 1000);
        for (int i = 0; i < 999; i++)
                text_add_char(&text, 'x');
        assert_true(text_ok(&text));
        assert_int_equal(strlen(text.bytes), 999);
        text_add_char(&text, 'x');
        assert_false(text_ok(&text));
        text_finish(&text);
}

static void utc_formats_what_it_parses(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int64_t ms;
        } cases[] = {
                {"1970-01-01T00:00:00.000Z", 0},
                {"2014-05-23T14:08:20.529Z", 1400854100529},
                {"2000-02-29T23:59:59.999Z", 951868799999},
                {"0000-01-01T00:00:00.000Z", UTC_MIN_MS},
                {"9999-12-31T23:59:59.999Z", UTC_MAX_MS},
                {"1969-12-31T23:59:59.999Z", -1},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct utc time;
                struct error err = {0};
                assert_true(utc_parse(cases[i].text, strlen(cases[i].text), &time, &err));
                assert_int_equal(time.ms, cases[i].ms);
                char out[UTC_TEXT_SIZE];
                utc_format(time, out);
                assert_string_equal(out, cases[i].text);
        }
}

static void utc_round_trips_every_day(void **state)
{
        (void)state;
        for (int64_t ms = UTC_MIN_MS; ms <= UTC_MAX_MS; ms += INT64_C(86400000)) {
                struct civil civil = utc_civil((struct utc){ms});
                assert_true(civil_valid(&civil));
                assert_int_equal(civil_as_utc(&civil).ms, ms);
        }
}

static void utc_parse_takes_offsets_and_milliseconds(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int64_t ms;
        } cases[] = {
                {"2014-05-23T09:08:20.529-05:00", 1400854100529},
                {"2014-05-23t14:08:20.5299z", 1400854100529},
                {"2014-05-23 14:08:20Z", 1400854100000},
                {"1400854100529", 1400854100529},
                {"-1", -1},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct utc time;
                struct error err = {0};
                assert_true(utc_parse(cases[i].text, strlen(cases[i].text), &time, &err));
                assert_int_equal(time.ms, cases[i].ms);
        }
}

static void utc_parse_refuses_the_rest(void **state)
{
        (void)state;
        static const char *const cases[] = {
                "",
                "-",
                "now",
                "2014-05-23",
                "2014-05-23T14:08:20",
                "2014-02-29T00:00:00Z",
                "2014-05-23T24:00:00Z",
                "2014-05-23T14:08:60Z",
                "2014-05-23T14:08:20.Z",
                "2014-05-23T14:08:20+24:00",
                "2014-05-23T14:08:20Zx",
                "99999999999999999999",
                "253402300800000",
                "1e3",
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct utc time = {42};
                struct error err = {0};
                assert_false(utc_parse(cases[i], strlen(cases[i]), &time, &err));
                assert_int_equal(err.kind, ERROR_INPUT);
                assert_int_equal(time.ms, 42);
        }
        const char *whole = "2014-05-23T14:08:20.529Z";
        for (size_t length = 5; length < strlen(whole); length++) { /* "2014" is milliseconds */
                struct utc time;
                assert_false(utc_parse(whole, length, &time, NULL));
        }
}

static void json_is_well_formed(void **state)
{
        (void)state;
        char buffer[512];
        struct text text;
        struct json json;
        text_init(&text, buffer, sizeof buffer);
        json_init(&json, &text);
        json_open_object(&json);
        json_add_string(&json, "name", "a\"b\\c\n\x01\xc3\xa9\xff");
        json_add_int(&json, "least", INT64_MIN);
        json_add_bool(&json, "yes", true);
        json_add_utc(&json, "when", UTC_NONE);
        json_name(&json, "windows");
        json_bit_numbers(&json, 0x24);
        json_name(&json, "seconds");
        json_open_array(&json);
        json_seconds(&json, 3000);
        json_seconds(&json, 2500);
        json_seconds(&json, 2345);
        json_seconds(&json, -5);
        json_close_array(&json);
        json_close_object(&json);
        assert_true(text_ok(&text));
        assert_string_equal(buffer, "{\"name\":\"a\\\"b\\\\c\\n\\u0001\xc3\xa9\xEF\xBF\xBD\","
                                    "\"least\":-9223372036854775808,\"yes\":true,\"when\":null,"
                                    "\"windows\":[3,6],\"seconds\":[3,2.5,2.345,-0.005]}");
}

static void utf8_refuses_what_rfc_3629_refuses(void **state)
{
        (void)state;
        assert_true(utf8_valid("\xf0\x9f\x93\xb7 caf\xc3\xa9", 10));
        static const char *const bad[] = {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                          "\x80",     "\xe2\x82",     "\xf8\x88\x80\x80\x80"};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_false(utf8_valid(bad[i], strlen(bad[i])));
}

static void frame_id_round_trips_and_refuses(void **state)
{
        (void)state;
        static const struct frame_key keys[] = {
                {{1}, {1400853934582}, 0}, {{INT32_MAX}, {-1}, UINT32_MAX}, {{7}, {UTC_MAX_MS}, 3}};
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
                char id[FRAME_ID_SIZE];
                struct frame_key key;
                frame_id_format(&keys[i], id);
                assert_true(frame_id_parse(id, strlen(id), &key, NULL));
                assert_int_equal(frame_key_compare(&key, &keys[i]), 0);
        }
        static const char *const bad[] = {"",        "1",      "1-2",     "1-2-",
                                          "-1-2-3",  "1-2-3x", "1--2--3", "1-2-99999999999",
                                          "../1-2-3"};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
                struct frame_key key;
                assert_false(frame_id_parse(bad[i], strlen(bad[i]), &key, NULL));
        }
}

static void macs_and_camera_names(void **state)
{
        (void)state;
        uint8_t mac[6];
        char out[MAC_TEXT_SIZE];
        static const char *const good[] = {"00_50_1a_02_2c_be", "00:50:1A:02:2C:BE",
                                           "00501a022cbe"};
        for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
                assert_true(mac_parse(good[i], strlen(good[i]), mac));
                mac_format(mac, out);
                assert_string_equal(out, "00:50:1a:02:2c:be");
        }
        assert_false(mac_parse("00_50_1a_02_2c", 14, mac));
        assert_false(mac_parse("00_50_1a_02_2c_be_", 18, mac));
        assert_false(mac_parse("00501a022cbg", 12, mac));
        assert_true(camera_name_valid("Hof & Garten"));
        assert_false(camera_name_valid(".."));
        assert_false(camera_name_valid(""));
        assert_false(camera_name_valid("a/b"));
        assert_false(camera_name_valid(" a"));
        assert_false(camera_name_valid("\xff"));
}

static void what_reaches_no_screen(void **state)
{
        (void)state;
        static const struct {
                const char *text, *tamed;
        } cases[] = {
                {"plain, \xc3\xa9, \xe2\x82\xac, \xf0\x9f\x90\x88", NULL},
                {"\xd9\x86\xe2\x80\x8c\xd8\xb1", NULL}, /* letters of Persian, kept apart */
                {"lat\xe9n", NULL},
                {"\x1b[31m\r\n\x7f", "?[31m???"},
                {"a\xc2\x9b"
                 "31m",
                 "a??31m"},
                {"a\x9b"
                 "31m",
                 "a?31m"},
                {"\xe2\x80\xaegpj.exe", "???gpj.exe"},
                {"a\xe2\x81\xa6z\xef\xbb\xbf", "a???z???"},
                {"line\xe2\x80\xa8", "line???"},
                {"\xe2\x80", "\xe2?"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                char text[64];
                struct error err = {0};
                snprintf(text, sizeof text, "%s", cases[i].text);
                utf8_tame(text, strlen(text));
                assert_string_equal(text, cases[i].tamed != NULL ? cases[i].tamed : cases[i].text);
                assert_false(error_set(&err, ERROR_INPUT, "%s", cases[i].text));
                assert_string_equal(err.text, text);
        }
}

/* The line of the log that `log` writes, without time and end. */
static void read_logged(void (*log)(const char *value), const char *value, char *out, size_t room)
{
        int pipes[2];
        int kept = dup(STDERR_FILENO);
        assert_return_code(pipe(pipes), 0);
        dup2(pipes[1], STDERR_FILENO);
        log(value);
        dup2(kept, STDERR_FILENO);
        close(kept);
        close(pipes[1]);
        ssize_t got = read(pipes[0], out, room);
        close(pipes[0]);
        assert_true(got > UTC_TEXT_SIZE);
        assert_int_equal(out[got - 1], '\n');
        assert_null(memchr(out, '\n', (size_t)got - 1));
        out[got - 1] = '\0';
        memmove(out, out + UTC_TEXT_SIZE, (size_t)got - UTC_TEXT_SIZE);
}

static void log_name(const char *value)
{
        log_warn("ftp", "quarantined", "owner=\"%s\" bytes=%zu%% n=%d:%llu:%ld why=\"%s\"", value,
                 (size_t)7, -3, 1ULL << 63, -5L, "none");
}

static void a_name_forges_no_field_of_the_log(void **state)
{
        (void)state;
        static const struct {
                const char *value, *shown;
        } cases[] = {
                {"yard", "yard"},
                {"a\" why=\"fine", "a\\\" why=\\\"fine"},
                {"a\\", "a\\\\"},
                {"a\\\" b=\"", "a\\\\\\\" b=\\\""},
                {"%s%n\x1b[31m\n", "%s%n?[31m?"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                char line[8192];
                char wanted[8192];
                read_logged(log_name, cases[i].value, line, sizeof line);
                snprintf(wanted, sizeof wanted,
                         "warn ftp quarantined owner=\"%s\" bytes=7%% n=-3:9223372036854775808:-5 "
                         "why=\"none\"",
                         cases[i].shown);
                assert_string_equal(line, wanted);
        }
        /* Too long a one is cut, and still a line. */
        static char line[8192];
        static char value[6000];
        memset(value, '"', sizeof value - 1);
        read_logged(log_name, value, line, sizeof line);
        assert_in_range(strlen(line), 4000, 4095);
}

static void a_flood_of_events_is_no_flood_of_lines(void **state)
{
        (void)state;
        const int64_t second = 1000000000;
        struct log_limit limit = {0};
        struct mono now = {.ns = 77 * second};
        int64_t unsaid = 0;
        int said = 0;
        for (int i = 0; i < 1000; i++)
                said += log_limit_take(&limit, now, &unsaid);
        assert_int_equal(said, LOG_AT_ONCE);
        assert_int_equal(unsaid, 0);
        now.ns += second;
        assert_true(log_limit_take(&limit, now, &unsaid));
        assert_int_equal(unsaid, 1000 - LOG_AT_ONCE);
        assert_false(log_limit_take(&limit, now, &unsaid));
        now.ns += 10 * second;
        for (said = 0; log_limit_take(&limit, now, &unsaid); said++)
                assert_int_equal(unsaid, said == 0 ? 1 : 0);
        assert_int_equal(said, 10);
        now.ns += 1000 * second;
        for (said = 0; log_limit_take(&limit, now, &unsaid); said++)
                ;
        assert_int_equal(said, LOG_AT_ONCE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(text_that_does_not_fit_says_so),
                cmocka_unit_test(growing_text_stops_at_its_bound),
                cmocka_unit_test(utc_formats_what_it_parses),
                cmocka_unit_test(utc_round_trips_every_day),
                cmocka_unit_test(utc_parse_takes_offsets_and_milliseconds),
                cmocka_unit_test(utc_parse_refuses_the_rest),
                cmocka_unit_test(json_is_well_formed),
                cmocka_unit_test(utf8_refuses_what_rfc_3629_refuses),
                cmocka_unit_test(frame_id_round_trips_and_refuses),
                cmocka_unit_test(macs_and_camera_names),
                cmocka_unit_test(what_reaches_no_screen),
                cmocka_unit_test(a_name_forges_no_field_of_the_log),
                cmocka_unit_test(a_flood_of_events_is_no_flood_of_lines),
        };
        return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
