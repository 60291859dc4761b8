#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jpeglib.h>

#include "serve/orientation.h"
#include "serve/shrink.h"

struct picture {
        uint8_t *bytes;
        unsigned long length;
};

/* A picture whose left half is dark and whose right half is bright. */
static struct picture make(int width, int height, int channels, bool progressive)
{
        struct picture picture = {0};
        struct jpeg_compress_struct encoder;
        struct jpeg_error_mgr errors;
        encoder.err = jpeg_std_error(&errors);
        jpeg_create_compress(&encoder);
        jpeg_mem_dest(&encoder, &picture.bytes, &picture.length);
        encoder.image_width = (unsigned)width;
        encoder.image_height = (unsigned)height;
        encoder.input_components = channels;
        encoder.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 4 ? JCS_CMYK : JCS_RGB;
        jpeg_set_defaults(&encoder);
        if (progressive)
                jpeg_simple_progression(&encoder);
        jpeg_start_compress(&encoder, TRUE);
        uint8_t *row = malloc((size_t)width * (size_t)channels);
        for (int x = 0; x < width; x++) {
                memset(row + x * channels, x < width / 2 ? 40 : 220, (size_t)channels);
                if (channels == 4)
                        row[x * 4 + 3] = 255; /* no black; inks are stored inverted */
        }
        while (encoder.next_scanline < encoder.image_height) {
                JSAMPROW rows[1] = {row};
                jpeg_write_scanlines(&encoder, rows, 1);
        }
        jpeg_finish_compress(&encoder);
        jpeg_destroy_compress(&encoder);
        free(row);
        return picture;
}

/* Decodes to grey and gives the mean of the left and of the right quarter. */
static void measure(const uint8_t *bytes, size_t length, int *width_out, int *height_out,
                    int means_out[2])
{
        struct jpeg_decompress_struct decoder;
        struct jpeg_error_mgr errors;
        decoder.err = jpeg_std_error(&errors);
        jpeg_create_decompress(&decoder);
        jpeg_mem_src(&decoder, bytes, length);
        assert_int_equal(jpeg_read_header(&decoder, TRUE), JPEG_HEADER_OK);
        decoder.out_color_space = JCS_GRAYSCALE;
        jpeg_start_decompress(&decoder);
        *width_out = (int)decoder.output_width;
        *height_out = (int)decoder.output_height;
        uint8_t *row = malloc(decoder.output_width);
        long sums[2] = {0, 0};
        long count = 0;
        while (decoder.output_scanline < decoder.output_height) {
                JSAMPROW rows[1] = {row};
                jpeg_read_scanlines(&decoder, rows, 1);
                for (unsigned x = 0; x < decoder.output_width / 4; x++) {
                        sums[0] += row[x];
                        sums[1] += row[decoder.output_width - 1 - x];
                        count++;
                }
        }
        jpeg_finish_decompress(&decoder);
        jpeg_destroy_decompress(&decoder);
        free(row);
        for (int i = 0; i < 2; i++)
                means_out[i] = count > 0 ? (int)(sums[i] / count) : -1;
}

static void check(int width, int height, int wanted, int channels, bool progressive)
{
        struct picture picture = make(width, height, channels, progressive);
        uint8_t *small = NULL;
        size_t length = 0;
        struct error err = {0};
        if (!shrink_jpeg(picture.bytes, picture.length, wanted, &small, &length, &err))
                fail_msg("%d x %d to %d: %s", width, height, wanted, err.text);
        int got_width;
        int got_height;
        int means[2];
        measure(small, length, &got_width, &got_height, means);
        int expected = wanted < width ? wanted : width;
        assert_int_equal(got_width, expected);
        /* The shape is kept, to a pixel. */
        if (abs(got_height * width - height * got_width) > width)
                fail_msg("%d x %d became %d x %d", width, height, got_width, got_height);
        if (got_width >= 16) {
                assert_in_range(means[0], 30, 50);
                assert_in_range(means[1], 210, 230);
        }
        free(small);
        free(picture.bytes);
}

static void sizes_and_light_are_right(void **state)
{
        (void)state;
        static const int widths[] = {17, 63, 160, 161, 320, 640, 1000, 1281};
        static const int wanted[] = {16, 100, 160, 320, 640, 2048};
        for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
                for (size_t j = 0; j < sizeof wanted / sizeof wanted[0]; j++) {
                        for (int channels = 1; channels <= 3; channels += 2)
                                check(widths[i], widths[i] * 3 / 4, wanted[j], channels, j % 2);
                }
        }
        check(640, 480, 160, 4, false);
        check(1, 1, 160, 3, false);
        check(1, 3000, 160, 3, false);
        check(3000, 1, 160, 3, false);
}

/* Every prefix either gives a picture or says why not, and the bytes behind it are not touched. */
static void every_prefix_is_survived(void **state)
{
        (void)state;
        for (int progressive = 0; progressive < 2; progressive++) {
                struct picture picture = make(64, 48, 3, progressive);
                int made = 0;
                for (size_t length = 0; length < picture.length; length++) {
                        uint8_t *prefix = malloc(length > 0 ? length : 1);
                        memcpy(prefix, picture.bytes, length);
                        uint8_t *small = NULL;
                        size_t small_length = 0;
                        struct error err = {0};
                        if (shrink_jpeg(prefix, length, 32, &small, &small_length, &err))
                                made++;
                        else
                                assert_int_equal(err.kind, ERROR_CORRUPT);
                        free(small);
                        free(prefix);
                }
                assert_true(made > 10); /* what is cut in its picture data still shows */
                free(picture.bytes);
        }
}

static void damage_is_survived(void **state)
{
        (void)state;
        struct picture picture = make(96, 64, 3, false);
        unsigned seed = 1;
        for (int round = 0; round < 3000; round++) {
                uint8_t *damaged = malloc(picture.length);
                memcpy(damaged, picture.bytes, picture.length);
                for (int i = 0; i < 4; i++) {
                        seed = seed * 1103515245U + 12345U;
                        damaged[seed / 65536U % picture.length] = (uint8_t)(seed >> 8);
                }
                uint8_t *small = NULL;
                size_t length = 0;
                struct error err = {0};
                if (!shrink_jpeg(damaged, picture.length, 32, &small, &length, &err))
                        assert_int_equal(err.kind, ERROR_CORRUPT);
                free(small);
                free(damaged);
        }
        free(picture.bytes);
}

/* The frame header is made to promise more than anybody has memory for. */
static void bombs_are_refused(void **state)
{
        (void)state;
        struct picture picture = make(64, 48, 3, true);
        for (size_t i = 0; i + 8 < picture.length; i++) {
                if (picture.bytes[i] == 0xff && (picture.bytes[i + 1] & 0xf0) == 0xc0 &&
                    picture.bytes[i + 1] != 0xc4)
                        memcpy(picture.bytes + i + 5, "\xff\xdc\xff\xdc", 4);
        }
        uint8_t *small = NULL;
        size_t length = 0;
        struct error err = {0};
        assert_false(shrink_jpeg(picture.bytes, picture.length, 160, &small, &length, &err));
        assert_int_equal(err.kind, ERROR_CORRUPT);
        assert_non_null(strstr(err.text, "65500 x 65500"));
        free(picture.bytes);
}

static void steps_are_few(void **state)
{
        (void)state;
        int last = 0;
        int steps = 0;
        for (int width = SHRINK_WIDTH_MIN; width <= SHRINK_WIDTH_MAX; width++) {
                int step = shrink_step(width);
                assert_true(step >= width);
                assert_true(step >= last);
                steps += step != last;
                last = step;
        }
        assert_int_equal(last, SHRINK_WIDTH_MAX);
        assert_in_range(steps, 5, 10);
}

/* As a camera with little-endian EXIF writes it: another tag first, and a second directory. */
static const uint8_t little_endian[] = "Exif\0\0II*\0\x08\0\0\0"
                                       "\x02\0"
                                       "\x0f\x01\x02\0\x04\0\0\0ACME"
                                       "\x12\x01\x03\0\x01\0\0\0\x08\0\0\0"
                                       "\0\0\0";

static void a_turned_picture_stays_turned(void **state)
{
        (void)state;
        uint8_t segment[ORIENTATION_SEGMENT];
        for (int orientation = 2; orientation <= ORIENTATION_MOST; orientation++) {
                orientation_write(orientation, segment);
                struct picture picture = make(640, 480, 3, false);
                size_t room = picture.length + sizeof segment + 4;
                uint8_t *turned = malloc(room);
                uint8_t head[6] = {0xff, 0xd8, 0xff, 0xe1, 0, sizeof segment + 2};
                memcpy(turned, head, 6);
                memcpy(turned + 6, segment, sizeof segment);
                memcpy(turned + 6 + sizeof segment, picture.bytes + 2, picture.length - 2);
                uint8_t *small = NULL;
                size_t length = 0;
                struct error err = {0};
                assert_true(shrink_jpeg(turned, room, 160, &small, &length, &err));
                const uint8_t *found = memmem(small, length, segment, sizeof segment);
                assert_non_null(found);
                assert_int_equal(found[-4], 0xff);
                assert_int_equal(found[-3], 0xe1);
                free(small);
                free(turned);
                free(picture.bytes);
        }
}

static void orientation_is_read_of_any_bytes(void **state)
{
        (void)state;
        assert_int_equal(orientation_read(little_endian, sizeof little_endian), 8);
        for (size_t length = 0; length < sizeof little_endian; length++) {
                uint8_t *exact = malloc(length > 0 ? length : 1);
                memcpy(exact, little_endian, length);
                int orientation = orientation_read(exact, length);
                assert_true(orientation == ORIENTATION_AS_STORED || orientation == 8);
                free(exact);
        }
        /* Each byte as each value: nothing is read outside, and nothing else comes out. */
        for (size_t at = 0; at < sizeof little_endian; at++) {
                for (int value = 0; value < 256; value++) {
                        uint8_t *bytes = malloc(sizeof little_endian);
                        memcpy(bytes, little_endian, sizeof little_endian);
                        bytes[at] = (uint8_t)value;
                        assert_in_range(orientation_read(bytes, sizeof little_endian), 1, 8);
                        free(bytes);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sizes_and_light_are_right),
                cmocka_unit_test(every_prefix_is_survived),
                cmocka_unit_test(damage_is_survived),
                cmocka_unit_test(bombs_are_refused),
                cmocka_unit_test(steps_are_few),
                cmocka_unit_test(a_turned_picture_stays_turned),
                cmocka_unit_test(orientation_is_read_of_any_bytes),
        };
        return cmocka_run_group_tests_name("shrink", tests, NULL, NULL);
}
