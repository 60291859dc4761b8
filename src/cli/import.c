#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/import.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/data_directory.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/take_in.h"

static const char usage[] =
        "usage: cctvweb import [OPTION]... FILE.csv...\n"
        "\n"
        "Takes frames into the catalog from lists, one row a picture: its path and the JSON of "
        "its\n"
        "IQeye comment, quoted as RFC 4180 has it or as it is. `-` is standard input. Rows that\n"
        "cannot be used are reported, the rest is imported; importing again changes nothing.\n"
        "\n"
        "  --data DIR   where the catalog is (else $CCTVWEB_DATA, ~/.local/share/cctvweb)\n"
        "  --root DIR   what relative paths are below (default: the folder of the list)\n"
        "  --zone ZONE  time zone of times in paths, an IANA name (default UTC)\n"
        "  --json       the summary as a JSON document on standard output\n"
        "  --help       this text\n"
        "\n"
        "SIGUSR1 logs how far it is. Ctrl-C ends it; what was read by then is kept.\n"
        "\n"
        "example: cctvweb import --root /srv/ftp frames.csv\n";

enum { BAD_SHOWN = 20, BAD_KEPT = 1000, READ_BYTES = 1 << 18, WAIT_MS = 100 };

struct options {
        const char *data, *zone, *root;
        bool json;
};

struct bad_row {
        const char *file; /* borrowed from argv */
        int64_t line;
        char *reason;
};

struct importing {
        struct options options;
        struct take_in take_in;
        struct progress progress;
        const char *file;                /* being read */
        int64_t bytes_done, bytes_total; /* total -1: not known */
        struct import_result result;     /* of the files before */
        int64_t seen_rows;               /* of all, so far */
        struct bad_row *bad;             /* the first ones */
        size_t bad_count;
        bool stopped;
};

static int refuse(const char *why, const char *what)
{
        fprintf(stderr, "cctvweb import: %s%s; `cctvweb import --help` says more\n", why, what);
        return EXIT_USAGE;
}

/* -1 when the command is to go on, else its exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
        static const struct option known[] = {
                {"data", required_argument, NULL, 'd'}, {"zone", required_argument, NULL, 'z'},
                {"root", required_argument, NULL, 'r'}, {"json", no_argument, NULL, 'j'},
                {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
        };
        int option = 0;
        opterr = 0;
        optind = 1;
        while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
                switch (option) {
                case 'd': options->data = optarg; break;
                case 'z': options->zone = optarg; break;
                case 'r': options->root = optarg; break;
                case 'j': options->json = true; break;
                case 'h': fputs(usage, stdout); return EXIT_DONE;
                case ':': return refuse("a value is missing after ", argv[optind - 1]);
                default: return refuse("unknown option ", argv[optind - 1]);
                }
        }
        return optind < argc ? -1 : refuse("which list? FILE.csv is missing", "");
}

static void note_bad(void *context, int64_t line, const char *reason)
{
        struct importing *importing = context;
        if (importing->bad_count < BAD_SHOWN) {
                progress_clear(&importing->progress);
                fprintf(stderr, "%s:%" PRId64 ": %s\n", importing->file, line, reason);
        }
        if (importing->bad_count >= BAD_KEPT)
                return;
        struct bad_row *row = &importing->bad[importing->bad_count];
        row->file = importing->file;
        row->line = line;
        row->reason = strdup(reason);
        if (row->reason != NULL)
                importing->bad_count++;
}

static void attend(struct importing *importing, int64_t rows)
{
        enum interrupt interrupt = interrupt_wait(0);
        int64_t total =
                importing->bytes_total > 0 && importing->bytes_done > 0
                        ? rows * (importing->bytes_total / 64) / (importing->bytes_done / 64 + 1)
                        : -1;
        if (interrupt == INTERRUPT_REPORT)
                progress_log(&importing->progress, rows, total);
        if (interrupt == INTERRUPT_STOP) {
                progress_clear(&importing->progress);
                log_warn("import", "stopping", "%s", "committing what was read");
                importing->stopped = true;
        }
        progress_show(&importing->progress, rows, total);
}

static bool read_list(struct importing *importing, int fd, struct import *import, struct error *err)
{
        char *buffer = malloc(READ_BYTES);
        bool ok = buffer != NULL || error_set(err, ERROR_FULL, "no memory to read a list");
        while (ok && !importing->stopped) {
                /* A pipe may stay silent for long; signals are looked at meanwhile. */
                struct pollfd ready = {.fd = fd, .events = POLLIN};
                if (poll(&ready, 1, WAIT_MS) == 0) {
                        attend(importing, importing->seen_rows);
                        continue;
                }
                ssize_t got = read(fd, buffer, READ_BYTES);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        ok = error_sys(err, "read %s", importing->file);
                if (got <= 0)
                        break;
                ok = import_feed(import, buffer, (size_t)got, err);
                struct import_result now;
                import_progress(import, &now);
                importing->bytes_done += got;
                importing->seen_rows = importing->result.rows + now.rows;
                attend(importing, importing->seen_rows);
        }
        free(buffer);
        return ok;
}

static void add_result(struct import_result *sum, const struct import_result *more)
{
        sum->rows += more->rows;
        sum->frames += more->frames;
        sum->bad += more->bad;
        sum->missing += more->missing;
}

static bool import_file(struct importing *importing, const char *file, struct error *err)
{
        bool standard = strcmp(file, "-") == 0;
        int fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return error_sys(err, "open %s", file);
        char *copy = strdup(file); /* dirname may write */
        struct import *import = NULL;
        struct import_result result = {0};
        const struct import_config config = {
                .ingest = importing->take_in.ingest,
                .zone = importing->options.zone,
                .root = importing->options.root,
                .beside = standard || copy == NULL ? "." : dirname(copy),
                .on_bad = note_bad,
                .context = importing,
        };
        importing->file = standard ? "(standard input)" : file;
        bool ok = import_open(&config, &import, err);
        if (ok) {
                struct error late = {0};
                ok = read_list(importing, fd, import, err);
                bool closed = import_close(&import, &result, &late);
                if (ok && !closed && err != NULL)
                        *err = late;
                ok = ok && closed;
                add_result(&importing->result, &result);
        }
        free(copy);
        if (!standard)
                close(fd);
        return ok;
}

/* The bytes of all lists together, or -1 when one of them is not a plain file. */
static int64_t total_bytes(char **files, int count)
{
        int64_t total = 0;
        for (int i = 0; i < count; i++) {
                struct stat status;
                if (strcmp(files[i], "-") == 0 || stat(files[i], &status) < 0 ||
                    !S_ISREG(status.st_mode))
                        return -1;
                total += status.st_size;
        }
        return total;
}

static void print_json(const struct importing *importing, int64_t milliseconds)
{
        const struct ingest_counters *counters = &importing->take_in.counters;
        struct text text;
        struct json json;
        text_init_growing(&text, 1 << 24);
        json_init(&json, &text);
        json_open_object(&json);
        json_add_int(&json, "rows", importing->result.rows);
        json_add_int(&json, "frames", importing->result.frames);
        json_add_int(&json, "added", counters->added);
        json_add_int(&json, "replaced", counters->replaced);
        json_add_int(&json, "unchanged", counters->same);
        json_add_int(&json, "missing_files", importing->result.missing);
        json_add_int(&json, "bad_rows", importing->result.bad);
        json_name(&json, "bad");
        json_open_array(&json);
        for (size_t i = 0; i < importing->bad_count; i++) {
                json_open_object(&json);
                json_add_string(&json, "file", importing->bad[i].file);
                json_add_int(&json, "line", importing->bad[i].line);
                json_add_string(&json, "reason", importing->bad[i].reason);
                json_close_object(&json);
        }
        json_close_array(&json);
        json_name(&json, "seconds");
        json_seconds(&json, milliseconds);
        json_add_int(&json, "rows_per_second",
                     importing->result.rows * 1000 / (milliseconds > 0 ? milliseconds : 1));
        take_in_add_cameras(&importing->take_in, &json);
        json_close_object(&json);
        if (text_ok(&text))
                puts(text.bytes);
        text_finish(&text);
}

static void print_summary(const struct importing *importing, int64_t milliseconds)
{
        const struct ingest_counters *counters = &importing->take_in.counters;
        fprintf(stderr,
                "%" PRId64 " rows, %" PRId64 ".%03" PRId64 " s: %" PRId64 " added, %" PRId64
                " replaced, %" PRId64 " unchanged, %" PRId64 " bad; %" PRId64
                " name a file that is not there\n",
                importing->result.rows, milliseconds / 1000, milliseconds % 1000, counters->added,
                counters->replaced, counters->same, importing->result.bad,
                importing->result.missing);
        take_in_print_cameras(&importing->take_in);
}

static bool import_all(struct importing *importing, char **files, int count, struct error *err)
{
        char data[DATA_DIRECTORY_SIZE];
        if (!data_directory(importing->options.data, data, err) ||
            !take_in_start(&importing->take_in, data, importing->options.zone, NULL, err))
                return false;
        bool ok = true;
        for (int i = 0; i < count && !importing->stopped; i++) {
                struct error own = {0};
                if (import_file(importing, files[i], &own))
                        continue;
                if (!ok)
                        fprintf(stderr, "cctvweb import: %s\n", own.text);
                else
                        *err = own;
                ok = false;
        }
        progress_clear(&importing->progress);
        return take_in_stop(&importing->take_in, ok, err);
}

int command_import(int argc, char **argv)
{
        struct importing importing = {.bad = calloc(BAD_KEPT, sizeof(struct bad_row))};
        struct error err = {0};
        int status =
                importing.bad == NULL ? EXIT_FAILED : read_options(argc, argv, &importing.options);
        if (status >= 0) {
                free(importing.bad);
                return status;
        }
        struct mono start = mono_now();
        interrupt_block();
        data_directory_keep_private();
        progress_init(&importing.progress, "import", "rows");
        importing.bytes_total = total_bytes(argv + optind, argc - optind);
        bool ok = import_all(&importing, argv + optind, argc - optind, &err);
        int64_t milliseconds = (mono_now().ns - start.ns) / 1000000;
        if (!ok)
                fprintf(stderr, "cctvweb import: %s\n", err.text);
        if (ok || importing.result.rows > 0) {
                if (importing.options.json)
                        print_json(&importing, milliseconds);
                else
                        print_summary(&importing, milliseconds);
        }
        take_in_finish(&importing.take_in);
        for (size_t i = 0; i < importing.bad_count; i++)
                free(importing.bad[i].reason);
        free(importing.bad);
        bool nothing = importing.result.bad > 0 && importing.result.frames == 0;
        return ok && !importing.stopped && !nothing ? EXIT_DONE : EXIT_FAILED;
}
