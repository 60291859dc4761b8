#include "app/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

const struct setting_row setting_rows[SETTINGS] = {
        [SETTING_DATA] = {.name = "data",
                          .type = TYPE_PATH,
                          .argument = "DIR",
                          .help = "where the catalog is"},
        [SETTING_LISTEN] = {.name = "listen",
                            .type = TYPE_PATH,
                            .fallback = "127.0.0.1:8080",
                            .argument = "ADDRESS",
                            .help = "this machine only, until there is access control"},
        [SETTING_FOLDERS] = {.name = "folders",
                             .type = TYPE_LIST,
                             .argument = "DIR",
                             .help = "folders of pictures to watch"},
        [SETTING_MANAGE] = {.name = "manage",
                            .type = TYPE_LIST,
                            .argument = "DIR",
                            .help = "folders whose files may be deleted, with all below"},
        [SETTING_ZONE] = {.name = "zone",
                          .type = TYPE_TEXT,
                          .fallback = "UTC",
                          .argument = "ZONE",
                          .help = "IANA time zone of times in file names, for new cameras"},
        [SETTING_TEMPLATE] = {.name = "template",
                              .type = TYPE_TEXT,
                              .argument = "TEXT",
                              .help = "path template as typed into the camera, for new cameras"},
        [SETTING_THREADS] = {.name = "threads",
                             .type = TYPE_NUMBER,
                             .fallback = "0",
                             .most = 32,
                             .argument = "N",
                             .help = "threads that answer requests; 0: one a core, at least two"},
        [SETTING_CACHE_MB] = {.name = "cache_mb",
                              .type = TYPE_NUMBER,
                              .fallback = "512",
                              .most = 1 << 24,
                              .argument = "N",
                              .help = "megabytes of thumbnails kept; 0: none"},
        [SETTING_UNDO_HOURS] = {.name = "undo_hours",
                                .type = TYPE_NUMBER,
                                .fallback = "24",
                                .most = 8760,
                                .argument = "N",
                                .help = "hours in which what is deleted can come back"},
        [SETTING_ALLOWED_HOSTS] = {.name = "allowed_hosts",
                                   .type = TYPE_LIST,
                                   .argument = "NAME",
                                   .help = "further names it answers to, of a proxy in front"},
        [SETTING_ALLOWED_ORIGIN] = {.name = "allowed_origin",
                                    .type = TYPE_TEXT,
                                    .argument = "ORIGIN",
                                    .help = "other site whose pages may use the API, as "
                                            "https://cams.example.net"},
        [SETTING_LOG_LEVEL] = {.name = "log_level",
                               .type = TYPE_WORD,
                               .fallback = "info",
                               .words = "debug|info|warn|error",
                               .argument = "LEVEL",
                               .help = "the least that is logged"},
        [SETTING_FTP] =
                {.name = "ftp",
                 .type = TYPE_PATH,
                 .fallback = "[::]:2121",
                 .argument = "ADDRESS",
                 .help = "where cameras upload by FTP, once there is an account; off: nowhere"},
        [SETTING_FTPS] = {.name = "ftps",
                          .type = TYPE_PATH,
                          .argument = "ADDRESS",
                          .help = "likewise with TLS from the first byte, as 0.0.0.0:990"},
        [SETTING_TLS_CERT] = {.name = "tls_cert",
                              .type = TYPE_PATH,
                              .argument = "FILE",
                              .help = "certificate of FTP over TLS, PEM"},
        [SETTING_TLS_KEY] = {.name = "tls_key",
                             .type = TYPE_PATH,
                             .argument = "FILE",
                             .help = "its key, PEM"},
        [SETTING_TLS_REQUIRED] = {.name = "tls_required",
                                  .type = TYPE_WORD,
                                  .fallback = "no",
                                  .words = "no|yes",
                                  .argument = "WORD",
                                  .help = "yes: no login and no pictures without TLS"},
        [SETTING_FTP_PUBLIC_ADDRESS] = {.name = "ftp_public_address",
                                        .type = TYPE_TEXT,
                                        .argument = "ADDRESS",
                                        .help = "IPv4 address that passive mode names, behind NAT"},
        [SETTING_FTP_PORTS] = {.name = "ftp_ports",
                               .type = TYPE_TEXT,
                               .argument = "PORTS",
                               .help = "range of passive ports, as 50000-50100; else any"},
        [SETTING_FTP_SESSIONS] = {.name = "ftp_sessions",
                                  .type = TYPE_NUMBER,
                                  .fallback = "2000",
                                  .least = 1,
                                  .most = 100000,
                                  .argument = "N",
                                  .help = "sessions at the same time"},
        [SETTING_FTP_IDLE_S] = {.name = "ftp_idle_s",
                                .type = TYPE_NUMBER,
                                .fallback = "300",
                                .least = 10,
                                .most = 86400,
                                .argument = "S",
                                .help = "seconds without a word after which a session ends"},
        [SETTING_DURABILITY] = {.name = "durability",
                                .type = TYPE_WORD,
                                .fallback = "sync",
                                .words = "sync|os",
                                .argument = "WORD",
                                .help = "a frame is acknowledged once it is on disk (sync), or "
                                        "once the kernel has it (os)"},
        [SETTING_RESERVE_MB] = {.name = "reserve_mb",
                                .type = TYPE_NUMBER,
                                .fallback = "512",
                                .least = 0,
                                .most = 1073741824,
                                .argument = "N",
                                .help = "megabytes of the disk left free, or 2 % if that is less"},
        [SETTING_UPLOAD_MAX_MB] = {.name = "upload_max_mb",
                                   .type = TYPE_NUMBER,
                                   .fallback = "64",
                                   .least = 1,
                                   .most = 1048576,
                                   .argument = "N",
                                   .help = "megabytes of one upload"},
        [SETTING_QUARANTINE_MB] = {.name = "quarantine_mb",
                                   .type = TYPE_NUMBER,
                                   .fallback = "256",
                                   .least = 1,
                                   .most = 1073741824,
                                   .argument = "N",
                                   .help = "megabytes of uploads kept that were no whole pictures"},
        [SETTING_ATTACHMENTS_MB] = {.name = "attachments_mb",
                                    .type = TYPE_NUMBER,
                                    .fallback = "1024",
                                    .least = 1,
                                    .most = 1073741824,
                                    .argument = "N",
                                    .help = "megabytes of other uploads kept: films, texts"},
        [SETTING_EXPORTS_MB] = {.name = "exports_mb",
                                .type = TYPE_NUMBER,
                                .fallback = "10240",
                                .least = 1,
                                .most = 1073741824,
                                .argument = "N",
                                .help = "megabytes of exports made in the background, kept 7 days"},
};

static const char *const source_words[] = {"default", "file", "environment", "flag"};

bool settings_init(struct settings *settings, struct error *err)
{
        *settings = (struct settings){0};
        for (int i = 0; i < SETTINGS; i++) {
                if (setting_rows[i].fallback != NULL &&
                    !settings_set(settings, (enum setting)i, setting_rows[i].fallback,
                                  SOURCE_DEFAULT, err))
                        return false;
        }
        return true;
}

static void forget(struct setting_value *value)
{
        for (size_t i = 0; i < value->count; i++)
                free(value->items[i]);
        free(value->items);
        *value = (struct setting_value){0};
}

void settings_finish(struct settings *settings)
{
        for (int i = 0; i < SETTINGS; i++)
                forget(&settings->values[i]);
}

static bool number_of(const char *text, int64_t *number_out)
{
        char *end = NULL;
        errno = 0;
        *number_out = strtoll(text, &end, 10);
        return errno == 0 && end != text && *end == '\0';
}

/* True when `word` is one of "a|b|c". */
static bool is_word(const char *words, const char *word)
{
        size_t length = strlen(word);
        for (const char *at = words; length > 0; at++) {
                size_t part = strcspn(at, "|");
                if (part == length && memcmp(at, word, part) == 0)
                        return true;
                at += part;
                if (*at == '\0')
                        break;
        }
        return false;
}

static bool check(const struct setting_row *row, const char *text, struct error *err)
{
        int64_t number;
        if (!utf8_valid(text, strlen(text)))
                return error_set(err, ERROR_INPUT, "%s: is not valid UTF-8", row->name);
        switch (row->type) {
        case TYPE_NUMBER:
                if (!number_of(text, &number) || number < row->least || number > row->most)
                        return error_set(err, ERROR_INPUT,
                                         "%s: \"%s\" is not a number of %" PRId64 " .. %" PRId64,
                                         row->name, text, row->least, row->most);
                return true;
        case TYPE_WORD:
                if (!is_word(row->words, text))
                        return error_set(err, ERROR_INPUT, "%s: \"%s\" is not one of %s", row->name,
                                         text, row->words);
                return true;
        case TYPE_PATH:
        case TYPE_LIST:
                if (text[0] == '\0')
                        return error_set(err, ERROR_INPUT, "%s: must not be empty", row->name);
                return true;
        case TYPE_TEXT: return true;
        }
        return true;
}

bool settings_set(struct settings *settings, enum setting setting, const char *text,
                  enum setting_source source, struct error *err)
{
        struct setting_value *value = &settings->values[setting];
        const struct setting_row *row = &setting_rows[setting];
        if (!check(row, text, err))
                return false;
        if (value->count > 0 && value->source > source)
                return true;
        if (row->type != TYPE_LIST || value->source != source)
                forget(value);
        char **grown = realloc(value->items, (value->count + 1) * sizeof *grown);
        if (grown == NULL)
                return error_set(err, ERROR_FULL, "no memory for settings");
        value->items = grown;
        value->source = source;
        value->items[value->count] = strdup(text);
        if (value->items[value->count] == NULL)
                return error_set(err, ERROR_FULL, "no memory for settings");
        value->count++;
        return true;
}

/* "cache_mb" -> "CCTVWEB_CACHE_MB". */
static void environment_name(const char *name, char out[static 64])
{
        int length = snprintf(out, 64, "CCTVWEB_%s", name);
        for (int i = 0; i < length && i < 63; i++) {
                if (out[i] >= 'a' && out[i] <= 'z')
                        out[i] = (char)(out[i] - 'a' + 'A');
        }
}

static bool set_list(struct settings *settings, enum setting setting, const char *text,
                     struct error *err)
{
        while (*text != '\0') {
                size_t length = strcspn(text, ":,");
                char item[4096];
                if (length >= sizeof item)
                        return error_set(err, ERROR_INPUT, "%s: is too long",
                                         setting_rows[setting].name);
                memcpy(item, text, length);
                item[length] = '\0';
                if (length > 0 && !settings_set(settings, setting, item, SOURCE_ENVIRONMENT, err))
                        return false;
                text += length + (text[length] != '\0');
        }
        return true;
}

bool settings_read_environment(struct settings *settings, char *(*lookup)(const char *name),
                               struct error *err)
{
        for (int i = 0; i < SETTINGS; i++) {
                char name[64];
                environment_name(setting_rows[i].name, name);
                const char *text = lookup(name);
                if (text == NULL || text[0] == '\0')
                        continue;
                enum setting setting = (enum setting)i;
                bool fine =
                        setting_rows[i].type == TYPE_LIST
                                ? set_list(settings, setting, text, err)
                                : settings_set(settings, setting, text, SOURCE_ENVIRONMENT, err);
                if (!fine)
                        return error_prefix(err, "environment variable %s", name);
        }
        return true;
}

const char *settings_text(const struct settings *settings, enum setting setting)
{
        const struct setting_value *value = &settings->values[setting];
        return value->count > 0 && value->items[0][0] != '\0' ? value->items[0] : NULL;
}

int64_t settings_number(const struct settings *settings, enum setting setting)
{
        int64_t number = 0;
        const char *text = settings_text(settings, setting);
        return text != NULL && number_of(text, &number) ? number : 0;
}

/* A JSON string is a YAML string too. */
static void print_items(const struct setting_row *row, const struct setting_value *value,
                        struct json *json)
{
        if (row->type == TYPE_LIST) {
                json_open_array(json);
                for (size_t i = 0; i < value->count; i++)
                        json_text(json, value->items[i]);
                json_close_array(json);
        } else if (value->count == 0) {
                json_none(json);
        } else if (row->type == TYPE_NUMBER) {
                int64_t number = 0;
                (void)!number_of(value->items[0], &number);
                json_int(json, number);
        } else {
                json_text(json, value->items[0]);
        }
}

void settings_print(const struct settings *settings, struct text *out)
{
        if (settings->file[0] != '\0')
                text_add_format(out, "# read from %s\n", settings->file);
        for (int i = 0; i < SETTINGS; i++) {
                const struct setting_value *value = &settings->values[i];
                struct json json;
                json_init(&json, out);
                text_add_format(out, "%s: ", setting_rows[i].name);
                print_items(&setting_rows[i], value, &json);
                text_add_format(out, "  # %s\n", source_words[value->source]);
        }
}

void settings_print_json(const struct settings *settings, struct text *out)
{
        struct json json;
        json_init(&json, out);
        json_open_object(&json);
        for (int i = 0; i < SETTINGS; i++) {
                const struct setting_value *value = &settings->values[i];
                json_name(&json, setting_rows[i].name);
                json_open_object(&json);
                json_name(&json, "value");
                print_items(&setting_rows[i], value, &json);
                json_add_string(&json, "source", source_words[value->source]);
                json_close_object(&json);
        }
        json_close_object(&json);
        text_add_char(out, '\n');
}

/* "cache_mb" as a flag: "cache-mb". */
static bool flag_is(const char *name, const char *flag)
{
        for (; *name != '\0' && *flag != '\0'; name++, flag++) {
                if (*flag != (*name == '_' ? '-' : *name))
                        return false;
        }
        return *name == *flag;
}

enum setting settings_of_flag(const char *flag)
{
        int i = 0;
        while (i < SETTINGS && !flag_is(setting_rows[i].name, flag))
                i++;
        return (enum setting)i;
}

void settings_print_help(struct text *out)
{
        for (int i = 0; i < SETTINGS; i++) {
                const struct setting_row *row = &setting_rows[i];
                char flag[64];
                int length = snprintf(flag, sizeof flag, "--%s %s", row->name, row->argument);
                for (int j = 0; j < length && j < 63; j++)
                        flag[j] = flag[j] == '_' ? '-' : flag[j];
                text_add_format(out, "  %-28s %s%s", flag, row->help,
                                row->type == TYPE_LIST ? "; repeats" : "");
                if (row->fallback != NULL)
                        text_add_format(out, " (default %s)", row->fallback);
                text_add_char(out, '\n');
        }
}
