#include "receive/csv.h"

#include <string.h>

/*
 * The machine only finds where a row's parts are; the row is kept as it came and is put right when
 * it is whole. That way a row that turns out to be wrong after a line break inside quotes can be
 * given up after its first line, and what follows be read again.
 */
enum state {
        ROW_START,
        PATH_PLAIN,
        PATH_QUOTED,
        PATH_QUOTE, /* a quote inside a quoted path: doubled, or the end */
        PATH_COMMA, /* the comma behind the path, or inside it */
        JSON_RAW,
        JSON_QUOTED,
        JSON_QUOTE,
        JSON_AFTER, /* the comma behind the JSON */
        BAD         /* up to the end of the line */
};

static const char not_closed[] = "a quote is not closed";
static const char too_long[] = "the row is longer than 65536 bytes";
static const char no_json[] = "there is no JSON behind the path";
static const char after_path[] = "something follows the closing quote of the path";
static const char after_json[] = "something follows the JSON";
static const char no_path[] = "the path is empty";
static const char nul_inside[] = "there is a zero byte in the path";

void csv_init(struct csv *csv, void (*each)(void *context, const struct csv_row *row),
              void *context)
{
        memset(csv, 0, offsetof(struct csv, row));
        csv->each = each;
        csv->context = context;
        csv->state = ROW_START;
        csv->line = 1;
}

static void begin_row(struct csv *csv)
{
        csv->state = ROW_START;
        csv->length = csv->first_line = csv->path_end = csv->json_start = csv->json_end = 0;
}

static void report(struct csv *csv, int64_t line, const char *why)
{
        const struct csv_row row = {.line = line, .bad = why};
        csv->each(csv->context, &row);
}

/* Takes doubled quotes and the outer ones out, in place. */
static size_t unquote(char *bytes, size_t length)
{
        size_t used = 0;
        if (length < 2 || bytes[0] != '"')
                return length;
        for (size_t at = 1; at < length - 1; at++) {
                bytes[used++] = bytes[at];
                if (bytes[at] == '"')
                        at++;
        }
        return used;
}

static void finish_row(struct csv *csv)
{
        struct csv_row row = {.line = csv->row_line};
        row.path_length = unquote(csv->row, csv->path_end);
        row.path = csv->row;
        row.json = csv->row + csv->json_start;
        row.json_length = unquote(csv->row + csv->json_start, csv->json_end - csv->json_start);
        begin_row(csv);
        if (row.path_length == 0)
                report(csv, row.line, no_path);
        else if (memchr(row.path, '\0', row.path_length) != NULL)
                report(csv, row.line, nul_inside);
        else
                csv->each(csv->context, &row);
}

static void step(struct csv *csv, char byte);

/*
 * A row over several lines is wrong: its first line is bad, the lines after it are read again. They
 * hold no opening quote of their own but the last, so this does not repeat itself for long.
 */
static void give_up_first_line(struct csv *csv)
{
        size_t start = csv->first_line;
        size_t end = csv->length;
        report(csv, csv->row_line, not_closed);
        csv->line = csv->row_line + 1;
        begin_row(csv);
        /* What is read is never behind what is written: a row begins at the front. */
        for (size_t at = start; at < end; at++) {
                char byte = csv->row[at];
                step(csv, byte);
        }
}

/* The row cannot be used; its last byte is the last one kept. */
static void fail(struct csv *csv, const char *why, bool line_is_over)
{
        if (csv->first_line > 0) {
                give_up_first_line(csv);
                return;
        }
        report(csv, csv->row_line, why);
        begin_row(csv);
        csv->state = line_is_over ? ROW_START : BAD;
}

static void end_of_line(struct csv *csv)
{
        size_t end = csv->length;
        while (end > 0 && (csv->row[end - 1] == '\n' || csv->row[end - 1] == '\r'))
                end--;
        switch ((enum state)csv->state) {
        case PATH_PLAIN:
        case PATH_QUOTE:
        case PATH_COMMA:
                if (end == 0)
                        begin_row(csv); /* an empty line */
                else
                        fail(csv, no_json, true);
                break;
        case JSON_RAW:
                if (csv->row[end - 1] == ',')
                        end--;
                csv->json_end = end;
                finish_row(csv);
                break;
        case JSON_QUOTE:
                csv->json_end = end;
                finish_row(csv);
                break;
        case JSON_AFTER: finish_row(csv); break;
        case PATH_QUOTED:
        case JSON_QUOTED: fail(csv, not_closed, true); break;
        case ROW_START:
        case BAD: begin_row(csv); break;
        }
}

static void in_path(struct csv *csv, char byte)
{
        bool quoted = csv->row[0] == '"';
        switch ((enum state)csv->state) {
        case ROW_START: csv->state = byte == '"' ? PATH_QUOTED : PATH_PLAIN; break;
        case PATH_QUOTED: csv->state = byte == '"' ? PATH_QUOTE : PATH_QUOTED; return;
        case PATH_QUOTE:
                if (byte == '"')
                        csv->state = PATH_QUOTED;
                else if (byte != ',' && byte != '\r')
                        fail(csv, after_path, false);
                break;
        case PATH_COMMA:
                if (byte == '{' || byte == '"') {
                        csv->json_start = csv->length - 1;
                        csv->state = byte == '{' ? JSON_RAW : JSON_QUOTED;
                } else if (byte != ',' && quoted) {
                        fail(csv, no_json, false);
                } else {
                        csv->state = PATH_PLAIN;
                }
                break;
        case PATH_PLAIN:
        case JSON_RAW:
        case JSON_QUOTED:
        case JSON_QUOTE:
        case JSON_AFTER:
        case BAD: break;
        }
        if (byte == ',' && (csv->state == PATH_PLAIN || csv->state == PATH_QUOTE)) {
                csv->path_end = csv->length - 1;
                csv->state = PATH_COMMA;
        }
}

static void in_json(struct csv *csv, char byte)
{
        if (csv->state == JSON_QUOTED) {
                csv->state = byte == '"' ? JSON_QUOTE : JSON_QUOTED;
        } else if (csv->state == JSON_QUOTE && byte == '"') {
                csv->state = JSON_QUOTED;
        } else if (csv->state == JSON_QUOTE && (byte == ',' || byte == '\r')) {
                csv->json_end = csv->length - 1;
                csv->state = JSON_AFTER;
        } else if (csv->state != JSON_RAW && byte != '\r') {
                fail(csv, after_json, false);
        }
}

static void step(struct csv *csv, char byte)
{
        if (csv->length == CSV_ROW_MAX)
                fail(csv, too_long, false);
        if (csv->length == 0 && csv->state == ROW_START)
                csv->row_line = csv->line;
        csv->line += byte == '\n';
        if (csv->state == BAD) {
                if (byte == '\n')
                        begin_row(csv);
                return;
        }
        csv->row[csv->length++] = byte;
        bool inside = csv->state == PATH_QUOTED || csv->state == JSON_QUOTED;
        if (byte == '\n' && !inside) {
                end_of_line(csv);
                return;
        }
        if (byte == '\n' && csv->first_line == 0)
                csv->first_line = csv->length;
        if (csv->state < JSON_RAW)
                in_path(csv, byte);
        else
                in_json(csv, byte);
}

static const char mark[] = "\xef\xbb\xbf"; /* of byte order */

void csv_feed(struct csv *csv, const char *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++) {
                if (csv->mark < 3 && bytes[i] == mark[csv->mark]) {
                        csv->mark++;
                        continue;
                }
                for (int held = 0; csv->mark < 3 && held < csv->mark; held++)
                        step(csv, mark[held]);
                csv->mark = 4;
                step(csv, bytes[i]);
        }
}

void csv_end(struct csv *csv)
{
        for (int held = 0; csv->mark < 3 && held < csv->mark; held++)
                step(csv, mark[held]);
        while (csv->state != ROW_START || csv->length > 0)
                end_of_line(csv);
}
