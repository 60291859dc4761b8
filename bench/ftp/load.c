/*
 * A crowd of cameras: N sessions at a time, each uploading one file after the other over FTP with
 * EPSV, into FOLDER, where # stands for the number of the session; the password is "secret".
 *
 * usage: bench_ftp_load HOST PORT USER FOLDER SESSIONS SECONDS PICTURE [login]
 *
 * With `login` each file has a session of its own. If the picture holds SERIAL00, its digits are
 * another number in each upload. Prints a JSON line: frames acknowledged, failures, seconds, and
 * milliseconds from the last byte to the 226.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 4000, PICTURE_MAX = 1 << 20 }; /* latencies by 50 us, up to 200 ms */

static struct sockaddr_in address;
static const char *user;
static const char *folder = "";
static double seconds;
static bool login_each;
static char picture[PICTURE_MAX];
static size_t picture_size;
static long serial_at = -1;

static atomic_long frames, failures;
static atomic_long latencies[SLOTS];
static double begin, stop_at;

static double now(void)
{
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int dial(unsigned port)
{
        const int on = 1;
        struct sockaddr_in to = address;
        to.sin_port = htons((uint16_t)port);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
                if (fd >= 0)
                        close(fd);
                return -1;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const struct timeval limit = {30, 0};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        return fd;
}

struct session {
        int fd;
        int number;
        char line[1024];
        size_t length;
};

/* The code of the next reply, its last line in `out`; -1 when there is none. */
static int reply(struct session *session, char out[static 256])
{
        for (;;) {
                char *end = memchr(session->line, '\n', session->length);
                if (end != NULL) {
                        size_t size = (size_t)(end + 1 - session->line);
                        bool last = size > 4 && session->line[3] == ' ';
                        int code = last ? (int)strtol(session->line, NULL, 10) : 0;
                        snprintf(out, 256, "%.*s", (int)(size < 255 ? size : 255), session->line);
                        session->length -= size;
                        memmove(session->line, end + 1, session->length);
                        if (last)
                                return code;
                        continue;
                }
                ssize_t got = recv(session->fd, session->line + session->length,
                                   sizeof session->line - session->length, 0);
                if (got <= 0)
                        return -1;
                session->length += (size_t)got;
        }
}

static int say(struct session *session, const char *line, char out[static 256])
{
        size_t length = strlen(line);
        if (send(session->fd, line, length, MSG_NOSIGNAL) != (ssize_t)length)
                return -1;
        return reply(session, out);
}

static bool open_session(struct session *session)
{
        char text[256];
        session->length = 0;
        session->fd = dial(ntohs(address.sin_port));
        if (session->fd < 0 || reply(session, text) != 220)
                return false;
        snprintf(text, sizeof text, "USER %s\r\n", user);
        int code = say(session, text, text);
        if (code == 331) /* else no password is asked for */
                code = say(session, "PASS secret\r\n", text);
        if (code != 230)
                return false;
        return say(session, "TYPE I\r\n", text) == 200;
}

static bool upload(struct session *session, char *mine, long number)
{
        char text[256];
        char serial[16];
        if (say(session, "EPSV\r\n", text) != 229)
                return false;
        const char *bar = strstr(text, "|||");
        int data = bar != NULL ? dial((unsigned)strtoul(bar + 3, NULL, 10)) : -1;
        if (data < 0)
                return false;
        const char *mark = strchr(folder, '#');
        int head = mark != NULL ? (int)(mark - folder) : (int)strlen(folder);
        char place[16] = "";
        if (mark != NULL)
                snprintf(place, sizeof place, "%d", session->number);
        snprintf(text, sizeof text, "STOR %.*s%s%s%d-%d-%ld.jpg\r\n", head, folder, place,
                 mark != NULL ? mark + 1 : "", (int)getpid(), session->number, number);
        snprintf(serial, sizeof serial, "%08ld", number % 100000000);
        if (serial_at >= 0)
                memcpy(mine + serial_at, serial, 8);
        bool good = say(session, text, text) == 150;
        for (size_t at = 0; good && at < picture_size;) {
                ssize_t sent = send(data, mine + at, picture_size - at, MSG_NOSIGNAL);
                good = sent > 0;
                at += good ? (size_t)sent : 0;
        }
        close(data);
        double last = now();
        if (!good || reply(session, text) != 226)
                return false;
        size_t slot = (size_t)((now() - last) * 20000);
        atomic_fetch_add(&latencies[slot < SLOTS ? slot : SLOTS - 1], 1);
        return true;
}

static void *run(void *argument)
{
        int number = *(int *)argument;
        struct session session = {.fd = -1, .number = number};
        char *mine = malloc(picture_size);
        if (mine == NULL)
                return NULL;
        memcpy(mine, picture, picture_size);
        for (long i = 0; now() < stop_at; i++) {
                bool good = session.fd >= 0 || open_session(&session);
                good = good && upload(&session, mine, i);
                if (good && now() < stop_at)
                        atomic_fetch_add(&frames, 1);
                if (!good)
                        atomic_fetch_add(&failures, 1);
                if ((!good || login_each) && session.fd >= 0) {
                        close(session.fd);
                        session.fd = -1;
                }
        }
        if (session.fd >= 0)
                close(session.fd);
        free(mine);
        return NULL;
}

static double percentile(double share)
{
        long total = 0;
        long passed = 0;
        for (size_t i = 0; i < SLOTS; i++)
                total += latencies[i];
        for (size_t i = 0; i < SLOTS; i++) {
                passed += latencies[i];
                if ((double)passed >= share * (double)total)
                        return (double)(i + 1) / 20;
        }
        return 0;
}

int main(int argc, char **argv)
{
        int sessions = argc > 5 ? (int)strtol(argv[5], NULL, 10) : 0;
        if (argc < 8 || sessions < 1 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
                fprintf(stderr, "usage: bench_ftp_load HOST PORT USER FOLDER SESSIONS SECONDS "
                                "PICTURE [login]\n");
                return 2;
        }
        address.sin_family = AF_INET;
        address.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
        user = argv[3];
        folder = argv[4];
        seconds = strtod(argv[6], NULL);
        login_each = argc > 8;
        FILE *file = fopen(argv[7], "rb");
        if (file == NULL) {
                perror(argv[7]);
                return 1;
        }
        picture_size = fread(picture, 1, sizeof picture, file);
        fclose(file);
        const char *serial = memmem(picture, picture_size, "SERIAL00", 8);
        serial_at = serial != NULL ? (long)(serial - picture) : -1;
        pthread_t *threads = calloc((size_t)sessions, sizeof *threads);
        int *numbers = calloc((size_t)sessions, sizeof *numbers);
        begin = now();
        stop_at = begin + seconds;
        for (int i = 0; i < sessions; i++) {
                if (threads == NULL || numbers == NULL)
                        exit(1);
                numbers[i] = i;
                if (pthread_create(&threads[i], NULL, run, &numbers[i]) != 0)
                        exit(1);
        }
        for (int i = 0; i < sessions; i++)
                pthread_join(threads[i], NULL);
        free(threads);
        free(numbers);
        printf("{\"frames\": %ld, \"failures\": %ld, \"seconds\": %.3f, \"p50_ms\": %.2f, "
               "\"p99_ms\": %.2f}\n",
               (long)frames, (long)failures, seconds, percentile(0.5), percentile(0.99));
        return 0;
}
