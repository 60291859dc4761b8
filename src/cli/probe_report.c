#include "cli/probe_report.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "model/camera.h"
#include "model/kind.h"

/* Calls for each word of the kinds, known and others. */
static void each_kind(const struct facts *facts, void (*each)(void *, const char *, size_t),
                      void *context)
{
        for (int kind = 0; kind < KIND_STANDARD; kind++) {
                if ((facts->kinds & KIND_BIT(kind)) != 0)
                        each(context, kind_word(kind), strlen(kind_word(kind)));
        }
        for (const char *word = facts->words; *word != '\0';) {
                size_t length = strcspn(word, "\n");
                each(context, word, length);
                word += length + (word[length] == '\n');
        }
}

/* ---- JSON ---- */

static void json_kind(void *context, const char *word, size_t length)
{
        json_string_bytes(context, word, length);
}

static void add_string_or_null(struct json *json, const char *name, const char *string)
{
        if (string != NULL && string[0] != '\0')
                json_add_string(json, name, string);
        else
                json_add_null(json, name);
}

static void add_int_or_null(struct json *json, const char *name, int64_t value, bool known)
{
        if (known)
                json_add_int(json, name, value);
        else
                json_add_null(json, name);
}

static void json_camera(struct json *json, const struct facts *facts)
{
        char mac[MAC_TEXT_SIZE] = "";
        if (facts->has_mac)
                mac_format(facts->mac, mac);
        json_name(json, "camera");
        json_open_object(json);
        add_string_or_null(json, "name", facts->camera_name);
        add_string_or_null(json, "mac", mac);
        add_int_or_null(json, "model_code", facts->model_code, facts->model_code >= 0);
        add_string_or_null(json, "model", facts->model);
        json_close_object(json);
}

static void json_lists(struct json *json, const struct facts *facts)
{
        json_name(json, "kinds");
        json_open_array(json);
        each_kind(facts, json_kind, json);
        json_close_array(json);
        json_name(json, "windows");
        json_bit_numbers(json, facts->windows);
}

static void json_notes(struct json *json, uint32_t notes)
{
        json_name(json, "notes");
        json_open_array(json);
        for (int note = 0; note < NOTES; note++) {
                if ((notes & NOTE_BIT(note)) != 0)
                        json_text(json, note_word(note));
        }
        json_close_array(json);
}

void probe_report_json(const struct probed *probed, struct text *text)
{
        const struct facts *facts = &probed->facts;
        struct json json;
        json_init(&json, text);
        json_open_object(&json);
        json_add_string(&json, "file", probed->file);
        json_add_bool(&json, "jpeg", facts->is_jpeg);
        if (facts->complete_known)
                json_add_bool(&json, "complete", facts->complete);
        else
                json_add_null(&json, "complete");
        json_camera(&json, facts);
        json_add_utc(&json, "time", facts->time);
        add_string_or_null(&json, "time_source",
                           utc_known(facts->time) ? time_source_word(facts->time_source) : NULL);
        json_add_utc(&json, "received", probed->received);
        add_int_or_null(&json, "sequence", facts->sequence, facts->sequence >= 0);
        json_lists(&json, facts);
        add_int_or_null(&json, "trigger", facts->trigger, facts->has_trigger);
        add_int_or_null(&json, "width", facts->width, facts->width > 0);
        add_int_or_null(&json, "height", facts->height, facts->height > 0);
        add_int_or_null(&json, "bytes", facts->bytes, facts->bytes >= 0);
        json_add_int(&json, "bytes_after_eoi", facts->bytes_after_eoi);
        json_notes(&json, facts->notes);
        add_string_or_null(&json, "error", probed->error);
        json_close_object(&json);
        text_add_char(text, '\n');
}

/* ---- for people ---- */

/* Text from outside, for a terminal: valid UTF-8 without control characters. */
static void add_safe(struct text *text, const char *bytes, size_t length)
{
        for (size_t i = 0; i < length;) {
                size_t valid = utf8_length(bytes + i, length - i);
                unsigned char byte = (unsigned char)bytes[i];
                bool control = byte < 0x20 || byte == 0x7f ||
                               (valid == 2 && byte == 0xc2 && (unsigned char)bytes[i + 1] < 0xa0);
                if (valid == 0 || control)
                        text_add_char(text, '?');
                else
                        text_add(text, bytes + i, valid);
                i += valid > 0 ? valid : 1;
        }
}

static void add_label(struct text *text, const char *label)
{
        text_add_format(text, "  %-10s", label);
}

static void text_kind(void *context, const char *word, size_t length)
{
        struct text *text = context;
        text_add_char(text, ' ');
        add_safe(text, word, length);
}

static void add_camera(struct text *text, const struct facts *facts)
{
        const char *joint = " ";
        add_label(text, "camera");
        if (facts->camera_name[0] != '\0') {
                text_add_string(text, joint);
                add_safe(text, facts->camera_name, strlen(facts->camera_name));
                joint = ", ";
        }
        if (facts->has_mac) {
                char mac[MAC_TEXT_SIZE];
                mac_format(facts->mac, mac);
                text_add_format(text, "%s%s", joint, mac);
                joint = ", ";
        }
        if (facts->model[0] != '\0') {
                text_add_string(text, joint);
                add_safe(text, facts->model, strlen(facts->model));
                joint = ", ";
        }
        if (facts->model_code >= 0)
                text_add_format(text, "%smodel code 0x%02x", joint, (unsigned)facts->model_code);
        else if (joint[0] == ' ')
                text_add_string(text, " not known");
        text_add_char(text, '\n');
}

static void add_time(struct text *text, const char *label, struct utc time, const char *remark)
{
        char formatted[UTC_TEXT_SIZE];
        if (!utc_known(time))
                return;
        utc_format(time, formatted);
        add_label(text, label);
        text_add_format(text, " %s%s\n", formatted, remark);
}

static void add_local(struct text *text, struct utc time, const struct zone *zone,
                      const char *zone_name)
{
        struct civil local = zone_civil(zone, time);
        add_label(text, "local");
        text_add_format(text, " %04d-%02d-%02d %02d:%02d:%02d.%03d %s\n", local.year, local.month,
                        local.day, local.hour, local.minute, local.second, local.millisecond,
                        zone_name);
}

static void add_why(struct text *text, const struct facts *facts)
{
        if (facts->sequence >= 0) {
                add_label(text, "sequence");
                text_add_format(text, " %" PRId64 "\n", facts->sequence);
        }
        if (facts->kinds != 0 || facts->words[0] != '\0') {
                add_label(text, "kinds");
                each_kind(facts, text_kind, text);
                text_add_char(text, '\n');
        }
        if (facts->windows != 0) {
                add_label(text, "windows");
                for (int i = 0; i < 64; i++) {
                        if ((facts->windows >> i & 1) != 0)
                                text_add_format(text, " %d", i + 1);
                }
                text_add_char(text, '\n');
        }
        if (facts->has_trigger) {
                add_label(text, "trigger");
                text_add_format(text, " %+d\n", facts->trigger);
        }
}

static void add_picture(struct text *text, const struct facts *facts)
{
        add_label(text, "picture");
        if (facts->width > 0 && facts->height > 0)
                text_add_format(text, " %d x %d,", facts->width, facts->height);
        text_add_format(text, " %" PRId64 " bytes", facts->bytes);
        if (facts->complete_known && facts->is_jpeg)
                text_add_string(text, facts->complete ? ", complete" : ", not complete");
        if (facts->bytes_after_eoi > 0)
                text_add_format(text, ", %" PRId64 " of them behind its end",
                                facts->bytes_after_eoi);
        text_add_char(text, '\n');
}

void probe_report_text(const struct probed *probed, const struct zone *zone, const char *zone_name,
                       struct text *text)
{
        const struct facts *facts = &probed->facts;
        char remark[32];
        struct text after;
        add_safe(text, probed->file, strlen(probed->file));
        text_add_char(text, '\n');
        if (probed->error != NULL) {
                add_label(text, "error");
                text_add_char(text, ' ');
                add_safe(text, probed->error, strlen(probed->error));
                text_add_char(text, '\n');
                return;
        }
        text_init(&after, remark, sizeof remark);
        text_add_format(&after, "  from: %s", time_source_word(facts->time_source));
        add_camera(text, facts);
        add_time(text, "time", facts->time, remark);
        if (zone != NULL && utc_known(facts->time))
                add_local(text, facts->time, zone, zone_name);
        add_time(text, "received", probed->received, "");
        add_why(text, facts);
        add_picture(text, facts);
        for (int note = 0; note < NOTES; note++) {
                if ((facts->notes & NOTE_BIT(note)) != 0) {
                        add_label(text, "note");
                        text_add_format(text, " %s\n", note_sentence(note));
                }
        }
}
