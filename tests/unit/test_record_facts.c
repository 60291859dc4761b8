#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../facts_equal.h"
#include "app/record_facts.h"
#include "base/utf8.h"
#include "model/kind.h"
#include "store/segment.h"

static uint32_t seed = 99;

static uint32_t draw(uint32_t below)
{
        seed = seed * 1664525 + 1013904223;
        return (uint32_t)((uint64_t)seed * below >> 32);
}

/* Valid UTF-8 with what JSON and percent signs make difficult. */
static void draw_text(char *out, size_t size, const char *without)
{
        static const char *const pieces[] = {
                "a", "Z",  "7",  "\"",   "\\",   "%",        "%41",          "/",
                " ", "\n", "\t", "\x01", "\x7f", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
        size_t used = 0;
        size_t wanted = draw((uint32_t)size);
        for (;;) {
                const char *piece = pieces[draw(sizeof pieces / sizeof pieces[0])];
                size_t length = strlen(piece);
                if (used + length > wanted)
                        break;
                if (strpbrk(piece, without) != NULL)
                        continue;
                memcpy(out + used, piece, length);
                used += length;
        }
        out[used] = '\0';
}

static struct record_facts draw_record(void)
{
        struct record_facts record = {.received = {1400854100529 + draw(100000)}};
        struct facts *facts = &record.facts;
        facts_init(facts);
        facts->is_jpeg = true;
        facts->time.ms = (int64_t)draw(UINT32_MAX) * 700 + draw(1000);
        facts->time_source = (enum time_source)draw(TIME_SOURCES);
        facts->has_mac = draw(2) != 0;
        for (int i = 0; facts->has_mac && i < 6; i++)
                facts->mac[i] = (uint8_t)draw(256);
        if (draw(2) != 0)
                facts->model_code = (int)draw(256);
        draw_text(facts->model, sizeof facts->model, "\x01"); /* control bytes are fine elsewhere */
        draw_text(facts->camera_name, sizeof facts->camera_name, "\x01");
        draw_text(record.user, sizeof record.user, "\x01");
        if (draw(2) != 0)
                facts->sequence = (int64_t)draw(INT32_MAX) * draw(INT32_MAX);
        for (int kind = 0; kind < KIND_STANDARD; kind++)
                facts->kinds |= draw(4) == 0 ? KIND_BIT(kind) : 0;
        if (draw(3) == 0)
                snprintf(facts->words, sizeof facts->words, "own%u\nb\xc3\xa4r", draw(1000));
        facts->windows = draw(3) == 0 ? (uint64_t)draw(UINT32_MAX) << 32 | draw(UINT32_MAX) : 0;
        facts->has_trigger = draw(2) != 0;
        facts->trigger = facts->has_trigger ? (int)draw(2000) - 1000 : 0;
        facts->width = (int)draw(5000);
        facts->height = (int)draw(5000);
        size_t length = draw(draw(4) == 0 ? RECORD_PATH_SIZE : 80);
        for (size_t i = 0; i < length; i++)
                record.path[i] = (char)(draw(3) == 0 ? 1 + draw(255) : 'a' + draw(26));
        return record;
}

static void any_facts_come_back(void **state)
{
        (void)state;
        char json[RECORD_FACTS_SIZE];
        char header[SEGMENT_PREFIX + SEGMENT_HEADER_MAX];
        for (int i = 0; i < 20000; i++) {
                struct record_facts want = draw_record();
                struct record_facts got;
                struct error err;
                size_t length = record_facts_format(&want, json);
                assert_true(length > 0);
                assert_true(utf8_valid(json, length));
                assert_true(segment_header_format(json, length, 1, 1, header, sizeof header) > 0);
                if (!record_facts_parse(json, length, &got, &err))
                        fail_msg("%s: %.*s", err.text, (int)length, json);
                if (!facts_equal(&got.facts, &want.facts))
                        fail_msg("not as it was: %.*s", (int)length, json);
                assert_true(facts_equal(&got.facts, &want.facts));
                assert_int_equal(got.received.ms, want.received.ms);
                assert_string_equal(got.user, want.user);
                size_t kept = strlen(got.path);
                assert_true(kept <= strlen(want.path));
                assert_string_equal(got.path, want.path + strlen(want.path) - kept);
                if (strlen(want.path) < 600)
                        assert_int_equal(kept, strlen(want.path));
        }
}

/* The longest there can be still fits. */
static void the_longest_fits(void **state)
{
        (void)state;
        struct record_facts record = {.received = {1400854100529}};
        struct record_facts got;
        struct error err;
        char json[RECORD_FACTS_SIZE];
        facts_init(&record.facts);
        record.facts.time.ms = UTC_MAX_MS;
        record.facts.has_mac = true;
        record.facts.model_code = INT32_MAX;
        record.facts.sequence = INT64_MAX;
        record.facts.windows = UINT64_MAX;
        record.facts.kinds = KIND_BIT(KIND_STANDARD) - 1;
        record.facts.has_trigger = true;
        record.facts.trigger = -INT32_MAX;
        record.facts.width = record.facts.height = INT32_MAX;
        memset(record.facts.model, 1, sizeof record.facts.model - 1);
        memset(record.facts.camera_name, 1, sizeof record.facts.camera_name - 1);
        memset(record.facts.words, 1, sizeof record.facts.words - 1);
        memset(record.user, 1, sizeof record.user - 1);
        memset(record.path, 0xff, sizeof record.path - 1);
        size_t length = record_facts_format(&record, json);
        assert_true(length > 0);
        assert_true(record_facts_parse(json, length, &got, &err));
        assert_true(strlen(got.path) >= 600);
}

static void no_prefix_is_taken(void **state)
{
        (void)state;
        char json[RECORD_FACTS_SIZE];
        for (int i = 0; i < 50; i++) {
                struct record_facts record = draw_record();
                struct record_facts got = {.received = {4711}};
                struct error err;
                size_t length = record_facts_format(&record, json);
                for (size_t cut = 0; cut < length; cut++) {
                        char *exact = malloc(cut + 1);
                        memcpy(exact, json, cut);
                        assert_false(record_facts_parse(exact, cut, &got, &err));
                        assert_int_equal(err.kind, ERROR_CORRUPT);
                        free(exact);
                }
                assert_int_equal(got.received.ms, 4711);
        }
}

static void what_later_versions_add_is_passed_over(void **state)
{
        (void)state;
        static const char json[] = "{\"future\":{\"a\":[1,{\"b\":null}]},"
                                   "\"time\":\"2014-05-23T14:08:20.529Z\",\"kinds\":[],"
                                   "\"note\":\"x\",\"windows\":[]}";
        static const char *const wrong[] = {
                "{}",
                "{\"time\":null}",
                "{\"time\":\"yesterday\"}",
                "{\"time\":\"2014-05-23T14:08:20.529Z\",\"windows\":[65]}",
                "{\"time\":\"2014-05-23T14:08:20.529Z\",\"windows\":[0]}",
                "{\"time\":\"2014-05-23T14:08:20.529Z\",\"width\":-1}",
                "{\"time\":\"2014-05-23T14:08:20.529Z\",\"time_source\":\"guess\"}",
                "{\"time\":\"2014-05-23T14:08:20.529Z\",\"mac\":\"00:50\"}",
                "{\"time\":\"2014-05-23T14:08:20.529Z\",\"path\":\"a%0\"}",
                "{\"time\":\"2014-05-23T14:08:20.529Z\",\"path\":\"%00\"}",
                "{\"time\":\"2014-05-23T14:08:20.529Z\",\"kinds\":[\"a\\nb\"]}",
                "{\"time\":\"2014-05-23T14:08:20.529Z\"} ",
                "[]",
        };
        struct record_facts got;
        struct error err;
        assert_true(record_facts_parse(json, sizeof json - 1, &got, &err));
        assert_int_equal(got.facts.time.ms, 1400854100529);
        assert_false(utc_known(got.received));
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
                assert_false(record_facts_parse(wrong[i], strlen(wrong[i]), &got, &err));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(any_facts_come_back),
                cmocka_unit_test(the_longest_fits),
                cmocka_unit_test(no_prefix_is_taken),
                cmocka_unit_test(what_later_versions_add_is_passed_over),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
