#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/export_make.h"
#include "base/json.h"
#include "catalog/catalog.h"
#include "cli/command.h"
#include "cli/data_directory.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

static const char help[] =
        "usage: cctvweb export --camera NAME --from TIME --to TIME [OPTION]...\n"
        "\n"
        "Saves the pictures of a time as a film, an archive or one after the other.\n"
        "\n"
        "  --data DIR        where the catalog is\n"
        "  --camera NAME     of which camera\n"
        "  --from, --to TIME 2014-05-23T14:00:00Z or milliseconds since 1970; both inclusive\n"
        "  --format FORMAT   mov    the pictures untouched, at their true times; for players\n"
        "                    mp4    smaller, plays everywhere; encoded by ffmpeg\n"
        "                    zip    the pictures untouched, with times and SHA-256 of each\n"
        "                    mjpeg  the pictures one after the other\n"
        "                    (default: as the name of the file ends, else mov)\n"
        "  --burn-in         show camera and time in the picture; of mp4\n"
        "  -o, --output FILE where to; a folder, or - for standard output (default: a name of\n"
        "                    camera and time, here)\n"
        "  --force           replace the file if it is there\n"
        "  --json            tell the result as JSON\n"
        "  --help            this text\n"
        "\n"
        "example:\n"
        "  cctvweb export --camera front --from 2014-05-23T14:08:18Z --to 2014-05-23T14:08:41Z \\\n"
        "      -o front.mov\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 wrong use.\n";

struct options {
        const char *data;
        const char *camera;
        const char *output; /* NULL: named by what is in it */
        struct utc from, to;
        bool has_format;
        struct export_order order;
        bool force;
        bool json;
        bool help;
};

/* ---- options ---- */

static bool read_time(const char *name, const char *text, struct utc *time_out, struct error *err)
{
        return utc_parse(text, strlen(text), time_out, err) || error_prefix(err, "--%s", name);
}

static bool read_option(int option, struct options *options, struct error *err)
{
        switch (option) {
        case 'd': options->data = optarg; return true;
        case 'c': options->camera = optarg; return true;
        case 'o': options->output = optarg; return true;
        case 'f': return read_time("from", optarg, &options->from, err);
        case 't': return read_time("to", optarg, &options->to, err);
        case 'b': options->order.burn_in = true; return true;
        case 'F': options->force = true; return true;
        case 'j': options->json = true; return true;
        case 'h': options->help = true; return true;
        case 'm':
                options->has_format = true;
                return export_format_parse(optarg, &options->order.format, err);
        default: return error_set(err, ERROR_INPUT, "there is an option that is not known");
        }
}

static void format_of_name(struct options *options)
{
        const char *dot = options->output != NULL ? strrchr(options->output, '.') : NULL;
        struct error ignored;
        if (!options->has_format && dot != NULL)
                (void)!export_format_parse(dot + 1, &options->order.format, &ignored);
}

static bool check_options(struct options *options, struct error *err)
{
        if (options->camera == NULL)
                return error_set(err, ERROR_INPUT, "which camera? --camera is missing");
        if (!utc_known(options->from) || !utc_known(options->to))
                return error_set(err, ERROR_INPUT, "which time? --from and --to are wanted");
        if (options->from.ms > options->to.ms)
                return error_set(err, ERROR_INPUT, "--from is later than --to");
        if (options->json && options->output != NULL && strcmp(options->output, "-") == 0)
                return error_set(err, ERROR_INPUT, "--json and -o - both want standard output");
        format_of_name(options);
        return order_check(&options->order, err);
}

static bool read_options(int argc, char **argv, struct options *options, struct error *err)
{
        static const struct option known[] = {
                {"data", required_argument, NULL, 'd'},
                {"camera", required_argument, NULL, 'c'},
                {"from", required_argument, NULL, 'f'},
                {"to", required_argument, NULL, 't'},
                {"format", required_argument, NULL, 'm'},
                {"burn-in", no_argument, NULL, 'b'},
                {"output", required_argument, NULL, 'o'},
                {"force", no_argument, NULL, 'F'},
                {"json", no_argument, NULL, 'j'},
                {"help", no_argument, NULL, 'h'},
                {NULL, 0, NULL, 0},
        };
        int option = 0;
        opterr = 0;
        while ((option = getopt_long(argc, argv, ":o:", known, NULL)) != -1) {
                if (option == ':')
                        return error_set(err, ERROR_INPUT, "%s needs a value", argv[optind - 1]);
                if (option == '?')
                        return error_set(err, ERROR_INPUT,
                                         "there is no option %s; `cctvweb export --help` lists "
                                         "them",
                                         argv[optind - 1]);
                if (!read_option(option, options, err))
                        return false;
                if (options->help)
                        return true;
        }
        if (optind < argc)
                return error_set(err, ERROR_INPUT, "\"%s\" is not an option; see --help",
                                 argv[optind]);
        return check_options(options, err);
}

/* ---- where to ---- */

struct target {
        bool standard;         /* output */
        bool named;            /* path is the file; else name it, in `folder` */
        char path[PATH_MAX];   /* of the file, once it is known */
        char folder[PATH_MAX]; /* it goes to */
        char work[PATH_MAX];   /* beside it; empty: none */
};

static bool too_long(struct error *err)
{
        return error_set(err, ERROR_INPUT, "the path of the file is too long");
}

static bool join(char out[static PATH_MAX], const char *folder, const char *name, struct error *err)
{
        int length = snprintf(out, PATH_MAX, "%s/%s", folder, name);
        return (length > 0 && length < PATH_MAX) || too_long(err);
}

static bool refuse_existing(const char *path, struct error *err)
{
        return error_set(err, ERROR_CONFLICT, "%s is there already; --force replaces it", path);
}

static bool find_target(const struct options *options, struct target *target, struct error *err)
{
        struct stat status;
        const char *output = options->output != NULL ? options->output : ".";
        bool there = stat(output, &status) == 0;
        if (strlen(output) >= PATH_MAX)
                return too_long(err);
        target->standard = strcmp(output, "-") == 0;
        if (target->standard) {
                const char *temporary = getenv("TMPDIR");
                snprintf(target->folder, PATH_MAX, "%s", temporary != NULL ? temporary : "/tmp");
                return true;
        }
        snprintf(target->folder, PATH_MAX, "%s", output);
        if (there && S_ISDIR(status.st_mode))
                return true;
        target->named = true;
        memcpy(target->path, target->folder, PATH_MAX);
        char *slash = strrchr(target->folder, '/');
        if (slash == NULL)
                memcpy(target->folder, ".", 2);
        else
                slash[slash == target->folder ? 1 : 0] = '\0';
        if (there && !S_ISREG(status.st_mode))
                return error_set(err, ERROR_INPUT, "%s is not a file", output);
        return !there || options->force || refuse_existing(output, err);
}

static bool make_work(struct target *target, struct error *err)
{
        char path[PATH_MAX];
        if (!join(path, target->folder, ".cctvweb-export-XXXXXX", err))
                return false;
        if (mkdtemp(path) == NULL)
                return error_sys(err, "make a folder in %s", target->folder);
        memcpy(target->work, path, PATH_MAX);
        return true;
}

/* The file was made elsewhere on the same disk, so it is there wholly or not at all. */
static bool put_in_place(struct target *target, const struct options *options,
                         const struct export_made *made, struct error *err)
{
        char from[PATH_MAX];
        if (!join(from, target->work, EXPORT_MADE, err) ||
            (!target->named && !join(target->path, target->folder, made->name, err)))
                return false;
        mode_t mask = umask(0);
        umask(mask);
        (void)chmod(from, 0666 & ~mask);
        if (renameat2(AT_FDCWD, from, AT_FDCWD, target->path,
                      options->force ? 0 : RENAME_NOREPLACE) == 0)
                return true;
        if (errno == EEXIST)
                return refuse_existing(target->path, err);
        return error_sys(err, "write %s", target->path);
}

static bool send_file(const struct target *target, struct error *err)
{
        char path[PATH_MAX];
        char block[1 << 16];
        if (!join(path, target->work, EXPORT_MADE, err))
                return false;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return error_sys(err, "open %s", path);
        ssize_t got;
        bool fine = true;
        while (fine && (got = read(fd, block, sizeof block)) > 0)
                fine = fwrite(block, 1, (size_t)got, stdout) == (size_t)got ||
                       error_sys(err, "standard output");
        close(fd);
        return fine && (fflush(stdout) == 0 || error_sys(err, "standard output"));
}

/* ---- the work ---- */

static bool find_stretch(const char *directory, const struct options *options,
                         struct stretch *stretch_out, struct error *err)
{
        struct catalog *catalog = NULL;
        struct camera camera;
        if (!catalog_open(directory, CATALOG_READ, &catalog, err))
                return false;
        bool fine = catalog_camera_by_name(catalog, options->camera, &camera, err);
        catalog_close(&catalog);
        if (fine)
                *stretch_out = (struct stretch){camera.id, options->from, options->to};
        return fine;
}

static bool export(struct options *options, struct target *target, struct export_made *made,
                   struct error *err)
{
        char directory[DATA_DIRECTORY_SIZE];
        struct stretch stretch;
        struct progress progress;
        if (!data_directory(options->data, directory, err) ||
            !find_stretch(directory, options, &stretch, err) || !find_target(options, target, err))
                return false;
        options->order.stretches = &stretch;
        options->order.count = 1;
        struct export_make make = {
                .data_directory = directory,
                .order = &options->order,
                .folder = target->work,
                .context = &progress,
                .progress = progress_go_on,
        };
        progress_init(&progress, "export", "frames");
        bool fine;
        if (target->standard && export_formats[options->order.format].direct)
                fine = export_write(&make, STDOUT_FILENO, made, err);
        else
                fine = make_work(target, err) && export_make(&make, made, err) &&
                       (target->standard ? send_file(target, err)
                                         : put_in_place(target, options, made, err));
        progress_clear(&progress);
        options->order.stretches = NULL;
        if (target->work[0] != '\0')
                export_clean(target->work);
        return fine;
}

static void tell(const struct options *options, const struct target *target,
                 const struct export_made *made, int64_t milliseconds)
{
        struct text text;
        struct json json;
        if (!options->json) {
                fprintf(stderr,
                        "%" PRId64 " pictures, %" PRId64 " bytes in %" PRId64 ".%03" PRId64
                        " s: %s\n",
                        made->frames, made->bytes, milliseconds / 1000, milliseconds % 1000,
                        target->standard ? "standard output" : target->path);
                return;
        }
        text_init_growing(&text, 4 * PATH_MAX);
        json_init(&json, &text);
        json_open_object(&json);
        json_add_string(&json, "file", target->path);
        json_add_string(&json, "format", export_formats[options->order.format].word);
        json_add_int(&json, "frames", made->frames);
        json_add_int(&json, "bytes", made->bytes);
        json_name(&json, "seconds");
        json_seconds(&json, milliseconds);
        json_close_object(&json);
        if (text_ok(&text))
                puts(text.bytes);
        text_finish(&text);
}

int command_export(int argc, char **argv)
{
        struct options options = {.from = UTC_NONE, .to = UTC_NONE};
        struct target target = {0};
        struct export_made made = {0};
        struct error err = {0};
        if (!read_options(argc, argv, &options, &err)) {
                fprintf(stderr, "cctvweb export: %s\n", err.text);
                return EXIT_USAGE;
        }
        if (options.help) {
                fputs(help, stdout);
                return EXIT_DONE;
        }
        struct mono start = mono_now();
        interrupt_block();
        if (!export(&options, &target, &made, &err)) {
                fprintf(stderr, "cctvweb export: %s\n", err.text);
                return EXIT_FAILED;
        }
        tell(&options, &target, &made, (mono_now().ns - start.ns) / 1000000);
        return EXIT_DONE;
}
