#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "camera_bytes.h"
#include "model/facts.h"
#include "parse/jpeg.h"

enum { MOST = 1 << 20 };

static struct picture picture;

/* What a walk over the whole picture says: its last step, and the markers met as hexadecimal. */
struct walked {
        enum jpeg_step last;
        struct jpeg_walk walk;
        char markers[256];
        size_t comment; /* length of the last comment */
        bool cut;       /* a segment was */
};

static struct walked walk_whole(void)
{
        struct walked walked = {0};
        struct jpeg_segment segment;
        size_t used = 0;
        jpeg_walk_init(&walked.walk, picture.bytes, picture.length, true, MOST);
        while ((walked.last = jpeg_walk_next(&walked.walk, &segment)) == JPEG_SEGMENT) {
                if (segment.marker == JPEG_COM)
                        walked.comment = segment.length;
                walked.cut = walked.cut || segment.cut;
                used += (size_t)snprintf(walked.markers + used, sizeof walked.markers - used,
                                         "%02x ", segment.marker);
                assert_true(used < sizeof walked.markers);
        }
        return walked;
}

static void expect(const char *markers, uint32_t notes)
{
        struct walked walked = walk_whole();
        assert_int_equal(walked.last, JPEG_SCAN);
        assert_string_equal(walked.markers, markers);
        assert_int_equal(walked.walk.notes, notes);
        assert_int_equal(walked.walk.width, 1280);
        assert_int_equal(walked.walk.height, 1024);
        assert_memory_equal(picture.bytes + walked.walk.at, "\x12\x34", 2);
}

static void walks_the_headers_of_real_cameras(void **state)
{
        (void)state;
        picture_iqeye(&picture, IQEYE_MOTION);
        expect("e0 fe fe db c0 ", 0);

        picture_begin(&picture); /* Reolink: no APPn */
        picture_finish(&picture);
        expect("db c0 ", 0);

        picture_begin(&picture); /* ESP32 */
        SEGMENT(&picture, 0xe4, "JBIB\0\0\0\0\0\0");
        picture_finish(&picture);
        expect("e4 db c0 ", 0);

        picture_begin(&picture); /* fill bytes */
        ADD(&picture, "\xff\xff\xff");
        picture_jfif(&picture);
        ADD(&picture, "\xff");
        picture_finish(&picture);
        expect("e0 db c0 ", 0);
}

static void finds_on_where_a_length_is_too_short(void **state)
{
        (void)state;
        static uint8_t comment[4700]; /* Dahua: declares 4094, spans 4702, ends in zeros */
        memset(comment, 'D', 4092);
        picture_begin(&picture);
        picture_jfif(&picture);
        picture_segment(&picture, 0xfe, comment, sizeof comment, 4094);
        picture_finish(&picture);
        expect("e0 fe db c0 ", NOTE_BIT(NOTE_RESYNCED) | NOTE_BIT(NOTE_WRONG_LENGTH));

        picture_begin(&picture); /* a length of 0, and one of 1 */
        ADD(&picture, "\xff\xfe\x00\x00");
        ADD(&picture, "\xff\xfe\x00\x01");
        picture_finish(&picture);
        expect("fe fe db c0 ", NOTE_BIT(NOTE_RESYNCED) | NOTE_BIT(NOTE_WRONG_LENGTH));

        picture_begin(&picture); /* the second byte of FF 00 and of a run of FF is no marker */
        picture_segment(&picture, 0xfe, "abc\xff\x00\xff\xff\x12\xff\x30", 10, 5);
        picture_finish(&picture);
        expect("fe db c0 ", NOTE_BIT(NOTE_RESYNCED) | NOTE_BIT(NOTE_WRONG_LENGTH));
}

static void finds_on_where_a_comment_is_said_to_pass_the_end(void **state)
{
        (void)state;
        picture_begin(&picture);
        picture_segment(&picture, 0xfe, "hello", 5, 65535);
        picture_finish(&picture);
        expect("fe db c0 ", NOTE_BIT(NOTE_RESYNCED) | NOTE_BIT(NOTE_WRONG_LENGTH));
}

static void garbage_behind_the_start_is_no_wrong_length(void **state)
{
        (void)state;
        picture_begin(&picture);
        ADD(&picture, "garbage\xff\x00");
        picture_finish(&picture);
        expect("db c0 ", NOTE_BIT(NOTE_RESYNCED));
}

static void a_cut_segment_is_what_there_is_of_it(void **state)
{
        (void)state;
        for (size_t there = 0; there < 5; there++) {
                picture_begin(&picture);
                picture_segment(&picture, 0xfe, "hello", there, 7);
                struct walked walked = walk_whole();
                assert_int_equal(walked.last, JPEG_LOST);
                assert_true(walked.cut);
                assert_int_equal(walked.comment, there);
                assert_int_equal(walked.walk.notes, NOTE_BIT(NOTE_TRUNCATED));
        }
}

static void does_not_search_for_ever(void **state)
{
        (void)state;
        picture_begin(&picture);
        picture_segment(&picture, 0xfe, "x", 1, 0);
        memset(picture.bytes + picture.length, 0, JPEG_SEARCH_MAX + 10);
        picture.length += JPEG_SEARCH_MAX + 10;
        picture_finish(&picture);
        struct walked walked = walk_whole();
        assert_int_equal(walked.last, JPEG_LOST);
        assert_int_equal(walked.walk.width, 0);
        assert_true((walked.walk.notes & NOTE_BIT(NOTE_RESYNCED)) != 0);
}

static void a_thumbnail_is_not_the_picture(void **state)
{
        (void)state;
        struct picture *thumbnail = calloc(1, sizeof *thumbnail);
        assert_non_null(thumbnail);
        ADD(thumbnail, EXIF_ORIGINAL "\xff\xd8");
        SEGMENT(thumbnail, 0xc0, "\x08\x00\x78\x00\xa0\x03\x01\x21\x00\x02\x11\x01\x03\x11\x01");
        SEGMENT(thumbnail, 0xda, "\x01\x01\x00\x00\x3f\x00");
        ADD(thumbnail, "\x55\xff\xd9");
        picture_begin(&picture);
        picture_segment(&picture, 0xe1, thumbnail->bytes, thumbnail->length, 0);
        size_t app1_end = picture.length;
        picture_finish(&picture);
        expect("e1 db c0 ", 0);
        /* Cut within the thumbnail, or right behind its EOI, nothing of it is taken. */
        for (size_t length = 40; length <= app1_end; length++) {
                picture.length = length;
                struct walked walked = walk_whole();
                assert_int_equal(walked.walk.width, 0);
                assert_true((walked.walk.notes & NOTE_BIT(NOTE_TRUNCATED)) != 0 ||
                            (walked.walk.notes & NOTE_BIT(NOTE_WRONG_LENGTH)) != 0);
        }
        free(thumbnail);
}

static void all_frame_headers_and_no_others(void **state)
{
        (void)state;
        for (int marker = 0xc0; marker <= 0xfe; marker++) {
                if (marker >= 0xd0 && marker <= 0xda)
                        continue;
                picture_begin(&picture);
                picture_segment(&picture, (uint8_t)marker, "\x08\x01\x02\x03\x04\x01\x01\x11\x00",
                                9, 0);
                SEGMENT(&picture, 0xda, "\x01\x01\x00\x00\x3f\x00");
                struct walked walked = walk_whole();
                bool is_frame =
                        marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
                assert_int_equal(walked.walk.width, is_frame ? 0x304 : 0);
                assert_int_equal(walked.walk.height, is_frame ? 0x102 : 0);
        }
}

/* A damaged marker before the true frame header can look like one. */
static void the_first_frame_header_that_is_whole(void **state)
{
        (void)state;
        picture_begin(&picture);
        SEGMENT(&picture, 0xc0, "JFIF\x00\x01\x02\x01\x00\x60\x00\x60\x00\x00"); /* 0xe0 once */
        picture_finish(&picture);
        SEGMENT(&picture, 0xc0, "\x08\x00\x10\x00\x10\x01\x01\x11\x00");
        expect("c0 db c0 ", 0);
        picture_begin(&picture);
        SEGMENT(&picture, 0xc0, "\x08\x00\x10\x00\x20\x03"); /* better than none */
        SEGMENT(&picture, 0xda, "\x01\x01\x00\x00\x3f\x00");
        struct walked walked = walk_whole();
        assert_int_equal(walked.walk.width, 32);
        assert_int_equal(walked.walk.height, 16);
}

static void what_is_no_jpeg(void **state)
{
        (void)state;
        static const char *const cases[] = {"\x89PNG\r\n", "GIF89a", "\xff\xfe", "a", "\xff"};
        struct jpeg_walk walk;
        struct jpeg_segment segment;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                jpeg_walk_init(&walk, (const uint8_t *)cases[i], strlen(cases[i]), true, MOST);
                assert_int_equal(jpeg_walk_next(&walk, &segment), JPEG_NONE);
        }
        jpeg_walk_init(&walk, (const uint8_t *)"\xff\xd8\xff\xd9", 4, true, MOST);
        assert_int_equal(jpeg_walk_next(&walk, &segment), JPEG_END);
        assert_int_equal(walk.at, 4);
}

/* Each prefix asks for more than there is, until the walk is done; what it asks for is enough to
 * get on; a prefix that is all there is never asks. */
static void asks_for_what_is_needed(void **state)
{
        (void)state;
        static uint8_t big[60000];
        picture_begin(&picture);
        picture_segment(&picture, 0xe2, big, sizeof big, 0);
        picture_segment(&picture, 0xe2, big, sizeof big, 0);
        picture_finish(&picture);
        size_t length = 16;
        int tries = 0;
        for (;; tries++) {
                struct jpeg_walk walk;
                struct jpeg_segment segment;
                enum jpeg_step step = JPEG_SEGMENT;
                jpeg_walk_init(&walk, picture.bytes, length, length == picture.length, MOST);
                while (step == JPEG_SEGMENT)
                        step = jpeg_walk_next(&walk, &segment);
                if (step != JPEG_MORE) {
                        assert_int_equal(step, JPEG_SCAN);
                        assert_int_equal(walk.width, 1280);
                        break;
                }
                assert_true(walk.wanted > length);
                length = walk.wanted < picture.length ? walk.wanted : picture.length;
        }
        assert_true(tries <= 4);
        for (length = 0; length < 300; length++) {
                struct jpeg_walk walk;
                struct jpeg_segment segment;
                enum jpeg_step step = JPEG_SEGMENT;
                jpeg_walk_init(&walk, picture.bytes, length, false, MOST);
                while (step == JPEG_SEGMENT)
                        step = jpeg_walk_next(&walk, &segment);
                assert_int_equal(step, JPEG_MORE);
                assert_true(walk.wanted > length && walk.wanted <= MOST);
        }
}

static void finds_the_end(void **state)
{
        (void)state;
        static const struct {
                const char *bytes;
                size_t length;
                int64_t end;
        } cases[] = {
                {"\x12\xff\xd9", 3, 3},
                {"\x12\xff\xd9\x00\x00", 5, 3},
                {"\x12\xff\xd9"
                 "dhav\1\2\3\4",
                 11, 3},
                {"\x12\xff\xd9\x00\xff\xd9", 6, 3},
                {"\xff\xd9\x00\x00\xff\xdb\x00\x43\x01\xff\xd9", 11, 11}, /* a thumbnail's */
                {"\x12\xff\xff\xd9", 4, 4},
                {"\x12\xff", 2, -1},
                {"\xd9", 1, -1},
                {"", 0, -1},
                {"\xff\x00\xd9\xff", 4, -1},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                assert_int_equal(jpeg_find_eoi((const uint8_t *)cases[i].bytes, cases[i].length, 0),
                                 cases[i].end);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(walks_the_headers_of_real_cameras),
                cmocka_unit_test(finds_on_where_a_length_is_too_short),
                cmocka_unit_test(finds_on_where_a_comment_is_said_to_pass_the_end),
                cmocka_unit_test(garbage_behind_the_start_is_no_wrong_length),
                cmocka_unit_test(a_cut_segment_is_what_there_is_of_it),
                cmocka_unit_test(does_not_search_for_ever),
                cmocka_unit_test(a_thumbnail_is_not_the_picture),
                cmocka_unit_test(all_frame_headers_and_no_others),
                cmocka_unit_test(the_first_frame_header_that_is_whole),
                cmocka_unit_test(what_is_no_jpeg),
                cmocka_unit_test(asks_for_what_is_needed),
                cmocka_unit_test(finds_the_end),
        };
        return cmocka_run_group_tests_name("jpeg", tests, NULL, NULL);
}
