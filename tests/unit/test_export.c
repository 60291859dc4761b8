/* Formats of exports, over frames that come from an array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/ffmpeg.h"
#include "export/burn_in.h"
#include "export/mov.h"
#include "export/mov_head.h"
#include "export/name.h"
#include "export/order.h"
#include "export/stream.h"
#include "export/walk.h"
#include "small_source.h"

#define START INT64_C(1400510841748)

static int setup(void **state)
{
        struct small_source *small = malloc(sizeof *small);
        small_source_init(small);
        *state = small;
        return 0;
}

static int teardown(void **state)
{
        small_source_finish(*state);
        free(*state);
        return 0;
}

static uint64_t next_random(uint64_t *state)
{
        *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return *state >> 33;
}

/* ---- times ---- */

static void test_walk_times(void **state)
{
        struct small_source *small = *state;
        static const int64_t times[] = {0, 100, 100, 100, 101, 500, 86400000, 86400033};
        static const int64_t shown_at[] = {0, 100, 101, 102, 103, 500, 86400000, 86400033};
        for (size_t i = 0; i < 8; i++)
                small_source_add(small, 0, START + times[i], 10, 64, 48);
        small_source_add(small, 1, START - 5000, 10, 64, 48);
        small_source_add(small, 2, START + 7, 10, 64, 48);
        small_source_add(small, 2, START + 9007, 10, 64, 48);
        struct walk walk;
        const struct walk_item *item;
        struct error err = {0};
        walk_begin(&walk, &small->source);
        for (size_t i = 0; i < 8; i++) {
                assert_true(walk_next(&walk, &item, &err));
                assert_int_equal(item->at_ms, shown_at[i]);
        }
        assert_int_equal(item->shown_ms, 33); /* the last of a stretch, as the one before */
        assert_true(walk_next(&walk, &item, &err));
        assert_int_equal(item->at_ms, 86400066);
        assert_int_equal(item->shown_ms, WALK_LAST_MS); /* the only one of its stretch */
        assert_true(walk_next(&walk, &item, &err));
        assert_int_equal(item->at_ms, 86401066);
        assert_int_equal(item->shown_ms, 9000);
        assert_true(walk_next(&walk, &item, &err));
        assert_int_equal(item->shown_ms, WALK_LAST_MS);
        assert_false(walk_next(&walk, &item, &err));
        assert_int_equal(err.kind, ERROR_NONE);
}

/* ---- films ---- */

static uint32_t get_32(const unsigned char *at)
{
        return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t get_64(const unsigned char *at)
{
        return (uint64_t)get_32(at) << 32 | get_32(at + 4);
}

/* The contents of a box among those that fill `length` bytes exactly; NULL when it is not there. */
static const unsigned char *find_box(const unsigned char *at, size_t length, const char *type,
                                     size_t *length_out)
{
        const unsigned char *found = NULL;
        size_t used = 0;
        while (used < length) {
                assert_true(length - used >= 8);
                uint64_t size = get_32(at + used);
                size_t head = 8;
                if (size == 1) {
                        size = get_64(at + used + 8);
                        head = 16;
                }
                assert_true(size >= head && size <= length - used);
                if (memcmp(at + used + 4, type, 4) == 0) {
                        assert_null(found);
                        found = at + used + head;
                        *length_out = (size_t)size - head;
                }
                used += (size_t)size;
        }
        return found;
}

static const unsigned char *find_path(const unsigned char *at, size_t length, const char *path,
                                      size_t *length_out)
{
        for (; at != NULL && *path != '\0'; path += path[4] == '/' ? 5 : 4)
                at = find_box(at, length, path, &length);
        *length_out = length;
        return at;
}

/* Reads all of an export in pieces of up to `most` bytes; the caller frees. */
static unsigned char *read_all(struct small_source *small, enum export_format format, int64_t skip,
                               size_t most, size_t *length_out)
{
        struct export_stream *stream;
        struct error err = {0};
        assert_true(export_open(&small->source, format, (struct utc){START}, &stream, &err));
        unsigned char *bytes = malloc(1 << 22);
        size_t used = 0;
        size_t got = 1;
        if (skip > 0)
                export_skip(stream, skip);
        while (got > 0) {
                assert_true(export_read(stream, (char *)bytes + used, most, &got, &err));
                assert_true(got <= most);
                used += got;
        }
        if (export_length(stream) >= 0)
                assert_int_equal(used, export_length(stream) - skip);
        export_close(&stream);
        *length_out = used;
        return bytes;
}

#define TABLES "moov/trak/mdia/minf/stbl/"

/* Each entry of the tables leads to the very bytes of its picture. */
static void check_film(const struct small_source *small, const unsigned char *film, size_t length)
{
        size_t size;
        const unsigned char *sizes = find_path(film, length, TABLES "stsz", &size);
        assert_int_equal(size, 12 + 4 * small->count);
        assert_int_equal(get_32(sizes + 4), 0);
        assert_int_equal(get_32(sizes + 8), small->count);
        const unsigned char *offsets = find_path(film, length, TABLES "stco", &size);
        assert_int_equal(size, 8 + 4 * small->count);
        for (size_t i = 0; i < small->count; i++) {
                uint32_t bytes = get_32(sizes + 12 + 4 * i);
                uint32_t offset = get_32(offsets + 8 + 4 * i);
                assert_int_equal(bytes, small->frames[i].bytes);
                assert_true(offset + bytes <= length);
                for (uint32_t at = 0; at < bytes; at++)
                        assert_int_equal(film[offset + at], small_source_byte(i, at));
        }
}

/* The times of the tables are those of the walk, and add up to what the headers say. */
static void check_times(struct small_source *small, const unsigned char *film, size_t length)
{
        size_t size;
        struct walk walk;
        const struct walk_item *item;
        struct error err = {0};
        int64_t total = 0;
        uint32_t frames = 0;
        const unsigned char *times = find_path(film, length, TABLES "stts", &size);
        uint32_t entries = get_32(times + 4);
        assert_int_equal(size, 8 + 8 * entries);
        walk_begin(&walk, &small->source);
        for (uint32_t i = 0; i < entries; i++) {
                for (uint32_t k = 0; k < get_32(times + 8 + 8 * i); k++) {
                        assert_true(walk_next(&walk, &item, &err));
                        assert_int_equal(item->at_ms, total);
                        assert_int_equal(item->shown_ms, get_32(times + 12 + 8 * i));
                        total += item->shown_ms;
                        frames++;
                }
        }
        assert_int_equal(frames, small->count);
        const unsigned char *header = find_path(film, length, "moov/mvhd", &size);
        assert_int_equal(get_32(header + 12), 1000);
        assert_int_equal(get_32(header + 16), total);
        assert_int_equal(get_32(header + 4), mov_time(small->frames[0].key.time));
}

static void test_film_of_random_frames(void **state)
{
        struct small_source *small = *state;
        uint64_t random = 7;
        int64_t time = START;
        for (size_t stretch = 0; stretch < 3; stretch++) {
                for (int i = 0; i < 67; i++) {
                        time += (int64_t)(next_random(&random) % 5 == 0
                                                  ? 0
                                                  : next_random(&random) % 900);
                        bool other = next_random(&random) % 7 == 0;
                        small_source_add(small, stretch, time,
                                         1 + (int64_t)(next_random(&random) % 3000),
                                         other ? 96 : 64, other ? 64 : 48);
                }
                time += 1000000;
        }
        small_source_add(small, 3, time, 77, 0, 0); /* its size is not known */
        size_t length;
        unsigned char *film = read_all(small, EXPORT_MOV, 0, 1 << 16, &length);
        check_film(small, film, length);
        check_times(small, film, length);
        size_t size;
        const unsigned char *described = find_path(film, length, TABLES "stsd", &size);
        assert_int_equal(get_32(described + 4), 2);
        assert_memory_equal(described + 12, "jpeg", 4);
        /* However it is read, and from wherever on. */
        for (size_t page = 1; page < 70; page += 11) {
                size_t again;
                small->page_most = page;
                unsigned char *pieces = read_all(small, EXPORT_MOV, 0, 1 + page * 3, &again);
                assert_int_equal(again, length);
                assert_memory_equal(pieces, film, length);
                free(pieces);
        }
        for (size_t from = 1; from < length; from += from < 3000 ? 1 : 4999) {
                size_t rest;
                unsigned char *part = read_all(small, EXPORT_MOV, (int64_t)from, 1 << 16, &rest);
                assert_int_equal(rest, length - from);
                assert_memory_equal(part, film + from, rest);
                free(part);
        }
        free(film);
}

/* All of a film but its pictures. */
static unsigned char *read_head(struct small_source *small, struct mov *mov, size_t *length_out)
{
        struct text out;
        struct error err = {0};
        const struct walk_item *picture;
        assert_true(mov_plan(mov, &small->source, &err));
        text_init_growing(&out, 1 << 20);
        while (mov->phase < MOV_PICTURES)
                assert_true(mov_next(mov, &out, &picture, &err));
        assert_true(text_ok(&out));
        *length_out = out.length;
        return (unsigned char *)out.bytes;
}

static void test_large_film(void **state)
{
        struct small_source *small = *state;
        struct mov mov;
        size_t length;
        size_t size;
        for (int i = 0; i < 3; i++)
                small_source_add(small, 0, START + i, INT64_C(3000000000), 64, 48);
        unsigned char *head = read_head(small, &mov, &length);
        assert_int_equal(mov.plan.length, (int64_t)length + INT64_C(9000000000));
        assert_int_equal(get_32(head + length - 16), 1);
        assert_memory_equal(head + length - 12, "mdat", 4);
        assert_int_equal(get_64(head + length - 8), UINT64_C(9000000016));
        size_t boxes = length - 16;
        assert_null(find_path(head, boxes, TABLES "stco", &size));
        const unsigned char *offsets = find_path(head, boxes, TABLES "co64", &size);
        for (unsigned i = 0; i < 3; i++)
                assert_int_equal(get_64(offsets + 8 + 8 * i), length + i * UINT64_C(3000000000));
        free(head);
}

static void test_late_film(void **state)
{
        struct small_source *small = *state;
        struct mov mov;
        size_t length;
        size_t size;
        small_source_add(small, 0, INT64_C(2300000000000), 10, 64, 48); /* 2042: past 32 bits */
        unsigned char *head = read_head(small, &mov, &length);
        const unsigned char *header = find_path(head, length - 8, "moov/mvhd", &size);
        assert_int_equal(header[0], 1);
        assert_int_equal(get_64(header + 4), mov_time((struct utc){INT64_C(2300000000000)}));
        assert_int_equal(get_64(header + 24), WALK_LAST_MS);
        free(head);
        assert_int_equal(mov_time((struct utc){INT64_C(-3000000000000)}), 0);
}

static void test_film_refuses(void **state)
{
        struct small_source *small = *state;
        struct mov mov;
        struct error err = {0};
        assert_false(mov_plan(&mov, &small->source, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        small_source_add(small, 0, START, 10, 64, 48);
        small_source_add(small, 0, START + INT64_C(25) * 86400000, 10, 64, 48);
        assert_false(mov_plan(&mov, &small->source, &err));
        assert_int_equal(err.kind, ERROR_INPUT);
}

/* ---- what goes wrong ---- */

static void test_changed_meanwhile(void **state)
{
        struct small_source *small = *state;
        static const enum export_format formats[] = {EXPORT_MOV, EXPORT_ZIP};
        for (int i = 0; i < 20; i++)
                small_source_add(small, 0, START + i * 100, 100, 64, 48);
        for (int f = 0; f < 2; f++) {
                /* In each of the walks but the first, and for a film the last that plans. */
                for (int drop = 2; drop <= (f == 0 ? 6 : 3); drop++) {
                        struct export_stream *stream;
                        struct error err = {0};
                        char buffer[4096];
                        size_t got = 1;
                        bool fine = true;
                        small->rewinds = 0;
                        small->drop_last_at = drop;
                        assert_true(export_open(&small->source, formats[f], (struct utc){START},
                                                &stream, &err));
                        while (fine && got > 0)
                                fine = export_read(stream, buffer, sizeof buffer, &got, &err);
                        assert_false(fine);
                        assert_int_equal(err.kind, ERROR_CONFLICT);
                        export_close(&stream);
                }
        }
}

static void test_gone_meanwhile(void **state)
{
        struct small_source *small = *state;
        for (int i = 0; i < 20; i++)
                small_source_add(small, 0, START + i * 100, 1000, 64, 48);
        small->fail_open = 12;
        for (int format = EXPORT_MOV; format <= EXPORT_MJPEG; format++) {
                struct export_stream *stream;
                struct error err = {0};
                char buffer[777];
                size_t got = 1;
                size_t total = 0;
                assert_true(export_open(&small->source, (enum export_format)format,
                                        (struct utc){START}, &stream, &err));
                while (export_read(stream, buffer, sizeof buffer, &got, &err)) {
                        assert_true(got > 0);
                        total += got;
                }
                assert_int_equal(err.kind, ERROR_GONE);
                assert_true(total >= 12000); /* all before it was given */
                assert_false(export_read(stream, buffer, sizeof buffer, &got, &err));
                export_close(&stream);
        }
}

/* ---- names, texts ---- */

static void test_names(void **state)
{
        struct small_source *small = *state;
        char name[EXPORT_NAME_SIZE];
        struct error err = {0};
        struct camera camera = {.id = {12}};
        static const char *const names[][2] = {
                {"gate", "gate/2014-05-19_14-47-21.748Z.jpg"},
                {"a:b", "a_b~12/2014-05-19_14-47-21.748Z.jpg"},
                {"..\\x", "_._x~12/2014-05-19_14-47-21.748Z.jpg"},
                {"a~1", "a_1~12/2014-05-19_14-47-21.748Z.jpg"},
                {"-rf", "_rf~12/2014-05-19_14-47-21.748Z.jpg"},
                {"K\xc3\xbc"
                 "che",
                 "K\xc3\xbc"
                 "che/2014-05-19_14-47-21.748Z.jpg"},
        };
        assert_false(export_file_name(&small->source, EXPORT_ZIP, name, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        small_source_add(small, 0, START, 10, 64, 48);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                memset(camera.name, 0, sizeof camera.name);
                memcpy(camera.name, names[i][0], strlen(names[i][0]));
                export_picture_name(&camera, &small->frames[0], name);
                assert_string_equal(name, names[i][1]);
        }
        assert_true(export_file_name(&small->source, EXPORT_MOV, name, &err));
        assert_string_equal(name, "gate_2014-05-19_09-47-21.mov"); /* Chicago's time */
        small_source_add(small, 1, START, 10, 64, 48);
        assert_true(export_file_name(&small->source, EXPORT_MP4, name, &err));
        assert_string_equal(name, "2-cameras_2014-05-19_09-47-21.mp4");
}

static void test_burnt_in(void **state)
{
        struct small_source *small = *state;
        struct walk walk;
        const struct walk_item *item;
        struct error err = {0};
        struct text text;
        small_source_add(small, 0, START, 10, 64, 48);
        small_source_add(small, 1, START + 1, 10, 64, 48);
        text_init_growing(&text, 4096);
        walk_begin(&walk, &small->source);
        while (walk_next(&walk, &item, &err))
                burn_in_line(&text, &small->source, item);
        assert_string_equal(text.bytes,
                            "Dialogue: 0,0:00:00.00,0:00:19.99,line,gate  "
                            "2014-05-19 09:47:21.748 -05:00\n"
                            "Dialogue: 0,0:00:19.99,0:00:39.99,line,it's:50%\\\xe2\x81\xa0\\{x\\}  "
                            "2014-05-19 09:47:21.749 -05:00\n");
        text_finish(&text);
}

static void test_orders(void **state)
{
        (void)state;
        struct stretch stretches[] = {{{3}, {START}, {START + 9}}, {{4}, {-7}, {0}}};
        struct export_order order = {EXPORT_MP4, true, stretches, 2};
        struct export_order read;
        struct error err = {0};
        struct text text;
        assert_true(order_check(&order, &err));
        text_init_growing(&text, 4096);
        order_write(&order, &text);
        assert_true(order_read(text.bytes, text.length, &read, &err));
        assert_int_equal(read.format, EXPORT_MP4);
        assert_true(read.burn_in);
        assert_int_equal(read.count, 2);
        assert_memory_equal(read.stretches, stretches, sizeof stretches);
        order_free(&read);
        for (size_t length = 0; length < text.length; length++) {
                assert_false(order_read(text.bytes, length, &read, &err));
                assert_int_equal(err.kind, ERROR_CORRUPT);
        }
        text_finish(&text);
        for (int format = 0; format < EXPORT_FORMATS; format++) {
                order.format = (enum export_format)format;
                assert_int_equal(order_check(&order, &err), format == EXPORT_MP4);
        }
}

static void test_complaints(void **state)
{
        (void)state;
        char out[100];
        static const struct {
                const char *said, *complaint;
        } cases[] = {
                {"", "it does not say why"},
                {"[info] all is well\nframe=1\r", "it does not say why"},
                {"[libx264 @ 0x55] [error] width not divisible\n[info] x\n[fatal] Conversion "
                 "failed!\n",
                 "width not divisible; Conversion failed!"},
                {"[error] 1\n[error] 2\n[error] 3\n[error] 4", "2; 3; 4"},
                {"[error] [", "["},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                ffmpeg_complaint(cases[i].said, out, sizeof out);
                assert_string_equal(out, cases[i].complaint);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_walk_times, setup, teardown),
                cmocka_unit_test_setup_teardown(test_film_of_random_frames, setup, teardown),
                cmocka_unit_test_setup_teardown(test_large_film, setup, teardown),
                cmocka_unit_test_setup_teardown(test_late_film, setup, teardown),
                cmocka_unit_test_setup_teardown(test_film_refuses, setup, teardown),
                cmocka_unit_test_setup_teardown(test_changed_meanwhile, setup, teardown),
                cmocka_unit_test_setup_teardown(test_gone_meanwhile, setup, teardown),
                cmocka_unit_test_setup_teardown(test_names, setup, teardown),
                cmocka_unit_test_setup_teardown(test_burnt_in, setup, teardown),
                cmocka_unit_test(test_orders),
                cmocka_unit_test(test_complaints),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
