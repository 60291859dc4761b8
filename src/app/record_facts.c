#include "app/record_facts.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "model/camera.h"
#include "model/kind.h"
#include "parse/json_scan.h"

/* ---- writing ---- */

/* UTF-8 stays; any other byte, control bytes and '%' itself as %XX. */
static void add_escaped_path(struct text *text, const char *path)
{
        size_t length = strlen(path);
        for (size_t i = 0; i < length;) {
                size_t valid = utf8_length(path + i, length - i);
                unsigned char byte = (unsigned char)path[i];
                if (valid == 0 || byte < 0x20 || byte == 0x7f || byte == '%') {
                        text_add_format(text, "%%%02X", byte);
                        i++;
                        continue;
                }
                text_add(text, path + i, valid);
                i += valid;
        }
}

/* The end of a path is what tells: the start goes when all does not fit. What comes before takes
 * half of the room at most, so that there is always some left. */
static void add_path(struct json *json, const char *path)
{
        static const char around[] = ",\"path\":\"\"}";
        char buffer[RECORD_PATH_SIZE * 3];
        size_t most = json->text->room - json->text->length - sizeof around;
        for (;;) {
                struct text text;
                text_init(&text, buffer, sizeof buffer);
                add_escaped_path(&text, path);
                size_t quoted = 0;
                for (size_t i = 0; i < text.length; i++)
                        quoted += buffer[i] == '"' || buffer[i] == '\\' ? 2 : 1;
                if (quoted <= most)
                        break;
                path++;
        }
        json_add_string(json, "path", buffer);
}

static void add_kinds(struct json *json, const struct facts *facts)
{
        json_name(json, "kinds");
        json_open_array(json);
        for (int kind = 0; kind < KIND_STANDARD; kind++) {
                if ((facts->kinds & KIND_BIT(kind)) != 0)
                        json_text(json, kind_word((enum kind)kind));
        }
        const char *word = facts->words;
        while (*word != '\0') {
                size_t length = strcspn(word, "\n");
                if (length > 0)
                        json_string_bytes(json, word, length);
                word += length + (word[length] == '\n');
        }
        json_close_array(json);
}

static void add_identity(struct json *json, const struct record_facts *record)
{
        const struct facts *facts = &record->facts;
        char mac[MAC_TEXT_SIZE];
        if (facts->camera_name[0] != '\0')
                json_add_string(json, "camera", facts->camera_name);
        if (facts->has_mac) {
                mac_format(facts->mac, mac);
                json_add_string(json, "mac", mac);
        }
        if (facts->model_code >= 0)
                json_add_int(json, "model_code", facts->model_code);
        if (facts->model[0] != '\0')
                json_add_string(json, "model", facts->model);
        if (record->user[0] != '\0')
                json_add_string(json, "user", record->user);
}

size_t record_facts_format(const struct record_facts *record, char out[static RECORD_FACTS_SIZE])
{
        const struct facts *facts = &record->facts;
        struct text text;
        struct json json;
        text_init(&text, out, RECORD_FACTS_SIZE);
        json_init(&json, &text);
        json_open_object(&json);
        json_add_utc(&json, "time", facts->time);
        json_add_string(&json, "time_source", time_source_word(facts->time_source));
        if (utc_known(record->received))
                json_add_utc(&json, "received", record->received);
        add_identity(&json, record);
        if (facts->sequence >= 0)
                json_add_int(&json, "sequence", facts->sequence);
        add_kinds(&json, facts);
        if (facts->windows != 0) {
                json_name(&json, "windows");
                json_bit_numbers(&json, facts->windows);
        }
        if (facts->has_trigger)
                json_add_int(&json, "trigger", facts->trigger);
        json_add_int(&json, "width", facts->width);
        json_add_int(&json, "height", facts->height);
        if (record->path[0] != '\0')
                add_path(&json, record->path);
        json_close_object(&json);
        return text_ok(&text) ? text.length : 0;
}

/* ---- reading ---- */

static bool read_text(struct json_scan *scan, char *out, size_t size)
{
        const char *string;
        size_t length;
        struct text text;
        if (!json_scan_string(scan, &string, &length))
                return false;
        text_init(&text, out, size);
        json_scan_unescape(string, length, &text);
        return text_ok(&text) && memchr(out, '\0', text.length) == NULL;
}

static bool read_number(struct json_scan *scan, int64_t least, int64_t most, int64_t *value_out)
{
        return json_scan_integer(scan, value_out) && *value_out >= least && *value_out <= most;
}

static bool read_utc(struct json_scan *scan, struct utc *time_out)
{
        char text[64];
        struct error ignored;
        return read_text(scan, text, sizeof text) &&
               utc_parse(text, strlen(text), time_out, &ignored);
}

static int hex(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_path(struct json_scan *scan, char out[static RECORD_PATH_SIZE])
{
        char text[RECORD_FACTS_SIZE];
        size_t used = 0;
        if (!read_text(scan, text, sizeof text))
                return false;
        for (const char *at = text; *at != '\0'; at++) {
                if (used == RECORD_PATH_SIZE - 1)
                        return false;
                out[used] = *at;
                if (*at == '%') {
                        int high = hex(at[1]);
                        int low = high < 0 ? -1 : hex(at[2]);
                        if (low < 0 || high * 16 + low == 0)
                                return false;
                        out[used] = (char)(high * 16 + low);
                        at += 2;
                }
                used++;
        }
        out[used] = '\0';
        return true;
}

static bool read_word(struct facts *facts, struct text *words, struct json_scan *scan)
{
        char word[RECORD_FACTS_SIZE];
        if (!read_text(scan, word, sizeof word) || word[0] == '\0' || strchr(word, '\n') != NULL)
                return false;
        int kind = kind_of_word(word, (unsigned)strlen(word));
        if (kind >= 0) {
                facts->kinds |= KIND_BIT(kind);
                return true;
        }
        if (words->length > 0)
                text_add_char(words, '\n');
        text_add_string(words, word);
        return text_ok(words);
}

static bool read_kinds(struct json_scan *scan, struct facts *facts)
{
        struct text words;
        text_init(&words, facts->words, sizeof facts->words);
        facts->kinds = 0;
        if (!json_scan_char(scan, '['))
                return false;
        if (json_scan_char(scan, ']'))
                return true;
        do {
                if (!read_word(facts, &words, scan))
                        return false;
        } while (json_scan_char(scan, ','));
        return json_scan_char(scan, ']');
}

static bool read_windows(struct json_scan *scan, uint64_t *windows_out)
{
        uint64_t windows = 0;
        int64_t number;
        if (!json_scan_char(scan, '['))
                return false;
        if (!json_scan_char(scan, ']')) {
                do {
                        if (!read_number(scan, 1, 64, &number))
                                return false;
                        windows |= UINT64_C(1) << (number - 1);
                } while (json_scan_char(scan, ','));
                if (!json_scan_char(scan, ']'))
                        return false;
        }
        *windows_out = windows;
        return true;
}

static bool read_time_source(struct json_scan *scan, enum time_source *source_out)
{
        char word[32];
        if (!read_text(scan, word, sizeof word))
                return false;
        for (int i = 0; i < TIME_SOURCES; i++) {
                if (strcmp(word, time_source_word((enum time_source)i)) == 0) {
                        *source_out = (enum time_source)i;
                        return true;
                }
        }
        return false;
}

static bool read_mac(struct json_scan *scan, struct facts *facts)
{
        char mac[32];
        facts->has_mac =
                read_text(scan, mac, sizeof mac) && mac_parse(mac, strlen(mac), facts->mac);
        return facts->has_mac;
}

enum member {
        TIME,
        TIME_SOURCE,
        RECEIVED,
        CAMERA,
        MAC,
        MODEL_CODE,
        MODEL,
        USER,
        SEQUENCE,
        KINDS_MEMBER,
        WINDOWS,
        TRIGGER,
        WIDTH,
        HEIGHT,
        PATH,
        MEMBERS
};

static const char *const names[MEMBERS] = {
        [TIME] = "time",         [TIME_SOURCE] = "time_source",
        [RECEIVED] = "received", [CAMERA] = "camera",
        [MAC] = "mac",           [MODEL_CODE] = "model_code",
        [MODEL] = "model",       [USER] = "user",
        [SEQUENCE] = "sequence", [KINDS_MEMBER] = "kinds",
        [WINDOWS] = "windows",   [TRIGGER] = "trigger",
        [WIDTH] = "width",       [HEIGHT] = "height",
        [PATH] = "path",
};

static bool read_int(struct json_scan *scan, int64_t least, int *value_out)
{
        int64_t value;
        if (!read_number(scan, least, INT32_MAX, &value))
                return false;
        *value_out = (int)value;
        return true;
}

static bool read_member(struct json_scan *scan, enum member member, struct record_facts *record)
{
        struct facts *facts = &record->facts;
        switch (member) {
        case TIME: return read_utc(scan, &facts->time);
        case TIME_SOURCE: return read_time_source(scan, &facts->time_source);
        case RECEIVED: return read_utc(scan, &record->received);
        case CAMERA: return read_text(scan, facts->camera_name, sizeof facts->camera_name);
        case MAC: return read_mac(scan, facts);
        case MODEL_CODE: return read_int(scan, 0, &facts->model_code);
        case MODEL: return read_text(scan, facts->model, sizeof facts->model);
        case USER: return read_text(scan, record->user, sizeof record->user);
        case SEQUENCE: return read_number(scan, 0, INT64_MAX, &facts->sequence);
        case KINDS_MEMBER: return read_kinds(scan, facts);
        case WINDOWS: return read_windows(scan, &facts->windows);
        case TRIGGER: facts->has_trigger = true; return read_int(scan, -INT32_MAX, &facts->trigger);
        case WIDTH: return read_int(scan, 0, &facts->width);
        case HEIGHT: return read_int(scan, 0, &facts->height);
        case PATH: return read_path(scan, record->path);
        case MEMBERS: break;
        }
        return json_scan_skip(scan);
}

static bool read_object(struct json_scan *scan, struct record_facts *record)
{
        if (!json_scan_char(scan, '{'))
                return false;
        do {
                const char *name;
                size_t length;
                int member = 0;
                if (!json_scan_string(scan, &name, &length) || !json_scan_char(scan, ':'))
                        return false;
                while (member < MEMBERS && (strlen(names[member]) != length ||
                                            memcmp(names[member], name, length) != 0))
                        member++;
                if (!read_member(scan, (enum member)member, record))
                        return false;
        } while (json_scan_char(scan, ','));
        return json_scan_char(scan, '}') && scan->at == scan->end;
}

bool record_facts_parse(const char *json, size_t length, struct record_facts *record_out,
                        struct error *err)
{
        struct json_scan scan = {json, json + length};
        struct record_facts record = {.received = UTC_NONE};
        facts_init(&record.facts);
        record.facts.is_jpeg = true;
        record.facts.time = UTC_NONE;
        if (!read_object(&scan, &record) || !utc_known(record.facts.time))
                return error_set(err, ERROR_CORRUPT,
                                 "the facts of a record cannot be read near byte %td",
                                 scan.at - json);
        *record_out = record;
        return true;
}
