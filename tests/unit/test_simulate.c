#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "model/kind.h"
#include "parse/understand.h"
#include "simulate/device.h"
#include "simulate/iqeye.h"
#include "simulate/mosaic.h"
#include "simulate/random.h"
#include "simulate/visit.h"

/* A head as a real camera wrote it, but for the MAC. */
static void a_head_is_that_of_a_camera_byte_for_byte(void **state)
{
        (void)state;
        static const char expected[] =
                "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x01\x00\x60\x00\x60\x00\x00"
                "\xff\xfe\x00\x09\x00\x50\x1a\xff\x02\x03\x3b"
                "\xff\xfe\x00";
        static const char json[] = "{\"IQimage\":{\"sequence\":529057,\"time\":1400510841748,"
                                   "\"event\":[\"motion\"],\"motionWindows\":[2,8],\"imgjdbg\":\" ";
        struct iqeye_picture picture = {.mac = {0x00, 0x50, 0x1a, 0xff, 0x02, 0x03},
                                        .product = 0x3b,
                                        .sequence = 529057,
                                        .time = {1400510841748},
                                        .windows = 0x82,
                                        .gain = 291};
        uint8_t head[IQEYE_HEAD_MAX];
        size_t length = iqeye_head(&picture, head);
        size_t start = sizeof expected - 1;
        assert_memory_equal(head, expected, start);
        assert_int_equal(head[start], length - (start - 1));
        assert_memory_equal(head + start + 1, json, sizeof json - 1);
        assert_memory_equal(head + length - 3, "\"}}", 3);

        picture.windows = 0;
        length = iqeye_head(&picture, head);
        head[length] = '\0';
        const char *text = (const char *)head + start + 1;
        assert_non_null(strstr(text, ",\"event\":[\"none\"],\"imgjdbg\":"));
        assert_null(strstr(text, "motionWindows"));
}

static void the_parser_reads_back_what_the_camera_says(void **state)
{
        (void)state;
        struct rng rng = {5};
        for (int i = 0; i < 3000; i++) {
                struct iqeye_picture picture = {
                        .product = iqeye_product((unsigned)i),
                        .sequence = (int64_t)(rng_next(&rng) >> (i % 60 + 4)),
                        .time = {1000000000000 + (int64_t)(rng_next(&rng) >> 24)},
                        .windows = (uint8_t)rng_next(&rng),
                        .gain = rng_below(&rng, 500),
                        .brightness = rng_below(&rng, 256)};
                uint64_t bits = rng_next(&rng);
                memcpy(picture.mac, (uint8_t[]){0x00, 0x50, 0x1a}, 3);
                memcpy(picture.mac + 3, &bits, 3);
                uint8_t head[IQEYE_HEAD_MAX];
                size_t length = iqeye_head(&picture, head);
                struct understand_context context = {
                        .received = UTC_NONE, .now = {4102444800000}, .bytes = -1};
                struct facts facts;
                assert_int_equal(understand_head(head, length, true, &context, &facts), 0);
                assert_true(facts.has_mac);
                assert_memory_equal(facts.mac, picture.mac, 6);
                assert_int_equal(facts.model_code, picture.product);
                assert_int_equal(facts.sequence, picture.sequence);
                assert_int_equal(facts.time.ms, picture.time.ms);
                assert_int_equal(facts.windows, picture.windows);
                assert_int_equal(facts.notes & NOTE_BIT(NOTE_BAD_COMMENT), 0);
        }
}

/* Decodes to RGB; a warning of libjpeg fails the test. */
static uint8_t *decode(const uint8_t *bytes, size_t length, int width, int height)
{
        struct jpeg_decompress_struct decoder;
        struct jpeg_error_mgr manager;
        decoder.err = jpeg_std_error(&manager);
        jpeg_create_decompress(&decoder);
        jpeg_mem_src(&decoder, bytes, length);
        assert_int_equal(jpeg_read_header(&decoder, TRUE), JPEG_HEADER_OK);
        assert_int_equal(decoder.image_width, width);
        assert_int_equal(decoder.image_height, height);
        decoder.dct_method = JDCT_IFAST;
        /* smooth upsampling looks across tiles, which both pictures must then do alike */
        jpeg_start_decompress(&decoder);
        uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);
        while (decoder.output_scanline < decoder.output_height) {
                JSAMPROW row = rgb + (size_t)decoder.output_scanline * (size_t)width * 3;
                jpeg_read_scanlines(&decoder, &row, 1);
        }
        jpeg_finish_decompress(&decoder);
        assert_int_equal(manager.num_warnings, 0);
        jpeg_destroy_decompress(&decoder);
        return rgb;
}

/* The picture as libjpeg makes it in one go, without restart markers. */
static uint8_t *encode_whole(const uint8_t *rgb, int width, int height, size_t stride, int quality,
                             unsigned long *length_out)
{
        struct jpeg_compress_struct encoder;
        struct jpeg_error_mgr manager;
        unsigned char *bytes = NULL;
        encoder.err = jpeg_std_error(&manager);
        jpeg_create_compress(&encoder);
        jpeg_mem_dest(&encoder, &bytes, length_out);
        encoder.image_width = (JDIMENSION)width;
        encoder.image_height = (JDIMENSION)height;
        encoder.input_components = 3;
        encoder.in_color_space = JCS_RGB;
        jpeg_set_defaults(&encoder);
        jpeg_set_quality(&encoder, quality, TRUE);
        encoder.dct_method = JDCT_IFAST;
        jpeg_start_compress(&encoder, TRUE);
        while (encoder.next_scanline < encoder.image_height) {
                JSAMPROW row = (JSAMPROW)(rgb + encoder.next_scanline * stride);
                jpeg_write_scanlines(&encoder, &row, 1);
        }
        jpeg_finish_compress(&encoder);
        jpeg_destroy_compress(&encoder);
        return bytes;
}

static void copy_tile(const struct mosaic *m, uint8_t *raster, int tile, uint8_t *pixels,
                      bool to_raster)
{
        size_t bytes = (size_t)m->tile_width * 3;
        for (int y = 0; y < MOSAIC_TILE_HEIGHT; y++) {
                size_t row = (size_t)(tile / m->columns) * MOSAIC_TILE_HEIGHT + (size_t)y;
                size_t column = (size_t)(tile % m->columns) * (size_t)m->tile_width;
                uint8_t *at = raster + (row * (size_t)m->padded_width + column) * 3;
                uint8_t *own = pixels + (size_t)y * bytes;
                memcpy(to_raster ? at : own, to_raster ? own : at, bytes);
        }
}

static void scribble(uint8_t *raster, const struct mosaic *m, struct rng *rng)
{
        for (int y = 0; y < m->padded_height; y++) {
                for (int x = 0; x < m->padded_width; x++) {
                        uint8_t *p = raster + ((size_t)y * (size_t)m->padded_width + (size_t)x) * 3;
                        p[0] = (uint8_t)(x * 2 + rng_below(rng, 60));
                        p[1] = (uint8_t)(y * 3 + rng_below(rng, 90));
                        p[2] = (uint8_t)(x + y);
                }
        }
}

/* A picture of old and new tiles decodes to the very pixels of the same picture encoded at once. */
static void tiles_make_the_picture_that_libjpeg_makes(void **state)
{
        (void)state;
        static const int sizes[][2] = {{160, 128}, {320, 240},  {208, 144},
                                       {592, 128}, {1280, 160}, {512, 1040}};
        struct rng rng = {9};
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
                struct mosaic m;
                struct error err;
                assert_true(mosaic_init(&m, sizes[i][0], sizes[i][1], 60 + (int)i * 7, &err));
                int count = m.columns * m.rows;
                assert_int_equal(m.columns * m.tile_width, m.padded_width);
                size_t tile_bytes = (size_t)m.tile_width * MOSAIC_TILE_HEIGHT * 3;
                uint8_t *raster = malloc((size_t)count * tile_bytes);
                uint8_t *pixels = malloc((size_t)count * tile_bytes);
                struct tiles ground = {0};
                struct tiles fresh = {0};
                scribble(raster, &m, &rng);
                for (int t = 0; t < count; t++)
                        copy_tile(&m, raster, t, pixels + tile_bytes * (size_t)t, false);
                assert_true(mosaic_encode(&m, pixels, count, &ground, &err));
                int *index = malloc(sizeof *index * (size_t)count);
                int changed = 0;
                for (int t = 0; t < count; t++) {
                        index[t] = rng_below(&rng, 3) == 0 ? changed : -1;
                        if (index[t] < 0)
                                continue;
                        uint8_t *own = pixels + tile_bytes * (size_t)changed++;
                        for (size_t b = 0; b < tile_bytes; b++)
                                own[b] = (uint8_t)(b * 7 + rng_next(&rng) % 40);
                        copy_tile(&m, raster, t, own, true);
                }
                assert_true(mosaic_encode(&m, pixels, changed, &fresh, &err));
                struct mosaic_parts parts = {(const uint8_t *)"\xff\xd8", 2, &ground, &fresh,
                                             index};
                size_t bound = mosaic_bound(&m, &parts);
                uint8_t *picture = malloc(bound);
                size_t length = mosaic_assemble(&m, &parts, picture);
                assert_true(length <= bound);
                unsigned long whole_length = 0;
                uint8_t *whole = encode_whole(raster, m.width, m.height, (size_t)m.padded_width * 3,
                                              m.quality, &whole_length);
                uint8_t *a = decode(picture, length, m.width, m.height);
                uint8_t *b = decode(whole, whole_length, m.width, m.height);
                assert_memory_equal(a, b, (size_t)m.width * (size_t)m.height * 3);
                free(a);
                free(b);
                free(whole);
                free(picture);
                free(index);
                free(raster);
                free(pixels);
                tiles_finish(&ground);
                tiles_finish(&fresh);
        }
}

static void impossible_sizes_are_refused(void **state)
{
        (void)state;
        static const int sizes[][2] = {{0, 0},      {159, 200},  {160, 119},
                                       {4097, 200}, {200, 4097}, {-5, -5}};
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
                struct mosaic m;
                struct error err = {0};
                assert_false(mosaic_init(&m, sizes[i][0], sizes[i][1], 70, &err));
                assert_int_equal(err.kind, ERROR_INPUT);
        }
}

static struct device *camera(int number, uint64_t seed, int64_t start_ms, int64_t seconds, int rate)
{
        struct device_options options = {.number = number,
                                         .seed = seed,
                                         .rate = rate,
                                         .visits = 60,
                                         .width = 160,
                                         .height = 128,
                                         .start = {start_ms},
                                         .end = {start_ms + seconds * 1000}};
        struct device *device = NULL;
        struct error err;
        assert_true(device_create(&options, &device, &err));
        return device;
}

static bool next(struct device *device, struct upload *upload)
{
        struct error err;
        bool more = false;
        assert_true(device_next(device, upload, &more, &err));
        return more;
}

struct burst {
        int pre, last, motion;
        bool triggered;
        int64_t trigger_ms;
};

/* Checks an upload against the burst it belongs to, as a camera's manual describes bursts. */
static void take(struct burst *burst, const struct upload *u, int64_t last_time, int64_t last_due)
{
        bool starts = u->trigger < 0 ? burst->triggered || burst->pre == 0
                                     : u->trigger == 0 && burst->triggered;
        if (starts || (u->trigger == 0 && burst->pre == 0))
                *burst = (struct burst){.last = u->trigger - 1,
                                        .pre = u->trigger < 0 ? -u->trigger : 0};
        assert_int_equal(u->trigger, burst->last + 1);
        burst->last = u->trigger;
        if (u->trigger == 0) {
                assert_true(u->windows != 0);
                burst->triggered = true;
                burst->trigger_ms = u->time.ms;
        }
        if (u->trigger >= 0) {
                assert_true(burst->triggered);
                assert_true(u->time.ms >= burst->trigger_ms &&
                            u->time.ms - burst->trigger_ms <= 5000);
        }
        assert_in_range(burst->pre + (u->trigger > 0 ? u->trigger : 0), 0, 8);
        assert_true(u->time.ms > last_time);
        assert_true(u->due.ms > last_due && u->due.ms > u->time.ms);
}

static void uploads_come_in_bursts_around_motion(void **state)
{
        (void)state;
        const int64_t start = 1795262400000 + 9 * 3600000;
        int post_seen = 0;
        int pre_seen = 0;
        for (int number = 0; number < 12; number++) {
                int rate = 1 + number % 6;
                struct device *device = camera(number, (uint64_t)number * 77, start, 1800, rate);
                struct upload u;
                struct burst burst = {.triggered = true};
                int64_t time = start - 1;
                int64_t due = start - 1;
                int64_t sequence = -1;
                int frames = 0;
                int motion = 0;
                while (next(device, &u)) {
                        if (frames == 0)
                                assert_in_range(u.time.ms - start, 0, 40000);
                        take(&burst, &u, time, due);
                        assert_true(u.time.ms < start + 1800 * 1000);
                        if (sequence >= 0)
                                assert_true(llabs(u.sequence - sequence -
                                                  (u.time.ms - time) * 18 / 1000) <= 1);
                        sequence = u.sequence;
                        time = u.time.ms;
                        due = u.due.ms;
                        frames++;
                        motion += u.windows != 0;
                        pre_seen |= u.trigger < 0 ? 1 << -u.trigger : 0;
                        post_seen |= u.trigger > 0 ? 1 << u.trigger : 0;
                }
                assert_in_range(motion, 20, frames - 1);
                device_free(&device);
        }
        assert_int_equal(pre_seen, 0x1e);
        assert_true((post_seen & 0x6) == 0x6);
}

static void pictures_are_whole_and_say_what_was_seen(void **state)
{
        (void)state;
        for (int number = 0; number < SCENE_KINDS; number++) {
                /* around the clock, so that every light is met */
                struct device *device =
                        camera(number, 3, 1795262400000 + number * 4 * 3600000, 9 * 3600, 2);
                struct upload u;
                struct error err;
                for (int i = 0; next(device, &u); i++) {
                        if (i % 97 != 0)
                                continue;
                        const uint8_t *bytes = NULL;
                        size_t length = 0;
                        assert_true(device_picture(device, &u, &bytes, &length, &err));
                        free(decode(bytes, length, 160, 128));
                        struct understand_context context = {
                                .received = u.due, .now = u.due, .bytes = (int64_t)length};
                        struct facts facts;
                        assert_int_equal(understand_head(bytes, length, true, &context, &facts), 0);
                        understand_tail(bytes, length, &facts);
                        assert_true(facts.complete);
                        assert_int_equal(facts.notes, 0);
                        assert_int_equal(facts.bytes_after_eoi, 0);
                        assert_int_equal(facts.time.ms, u.time.ms);
                        assert_int_equal(facts.windows, u.windows);
                        assert_int_equal(facts.kinds, KIND_BIT(u.windows ? 1 : 0));
                        assert_memory_equal(facts.mac, device_mac(device), 6);
                }
                device_free(&device);
        }
}

/* The same camera twice, one of them giving its memory back all the time. */
static void the_same_seed_gives_the_same_bytes(void **state)
{
        (void)state;
        const int64_t start = 1795262400000 + 5 * 3600000;
        struct device *a = camera(7, 42, start, 4 * 3600, 4);
        struct device *b = camera(7, 42, start, 4 * 3600, 4);
        struct device *c = camera(7, 43, start, 4 * 3600, 4);
        int differing = 0;
        assert_memory_not_equal(device_mac(a), device_mac(c), 6);
        for (int i = 0; i < 120; i++) {
                struct upload ua = {0};
                struct upload ub = {0};
                struct upload uc = {0};
                struct error err;
                const uint8_t *pa = NULL;
                const uint8_t *pb = NULL;
                size_t la = 0;
                size_t lb = 0;
                if (!next(a, &ua))
                        break;
                assert_true(next(b, &ub) && next(c, &uc));
                differing += ua.time.ms != uc.time.ms;
                assert_true(device_picture(a, &ua, &pa, &la, &err));
                if (i % 40 == 20)
                        device_rest(b);
                assert_true(device_picture(b, &ub, &pb, &lb, &err));
                assert_int_equal(la, lb);
                assert_memory_equal(pa, pb, la);
        }
        assert_true(differing > 50);
        device_free(&a);
        device_free(&b);
        device_free(&c);
}

static void names_and_identities_are_unlike(void **state)
{
        (void)state;
        enum { COUNT = 1000 };
        static uint8_t macs[COUNT][6];
        struct device *first = camera(0, 1, 0, 1, 1);
        struct device *seventh = camera(6, 1, 0, 1, 1);
        assert_string_equal(device_name(first), "courtyard");
        assert_string_equal(device_name(seventh), "courtyard-2");
        device_free(&first);
        device_free(&seventh);
        for (int i = 0; i < COUNT; i++) {
                struct device *device = camera(i, 1, 0, 1, 1);
                memcpy(macs[i], device_mac(device), 6);
                assert_memory_equal(macs[i], "\x00\x50\x1a", 3);
                for (int j = 0; j < i; j++)
                        assert_memory_not_equal(macs[i] + 3, macs[j] + 3, 3);
                device_free(&device);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_head_is_that_of_a_camera_byte_for_byte),
                cmocka_unit_test(the_parser_reads_back_what_the_camera_says),
                cmocka_unit_test(tiles_make_the_picture_that_libjpeg_makes),
                cmocka_unit_test(impossible_sizes_are_refused),
                cmocka_unit_test(uploads_come_in_bursts_around_motion),
                cmocka_unit_test(pictures_are_whole_and_say_what_was_seen),
                cmocka_unit_test(the_same_seed_gives_the_same_bytes),
                cmocka_unit_test(names_and_identities_are_unlike),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
