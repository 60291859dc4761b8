/*
 * What a receiver without ideas of its own would do: a thread a session, and each upload is a file
 * that is written and synced, and so is its folder, before the 226.
 *
 * usage: bench_ftp_plain FOLDER; prints its port.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UPLOAD_MAX = 1 << 20 };

static const char *folder;

static int listen_anywhere(unsigned *port_out)
{
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof address;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 512) < 0 ||
            getsockname(fd, (struct sockaddr *)&address, &size) < 0)
                exit(1);
        *port_out = ntohs(address.sin_port);
        return fd;
}

static bool store(int data, const char *user, const char *name, char *buffer)
{
        char path[512];
        size_t size = 0;
        ssize_t got = 0;
        while (size < UPLOAD_MAX && (got = recv(data, buffer + size, UPLOAD_MAX - size, 0)) > 0)
                size += (size_t)got;
        snprintf(path, sizeof path, "%s/%s", folder, user);
        (void)mkdir(path, 0777);
        int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        bool good = got == 0 && fd >= 0 && write(fd, buffer, size) == (ssize_t)size &&
                    fsync(fd) == 0 && fsync(directory) == 0;
        if (fd >= 0)
                close(fd);
        if (directory >= 0)
                close(directory);
        return good;
}

static void answer(int fd, const char *text)
{
        (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

struct client {
        FILE *lines;
        int fd;
        int listener;
        char user[64];
        char *buffer;
};

static void obey(struct client *client, char *line)
{
        char text[128];
        unsigned port = 0;
        char *blank = strchr(line, ' ');
        const char *argument = blank != NULL ? blank + 1 : "";
        if (strncasecmp(line, "USER", 4) == 0) {
                snprintf(client->user, sizeof client->user, "%s", argument);
                answer(client->fd, "331 ?\r\n");
        } else if (strncasecmp(line, "PASS", 4) == 0) {
                answer(client->fd, "230 In\r\n");
        } else if (strncasecmp(line, "EPSV", 4) == 0) {
                if (client->listener >= 0)
                        close(client->listener);
                client->listener = listen_anywhere(&port);
                snprintf(text, sizeof text, "229 Passive (|||%u|)\r\n", port);
                answer(client->fd, text);
        } else if (strncasecmp(line, "STOR", 4) == 0 && client->listener >= 0) {
                answer(client->fd, "150 Send\r\n");
                int data = accept(client->listener, NULL, NULL);
                bool good = store(data, client->user, argument, client->buffer);
                close(data);
                answer(client->fd, good ? "226 Stored\r\n" : "451 Not stored\r\n");
        } else {
                answer(client->fd, "200 Fine\r\n");
        }
}

static void *serve(void *argument)
{
        char line[512];
        struct client client = {.fd = *(int *)argument, .listener = -1};
        free(argument);
        client.lines = fdopen(client.fd, "r");
        client.buffer = malloc(UPLOAD_MAX);
        if (client.lines == NULL || client.buffer == NULL)
                exit(1);
        answer(client.fd, "220 Ready\r\n");
        while (fgets(line, sizeof line, client.lines) != NULL) {
                line[strcspn(line, "\r\n")] = '\0';
                obey(&client, line);
        }
        fclose(client.lines);
        free(client.buffer);
        if (client.listener >= 0)
                close(client.listener);
        return NULL;
}

int main(int argc, char **argv)
{
        unsigned port = 0;
        const int on = 1;
        folder = argc > 1 ? argv[1] : ".";
        int listener = listen_anywhere(&port);
        printf("%u\n", port);
        fflush(stdout);
        for (;;) {
                pthread_t thread;
                int *client = malloc(sizeof *client);
                int fd = accept(listener, NULL, NULL);
                if (fd < 0 || client == NULL)
                        exit(1);
                *client = fd;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                if (pthread_create(&thread, NULL, serve, client) != 0)
                        exit(1);
                pthread_detach(thread);
        }
}
