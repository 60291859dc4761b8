#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/camera.h"
#include "cli/command.h"
#include "cli/data_directory.h"

static const char help[] =
        "usage: cctvweb camera add NAME [--user U] [--password-stdin] [--zone Z] [--template T]\n"
        "                               [--download] [--dwell S]\n"
        "       cctvweb camera add --shared --user U [--password-stdin] [--download]\n"
        "       cctvweb camera list | show NAME | rename NAME NEW-NAME\n"
        "       cctvweb camera disable NAME | enable NAME | remove NAME\n"
        "       cctvweb camera password NAME [--password-stdin]\n"
        "       cctvweb camera set NAME\n"
        "\n"
        "Cameras that upload by FTP, and their accounts. Holds at once, also while `cctvweb "
        "serve`\n"
        "runs. An account belongs to a camera, or is shared by cameras that are told apart by the\n"
        "first folder of their paths, by the template, or by the MAC in their pictures.\n"
        "Removing a camera removes its account; its frames stay and can still be viewed.\n"
        "`set` reads from standard input what is to change, in JSON as the HTTP API takes it:\n"
        "name, timezone, dwell, template, windows, disabled, is_new.\n"
        "\n"
        "  --user U          the account (default: from the camera's name); with show, disable, "
        "enable,\n"
        "                    remove, password: in place of NAME, the account alone\n"
        "  --password-stdin  the password is the first line of standard input; else a strong one\n"
        "                    is made and shown once\n"
        "  --shared          an account for several cameras\n"
        "  --zone Z          IANA time zone of the camera's clock, as America/Chicago\n"
        "  --template T      path template as typed into the camera\n"
        "  --download        the account may also fetch what it uploaded\n"
        "  --dwell S         seconds without a frame that end an event (default 3)\n"
        "  --data DIR        where the catalog is\n"
        "  --json            one JSON document\n"
        "  --help            this text\n"
        "\n"
        "example:\n"
        "  cctvweb camera add yard --zone America/Chicago\n"
        "  echo '{\"windows\": [{\"window\": 1, \"x\": 0.1, \"y\": 0.5, \"width\": 0.3, "
        "\"height\": "
        "0.4}]}' |\n"
        "          cctvweb camera set yard\n"
        "  echo 'a good password' | cctvweb camera add door --user cam2 --password-stdin\n";

struct action {
        const char *word;
        bool (*run)(struct camera_job *job, struct error *err);
        int names;        /* arguments */
        bool user_serves; /* --user in place of the name */
        bool reads;       /* changes nothing */
        const char *done; /* told after it; NULL: it tells itself */
};

static const struct action actions[] = {
        {"add", camera_add, 1, false, false, "added"},
        {"list", camera_list, 0, false, true, NULL},
        {"show", camera_show, 1, true, true, NULL},
        {"rename", camera_rename, 2, false, false, "renamed"},
        {"set", camera_set, 1, false, false, "changed"},
        {"disable", camera_disable, 1, true, false, "disabled"},
        {"enable", camera_enable, 1, true, false, "enabled"},
        {"remove", camera_remove, 1, true, false, "removed"},
        {"password", camera_password, 1, true, false, "changed"},
};

static int refuse(const char *what, const char *why)
{
        fprintf(stderr, "cctvweb camera: %s %s; `cctvweb camera --help` says more\n", what, why);
        return EXIT_USAGE;
}

/* "3" or "2.5" seconds as milliseconds; 0 when it is none. */
static int64_t dwell_of(const char *text)
{
        char *end = NULL;
        long whole = strtol(text, &end, 10);
        int64_t ms = (int64_t)whole * 1000;
        if (end == text || whole < 0 || whole > 86400)
                return 0;
        if (*end == '.') {
                int64_t unit = 100;
                for (end++; *end >= '0' && *end <= '9'; end++, unit /= 10)
                        ms += (*end - '0') * unit;
        }
        return *end == '\0' && ms >= DWELL_MIN_MS && ms <= DWELL_MAX_MS ? ms : 0;
}

enum { OPTION_HELP = 1, OPTION_BAD };

/* Takes one option; 0, or what it was. */
static int take_option(struct camera_options *options, int option)
{
        switch (option) {
        case 'd': options->data = optarg; return 0;
        case 'u': options->user = optarg; return 0;
        case 'p': options->password_stdin = true; return 0;
        case 'z': options->zone = optarg; return 0;
        case 't': options->path_template = optarg; return 0;
        case 'w': options->dwell_ms = dwell_of(optarg); return options->dwell_ms > 0 ? 0 : 'w';
        case 'l': options->download = true; return 0;
        case 's': options->shared = true; return 0;
        case 'j': options->json = true; return 0;
        default: return option;
        }
}

/* EXIT_DONE to go on. */
static int parse(int argc, char **argv, struct camera_options *options, bool *help_out)
{
        static const struct option table[] = {
                {"data", required_argument, NULL, 'd'},
                {"user", required_argument, NULL, 'u'},
                {"password-stdin", no_argument, NULL, 'p'},
                {"zone", required_argument, NULL, 'z'},
                {"template", required_argument, NULL, 't'},
                {"dwell", required_argument, NULL, 'w'},
                {"download", no_argument, NULL, 'l'},
                {"shared", no_argument, NULL, 's'},
                {"json", no_argument, NULL, 'j'},
                {"help", no_argument, NULL, 'h'},
                {NULL, 0, NULL, 0},
        };
        int option = 0;
        opterr = 0;
        while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
                int bad = take_option(options, option);
                if (bad == 'h')
                        *help_out = true;
                else if (bad == 'w')
                        return refuse("--dwell", "is seconds from 1 to 86400");
                else if (bad != 0)
                        return refuse(argv[optind - 1],
                                      bad == ':' ? "needs a value" : "is not an option");
        }
        return EXIT_DONE;
}

static const struct action *find_action(const char *word)
{
        for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
                if (strcmp(actions[i].word, word) == 0)
                        return &actions[i];
        }
        return NULL;
}

/* Names behind the action; EXIT_DONE when there are as many as it wants. */
static int take_names(const struct action *action, int argc, char **argv,
                      struct camera_options *options)
{
        int given = argc - optind;
        int wanted = action->names;
        if (options->shared && strcmp(action->word, "add") != 0)
                return refuse("--shared", "belongs to add");
        if (options->shared && options->user == NULL)
                return refuse("--shared", "needs --user");
        if (options->shared || (action->user_serves && options->user != NULL && given == 0))
                wanted = 0;
        if (given > wanted)
                return refuse(argv[optind + wanted], "is one argument too many");
        if (given < wanted)
                return refuse(action->word, "needs the name of a camera");
        options->name = wanted > 0 ? argv[optind] : NULL;
        options->new_name = wanted > 1 ? argv[optind + 1] : NULL;
        return EXIT_DONE;
}

static bool run(const struct action *action, const struct camera_options *options,
                struct error *err)
{
        struct camera_job *job = calloc(1, sizeof *job);
        if (job == NULL)
                return error_set(err, ERROR_FULL, "no memory");
        job->options = options;
        data_directory_keep_private();
        bool ok = data_directory(options->data, job->directory, err) &&
                  catalog_open(job->directory, action->reads ? CATALOG_READ : CATALOG_WRITE,
                               &job->catalog, err) &&
                  action->run(job, err) &&
                  (action->done == NULL || camera_tell(job, action->done, err));
        catalog_close(&job->catalog);
        explicit_bzero(job->password, sizeof job->password);
        free(job);
        return ok;
}

int command_camera(int argc, char **argv)
{
        struct camera_options options = {0};
        struct error err = {0};
        bool wants_help = false;
        int status = parse(argc, argv, &options, &wants_help);
        if (status != EXIT_DONE)
                return status;
        if (wants_help) {
                fputs(help, stdout);
                return EXIT_DONE;
        }
        if (optind >= argc)
                return refuse("an action", "is missing: add, list, show, rename, ...");
        const struct action *action = find_action(argv[optind]);
        if (action == NULL)
                return refuse(argv[optind], "is no action");
        optind++;
        status = take_names(action, argc, argv, &options);
        if (status != EXIT_DONE)
                return status;
        if (run(action, &options, &err))
                return EXIT_DONE;
        fprintf(stderr, "cctvweb camera: %s\n", err.text);
        return err.kind == ERROR_INPUT ? EXIT_USAGE : EXIT_FAILED;
}
