#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/aside.h"
#include "app/held.h"
#include "app/session_log.h"
#include "app/verdict.h"
#include "catalog_model.h"

static const struct camera_id NOBODY = {0};

static char directory[64];

static int set_up(void **state)
{
        (void)state;
        temporary_make(directory);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        temporary_remove(directory);
        return 0;
}

static struct finding judge(const char *path, const char *bytes, size_t size, bool jpeg,
                            bool complete, enum upload_end end)
{
        struct upload upload = {.size = (int64_t)size, .end = end};
        struct facts facts;
        facts_init(&facts);
        facts.is_jpeg = jpeg;
        facts.complete = complete;
        snprintf(upload.path, sizeof upload.path, "%s", path);
        return verdict_of(&upload, (const uint8_t *)bytes, &facts, true);
}

static void what_becomes_of_an_upload(void **state)
{
        (void)state;
        static const struct {
                const char *path, *bytes;
                bool jpeg, complete;
                enum upload_end end;
                enum verdict verdict;
                enum reject reject;
        } rows[] = {
                {"/a.jpg", "\xff\xd8..", true, true, UPLOAD_WHOLE, VERDICT_FRAME, REJECT_NONE},
                {"/a", "\xff\xd8..", true, true, UPLOAD_WHOLE, VERDICT_FRAME, REJECT_NONE},
                {"/a.jpg", "\xff\xd8..", true, true, UPLOAD_CUT, VERDICT_QUARANTINE, REJECT_CUT},
                {"/a.tmp", "\xff\xd8..", true, true, UPLOAD_DROPPED, VERDICT_QUARANTINE,
                 REJECT_DROPPED},
                {"/a.jpg", "\xff\xd8..", true, false, UPLOAD_WHOLE, VERDICT_QUARANTINE,
                 REJECT_INCOMPLETE},
                {"/a.jpg", "\x01\x02", false, false, UPLOAD_WHOLE, VERDICT_QUARANTINE,
                 REJECT_NOT_JPEG},
                {"/a.jpg", "", false, false, UPLOAD_WHOLE, VERDICT_QUARANTINE, REJECT_EMPTY},
                {"/a.jpg.tmp", "x", false, false, UPLOAD_WHOLE, VERDICT_HOLD, REJECT_NONE},
                {"/test-101500.jpg", "a test\r\n", false, false, UPLOAD_WHOLE, VERDICT_ATTACHMENT,
                 REJECT_NONE},
                {"/a.mp4", "\x01\x02", false, false, UPLOAD_WHOLE, VERDICT_ATTACHMENT, REJECT_NONE},
                {"/camera_test12", "", false, false, UPLOAD_WHOLE, VERDICT_ATTACHMENT, REJECT_NONE},
        };
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                struct finding finding = judge(rows[i].path, rows[i].bytes, strlen(rows[i].bytes),
                                               rows[i].jpeg, rows[i].complete, rows[i].end);
                if (finding.verdict != rows[i].verdict || finding.reject != rows[i].reject)
                        fail_msg("row %zu, %s: verdict %d, reject %d", i, rows[i].path,
                                 (int)finding.verdict, (int)finding.reject);
        }
}

static void of_a_sender_that_is_gone_only_what_is_whole_counts(void **state)
{
        (void)state;
        static const char film[] = "\0\0\0\x0c"
                                   "ftypisom"
                                   "\0\0\0\x0c"
                                   "moov....";
        static const struct {
                const char *path, *bytes;
                size_t size;
                bool jpeg, complete;
                enum verdict verdict;
                enum reject reject;
        } rows[] = {
                {"/a.jpg", "\xff\xd8", 2, true, true, VERDICT_FRAME, REJECT_NONE},
                {"/a.jpg", "\xff\xd8", 2, true, false, VERDICT_QUARANTINE, REJECT_CUT},
                {"/a.mp4", film, sizeof film - 1, false, false, VERDICT_ATTACHMENT, REJECT_NONE},
                {"/a.mp4", film, sizeof film - 2, false, false, VERDICT_QUARANTINE, REJECT_CUT},
                {"/a.mp4.tmp", film, sizeof film - 1, false, false, VERDICT_HOLD, REJECT_NONE},
                {"/a.mp4.tmp", film, sizeof film - 2, false, false, VERDICT_QUARANTINE, REJECT_CUT},
                {"/a.dav", "\1\2\3", 3, false, false, VERDICT_QUARANTINE, REJECT_CUT},
                {"/test.txt", "a test", 6, false, false, VERDICT_ATTACHMENT, REJECT_NONE},
                {"/camera_test", "", 0, false, false, VERDICT_ATTACHMENT, REJECT_NONE},
        };
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                struct upload upload = {.size = (int64_t)rows[i].size, .left = true};
                struct facts facts;
                facts_init(&facts);
                facts.is_jpeg = rows[i].jpeg;
                facts.complete = rows[i].complete;
                snprintf(upload.path, sizeof upload.path, "%s", rows[i].path);
                struct finding finding =
                        verdict_of(&upload, (const uint8_t *)rows[i].bytes, &facts, true);
                if (finding.verdict != rows[i].verdict || finding.reject != rows[i].reject)
                        fail_msg("row %zu, %s: verdict %d, reject %d", i, rows[i].path,
                                 (int)finding.verdict, (int)finding.reject);
        }
}

static void escaped_names_are_safe_and_come_back(void **state)
{
        (void)state;
        for (unsigned seed = 0; seed < 2000; seed++) {
                char name[40];
                char escaped[200];
                char id[256];
                char back[200];
                size_t length = seed % 30 + 1;
                for (size_t i = 0; i < length; i++)
                        name[i] = (char)(rand() % 255 + 1);
                name[length] = '\0';
                aside_escape(name, length, escaped, sizeof escaped);
                assert_true(escaped[0] != '.' && escaped[0] != '\0');
                for (const char *at = escaped; *at != '\0'; at++)
                        assert_true(*at > 0x20 && *at < 0x7f && *at != '/' && *at != '\\');
                snprintf(id, sizeof id, "20140523T140820529Z-%s", escaped);
                aside_name(id, back, sizeof back);
                assert_string_equal(back, name);
        }
}

static void the_oldest_go_and_a_restart_finds_the_same(void **state)
{
        (void)state;
        for (int notes = 0; notes < 2; notes++) {
                char path[100];
                snprintf(path, sizeof path, "%s/%d", directory, notes);
                struct aside_config config = {path, 100000, notes != 0};
                struct aside *aside = NULL;
                struct error err;
                struct aside_item before[100];
                struct aside_item after[100];
                static const uint8_t bytes[9000];
                assert_true(aside_create(&config, &aside, &err));
                for (int i = 0; i < 40; i++) {
                        char name[20];
                        snprintf(name, sizeof name, "/%d.jpg", i);
                        struct aside_note note = {
                                .owner = i % 2 == 0 ? "even" : "odd",
                                .path = name,
                                .user = "u",
                                .peer = "p",
                                .reason = "so",
                                .received = {1400854100529 + i / 3},
                        };
                        assert_true(aside_put(aside, &note, bytes, sizeof bytes, &err));
                }
                size_t count = aside_list(aside, "even", NULL, before, 100);
                assert_true(count > 0 && count < 10);
                assert_int_equal(aside_count(aside, "even"), count);
                assert_non_null(strstr(before[0].id, "38.jpg"));
                aside_destroy(&aside);
                assert_true(aside_create(&config, &aside, &err));
                assert_int_equal(aside_list(aside, "even", NULL, after, 100), count);
                for (size_t i = 0; i < count; i++) {
                        struct aside_file file;
                        assert_string_equal(before[i].id, after[i].id);
                        assert_true(aside_open(aside, "even", after[i].id, &file, &err));
                        assert_int_equal(file.length, sizeof bytes);
                        close(file.fd);
                }
                struct aside_file file;
                assert_false(aside_open(aside, "even", "../../x", &file, &err));
                assert_int_equal(err.kind, ERROR_NOT_FOUND);
                static uint8_t large[200000];
                struct aside_note note = {
                        .owner = "x", .path = "/l", .user = "", .peer = "", .received = {0}};
                assert_false(aside_put(aside, &note, large, sizeof large, &err));
                assert_int_equal(err.kind, ERROR_FULL);
                aside_destroy(&aside);
        }
}

/* The note beside the bytes could not be written: the bytes alone would never be counted. */
static void half_of_it_is_not_kept(void **state)
{
        char path[100];
        char bin[400];
        struct aside_config config = {path, 100000, true};
        struct aside_note note = {.owner = "yard",
                                  .path = "/a.jpg",
                                  .user = "u",
                                  .peer = "p",
                                  .reason = "so",
                                  .received = {1400854100529}};
        struct aside *aside = NULL;
        struct aside_item item;
        struct error err;
        (void)state;
        snprintf(path, sizeof path, "%s/halves", directory);
        assert_true(aside_create(&config, &aside, &err));
        assert_true(aside_put(aside, &note, (const uint8_t *)"ab", 2, &err));
        assert_int_equal(aside_list(aside, "yard", NULL, &item, 1), 1);
        snprintf(bin, sizeof bin, "%s/yard/%s.bin", path, item.id);
        assert_int_equal(unlink(bin), 0);
        assert_true(aside_put(aside, &note, (const uint8_t *)"cd", 2, &err));
        assert_int_equal(access(bin, F_OK), -1); /* the note of that name is in the way */
        assert_int_equal(aside_count(aside, "yard"), 2);
        aside_destroy(&aside);
        assert_true(aside_create(&config, &aside, &err));
        assert_int_equal(aside_count(aside, "yard"), 1);
        aside_destroy(&aside);
}

static struct upload *make_upload(struct upload_budget *budget, size_t size)
{
        struct upload *upload = upload_create(directory, budget);
        struct error err;
        assert_non_null(upload);
        while ((size_t)upload->size < size) {
                uint8_t *at;
                size_t room;
                assert_true(upload_room(upload, &at, &room, &err));
                size_t more =
                        room < size - (size_t)upload->size ? room : size - (size_t)upload->size;
                for (size_t i = 0; i < more; i++)
                        at[i] = (uint8_t)(upload->size + (int64_t)i);
                assert_true(upload_added(upload, more, &err));
        }
        memcpy(upload->path, "/a/x.tmp", 9);
        memcpy(upload->user, "yard", 5);
        upload->account = 7;
        upload->started = (struct utc){1000};
        upload->ended = (struct utc){2000};
        return upload;
}

static void a_held_upload_comes_back_after_a_restart(void **state)
{
        (void)state;
        struct upload_budget budget;
        upload_budget_init(&budget, 1 << 30);
        struct held *held = NULL;
        struct error err;
        uint64_t handle = 0;
        bool old = false;
        enum held_state found;
        char path[100];
        snprintf(path, sizeof path, "%s/incoming", directory);
        assert_true(held_create(path, &held, &err));
        struct upload *upload = make_upload(&budget, 100000);
        assert_true(held_put(held, upload, &handle, &err));
        assert_int_equal(held_due(held, mono_now(), &old), 0);
        held_destroy(&held);
        assert_true(held_create(path, &held, &err));
        assert_int_equal(held_due(held, mono_now(), &old), handle);
        assert_true(old);
        struct upload *again = NULL;
        assert_true(held_take(held, handle, &budget, &found, &again, &err));
        assert_int_equal(found, HELD_HERE);
        const uint8_t *a = NULL;
        const uint8_t *b = NULL;
        assert_true(upload_view(upload, &a, &err) && upload_view(again, &b, &err));
        assert_int_equal(again->size, upload->size);
        assert_memory_equal(a, b, (size_t)upload->size);
        assert_string_equal(again->path, "/a/x.tmp");
        assert_string_equal(again->user, "yard");
        assert_int_equal(again->account, 7);
        assert_int_equal(again->ended.ms, 2000);
        upload_free(&again);
        assert_true(held_take(held, handle, &budget, &found, &again, &err));
        assert_int_equal(found, HELD_TAKEN);
        held_done(held, handle);
        assert_int_equal(held_count(held), 0);
        held_destroy(&held);
        upload_free(&upload);
        assert_int_equal(budget.used, 0);
        upload_budget_finish(&budget);
}

/* Cut at every length it is torn, and its file goes. */
static void a_torn_one_is_none(void **state)
{
        (void)state;
        struct upload_budget budget;
        upload_budget_init(&budget, 1 << 30);
        struct error err;
        char path[100];
        char file[140];
        snprintf(path, sizeof path, "%s/incoming", directory);
        for (int64_t cut = 0; cut < 600; cut += 7) {
                struct held *held = NULL;
                uint64_t handle = 0;
                enum held_state found;
                assert_true(held_create(path, &held, &err));
                struct upload *upload = make_upload(&budget, 600);
                assert_true(held_put(held, upload, &handle, &err));
                upload_free(&upload);
                held_destroy(&held);
                snprintf(file, sizeof file, "%s/%d.held", path, (int)handle);
                assert_int_equal(truncate(file, cut), 0);
                assert_true(held_create(path, &held, &err));
                assert_false(held_take(held, handle, &budget, &found, &upload, &err));
                assert_true(access(file, F_OK) < 0);
                held_destroy(&held);
        }
        upload_budget_finish(&budget);
}

/* Notes hold the sentence alone; what is counted by reason has to find its way back. */
static void each_sentence_tells_its_reason(void **state)
{
        (void)state;
        struct upload upload = {.size = 77};
        struct facts facts;
        facts_init(&facts);
        for (int reject = REJECT_NONE; reject < REJECTS; reject++) {
                char sentence[REJECT_SENTENCE_SIZE];
                reject_sentence((enum reject)reject, &upload, &facts, sentence);
                assert_int_equal(reject_of_sentence(sentence), reject);
        }
        assert_int_equal(reject_of_sentence("something else"), REJECT_NONE);
}

static void the_log_keeps_the_last_lines(void **state)
{
        (void)state;
        struct session_log *log = session_log_create();
        struct session_line lines[SESSION_LOG_LINES];
        assert_non_null(log);
        session_log_add(log, 0, "1.1.1.1", true, "USER yard", 9);
        session_log_add(log, 0, "2.2.2.2", true, "USER door", 9);
        session_log_add(log, 0, "1.1.1.1", true, "PASS ****", 9);
        for (int i = 0; i < 50; i++)
                session_log_add(log, 3, "1.1.1.1", false, "226 Stored", 10);
        assert_int_equal(session_log_read(log, 3, "yard", NOBODY, lines), 52);
        assert_string_equal(lines[0].text, "USER yard");
        assert_string_equal(lines[1].text, "PASS ****");
        for (int i = 0; i < 1000; i++) {
                char text[300];
                int length = snprintf(text, sizeof text, "%d %*s", i, i % 250, "x");
                session_log_add(log, 3, "1.1.1.1", false, text, (size_t)length);
        }
        size_t count = session_log_read(log, 3, NULL, NOBODY, lines);
        assert_true(count > 40 && count <= SESSION_LOG_LINES);
        assert_int_equal(strtol(lines[count - 1].text, NULL, 10), 999);
        for (size_t i = 1; i < count; i++)
                assert_int_equal(strtol(lines[i].text, NULL, 10),
                                 strtol(lines[i - 1].text, NULL, 10) + 1);
        /* Over a shared account, from where a camera sends. */
        struct camera_id first = {7};
        struct camera_id second = {8};
        session_log_add(log, 4, "3.3.3.3", true, "STOR a", 6);
        session_log_add(log, 4, "4.4.4.4", true, "STOR b", 6);
        assert_int_equal(session_log_read(log, 0, NULL, first, lines), 0);
        session_log_attribute(log, 4, "3.3.3.3", first);
        session_log_attribute(log, 4, "4.4.4.4", second);
        session_log_attribute(log, 4, "5.5.5.5", first); /* never heard of */
        session_log_add(log, 4, "3.3.3.3", true, "QUIT", 4);
        assert_int_equal(session_log_read(log, 0, NULL, first, lines), 2);
        assert_string_equal(lines[1].text, "QUIT");
        assert_int_equal(session_log_read(log, 0, NULL, second, lines), 1);
        assert_string_equal(lines[0].text, "STOR b");
        assert_int_equal(session_log_read(log, 4, NULL, NOBODY, lines), 3);
        /* Several behind one address: each has what was said from there. */
        for (int32_t i = 10; i < 20; i++)
                session_log_attribute(log, 4, "3.3.3.3", (struct camera_id){i});
        session_log_attribute(log, 4, "3.3.3.3", (struct camera_id){17});
        assert_int_equal(session_log_read(log, 0, NULL, first, lines), 0);
        for (int32_t i = 16; i < 20; i++)
                assert_int_equal(session_log_read(log, 0, NULL, (struct camera_id){i}, lines), 2);
        session_log_destroy(&log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_becomes_of_an_upload),
                cmocka_unit_test(of_a_sender_that_is_gone_only_what_is_whole_counts),
                cmocka_unit_test(escaped_names_are_safe_and_come_back),
                TEST(the_oldest_go_and_a_restart_finds_the_same),
                TEST(half_of_it_is_not_kept),
                TEST(a_held_upload_comes_back_after_a_restart),
                TEST(a_torn_one_is_none),
                cmocka_unit_test(each_sentence_tells_its_reason),
                cmocka_unit_test(the_log_keeps_the_last_lines),
        };
        return cmocka_run_group_tests_name("aside", tests, NULL, NULL);
}
