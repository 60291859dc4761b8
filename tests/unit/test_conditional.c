#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/conditional.h"
#include "serve/encoding.h"

static void dates_round_trip(void **state)
{
        (void)state;
        char text[HTTP_DATE_SIZE];
        struct utc time;
        http_date_format((struct utc){784111777000}, text);
        assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
        for (int64_t ms = 0; ms < INT64_C(4102444800000); ms += INT64_C(86399999) * 13) {
                http_date_format((struct utc){ms}, text);
                assert_true(http_date_parse(text, &time));
                assert_int_equal(time.ms, ms / 1000 * 1000);
        }
}

static void dates_of_other_forms_are_ignored(void **state)
{
        (void)state;
        const char good[] = "Sun, 06 Nov 1994 08:49:37 GMT";
        struct utc time = {42};
        for (size_t length = 0; length < sizeof good - 1; length++) {
                char prefix[sizeof good];
                snprintf(prefix, sizeof prefix, "%.*s", (int)length, good);
                assert_false(http_date_parse(prefix, &time));
        }
        assert_false(http_date_parse("Sunday, 06-Nov-94 08:49:37 GMT", &time));
        assert_false(http_date_parse("Sun Nov  6 08:49:37 1994", &time));
        assert_false(http_date_parse("Sun, 31 Feb 1994 08:49:37 GMT", &time));
        assert_false(http_date_parse("Sun, 06 Nov 1994 25:49:37 GMT", &time));
        assert_false(http_date_parse("Sun, 06 Nov 1994 08:49:37 CET", &time));
        assert_false(http_date_parse("Sun, 06 Nov 1994 08:49:37 GMTx", &time));
        assert_int_equal(time.ms, 42);
}

static void tags_are_compared_weakly(void **state)
{
        (void)state;
        assert_true(etag_list_has("\"a\"", "\"a\""));
        assert_true(etag_list_has("W/\"a\"", "\"a\""));
        assert_true(etag_list_has("\"a\"", "W/\"a\""));
        assert_true(etag_list_has("\"x\", W/\"a\" ,\"b\"", "\"a\""));
        assert_true(etag_list_has("\"x,y\",\"a\"", "\"a\""));
        assert_true(etag_list_has(" * ", "\"a\""));
        assert_false(etag_list_has("\"a", "\"a\""));
        assert_false(etag_list_has("a", "\"a\""));
        assert_false(etag_list_has("\"ab\"", "\"a\""));
        assert_false(etag_list_has("", "\"a\""));
        assert_false(etag_list_has("\"b\" \"a\"", "\"a\""));
        assert_false(etag_list_has("*, \"b\"", "\"a\""));
}

/* What a range of a body means, the slow and obvious way: which bytes were asked for. */
static void check_range(int first, int last, int whole)
{
        char range[64];
        char first_text[16] = "";
        char last_text[16] = "";
        if (first >= 0)
                snprintf(first_text, sizeof first_text, "%d", first);
        if (last >= 0)
                snprintf(last_text, sizeof last_text, "%d", last);
        snprintf(range, sizeof range, "bytes=%s-%s", first_text, last_text);
        bool wanted[16] = {false};
        int count = 0;
        int start = -1;
        for (int i = 0; i < whole; i++) {
                if (first >= 0)
                        wanted[i] = i >= first && (last < 0 || i <= last);
                else
                        wanted[i] = i >= whole - last;
                if (wanted[i] && start < 0)
                        start = i;
                count += wanted[i];
        }
        struct conditions conditions = {.range = range};
        struct validators validators = {.etag = "\"a\"", .modified = UTC_NONE, .length = whole};
        int64_t offset = -1;
        int64_t length = -1;
        enum condition got = condition_decide(&conditions, &validators, &offset, &length);
        bool malformed = (first < 0 && last < 0) || (first >= 0 && last >= 0 && last < first);
        if (malformed) {
                assert_int_equal(got, CONDITION_WHOLE);
        } else if (count == 0) {
                assert_int_equal(got, CONDITION_NOT_SATISFIED);
        } else {
                assert_int_equal(got, CONDITION_PART);
                assert_int_equal(offset, start);
                assert_int_equal(length, count);
        }
}

static void every_small_range_is_right(void **state)
{
        (void)state;
        for (int whole = 0; whole <= 10; whole++) {
                for (int first = -1; first <= 12; first++) {
                        for (int last = -1; last <= 12; last++)
                                check_range(first, last, whole);
                }
        }
}

static enum condition decide(const struct conditions *conditions)
{
        struct validators validators = {.etag = "\"a\"", .modified = {784111777500}, .length = 100};
        int64_t offset;
        int64_t length;
        return condition_decide(conditions, &validators, &offset, &length);
}

static void odd_ranges_give_the_whole(void **state)
{
        (void)state;
        static const char *const odd[] = {
                "bytes=0-1,3-4", "bytes=a-b", "bytes=--1", "bytes=1", "lines=0-1",  "bytes=0-1x",
                "bytes=0 -1",    "bytes= ",   "",          "bytes=-", "bytes=+1-2", "bytes=0x1-2"};
        for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
                assert_int_equal(decide(&(struct conditions){.range = odd[i]}), CONDITION_WHOLE);
        assert_int_equal(decide(&(struct conditions){.range = "bytes=99999999999999999999999999-"}),
                         CONDITION_NOT_SATISFIED);
        assert_int_equal(
                decide(&(struct conditions){.range = "bytes=0-99999999999999999999999999"}),
                CONDITION_PART);
}

static void conditions_are_taken_in_the_order_of_the_rfc(void **state)
{
        (void)state;
        const char *same = "Sun, 06 Nov 1994 08:49:37 GMT";
        const char *before = "Sun, 06 Nov 1994 08:49:36 GMT";
        assert_int_equal(decide(&(struct conditions){.if_modified_since = same}),
                         CONDITION_NOT_MODIFIED);
        assert_int_equal(decide(&(struct conditions){.if_modified_since = before}),
                         CONDITION_WHOLE);
        /* If-None-Match decides alone when it is there. */
        assert_int_equal(
                decide(&(struct conditions){.if_none_match = "\"b\"", .if_modified_since = same}),
                CONDITION_WHOLE);
        assert_int_equal(
                decide(&(struct conditions){.if_none_match = "\"a\"", .range = "bytes=0-1"}),
                CONDITION_NOT_MODIFIED);
        assert_int_equal(decide(&(struct conditions){.if_range = "\"a\"", .range = "bytes=0-1"}),
                         CONDITION_PART);
        assert_int_equal(decide(&(struct conditions){.if_range = "\"b\"", .range = "bytes=0-1"}),
                         CONDITION_WHOLE);
        /* A weak tag never joins parts. */
        assert_int_equal(decide(&(struct conditions){.if_range = "W/\"a\"", .range = "bytes=0-1"}),
                         CONDITION_WHOLE);
        assert_int_equal(decide(&(struct conditions){.if_range = same, .range = "bytes=0-1"}),
                         CONDITION_PART);
        assert_int_equal(decide(&(struct conditions){.if_range = before, .range = "bytes=0-1"}),
                         CONDITION_WHOLE);
        assert_int_equal(decide(&(struct conditions){.if_range = "x", .range = "bytes=200-"}),
                         CONDITION_WHOLE);
}

static void encodings_follow_the_weights(void **state)
{
        (void)state;
        static const struct {
                const char *accept;
                enum encoding wanted;
        } cases[] = {
                {NULL, ENCODING_IDENTITY},
                {"", ENCODING_IDENTITY},
                {"gzip", ENCODING_GZIP},
                {"br", ENCODING_BROTLI},
                {"gzip, deflate, br", ENCODING_BROTLI},
                {"GZIP", ENCODING_GZIP},
                {"br;q=0.5, gzip;q=0.8", ENCODING_GZIP},
                {"br;q=0, gzip", ENCODING_GZIP},
                {"br;q=0,gzip;q=0", ENCODING_IDENTITY},
                {"gzip;q=0.001", ENCODING_GZIP},
                {"gzip;q=0.5, identity;q=0.9", ENCODING_IDENTITY},
                {"*", ENCODING_BROTLI},
                {"*;q=0", ENCODING_IDENTITY},
                {"br;q=0, *", ENCODING_GZIP},
                {"deflate", ENCODING_IDENTITY},
                {"gzipx, brr", ENCODING_IDENTITY},
                {" ,, gzip ; q=1.0", ENCODING_GZIP},
                {"gzip;q=", ENCODING_GZIP},
                {",", ENCODING_IDENTITY},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                assert_int_equal(encoding_choose(cases[i].accept), cases[i].wanted);
}

/* Fed in pieces of any size the stream is the same document. */
static void pieces_make_one_stream(void **state)
{
        (void)state;
        for (enum encoding encoding = ENCODING_IDENTITY; encoding < ENCODINGS; encoding++) {
                struct encoder *encoder = NULL;
                struct text out;
                struct error err;
                text_init_growing(&out, 1 << 20);
                assert_true(encoder_create(encoding, &encoder, &err));
                size_t fed = 0;
                for (int i = 0; i < 2000; i++) {
                        assert_true(encoder_feed(encoder, "{\"frame\":1234567890},",
                                                 (size_t)(i % 21), i == 1999, &out, &err));
                        fed += (size_t)(i % 21);
                }
                encoder_destroy(&encoder);
                assert_true(text_ok(&out));
                if (encoding == ENCODING_IDENTITY)
                        assert_int_equal(out.length, fed);
                else
                        assert_in_range(out.length, 20, 2000);
                text_finish(&out);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(dates_round_trip),
                cmocka_unit_test(dates_of_other_forms_are_ignored),
                cmocka_unit_test(tags_are_compared_weakly),
                cmocka_unit_test(every_small_range_is_right),
                cmocka_unit_test(odd_ranges_give_the_whole),
                cmocka_unit_test(conditions_are_taken_in_the_order_of_the_rfc),
                cmocka_unit_test(encodings_follow_the_weights),
                cmocka_unit_test(pieces_make_one_stream),
        };
        return cmocka_run_group_tests_name("conditional", tests, NULL, NULL);
}
