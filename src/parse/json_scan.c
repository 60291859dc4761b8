#include "parse/json_scan.h"

#include <string.h>

#include "base/utf8.h"

enum { DEPTH_MAX = 32 };

static void skip_blanks(struct json_scan *scan)
{
        while (scan->at < scan->end &&
               (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
                scan->at++;
}

bool json_scan_sees(struct json_scan *scan, char c)
{
        skip_blanks(scan);
        return scan->at < scan->end && *scan->at == c;
}

bool json_scan_char(struct json_scan *scan, char c)
{
        if (!json_scan_sees(scan, c))
                return false;
        scan->at++;
        return true;
}

bool json_scan_string(struct json_scan *scan, const char **string_out, size_t *length_out)
{
        if (!json_scan_sees(scan, '"'))
                return false;
        const char *start = scan->at + 1;
        for (const char *at = start; at < scan->end; at++) {
                if (*at == '"') {
                        *string_out = start;
                        *length_out = (size_t)(at - start);
                        scan->at = at + 1;
                        return true;
                }
                if (*at == '\\')
                        at++;
                else if ((unsigned char)*at < 0x20)
                        return false;
        }
        return false;
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* The character behind a number must not go on with it; where there is none it may be cut short. */
static bool ends_value(const char *at, const char *end)
{
        return at < end && *at != '\0' && strchr(",]} \t\r\n", *at) != NULL;
}

bool json_scan_integer(struct json_scan *scan, int64_t *value_out)
{
        skip_blanks(scan);
        const char *at = scan->at;
        bool minus = at < scan->end && *at == '-';
        at += minus;
        if (at == scan->end || !is_digit(*at))
                return false;
        int64_t value = 0;
        for (; at < scan->end && is_digit(*at); at++) {
                if (__builtin_mul_overflow(value, 10, &value) ||
                    __builtin_sub_overflow(value, *at - '0', &value))
                        return false;
        }
        if (!minus && __builtin_sub_overflow(0, value, &value))
                return false;
        if (at < scan->end && *at == '.') {
                at++;
                if (at == scan->end || !is_digit(*at))
                        return false;
                while (at < scan->end && is_digit(*at))
                        at++;
        }
        if (!ends_value(at, scan->end))
                return false;
        scan->at = at;
        *value_out = value;
        return true;
}

/* Numbers in any form and true, false, null. */
static bool skip_word(struct json_scan *scan)
{
        const char *start = scan->at;
        for (; !ends_value(scan->at, scan->end); scan->at++) {
                if (scan->at == scan->end)
                        return false;
                char c = *scan->at;
                if (!is_digit(c) && !(c >= 'a' && c <= 'z') && c != 'E' && c != '+' && c != '-' &&
                    c != '.')
                        return false;
        }
        return scan->at > start;
}

/* An object's member name and its colon. */
static bool skip_name(struct json_scan *scan)
{
        const char *name = NULL;
        size_t length = 0;
        return json_scan_string(scan, &name, &length) && json_scan_char(scan, ':');
}

static bool skip_plain(struct json_scan *scan)
{
        const char *string = NULL;
        size_t length = 0;
        if (json_scan_sees(scan, '"'))
                return json_scan_string(scan, &string, &length);
        return skip_word(scan);
}

/* After a value: closes what ends here, and passes the comma before the next. */
static bool close_ended(struct json_scan *scan, const char *open, int *depth, bool *done)
{
        *done = false;
        while (*depth > 0) {
                if (json_scan_char(scan, ','))
                        return open[*depth - 1] == '[' || skip_name(scan);
                if (!json_scan_char(scan, open[*depth - 1] == '[' ? ']' : '}'))
                        return false;
                --*depth;
        }
        *done = true;
        return true;
}

bool json_scan_skip(struct json_scan *scan)
{
        char open[DEPTH_MAX];
        int depth = 0;
        bool done = false;
        while (!done) {
                bool object = json_scan_sees(scan, '{');
                if (object || json_scan_sees(scan, '[')) {
                        if (depth == DEPTH_MAX)
                                return false;
                        open[depth++] = *scan->at++;
                        bool empty = json_scan_sees(scan, object ? '}' : ']');
                        if (!empty && object && !skip_name(scan))
                                return false;
                        if (!empty)
                                continue;
                } else if (!skip_plain(scan)) {
                        return false;
                }
                if (!close_ended(scan, open, &depth, &done))
                        return false;
        }
        return true;
}

/* ---- escapes ---- */

static int hex_value(char c)
{
        if (is_digit(c))
                return c - '0';
        char lower = (char)(c | 0x20);
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool hex4(const char *at, const char *end, uint32_t *code_out)
{
        uint32_t code = 0;
        if (end - at < 4)
                return false;
        for (int i = 0; i < 4; i++) {
                int value = hex_value(at[i]);
                if (value < 0)
                        return false;
                code = code << 4 | (uint32_t)value;
        }
        *code_out = code;
        return true;
}

static void add_code(struct text *text, uint32_t code)
{
        if (code >= 0xd800 && code <= 0xdfff)
                code = 0xfffd;
        if (code < 0x80) {
                text_add_char(text, (char)code);
        } else if (code < 0x800) {
                text_add_char(text, (char)(0xc0 | code >> 6));
                text_add_char(text, (char)(0x80 | (code & 0x3f)));
        } else if (code < 0x10000) {
                text_add_char(text, (char)(0xe0 | code >> 12));
                text_add_char(text, (char)(0x80 | (code >> 6 & 0x3f)));
                text_add_char(text, (char)(0x80 | (code & 0x3f)));
        } else {
                text_add_char(text, (char)(0xf0 | code >> 18));
                text_add_char(text, (char)(0x80 | (code >> 12 & 0x3f)));
                text_add_char(text, (char)(0x80 | (code >> 6 & 0x3f)));
                text_add_char(text, (char)(0x80 | (code & 0x3f)));
        }
}

/* The escape at `at`, which is behind its backslash; returns where it ends. */
static const char *add_escape(const char *at, const char *end, struct text *text)
{
        static const char names[] = "\"\\/bfnrt";
        static const char meanings[] = "\"\\/\b\f\n\r\t";
        uint32_t code = 0;
        uint32_t low = 0;
        if (*at == 'u' && hex4(at + 1, end, &code)) {
                at += 5;
                if (code >> 10 == 0x36 && end - at >= 6 && at[0] == '\\' && at[1] == 'u' &&
                    hex4(at + 2, end, &low) && low >> 10 == 0x37) {
                        code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
                        at += 6;
                }
                add_code(text, code);
                return at;
        }
        const char *name = *at != '\0' ? strchr(names, *at) : NULL;
        if (name != NULL) {
                text_add_char(text, meanings[name - names]);
                return at + 1;
        }
        add_code(text, 0xfffd);
        return at + ((unsigned char)*at < 0x80);
}

void json_scan_unescape(const char *string, size_t length, struct text *text)
{
        const char *end = string + length;
        for (const char *at = string; at < end;) {
                size_t valid = utf8_length(at, (size_t)(end - at));
                if (*at == '\\' && end - at >= 2) {
                        at = add_escape(at + 1, end, text);
                } else if (valid > 0) {
                        text_add(text, at, valid);
                        at += valid;
                } else {
                        add_code(text, 0xfffd);
                        at++;
                }
        }
}
