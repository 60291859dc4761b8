#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "version.h"

static const struct command commands[] = {
        {"probe", "say what is understood of pictures", command_probe},
        {"scan", "take folders of pictures into the catalog", command_scan},
        {"import", "take lists of pictures into the catalog", command_import},
        {"simulate", "write pictures as cameras would", command_simulate},
        {"events", "list events", command_events},
        {"export", "save pictures as a film or an archive", command_export},
        {"camera", "add and manage cameras and their FTP accounts", command_camera},
        {"serve", "watch folders and serve the web app", command_serve},
        {"check", "recount the catalog and name each difference", command_check},
        {"backup", "copy the catalog: settings, accounts, marks", command_backup},
        {"reindex", "build the catalog again from the received frames", command_reindex},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *out)
{
        fputs("cctvweb: receive, browse and manage the pictures of IP cameras\n\n"
              "usage: cctvweb COMMAND [OPTION]... [ARGUMENT]...\n\ncommands:\n",
              out);
        for (int i = 0; i < COMMANDS; i++) {
                if (commands[i].run != NULL)
                        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
        }
        fputs("\n`cctvweb COMMAND --help` says more, with an example.\n", out);
}

int main(int argc, char **argv)
{
        if (argc < 2) {
                print_help(stderr);
                return EXIT_USAGE;
        }
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
                print_help(stdout);
                return EXIT_DONE;
        }
        if (strcmp(argv[1], "--version") == 0) {
                puts("cctvweb " CCTVWEB_VERSION);
                return EXIT_DONE;
        }
        for (int i = 0; i < COMMANDS; i++) {
                if (commands[i].run != NULL && strcmp(commands[i].name, argv[1]) == 0)
                        return commands[i].run(argc - 1, argv + 1);
        }
        fprintf(stderr, "cctvweb: there is no command \"%s\"; `cctvweb --help` lists them\n",
                argv[1]);
        return EXIT_USAGE;
}
