#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/probe_read.h"
#include "cli/probe_report.h"
#include "parse/path_template.h"

static const char help[] =
        "usage: cctvweb probe [OPTION]... FILE...\n"
        "\n"
        "Says what is understood of pictures: camera, time and where it is from, motion, size,\n"
        "and what is wrong with them. Reads only the head and the end of each file.\n"
        "\n"
        "  --json            one JSON object a line\n"
        "  --template TEXT   the path as typed into the camera, folder and name\n"
        "  --zone NAME       time zone of the times in names (default UTC)\n"
        "  --root DIR        paths are understood below this folder\n"
        "  --help            this text\n"
        "\n"
        "example:\n"
        "  cctvweb probe --zone America/Chicago \\\n"
        "      --template '$SH/$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN' --root /srv/ftp \\\n"
        "      /srv/ftp/00_50_1a_02_2c_be/05-23/09/*.jpg\n"
        "\n"
        "Exit status: 0 all files were read, 1 some could not be, 2 wrong use.\n";

struct options {
        bool json;
        const char *zone_name;
        char root[PATH_MAX]; /* resolved; empty if none */
        struct zone *zone;
        struct path_template *path_template;
};

static bool set_root(struct options *options, const char *root, struct error *err)
{
        char *resolved = realpath(root, NULL);
        if (resolved == NULL)
                return error_sys(err, "--root %s", root);
        size_t length = strlen(resolved);
        bool fits = length < sizeof options->root;
        if (fits)
                memcpy(options->root, resolved, length + 1);
        free(resolved);
        return fits || error_set(err, ERROR_INPUT, "--root is too long");
}

static bool read_option(struct options *options, int option, const char *given, struct error *err)
{
        switch (option) {
        case 'j': options->json = true; return true;
        case 'z':
                options->zone_name = optarg;
                zone_free(&options->zone);
                return zone_load(optarg, &options->zone, err);
        case 't':
                path_template_free(&options->path_template);
                return path_template_compile(optarg, strlen(optarg), &options->path_template, err);
        case 'r': return set_root(options, optarg, err);
        case ':': return error_set(err, ERROR_INPUT, "%s needs a value", given);
        default:
                return error_set(err, ERROR_INPUT,
                                 "there is no option %s; `cctvweb probe --help` lists them", given);
        }
}

/* The path names are understood by: below the root if there is one and the file is in it. */
static const char *path_below(const struct options *options, const char *file, char **resolved_out)
{
        if (options->root[0] == '\0')
                return file;
        *resolved_out = realpath(file, NULL);
        size_t root = strlen(options->root);
        if (*resolved_out == NULL || strncmp(*resolved_out, options->root, root) != 0)
                return file;
        if (root == 1)
                return *resolved_out + 1;
        return (*resolved_out)[root] == '/' ? *resolved_out + root + 1 : file;
}

static bool probe_file(const struct options *options, const char *file)
{
        struct probed probed = {.file = file, .received = UTC_NONE};
        struct error err = {0};
        struct text text;
        char *resolved = NULL;
        facts_init(&probed.facts);
        const char *path = path_below(options, file, &resolved);
        struct understand_context context = {
                .path = path,
                .path_length = strlen(path),
                .template = options->path_template,
                .zone = options->zone,
                .received = UTC_NONE,
                .now = utc_now(),
                .bytes = -1,
        };
        bool done = probe_read(file, &context, &probed, &err);
        if (!done) {
                probed.error = err.text;
                facts_init(&probed.facts);
        }
        text_init_growing(&text, 1 << 16);
        if (options->json)
                probe_report_json(&probed, &text);
        else
                probe_report_text(&probed, options->zone, options->zone_name, &text);
        bool written = text_ok(&text) && fwrite(text.bytes, 1, text.length, stdout) == text.length;
        text_finish(&text);
        free(resolved);
        if (!done) {
                (void)error_prefix(&err, "%s", file);
                fprintf(stderr, "cctvweb probe: %s\n", err.text);
        }
        return done && written;
}

int command_probe(int argc, char **argv)
{
        static const struct option table[] = {
                {"json", no_argument, NULL, 'j'},       {"template", required_argument, NULL, 't'},
                {"zone", required_argument, NULL, 'z'}, {"root", required_argument, NULL, 'r'},
                {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
        };
        struct options options = {0};
        struct error err = {0};
        int status = EXIT_DONE;
        int option = 0;
        opterr = 0;
        while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
                if (option == 'h') {
                        fputs(help, stdout);
                        goto out;
                }
                if (!read_option(&options, option, argv[optind - 1], &err))
                        goto usage;
        }
        if (optind == argc) {
                (void)error_set(&err, ERROR_INPUT,
                                "no FILE given; `cctvweb probe --help` explains");
                goto usage;
        }
        for (int i = optind; i < argc; i++) {
                if (!probe_file(&options, argv[i]))
                        status = EXIT_FAILED;
        }
        if (fflush(stdout) != 0)
                status = EXIT_FAILED;
        goto out;
usage:
        fprintf(stderr, "cctvweb probe: %s\n", err.text);
        status = EXIT_USAGE;
out:
        path_template_free(&options.path_template);
        zone_free(&options.zone);
        return status;
}
