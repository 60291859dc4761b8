#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/check_segments.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalog/catalog.h"
#include "cli/command.h"
#include "cli/data_directory.h"

static const char help[] =
        "usage: cctvweb check [--data DIR] [--fast] [--json]\n"
        "\n"
        "Counts everything in the catalog again from its frames, holds received frames against\n"
        "their hour files, and names each difference.\n"
        "May run while cctvweb serves or scans. Changes nothing.\n"
        "\n"
        "  --data DIR   where the catalog is\n"
        "  --fast       do not read received pictures to verify their checksums\n"
        "  --json       one JSON document: {\"differences\": [...], \"count\": 0}\n"
        "  --help       this text\n"
        "\n"
        "example:\n"
        "  cctvweb check --data /var/lib/cctvweb && echo sound\n"
        "\n"
        "Exit status: 0 no differences, 1 some, or failed, 2 wrong use.\n";

/* Of very many differences, so many are told. */
enum { TOLD_MAX = 10000, TEXT_BOUND = 8 << 20 };

struct report {
        bool as_json;
        int64_t told;
        struct text text;
        struct json json;
};

static void tell(void *context, const char *sentence)
{
        struct report *report = context;
        if (report->told++ >= TOLD_MAX)
                return;
        if (report->as_json) {
                json_text(&report->json, sentence);
                return;
        }
        char line[1024];
        snprintf(line, sizeof line, "%s", sentence);
        utf8_tame(line, strlen(line));
        puts(line);
}

static bool print_count(struct report *report, int64_t differences, struct error *err)
{
        if (report->as_json) {
                json_close_array(&report->json);
                json_add_int(&report->json, "count", differences);
                json_close_object(&report->json);
                if (!text_ok(&report->text))
                        return error_set(err, ERROR_FULL, "too much to tell in JSON");
                puts(report->text.bytes);
        } else if (differences == 0) {
                puts("no differences");
        } else {
                printf("%lld difference%s\n", (long long)differences, differences == 1 ? "" : "s");
        }
        return fflush(stdout) == 0 || error_sys(err, "standard output");
}

/* Of one state of the catalog throughout. */
static bool check_all(const char *directory, struct catalog *catalog, bool fast,
                      struct report *report, int64_t *differences, struct error *err)
{
        struct segment_check hours = {.fast = fast, .difference = tell, .context = report};
        if (!catalog_read_begin(catalog, err))
                return false;
        bool ok = catalog_check(catalog, tell, report, differences, err) &&
                  check_segments(directory, catalog, &hours, err);
        catalog_read_end(catalog);
        *differences += hours.differences;
        return ok;
}

static bool run(const char *data, bool fast, bool as_json, int64_t *differences_out,
                struct error *err)
{
        char directory[DATA_DIRECTORY_SIZE];
        struct catalog *catalog = NULL;
        struct report report = {.as_json = as_json};
        if (!data_directory(data, directory, err) ||
            !catalog_open(directory, CATALOG_READ, &catalog, err))
                return false;
        text_init_growing(&report.text, TEXT_BOUND);
        json_init(&report.json, &report.text);
        json_open_object(&report.json);
        json_name(&report.json, "differences");
        json_open_array(&report.json);
        bool ok = check_all(directory, catalog, fast, &report, differences_out, err) &&
                  print_count(&report, *differences_out, err);
        text_finish(&report.text);
        catalog_close(&catalog);
        return ok;
}

int command_check(int argc, char **argv)
{
        static const struct option table[] = {
                {"data", required_argument, NULL, 'd'},
                {"fast", no_argument, NULL, 'f'},
                {"json", no_argument, NULL, 'j'},
                {"help", no_argument, NULL, 'h'},
                {NULL, 0, NULL, 0},
        };
        const char *data = NULL;
        bool as_json = false;
        bool fast = false;
        struct error err = {0};
        int64_t differences = 0;
        int option = 0;
        opterr = 0;
        while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
                switch (option) {
                case 'd': data = optarg; break;
                case 'f': fast = true; break;
                case 'j': as_json = true; break;
                case 'h': fputs(help, stdout); return EXIT_DONE;
                default:
                        fprintf(stderr, "cctvweb check: %s %s; see --help\n", argv[optind - 1],
                                option == ':' ? "needs a value" : "is not an option");
                        return EXIT_USAGE;
                }
        }
        if (optind < argc) {
                fprintf(stderr, "cctvweb check: \"%s\" is not an option; see --help\n",
                        argv[optind]);
                return EXIT_USAGE;
        }
        if (!run(data, fast, as_json, &differences, &err)) {
                fprintf(stderr, "cctvweb check: %s\n", err.text);
                return EXIT_FAILED;
        }
        return differences == 0 ? EXIT_DONE : EXIT_FAILED;
}
