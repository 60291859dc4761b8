#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/simulate_windows.h"
#include "simulate/simulation.h"

static const char usage[] =
        "usage: cctvweb simulate --to DIR|URL [OPTION]...\n"
        "\n"
        "Simulates cameras: draws what they would see and uploads it to the FTP server at URL, or\n"
        "writes it below the folder DIR as an FTP server would, in bursts while something moves.\n"
        "The same options give the same pictures.\n"
        "\n"
        "  --to DIR         a folder; made if it does not exist\n"
        "  --to URL         ftp://USER:PASSWORD@HOST:PORT/PATH, or ftps:// for implicit TLS; %n "
        "in\n"
        "                   USER is the camera's name, %i its number. The command line can be "
        "seen\n"
        "                   by other users of the machine (ps): better leave the password out and\n"
        "                   give it in the environment, as CCTVWEB_FTP_PASSWORD\n"
        "  --cameras N      how many (default 4)\n"
        "  --fps F          pictures a second during motion, 1 to 18 (default 4)\n"
        "  --seconds S      for how long, in the cameras' time; 0: for ever (default 60)\n"
        "  --profile NAME   what kind of camera; iqeye is the only one so far\n"
        "  --start TIME     the cameras' time at the beginning (default: now)\n"
        "  --speed X        1: as the clock; 60: a minute a second; 0: as fast as possible\n"
        "                   (default 1, or 0 with --start)\n"
        "  --seed K         another number gives other cameras and visitors (default 1)\n"
        "  --zone ZONE      their time zone, an IANA name (default UTC)\n"
        "  --activity N     visits an hour by day (default 60, or 3 with --start)\n"
        "  --size WxH       of the pictures (default 1280x1024)\n"
        "  --rename         write each picture under another name, then rename it\n"
        "  --threads N      at work at once (default: one a processor; with FTP, one a camera)\n"
        "  --user-per-camera PATTERN   the user, in place of the URL's: %n, or cam-%i\n"
        "  --habit WORD,... what real cameras do: login-per-file, active (PORT), stou, rename\n"
        "                   (STOR NAME.tmp, RNFR, RNTO), cut (some uploads end midway and are\n"
        "                   repeated), duplicate-names, mkd-walk (CWD and MKD; other servers\n"
        "                   than cctvweb need it, as folders have to be made)\n"
        "  --ftp-tls        AUTH TLS on an ftp:// URL\n"
        "  --insecure       take any certificate\n"
        "  --acks FILE      append a line for each upload that was acknowledged: SHA-256 of the\n"
        "                   bytes, path, time\n"
        "  --resume         pass over as many uploads of each camera as are in FILE\n"
        "  --windows NAME   only tell the motion windows of the camera NAME, as `cctvweb camera "
        "set`\n"
        "                   takes them\n"
        "  --json           a summary as a JSON document on standard output\n"
        "  --help           this text\n"
        "\n"
        "An upload that is refused is repeated until it is acknowledged. Ctrl-C ends it.\n"
        "\n"
        "example: cctvweb simulate --cameras 4 --seconds 0 --to /tmp/pictures\n"
        "example: cctvweb simulate --cameras 10 --start 2026-11-15T00:00:00Z --seconds 604800 \\\n"
        "                 --to /tmp/week\n"
        "example: CCTVWEB_FTP_PASSWORD=secret cctvweb simulate --to ftp://%n@127.0.0.1:2121/\n";

struct options {
        struct simulation_options simulation;
        struct ftp_target ftp;
        const char *to, *zone, *start, *user, *windows;
        bool speed_given, activity_given, json;
};

static int refuse(const char *why, const char *what)
{
        fprintf(stderr, "cctvweb simulate: %s%s; `cctvweb simulate --help` says more\n", why, what);
        return EXIT_USAGE;
}

static bool read_number(const char *text, int64_t least, int64_t most, int64_t *value_out)
{
        char *end = NULL;
        errno = 0;
        long long value = strtoll(text, &end, 10);
        *value_out = value;
        return errno == 0 && end != text && *end == '\0' && value >= least && value <= most;
}

static bool read_decimal(const char *text, double most, double *value_out)
{
        char *end = NULL;
        *value_out = strtod(text, &end);
        return end != text && *end == '\0' && *value_out >= 0 && *value_out <= most;
}

static bool read_size(const char *text, struct simulation_options *o)
{
        char *end = NULL;
        long width = strtol(text, &end, 10);
        if (end == text || *end != 'x')
                return false;
        const char *rest = end + 1;
        long height = strtol(rest, &end, 10);
        if (end == rest || *end != '\0' || width < 160 || width > 4096 || height < 120 ||
            height > 4096)
                return false;
        o->width = (int)width;
        o->height = (int)height;
        return true;
}

/* A number of one of the options; false when it is not acceptable. */
static bool read_count(int option, const char *text, struct simulation_options *o)
{
        int64_t value = 0;
        switch (option) {
        case 'c':
                if (!read_number(text, 1, 1000, &value))
                        return false;
                o->cameras = (int)value;
                return true;
        case 'f':
                if (!read_number(text, 1, 18, &value))
                        return false;
                o->rate = (int)value;
                return true;
        case 's': return read_number(text, 0, INT64_C(10) * 366 * 86400, &o->seconds);
        case 'n':
                if (!read_number(text, 1, 64, &value))
                        return false;
                o->threads = (int)value;
                return true;
        case 'k':
                if (!read_number(text, 0, INT64_MAX, &value))
                        return false;
                o->seed = (uint64_t)value;
                return true;
        default: return false;
        }
}

static bool read_pace(int option, const char *text, struct options *options)
{
        double value = 0;
        if (option == 'x') {
                if (!read_decimal(text, 100000, &value))
                        return false;
                options->speed_given = true;
                options->simulation.speed_percent = (int)(value * 100 + 0.5);
                return value == 0 || options->simulation.speed_percent > 0;
        }
        options->activity_given = true;
        if (!read_decimal(text, 3600, &value) || value <= 0)
                return false;
        options->simulation.visits = (float)value;
        return true;
}

/* One of the options of FTP; -1 when it was good. */
static int take_ftp_option(int option, struct options *options)
{
        struct error err;
        switch (option) {
        case 'u': options->user = optarg; return -1;
        case 'e': options->ftp.explicit_tls = true; return -1;
        case 'i': options->ftp.insecure = true; return -1;
        case 'q': options->simulation.acks = optarg; return -1;
        case 'm': options->simulation.resume = true; return -1;
        default:
                return ftp_habits_parse(optarg, &options->ftp.habits, &err)
                               ? -1
                               : refuse("--habit: ", err.text);
        }
}

/* -1 when it was good, else the exit status. */
static int take_option(int option, struct options *options)
{
        switch (option) {
        case 't': options->to = optarg; return -1;
        case 'z': options->zone = optarg; return -1;
        case 'b': options->start = optarg; return -1;
        case 'r': options->simulation.rename = true; return -1;
        case 'j': options->json = true; return -1;
        case 'o': options->windows = optarg; return -1;
        case 'c':
        case 'f':
        case 's':
        case 'n':
        case 'k':
                return read_count(option, optarg, &options->simulation)
                               ? -1
                               : refuse("not a number that is possible here: ", optarg);
        case 'x':
        case 'a':
                return read_pace(option, optarg, options)
                               ? -1
                               : refuse("not a number that is possible here: ", optarg);
        case 'w':
                return read_size(optarg, &options->simulation)
                               ? -1
                               : refuse("--size takes 160x120 to 4096x4096, not ", optarg);
        case 'u':
        case 'e':
        case 'i':
        case 'q':
        case 'm':
        case 'g': return take_ftp_option(option, options);
        case 'p': return strcmp(optarg, "iqeye") == 0 ? -1 : refuse("there is no profile ", optarg);
        case 'h': fputs(usage, stdout); return EXIT_DONE;
        case ':': return refuse("a value is missing after ", "the last option");
        default: return refuse("unknown option ", "");
        }
}

/* -1 when the command is to go on, else its exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
        static const struct option known[] = {
                {"to", required_argument, NULL, 't'},
                {"cameras", required_argument, NULL, 'c'},
                {"fps", required_argument, NULL, 'f'},
                {"seconds", required_argument, NULL, 's'},
                {"profile", required_argument, NULL, 'p'},
                {"start", required_argument, NULL, 'b'},
                {"speed", required_argument, NULL, 'x'},
                {"seed", required_argument, NULL, 'k'},
                {"zone", required_argument, NULL, 'z'},
                {"activity", required_argument, NULL, 'a'},
                {"size", required_argument, NULL, 'w'},
                {"rename", no_argument, NULL, 'r'},
                {"threads", required_argument, NULL, 'n'},
                {"user-per-camera", required_argument, NULL, 'u'},
                {"habit", required_argument, NULL, 'g'},
                {"ftp-tls", no_argument, NULL, 'e'},
                {"insecure", no_argument, NULL, 'i'},
                {"acks", required_argument, NULL, 'q'},
                {"resume", no_argument, NULL, 'm'},
                {"windows", required_argument, NULL, 'o'},
                {"json", no_argument, NULL, 'j'},
                {"help", no_argument, NULL, 'h'},
                {NULL, 0, NULL, 0},
        };
        int option = 0;
        opterr = 0;
        optind = 1;
        while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
                if (option == '?')
                        return refuse("unknown option ", argv[optind - 1]);
                int status = take_option(option, options);
                if (status >= 0)
                        return status;
        }
        if (optind < argc)
                return refuse("what is this? ", argv[optind]);
        if (options->to == NULL && options->windows == NULL)
                return refuse("where to? --to DIR is missing", "");
        return -1;
}

/* Where to, by FTP. */
static int settle_ftp(struct options *options)
{
        struct ftp_target *ftp = &options->ftp;
        struct error err;
        if (!ftp_target_parse(options->to, ftp, &err))
                return refuse("--to: ", err.text);
        if (options->user != NULL &&
            snprintf(ftp->user, sizeof ftp->user, "%s", options->user) >= FTP_USER_SIZE)
                return refuse("--user-per-camera is too long: ", options->user);
        const char *password = getenv("CCTVWEB_FTP_PASSWORD");
        if (ftp->password[0] == '\0' && password != NULL &&
            snprintf(ftp->password, sizeof ftp->password, "%s", password) >= FTP_PASSWORD_SIZE)
                return refuse("the password in CCTVWEB_FTP_PASSWORD is too long", "");
        if (ftp->user[0] == '\0')
                return refuse("--to names no user; ftp://USER@HOST, or --user-per-camera", "");
        if (ftp->password[0] == '\0')
                return refuse("there is no password, neither in --to nor in CCTVWEB_FTP_PASSWORD",
                              "");
        if (ftp->implicit_tls && ftp->explicit_tls)
                return refuse("--ftp-tls goes with ftp://, not with ftps://", "");
        options->simulation.ftp = ftp;
        return -1;
}

static int settle_place(struct options *options)
{
        if (options->simulation.resume && options->simulation.acks == NULL)
                return refuse("--resume needs --acks FILE", "");
        if (ftp_target_is(options->to))
                return settle_ftp(options);
        if (options->user != NULL || options->simulation.acks != NULL || options->ftp.habits != 0 ||
            options->ftp.explicit_tls || options->ftp.insecure)
                return refuse(
                        "--user-per-camera, --habit, --ftp-tls, --insecure and --acks go with "
                        "ftp:// only",
                        "");
        options->simulation.directory = options->to;
        return -1;
}

/* Fills in what follows from other options. */
static int settle(struct options *options)
{
        struct simulation_options *o = &options->simulation;
        struct error err = {0};
        o->start = utc_now();
        if (options->start != NULL &&
            !utc_parse(options->start, strlen(options->start), &o->start, &err))
                return refuse("--start: ", err.text);
        if (o->start.ms < 946684800000 || o->start.ms > 7258118400000)
                return refuse("--start is possible from 2000 to 2200, not ", options->start);
        if (!options->speed_given)
                o->speed_percent = options->start != NULL ? 0 : 100;
        if (!options->activity_given)
                o->visits = options->start != NULL ? 3 : 60;
        if (o->seconds == 0 && o->speed_percent == 0)
                return refuse("--seconds 0 (for ever) does not go with --speed 0", "");
        return settle_place(options);
}

static void accompany(struct simulation *simulation, const struct simulation_options *o)
{
        struct progress progress;
        progress_init(&progress, "simulate", "frames");
        while (!simulation_wait(simulation, 0)) {
                enum interrupt interrupt = interrupt_wait(50);
                int64_t frames = simulation_count(simulation, -1).frames;
                int part = simulation_progress(simulation);
                int64_t total = o->seconds > 0 && part > 0 ? frames * 1000 / part : -1;
                if (interrupt == INTERRUPT_STOP)
                        simulation_stop(simulation);
                if (interrupt == INTERRUPT_REPORT)
                        progress_log(&progress, frames, total);
                progress_show(&progress, frames, total);
        }
        progress_clear(&progress);
}

static void add_count(struct json *json, const struct simulation_count *count)
{
        json_add_int(json, "frames", count->frames);
        json_add_int(json, "motion_frames", count->motion_frames);
        json_add_int(json, "triggers", count->bursts);
        json_add_int(json, "bytes", count->bytes);
        json_add_utc(json, "first", count->first);
        json_add_utc(json, "last", count->last);
}

/* What only an FTP server can do. */
static void add_delivery(struct json *json, const struct delivery_tally *tally)
{
        json_add_int(json, "sent", tally->sent);
        json_add_int(json, "acknowledged", tally->acknowledged);
        json_add_int(json, "refused", tally->refused);
        json_add_int(json, "broken", tally->broken);
        json_add_int(json, "cut", tally->cut);
        json_add_int(json, "retried", tally->retried);
        json_add_int(json, "unacknowledged", tally->unacknowledged);
        json_name(json, "slowest_answer");
        json_seconds(json, tally->slowest_ms);
}

static void print_json(struct simulation *simulation, const struct simulation_options *o,
                       int64_t milliseconds)
{
        struct text text;
        struct json json;
        text_init_growing(&text, 1 << 22);
        json_init(&json, &text);
        json_open_object(&json);
        struct simulation_count all = simulation_count(simulation, -1);
        if (o->ftp != NULL)
                json_add_string(&json, "url", o->ftp->url);
        else
                json_add_string(&json, "directory", o->directory);
        add_count(&json, &all);
        if (o->ftp != NULL)
                add_delivery(&json, &all.delivery);
        json_name(&json, "seconds");
        json_seconds(&json, milliseconds);
        json_add_int(&json, "frames_per_second",
                     all.frames * 1000 / (milliseconds > 0 ? milliseconds : 1));
        json_name(&json, "cameras");
        json_open_array(&json);
        for (int i = 0; i < o->cameras; i++) {
                struct simulation_count count = simulation_count(simulation, i);
                const uint8_t *m = simulation_camera_mac(simulation, i);
                char mac[18];
                snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
                         m[4], m[5]);
                json_open_object(&json);
                json_add_string(&json, "name", simulation_camera_name(simulation, i));
                json_add_string(&json, "mac", mac);
                add_count(&json, &count);
                if (o->ftp != NULL)
                        add_delivery(&json, &count.delivery);
                json_close_object(&json);
        }
        json_close_array(&json);
        json_close_object(&json);
        if (text_ok(&text))
                puts(text.bytes);
        text_finish(&text);
}

static void print_text(const struct simulation_count *all, int cameras, int64_t ms, bool ftp)
{
        const struct delivery_tally *d = &all->delivery;
        fprintf(stderr,
                "%" PRId64 " frames of %d cameras, %" PRId64 " MB, in %" PRId64 ".%03" PRId64
                " s: %" PRId64 " frames/s\n",
                all->frames, cameras, all->bytes / 1000000, ms / 1000, ms % 1000,
                all->frames * 1000 / (ms > 0 ? ms : 1));
        if (ftp)
                fprintf(stderr,
                        "%" PRId64 " acknowledged of %" PRId64 " sent, %" PRId64
                        " refused, %" PRId64 " broken, %" PRId64 " cut, %" PRId64
                        " given up; slowest answer %" PRId64 " ms\n",
                        d->acknowledged, d->sent, d->refused, d->broken, d->cut, d->unacknowledged,
                        d->slowest_ms);
}

static int run(const struct options *options, struct error *err)
{
        const struct simulation_options *o = &options->simulation;
        struct simulation *simulation = NULL;
        if (!simulation_create(o, &simulation, err))
                return EXIT_FAILED;
        struct mono began = mono_now();
        bool ok = simulation_start(simulation, err);
        if (ok)
                accompany(simulation, o);
        else
                simulation_stop(simulation);
        if (!simulation_end(simulation, ok ? err : NULL))
                ok = false;
        int64_t ms = (mono_now().ns - began.ns) / 1000000;
        struct simulation_count all = simulation_count(simulation, -1);
        if (ok && options->json)
                print_json(simulation, o, ms);
        else if (ok)
                print_text(&all, o->cameras, ms, o->ftp != NULL);
        simulation_free(&simulation);
        return ok ? EXIT_DONE : EXIT_FAILED;
}

int command_simulate(int argc, char **argv)
{
        struct options options = {.simulation = {.cameras = 4,
                                                 .rate = 4,
                                                 .seconds = 60,
                                                 .seed = 1,
                                                 .width = 1280,
                                                 .height = 1024}};
        struct error err = {0};
        int status = read_options(argc, argv, &options);
        if (status < 0 && options.windows != NULL)
                return simulate_windows(options.windows, options.simulation.seed);
        if (status < 0)
                status = settle(&options);
        if (status >= 0)
                return status;
        struct zone *zone = NULL;
        if (options.zone != NULL && !zone_load(options.zone, &zone, &err)) {
                fprintf(stderr, "cctvweb simulate: %s\n", err.text);
                return EXIT_USAGE;
        }
        options.simulation.zone = zone;
        interrupt_block();
        status = run(&options, &err);
        if (status != EXIT_DONE)
                fprintf(stderr, "cctvweb simulate: %s\n", err.text);
        zone_free(&zone);
        return status;
}
