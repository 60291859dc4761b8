#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/host.h"

static void loopback_is_taken(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                bool six;
                uint32_t v4;
                uint16_t port;
        } cases[] = {
                {"127.0.0.1:8080", false, 0x7f000001, 8080},
                {"127.5.4.3:0", false, 0x7f050403, 0},
                {"localhost:80", false, 0x7f000001, 80},
                {"LocalHost", false, 0x7f000001, LISTEN_PORT_DEFAULT},
                {"8081", false, 0x7f000001, 8081},
                {"[::1]:65535", true, 0, 65535},
                {"::1", true, 0, LISTEN_PORT_DEFAULT},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct listen_address address;
                struct error err;
                assert_true(listen_parse(cases[i].text, &address, &err));
                assert_int_equal(address.six, cases[i].six);
                assert_int_equal(address.port, cases[i].port);
                if (!address.six)
                        assert_int_equal(ntohl(address.v4.s_addr), cases[i].v4);
        }
}

static void other_machines_are_not(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                enum error_kind kind;
        } cases[] = {
                {"0.0.0.0:8080", ERROR_DENIED},
                {"192.168.1.5:80", ERROR_DENIED},
                {"[::]:80", ERROR_DENIED},
                {"128.0.0.1", ERROR_DENIED},
                {"example.com:80", ERROR_DENIED},
                {"127.0.0.1.example.com", ERROR_DENIED},
                {"[::ffff:127.0.0.1]:80", ERROR_DENIED},
                {"x.localhost:80", ERROR_DENIED},
                {"127.1:80", ERROR_DENIED},
                {"127.0.0.1:65536", ERROR_INPUT},
                {"127.0.0.1:-1", ERROR_INPUT},
                {"127.0.0.1:80x", ERROR_INPUT},
                {":80", ERROR_INPUT},
                {"", ERROR_INPUT},
                {"[::1", ERROR_INPUT},
                {"127.0.0.1:", ERROR_INPUT},
                {"127.0.0.1 :80", ERROR_INPUT},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct listen_address address = {.port = 7};
                struct error err = {0};
                assert_false(listen_parse(cases[i].text, &address, &err));
                assert_int_equal(err.kind, cases[i].kind);
                assert_int_equal(address.port, 7);
        }
}

static void only_known_names_are_answered(void **state)
{
        (void)state;
        static const char *const allowed[] = {"cams.example.net"};
        static const char *const good[] = {"localhost",
                                           "localhost:8080",
                                           "127.0.0.1:1",
                                           "[::1]:8080",
                                           "[::1]",
                                           "LOCALHOST:80",
                                           "app.localhost:80",
                                           "cams.example.net",
                                           "CAMS.example.NET:443",
                                           "localhost:"};
        static const char *const bad[] = {"evil.example",
                                          "evil.example:8080",
                                          "localhost.evil.example",
                                          "127.0.0.1.evil.example",
                                          "",
                                          ":80",
                                          ".localhost",
                                          "localhost:x",
                                          "0.0.0.0",
                                          "[::]",
                                          "192.168.0.1",
                                          "localhost evil",
                                          "cams.example.net.evil",
                                          "localhost:80:80",
                                          "2130706433",
                                          "evil.example/.localhost",
                                          "evil.example#.localhost",
                                          "evil.example?.localhost",
                                          "evil.example\\.localhost",
                                          "user@cams.localhost"};
        for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
                assert_true(host_allowed(good[i], allowed, 1));
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_false(host_allowed(bad[i], allowed, 1));
        char longest[400];
        memset(longest, 'a', sizeof longest);
        longest[sizeof longest - 1] = '\0';
        assert_false(host_allowed(longest, allowed, 1));
}

static void only_our_own_pages_are_ours(void **state)
{
        (void)state;
        static const struct {
                const char *origin, *host;
                bool ours;
        } cases[] = {
                {"http://localhost:8080", "localhost:8080", true},
                {"http://LOCALHOST:8080", "localhost:8080", true},
                {"http://[::1]:8080", "[::1]:8080", true},
                {"http://cams.example", "cams.example", true},
                {"http://cams.example:80", "cams.example", true},
                {"http://localhost", "localhost:", true},
                {"https://cams.example", "cams.example:443", true},
                {"https://cams.example:8443", "cams.example:8443", true},
                {"http://localhost:8081", "localhost:8080", false},
                {"http://localhost", "localhost:8080", false},
                {"http://localhost:8080", "127.0.0.1:8080", false},
                {"http://evil.example", "localhost", false},
                {"http://localhost.evil.example", "localhost", false},
                {"http://localhost:8080.evil.example", "localhost:8080", false},
                {"http://localhost:8080/", "localhost:8080", false},
                {"http://user@localhost:8080", "localhost:8080", false},
                {"ftp://localhost", "localhost", false},
                {"localhost", "localhost", false},
                {"http://", "localhost", false},
                {"http://", "", false},
                {"null", "null", false},
                {"", "", false},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                assert_int_equal(host_is_origin(cases[i].origin, cases[i].host), cases[i].ours);
}

static void the_host_of_an_absolute_target_is_found(void **state)
{
        (void)state;
        static const struct {
                const char *target, *host, *rest;
        } cases[] = {
                {"http://localhost:8080/api?x=http://evil/", "localhost:8080",
                 "/api?x=http://evil/"},
                {"HTTPS://[::1]", "[::1]", ""},
                {"http://localhost?x", "localhost", "?x"},
                {"http://user@localhost/", "user@localhost", "/"},
                {"http:///path", "", "/path"},
                {"http://", "", ""},
        };
        static const char *const others[] = {"/",
                                             "",
                                             "*",
                                             "http:/",
                                             "http:",
                                             "ftp://localhost/",
                                             "localhost:80",
                                             "/http://localhost/"};
        const char *host;
        size_t length;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                assert_true(host_of_target(cases[i].target, &host, &length));
                assert_int_equal(length, strlen(cases[i].host));
                assert_memory_equal(host, cases[i].host, length);
                assert_string_equal(host + length, cases[i].rest);
        }
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
                assert_false(host_of_target(others[i], &host, &length));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(loopback_is_taken),
                cmocka_unit_test(other_machines_are_not),
                cmocka_unit_test(only_known_names_are_answered),
                cmocka_unit_test(only_our_own_pages_are_ours),
                cmocka_unit_test(the_host_of_an_absolute_target_is_found),
        };
        return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
