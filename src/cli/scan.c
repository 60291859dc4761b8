#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ingest.h"
#include "app/scan.h"
#include "base/json.h"
#include "base/log.h"
#include "base/zone.h"
#include "cli/command.h"
#include "cli/data_directory.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/take_in.h"

static const char usage[] =
        "usage: cctvweb scan [OPTION]... DIR...\n"
        "\n"
        "Takes the pictures below the folders into the catalog. Pictures that are known and did\n"
        "not change are not opened again; those that vanished are marked. The folders are only\n"
        "read. Links to folders are not followed.\n"
        "\n"
        "  --data DIR       where the catalog is (else $CCTVWEB_DATA, ~/.local/share/cctvweb)\n"
        "  --zone ZONE      time zone of times in file names, an IANA name (default UTC)\n"
        "  --template TEXT  path template of the cameras, as typed into an IQeye\n"
        "  --threads N      readers at work at once (default: as many as serve best)\n"
        "  --json           the summary as a JSON document on standard output\n"
        "  --help           this text\n"
        "\n"
        "SIGUSR1 logs how far it is. Ctrl-C ends it; what was read by then is kept.\n"
        "\n"
        "example: cctvweb scan --zone America/Chicago /srv/ftp/cameras\n";

struct options {
        const char *data, *zone, *path_template;
        unsigned threads;
        bool json;
};

static int refuse(const char *why, const char *what)
{
        fprintf(stderr, "cctvweb scan: %s%s; `cctvweb scan --help` says more\n", why, what);
        return EXIT_USAGE;
}

static bool read_threads(const char *text, unsigned *threads_out)
{
        char *end = NULL;
        long value = strtol(text, &end, 10);
        *threads_out = (unsigned)value;
        return end != text && *end == '\0' && value >= 1 && value <= 256;
}

/* -1 when the command is to go on, else its exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
        static const struct option known[] = {
                {"data", required_argument, NULL, 'd'},
                {"zone", required_argument, NULL, 'z'},
                {"template", required_argument, NULL, 't'},
                {"threads", required_argument, NULL, 'n'},
                {"json", no_argument, NULL, 'j'},
                {"help", no_argument, NULL, 'h'},
                {NULL, 0, NULL, 0},
        };
        int option = 0;
        opterr = 0;
        optind = 1;
        while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
                switch (option) {
                case 'd': options->data = optarg; break;
                case 'z': options->zone = optarg; break;
                case 't': options->path_template = optarg; break;
                case 'j': options->json = true; break;
                case 'h': fputs(usage, stdout); return EXIT_DONE;
                case 'n':
                        if (!read_threads(optarg, &options->threads))
                                return refuse("--threads takes a number from 1 to 256, not ",
                                              optarg);
                        break;
                case ':': return refuse("a value is missing after ", argv[optind - 1]);
                default: return refuse("unknown option ", argv[optind - 1]);
                }
        }
        return optind < argc ? -1 : refuse("which folder? DIR is missing", "");
}

static void tell_problem(void *context, const char *path, const char *why)
{
        (void)context;
        log_error("scan", "not-read", "path=\"%s\" why=\"%s\"", path, why);
}

/* Shows how far it is until the scan has ended or was told to. */
static void accompany(struct scan *scan, struct progress *progress)
{
        bool stopping = false;
        struct mono start = mono_now();
        while (scan_running(scan)) {
                struct scan_progress state;
                bool young = mono_now().ns - start.ns < 1000000000;
                /* A scan of what is known is over in no time, and should not wait for us. */
                enum interrupt interrupt = interrupt_wait(young ? 2 : 50);
                scan_progress(scan, &state);
                if (interrupt == INTERRUPT_REPORT)
                        progress_log(progress, state.looked, state.total);
                if (interrupt == INTERRUPT_STOP && !stopping) {
                        stopping = true;
                        progress_clear(progress);
                        log_warn("scan", "stopping", "%s", "committing what was read");
                        scan_stop(scan);
                }
                progress_show(progress, state.looked, state.total);
        }
        progress_clear(progress);
}

static void add_skipped(struct json *json, const struct scan_result *result)
{
        json_name(json, "skipped");
        json_open_object(json);
        for (int i = SKIP_NONE + 1; i < SKIP_REASONS; i++) {
                if (result->skipped[i] > 0)
                        json_add_int(json, skip_word((enum skip_reason)i), result->skipped[i]);
        }
        json_close_object(json);
}

static void print_json(const struct scan_result *result, const struct take_in *take_in,
                       int64_t milliseconds)
{
        struct ingest_counters counters = take_in->counters;
        struct text text;
        struct json json;
        text_init_growing(&text, 1 << 24);
        json_init(&json, &text);
        json_open_object(&json);
        json_add_int(&json, "folders", result->folders);
        json_add_int(&json, "files", result->files);
        json_add_int(&json, "frames", counters.frames);
        json_add_int(&json, "added", counters.added);
        json_add_int(&json, "replaced", counters.replaced);
        json_add_int(&json, "unchanged", result->unchanged + counters.same);
        add_skipped(&json, result);
        json_add_int(&json, "vanished", counters.vanished);
        json_add_int(&json, "errors", result->errors);
        json_name(&json, "seconds");
        json_seconds(&json, milliseconds);
        json_add_int(&json, "files_per_second",
                     result->files * 1000 / (milliseconds > 0 ? milliseconds : 1));
        take_in_add_cameras(take_in, &json);
        json_close_object(&json);
        if (text_ok(&text))
                puts(text.bytes);
        text_finish(&text);
}

static void print_summary(const struct scan_result *result, const struct take_in *take_in,
                          int64_t milliseconds)
{
        struct ingest_counters counters = take_in->counters;
        fprintf(stderr,
                "%" PRId64 " files in %" PRId64 " folders, %" PRId64 ".%03" PRId64 " s: %" PRId64
                " added, %" PRId64 " replaced, %" PRId64 " unchanged, %" PRId64 " vanished",
                result->files, result->folders, milliseconds / 1000, milliseconds % 1000,
                counters.added, counters.replaced, result->unchanged + counters.same,
                counters.vanished);
        for (int i = SKIP_NONE + 1; i < SKIP_REASONS; i++) {
                if (result->skipped[i] > 0)
                        fprintf(stderr, ", %" PRId64 " %s", result->skipped[i],
                                skip_word((enum skip_reason)i));
        }
        if (result->errors > 0)
                fprintf(stderr, ", %" PRId64 " could not be read", result->errors);
        fputc('\n', stderr);
        take_in_print_cameras(take_in);
        if (result->stopped)
                fputs("ended early; what was read is in the catalog, scan again for the rest\n",
                      stderr);
}

static bool run_scan(const struct scan_config *config, struct scan_result *result,
                     struct error *err)
{
        struct scan *scan = NULL;
        struct progress progress;
        progress_init(&progress, "scan", "files");
        if (!scan_start(config, &scan, err))
                return false;
        accompany(scan, &progress);
        return scan_wait(&scan, result, err);
}

int command_scan(int argc, char **argv)
{
        struct options options = {0};
        struct scan_result result = {0};
        struct take_in take_in = {0};
        struct error err = {0};
        char data[DATA_DIRECTORY_SIZE];
        int status = read_options(argc, argv, &options);
        if (status >= 0)
                return status;
        struct mono start = mono_now();
        interrupt_block();
        data_directory_keep_private();
        bool ok = data_directory(options.data, data, &err) &&
                  take_in_start(&take_in, data, options.zone, options.path_template, &err);
        if (ok) {
                const struct scan_config config = {
                        .folders = (const char *const *)argv + optind,
                        .folder_count = (size_t)(argc - optind),
                        .zone = options.zone,
                        .path_template = options.path_template,
                        .data_directory = data,
                        .ingest = take_in.ingest,
                        .threads = options.threads,
                        .on_problem = tell_problem,
                };
                ok = run_scan(&config, &result, &err);
                ok = take_in_stop(&take_in, ok, &err);
        }
        int64_t milliseconds = (mono_now().ns - start.ns) / 1000000;
        if (!ok)
                fprintf(stderr, "cctvweb scan: %s\n", err.text);
        if (ok || result.files > 0) {
                if (options.json)
                        print_json(&result, &take_in, milliseconds);
                else
                        print_summary(&result, &take_in, milliseconds);
        }
        take_in_finish(&take_in);
        return ok && result.errors == 0 && !result.stopped ? EXIT_DONE : EXIT_FAILED;
}
