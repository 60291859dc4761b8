/*
 * bench_fetch PORT CONNECTIONS LIST: gets each path of LIST (one a line) over so many keep-alive
 * connections, the next path on whichever is free, as a browser does. The connections are open and
 * have answered once before the clock starts. Prints the nanoseconds it took and the bytes of all
 * bodies. Any answer but a 200 with the length it says is an error.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PATHS_MAX = 100000, CONNECTIONS_MAX = 64, HEAD_MAX = 16384, BUFFER = 1 << 20 };

static char *paths[PATHS_MAX];
static int path_count;
static atomic_int next_path;
static atomic_llong all_bytes;
static struct sockaddr_in server;
static pthread_barrier_t ready;

static void fail(const char *why, const char *what)
{
        fprintf(stderr, "bench_fetch: %s %s\n", why, what);
        exit(1);
}

static int dial(void)
{
        int one = 1;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server) < 0)
                fail("cannot connect", "");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        return fd;
}

static long long body_length(char *head, const char *path)
{
        if (strncmp(head, "HTTP/1.1 200", 12) != 0)
                fail(path, head);
        char *field = strcasestr(head, "\r\nContent-Length:");
        if (field == NULL)
                fail("no Content-Length:", path);
        return strtoll(field + 17, NULL, 10);
}

static long long get(int fd, const char *path, char *buffer)
{
        char request[1024];
        int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n",
                              path);
        if (length < 0 || (size_t)length >= sizeof request)
                fail("too long:", path);
        if (send(fd, request, (size_t)length, MSG_NOSIGNAL) != length)
                fail("cannot ask for", path);
        size_t have = 0;
        char *end = NULL;
        while (end == NULL) {
                ssize_t n = recv(fd, buffer + have, HEAD_MAX - 1 - have, 0);
                if (n <= 0)
                        fail("no answer:", path);
                have += (size_t)n;
                buffer[have] = '\0';
                end = strstr(buffer, "\r\n\r\n");
        }
        *end = '\0';
        long long body = body_length(buffer, path);
        long long left = body - (long long)(have - (size_t)(end + 4 - buffer));
        while (left > 0) {
                ssize_t n = recv(fd, buffer, left < BUFFER ? (size_t)left : BUFFER, 0);
                if (n <= 0)
                        fail("cut short:", path);
                left -= n;
        }
        return body;
}

static void *fetch(void *argument)
{
        (void)argument;
        char *buffer = malloc(BUFFER);
        if (buffer == NULL)
                fail("no memory", "");
        int fd = dial();
        get(fd, "/healthz", buffer);
        pthread_barrier_wait(&ready);
        for (;;) {
                int i = atomic_fetch_add(&next_path, 1);
                if (i >= path_count)
                        break;
                atomic_fetch_add(&all_bytes, get(fd, paths[i], buffer));
        }
        pthread_barrier_wait(&ready);
        close(fd);
        free(buffer);
        return NULL;
}

static void read_list(const char *name)
{
        static char line[1024];
        FILE *file = fopen(name, "r");
        if (file == NULL)
                fail("cannot open", name);
        while (path_count < PATHS_MAX && fgets(line, sizeof line, file) != NULL) {
                line[strcspn(line, "\n")] = '\0';
                paths[path_count++] = strdup(line);
        }
        fclose(file);
}

static long long now_ns(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv)
{
        long connections = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
        if (connections < 1 || connections > CONNECTIONS_MAX) {
                fputs("usage: bench_fetch PORT CONNECTIONS LIST\n", stderr);
                return 2;
        }
        server = (struct sockaddr_in){.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)strtol(argv[1], NULL, 10)),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        read_list(argv[3]);
        pthread_t threads[CONNECTIONS_MAX];
        pthread_barrier_init(&ready, NULL, (unsigned)connections + 1);
        for (int i = 0; i < connections; i++) {
                if (pthread_create(&threads[i], NULL, fetch, NULL) != 0)
                        fail("cannot start a thread", "");
        }
        pthread_barrier_wait(&ready);
        long long began = now_ns();
        pthread_barrier_wait(&ready);
        long long spent = now_ns() - began;
        for (int i = 0; i < connections; i++)
                pthread_join(threads[i], NULL);
        printf("%lld %lld\n", spent, (long long)all_bytes);
        return 0;
}
