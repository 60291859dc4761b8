#include "parse/maker_comment.h"

#include <string.h>

#include "model/camera.h"
#include "model/kind.h"

/* Bytes of a comment, as text that is not terminated. */
struct span_of_text {
        const char *at;
        size_t length;
};

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_name_byte(char c)
{
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool begins_with(const uint8_t *comment, size_t length, const char *word)
{
        return length >= strlen(word) && memcmp(comment, word, strlen(word)) == 0;
}

static bool is_word(const struct span_of_text *text, const char *word)
{
        return text->length == strlen(word) && memcmp(text->at, word, text->length) == 0;
}

/* Exactly so many digits at `at`. */
static bool take_digits(const char *at, int digits, int *value_out)
{
        int value = 0;
        for (int i = 0; i < digits; i++) {
                if (!is_digit(at[i]))
                        return false;
                value = value * 10 + (at[i] - '0');
        }
        *value_out = value;
        return true;
}

/* ---- zones by their letters ---- */

/* Those that mean one thing only, as cameras write them. */
static const struct {
        const char *word;
        int minutes; /* east of UTC */
} zones[] = {
        {"UTC", 0},    {"GMT", 0},    {"Z", 0},      {"JST", 540},  {"KST", 540},  {"WET", 0},
        {"WEST", 60},  {"CET", 60},   {"CEST", 120}, {"MEZ", 60},   {"MESZ", 120}, {"EET", 120},
        {"EEST", 180}, {"MSK", 180},  {"EST", -300}, {"EDT", -240}, {"CDT", -300}, {"MST", -420},
        {"MDT", -360}, {"PST", -480}, {"PDT", -420},
};

/* A local time as a moment where its zone is known; else it stays in the camera's zone. */
static void set_time(const struct civil *civil, const struct span_of_text *zone,
                     struct named_time *time)
{
        if (!civil_valid(civil))
                return;
        time->form = NAMED_CIVIL;
        time->civil = *civil;
        for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
                if (!is_word(zone, zones[i].word))
                        continue;
                time->form = NAMED_MOMENT;
                time->utc.ms = civil_as_utc(civil).ms - (int64_t)zones[i].minutes * 60000;
        }
}

static void take_mac(const uint8_t mac[static 6], struct facts *facts)
{
        if (facts->has_mac)
                return;
        facts->has_mac = true;
        memcpy(facts->mac, mac, sizeof facts->mac);
}

/* The model of a maker, in plain ASCII, as much as there is room for. */
static void take_model(const char *maker, const struct span_of_text *type, struct facts *facts)
{
        size_t used = strlen(maker);
        if (facts->model[0] != '\0')
                return;
        memcpy(facts->model, maker, used + 1);
        if (type->length == 0 || used + 1 + type->length >= sizeof facts->model)
                return;
        for (size_t i = 0; i < type->length; i++) {
                if ((unsigned char)type->at[i] < 0x20 || (unsigned char)type->at[i] > 0x7e)
                        return;
        }
        facts->model[used] = ' ';
        memcpy(facts->model + used + 1, type->at, type->length);
        facts->model[used + 1 + type->length] = '\0';
}

/* ---- Axis: 0A and what it is ---- */

enum { AXIS = 0x0a, AXIS_DEVICE = 0, AXIS_TIME = 1, AXIS_TRIGGERS = 3, WINDOWS_MOST = 64 };

/* The serial number is the MAC; where in the comment it stands differs, so it is known by its
 * maker's part. */
static void axis_device(const uint8_t *at, size_t length, struct facts *facts)
{
        static const char makers[][4] = {"\x00\x40\x8c", "\xac\xcc\x8e", "\xb8\xa4\x4f",
                                         "\xe8\x27\x25"};
        take_model("AXIS", &(struct span_of_text){NULL, 0}, facts);
        for (size_t i = 0; i + 6 <= length; i++) {
                for (size_t maker = 0; maker < sizeof makers / sizeof makers[0]; maker++) {
                        if (memcmp(at + i, makers[maker], 3) == 0) {
                                take_mac(at + i, facts);
                                return;
                        }
                }
        }
}

/* Seconds since 1970, and hundredths. */
static void axis_time(const uint8_t *at, size_t length, struct named_time *time)
{
        if (length < 5 || at[4] > 99)
                return;
        uint32_t seconds = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
                           (uint32_t)at[3];
        time->form = NAMED_MOMENT;
        time->utc.ms = (int64_t)seconds * 1000 + at[4] * 10;
}

/* `M3:1;`: there is motion in window 3. */
static void axis_triggers(const char *at, size_t length, struct facts *facts)
{
        const char *end = at + length;
        while (at < end) {
                const char *stop = memchr(at, ';', (size_t)(end - at));
                const char *next = stop != NULL ? stop + 1 : end;
                const char *last = stop != NULL ? stop : end;
                int window = 0;
                bool motion = last - at >= 3 && at[0] == 'M' && is_digit(at[1]);
                const char *digit = at + 1;
                for (; motion && digit < last && is_digit(*digit) && window < 100; digit++)
                        window = window * 10 + (*digit - '0');
                if (motion && digit < last && last[-1] == '1') {
                        facts->kinds |= KIND_BIT(KIND_MOTION);
                        if (window >= 1 && window <= WINDOWS_MOST)
                                facts->windows |= UINT64_C(1) << (window - 1);
                }
                at = next;
        }
}

static bool read_axis(const uint8_t *comment, size_t length, struct facts *facts,
                      struct named_time *time)
{
        if (length < 2 || comment[0] != AXIS)
                return false;
        switch (comment[1]) {
        case AXIS_DEVICE: axis_device(comment + 2, length - 2, facts); return true;
        case AXIS_TIME: axis_time(comment + 2, length - 2, time); return true;
        case AXIS_TRIGGERS:
                axis_triggers((const char *)comment + 2, length - 2, facts);
                return true;
        default: return false;
        }
}

/* ---- Mobotix: words KEY=VALUE ---- */

/* The first value of a key that is not empty; keys can be there several times. */
static bool mobotix_value(const struct span_of_text *text, const char *key,
                          struct span_of_text *value_out)
{
        size_t key_length = strlen(key);
        const char *end = text->at + text->length;
        for (const char *at = text->at;
             (at = memmem(at, (size_t)(end - at), key, key_length)) != NULL; at++) {
                const char *value = at + key_length;
                const char *stop = value;
                if (at > text->at && is_name_byte(at[-1]))
                        continue;
                while (stop < end && (unsigned char)*stop > ' ')
                        stop++;
                if (stop == value)
                        continue;
                *value_out = (struct span_of_text){value, (size_t)(stop - value)};
                return true;
        }
        return false;
}

/* `1783112408.323`: seconds since 1970. */
static bool mobotix_moment(const struct span_of_text *value, struct utc *utc_out)
{
        int64_t seconds = 0;
        int scale = 100;
        size_t at = 0;
        for (; at < value->length && is_digit(value->at[at]) && at < 11; at++)
                seconds = seconds * 10 + (value->at[at] - '0');
        if (at == 0 || at > 10 || (at < value->length && value->at[at] != '.'))
                return false;
        utc_out->ms = seconds * 1000;
        for (at++; at < value->length && is_digit(value->at[at]); at++) {
                utc_out->ms += (int64_t)(value->at[at] - '0') * scale;
                scale /= 10;
        }
        return true;
}

/* DAT=2026-07-03, TIM=21:00:08.323 */
static bool mobotix_civil(const struct span_of_text *date, const struct span_of_text *time,
                          struct civil *civil)
{
        *civil = (struct civil){0};
        if (date->length != 10 || time->length < 8 || !take_digits(date->at, 4, &civil->year) ||
            !take_digits(date->at + 5, 2, &civil->month) ||
            !take_digits(date->at + 8, 2, &civil->day) || !take_digits(time->at, 2, &civil->hour) ||
            !take_digits(time->at + 3, 2, &civil->minute) ||
            !take_digits(time->at + 6, 2, &civil->second))
                return false;
        if (time->length >= 12 && time->at[8] == '.' &&
            !take_digits(time->at + 9, 3, &civil->millisecond))
                civil->millisecond = 0;
        return true;
}

static bool read_mobotix(const uint8_t *comment, size_t length, struct facts *facts,
                         struct named_time *time)
{
        if (!begins_with(comment, length, "#:M1IMG"))
                return false;
        struct span_of_text text = {(const char *)comment, length};
        struct span_of_text value;
        struct span_of_text clock;
        struct span_of_text zone = {NULL, 0};
        struct civil civil;
        uint8_t mac[6];
        if (mobotix_value(&text, "TIT=", &value) && mobotix_moment(&value, &time->utc)) {
                time->form = NAMED_MOMENT;
        } else if (mobotix_value(&text, "DAT=", &value) && mobotix_value(&text, "TIM=", &clock) &&
                   mobotix_civil(&value, &clock, &civil)) {
                (void)mobotix_value(&text, "TZN=", &zone);
                set_time(&civil, &zone, time);
        }
        if (mobotix_value(&text, "MAC=", &value) && mac_parse(value.at, value.length, mac))
                take_mac(mac, facts);
        take_model("MOBOTIX",
                   mobotix_value(&text, "CFL=", &value) ? &value : &(struct span_of_text){NULL, 0},
                   facts);
        if (mobotix_value(&text, "IMT=", &value) && is_word(&value, "EVENT"))
                facts->kinds |= KIND_BIT(KIND_ALARM);
        return true;
}

/* ---- JVC: "name = value", each in a field of fixed width ---- */

/* A value ends at a control byte, at two blanks, or with the comment. */
static bool jvc_value(const struct span_of_text *text, const char *name,
                      struct span_of_text *value_out)
{
        size_t name_length = strlen(name);
        const char *end = text->at + text->length;
        for (const char *at = text->at; (size_t)(end - at) > name_length; at++) {
                if (strncasecmp(at, name, name_length) != 0 ||
                    (at > text->at && is_name_byte(at[-1])))
                        continue;
                const char *value = at + name_length;
                const char *stop = value;
                while (stop < end && (unsigned char)*stop >= ' ' &&
                       !(*stop == ' ' && (stop + 1 == end || stop[1] == ' ')))
                        stop++;
                *value_out = (struct span_of_text){value, (size_t)(stop - value)};
                return stop > value;
        }
        return false;
}

/* 20120306233412538UTC */
static void jvc_time(const struct span_of_text *value, struct named_time *time)
{
        enum { DIGITS = 17 };
        struct civil civil = {0};
        if (value->length < DIGITS || !take_digits(value->at, 4, &civil.year) ||
            !take_digits(value->at + 4, 2, &civil.month) ||
            !take_digits(value->at + 6, 2, &civil.day) ||
            !take_digits(value->at + 8, 2, &civil.hour) ||
            !take_digits(value->at + 10, 2, &civil.minute) ||
            !take_digits(value->at + 12, 2, &civil.second) ||
            !take_digits(value->at + 14, 3, &civil.millisecond))
                return;
        struct span_of_text zone = {value->at + DIGITS, value->length - DIGITS};
        set_time(&civil, &zone, time);
}

static void jvc_camera(const struct span_of_text *value, struct facts *facts)
{
        char name[FACTS_NAME_SIZE];
        if (value->length >= sizeof name)
                return;
        memcpy(name, value->at, value->length);
        name[value->length] = '\0';
        if (camera_name_valid(name))
                memcpy(facts->camera_name, name, value->length + 1);
}

static bool read_jvc(const uint8_t *comment, size_t length, struct facts *facts,
                     struct named_time *time)
{
        if (!begins_with(comment, length, "JVC V"))
                return false;
        struct span_of_text text = {(const char *)comment, length};
        struct span_of_text value = {NULL, 0};
        if (jvc_value(&text, "timestamp = ", &value))
                jvc_time(&value, time);
        if (jvc_value(&text, "camera = ", &value))
                jvc_camera(&value, facts);
        if (jvc_value(&text, "md = ", &value))
                facts->kinds |= KIND_BIT(is_word(&value, "1") ? KIND_MOTION : KIND_NONE);
        if (jvc_value(&text, "tampering = ", &value) && is_word(&value, "1"))
                facts->kinds |= KIND_BIT(KIND_TAMPER);
        take_model("JVC",
                   jvc_value(&text, "type = ", &value) ? &value : &(struct span_of_text){NULL, 0},
                   facts);
        return true;
}

/* ---- all of them ---- */

bool maker_comment(const uint8_t *comment, size_t length, struct facts *facts,
                   struct named_time *time_out)
{
        static bool (*const readers[])(const uint8_t *, size_t, struct facts *,
                                       struct named_time *) = {read_axis, read_mobotix, read_jvc};
        *time_out =
                (struct named_time){.form = NAMED_NO_TIME, .utc = UTC_NONE, .source = TIME_VENDOR};
        for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
                if (readers[i](comment, length, facts, time_out))
                        return true;
        }
        return false;
}
