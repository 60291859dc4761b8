#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../facts_equal.h"
#include "model/kind.h"
#include "parse/path_template.h"
#include "understood.h"

static struct picture picture;

static void an_iqeye_picture(void **state)
{
        (void)state;
        struct understand_context context =
                context_of("00_50_1a_02_2c_be/05-19/09/09_47_21.trig-01.jpg");
        picture_iqeye(&picture, IQEYE_MOTION);
        struct facts facts = understand(&picture, &context);
        assert_true(facts.is_jpeg);
        assert_true(facts.has_mac);
        assert_memory_equal(facts.mac, "\x00\x50\x1a\x02\x2c\xbe", 6);
        assert_int_equal(facts.model_code, 0x3b);
        assert_string_equal(facts.model, "IQeye7xx");
        assert_string_equal(facts.camera_name, "");
        expect_time(&facts, "2014-05-19T14:47:21.748Z", TIME_VENDOR);
        assert_int_equal(facts.sequence, 529057);
        assert_int_equal(facts.kinds, KIND_BIT(KIND_MOTION));
        assert_int_equal(facts.windows, 2);
        assert_true(facts.has_trigger);
        assert_int_equal(facts.trigger, -1);
        assert_int_equal(facts.width, 1280);
        assert_int_equal(facts.height, 1024);
        assert_int_equal(facts.bytes, (int64_t)picture.length);
        assert_int_equal(facts.notes, 0);
        assert_false(facts.complete_known);
}

static void comments_in_any_order_and_place(void **state)
{
        (void)state;
        struct understand_context context = context_of(NULL);
        picture_begin(&picture);
        picture_segment(&picture, 0xfe, IQEYE_MOTION, sizeof IQEYE_MOTION - 1, 0);
        SEGMENT(&picture, 0xfe, "made by nobody");
        SEGMENT(&picture, 0xfe, IQEYE_IDENTITY "exacq1400510841.000exacq");
        picture_segment(&picture, 0xe1, EXIF_ORIGINAL, sizeof EXIF_ORIGINAL - 1, 0);
        picture_finish(&picture);
        struct facts facts = understand(&picture, &context);
        assert_true(facts.has_mac);
        expect_time(&facts, "2014-05-19T14:47:21.748Z", TIME_VENDOR);
        assert_int_equal(facts.notes, 0);
}

static void a_broken_comment_leaves_the_rest(void **state)
{
        (void)state;
        struct understand_context context = context_of("gate/20221115233531.trig+00.jpg");
        picture_begin(&picture);
        SEGMENT(&picture, 0xfe, "{\"IQimage\":{\"sequence\":5,\"time\":oops}}");
        SEGMENT(&picture, 0xfe, IQEYE_IDENTITY);
        picture_finish(&picture);
        struct facts facts = understand(&picture, &context);
        assert_true(facts.has_mac);
        assert_int_equal(facts.notes, NOTE_BIT(NOTE_BAD_COMMENT));
        assert_int_equal(facts.width, 1280);
        expect_time(&facts, "2022-11-15T23:35:31.000Z", TIME_NAME);
}

static void the_more_believed_source_wins(void **state)
{
        (void)state;
        struct understand_context context = context_of("gate/2020-01-02/20200102030405.jpg");
        picture_begin(&picture);
        picture_segment(&picture, 0xe1, EXIF_ORIGINAL, sizeof EXIF_ORIGINAL - 1, 0);
        picture_finish(&picture);
        struct facts facts = understand(&picture, &context);
        expect_time(&facts, "2022-11-15T14:35:31.250Z", TIME_EXIF);
        assert_string_equal(facts.model, "AXIS P1448");
        assert_string_equal(facts.camera_name, "gate");

        picture_begin(&picture);
        picture_finish(&picture);
        facts = understand(&picture, &context);
        expect_time(&facts, "2020-01-02T03:04:05.000Z", TIME_NAME);
        context.path = "gate/2020-01-02/03-04-05.jpg";
        context.path_length = strlen(context.path);
        facts = understand(&picture, &context);
        expect_time(&facts, "2020-01-02T03:04:05.000Z", TIME_PATH);
        context.path = "gate/image.jpg";
        context.path_length = strlen(context.path);
        facts = understand(&picture, &context);
        expect_time(&facts, "2022-11-16T00:00:00.000Z", TIME_RECEIVED);
        context.received = UTC_NONE;
        facts = understand(&picture, &context);
        expect_time(&facts, "2026-01-01T00:00:00.000Z", TIME_RECEIVED);
}

static void impossible_times_fall_to_the_next_source(void **state)
{
        (void)state;
        struct understand_context context = context_of("20220101000000.jpg");
        static const char *const vendor[] = {"0", "946684799999", "1767312000001", "-5"};
        for (size_t i = 0; i < sizeof vendor / sizeof vendor[0]; i++) {
                char json[100];
                snprintf(json, sizeof json, "{\"IQimage\":{\"time\":%s,\"event\":[\"motion\"]}}",
                         vendor[i]);
                picture_iqeye(&picture, json);
                struct facts facts = understand(&picture, &context);
                expect_time(&facts, "2022-01-01T00:00:00.000Z", TIME_NAME);
                assert_int_equal(facts.notes, NOTE_BIT(NOTE_IMPOSSIBLE_TIME));
                assert_int_equal(facts.kinds, KIND_BIT(KIND_MOTION));
        }
        picture_iqeye(&picture, "{\"IQimage\":{\"time\":1767312000000}}"); /* a day ahead */
        struct facts facts = understand(&picture, &context);
        expect_time(&facts, "2026-01-02T00:00:00.000Z", TIME_VENDOR);
        context.path = "19991231235959.jpg";
        context.path_length = strlen(context.path);
        picture_begin(&picture);
        picture_finish(&picture);
        facts = understand(&picture, &context);
        expect_time(&facts, "2022-11-16T00:00:00.000Z", TIME_RECEIVED);
        assert_int_equal(facts.notes, NOTE_BIT(NOTE_IMPOSSIBLE_TIME));
}

/* As in a small computer without a battery that has not reached its time server yet. */
/* A clock of the camera's that was never set: nothing that comes of it is believed, also where it
 * shows as a day without a year. */
static void a_camera_whose_clock_was_never_set(void **state)
{
        (void)state;
        static const char *const paths[] = {
                "19700101000105.jpg", "20000101000105.jpg", "2000-01-01/00/01.05[M][0@0][0].jpg",
                "20000102103000.jpg", /* in a zone behind UTC it still is the first */
        };
        struct understand_context context = context_of(NULL);
        for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
                context.path = paths[i];
                context.path_length = strlen(paths[i]);
                picture_begin(&picture);
                picture_finish(&picture);
                struct facts facts = understand(&picture, &context);
                expect_time(&facts, "2022-11-16T00:00:00.000Z", TIME_RECEIVED);
                assert_int_equal(facts.notes, NOTE_BIT(NOTE_IMPOSSIBLE_TIME));
        }
        context = context_of("gate/01-01/00/00_01_05.trig+00.jpg");
        picture_begin(&picture);
        SEGMENT(&picture, 0xfe, "{\"IQimage\":{\"sequence\":5,\"time\":65000}}");
        picture_finish(&picture);
        struct facts facts = understand(&picture, &context);
        expect_time(&facts, "2022-11-16T00:00:00.000Z", TIME_RECEIVED);
        /* What is as old as it says is believed. */
        context = context_of("20000101000105.jpg");
        context.received = at("2000-01-01T00:01:06Z");
        picture_begin(&picture);
        picture_finish(&picture);
        facts = understand(&picture, &context);
        expect_time(&facts, "2000-01-01T00:01:05.000Z", TIME_NAME);
}

static void names_with_their_own_zone_and_in_any_order(void **state)
{
        (void)state;
        struct error err = {0};
        struct zone *zone = NULL;
        assert_true(zone_load("America/Chicago", &zone, &err));
        static const struct {
                const char *path;
                const char *time;
        } cases[] = {
                {"2022-11-15 05-35-31 PM.jpg", "2022-11-15T23:35:31.000Z"},
                {"20221115T233531Z.jpg", "2022-11-15T23:35:31.000Z"},
                {"20221116T003531+0100.jpg", "2022-11-15T23:35:31.000Z"},
                {"15-11-22_17-35-31.jpg", "2022-11-15T23:35:31.000Z"},
                {"11-15-2022_17-35-31.jpg", "2022-11-15T23:35:31.000Z"},
                {"image22-11-15_17-35-31-00_0001.jpg", "2022-11-15T23:35:31.000Z"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct understand_context context = context_of(cases[i].path);
                context.zone = zone;
                picture_begin(&picture);
                picture_finish(&picture);
                struct facts facts = understand(&picture, &context);
                expect_time(&facts, cases[i].time, TIME_NAME);
        }
        zone_free(&zone);
}

/* Elphel's EXIF has the MAC where the artist should be. */
static void a_mac_for_an_artist(void **state)
{
        (void)state;
        struct understand_context context = context_of("gate/20221115233531.jpg");
        picture_begin(&picture);
        SEGMENT(&picture, 0xe1,
                "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x3b\0\x02\0\0\0\x12\0\0\0\x1a\0\0\0\0"
                "00:0E:64:08:09:0A\0");
        picture_finish(&picture);
        struct facts facts = understand(&picture, &context);
        assert_true(facts.has_mac);
        assert_memory_equal(facts.mac, "\x00\x0e\x64\x08\x09\x0a", 6);
        expect_time(&facts, "2022-11-15T23:35:31.000Z", TIME_NAME);
}

static void a_clock_that_was_never_set_refuses_nothing(void **state)
{
        (void)state;
        struct understand_context context = context_of("20220101000000.jpg");
        context.now = at("1970-01-01T00:02:00Z");
        picture_iqeye(&picture, "{\"IQimage\":{\"time\":1400853934582}}");
        struct facts facts = understand(&picture, &context);
        expect_time(&facts, "2014-05-23T14:05:34.582Z", TIME_VENDOR);
        assert_int_equal(facts.notes, 0);
        picture_iqeye(&picture, "{\"IQimage\":{\"time\":946684799999}}");
        facts = understand(&picture, &context);
        expect_time(&facts, "2022-01-01T00:00:00.000Z", TIME_NAME);
}

static void local_times_across_the_change_of_clocks(void **state)
{
        (void)state;
        struct zone *zone = NULL;
        if (!zone_load("America/Chicago", &zone, NULL)) {
                print_message("# skipped: no time zone files on this machine\n");
                return;
        }
        static const struct {
                const char *path, *received, *time;
                uint32_t notes;
        } cases[] = {
                {"20140523090827.jpg", "2014-05-23T14:08:30Z", "2014-05-23T14:08:27.000Z", 0},
                {"20141102013000.jpg", "2014-11-02T06:30:05Z", "2014-11-02T06:30:00.000Z",
                 NOTE_BIT(NOTE_AMBIGUOUS_TIME)},
                {"20141102013000.jpg", "2014-11-02T07:30:05Z", "2014-11-02T07:30:00.000Z",
                 NOTE_BIT(NOTE_AMBIGUOUS_TIME)},
                {"20141102013000.jpg", "2014-12-24T00:00:00Z", "2014-11-02T06:30:00.000Z",
                 NOTE_BIT(NOTE_AMBIGUOUS_TIME)}, /* copied later: says nothing */
                {"20140309023000.jpg", "2014-03-09T08:30:05Z", "2014-03-09T08:30:00.000Z",
                 NOTE_BIT(NOTE_SKIPPED_TIME)},
                {"05-23/09/09_08_27.x.jpg", "2014-05-23T14:08:30Z", "2014-05-23T14:08:27.000Z", 0},
                {"12-31/23/23_59_59.x.jpg", "2015-01-01T06:00:01Z", "2015-01-01T05:59:59.000Z", 0},
        };
        picture_begin(&picture);
        picture_finish(&picture);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct understand_context context = context_of(cases[i].path);
                context.zone = zone;
                context.received = at(cases[i].received);
                struct facts facts = understand(&picture, &context);
                char text[UTC_TEXT_SIZE];
                utc_format(facts.time, text);
                if (strcmp(text, cases[i].time) != 0 || facts.notes != cases[i].notes)
                        fail_msg("%s: %s, notes %x", cases[i].path, text, facts.notes);
        }
        zone_free(&zone);
}

static void templates_come_before_the_generic_rules(void **state)
{
        (void)state;
        static const char text[] = "$SN/$SD(%Y)$SD(%d)$SD(%m)/$ST.$FN"; /* the day first */
        struct path_template *path_template = NULL;
        assert_true(path_template_compile(text, sizeof text - 1, &path_template, NULL));
        struct understand_context context = context_of("a/gate 1/20140305/10-11-12.trig+01.jpg");
        context.template = path_template;
        picture_begin(&picture);
        picture_finish(&picture);
        struct facts facts = understand(&picture, &context);
        expect_time(&facts, "2014-05-03T10:11:12.000Z", TIME_PATH);
        assert_string_equal(facts.camera_name, "gate 1");
        assert_int_equal(facts.trigger, 1);
        assert_int_equal(facts.notes, 0);
        context.path = "20140305/10-11-12.jpg";
        context.path_length = strlen(context.path);
        facts = understand(&picture, &context);
        expect_time(&facts, "2014-03-05T10:11:12.000Z", TIME_PATH);
        assert_int_equal(facts.notes, NOTE_BIT(NOTE_TEMPLATE_MISS));
        path_template_free(&path_template);
}

static void what_is_no_picture_says_so(void **state)
{
        (void)state;
        struct understand_context context = context_of("gate/20221115233531.jpg");
        picture.length = 0;
        struct facts facts = understand(&picture, &context);
        assert_false(facts.is_jpeg);
        assert_int_equal(facts.notes, NOTE_BIT(NOTE_EMPTY));
        assert_int_equal(facts.bytes, 0);
        expect_time(&facts, "2022-11-15T23:35:31.000Z", TIME_NAME);
        ADD(&picture, "<html>401</html>");
        facts = understand(&picture, &context);
        assert_false(facts.is_jpeg);
        assert_int_equal(facts.notes, NOTE_BIT(NOTE_NOT_JPEG));
        picture_begin(&picture);
        SEGMENT(&picture, 0xe1, "Exif\0\0garbage that is no TIFF");
        SEGMENT(&picture, 0xda, "\x01\x01\x00\x00\x3f\x00");
        facts = understand(&picture, &context);
        assert_true(facts.is_jpeg);
        assert_int_equal(facts.notes, NOTE_BIT(NOTE_BAD_EXIF) | NOTE_BIT(NOTE_NO_FRAME_HEADER));
}

/* Directories that point to themselves and to each other, over and over, and texts that overlap:
 * what kept libexif 0.6.24 busy for minutes. */
static void exif_that_points_in_circles_ends_soon(void **state)
{
        (void)state;
        static const uint8_t pointers[][2] = {{0x87, 0x69}, {0x88, 0x25}, {0xa0, 0x05}};
        static struct picture app1;
        struct understand_context context = context_of(NULL);
        app1.length = 0;
        ADD(&app1, "Exif\0\0MM\0\x2a\0\0\0\x08\x14\x50");
        for (int i = 0; i < 5200; i++) {
                picture_add(&app1, pointers[i % 3], 2);
                ADD(&app1, "\0\x04\0\0\0\x01\0\0\0\x08");
        }
        picture_begin(&picture);
        picture_segment(&picture, 0xe1, app1.bytes, app1.length, 0);
        picture_finish(&picture);
        struct mono start = mono_now();
        struct facts facts = understand(&picture, &context);
        assert_true(mono_now().ns - start.ns < INT64_C(2000000000));
        assert_int_equal(facts.width, 1280);
        assert_int_equal(facts.time_source, TIME_RECEIVED);
}

/* Grown as asked, one picture must give the facts it gives whole; a part that is enough must too.
 */
static void hold_growing(const struct understand_context *context, size_t first)
{
        struct facts whole = understand(&picture, context);
        struct facts part;
        size_t length = first < picture.length ? first : picture.length;
        for (int tries = 0;; tries++) {
                uint8_t *copy = malloc(length > 0 ? length : 1);
                assert_non_null(copy);
                memcpy(copy, picture.bytes, length);
                size_t wanted =
                        understand_head(copy, length, length == picture.length, context, &part);
                free(copy);
                if (wanted == 0)
                        break;
                assert_true(wanted > length && wanted <= UNDERSTAND_HEAD_MAX && tries < 40);
                length = wanted < picture.length ? wanted : picture.length;
        }
        if (part.bytes == -1)
                part.bytes = whole.bytes; /* nobody has told it */
        assert_true(facts_equal(&whole, &part));
}

static void grown_or_whole_gives_the_same(void **state)
{
        (void)state;
        static uint8_t big[65000];
        struct understand_context context = context_of("gate/20221115233531.trig+00.jpg");
        picture_iqeye(&picture, IQEYE_MOTION);
        for (size_t first = 0; first <= picture.length; first++)
                hold_growing(&context, first);
        picture_begin(&picture);
        picture_segment(&picture, 0xe1, EXIF_ORIGINAL, sizeof EXIF_ORIGINAL - 1, 0);
        picture_segment(&picture, 0xe2, big, sizeof big, 0);
        picture_segment(&picture, 0xe2, big, sizeof big, 0);
        picture_finish(&picture);
        for (size_t first = 0; first <= 1000; first++)
                hold_growing(&context, first);
        hold_growing(&context, 70000);
}

static void each_prefix_is_understood_as_far_as_it_goes(void **state)
{
        (void)state;
        struct understand_context context = context_of("gate/20221115233531.trig+00.jpg");
        picture_iqeye(&picture, IQEYE_MOTION);
        size_t whole = picture.length;
        for (size_t length = 0; length < whole; length++) {
                picture.length = length;
                struct facts facts = understand(&picture, &context);
                assert_int_equal(facts.is_jpeg, length >= 2);
                assert_true(facts.time_source == TIME_VENDOR || facts.time_source == TIME_NAME);
                if (facts.time_source == TIME_VENDOR)
                        assert_int_equal(facts.time.ms, 1400510841748);
                if (facts.is_jpeg) {
                        understand_tail(picture.bytes, length, &facts);
                        assert_false(facts.complete);
                        assert_true((facts.notes & NOTE_BIT(NOTE_TRUNCATED)) != 0);
                }
        }
}

static void damaged_pictures_do_no_harm(void **state)
{
        (void)state;
        struct understand_context context = context_of("gate/20221115233531.trig+00.jpg");
        uint32_t random = 1;
        static struct picture original[2];
        picture_iqeye(&original[0], IQEYE_MOTION);
        picture_begin(&original[1]);
        picture_segment(&original[1], 0xe1, EXIF_ORIGINAL, sizeof EXIF_ORIGINAL - 1, 0);
        picture_finish(&original[1]);
        for (int i = 0; i < 40000; i++) {
                picture = original[i % 2];
                for (int k = 0; k <= i % 5; k++) {
                        random = random * 1664525 + 1013904223;
                        picture.bytes[(random >> 8) % picture.length] = (uint8_t)(random >> 24);
                }
                struct facts facts = understand(&picture, &context);
                assert_true(utc_known(facts.time));
                understand_tail(picture.bytes, picture.length, &facts);
        }
}

static void the_end_of_the_picture(void **state)
{
        (void)state;
        struct understand_context context = context_of(NULL);
        picture_iqeye(&picture, IQEYE_NONE);
        struct facts facts = understand(&picture, &context);
        size_t end = picture.length;
        ADD(&picture, "dhav\x01\x02\x03\x04");
        facts.bytes = (int64_t)picture.length;
        understand_tail(picture.bytes, picture.length, &facts);
        assert_true(facts.complete_known && facts.complete);
        assert_int_equal(facts.bytes_after_eoi, 8);
        assert_int_equal(facts.notes, NOTE_BIT(NOTE_AFTER_EOI));
        facts.notes = 0; /* seen by its last bytes only */
        understand_tail(picture.bytes + end - 5, picture.length - end + 5, &facts);
        assert_true(facts.complete);
        assert_int_equal(facts.bytes_after_eoi, 8);
        facts.notes = 0;
        understand_tail(picture.bytes, end - 2, &facts);
        assert_false(facts.complete);
        assert_int_equal(facts.notes, NOTE_BIT(NOTE_TRUNCATED));
}

static void a_thumbnails_end_is_not_the_pictures(void **state)
{
        (void)state;
        struct understand_context context = context_of(NULL);
        static struct picture app1;
        app1.length = 0;
        ADD(&app1, EXIF_ORIGINAL "\xff\xd8");
        SEGMENT(&app1, 0xda, "\x01\x01\x00\x00\x3f\x00");
        ADD(&app1, "\x55\xff\xd9\x00\x00");
        picture_begin(&picture);
        picture_segment(&picture, 0xe1, app1.bytes, app1.length, 0);
        picture_finish(&picture);
        struct facts facts = understand(&picture, &context);
        understand_tail(picture.bytes, picture.length - 2, &facts);
        assert_false(facts.complete); /* its own EOI is missing */
        facts = understand(&picture, &context);
        facts.bytes = 100000; /* only the end is seen, the thumbnail in it */
        understand_tail(picture.bytes, picture.length, &facts);
        assert_true(facts.complete);
        assert_int_equal(facts.bytes_after_eoi, 0);
}

/* Of a picture that is all here; what cameras put behind it may be longer than what is looked at
 * first, and what comes before the scan is no end. */
static void the_end_of_all_of_it(void **state)
{
        (void)state;
        static uint8_t much[60000];
        struct understand_context context = context_of(NULL);
        static const struct {
                size_t after;
                uint8_t with;
        } cases[] = {{0, 0}, {8, 0x55}, {5000, 0}, {60000, 0}, {60000, 0x55}, {4095, 0x55}};
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                memset(much, cases[i].with, sizeof much);
                picture_begin(&picture);
                picture_segment(&picture, 0xe1, EXIF_ORIGINAL, sizeof EXIF_ORIGINAL - 1, 0);
                picture_finish(&picture);
                picture_add(&picture, much, cases[i].after);
                struct facts facts = understand(&picture, &context);
                understand_end(picture.bytes, picture.length, &facts);
                assert_true(facts.complete);
                assert_int_equal(facts.bytes_after_eoi, cases[i].after);
        }
        /* Cut shortly behind its thumbnail. */
        static struct picture app1;
        app1.length = 0;
        ADD(&app1, EXIF_ORIGINAL);
        memset(much, 0x55, sizeof much);
        picture_add(&app1, much, 6000);
        ADD(&app1, "\xff\xd8\xff\xd9");
        picture_begin(&picture);
        picture_segment(&picture, 0xe1, app1.bytes, app1.length, 0);
        picture_finish(&picture);
        for (size_t less = 1; less <= 2; less++) {
                picture.length -= 1;
                struct facts facts = understand(&picture, &context);
                assert_int_equal(facts.notes, 0);
                understand_end(picture.bytes, picture.length, &facts);
                assert_false(facts.complete);
                assert_int_equal(facts.notes, NOTE_BIT(NOTE_TRUNCATED));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_iqeye_picture),
                cmocka_unit_test(comments_in_any_order_and_place),
                cmocka_unit_test(a_broken_comment_leaves_the_rest),
                cmocka_unit_test(the_more_believed_source_wins),
                cmocka_unit_test(impossible_times_fall_to_the_next_source),
                cmocka_unit_test(a_camera_whose_clock_was_never_set),
                cmocka_unit_test(names_with_their_own_zone_and_in_any_order),
                cmocka_unit_test(a_mac_for_an_artist),
                cmocka_unit_test(a_clock_that_was_never_set_refuses_nothing),
                cmocka_unit_test(local_times_across_the_change_of_clocks),
                cmocka_unit_test(templates_come_before_the_generic_rules),
                cmocka_unit_test(what_is_no_picture_says_so),
                cmocka_unit_test(exif_that_points_in_circles_ends_soon),
                cmocka_unit_test(grown_or_whole_gives_the_same),
                cmocka_unit_test(each_prefix_is_understood_as_far_as_it_goes),
                cmocka_unit_test(damaged_pictures_do_no_harm),
                cmocka_unit_test(the_end_of_the_picture),
                cmocka_unit_test(a_thumbnails_end_is_not_the_pictures),
                cmocka_unit_test(the_end_of_all_of_it),
        };
        return cmocka_run_group_tests_name("understand", tests, NULL, NULL);
}
