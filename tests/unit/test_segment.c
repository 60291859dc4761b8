#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/segment.h"
#include "store/segment.h"

enum { RECORDS = 40 };

static uint32_t seed = 12345;

static uint32_t draw(uint32_t below)
{
        seed = seed * 1664525 + 1013904223;
        return (uint32_t)((uint64_t)seed * below >> 32);
}

/* A file of records with random pictures, some of them with everything a header looks like. */
struct sample {
        int fd;
        int64_t size;
        int count;
        int64_t offsets[RECORDS + 1];
        int64_t pictures[RECORDS];
        size_t lengths[RECORDS];
        char facts[RECORDS][64];
};

static void append(struct sample *sample, const uint8_t *picture, size_t length)
{
        char header[SEGMENT_PREFIX + SEGMENT_HEADER_MAX];
        char *facts = sample->facts[sample->count];
        int facts_length = snprintf(facts, 64, "{\"n\":%d,\"x\":\"%.*s\"}", sample->count,
                                    (int)draw(20), "aaaaaaaaaaaaaaaaaaaa");
        size_t used =
                segment_header_format(facts, (size_t)facts_length, (int64_t)length,
                                      segment_checksum(picture, length), header, sizeof header);
        assert_int_equal(used, SEGMENT_PREFIX + facts_length + 1);
        assert_null(memchr(header, 0xff, used));
        sample->offsets[sample->count] = sample->size;
        sample->pictures[sample->count] = sample->size + (int64_t)used;
        sample->lengths[sample->count] = length;
        assert_int_equal(pwrite(sample->fd, header, used, sample->size), used);
        sample->size += (int64_t)used;
        assert_int_equal(pwrite(sample->fd, picture, length, sample->size), length);
        sample->size += (int64_t)length;
        sample->offsets[++sample->count] = sample->size;
}

static void make_sample(struct sample *sample, size_t most)
{
        static uint8_t picture[200000];
        *sample = (struct sample){.fd = memfd_create("segment", 0)};
        for (int i = 0; i < RECORDS; i++) {
                size_t length = i == 7 ? 0 : 1 + draw((uint32_t)most);
                for (size_t k = 0; k < length; k++)
                        picture[k] = (uint8_t)draw(256);
                if (length > 400)
                        memcpy(picture + 100, "CCTVWEB1 00000003 ", sizeof "CCTVWEB1 00000003 ");
                append(sample, picture, length);
        }
}

struct seen {
        const struct sample *sample;
        int count;
        int indexes[RECORDS];
        bool intact[RECORDS];
        int stop_after;
};

static bool see(void *context, const struct segment_record *record, bool intact)
{
        struct seen *seen = context;
        const struct sample *sample = seen->sample;
        int i = 0;
        while (i < sample->count && sample->offsets[i] != record->offset)
                i++;
        assert_true(i < sample->count);
        assert_int_equal(record->picture_offset, sample->pictures[i]);
        assert_int_equal(record->picture_length, sample->lengths[i]);
        assert_int_equal(record->facts_length, strlen(sample->facts[i]));
        assert_memory_equal(record->facts, sample->facts[i], record->facts_length);
        assert_true(seen->count < RECORDS);
        seen->indexes[seen->count] = i;
        seen->intact[seen->count++] = intact;
        return seen->count != seen->stop_after;
}

static struct segment_walk walk(const struct sample *sample, int64_t from, bool verify,
                                struct seen *seen)
{
        struct segment_walk result;
        struct error err;
        *seen = (struct seen){.sample = sample};
        struct segment_visit visit = {from, verify, see, seen};
        if (!segment_walk(sample->fd, &visit, &result, &err))
                fail_msg("%s", err.text);
        return result;
}

static void a_file_walks_from_any_record(void **state)
{
        (void)state;
        struct sample sample;
        struct seen seen;
        make_sample(&sample, 100000);
        for (int from = 0; from <= RECORDS; from++) {
                struct segment_walk got = walk(&sample, sample.offsets[from], from % 2 == 0, &seen);
                assert_int_equal(got.records, RECORDS - from);
                assert_int_equal(got.broken, 0);
                assert_int_equal(got.end, sample.size);
                assert_int_equal(got.file_bytes, sample.size);
                for (int i = 0; i < seen.count; i++) {
                        assert_int_equal(seen.indexes[i], from + i);
                        assert_true(seen.intact[i]);
                }
        }
        close(sample.fd);
}

static void a_walk_ends_when_told(void **state)
{
        (void)state;
        struct sample sample;
        struct segment_walk got;
        struct error err;
        make_sample(&sample, 100);
        struct seen seen = {.sample = &sample, .stop_after = 3};
        struct segment_visit visit = {0, true, see, &seen};
        assert_true(segment_walk(sample.fd, &visit, &got, &err));
        assert_int_equal(seen.count, 3);
        assert_int_equal(got.end, sample.offsets[3]);
        close(sample.fd);
}

/* Cut anywhere, all that is whole is found and the end is where the cut record began. */
static void every_cut_leaves_what_is_whole(void **state)
{
        (void)state;
        struct sample sample;
        struct seen seen;
        make_sample(&sample, 60);
        int whole = RECORDS;
        for (int64_t size = sample.size; size >= 0; size--) {
                while (whole > 0 && sample.offsets[whole] > size)
                        whole--;
                assert_int_equal(ftruncate(sample.fd, size), 0);
                struct segment_walk got = walk(&sample, 0, true, &seen);
                assert_int_equal(got.records, whole);
                assert_int_equal(got.broken, 0);
                assert_int_equal(got.end, sample.offsets[whole]);
        }
        close(sample.fd);
}

/* A tail of zeros, as a power cut leaves it, is no record. */
static void zeros_at_the_end_are_a_tail(void **state)
{
        (void)state;
        struct sample sample;
        struct seen seen;
        make_sample(&sample, 3000);
        assert_int_equal(ftruncate(sample.fd, sample.offsets[30] + 70), 0);
        assert_int_equal(ftruncate(sample.fd, sample.size + (1 << 22)), 0);
        struct segment_walk got = walk(&sample, 0, true, &seen);
        assert_int_equal(got.records, 30);
        assert_int_equal(got.end, sample.offsets[30]);
        close(sample.fd);
}

/* One byte wrong anywhere costs at most the record it is in. */
static void a_wrong_byte_costs_one_record(void **state)
{
        (void)state;
        struct sample sample;
        struct seen seen;
        make_sample(&sample, 900);
        for (int64_t at = 0; at < sample.size; at += 1 + draw(9)) {
                uint8_t was;
                assert_int_equal(pread(sample.fd, &was, 1, at), 1);
                uint8_t wrong = was ^ (uint8_t)(1U << draw(8));
                assert_int_equal(pwrite(sample.fd, &wrong, 1, at), 1);
                int hit = 0;
                while (sample.offsets[hit + 1] <= at)
                        hit++;
                struct segment_walk got = walk(&sample, 0, true, &seen);
                int good = 0;
                for (int i = 0; i < seen.count; i++) {
                        assert_int_equal(seen.intact[i], seen.indexes[i] != hit);
                        good += seen.intact[i];
                }
                assert_int_equal(good, RECORDS - 1);
                /* In the last record it may be a torn tail. */
                assert_int_equal(got.broken, hit < RECORDS - 1 || seen.count == RECORDS);
                assert_int_equal(got.end, sample.offsets[hit == RECORDS - 1 ? hit : RECORDS]);
                assert_int_equal(pwrite(sample.fd, &was, 1, at), 1);
        }
        close(sample.fd);
}

static void punched_records_are_passed_over(void **state)
{
        (void)state;
        struct sample sample;
        struct seen seen;
        struct error err;
        make_sample(&sample, 60000);
        bool gone[RECORDS] = {false};
        int left = RECORDS;
        while (left > 0) {
                int i = (int)draw(RECORDS);
                int64_t freed = -1;
                if (gone[i])
                        continue;
                if (!segment_punch(sample.fd, sample.offsets[i],
                                   sample.offsets[i + 1] - sample.offsets[i], &freed, &err))
                        fail_msg("%s", err.text);
                /* Whole pages inside are freed at least. */
                assert_true(freed >= sample.offsets[i + 1] - sample.offsets[i] - 2 * 4096);
                assert_int_equal(freed % 4096, 0);
                gone[i] = true;
                left--;
                struct segment_walk got = walk(&sample, 0, true, &seen);
                assert_int_equal(got.records, left);
                assert_int_equal(got.broken, 0);
                for (int k = 0; k < seen.count; k++)
                        assert_true(seen.intact[k] && !gone[seen.indexes[k]]);
        }
        struct stat status;
        assert_int_equal(fstat(sample.fd, &status), 0);
        assert_int_equal(status.st_size, sample.size);
        close(sample.fd);
}

/* Every prefix of a header wants more; every header with a byte changed is none. */
static void headers_are_whole_or_nothing(void **state)
{
        (void)state;
        static const char facts[] = "{\"time\":\"2014-05-23T14:08:20.529Z\",\"w\":[1,2]}";
        char header[512];
        struct segment_record record = {.offset = -77};
        size_t used = segment_header_format(facts, sizeof facts - 1, 123456, 0xfedcba9876543210,
                                            header, sizeof header);
        assert_true(used > 0);
        for (size_t length = 0; length < used; length++) {
                uint8_t *bytes = malloc(length + 1); /* so that a sanitizer sees the end */
                memcpy(bytes, header, length);
                assert_int_equal(segment_header_parse(bytes, length, 5, &record), SEGMENT_SHORT);
                free(bytes);
        }
        assert_int_equal(record.offset, -77);
        for (size_t i = 0; i < used; i++) {
                for (int bit = 0; bit < 8; bit++) {
                        header[i] = (char)(header[i] ^ 1 << bit);
                        enum segment_read read =
                                segment_header_parse((uint8_t *)header, used, 5, &record);
                        /* A greater length of the header wants more; nothing else does. */
                        assert_true(read == SEGMENT_NOTHING ||
                                    (read == SEGMENT_SHORT && i >= 9 && i < 17));
                        header[i] = (char)(header[i] ^ 1 << bit);
                }
        }
        assert_int_equal(segment_header_parse((uint8_t *)header, used, 5, &record), SEGMENT_RECORD);
        assert_int_equal(record.offset, 5);
        assert_int_equal(record.picture_offset, 5 + used);
        assert_int_equal(record.picture_length, 123456);
        assert_true(record.checksum == 0xfedcba9876543210);
        assert_int_equal(record.facts_length, sizeof facts - 1);
}

static void headers_refuse_what_breaks_them(void **state)
{
        (void)state;
        static const char *const wrong[] = {
                "", "{", "}", "[1]", "{}\n", "{\"a\":\n1}", "{\"\xff\":1}", " {}"};
        static char large[SEGMENT_HEADER_MAX + 1];
        char header[SEGMENT_PREFIX + SEGMENT_HEADER_MAX];
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
                assert_int_equal(segment_header_format(wrong[i], strlen(wrong[i]), 1, 1, header,
                                                       sizeof header),
                                 0);
        memset(large, ' ', sizeof large);
        large[0] = '{';
        large[SEGMENT_HEADER_MAX - 2] = '}';
        assert_int_equal(
                segment_header_format(large, SEGMENT_HEADER_MAX - 1, 1, 1, header, sizeof header),
                sizeof header);
        assert_int_equal(segment_header_format(large, SEGMENT_HEADER_MAX - 1, 1, 1, header,
                                               sizeof header - 1),
                         0);
        large[SEGMENT_HEADER_MAX - 1] = '}';
        assert_int_equal(
                segment_header_format(large, SEGMENT_HEADER_MAX, 1, 1, header, sizeof header), 0);
        assert_int_equal(segment_header_format("{}", 2, -1, 1, header, sizeof header), 0);
}

static void paths_come_back(void **state)
{
        (void)state;
        static const char *const wrong[] = {
                "",
                "yard",
                "yard/2014-05-23/14",
                "yard/2014-05-23/14.mjpeg ",
                "yard/2014-05-23/14.0.mjpeg",
                "yard/2014-05-23/14.01.mjpeg",
                "yard/2014-05-23/14.1234567.mjpeg",
                "yard/2014-05-23/24.mjpeg",
                "yard/2014-02-30/14.mjpeg",
                "yard/2014-5-23/14.mjpeg",
                "../2014-05-23/14.mjpeg",
                "/2014-05-23/14.mjpeg",
                "a/b/2014-05-23/14.mjpeg",
        };
        char path[SEGMENT_PATH_SIZE];
        for (int i = 0; i < 2000; i++) {
                struct segment want = {.number = (int)draw(i % 2 == 0 ? 2 : SEGMENT_NUMBER_MAX)};
                struct segment got = {0};
                snprintf(want.directory, sizeof want.directory, "cam %u \xc3\xa4", draw(1000));
                want.hour = segment_hour((struct utc){(int64_t)draw(UINT32_MAX) * 1500 - 1});
                segment_path(&want, path);
                assert_true(segment_path_parse(path, strlen(path), &got));
                assert_string_equal(got.directory, want.directory);
                assert_int_equal(got.hour.ms, want.hour.ms);
                assert_int_equal(got.number, want.number);
        }
        struct segment untouched = {.number = 5};
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
                assert_false(segment_path_parse(wrong[i], strlen(wrong[i]), &untouched));
        assert_int_equal(untouched.number, 5);
        struct segment hour = {.directory = "yard", .hour = {1400853600000}, .number = 2};
        segment_path(&hour, path);
        assert_string_equal(path, "yard/2014-05-23/14.2.mjpeg");
        assert_int_equal(segment_hour((struct utc){-1}).ms, -3600000);
        assert_int_equal(segment_hour((struct utc){3599999}).ms, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_file_walks_from_any_record),
                cmocka_unit_test(a_walk_ends_when_told),
                cmocka_unit_test(every_cut_leaves_what_is_whole),
                cmocka_unit_test(zeros_at_the_end_are_a_tail),
                cmocka_unit_test(a_wrong_byte_costs_one_record),
                cmocka_unit_test(punched_records_are_passed_over),
                cmocka_unit_test(headers_are_whole_or_nothing),
                cmocka_unit_test(headers_refuse_what_breaks_them),
                cmocka_unit_test(paths_come_back),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
