#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/*
 * The settings of the server: one row each, from which the file's schema, the environment's names,
 * the flags and the help follow. A later source wins: built-in default < file < environment <
 * flag. Every value is a list of texts (one for most settings), checked when it is set.
 */
enum setting {
        SETTING_DATA,
        SETTING_LISTEN,
        SETTING_FOLDERS,
        SETTING_MANAGE,
        SETTING_ZONE,
        SETTING_TEMPLATE,
        SETTING_THREADS,
        SETTING_CACHE_MB,
        SETTING_UNDO_HOURS,
        SETTING_ALLOWED_HOSTS,
        SETTING_ALLOWED_ORIGIN,
        SETTING_LOG_LEVEL,
        SETTING_FTP,
        SETTING_FTPS,
        SETTING_TLS_CERT,
        SETTING_TLS_KEY,
        SETTING_TLS_REQUIRED,
        SETTING_FTP_PUBLIC_ADDRESS,
        SETTING_FTP_PORTS,
        SETTING_FTP_SESSIONS,
        SETTING_FTP_IDLE_S,
        SETTING_DURABILITY,
        SETTING_RESERVE_MB,
        SETTING_UPLOAD_MAX_MB,
        SETTING_QUARANTINE_MB,
        SETTING_ATTACHMENTS_MB,
        SETTING_EXPORTS_MB,
        SETTINGS
};

enum setting_source { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_ENVIRONMENT, SOURCE_FLAG };

enum setting_type {
        TYPE_TEXT,
        TYPE_PATH, /* not empty */
        TYPE_NUMBER,
        TYPE_WORD, /* one of a few */
        TYPE_LIST  /* repeats; in the environment separated by ':' or ',' */
};

struct setting_row {
        const char *name; /* in the file; --name with '-' for '_', CCTVWEB_NAME */
        enum setting_type type;
        const char *fallback; /* built-in default; NULL: none */
        int64_t least, most;  /* of a number */
        const char *words;    /* "a|b|c" of a word */
        const char *argument; /* for the help */
        const char *help;
};

extern const struct setting_row setting_rows[SETTINGS];

struct setting_value {
        char **items;
        size_t count;
        enum setting_source source;
};

struct settings {
        struct setting_value values[SETTINGS];
        char file[4096]; /* that was read, empty if none */
};

/* Built-in defaults; the data directory has none of its own. Finish it also when it fails. */
bool settings_init(struct settings *settings, struct error *err) MUST_CHECK;
void settings_finish(struct settings *settings);

/* Replaces the value when it came from a weaker source, adds to a list when from the same one. */
bool settings_set(struct settings *settings, enum setting setting, const char *text,
                  enum setting_source source, struct error *err) MUST_CHECK;

/* Reads a YAML file. An unknown name or an ill-formed value is ERROR_INPUT with the line; a file
 * that is not there is ERROR_NOT_FOUND. */
bool settings_read_file(struct settings *settings, const char *path, struct error *err) MUST_CHECK;

/* The same from bytes; `name` is for messages. */
bool settings_read_text(struct settings *settings, const char *name, const char *bytes,
                        size_t length, struct error *err) MUST_CHECK;

/* Reads CCTVWEB_NAME of each setting by `lookup` (getenv). */
bool settings_read_environment(struct settings *settings, char *(*lookup)(const char *name),
                               struct error *err) MUST_CHECK;

/* The first (only) text, NULL when there is none. */
const char *settings_text(const struct settings *settings, enum setting setting);
int64_t settings_number(const struct settings *settings, enum setting setting);

/* All, as a YAML file with the source of each behind it, or as JSON. */
void settings_print(const struct settings *settings, struct text *out);
void settings_print_json(const struct settings *settings, struct text *out);

/* The flags, for --help. */
void settings_print_help(struct text *out);

/* The setting of a flag ("cache-mb"), SETTINGS when there is none. */
enum setting settings_of_flag(const char *flag);
