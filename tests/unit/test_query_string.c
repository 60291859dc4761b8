#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/query_string.h"
#include "serve/route.h"

/* Parses a copy that ends exactly where it must, so that a sanitizer sees any step past it. */
static bool parse(const char *query, struct query_parameter *parameters, size_t *count_out,
                  char **copy_out, struct error *err)
{
        *copy_out = strdup(query);
        size_t most = query_string_most(query);
        return query_string_parse(*copy_out, parameters, most, count_out, err);
}

static void splits_and_decodes(void **state)
{
        (void)state;
        struct query_parameter parameters[16];
        size_t count;
        char *copy;
        struct error err;
        assert_true(parse("camera=gate&camera=K%C3%BCche+1&&flag&empty=&a%3Db=c%26d&x=1=2",
                          parameters, &count, &copy, &err));
        assert_int_equal(count, 6);
        assert_string_equal(parameters[0].name, "camera");
        assert_string_equal(parameters[0].value, "gate");
        assert_string_equal(parameters[1].value, "K\xc3\xbc"
                                                 "che 1");
        assert_string_equal(parameters[2].name, "flag");
        assert_string_equal(parameters[2].value, "");
        assert_string_equal(parameters[3].value, "");
        assert_string_equal(parameters[4].name, "a=b");
        assert_string_equal(parameters[4].value, "c&d");
        assert_string_equal(parameters[5].value, "1=2");
        free(copy);
}

static void refuses_what_is_not_text(void **state)
{
        (void)state;
        static const char *const bad[] = {"a=%",    "a=%4",      "a=%zz",       "a=%00", "a=%0a",
                                          "%7f=1",  "a=\xff",    "a=%ff",       "a=%c3", "a=%e2%82",
                                          "a=\x01", "a=%c0%80",  "a=%ed%a0%80", "%=1",   "a=%-1",
                                          "a=%+1",  "b=1&a=%1g", "a=1&%"};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
                struct query_parameter parameters[16];
                size_t count = 99;
                char *copy;
                struct error err = {0};
                assert_false(parse(bad[i], parameters, &count, &copy, &err));
                assert_int_equal(err.kind, ERROR_INPUT);
                free(copy);
        }
}

/* Every query of up to five bytes of an alphabet that has all that means something: never past the
 * end, never more parameters than announced, and what is accepted is terminated and decoded. */
static void every_short_query_is_safe(void **state)
{
        (void)state;
        static const char alphabet[] = "a=&%4+\xc3";
        enum { LETTERS = sizeof alphabet - 1, LONGEST = 5 };
        size_t accepted = 0;
        for (int length = 0; length <= LONGEST; length++) {
                int all = 1;
                for (int i = 0; i < length; i++)
                        all *= LETTERS;
                for (int number = 0; number < all; number++) {
                        char query[LONGEST + 1] = "";
                        for (int i = 0, rest = number; i < length; i++, rest /= LETTERS)
                                query[i] = alphabet[rest % LETTERS];
                        struct query_parameter parameters[LONGEST + 1];
                        size_t count = 0;
                        char *copy;
                        struct error err;
                        if (parse(query, parameters, &count, &copy, &err)) {
                                accepted++;
                                assert_true(count <= query_string_most(query));
                                for (size_t i = 0; i < count; i++)
                                        assert_true(strlen(parameters[i].name) +
                                                            strlen(parameters[i].value) <=
                                                    (size_t)length);
                        }
                        free(copy);
                }
        }
        assert_true(accepted > 1000);
}

static void encoding_is_undone_by_decoding(void **state)
{
        (void)state;
        for (int first = 0x20; first < 0x80; first++) {
                if (first == 0x7f)
                        continue;
                char text[] = {(char)first, '\xc3', '\xbc', (char)first, '\0'};
                char encoded[16];
                struct error err;
                assert_true(percent_encode(text, encoded, sizeof encoded));
                assert_null(strpbrk(encoded, "&=?#/+ \"<>"));
                assert_true(percent_decode(encoded, strlen(encoded), false, &err));
                assert_string_equal(encoded, text);
        }
        char small[7];
        assert_false(percent_encode("\xc3\xbc\xc3", small, sizeof small));
        assert_true(percent_encode("\xc3\xbc", small, sizeof small));
}

static void find(const char *path, const char *operation, const char *capture)
{
        struct route_captures captures;
        unsigned methods;
        const struct route *route = route_find(METHOD_GET, path, &captures, &methods);
        if (operation == NULL) {
                assert_null(route);
                return;
        }
        assert_non_null(route);
        assert_string_equal(route->operation, operation);
        assert_int_equal(captures.length[0], strlen(capture));
        if (captures.length[0] > 0)
                assert_memory_equal(captures.at[0], capture, captures.length[0]);
}

static void routes_match_whole_paths_only(void **state)
{
        (void)state;
        find("/api/v1/cameras", "listCameras", "");
        find("/api/v1/cameras/", NULL, NULL);
        find("/api/v1/cameras/gate", "getCamera", "gate");
        find("/api/v1/cameras/K%C3%BCche", "getCamera", "K%C3%BCche");
        find("/api/v1/cameras/gate/x", NULL, NULL);
        find("/api/v1/cameras/gate/log", "getCameraLog", "gate");
        find("/api/v1/cameras//log", NULL, NULL);
        find("/api/v1/cameras/gate/quarantine", "listQuarantine", "gate");
        find("/api/v1/cameras/gate/quarantine/", NULL, NULL);
        find("/api/v1/cameras/gate/quarantine/a%2Fb", "getQuarantined", "gate");
        find("/api/v1/cameras/gate/quarantine/a/b", NULL, NULL);
        find("/api/v1/frames", "listFrames", "");
        find("/api/v1/frames/1-2-0.jpg", "getFrame", "1-2-0");
        find("/api/v1/frames/.jpg", NULL, NULL);
        find("/api/v1/frames/1-2-0", NULL, NULL);
        find("/api/v1/frames/a/1-2-0.jpg", NULL, NULL);
        find("/api/v1/playback", "getPlayback", "");
        find("/api/v1/playback/index", "getPlaybackIndex", "");
        find("/api/v1/playback.mjpeg", "getPlaybackPaced", "");
        find("/metrics", "getMetricsRoot", "");
        find("/api/v1/metrics", "getMetrics", "");
        find("/api/v1", NULL, NULL);
        find("", NULL, NULL);
        find("*", NULL, NULL);
}

static void check(const char *path, const char *query, const char *complaint)
{
        struct route_captures captures;
        unsigned methods;
        struct query_parameter parameters[16];
        size_t count = 0;
        char *copy;
        struct error err = {0};
        assert_true(parse(query, parameters, &count, &copy, &err));
        bool fine = route_check(route_find(METHOD_GET, path, &captures, &methods), parameters,
                                count, &err);
        if (complaint == NULL) {
                assert_true(fine);
        } else {
                assert_false(fine);
                assert_int_equal(err.kind, ERROR_INPUT);
                assert_non_null(strstr(err.text, complaint));
        }
        free(copy);
}

static void parameters_are_held_against_the_route(void **state)
{
        (void)state;
        check("/api/v1/cameras", "", NULL);
        check("/api/v1/cameras", "x=1", "\"x\"");
        check("/api/v1/events", "camera=a&camera=b&window=1&window=2&kind=x&kind=y&weekday=mon",
              NULL);
        check("/api/v1/events", "from=1&from=2", "from: may be given only once");
        check("/api/v1/events", "Camera=a", "\"Camera\"");
        check("/api/v1/events", "camera*=a", "\"camera*\"");
        check("/api/v1/frames", "", "camera: is required");
        check("/api/v1/frames", "camera=", "camera: is required");
        check("/api/v1/frames", "camera=a", NULL);
        check("/api/v1/frames", "camera=a&camera=a", "camera: may be given only once");
        check("/api/v1/playback", "camera=a&from=1", "to: is required");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(splits_and_decodes),
                cmocka_unit_test(refuses_what_is_not_text),
                cmocka_unit_test(every_short_query_is_safe),
                cmocka_unit_test(encoding_is_undone_by_decoding),
                cmocka_unit_test(routes_match_whole_paths_only),
                cmocka_unit_test(parameters_are_held_against_the_route),
        };
        return cmocka_run_group_tests_name("query_string", tests, NULL, NULL);
}
