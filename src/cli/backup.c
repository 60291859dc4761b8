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

#include "base/json.h"
#include "base/text.h"
#include "base/utc.h"
#include "catalog/catalog.h"
#include "cli/command.h"
#include "cli/data_directory.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

static const char help[] =
        "usage: cctvweb backup [OPTION]... FILE\n"
        "\n"
        "Copies the catalog to FILE: cameras and their settings, accounts, marks, notes and what "
        "is\n"
        "known of each frame. Pictures are not in it. May run while cctvweb serves. FILE may be a\n"
        "folder; the file is then named by the time. It is there wholly or not at all.\n"
        "\n"
        "  --data DIR         where the catalog is\n"
        "  -o, --output FILE  the same as FILE\n"
        "  --force            replace the file if it is there\n"
        "  --json             tell the result as JSON\n"
        "  --help             this text\n"
        "\n"
        "To bring it back, end cctvweb, copy FILE to DIR/catalog.db, and let the frames that came\n"
        "since be found: `cctvweb reindex`.\n"
        "\n"
        "example:\n"
        "  cctvweb backup --data /var/lib/cctvweb /mnt/nas/\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 wrong use.\n";

struct options {
        const char *data;
        const char *output;
        bool force, json, help;
};

struct target {
        char folder[PATH_MAX];
        char path[PATH_MAX];
        char work[PATH_MAX]; /* beside it, until it is whole */
};

static bool join(char out[static PATH_MAX], const char *folder, const char *name, struct error *err)
{
        const char *between = folder[strlen(folder) - 1] == '/' ? "" : "/";
        int length = snprintf(out, PATH_MAX, "%s%s%s", folder, between, name);
        return (length > 0 && length < PATH_MAX) ||
               error_set(err, ERROR_INPUT, "the path of the file is too long");
}

static bool name_by_time(struct target *target, struct error *err)
{
        char name[64];
        struct civil now = utc_civil(utc_now());
        snprintf(name, sizeof name, "cctvweb-%04d-%02d-%02dT%02d-%02d-%02dZ.db", now.year,
                 now.month, now.day, now.hour, now.minute, now.second);
        return join(target->path, target->folder, name, err);
}

static bool find_target(const char *output, struct target *target, struct error *err)
{
        struct stat status;
        bool there = stat(output, &status) == 0;
        int length = snprintf(target->folder, PATH_MAX, "%s", output);
        if (length <= 0 || length >= PATH_MAX)
                return error_set(err, ERROR_INPUT, "\"%.60s\" cannot be the path of a file",
                                 output);
        if (there && S_ISDIR(status.st_mode))
                return name_by_time(target, err);
        if (there && !S_ISREG(status.st_mode))
                return error_set(err, ERROR_INPUT, "%s is not a file", output);
        memcpy(target->path, target->folder, PATH_MAX);
        char *slash = strrchr(target->folder, '/');
        if (slash == NULL)
                memcpy(target->folder, ".", 2);
        else
                slash[slash == target->folder ? 1 : 0] = '\0';
        return true;
}

static bool refuse_existing(const struct target *target, struct error *err)
{
        return error_set(err, ERROR_CONFLICT, "%s is there already; --force replaces it",
                         target->path);
}

static bool copy(const char *directory, const struct target *target, struct error *err)
{
        struct catalog *catalog = NULL;
        struct progress progress;
        struct catalog_backup job = {target->work, progress_go_on, &progress};
        progress_init(&progress, "backup", "pages");
        bool ok = catalog_open(directory, CATALOG_READ, &catalog, err) &&
                  catalog_backup(catalog, &job, err);
        catalog_close(&catalog);
        progress_clear(&progress);
        return ok;
}

/* Syncs the copy and gives it its name, durably. */
static bool put_in_place(const struct target *target, int fd, bool force, struct error *err)
{
        if (fsync(fd) < 0)
                return error_sys(err, "write %s", target->path);
        if (renameat2(AT_FDCWD, target->work, AT_FDCWD, target->path,
                      force ? 0 : RENAME_NOREPLACE) < 0)
                return errno == EEXIST ? refuse_existing(target, err)
                                       : error_sys(err, "write %s", target->path);
        int folder = open(target->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        bool ok = folder >= 0 && fsync(folder) == 0;
        if (!ok)
                error_sys(err, "sync %s", target->folder);
        if (folder >= 0)
                close(folder);
        return ok;
}

static bool back_up(const struct options *options, struct target *target, int64_t *bytes_out,
                    struct error *err)
{
        char directory[DATA_DIRECTORY_SIZE];
        struct stat status;
        if (!data_directory(options->data, directory, err) ||
            !find_target(options->output, target, err) ||
            !join(target->work, target->folder, ".cctvweb-backup-XXXXXX", err))
                return false;
        if (!options->force && access(target->path, F_OK) == 0)
                return refuse_existing(target, err);
        /* For its owner alone: it has who came when, and hashes of passwords. */
        int fd = mkstemp(target->work);
        if (fd < 0)
                return error_sys(err, "make a file in %s", target->folder);
        bool ok = copy(directory, target, err) &&
                  (fstat(fd, &status) == 0 || error_sys(err, "%s", target->work)) &&
                  put_in_place(target, fd, options->force, err);
        close(fd);
        if (ok)
                *bytes_out = status.st_size;
        else
                (void)unlink(target->work);
        return ok;
}

static void tell(const struct options *options, const struct target *target, int64_t bytes)
{
        struct text text;
        struct json json;
        if (!options->json) {
                fprintf(stderr, "%" PRId64 " bytes: %s\n", bytes, target->path);
                return;
        }
        text_init_growing(&text, 4 * PATH_MAX);
        json_init(&json, &text);
        json_open_object(&json);
        json_add_string(&json, "file", target->path);
        json_add_int(&json, "bytes", bytes);
        json_close_object(&json);
        if (text_ok(&text))
                puts(text.bytes);
        text_finish(&text);
}

static bool read_options(int argc, char **argv, struct options *options, struct error *err)
{
        static const struct option table[] = {
                {"data", required_argument, NULL, 'd'}, {"output", required_argument, NULL, 'o'},
                {"force", no_argument, NULL, 'F'},      {"json", no_argument, NULL, 'j'},
                {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
        };
        int option = 0;
        opterr = 0;
        while ((option = getopt_long(argc, argv, ":o:", table, NULL)) != -1) {
                switch (option) {
                case 'd': options->data = optarg; break;
                case 'o': options->output = optarg; break;
                case 'F': options->force = true; break;
                case 'j': options->json = true; break;
                case 'h': options->help = true; return true;
                case ':': return error_set(err, ERROR_INPUT, "%s needs a value", argv[optind - 1]);
                default:
                        return error_set(
                                err, ERROR_INPUT,
                                "there is no option %s; `cctvweb backup --help` lists them",
                                argv[optind - 1]);
                }
        }
        if (options->output == NULL && optind < argc)
                options->output = argv[optind++];
        if (options->output == NULL || options->output[0] == '\0')
                return error_set(err, ERROR_INPUT, "say where to: a file or a folder");
        return optind == argc || error_set(err, ERROR_INPUT,
                                           "only one file can be made, not also "
                                           "\"%s\"",
                                           argv[optind]);
}

int command_backup(int argc, char **argv)
{
        struct options options = {0};
        struct target target;
        struct error err = {0};
        int64_t bytes = 0;
        if (!read_options(argc, argv, &options, &err)) {
                fprintf(stderr, "cctvweb backup: %s\n", err.text);
                return EXIT_USAGE;
        }
        if (options.help) {
                fputs(help, stdout);
                return EXIT_DONE;
        }
        interrupt_block();
        data_directory_keep_private();
        if (!back_up(&options, &target, &bytes, &err)) {
                fprintf(stderr, "cctvweb backup: %s\n", err.text);
                return EXIT_FAILED;
        }
        tell(&options, &target, bytes);
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}
