#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "camera_bytes.h"
#include "model/kind.h"
#include "parse/iqeye.h"
#include "parse/json_scan.h"

static bool read_image(const char *json, struct facts *facts, struct utc *time)
{
        struct error err = {0};
        facts_init(facts);
        /* A block of its size, so that a sanitizer sees a read behind it. */
        size_t length = strlen(json);
        uint8_t *copy = malloc(length > 0 ? length : 1);
        assert_non_null(copy);
        memcpy(copy, json, length);
        bool done = iqeye_image(copy, length, facts, time, &err);
        free(copy);
        if (!done) {
                assert_int_equal(err.kind, ERROR_INPUT);
                assert_true(err.text[0] != '\0');
        }
        return done;
}

static void identity_with_and_without_a_tail(void **state)
{
        (void)state;
        static const char tail[] = IQEYE_IDENTITY "exacq1400510841.748exacq";
        struct facts facts;
        struct utc stamp = UTC_NONE;
        assert_int_equal(sizeof tail - 1, 31);
        for (int i = 0; i < 2; i++) {
                facts_init(&facts);
                assert_true(iqeye_identity((const uint8_t *)tail, i == 0 ? 7 : 31, &facts, &stamp));
                assert_true(facts.has_mac);
                assert_memory_equal(facts.mac, "\x00\x50\x1a\x02\x2c\xbe", 6);
                assert_int_equal(facts.model_code, 0x3b);
                assert_string_equal(facts.model, "IQeye7xx");
                assert_int_equal(stamp.ms, i == 0 ? UTC_NONE.ms : 1400510841748);
        }
        facts_init(&facts);
        assert_true(
                iqeye_identity((const uint8_t *)"\x00\x50\x1a\xff\xff\xff\x99", 7, &facts, &stamp));
        assert_memory_equal(facts.mac, "\x00\x50\x1a\xff\xff\xff", 6);
        assert_int_equal(facts.model_code, 0x99);
        assert_string_equal(facts.model, "");
        for (size_t length = 0; length < 7; length++) {
                facts_init(&facts);
                assert_false(iqeye_identity((const uint8_t *)tail, length, &facts, &stamp));
                assert_false(facts.has_mac);
        }
        assert_false(
                iqeye_identity((const uint8_t *)"\x00\x50\x1b\x02\x2c\xbe\x3b", 7, &facts, &stamp));
}

static void models_by_their_codes(void **state)
{
        (void)state;
        assert_string_equal(iqeye_model(0x29), "IQeye3xx");
        assert_string_equal(iqeye_model(0x2c), "IQeye6xx");
        assert_string_equal(iqeye_model(0x3c), "IQeye5xx");
        assert_string_equal(iqeye_model(0x4d), "IQeye8xx");
        assert_string_equal(iqeye_model(0x5b), "IQeye 4 Series");
        assert_string_equal(iqeye_model(0x6a), "IQ06");
        assert_null(iqeye_model(0x30));
        assert_null(iqeye_model(-1));
}

static void reads_what_cameras_write(void **state)
{
        (void)state;
        struct facts facts;
        struct utc time;
        assert_true(read_image(IQEYE_MOTION, &facts, &time));
        assert_int_equal(time.ms, 1400510841748);
        assert_int_equal(facts.sequence, 529057);
        assert_int_equal(facts.kinds, KIND_BIT(KIND_MOTION));
        assert_int_equal(facts.windows, 2);
        assert_string_equal(facts.words, "");
        assert_true(read_image(IQEYE_NONE, &facts, &time));
        assert_int_equal(time.ms, 1408160269221);
        assert_int_equal(facts.sequence, 2542282);
        assert_int_equal(facts.kinds, KIND_BIT(KIND_NONE));
        assert_int_equal(facts.windows, 0);
}

static void keeps_unknown_words_and_passes_over_members(void **state)
{
        (void)state;
        struct facts facts;
        struct utc time;
        assert_true(read_image(
                " { \"IQimage\" :\t{ \"x\" : {\"a\":[1,{\"b\":\"}]\\\"\"},[]],\"c\":{}} ,"
                " \"event\" : [ \"input\" , \"door\\u00e9\" , \"timer\", \"a\\nb\", "
                "\"door\\u00e9\" ] ,"
                " \"n\":-1.5e+3, \"t\":true, \"motionWindows\":[8,1,64],"
                " \"sequence\":9223372036854775807, \"time\":1400510841748.9 } , \"more\":null "
                "}\r\n",
                &facts, &time));
        assert_int_equal(facts.kinds, KIND_BIT(KIND_INPUT) | KIND_BIT(KIND_TIMER));
        assert_string_equal(facts.words, "door\xc3\xa9\na_b");
        assert_int_equal(facts.windows, UINT64_C(1) << 63 | 0x81);
        assert_int_equal(facts.sequence, INT64_MAX);
        assert_int_equal(time.ms, 1400510841748);
        assert_true(read_image("{\"IQimage\":{}}", &facts, &time));
        assert_false(utc_known(time));
        assert_int_equal(facts.sequence, -1);
}

static void words_without_end_do_not_overrun(void **state)
{
        (void)state;
        struct facts facts;
        struct utc time;
        char json[4000] = "{\"IQimage\":{\"event\":[\"first\"";
        for (int i = 0; i < 200; i++)
                snprintf(json + strlen(json), sizeof json - strlen(json), ",\"word%d\"", i);
        strncat(json, ",\"motion\"]}}", sizeof json - strlen(json) - 1);
        assert_true(read_image(json, &facts, &time));
        assert_true(strlen(facts.words) < sizeof facts.words);
        assert_memory_equal(facts.words, "first\nword0\n", 12);
        assert_int_equal(facts.kinds, KIND_BIT(KIND_MOTION));
}

/* What came whole before the place where it breaks is kept; nothing of a member cut short is. */
static void each_prefix_is_broken_and_true(void **state)
{
        (void)state;
        const char *json = IQEYE_MOTION;
        struct facts facts;
        struct utc time;
        char part[sizeof IQEYE_MOTION];
        for (size_t length = 0; length + 1 < sizeof part; length++) {
                memcpy(part, json, length);
                part[length] = '\0';
                assert_false(read_image(part, &facts, &time));
                assert_true(!utc_known(time) || time.ms == 1400510841748);
                assert_true(facts.sequence == -1 || facts.sequence == 529057);
                assert_true(facts.windows == 0 || facts.windows == 2);
        }
}

static void refuses_what_is_wrong(void **state)
{
        (void)state;
        static const char *const cases[] = {
                "{\"IQimage\":[]}",
                "{\"IQimages\":{}}",
                "{\"IQimage\":{\"time\":\"1400510841748\"}}",
                "{\"IQimage\":{\"time\":14005108417x}}",
                "{\"IQimage\":{\"time\":1.4e12}}",
                "{\"IQimage\":{\"time\":999999999999999999}}",
                "{\"IQimage\":{\"time\":99999999999999999999}}",
                "{\"IQimage\":{\"time\":-}}",
                "{\"IQimage\":{\"sequence\":-5}}",
                "{\"IQimage\":{\"sequence\":9223372036854775808}}",
                "{\"IQimage\":{\"event\":\"motion\"}}",
                "{\"IQimage\":{\"event\":[motion]}}",
                "{\"IQimage\":{\"event\":[\"motion\"}}",
                "{\"IQimage\":{\"event\":[\"motion\",]}}",
                "{\"IQimage\":{\"motionWindows\":[0]}}",
                "{\"IQimage\":{\"motionWindows\":[65]}}",
                "{\"IQimage\":{\"motionWindows\":[-1]}}",
                "{\"IQimage\":{\"a\":1,}}",
                "{\"IQimage\":{\"a\"}}",
                "{\"IQimage\":{\"a\":}}",
                "{\"IQimage\":{\"a\":\"\x01\"}}",
                "{\"IQimage\":{}",
                "{\"IQimage\":{}}x",
                "[]",
        };
        struct facts facts;
        struct utc time;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                if (read_image(cases[i], &facts, &time))
                        fail_msg("%s was taken", cases[i]);
                assert_false(utc_known(time));
                assert_int_equal(facts.sequence, -1);
        }
}

static void deep_nesting_ends(void **state)
{
        (void)state;
        char json[300];
        struct facts facts;
        struct utc time;
        memset(json, '[', sizeof json);
        memcpy(json, "{\"IQimage\":{\"a\":", 16);
        json[sizeof json - 1] = '\0';
        assert_false(read_image(json, &facts, &time));
}

static void escapes(void **state)
{
        (void)state;
        static const struct {
                const char *in;
                const char *out;
        } cases[] = {
                {"plain", "plain"},
                {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
                {"\\u00e9\\u20ac\\ud83d\\ude00", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
                {"\\ud83d", "\xef\xbf\xbd"},
                {"\\ude00x", "\xef\xbf\xbdx"},
                {"\\u12", "\xef\xbf\xbd"
                          "12"},
                {"\\q", "\xef\xbf\xbd"},
                {"\xff\xc3\xa9", "\xef\xbf\xbd\xc3\xa9"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                char buffer[64];
                struct text text;
                text_init(&text, buffer, sizeof buffer);
                json_scan_unescape(cases[i].in, strlen(cases[i].in), &text);
                assert_true(text_ok(&text));
                assert_string_equal(buffer, cases[i].out);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(identity_with_and_without_a_tail),
                cmocka_unit_test(models_by_their_codes),
                cmocka_unit_test(reads_what_cameras_write),
                cmocka_unit_test(keeps_unknown_words_and_passes_over_members),
                cmocka_unit_test(words_without_end_do_not_overrun),
                cmocka_unit_test(each_prefix_is_broken_and_true),
                cmocka_unit_test(refuses_what_is_wrong),
                cmocka_unit_test(deep_nesting_ends),
                cmocka_unit_test(escapes),
        };
        return cmocka_run_group_tests_name("iqeye", tests, NULL, NULL);
}
