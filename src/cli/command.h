#pragma once

/*
 * Commands of the program: one row each in the table of cli/main.c, from which `cctvweb --help`
 * follows. A command gets its arguments from its own name on, as main would, writes results to
 * standard output and everything else to standard error, and returns the exit status.
 */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct command {
        const char *name;
        const char *summary; /* a line for --help */
        int (*run)(int argc, char **argv);
};

int command_probe(int argc, char **argv);
int command_scan(int argc, char **argv);
int command_import(int argc, char **argv);
int command_events(int argc, char **argv);
int command_export(int argc, char **argv);
int command_check(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_reindex(int argc, char **argv);
int command_camera(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_simulate(int argc, char **argv);
