/*
 * The FTP session as cameras speak with it: each row of the table of quirks is a script of raw
 * bytes with the replies wanted, or a test of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "receive/ftp_session.h"

#include "ftp_scripts.h"

/* What a session stands in: actions are answered at once, in a way that a script can choose. */
struct bench {
        struct ftp_session session;
        struct ftp_tree *tree;
        struct text replies;
        struct text actions; /* one letter an action, and what it is about */
        struct text said;
        enum ftp_outcome outcome; /* of transfers */
        int64_t size;
        bool held;
        uint16_t port;
};

static const struct utc now = {INT64_C(1400846900529)}; /* 2014-05-23T12:08:20.529Z */

static void said(void *context, bool by_client, const char *line, size_t length)
{
        struct bench *bench = context;
        text_add_string(&bench->said, by_client ? "> " : "< ");
        text_add(&bench->said, line, length);
        text_add_char(&bench->said, '\n');
}

static void bench_start(struct bench *bench, bool six)
{
        *bench = (struct bench){.size = 40000, .port = 0x1234};
        bench->tree = ftp_tree_create();
        assert_non_null(bench->tree);
        text_init_growing(&bench->replies, 4 << 20);
        text_init_growing(&bench->actions, 4 << 20);
        text_init_growing(&bench->said, 4 << 20);
        struct ftp_session_config config = {
                .peer = {.six = six, .bytes = {127, 0, 0, 1}},
                .local = {.six = six, .bytes = {192, 168, 0, 7}},
                .tls_available = true,
                .said = said,
                .context = bench,
        };
        ftp_session_start(&bench->session, &config, &bench->replies);
}

static void bench_end(struct bench *bench)
{
        ftp_tree_destroy(&bench->tree);
        text_finish(&bench->replies);
        text_finish(&bench->actions);
        text_finish(&bench->said);
}

static void transfer(struct bench *bench, enum ftp_action action)
{
        struct ftp_session *session = &bench->session;
        ftp_session_opening(session, &bench->replies);
        if (action != FTP_STORE) {
                text_add_format(&bench->actions, "send;");
                if (action == FTP_SEND_TEXT)
                        ftp_session_listing(session, &bench->actions);
                ftp_session_sent(session, bench->outcome, &bench->replies);
                return;
        }
        text_add_format(&bench->actions, "store %s", session->want.path);
        if (session->want.resume > 0)
                text_add_format(&bench->actions, " from %lld", (long long)session->want.resume);
        text_add_char(&bench->actions, ';');
        const struct ftp_result result = {
                .outcome = bench->outcome == FTP_DONE && bench->held ? FTP_HELD : bench->outcome,
                .size = bench->size,
                .handle = 77,
        };
        ftp_session_stored(session, &result, &bench->replies);
}

static void act(struct bench *bench, enum ftp_action action)
{
        struct ftp_session *session = &bench->session;
        bool good = strcmp(session->want.password, "secret") == 0;
        const struct ftp_result published = {.outcome = FTP_DONE};
        switch (action) {
        case FTP_LOGIN:
                text_add_format(&bench->actions, "login %s;", session->want.user);
                ftp_session_login(session, good ? FTP_LOGIN_GOOD : FTP_LOGIN_WRONG,
                                  good ? bench->tree : NULL, false, &bench->replies);
                return;
        case FTP_LISTEN: ftp_session_listening(session, bench->port, &bench->replies); return;
        case FTP_CONNECT_TO: text_add_format(&bench->actions, "to %u;", session->want.port); return;
        case FTP_STORE:
        case FTP_SEND_TEXT:
        case FTP_SEND_FILE: transfer(bench, action); return;
        case FTP_PUBLISH:
                text_add_format(&bench->actions, "publish %d %s;", (int)session->want.handle,
                                session->want.path);
                ftp_session_published(session, &published, &bench->replies);
                return;
        case FTP_DROP:
                text_add_format(&bench->actions, "drop %d;", (int)session->want.handle);
                return;
        case FTP_START_TLS:
                text_add_string(&bench->actions, "tls;");
                ftp_session_secured(session);
                return;
        case FTP_END_LOGIN: text_add_string(&bench->actions, "end;"); return;
        case FTP_CLOSE: text_add_string(&bench->actions, "close;"); return;
        case FTP_NOTHING:
        case FTP_ABORT: return;
        }
}

/* Feeds `length` bytes in pieces of `step`. */
static void feed(struct bench *bench, const char *bytes, size_t length, size_t step)
{
        size_t begin = 0;
        for (size_t end = step < length ? step : length;;) {
                size_t used = 0;
                enum ftp_action action = ftp_session_feed(&bench->session, bytes + begin,
                                                          end - begin, now, &used, &bench->replies);
                begin += used;
                assert_true(begin <= end);
                act(bench, action);
                if (action != FTP_NOTHING)
                        continue;
                if (end == length)
                        return;
                end = end + step < length ? end + step : length;
        }
}

/* Puts the codes of the replies one after the other: "220 331 230"; lines within one reply are one
 * code. */
static void codes_of(const char *replies, char *out, size_t size)
{
        struct text text;
        text_init(&text, out, size);
        for (const char *at = replies; *at != '\0';) {
                const char *end = strstr(at, "\r\n");
                assert_non_null(end);
                if (end - at > 3 && at[0] >= '1' && at[0] <= '5' && at[3] == ' ') {
                        if (text.length > 0)
                                text_add_char(&text, ' ');
                        text_add(&text, at, 3);
                }
                at = end + 2;
        }
        assert_true(text_ok(&text));
}

/* Whole, byte by byte and in pieces between: always the same replies, actions and record. */
static void test_scripts(void **state)
{
        (void)state;
        char codes[1024];
        for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
                const struct script *script = &scripts[i];
                struct bench whole;
                size_t length = strlen(script->said);
                bench_start(&whole, false);
                feed(&whole, script->said, length, length);
                codes_of(whole.replies.bytes, codes, sizeof codes);
                bool good = strcmp(codes, script->codes) == 0 &&
                            (script->reply == NULL ||
                             strstr(whole.replies.bytes, script->reply) != NULL) &&
                            (script->actions == NULL ||
                             (whole.actions.bytes != NULL &&
                              strstr(whole.actions.bytes, script->actions) != NULL));
                if (!good)
                        fail_msg("%s: wanted %s, got %s\n%s\n%s", script->name, script->codes,
                                 codes, whole.replies.bytes,
                                 whole.actions.bytes != NULL ? whole.actions.bytes : "");
                for (size_t step = 1; step < 40; step += 6) {
                        struct bench pieces;
                        bench_start(&pieces, false);
                        feed(&pieces, script->said, length, step);
                        assert_string_equal(whole.replies.bytes, pieces.replies.bytes);
                        assert_int_equal(whole.actions.length, pieces.actions.length);
                        if (whole.actions.length > 0)
                                assert_string_equal(whole.actions.bytes, pieces.actions.bytes);
                        assert_string_equal(whole.said.bytes, pieces.said.bytes);
                        bench_end(&pieces);
                }
                bench_end(&whole);
        }
}

static void say(struct bench *bench, const char *lines, const char *wanted)
{
        char codes[1024];
        text_clear(&bench->replies);
        feed(bench, lines, strlen(lines), strlen(lines));
        codes_of(bench->replies.length > 0 ? bench->replies.bytes : "", codes, sizeof codes);
        assert_string_equal(codes, wanted);
}

static void test_cut_uploads(void **state)
{
        (void)state;
        struct bench bench;
        bench_start(&bench, false);
        say(&bench, LOGIN, "331 230");
        bench.outcome = FTP_CUT;
        bench.size = 1000;
        say(&bench, "EPSV\r\nSTOR a.jpg\r\nSIZE a.jpg\r\n", "229 150 426 550"); /* not published */
        bench.outcome = FTP_DONE;
        say(&bench, "EPSV\r\nREST 1001\r\nSTOR a.jpg\r\n", "229 350 550");
        say(&bench, "REST 600\r\nSTOR b.jpg\r\n", "350 550");
        say(&bench, "REST 600\r\nSTOR a.jpg\r\n", "350 150 226");
        assert_non_null(strstr(bench.actions.bytes, "store /a.jpg from 600;"));
        say(&bench, "EPSV\r\nREST 600\r\nSTOR a.jpg\r\n", "229 350 550"); /* it is finished */
        bench.outcome = FTP_CUT;
        say(&bench, "STOR c.jpg\r\n", "150 426");
        bench.outcome = FTP_DONE;
        say(&bench, "EPSV\r\nAPPE c.jpg\r\n", "229 150 226");
        assert_non_null(strstr(bench.actions.bytes, "store /c.jpg from 1000;"));
        /* Another login goes on with nothing. */
        bench.outcome = FTP_CUT;
        say(&bench, "EPSV\r\nSTOR d.jpg\r\n", "229 150 426");
        bench.outcome = FTP_DONE;
        say(&bench, LOGIN "EPSV\r\nREST 5\r\nSTOR d.jpg\r\nAPPE d.jpg\r\n",
            "331 230 229 350 550 150 226");
        assert_null(strstr(bench.actions.bytes, "store /d.jpg from"));
        bench_end(&bench);
}

static void test_pictures_in_parts(void **state)
{
        (void)state;
        struct bench bench;
        bench_start(&bench, false);
        bench.outcome = FTP_PART;
        bench.size = 1000;
        say(&bench, LOGIN "EPSV\r\nAPPE a.jpg\r\nSIZE a.jpg\r\n", "331 230 229 150 226 213");
        assert_non_null(strstr(bench.actions.bytes, "store /a.jpg;"));
        assert_int_equal(bench.session.want.part, 0);
        /* Another session, another name: the part goes along. */
        bench.size = 2000;
        say(&bench, LOGIN "RNFR a.jpg\r\nRNTO b.jpg\r\nEPSV\r\nAPPE b.jpg\r\n",
            "331 230 350 250 229 150 226");
        assert_non_null(strstr(bench.actions.bytes, "store /b.jpg from 1000;"));
        assert_int_equal(bench.session.want.part, 77);
        /* Only appending goes on with it. */
        say(&bench, "EPSV\r\nREST 2000\r\nSTOR b.jpg\r\n", "229 350 550");
        bench.outcome = FTP_NO_DATA; /* nothing of it is lost */
        say(&bench, "APPE b.jpg\r\n", "150 425");
        bench.outcome = FTP_CUT;
        bench.size = 2500;
        say(&bench, "EPSV\r\nAPPE b.jpg\r\nSIZE b.jpg\r\n", "229 150 426 550");
        assert_non_null(strstr(bench.actions.bytes, "store /b.jpg from 2000;"));
        bench.outcome = FTP_DONE;
        say(&bench, "EPSV\r\nAPPE b.jpg\r\n", "229 150 226");
        assert_non_null(strstr(bench.actions.bytes, "store /b.jpg from 2500;"));
        say(&bench, "EPSV\r\nAPPE b.jpg\r\n", "229 550"); /* it is whole */
        bench_end(&bench);
}

static void test_held_uploads(void **state)
{
        (void)state;
        struct bench bench;
        bench_start(&bench, false);
        bench.held = true;
        say(&bench, LOGIN "EPSV\r\nSTOR a.tmp\r\n", "331 230 229 150 226");
        say(&bench, "RNFR a.tmp\r\nRNTO d/a.jpg\r\nSIZE d/a.jpg\r\nSIZE a.tmp\r\n",
            "350 250 213 550");
        assert_non_null(strstr(bench.actions.bytes, "publish 77 /d/a.jpg;"));
        say(&bench, "DELE d/a.jpg\r\n", "250"); /* no longer held */
        assert_null(strstr(bench.actions.bytes, "drop"));
        say(&bench, "EPSV\r\nSTOR a.tmp\r\nDELE a.tmp\r\n", "229 150 226 250");
        assert_non_null(strstr(bench.actions.bytes, "drop 77;"));
        bench_end(&bench);
}

static void test_outcomes(void **state)
{
        (void)state;
        static const struct {
                enum ftp_outcome outcome;
                const char *codes;
        } rows[] = {
                {FTP_NO_DATA, "229 150 425"},  {FTP_CUT, "229 150 426"},
                {FTP_ABORTED, "229 150 426"},  {FTP_LOCAL_ERROR, "229 150 451"},
                {FTP_NO_SPACE, "229 150 452"}, {FTP_TOO_LARGE, "229 150 552"},
                {FTP_REFUSED, "229 150 550"},  {FTP_DONE, "229 150 226"},
        };
        struct bench bench;
        bench_start(&bench, false);
        say(&bench, LOGIN, "331 230");
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                bench.outcome = rows[i].outcome;
                say(&bench, "EPSV\r\nSTOR a.jpg\r\n", rows[i].codes);
                if (rows[i].outcome != FTP_DONE)
                        say(&bench, "SIZE a.jpg\r\n", "550");
                say(&bench, "NOOP\r\n", "200");
        }
        bench.port = 0;
        say(&bench, "EPSV\r\nSTOR a.jpg\r\n", "425 425");
        bench_end(&bench);
}

/* While something is pending nothing is taken but ABOR and STAT; what was said meanwhile follows.
 */
static void test_pending(void **state)
{
        (void)state;
        static const char lines[] = LOGIN "EPSV\r\nSTOR a.jpg\r\n\r\nSTAT\r\n\xff\xf4\xff\xf2"
                                          "abor\r\nABOR\r\nNOOP\r\nQUIT\r\n";
        struct bench bench;
        bench_start(&bench, false);
        size_t at = 0;
        enum ftp_action action = FTP_NOTHING;
        while (action != FTP_STORE) {
                size_t used = 0;
                action = ftp_session_feed(&bench.session, lines + at, sizeof lines - 1 - at, now,
                                          &used, &bench.replies);
                at += used;
                if (action != FTP_STORE)
                        act(&bench, action);
        }
        ftp_session_opening(&bench.session, &bench.replies);
        bench.session.transferred = 1234;
        text_clear(&bench.replies);
        size_t used = 0;
        action = ftp_session_feed(&bench.session, lines + at, sizeof lines - 1 - at, now, &used,
                                  &bench.replies);
        assert_int_equal(action, FTP_ABORT);
        assert_string_equal(bench.replies.bytes, "213 Transferring, 1234 bytes so far\r\n");
        at += used;
        /* The second ABOR is the first one's; NOOP has to wait. */
        assert_int_equal(ftp_session_feed(&bench.session, lines + at, sizeof lines - 1 - at, now,
                                          &used, &bench.replies),
                         FTP_NOTHING);
        at += used;
        assert_string_equal(lines + at, "NOOP\r\nQUIT\r\n");
        const struct ftp_result result = {.outcome = FTP_ABORTED, .size = 1234};
        text_clear(&bench.replies);
        ftp_session_stored(&bench.session, &result, &bench.replies);
        feed(&bench, lines + at, sizeof lines - 1 - at, 64);
        char codes[64];
        codes_of(bench.replies.bytes, codes, sizeof codes);
        assert_string_equal(codes, "426 226 200 221");
        bench_end(&bench);
}

/* ABOR of what is whole already: both are answered. */
static void test_abor_too_late(void **state)
{
        (void)state;
        struct bench bench;
        size_t used = 0;
        bench_start(&bench, false);
        say(&bench, LOGIN "EPSV\r\n", "331 230 229");
        text_clear(&bench.replies);
        assert_int_equal(
                ftp_session_feed(&bench.session, "STOR a\r\n", 8, now, &used, &bench.replies),
                FTP_STORE);
        assert_int_equal(
                ftp_session_feed(&bench.session, "ABOR\r\n", 6, now, &used, &bench.replies),
                FTP_ABORT);
        const struct ftp_result result = {.outcome = FTP_DONE, .size = 3};
        ftp_session_stored(&bench.session, &result, &bench.replies);
        assert_string_equal(bench.replies.bytes, "226 Stored\r\n226 ABOR done\r\n");
        bench_end(&bench);
}

static void test_long_lines(void **state)
{
        (void)state;
        enum { SIZE = 300000 };
        static const char end[14] = "\r\nNOOP\r\nNOOP\r\n";
        static const char verb[4] = "NOOP";
        char *line = malloc(SIZE);
        assert_non_null(line);
        for (size_t step = 1; step <= SIZE; step = step * 17 + 3) {
                struct bench bench;
                bench_start(&bench, false);
                memset(line, 'a', SIZE);
                memcpy(line + SIZE - sizeof end, end, sizeof end);
                feed(&bench, line, SIZE, step);
                char codes[64];
                codes_of(bench.replies.bytes, codes, sizeof codes);
                assert_string_equal(codes, "220 500 200 200");
                bench_end(&bench);
        }
        /* The longest that is taken, and one more. */
        for (int more = 0; more < 2; more++) {
                struct bench bench;
                size_t length = (size_t)FTP_LINE_MAX + (size_t)more;
                bench_start(&bench, false);
                memset(line, ' ', SIZE);
                memcpy(line, verb, sizeof verb);
                line[length] = '\n';
                feed(&bench, line, length + 1, length + 1);
                assert_non_null(strstr(bench.replies.bytes, more ? "\r\n500 " : "\r\n200 "));
                bench_end(&bench);
        }
        free(line);
}

static void test_bytes_in_lines(void **state)
{
        (void)state;
        struct bench bench;
        bench_start(&bench, false);
        say(&bench, LOGIN, "331 230");
        text_clear(&bench.replies);
        feed(&bench, "STOR a\0b\r\nNOOP\r\n", 16, 16);
        char codes[64];
        codes_of(bench.replies.bytes, codes, sizeof codes);
        assert_string_equal(codes, "501 200");
        /* Control bytes: no names, and nothing that comes back in a reply. */
        say(&bench, "MKD a\rb\r\nMKD a\x1b[2J\r\nMKD \x7f\r\nUSER a\rb\r\n", "553 553 553 501");
        say(&bench, "MKD \xff\xfe\x80\r\nPWD\r\n", "257 257");
        bench_end(&bench);
}

static void test_passwords_are_masked(void **state)
{
        (void)state;
        struct bench bench;
        bench_start(&bench, false);
        feed(&bench,
             "PASS hidden1\r\n pass hidden2\r\nPASS\thidden3\r\nXPASS hidden4\r\nPASS\rhidden5\r\n",
             71, 71);
        assert_non_null(strstr(bench.said.bytes, "> PASS ****\n"));
        assert_null(strstr(bench.said.bytes, "hidden"));
        say(&bench, LOGIN, "331 230");
        assert_null(strstr(bench.said.bytes, "secret"));
        assert_null(memmem(&bench.session, sizeof bench.session, "secret", 6));
        bench_end(&bench);
}

static void test_six(void **state)
{
        (void)state;
        struct bench bench;
        bench_start(&bench, true);
        say(&bench, LOGIN "PASV\r\nEPSV 1\r\nEPSV 2\r\nEPSV\r\nPORT 127,0,0,1,200,1\r\n",
            "331 230 425 522 229 229 500");
        say(&bench, "EPRT |2|7f00:1::|51210|\r\nEPRT |2|::1|51210|\r\n", "200 500");
        bench_end(&bench);
}

static void test_public_address(void **state)
{
        (void)state;
        struct bench bench;
        bench_start(&bench, false);
        bench.session.config.has_public_address = true;
        bench.session.config.public_address = (struct ftp_address){.bytes = {203, 0, 113, 9}};
        text_clear(&bench.replies);
        say(&bench, LOGIN "PASV\r\n", "331 230 227");
        assert_non_null(strstr(bench.replies.bytes, "(203,0,113,9,18,52)"));
        bench_end(&bench);
}

static void test_tls_required(void **state)
{
        (void)state;
        struct bench bench;
        bench_start(&bench, false);
        bench.session.config.tls_required = true;
        say(&bench, LOGIN, "530 503");
        say(&bench, "AUTH SSL\r\n" LOGIN, "234 331 230");
        assert_true(ftp_session_private_data(&bench.session));
        say(&bench, "PROT C\r\n", "534");
        assert_true(ftp_session_private_data(&bench.session));
        bench_end(&bench);

        /* AUTH TLS leaves the data in the clear until PROT P (RFC 4217, 9): nothing of it goes. */
        bench_start(&bench, false);
        bench.session.config.tls_required = true;
        bench.session.may_download = true;
        say(&bench, "AUTH TLS\r\n" LOGIN "PASV\r\n", "234 331 230 227");
        say(&bench,
            "STOR a.jpg\r\nSTOU\r\nAPPE a.jpg\r\nLIST\r\nNLST\r\nMLSD\r\n"
            "PROT C\r\nSTOR a.jpg\r\n",
            "522 522 522 522 522 522 534 522");
        say(&bench, "PBSZ 0\r\nPROT P\r\nSTOR a.jpg\r\n", "200 200 150 226");
        bench_end(&bench);

        /* Where it is not required either will do. */
        bench_start(&bench, false);
        say(&bench, "AUTH TLS\r\n" LOGIN "PROT P\r\nPROT C\r\nPASV\r\nSTOR a.jpg\r\n",
            "234 331 230 200 200 227 150 226");
        bench_end(&bench);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_scripts),
                cmocka_unit_test(test_cut_uploads),
                cmocka_unit_test(test_pictures_in_parts),
                cmocka_unit_test(test_held_uploads),
                cmocka_unit_test(test_outcomes),
                cmocka_unit_test(test_pending),
                cmocka_unit_test(test_abor_too_late),
                cmocka_unit_test(test_long_lines),
                cmocka_unit_test(test_bytes_in_lines),
                cmocka_unit_test(test_passwords_are_masked),
                cmocka_unit_test(test_six),
                cmocka_unit_test(test_public_address),
                cmocka_unit_test(test_tls_required),
        };
        return cmocka_run_group_tests_name("ftp_session", tests, NULL, NULL);
}
