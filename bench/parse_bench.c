#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/path_template.h"
#include "parse/understand.h"

/*
 * What understanding a picture costs beside reading it: nanoseconds per head of 4 KiB of an IQeye,
 * with and without the template of its path, of a picture whose name must tell the time, and of one
 * with EXIF; against a memchr pass over the same bytes. One JSON line; the best of several rounds.
 */
enum { HEAD = 4096, ROUNDS = 15, CALLS = 40000 };

static const char path[] = "00_50_1a_02_2c_be/2014-05-23/09/09_08_27.trig-01.jpg";

static void put(uint8_t *head, size_t *at, const char *bytes, size_t length)
{
        memcpy(head + *at, bytes, length);
        *at += length;
}

#define PUT(head, at, literal) put(head, at, literal, sizeof(literal) - 1)

/* The rest of a picture: tables, frame header, scan, and data without FF. */
static void put_picture(uint8_t *head, size_t at)
{
        static const char table[2 + 0x43] = "\xff\xdb\x00\x43";
        put(head, &at, table, sizeof table);
        PUT(head, &at,
            "\xff\xc0\x00\x11\x08\x04\x00\x05\x00\x03\x01\x21\x00\x02\x11\x01\x03\x11\x01");
        PUT(head, &at, "\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00");
        memset(head + at, 0x5a, HEAD - at);
}

static void make_iqeye(uint8_t head[HEAD])
{
        static const char json[] =
                "{\"IQimage\":{\"sequence\":529057,\"time\":1400510841748,\"event\":[\"motion\"],"
                "\"motionWindows\":[2],\"imgjdbg\":\" 291/020:20/480/005:081/107/07/4/50/70/20/"
                "17:06/07/06:d4\"}}";
        size_t at = 0;
        PUT(head, &at, "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x01\x00\x60\x00\x60\x00\x00");
        PUT(head, &at, "\xff\xfe\x00\x09\x00\x50\x1a\x02\x2c\xbe\x3b\xff\xfe\x00");
        head[at++] = (uint8_t)(sizeof json - 1 + 2);
        put(head, &at, json, sizeof json - 1);
        put_picture(head, at);
}

static void make_exif(uint8_t head[HEAD])
{
        size_t at = 0;
        PUT(head, &at,
            "\xff\xd8\xff\xe1\x00\x48"
            "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0"
            "\0\x01\x90\x03\0\x02\0\0\0\x14\0\0\0\x2c\0\0\0\0"
            "2022:11:15 23:35:31\0");
        put_picture(head, at);
}

static void make_bare(uint8_t head[HEAD])
{
        size_t at = 0;
        PUT(head, &at, "\xff\xd8");
        put_picture(head, at);
}

/* Nanoseconds a call, the best of the rounds. */
static double measure_head(const uint8_t *head, const struct understand_context *context,
                           enum time_source source)
{
        int64_t best = INT64_MAX;
        for (int round = 0; round < ROUNDS; round++) {
                struct mono start = mono_now();
                for (int i = 0; i < CALLS; i++) {
                        struct facts facts;
                        size_t wanted = understand_head(head, HEAD, false, context, &facts);
                        if (wanted != 0 || facts.width != 1280 || facts.time_source != source) {
                                fputs("parse_bench: a head was not understood\n", stderr);
                                exit(1);
                        }
                }
                int64_t taken = mono_now().ns - start.ns;
                best = taken < best ? taken : best;
        }
        return (double)best / CALLS;
}

static double measure_memchr(const uint8_t *head)
{
        int64_t best = INT64_MAX;
        const uint8_t *volatile found = NULL;
        for (int round = 0; round < ROUNDS; round++) {
                struct mono start = mono_now();
                for (int i = 0; i < CALLS; i++)
                        found = memchr(head + (i & 7), 0xfc, HEAD - 8); /* not hoisted */
                int64_t taken = mono_now().ns - start.ns;
                best = taken < best ? taken : best;
        }
        return found == NULL ? (double)best / CALLS : 0;
}

int main(void)
{
        static const char text[] = "$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN";
        static uint8_t iqeye[HEAD];
        static uint8_t exif[HEAD];
        static uint8_t bare[HEAD];
        struct path_template *path_template = NULL;
        struct zone *zone = NULL;
        struct error err = {0};
        if (!path_template_compile(text, sizeof text - 1, &path_template, &err) ||
            (!zone_load("America/Chicago", &zone, &err) && !zone_load("UTC", &zone, &err))) {
                fprintf(stderr, "parse_bench: %s\n", err.text);
                return 1;
        }
        make_iqeye(iqeye);
        make_exif(exif);
        make_bare(bare);
        struct understand_context plain = {
                .path = path,
                .path_length = sizeof path - 1,
                .zone = zone,
                .received = {1400854108000},
                .now = utc_now(),
                .bytes = 100000,
        };
        struct understand_context templated = plain;
        templated.template = path_template;
        printf("{\"bench\":\"parse\",\"unit\":\"ns\",\"iqeye\":%.0f,\"iqeye_template\":%.0f,"
               "\"path\":%.0f,\"path_template\":%.0f,\"exif\":%.0f,\"memchr_4k\":%.0f}\n",
               measure_head(iqeye, &plain, TIME_VENDOR),
               measure_head(iqeye, &templated, TIME_VENDOR), measure_head(bare, &plain, TIME_PATH),
               measure_head(bare, &templated, TIME_PATH), measure_head(exif, &plain, TIME_EXIF),
               measure_memchr(bare));
        path_template_free(&path_template);
        zone_free(&zone);
        return 0;
}
