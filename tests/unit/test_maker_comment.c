#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/camera.h"
#include "model/kind.h"
#include "understood.h"

static struct picture picture;

/* A picture with these comments, and with EXIF that says something else. */
static void begin(void)
{
        picture_begin(&picture);
        picture_jfif(&picture);
}

static struct facts finished(const struct understand_context *context)
{
        picture_segment(&picture, 0xe1, EXIF_ORIGINAL, sizeof EXIF_ORIGINAL - 1, 0);
        picture_finish(&picture);
        return understand(&picture, context);
}

static void expect_mac(const struct facts *facts, const char *mac)
{
        char text[MAC_TEXT_SIZE];
        assert_true(facts->has_mac);
        mac_format(facts->mac, text);
        assert_string_equal(text, mac);
}

static void axis(void **state)
{
        (void)state;
        struct understand_context context = context_of("image23-01-01_12-00-00-05_0001.jpg");
        begin();
        SEGMENT(&picture, 0xfe, "\x0a\x00\x02\x5a\x05\x40\xac\xcc\x8e\x01\x02\x03");
        SEGMENT(&picture, 0xfe, "\x0a\x01\x63\x74\x1d\xb3\x2a\x00\x00");
        SEGMENT(&picture, 0xfe, "\x0a\x03IO0:/;M0:0;M3:1;M5:0;M7:4,1;");
        struct facts facts = finished(&context);
        expect_time(&facts, "2022-11-15T23:16:03.420Z", TIME_VENDOR);
        expect_mac(&facts, "ac:cc:8e:01:02:03");
        assert_string_equal(facts.model, "AXIS");
        assert_int_equal(facts.kinds, KIND_BIT(KIND_MOTION));
        assert_int_equal(facts.windows, 1 << 2 | 1 << 6);
        assert_int_equal(facts.notes, 0);
}

static void mobotix(void **state)
{
        (void)state;
        struct understand_context context = context_of("e00000.jpg");
        begin();
        SEGMENT(&picture, 0xfe,
                "#:M1IMG\nVER=4.0\nSECTION FINGERPRINT\nPRD=MOBOTIX\nFRM=7290841\nDAT=2022-11-15\n"
                "TIM=23:35:31.900\nTZN=GMT\nTIT=1668555331.923\nTIU=923875\n"
                "MAC=00:03:C5:0A:0B:0C\nCFL=M16\nIMT=EVENT\nENDSECTION\nTIT=\nSECTION IMAGE\n"
                "XTIT=1\nTIT=5\n");
        struct facts facts = finished(&context);
        expect_time(&facts, "2022-11-15T23:35:31.923Z", TIME_VENDOR);
        expect_mac(&facts, "00:03:c5:0a:0b:0c");
        assert_string_equal(facts.model, "MOBOTIX M16");
        assert_int_equal(facts.kinds, KIND_BIT(KIND_ALARM));
}

static void mobotix_without_the_moment(void **state)
{
        (void)state;
        struct understand_context context = context_of(NULL);
        begin();
        SEGMENT(&picture, 0xfe, "#:M1IMG\nDAT=2022-11-15\nTIM=23:35:31.900\nTZN=CET\n");
        struct facts facts = finished(&context);
        expect_time(&facts, "2022-11-15T22:35:31.900Z", TIME_VENDOR);
        /* A zone that is none we know: the camera's own is believed. */
        struct error err = {0};
        struct zone *zone = NULL;
        assert_true(zone_load("America/Chicago", &zone, &err));
        context.zone = zone;
        begin();
        SEGMENT(&picture, 0xfe, "#:M1IMG\nDAT=2022-11-15\nTIM=12:35:31\nTZN=XYZ\n");
        facts = finished(&context);
        expect_time(&facts, "2022-11-15T18:35:31.000Z", TIME_VENDOR);
        zone_free(&zone);
}

#define JVC(time, more)                                                                            \
        "JVC V1.0\0size = 123456\0\0\0width = 640\0\0type = VN-E4\0\0\0\0\0timestamp = " time      \
        "\0\0\0\0\0\0\0\0alarm = \0\0\0\1\0" more "sync_timestamp = 1FDC5A34"

static void jvc(void **state)
{
        (void)state;
        struct understand_context context = context_of("20200101000000.jpg");
        begin();
        SEGMENT(&picture, 0xfe,
                JVC("20120306233412538UTC",
                    "camera = input01          motion = 1\0md = 1\0tampering = 0\0"));
        struct facts facts = finished(&context);
        expect_time(&facts, "2012-03-06T23:34:12.538Z", TIME_VENDOR);
        assert_string_equal(facts.camera_name, "input01");
        assert_string_equal(facts.model, "JVC VN-E4");
        assert_int_equal(facts.kinds, KIND_BIT(KIND_MOTION));
        /* Japan's time; what the folder says of the camera comes before. */
        context = context_of("gate/1.jpg");
        begin();
        SEGMENT(&picture, 0xfe,
                JVC("20120307083412538JST", "camera = input01\0motion = 1\0md = 0\0"
                                            "tampering = 1\0"));
        facts = finished(&context);
        expect_time(&facts, "2012-03-06T23:34:12.538Z", TIME_VENDOR);
        assert_string_equal(facts.camera_name, "gate");
        assert_int_equal(facts.kinds, KIND_BIT(KIND_NONE) | KIND_BIT(KIND_TAMPER));
}

/* What cannot be true, or cannot be read, leaves it to the next source. */
static void times_that_are_none(void **state)
{
        (void)state;
        static const struct {
                const char *comment;
                size_t length;
        } cases[] = {
#define CASE(text) {text, sizeof(text) - 1}
                CASE("\x0a\x01\x63\x74\x1d\xb3"),     /* too short */
                CASE("\x0a\x01\x63\x74\x1d\xb3\x64"), /* 100 hundredths */
                CASE("\x0a\x01\x00\x00\x10\x00\x05"), /* 1970 */
                CASE("\x0a\x01\xff\xff\xff\xff\x05"), /* 2106 */
                CASE("\x0a"),
                CASE("#:M1IMG"),
                CASE("#:M1IMG\nTIT=17831x2408.323\n"),
                CASE("#:M1IMG\nTIT=99999999999.0\n"),
                CASE("#:M1IMG\nDAT=2022-13-15\nTIM=23:35:31.900\nTZN=GMT\n"),
                CASE("#:M1IMG\nDAT=2022-11-15\n"),
                CASE("JVC V1.0"),
                CASE(JVC("2012030623341253", "")),
                CASE(JVC("20120306253412538UTC", "")),
                CASE(JVC("19700101000005538UTC", "")),
        };
        struct understand_context context = context_of(NULL);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                begin();
                picture_segment(&picture, 0xfe, cases[i].comment, cases[i].length, 0);
                struct facts facts = finished(&context);
                if (facts.time_source != TIME_EXIF)
                        fail_msg("case %zu: a time was believed", i);
        }
}

/* Every prefix is read without going past its end (the copy of understand is watched). */
static void cut_anywhere(void **state)
{
        (void)state;
        static const char comments[][200] = {
                "#:M1IMG\nTIT=1668555331.923\nMAC=00:03:C5:0A:0B:0C\nCFL=M16\nDAT=2022-11-15\n",
                "\x0a\x03M1:1;M2:1",
                JVC("20120306233412538UTC", "camera = x"),
        };
        struct understand_context context = context_of("a/b.jpg");
        for (size_t i = 0; i < sizeof comments / sizeof comments[0]; i++) {
                for (size_t length = 0; length <= sizeof comments[i]; length++) {
                        begin();
                        picture_segment(&picture, 0xfe, comments[i], length, 0);
                        struct facts facts = understand(&picture, &context);
                        assert_true(facts.is_jpeg);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(axis),
                cmocka_unit_test(mobotix),
                cmocka_unit_test(mobotix_without_the_moment),
                cmocka_unit_test(jvc),
                cmocka_unit_test(times_that_are_none),
                cmocka_unit_test(cut_anywhere),
        };
        return cmocka_run_group_tests_name("maker_comment", tests, NULL, NULL);
}
