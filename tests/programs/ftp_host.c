/*
 * A host for the FTP server that keeps uploads in a folder: for tests of the server with real
 * clients.
 *
 * usage: ftp_host [OPTIONS] DIRECTORY
 *   -l, -t LISTEN      addresses, plain and implicit TLS    -c, -k FILE   certificate and key
 *   -m BYTES           memory of all uploads                -s NUMBER     sessions at most
 *   -i SECONDS         idle time                            -p, -P PORT   range of passive ports
 *   -q                 says nothing of what was said        -n            keeps no uploads
 *
 * Users begin with "camera", the password is "secret". Prints the ports; then, for each line on
 * standard input and at its end, what the server counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receive/ftp_server.h"

static struct ftp_server *server;
static const char *directory;
static int number;
static bool forget; /* uploads */

static void on_login(void *context, struct ftp_ticket ticket, const char *user,
                     const char *password, const char *peer)
{
        (void)context;
        (void)peer;
        bool good = strncmp(user, "camera", 6) == 0 && strcmp(password, "secret") == 0;
        const struct ftp_account account = {1, true};
        ftp_server_answer_login(server, ticket, good ? FTP_LOGIN_GOOD : FTP_LOGIN_WRONG, &account);
}

static bool admit(void *context, int64_t account, enum ftp_outcome *outcome_out,
                  const char **why_out)
{
        (void)context;
        (void)account;
        if (access("full", F_OK) != 0)
                return true;
        *outcome_out = FTP_NO_SPACE;
        *why_out = "the disk is nearly full";
        return false;
}

static void keep(struct upload *upload, const char *kind)
{
        char path[4096];
        char name[FTP_PATH_SIZE];
        const uint8_t *bytes;
        struct error err;
        if (forget)
                return;
        snprintf(name, sizeof name, "%s", upload->path);
        for (char *at = name; *at != '\0'; at++) {
                if (*at == '/')
                        *at = '#';
        }
        snprintf(path, sizeof path, "%s/%04d.%s.%s", directory, ++number, kind, name);
        FILE *file = fopen(path, "w");
        if (file == NULL || !upload_view(upload, &bytes, &err) ||
            fwrite(bytes, 1, (size_t)upload->size, file) != (size_t)upload->size)
                abort();
        fclose(file);
}

static void on_received(void *context, struct ftp_ticket ticket, struct upload **upload)
{
        (void)context;
        struct upload *taken = *upload;
        *upload = NULL;
        struct ftp_result result = {.outcome = FTP_DONE, .size = taken->size};
        if (strstr(taken->path, ".tmp") != NULL) {
                result.outcome = FTP_HELD;
                result.handle = (uint64_t)++number;
        }
        keep(taken, result.outcome == FTP_HELD ? "held" : "whole");
        upload_free(&taken);
        ftp_server_answer(server, &(struct ftp_answer){ticket, false, result}, 1);
}

static void on_cut(void *context, struct upload **upload)
{
        (void)context;
        keep(*upload, "cut");
        upload_free(upload);
}

static void on_publish(void *context, struct ftp_ticket ticket, uint64_t handle, const char *path)
{
        (void)context;
        printf("published %llu %s\n", (unsigned long long)handle, path);
        fflush(stdout);
        ftp_server_answer(server, &(struct ftp_answer){ticket, true, {.outcome = FTP_DONE}}, 1);
}

static void on_dropped(void *context, uint64_t handle)
{
        (void)context;
        printf("dropped %llu\n", (unsigned long long)handle);
        fflush(stdout);
}

static void said(void *context, int64_t account, const char *peer, bool by_client, const char *line,
                 size_t length)
{
        (void)context;
        fprintf(stderr, "%lld %s %s %.*s\n", (long long)account, peer, by_client ? ">" : "<",
                (int)length, line);
}

static void print_counters(void)
{
        struct ftp_counters counters;
        ftp_server_counters(server, &counters);
        printf("uploads=%lld cut=%lld bytes=%lld open=%lld memory=%lld sessions=%lld "
               "sessions_total=%lld refused=%lld\n",
               (long long)counters.uploads, (long long)counters.uploads_cut,
               (long long)counters.upload_bytes, (long long)counters.uploads_open,
               (long long)counters.memory, (long long)counters.sessions,
               (long long)counters.sessions_total, (long long)counters.refused);
        fflush(stdout);
}

static struct ftp_server_config config = {
        .listen = "127.0.0.1:0",
        .sessions_max = 10000,
        .idle_seconds = 60,
        .data_seconds = 2,
        .stall_seconds = 2,
        .upload_max = 64 << 20,
        .memory_max = 64 << 20,
        .host = {NULL, on_login, admit, on_received, on_cut, on_publish, on_dropped, NULL, NULL,
                 NULL, said},
};

static bool take_options(int argc, char **argv)
{
        int option;
        while ((option = getopt(argc, argv, "l:c:k:t:m:s:i:p:P:qn")) != -1) {
                switch (option) {
                case 'l': config.listen = optarg; break;
                case 'c': config.certificate = optarg; break;
                case 'k': config.key = optarg; break;
                case 't': config.listen_tls = optarg; break;
                case 'm': config.memory_max = strtoll(optarg, NULL, 10); break;
                case 's': config.sessions_max = (unsigned)strtoul(optarg, NULL, 10); break;
                case 'i': config.idle_seconds = (int)strtol(optarg, NULL, 10); break;
                case 'p': config.passive_first = (uint16_t)strtoul(optarg, NULL, 10); break;
                case 'P': config.passive_last = (uint16_t)strtoul(optarg, NULL, 10); break;
                case 'q': config.host.said = NULL; break;
                case 'n': forget = true; break;
                default: return false;
                }
        }
        if (optind + 1 != argc)
                return false;
        directory = argv[optind];
        config.spool_directory = directory;
        return true;
}

int main(int argc, char **argv)
{
        struct error err = {0};
        int c = 0;
        if (!take_options(argc, argv)) {
                fprintf(stderr, "usage: ftp_host [OPTIONS] DIRECTORY\n");
                return 2;
        }
        if (!ftp_server_start(&config, &server, &err)) {
                fprintf(stderr, "ftp_host: %s\n", err.text);
                return 1;
        }
        printf("%u %u\n", ftp_server_port(server), ftp_server_tls_port(server));
        fflush(stdout);
        while ((c = getchar()) != EOF) {
                if (c == '\n')
                        print_counters();
        }
        ftp_server_stop(server, 2);
        print_counters();
        ftp_server_free(&server);
        return 0;
}
