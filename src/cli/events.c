#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/data_directory.h"
#include "query/answer.h"
#include "query/event_filter.h"

static const char help[] =
        "usage: cctvweb events [OPTION]...\n"
        "\n"
        "Lists events: what a camera took with no gap longer than the dwell.\n"
        "\n"
        "  --data DIR        where the catalog is\n"
        "  --camera NAME     only this camera; repeat for several\n"
        "  --from, --to TIME 2014-05-23T14:00:00Z or milliseconds since 1970; both inclusive\n"
        "  --dwell SECONDS   a longer gap starts a new event (default: the camera's own)\n"
        "  --window N        only if this motion window fired; repeat for any of several\n"
        "  --kind WORD       only with frames of this kind (motion, input, timer, ...); repeats\n"
        "  --hours H:M-H:M   only those that start in these hours of the camera's day\n"
        "  --weekday DAY     mon .. sun, or 0 (Sunday) .. 6; repeats\n"
        "  --reviewed true|false, --pinned true|false, --noted true|false\n"
        "                    only events that were reviewed, are pinned, have a note; or not\n"
        "  --sort ORDER      time, duration, frames or windows; -time: the latest first\n"
        "  --limit N         at most so many (default all)\n"
        "  --cursor TEXT     go on from the `next` of an answer\n"
        "  --json            one JSON document\n"
        "  --help            this text\n"
        "\n"
        "example:\n"
        "  cctvweb events --camera front --from 2014-05-23T00:00:00Z --hours 22:00-06:00 \\\n"
        "      --window 3 --sort -duration --limit 10\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 wrong use.\n";

/* Without a limit the answer is fetched in pages of this many events. */
enum { PAGE_EVENTS = 20000, TEXT_BOUND = 1 << 20, TEXT_FLUSH = 1 << 16 };

struct options {
        const char *data;
        bool json;
        bool help;
        int64_t limit; /* 0: all */
        struct event_filter filter;
};

/* ---- writing ---- */

struct output {
        struct catalog *catalog;
        struct event_plan plan;
        struct text text;
        struct json json;
        bool as_json;
        const struct camera *zone_camera; /* whose zone is loaded */
        struct zone *zone;
};

static bool flush(struct output *output, struct error *err)
{
        if (!text_ok(&output->text))
                return error_set(err, ERROR_FULL, "an event does not fit in memory");
        size_t length = output->text.length;
        if (length > 0 && fwrite(output->text.bytes, 1, length, stdout) != length)
                return error_sys(err, "standard output");
        text_clear(&output->text);
        return true;
}

static void local_time(const struct output *output, struct utc time, char out[static 32])
{
        struct civil local = zone_civil(output->zone, time);
        snprintf(out, 32, "%04d-%02d-%02d %02d:%02d:%02d", local.year, local.month, local.day,
                 local.hour, local.minute, local.second);
}

static bool use_zone_of(struct output *output, const struct camera *camera, struct error *err)
{
        if (output->zone_camera == camera)
                return true;
        zone_free(&output->zone);
        output->zone_camera = camera;
        return zone_load(camera->zone, &output->zone, err);
}

static void add_numbers(struct text *text, uint64_t bits)
{
        const char *comma = "";
        for (; bits != 0; bits &= bits - 1) {
                text_add_format(text, "%s%d", comma, __builtin_ctzll(bits) + 1);
                comma = ",";
        }
}

static void add_words(struct text *text, struct catalog *catalog, uint64_t kinds)
{
        const char *comma = "";
        for (; kinds != 0; kinds &= kinds - 1) {
                const char *word = catalog_kind_word(catalog, __builtin_ctzll(kinds));
                text_add_format(text, "%s%s", comma, word != NULL ? word : "?");
                comma = ",";
        }
}

static bool print_row(struct output *output, const struct camera *camera, const struct span *event,
                      struct error *err)
{
        char start[32];
        char windows_buffer[256];
        struct text windows;
        if (!use_zone_of(output, camera, err))
                return false;
        text_init(&windows, windows_buffer, sizeof windows_buffer);
        add_numbers(&windows, event->windows);
        local_time(output, event->start, start);
        int64_t tenths = (event->end.ms - event->start.ms) / 100;
        text_add_format(&output->text, "%-20s %s %8lld.%lld %8lld %8lld  %-12s ", camera->name,
                        start, (long long)(tenths / 10), (long long)(tenths % 10),
                        (long long)event->frames, (long long)event->motion_frames, windows.bytes);
        add_words(&output->text, output->catalog, event->kinds);
        text_add_char(&output->text, '\n');
        return true;
}

static bool print_page(struct output *output, const struct event_page *page, struct error *err)
{
        for (size_t i = 0; i < page->count; i++) {
                const struct span *event = &page->events[i];
                const struct camera *camera = event_plan_camera(&output->plan, event->camera);
                bool ok = output->as_json
                                  ? answer_event(&output->json, output->catalog, camera, event, err)
                                  : print_row(output, camera, event, err);
                if (!ok)
                        return false;
                if (output->text.length > TEXT_FLUSH && !flush(output, err))
                        return false;
        }
        return true;
}

static void print_head(struct output *output)
{
        if (output->as_json) {
                json_open_object(&output->json);
                json_name(&output->json, "events");
                json_open_array(&output->json);
        } else {
                text_add_format(&output->text, "%-20s %-19s %10s %8s %8s  %-12s %s\n", "camera",
                                "start (local)", "seconds", "frames", "motion", "windows", "kinds");
        }
}

static void print_foot(struct output *output, const struct event_page *page)
{
        char cursor[EVENT_CURSOR_TEXT_SIZE];
        const struct event_query *query = &output->plan.query;
        if (!output->as_json) {
                text_add_format(&output->text, "%lld event%s\n", (long long)page->total,
                                page->total == 1 ? "" : "s");
                return;
        }
        json_close_array(&output->json);
        json_add_int(&output->json, "total", page->total);
        if (page->more) {
                event_cursor_format(&page->next, query->sort, query->descending, cursor);
                json_add_string(&output->json, "next", cursor);
        } else {
                json_add_null(&output->json, "next");
        }
        json_close_object(&output->json);
        text_add_char(&output->text, '\n');
}

/* Page after page until `limit` events are told or there are no more. */
static bool print_events(struct output *output, int64_t limit, struct error *err)
{
        struct event_query *query = &output->plan.query;
        struct event_page page = {0};
        int64_t left = limit > 0 ? limit : INT64_MAX;
        bool ok = true;
        print_head(output);
        for (;;) {
                query->limit = (size_t)(left < PAGE_EVENTS ? left : PAGE_EVENTS);
                event_page_free(&page);
                ok = events_find(output->catalog, query, &page, err) &&
                     print_page(output, &page, err);
                left -= (int64_t)page.count;
                if (!ok || !page.more || left <= 0)
                        break;
                query->has_after = true;
                query->after = page.next;
        }
        if (ok)
                print_foot(output, &page);
        event_page_free(&page);
        return ok && flush(output, err);
}

static bool run(const struct options *options, struct error *err)
{
        char directory[DATA_DIRECTORY_SIZE];
        struct output output = {.as_json = options->json};
        if (!data_directory(options->data, directory, err) ||
            !catalog_open(directory, CATALOG_READ, &output.catalog, err))
                return false;
        text_init_growing(&output.text, TEXT_BOUND);
        json_init(&output.json, &output.text);
        bool ok = catalog_read_begin(output.catalog, err) &&
                  event_plan_open(&output.plan, output.catalog, &options->filter, err) &&
                  print_events(&output, options->limit, err);
        if (ok && fflush(stdout) != 0)
                ok = error_sys(err, "standard output");
        event_plan_close(&output.plan);
        zone_free(&output.zone);
        text_finish(&output.text);
        catalog_read_end(output.catalog);
        catalog_close(&output.catalog);
        return ok;
}

/* ---- options ---- */

static bool read_limit(const char *text, int64_t *limit_out, struct error *err)
{
        char *end = NULL;
        long long limit = strtoll(text, &end, 10);
        if (end == text || *end != '\0' || limit < 1 || limit > INT32_MAX)
                return error_set(err, ERROR_INPUT, "--limit: write a number from 1 on");
        *limit_out = limit;
        return true;
}

static bool read_options(int argc, char **argv, struct options *options, struct error *err)
{
        static const struct option table[] = {
                {"data", required_argument, NULL, 'd'},
                {"json", no_argument, NULL, 'j'},
                {"help", no_argument, NULL, 'h'},
                {"limit", required_argument, NULL, 'l'},
                {"camera", required_argument, NULL, 'f'},
                {"from", required_argument, NULL, 'f'},
                {"to", required_argument, NULL, 'f'},
                {"dwell", required_argument, NULL, 'f'},
                {"window", required_argument, NULL, 'f'},
                {"kind", required_argument, NULL, 'f'},
                {"hours", required_argument, NULL, 'f'},
                {"reviewed", required_argument, NULL, 'f'},
                {"pinned", required_argument, NULL, 'f'},
                {"noted", required_argument, NULL, 'f'},
                {"sort", required_argument, NULL, 'f'},
                {"weekday", required_argument, NULL, 'f'},
                {"cursor", required_argument, NULL, 'f'},
                {NULL, 0, NULL, 0},
        };
        int index = 0;
        int option = 0;
        bool ok = true;
        opterr = 0;
        event_filter_init(&options->filter);
        while (ok && (option = getopt_long(argc, argv, ":", table, &index)) != -1) {
                switch (option) {
                case 'd': options->data = optarg; break;
                case 'j': options->json = true; break;
                case 'h': options->help = true; return true;
                case 'l': ok = read_limit(optarg, &options->limit, err); break;
                case 'f':
                        ok = event_filter_set(&options->filter, table[index].name, optarg, err);
                        break;
                case ':': return error_set(err, ERROR_INPUT, "%s needs a value", argv[optind - 1]);
                default:
                        return error_set(
                                err, ERROR_INPUT,
                                "there is no option %s; `cctvweb events --help` lists them",
                                argv[optind - 1]);
                }
        }
        if (ok && optind < argc)
                return error_set(err, ERROR_INPUT, "\"%s\" is not an option; see --help",
                                 argv[optind]);
        return ok;
}

int command_events(int argc, char **argv)
{
        struct options options = {0};
        struct error err = {0};
        if (!read_options(argc, argv, &options, &err)) {
                fprintf(stderr, "cctvweb events: %s\n", err.text);
                return EXIT_USAGE;
        }
        if (options.help) {
                fputs(help, stdout);
                return EXIT_DONE;
        }
        if (run(&options, &err))
                return EXIT_DONE;
        fprintf(stderr, "cctvweb events: %s\n", err.text);
        return err.kind == ERROR_INPUT ? EXIT_USAGE : EXIT_FAILED;
}
