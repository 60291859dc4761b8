#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "app/reindex.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/data_directory.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

static const char help[] =
        "usage: cctvweb reindex [--data DIR] [--json]\n"
        "\n"
        "Builds the catalog again from the hour files of received frames, and puts it in the\n"
        "place of the old one, which stays as catalog.db.before-reindex. Settings of cameras,\n"
        "accounts and what is known of folders are kept where the old catalog can be read; where\n"
        "it cannot, scan the folders again. Nothing else may run on the data folder meanwhile.\n"
        "\n"
        "  --data DIR   where catalog and frames are\n"
        "  --json       what was done as a JSON document on standard output\n"
        "  --help       this text\n"
        "\n"
        "SIGUSR1 logs how far it is. Ctrl-C ends it; the old catalog stays then.\n"
        "\n"
        "example:\n"
        "  cctvweb reindex --data /var/lib/cctvweb && cctvweb check --data /var/lib/cctvweb\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 wrong use.\n";

struct run {
        struct progress progress;
        bool stopping;
};

static void tell_problem(void *context, const char *sentence)
{
        struct run *run = context;
        progress_clear(&run->progress);
        fprintf(stderr, "cctvweb reindex: %s\n", sentence);
}

static int64_t done(const struct reindex_result *result)
{
        return result->frames + result->folder_frames;
}

static void show(void *context, const struct reindex_result *so_far)
{
        struct run *run = context;
        enum interrupt interrupt = interrupt_wait(0);
        if (interrupt == INTERRUPT_REPORT)
                progress_log(&run->progress, done(so_far), -1);
        run->stopping = run->stopping || interrupt == INTERRUPT_STOP;
        progress_show(&run->progress, done(so_far), -1);
}

static bool stopping(void *context)
{
        return ((struct run *)context)->stopping;
}

static void print_json(const struct reindex_result *result)
{
        char buffer[2048];
        struct text text;
        struct json json;
        text_init(&text, buffer, sizeof buffer);
        json_init(&json, &text);
        json_open_object(&json);
        json_add_int(&json, "files", result->files);
        json_add_int(&json, "frames", result->frames);
        json_add_int(&json, "bytes", result->bytes);
        json_add_int(&json, "broken", result->broken);
        json_add_int(&json, "repeats", result->repeats);
        json_add_int(&json, "folder_frames", result->folder_frames);
        json_add_int(&json, "cameras_new", result->cameras_new);
        json_add_bool(&json, "settings_kept", result->kept_old);
        if (result->had_old && !result->kept_old)
                json_add_string(&json, "why_not", result->why_not);
        json_close_object(&json);
        if (text_ok(&text))
                puts(text.bytes);
}

static void print_words(const struct reindex_result *result)
{
        printf("%" PRId64 " frames in %" PRId64 " hour files, %" PRId64
               " frames of folders kept, %" PRId64 " cameras new\n",
               result->frames, result->files, result->folder_frames, result->cameras_new);
        if (result->broken > 0)
                printf("%" PRId64 " broken stretches or records passed over\n", result->broken);
        if (result->had_old && !result->kept_old)
                printf("the old catalog could not be read (%s): settings and accounts are lost;\n"
                       "scan folders again with `cctvweb scan`\n",
                       result->why_not);
}

int command_reindex(int argc, char **argv)
{
        static const struct option table[] = {
                {"data", required_argument, NULL, 'd'},
                {"json", no_argument, NULL, 'j'},
                {"help", no_argument, NULL, 'h'},
                {NULL, 0, NULL, 0},
        };
        const char *data = NULL;
        bool as_json = false;
        int option = 0;
        opterr = 0;
        while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
                switch (option) {
                case 'd': data = optarg; break;
                case 'j': as_json = true; break;
                case 'h': fputs(help, stdout); return EXIT_DONE;
                default:
                        fprintf(stderr, "cctvweb reindex: %s %s; see --help\n", argv[optind - 1],
                                option == ':' ? "needs a value" : "is not an option");
                        return EXIT_USAGE;
                }
        }
        if (optind < argc) {
                fprintf(stderr, "cctvweb reindex: \"%s\" is not an option; see --help\n",
                        argv[optind]);
                return EXIT_USAGE;
        }
        char directory[DATA_DIRECTORY_SIZE];
        struct run run = {0};
        struct reindex_result result = {0};
        struct error err = {0};
        interrupt_block();
        progress_init(&run.progress, "reindex", "frames");
        struct reindex_config config = {
                .data_directory = directory,
                .problem = tell_problem,
                .progress = show,
                .stopping = stopping,
                .context = &run,
        };
        data_directory_keep_private();
        bool ok = data_directory(data, directory, &err) && reindex(&config, &result, &err);
        progress_clear(&run.progress);
        if (!ok) {
                fprintf(stderr, "cctvweb reindex: %s\n", err.text);
                return EXIT_FAILED;
        }
        if (as_json)
                print_json(&result);
        else
                print_words(&result);
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}
