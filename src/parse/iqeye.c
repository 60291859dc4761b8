#include "parse/iqeye.h"

#include <string.h>

#include "base/text.h"
#include "model/kind.h"
#include "parse/json_scan.h"

enum { IDENTITY = 7, WINDOWS_MAX = 64 };

static const struct {
        uint8_t code;
        const char *model;
} models[] = {
        {0x29, "IQeye3xx"},       {0x2a, "IQeye3xx"},       {0x2f, "IQeye3xx"}, {0x2c, "IQeye6xx"},
        {0x2d, "IQeye6xx"},       {0x3c, "IQeye5xx"},       {0x3b, "IQeye7xx"}, {0x4d, "IQeye8xx"},
        {0x5a, "IQeye 4 Series"}, {0x5b, "IQeye 4 Series"}, {0x6a, "IQ06"},     {0x6b, "IQ06"},
};

const char *iqeye_model(int product_code)
{
        for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
                if (models[i].code == product_code)
                        return models[i].model;
        }
        return NULL;
}

/* `exacq1400510841.748exacq` */
static struct utc exacq_stamp(const uint8_t *tail, size_t length)
{
        static const char word[] = "exacq";
        enum { WORD = 5, SECONDS = 10, WHOLE = WORD + SECONDS + 4 + WORD };
        if (length != WHOLE || memcmp(tail, word, WORD) != 0 ||
            memcmp(tail + WHOLE - WORD, word, WORD) != 0 || tail[WORD + SECONDS] != '.')
                return UTC_NONE;
        int64_t ms = 0;
        for (size_t i = WORD; i < WHOLE - WORD; i++) {
                if (i == WORD + SECONDS)
                        continue;
                if (tail[i] < '0' || tail[i] > '9')
                        return UTC_NONE;
                ms = ms * 10 + (tail[i] - '0');
        }
        return (struct utc){ms};
}

bool iqeye_identity(const uint8_t *comment, size_t length, struct facts *facts,
                    struct utc *stamp_out)
{
        if (length < IDENTITY || memcmp(comment, "\x00\x50\x1a", 3) != 0)
                return false;
        facts->has_mac = true;
        memcpy(facts->mac, comment, sizeof facts->mac);
        facts->model_code = comment[6];
        const char *model = iqeye_model(facts->model_code);
        if (model != NULL)
                memcpy(facts->model, model, strlen(model) + 1);
        *stamp_out = exacq_stamp(comment + IDENTITY, length - IDENTITY);
        return true;
}

/* Passes over `{"IQimage":{`. */
static bool enter(struct json_scan *scan)
{
        static const char usual[] = "{\"IQimage\":{";
        const char *name = NULL;
        size_t length = 0;
        if ((size_t)(scan->end - scan->at) >= sizeof usual - 1 &&
            memcmp(scan->at, usual, sizeof usual - 1) == 0) {
                scan->at += sizeof usual - 1;
                return true;
        }
        return json_scan_char(scan, '{') && json_scan_string(scan, &name, &length) && length == 7 &&
               memcmp(name, "IQimage", 7) == 0 && json_scan_char(scan, ':') &&
               json_scan_char(scan, '{');
}

bool iqeye_is_image(const uint8_t *comment, size_t length)
{
        struct json_scan scan = {(const char *)comment, (const char *)comment + length};
        return enter(&scan);
}

/* Words not known are kept as they are, once each, as many as there is room for. */
static void keep_word(struct facts *facts, const char *word, size_t length)
{
        char buffer[FACTS_WORDS_SIZE];
        struct text text;
        text_init(&text, buffer, sizeof buffer);
        json_scan_unescape(word, length, &text);
        if (!text_ok(&text) || text.length == 0 || memchr(buffer, '\0', text.length) != NULL)
                return;
        for (size_t i = 0; i < text.length; i++) {
                if ((unsigned char)buffer[i] < 0x20 || buffer[i] == 0x7f)
                        buffer[i] = '_'; /* one a line: no line feed in a word */
        }
        size_t used = strlen(facts->words);
        for (const char *at = facts->words; used > 0 && at != NULL;) {
                size_t this = strcspn(at, "\n");
                if (this == text.length && memcmp(at, buffer, this) == 0)
                        return;
                at = at[this] == '\n' ? at + this + 1 : NULL;
        }
        if (used + (used > 0) + text.length >= sizeof facts->words)
                return;
        if (used > 0)
                facts->words[used++] = '\n';
        memcpy(facts->words + used, buffer, text.length + 1);
}

static bool read_event(struct json_scan *scan, struct facts *facts)
{
        const char *word = NULL;
        size_t length = 0;
        if (!json_scan_char(scan, '['))
                return false;
        if (json_scan_char(scan, ']'))
                return true;
        do {
                if (!json_scan_string(scan, &word, &length))
                        return false;
                int kind = length < 32 ? kind_of_word(word, (unsigned)length) : -1;
                if (kind >= 0)
                        facts->kinds |= KIND_BIT(kind);
                else
                        keep_word(facts, word, length);
        } while (json_scan_char(scan, ','));
        return json_scan_char(scan, ']');
}

static bool read_windows(struct json_scan *scan, struct facts *facts)
{
        bool right = true;
        if (!json_scan_char(scan, '['))
                return false;
        if (json_scan_char(scan, ']'))
                return true;
        do {
                int64_t number = 0;
                if (!json_scan_integer(scan, &number))
                        return false;
                if (number >= 1 && number <= WINDOWS_MAX)
                        facts->windows |= UINT64_C(1) << (number - 1);
                else
                        right = false;
        } while (json_scan_char(scan, ','));
        return json_scan_char(scan, ']') && right;
}

static bool named(const char *name, size_t length, const char *word)
{
        return strlen(word) == length && memcmp(name, word, length) == 0;
}

static bool read_member(struct json_scan *scan, const char *name, size_t length,
                        struct facts *facts, struct utc *time_out)
{
        int64_t value = 0;
        if (named(name, length, "sequence")) {
                if (!json_scan_integer(scan, &value) || value < 0)
                        return false;
                facts->sequence = value;
                return true;
        }
        if (named(name, length, "time")) {
                if (!json_scan_integer(scan, &value) || value < UTC_MIN_MS || value > UTC_MAX_MS)
                        return false;
                *time_out = (struct utc){value};
                return true;
        }
        if (named(name, length, "event"))
                return read_event(scan, facts);
        if (named(name, length, "motionWindows"))
                return read_windows(scan, facts);
        return json_scan_skip(scan);
}

/* What may come before the end: members of the outer object, blanks, and zeros some tools add. */
static bool leave(struct json_scan *scan)
{
        while (json_scan_char(scan, ',')) {
                const char *name = NULL;
                size_t length = 0;
                if (!json_scan_string(scan, &name, &length) || !json_scan_char(scan, ':') ||
                    !json_scan_skip(scan))
                        return false;
        }
        if (!json_scan_char(scan, '}'))
                return false;
        while (scan->at < scan->end && (*scan->at == '\0' || *scan->at == '\n'))
                scan->at++;
        (void)json_scan_sees(scan, '\0');
        return scan->at == scan->end;
}

static bool broken(const struct json_scan *scan, const uint8_t *comment, const char *name,
                   size_t length, struct error *err)
{
        size_t offset = (size_t)(scan->at - (const char *)comment);
        if (name == NULL)
                return error_set(err, ERROR_INPUT, "the IQimage comment is broken at byte %zu",
                                 offset);
        return error_set(err, ERROR_INPUT,
                         "\"%.*s\" in the IQimage comment is not as expected at byte %zu",
                         (int)(length < 40 ? length : 40), name, offset);
}

bool iqeye_image(const uint8_t *comment, size_t length, struct facts *facts, struct utc *time_out,
                 struct error *err)
{
        struct json_scan scan = {(const char *)comment, (const char *)comment + length};
        *time_out = UTC_NONE;
        if (!enter(&scan))
                return error_set(err, ERROR_INPUT,
                                 "the comment does not begin with {\"IQimage\":{");
        if (!json_scan_sees(&scan, '}')) {
                do {
                        const char *name = NULL;
                        size_t name_length = 0;
                        if (!json_scan_string(&scan, &name, &name_length) ||
                            !json_scan_char(&scan, ':'))
                                return broken(&scan, comment, NULL, 0, err);
                        if (!read_member(&scan, name, name_length, facts, time_out))
                                return broken(&scan, comment, name, name_length, err);
                } while (json_scan_char(&scan, ','));
        }
        if (!json_scan_char(&scan, '}') || !leave(&scan))
                return broken(&scan, comment, NULL, 0, err);
        return true;
}
