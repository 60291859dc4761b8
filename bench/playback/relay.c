/*
 * bench_relay PORT DELAY_US: a line with latency. Takes connections on a loopback port of its own
 * choosing (written to standard output), passes them on to PORT, and hands every byte over DELAY_US
 * later than it came, each way, at any bandwidth: what comes is read at once and waits in memory.
 * Ends when standard input does.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, PIECES_MAX = 512 };

static long delay_ns;
static struct sockaddr_in target;

struct piece {
        struct piece *next;
        struct timespec due;
        size_t length; /* 0: the end */
        char bytes[];
};

/* One direction of one connection: a thread reads and puts, another waits and writes. */
struct way {
        int from, to;
        pthread_mutex_t lock;
        pthread_cond_t changed;
        struct piece *first, *last;
        int count;
};

static void put(struct way *way, struct piece *piece)
{
        pthread_mutex_lock(&way->lock);
        while (way->count >= PIECES_MAX)
                pthread_cond_wait(&way->changed, &way->lock);
        if (way->last != NULL)
                way->last->next = piece;
        else
                way->first = piece;
        way->last = piece;
        way->count++;
        pthread_cond_broadcast(&way->changed);
        pthread_mutex_unlock(&way->lock);
}

static struct piece *take(struct way *way)
{
        pthread_mutex_lock(&way->lock);
        while (way->first == NULL)
                pthread_cond_wait(&way->changed, &way->lock);
        struct piece *piece = way->first;
        way->first = piece->next;
        if (way->first == NULL)
                way->last = NULL;
        way->count--;
        pthread_cond_broadcast(&way->changed);
        pthread_mutex_unlock(&way->lock);
        return piece;
}

static void *read_side(void *argument)
{
        struct way *way = argument;
        static _Thread_local char buffer[PIECE];
        for (;;) {
                ssize_t n = recv(way->from, buffer, sizeof buffer, 0);
                size_t length = n > 0 ? (size_t)n : 0;
                struct piece *piece = malloc(sizeof *piece + length);
                if (piece == NULL)
                        abort();
                piece->next = NULL;
                piece->length = length;
                memcpy(piece->bytes, buffer, length);
                clock_gettime(CLOCK_MONOTONIC, &piece->due);
                piece->due.tv_nsec += delay_ns;
                piece->due.tv_sec += piece->due.tv_nsec / 1000000000;
                piece->due.tv_nsec %= 1000000000;
                put(way, piece);
                if (length == 0)
                        return NULL;
        }
}

static void *write_side(void *argument)
{
        struct way *way = argument;
        prctl(PR_SET_TIMERSLACK, 1UL);
        bool open = true;
        for (bool more = true; more;) {
                struct piece *piece = take(way);
                clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &piece->due, NULL);
                for (size_t sent = 0; open && sent < piece->length;) {
                        ssize_t n = send(way->to, piece->bytes + sent, piece->length - sent,
                                         MSG_NOSIGNAL);
                        open = n > 0;
                        sent += n > 0 ? (size_t)n : 0;
                }
                more = piece->length > 0;
                free(piece);
        }
        shutdown(way->to, SHUT_WR);
        return NULL;
}

static void start(void *(*run)(void *), struct way *way)
{
        pthread_t thread;
        if (pthread_create(&thread, NULL, run, way) != 0)
                abort();
        pthread_detach(thread);
}

/* The program lives for seconds: what a connection took is never given back. */
static void pass_on(int client)
{
        int one = 1;
        int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (server < 0 || connect(server, (struct sockaddr *)&target, sizeof target) < 0) {
                perror("bench_relay: connect");
                close(client);
                return;
        }
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        for (int i = 0; i < 2; i++) {
                struct way *way = calloc(1, sizeof *way);
                if (way == NULL)
                        abort();
                way->from = i == 0 ? client : server;
                way->to = i == 0 ? server : client;
                pthread_mutex_init(&way->lock, NULL);
                pthread_cond_init(&way->changed, NULL);
                start(read_side, way);
                start(write_side, way);
        }
}

static void *accept_all(void *argument)
{
        int listener = *(int *)argument;
        for (;;) {
                int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
                if (client >= 0)
                        pass_on(client);
        }
        return NULL;
}

int main(int argc, char **argv)
{
        if (argc != 3) {
                fputs("usage: bench_relay PORT DELAY_US\n", stderr);
                return 2;
        }
        delay_ns = strtol(argv[2], NULL, 10) * 1000;
        target = (struct sockaddr_in){.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)strtol(argv[1], NULL, 10)),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        struct sockaddr_in own = target;
        own.sin_port = 0;
        socklen_t length = sizeof own;
        static int listener;
        listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (listener < 0 || bind(listener, (struct sockaddr *)&own, sizeof own) < 0 ||
            listen(listener, 64) < 0 ||
            getsockname(listener, (struct sockaddr *)&own, &length) < 0) {
                perror("bench_relay: listen");
                return 1;
        }
        printf("%d\n", ntohs(own.sin_port));
        fflush(stdout);
        pthread_t thread;
        if (pthread_create(&thread, NULL, accept_all, &listener) != 0)
                return 1;
        while (getchar() != EOF)
                ;
        return 0;
}
