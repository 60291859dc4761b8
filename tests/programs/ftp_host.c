/*
 * A host for the FTP server that keeps uploads in a folder: for tests of the server with real
 * clients. usage: ftp_host DIRECTORY [LISTEN [CERTIFICATE KEY [LISTEN_TLS]]]; user camera, password
 * secret. Prints the ports, then runs until standard input ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receive/ftp_server.h"

static struct ftp_server *server;
static const char *directory;
static int number;

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
        ftp_server_answer_stored(server, ticket, &result);
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
        const struct ftp_result result = {.outcome = FTP_DONE};
        ftp_server_answer_published(server, ticket, &result);
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

int main(int argc, char **argv)
{
        struct error err = {0};
        struct ftp_server_config config = {
                .listen = argc > 2 ? argv[2] : "127.0.0.1:0",
                .certificate = argc > 4 ? argv[3] : NULL,
                .key = argc > 4 ? argv[4] : NULL,
                .listen_tls = argc > 5 ? argv[5] : NULL,
                .sessions_max = 10000,
                .idle_seconds = 60,
                .data_seconds = 3,
                .stall_seconds = 3,
                .upload_max = 64 << 20,
                .memory_max = 64 << 20,
                .spool_directory = argc > 1 ? argv[1] : ".",
                .host = {NULL, on_login, admit, on_received, on_cut, on_publish, on_dropped, NULL,
                         said},
        };
        directory = config.spool_directory;
        if (argc < 2 || !ftp_server_start(&config, &server, &err)) {
                fprintf(stderr, "ftp_host: %s\n", argc < 2 ? "a directory is missing" : err.text);
                return 1;
        }
        printf("%u %u\n", ftp_server_port(server), ftp_server_tls_port(server));
        fflush(stdout);
        while (getchar() != EOF)
                continue;
        struct ftp_counters counters;
        ftp_server_stop(server, 2);
        ftp_server_counters(server, &counters);
        ftp_server_free(&server);
        printf("uploads=%lld memory=%lld sessions=%lld\n", (long long)counters.uploads,
               (long long)counters.memory, (long long)counters.sessions);
        return 0;
}
