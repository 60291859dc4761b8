#include "app/aside_name.h"

#include <stdio.h>
#include <string.h>

#include "app/aside.h"
#include "base/json.h"

static bool plain(unsigned char byte)
{
        return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
               (byte >= 'A' && byte <= 'Z') || (byte != '\0' && strchr("-_.+@", byte) != NULL);
}

void aside_escape(const char *bytes, size_t length, char *out, size_t room)
{
        size_t used = 0;
        for (size_t i = 0; i < length && used + 4 < room; i++) {
                unsigned char byte = (unsigned char)bytes[i];
                if (plain(byte) && (byte != '.' || i > 0))
                        out[used++] = (char)byte;
                else
                        used += (size_t)snprintf(out + used, 4, "%%%02X", byte);
        }
        if (used == 0)
                out[used++] = '_';
        out[used] = '\0';
}

static int hex_of(char digit)
{
        if (digit >= '0' && digit <= '9')
                return digit - '0';
        return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

void aside_name(const char *id, char *out, size_t room)
{
        size_t used = 0;
        const char *at = strlen(id) > ASIDE_STAMP_SIZE ? id + ASIDE_STAMP_SIZE : "";
        while (*at != '\0' && used + 1 < room) {
                int high = at[0] == '%' ? hex_of(at[1]) : -1;
                int low = high >= 0 ? hex_of(at[2]) : -1;
                out[used++] = low >= 0 ? (char)(high * 16 + low) : *at;
                at += low >= 0 ? 3 : 1;
        }
        out[used] = '\0';
}

void aside_stamp_format(struct utc time, char out[static ASIDE_STAMP_SIZE])
{
        struct civil at = utc_civil(time);
        snprintf(out, ASIDE_STAMP_SIZE, "%04u%02u%02uT%02u%02u%02u%03uZ", (unsigned)at.year % 10000,
                 (unsigned)at.month % 100, (unsigned)at.day % 100, (unsigned)at.hour % 100,
                 (unsigned)at.minute % 100, (unsigned)at.second % 100,
                 (unsigned)at.millisecond % 1000);
}

/* Digits as a number; -1 when there are others. */
static int number_of(const char *text, int digits)
{
        int number = 0;
        for (int i = 0; i < digits; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return -1;
                number = number * 10 + (text[i] - '0');
        }
        return number;
}

bool aside_stamp_parse(const char *id, struct utc *time_out)
{
        if (strlen(id) < ASIDE_STAMP_SIZE || id[8] != 'T' || id[18] != 'Z' || id[19] != '-')
                return false;
        const struct civil at = {
                .year = number_of(id, 4),
                .month = number_of(id + 4, 2),
                .day = number_of(id + 6, 2),
                .hour = number_of(id + 9, 2),
                .minute = number_of(id + 11, 2),
                .second = number_of(id + 13, 2),
                .millisecond = number_of(id + 15, 3),
        };
        if (!civil_valid(&at))
                return false;
        *time_out = civil_as_utc(&at);
        return true;
}

void aside_note_write(const struct aside_note *note, size_t length, struct text *out)
{
        struct json json;
        json_init(&json, out);
        json_open_object(&json);
        json_add_string(&json, "reason", note->reason != NULL ? note->reason : "");
        json_add_string(&json, "path", note->path);
        json_add_string(&json, "user", note->user);
        json_add_string(&json, "peer", note->peer);
        json_add_int(&json, "bytes", (int64_t)length);
        json_add_utc(&json, "started", note->started);
        json_add_utc(&json, "received", note->received);
        json_close_object(&json);
        text_add_char(out, '\n');
}
