#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/serve.h"
#include "app/settings.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/data_directory.h"
#include "cli/interrupt.h"

struct options {
        const char *config;
        bool print_config;
        bool json;
        bool help;
};

static void print_help(void)
{
        struct text text;
        text_init_growing(&text, 1 << 16);
        text_add_string(
                &text,
                "usage: cctvweb serve [OPTION]... [FOLDER]...\n"
                "\n"
                "Watches the folders for pictures and serves the web app and the API to this\n"
                "machine. Folders named here are taken instead of those of the settings file.\n"
                "\n");
        settings_print_help(&text);
        text_add_string(
                &text,
                "  --config FILE                settings (default DATA/cctvweb.yaml if there)\n"
                "  --print-config               show each setting and where it comes from\n"
                "  --json                       that as JSON\n"
                "  --help                       this text\n"
                "\n"
                "Each setting can also stand in the file as `name: value` (with _ for -)\n"
                "and in the environment as CCTVWEB_NAME. SIGUSR1 logs how far it is;\n"
                "SIGTERM and Ctrl-C end it.\n"
                "\n"
                "example: cctvweb serve --listen 127.0.0.1:8080 /srv/ftp/cameras\n");
        if (text_ok(&text))
                fputs(text.bytes, stdout);
        text_finish(&text);
}

static int refuse(const char *why)
{
        fprintf(stderr, "cctvweb serve: %s; `cctvweb serve --help` says more\n", why);
        return EXIT_USAGE;
}

/* One of the flags that are no settings; false when it is none. */
static bool take_own(const char *flag, struct options *options)
{
        options->help = options->help || strcmp(flag, "help") == 0;
        options->print_config = options->print_config || strcmp(flag, "print-config") == 0;
        options->json = options->json || strcmp(flag, "json") == 0;
        return strcmp(flag, "help") == 0 || strcmp(flag, "print-config") == 0 ||
               strcmp(flag, "json") == 0;
}

/* `--name value` or `--name=value` at argv[*at]. */
static bool take_flag(struct settings *settings, struct options *options, char **argv, int *at,
                      struct error *err)
{
        char flag[64];
        const char *text = argv[*at] + 2;
        const char *equals = strchr(text, '=');
        size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
        if (length >= sizeof flag)
                return error_set(err, ERROR_INPUT, "unknown option %s", argv[*at]);
        memcpy(flag, text, length);
        flag[length] = '\0';
        if (equals == NULL && take_own(flag, options))
                return true;
        enum setting setting = settings_of_flag(flag);
        bool config = strcmp(flag, "config") == 0;
        if (setting == SETTINGS && !config)
                return error_set(err, ERROR_INPUT, "unknown option --%s", flag);
        const char *value = equals != NULL ? equals + 1 : argv[++*at];
        if (value == NULL)
                return error_set(err, ERROR_INPUT, "a value is missing after --%s", flag);
        if (config) {
                options->config = value;
                return true;
        }
        return settings_set(settings, setting, value, SOURCE_FLAG, err);
}

static bool take_arguments(struct settings *settings, struct options *options, int argc,
                           char **argv, struct error *err)
{
        bool flags = true;
        for (int i = 1; i < argc; i++) {
                bool fine = true;
                if (flags && strcmp(argv[i], "--") == 0)
                        flags = false;
                else if (flags && strcmp(argv[i], "-h") == 0)
                        options->help = true;
                else if (flags && strncmp(argv[i], "--", 2) == 0)
                        fine = take_flag(settings, options, argv, &i, err);
                else if (flags && argv[i][0] == '-' && argv[i][1] != '\0')
                        fine = error_set(err, ERROR_INPUT, "unknown option %s", argv[i]);
                else
                        fine = settings_set(settings, SETTING_FOLDERS, argv[i], SOURCE_FLAG, err);
                if (!fine)
                        return false;
        }
        return true;
}

/* The file named, or the one in the data directory if it is there. */
static bool read_file(struct settings *settings, const char *named, struct error *err)
{
        char path[DATA_DIRECTORY_SIZE + 16];
        struct stat status;
        if (named != NULL)
                return settings_read_file(settings, named, err);
        snprintf(path, sizeof path, "%s/cctvweb.yaml", settings_text(settings, SETTING_DATA));
        return stat(path, &status) < 0 || settings_read_file(settings, path, err);
}

static bool read_all(struct settings *settings, const struct options *options, struct error *err)
{
        char data[DATA_DIRECTORY_SIZE];
        return settings_read_environment(settings, getenv, err) &&
               /* As other commands find it; a file there may still name another one. */
               (settings_text(settings, SETTING_DATA) != NULL ||
                (data_directory(NULL, data, err) &&
                 settings_set(settings, SETTING_DATA, data, SOURCE_DEFAULT, err))) &&
               read_file(settings, options->config, err);
}

static int print_config(const struct settings *settings, bool json)
{
        struct text text;
        text_init_growing(&text, 1 << 20);
        if (json)
                settings_print_json(settings, &text);
        else
                settings_print(settings, &text);
        int status = text_ok(&text) ? EXIT_DONE : EXIT_FAILED;
        if (status == EXIT_DONE)
                fputs(text.bytes, stdout);
        text_finish(&text);
        return status;
}

static int fail(const struct error *err)
{
        fprintf(stderr, "cctvweb serve: %s\n", err->text);
        return err->kind == ERROR_INPUT || err->kind == ERROR_DENIED ? EXIT_USAGE : EXIT_FAILED;
}

static enum log_level level_of(const char *word)
{
        static const char *const words[] = {"debug", "info", "warn", "error"};
        int level = 0;
        while (level < LOG_ERROR && strcmp(words[level], word) != 0)
                level++;
        return (enum log_level)level;
}

static int run(const struct settings *settings)
{
        struct serve *serve = NULL;
        struct error err;
        char url[SERVE_URL_SIZE];
        interrupt_block();
        data_directory_keep_private();
        log_set_level(level_of(settings_text(settings, SETTING_LOG_LEVEL)));
        if (!serve_start(settings, &serve, &err))
                return fail(&err);
        serve_url(serve, url);
        fprintf(stderr, "cctvweb is at %s\n", url);
        enum interrupt interrupt;
        while ((interrupt = interrupt_wait(3600000)) != INTERRUPT_STOP) {
                if (interrupt == INTERRUPT_REPORT)
                        serve_report(serve);
        }
        log_info("serve", "stopping", "%s", "");
        if (!serve_stop(&serve, &err))
                return fail(&err);
        return EXIT_DONE;
}

int command_serve(int argc, char **argv)
{
        struct settings settings;
        struct options options = {0};
        struct error err;
        int status = EXIT_FAILED;
        if (!settings_init(&settings, &err)) {
                status = fail(&err);
                goto out;
        }
        if (!take_arguments(&settings, &options, argc, argv, &err)) {
                status = refuse(err.text);
                goto out;
        }
        if (options.help) {
                print_help();
                status = EXIT_DONE;
                goto out;
        }
        if (!read_all(&settings, &options, &err)) {
                status = fail(&err);
                goto out;
        }
        status = options.print_config ? print_config(&settings, options.json) : run(&settings);
out:
        settings_finish(&settings);
        return status;
}
