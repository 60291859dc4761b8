/* Settings from YAML, by libcyaml with a schema made of the table. */
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/settings.h"

enum { FILE_MOST = 1 << 20, ITEMS_MOST = 4096, ITEM_MOST = 4095, MESSAGE_SIZE = 300 };

/* What libcyaml fills in: texts alone, so that the checks are the same for every source. */
struct raw {
        char *text[SETTINGS];
        char **list[SETTINGS];
        unsigned count[SETTINGS];
};

static const cyaml_schema_value_t list_item = {
        .type = CYAML_STRING,
        .flags = CYAML_FLAG_POINTER,
        .data_size = sizeof(char),
        .string = {.min = 1, .max = ITEM_MOST},
};

static void make_fields(cyaml_schema_field_t fields[static SETTINGS + 1])
{
        for (uint32_t i = 0; i < SETTINGS; i++) {
                bool list = setting_rows[i].type == TYPE_LIST;
                uint32_t place = i * (uint32_t)sizeof(char *);
                fields[i] = (cyaml_schema_field_t){
                        .key = setting_rows[i].name,
                        .data_offset = place + (list ? (uint32_t)offsetof(struct raw, list)
                                                     : (uint32_t)offsetof(struct raw, text)),
                        .value = {.type = list ? CYAML_SEQUENCE : CYAML_STRING,
                                  .flags = CYAML_FLAG_POINTER_NULL_STR | CYAML_FLAG_OPTIONAL,
                                  .data_size = list ? sizeof(char *) : sizeof(char)},
                };
                if (list) {
                        fields[i].count_offset = (uint32_t)offsetof(struct raw, count) +
                                                 i * (uint32_t)sizeof(unsigned);
                        fields[i].count_size = sizeof(unsigned);
                        fields[i].value.sequence.entry = &list_item;
                        fields[i].value.sequence.max = ITEMS_MOST;
                } else {
                        fields[i].value.string.max = ITEM_MOST;
                }
        }
        fields[SETTINGS] = (cyaml_schema_field_t){.key = NULL};
}

/* Keeps what libcyaml says of an error: the reason, and where it was on the way to it. */
static void note(cyaml_log_t level, void *context, const char *format, va_list args)
{
        (void)level;
        char line[200];
        char *message = context;
        size_t used = strlen(message);
        if (vsnprintf(line, sizeof line, format, args) < 0)
                return;
        line[strcspn(line, "\n")] = '\0';
        const char *start = strncmp(line, "Load: ", 6) == 0 ? line + 6 : line;
        while (*start == ' ')
                start++;
        if (strcmp(start, "Backtrace:") != 0)
                snprintf(message + used, MESSAGE_SIZE - used, "%s%s", used > 0 ? ", " : "", start);
}

/* The number of the line that sets `key`, 0 when it cannot be told. libcyaml's own count is behind
 * by an event for names, and there is none for values that only we refuse. */
static int line_of(const char *bytes, size_t length, const char *key, size_t key_length)
{
        int line = 1;
        const char *end = bytes + length;
        while (bytes < end) {
                const char *at = bytes;
                while (at < end && (*at == ' ' || *at == '"' || *at == '\'' || *at == '{'))
                        at++;
                if ((size_t)(end - at) > key_length && memcmp(at, key, key_length) == 0 &&
                    at[key_length] != '\0' && strchr(" :\"'", at[key_length]) != NULL)
                        return line;
                const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
                if (newline == NULL)
                        return 0;
                bytes = newline + 1;
                line++;
        }
        return 0;
}

static bool take(struct settings *settings, const struct raw *raw, struct error *err)
{
        for (int i = 0; i < SETTINGS; i++) {
                enum setting setting = (enum setting)i;
                if (raw->text[i] != NULL &&
                    !settings_set(settings, setting, raw->text[i], SOURCE_FILE, err))
                        return false;
                for (unsigned j = 0; j < raw->count[i]; j++) {
                        if (!settings_set(settings, setting, raw->list[i][j], SOURCE_FILE, err))
                                return false;
                }
        }
        return true;
}

bool settings_read_text(struct settings *settings, const char *name, const char *bytes,
                        size_t length, struct error *err)
{
        char message[MESSAGE_SIZE] = "";
        cyaml_schema_field_t fields[SETTINGS + 1];
        make_fields(fields);
        const cyaml_schema_value_t schema = {
                .type = CYAML_MAPPING,
                .flags = CYAML_FLAG_POINTER_NULL,
                .data_size = sizeof(struct raw),
                .mapping = {.fields = fields},
        };
        const cyaml_config_t config = {
                .log_fn = note,
                .log_ctx = message,
                .mem_fn = cyaml_mem,
                .log_level = CYAML_LOG_ERROR,
                .flags = CYAML_CFG_NO_ALIAS,
        };
        struct raw *raw = NULL;
        cyaml_err_t status = cyaml_load_data((const uint8_t *)bytes, length, &config, &schema,
                                             (cyaml_data_t **)&raw, NULL);
        static const char unexpected[] = "Unexpected key: ";
        if (strncmp(message, unexpected, sizeof unexpected - 1) == 0) {
                const char *key = message + sizeof unexpected - 1;
                int key_length = (int)strcspn(key, ",");
                return error_set(err, ERROR_INPUT, "%s line %d: there is no setting \"%.*s\"", name,
                                 line_of(bytes, length, key, (size_t)key_length), key_length, key);
        }
        if (status != CYAML_OK)
                return error_set(err, ERROR_INPUT, "%s: %s%s%s", name, cyaml_strerror(status),
                                 message[0] != '\0' ? ": " : "", message);
        bool fine = raw == NULL || take(settings, raw, err);
        cyaml_free(&config, &schema, raw, 0);
        if (fine)
                return true;
        size_t key_length = strcspn(err->text, ":");
        return error_prefix(err, "%s line %d", name, line_of(bytes, length, err->text, key_length));
}

bool settings_read_file(struct settings *settings, const char *path, struct error *err)
{
        FILE *in = fopen(path, "rbe");
        if (in == NULL)
                return error_sys(err, "open %s", path);
        char *bytes = malloc(FILE_MOST);
        size_t length = bytes != NULL ? fread(bytes, 1, FILE_MOST, in) : 0;
        bool fine = bytes != NULL && ferror(in) == 0;
        if (!fine)
                error_sys(err, "read %s", path);
        fclose(in);
        if (fine && length == FILE_MOST)
                fine = error_set(err, ERROR_INPUT, "%s: is too large for settings", path);
        bool blank = length == 0;
        fine = fine && (blank || settings_read_text(settings, path, bytes, length, err));
        free(bytes);
        if (fine)
                snprintf(settings->file, sizeof settings->file, "%s", path);
        return fine;
}
