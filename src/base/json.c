#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

void json_init(struct json *json, struct text *text)
{
        *json = (struct json){.text = text};
}

static void separate(struct json *json)
{
        if (json->comma)
                text_add_char(json->text, ',');
        json->comma = true;
}

static void open_with(struct json *json, char bracket)
{
        separate(json);
        text_add_char(json->text, bracket);
        json->comma = false;
}

static void close_with(struct json *json, char bracket)
{
        text_add_char(json->text, bracket);
        json->comma = true;
}

void json_open_object(struct json *json)
{
        open_with(json, '{');
}

void json_close_object(struct json *json)
{
        close_with(json, '}');
}

void json_open_array(struct json *json)
{
        open_with(json, '[');
}

void json_close_array(struct json *json)
{
        close_with(json, ']');
}

static void add_escaped(struct text *text, unsigned char byte)
{
        static const char hex[] = "0123456789abcdef";
        switch (byte) {
        case '"': text_add_string(text, "\\\""); return;
        case '\\': text_add_string(text, "\\\\"); return;
        case '\n': text_add_string(text, "\\n"); return;
        case '\r': text_add_string(text, "\\r"); return;
        case '\t': text_add_string(text, "\\t"); return;
        default: break;
        }
        char escape[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
        text_add(text, escape, sizeof escape);
}

static void add_quoted(struct text *text, const char *bytes, size_t length)
{
        text_add_char(text, '"');
        size_t plain = 0; /* start of the bytes that need no change and are not yet added */
        size_t i = 0;
        while (i < length) {
                unsigned char byte = (unsigned char)bytes[i];
                size_t valid = byte < 0x80 ? 1 : utf8_length(bytes + i, length - i);
                if (valid > 0 && byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f) {
                        i += valid;
                        continue;
                }
                text_add(text, bytes + plain, i - plain);
                if (valid > 0)
                        add_escaped(text, byte);
                else
                        text_add_string(text, "\xEF\xBF\xBD");
                plain = ++i;
        }
        text_add(text, bytes + plain, length - plain);
        text_add_char(text, '"');
}

void json_name(struct json *json, const char *name)
{
        separate(json);
        add_quoted(json->text, name, strlen(name));
        text_add_char(json->text, ':');
        json->comma = false;
}

void json_string_bytes(struct json *json, const char *bytes, size_t length)
{
        separate(json);
        add_quoted(json->text, bytes, length);
}

void json_text(struct json *json, const char *string)
{
        json_string_bytes(json, string, strlen(string));
}

void json_int(struct json *json, int64_t value)
{
        separate(json);
        char digits[24];
        size_t at = sizeof digits;
        uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
        do {
                digits[--at] = (char)('0' + rest % 10);
                rest /= 10;
        } while (rest > 0);
        if (value < 0)
                digits[--at] = '-';
        text_add(json->text, digits + at, sizeof digits - at);
}

void json_bool(struct json *json, bool value)
{
        separate(json);
        text_add_string(json->text, value ? "true" : "false");
}

void json_none(struct json *json)
{
        separate(json);
        text_add_string(json->text, "null");
}

void json_utc(struct json *json, struct utc time)
{
        if (!utc_known(time)) {
                json_none(json);
                return;
        }
        char out[UTC_TEXT_SIZE];
        utc_format(time, out);
        json_string_bytes(json, out, UTC_TEXT_SIZE - 1);
}

void json_seconds(struct json *json, int64_t milliseconds)
{
        separate(json);
        int64_t whole = milliseconds / 1000;
        int rest = (int)(milliseconds % 1000);
        if (rest < 0)
                rest = -rest;
        if (rest == 0)
                text_add_format(json->text, "%" PRId64, whole);
        else if (rest % 100 == 0)
                text_add_format(json->text, "%s%" PRId64 ".%d",
                                milliseconds < 0 && whole == 0 ? "-" : "", whole, rest / 100);
        else
                text_add_format(json->text, "%s%" PRId64 ".%03d",
                                milliseconds < 0 && whole == 0 ? "-" : "", whole, rest);
}

void json_decimal(struct json *json, int64_t value, int digits)
{
        int64_t unit = 1;
        separate(json);
        for (; digits > 0 && value % 10 == 0; digits--)
                value /= 10;
        for (int i = 0; i < digits; i++)
                unit *= 10;
        int64_t rest = value % unit;
        text_add_format(json->text, "%s%" PRId64, value < 0 && value / unit == 0 ? "-" : "",
                        value / unit);
        if (digits > 0)
                text_add_format(json->text, ".%0*" PRId64, digits, rest < 0 ? -rest : rest);
}

void json_bit_numbers(struct json *json, uint64_t bits)
{
        json_open_array(json);
        for (int bit = 0; bit < 64; bit++) {
                if (bits >> bit & 1)
                        json_int(json, bit + 1);
        }
        json_close_array(json);
}

void json_add_string(struct json *json, const char *name, const char *string)
{
        json_name(json, name);
        json_text(json, string);
}

void json_add_int(struct json *json, const char *name, int64_t value)
{
        json_name(json, name);
        json_int(json, value);
}

void json_add_bool(struct json *json, const char *name, bool value)
{
        json_name(json, name);
        json_bool(json, value);
}

void json_add_utc(struct json *json, const char *name, struct utc time)
{
        json_name(json, name);
        json_utc(json, time);
}

void json_add_null(struct json *json, const char *name)
{
        json_name(json, name);
        json_none(json);
}
