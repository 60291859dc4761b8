#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "receive/csv.h"

/* Rows as text: `LINE PATH JSON;` or `LINE !REASON;`. */
static void write_row(void *context, const struct csv_row *row)
{
        struct text *text = context;
        text_add_format(text, "%d ", (int)row->line);
        if (row->bad != NULL) {
                text_add_format(text, "!%s;", row->bad);
                return;
        }
        text_add(text, row->path, row->path_length);
        text_add_char(text, ' ');
        text_add(text, row->json, row->json_length);
        text_add_char(text, ';');
}

static void rows_of(const char *bytes, size_t length, size_t step, struct text *text)
{
        struct csv *csv = malloc(sizeof *csv);
        assert_non_null(csv);
        csv_init(csv, write_row, text);
        for (size_t at = 0; at < length; at += step)
                csv_feed(csv, bytes + at, length - at < step ? length - at : step);
        csv_end(csv);
        free(csv);
}

static const struct {
        const char *list;
        const char *rows;
} cases[] = {
        {"", ""},
        {"\n\r\n\n", ""},
        {"a.jpg,\"{\"\"x\"\":1}\",\n", "1 a.jpg {\"x\":1};"},
        {"a.jpg,\"{\"\"x\"\":1}\"", "1 a.jpg {\"x\":1};"},
        {"a.jpg,\"{\"\"x\"\":1}\",\r\nb.jpg,{\"y\":[2,3]}\r\n",
         "1 a.jpg {\"x\":1};2 b.jpg {\"y\":[2,3]};"},
        {"\n\nb.jpg,{\"y\":[2,3]},", "3 b.jpg {\"y\":[2,3]};"},
        {"b.jpg,{\"y\":\"a \\\"quote\"}\nc,{}", "1 b.jpg {\"y\":\"a \\\"quote\"};2 c {};"},
        {"\xef\xbb\xbf\"a.jpg\",{}\n", "1 a.jpg {};"},
        {"\xef\xbb\x41,{}\n", "1 \xef\xbb\x41 {};"},
        {"a, b,,c.jpg,{}\n", "1 a, b,,c.jpg {};"},
        {"\"a, \"\"b\"\".jpg\",\"{}\",\n", "1 a, \"b\".jpg {};"},
        {"a\"b.jpg,{}\n", "1 a\"b.jpg {};"},
        {"a.jpg,\"{\n}\"\nb,{}", "1 a.jpg {\n};3 b {};"},
        {"path,json\na,{}\n", "1 !there is no JSON behind the path;2 a {};"},
        {"a\nb,{}\n", "1 !there is no JSON behind the path;2 b {};"},
        {"\"a\" ,{}\nb,{}\n", "1 !something follows the closing quote of the path;2 b {};"},
        {"\"a\",x\nb,{}\n", "1 !there is no JSON behind the path;2 b {};"},
        {"a,\"{}\"x\nb,{}\n", "1 !something follows the JSON;2 b {};"},
        {"a,\"{}\",,\nb,{}\n", "1 !something follows the JSON;2 b {};"},
        {",{}\nb,{}\n", "1 !the path is empty;2 b {};"},
        {"\"\",{}\nb,{}\n", "1 !the path is empty;2 b {};"},
        {"\"a,{}\nb,{}\nc,\"{}\"\nd,{}\n", "1 !a quote is not closed;2 b {};3 c {};4 d {};"},
        {"a,\"{\nb,\"{}\"\nc,\"{}\"", "1 !a quote is not closed;2 b {};3 c {};"},
        {"a,\"{\nb,{}\nc,{}", "1 !a quote is not closed;2 b {};3 c {};"},
        {"\"a\n\"b\n\"c\nd,{}", "1 !a quote is not closed;2 !a quote is not closed;"
                                "3 !a quote is not closed;4 d {};"},
};

static void rows_are_read_in_either_form(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                char buffer[1000];
                for (size_t step = 1; step <= strlen(cases[i].list) + 1; step++) {
                        struct text text;
                        text_init(&text, buffer, sizeof buffer);
                        rows_of(cases[i].list, strlen(cases[i].list), step, &text);
                        if (strcmp(buffer, cases[i].rows) != 0)
                                fail_msg("%s\n  gave  %s\n  not   %s", cases[i].list, buffer,
                                         cases[i].rows);
                }
        }
}

/* A list cut anywhere gives the rows before the cut, and at most one that is bad or short. */
static void a_list_cut_short_keeps_its_earlier_rows(void **state)
{
        (void)state;
        static const char list[] = "a.jpg,\"{\"\"x\"\":1}\",\r\n\"b\",{\"y\":2}\nc.jpg,{\"z\":3}\n";
        char whole[200];
        struct text text;
        text_init(&text, whole, sizeof whole);
        rows_of(list, strlen(list), 1, &text);
        for (size_t length = 0; length < strlen(list); length++) {
                char part[200];
                size_t rows = 0;
                text_init(&text, part, sizeof part);
                rows_of(list, length, 5, &text);
                for (size_t i = 0; i < length; i++)
                        rows += list[i] == '\n';
                const char *at = whole;
                for (size_t i = 0; i < rows; i++)
                        at = strchr(at, ';') + 1;
                assert_memory_equal(part, whole, (size_t)(at - whole));
        }
}

static void a_row_too_long_is_told_and_the_next_is_read(void **state)
{
        (void)state;
        enum { LONG = 3 * CSV_ROW_MAX };
        char *list = malloc(LONG + 100);
        assert_non_null(list);
        char buffer[200];
        for (int quoted = 0; quoted < 2; quoted++) {
                struct text text;
                memset(list, 'x', LONG);
                memcpy(list, quoted ? "a,\"{" : "a,{xx", 4);
                memcpy(list + LONG, "\nb,{}\n", 7);
                text_init(&text, buffer, sizeof buffer);
                rows_of(list, LONG + 6, 4096, &text);
                assert_string_equal(buffer, "1 !the row is longer than 65536 bytes;2 b {};");
        }
        free(list);
}

/* An opening quote far above costs its own line, not the list. */
static void an_open_quote_above_many_lines_spoils_its_own_only(void **state)
{
        (void)state;
        enum { LINES = 20000 };
        struct text list;
        struct text rows;
        text_init_growing(&list, 1 << 20);
        text_init_growing(&rows, 1 << 20);
        text_add_string(&list, "\"a\n");
        for (int i = 0; i < LINES; i++)
                text_add_format(&list, "%d,{}\n", i);
        rows_of(list.bytes, list.length, 1000, &rows);
        assert_true(text_ok(&rows));
        char *at = rows.bytes;
        assert_int_equal(strncmp(at, "1 !a quote is not closed;", 25), 0);
        at += 25;
        for (int i = 0; i < LINES; i++) {
                char row[64];
                int length = snprintf(row, sizeof row, "%d %d {};", i + 2, i);
                assert_int_equal(strncmp(at, row, (size_t)length), 0);
                at += length;
        }
        assert_int_equal(*at, '\0');
        text_finish(&list);
        text_finish(&rows);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rows_are_read_in_either_form),
                cmocka_unit_test(a_list_cut_short_keeps_its_earlier_rows),
                cmocka_unit_test(a_row_too_long_is_told_and_the_next_is_read),
                cmocka_unit_test(an_open_quote_above_many_lines_spoils_its_own_only),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
