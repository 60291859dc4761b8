/*
 * A crowd of cameras: N sessions at a time, each uploading one file after the other over FTP with
 * EPSV, into FOLDER, where # stands for the number of the session; the password is "secret". One
 * thread serves all of them, as cameras elsewhere would cost the server's machine nothing: threads
 * that have to be woken for each reply would be most of what is measured.
 *
 * usage: bench_ftp_load HOST PORT USER FOLDER SESSIONS SECONDS PICTURE [login]
 *
 * With `login` each file has a session of its own. If the picture holds SERIAL00, its digits are
 * another number in each upload. Prints a JSON line: frames acknowledged, failures, seconds, and
 * milliseconds from the last byte to the 226.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
        SLOTS = 4000, /* latencies by 50 us, up to 200 ms */
        PICTURE_MAX = 1 << 20,
        EVENTS = 64,
        PATIENCE_MS = 30000
};

static struct sockaddr_in address;
static const char *user;
static const char *folder = "";
static bool login_each;
static int picture_fd;
static size_t picture_size;
static char start[PICTURE_MAX]; /* of the picture, to the end of the serial number */
static size_t start_size;       /* 0: it holds none */

static int poll_fd;
static int process;
static long frames, failures;
static long latencies[SLOTS];
static double stop_at;

static double now(void)
{
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Which reply a session waits for. */
enum step { GREETING, USER, PASS, TYPE, EPSV, STOR, STORED };

struct session {
        int fd; /* -1: over */
        int data;
        int number;
        enum step step;
        long file;
        double last_byte;
        char line[1024];
        size_t length;
};

static int dial(unsigned port)
{
        struct sockaddr_in to = address;
        to.sin_port = htons((uint16_t)port);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
                return fd;
        if (fd >= 0)
                close(fd);
        return -1;
}

static void hang_up(struct session *session)
{
        if (session->data >= 0)
                close(session->data);
        if (session->fd >= 0)
                close(session->fd);
        session->fd = session->data = -1;
}

static bool ring(struct session *session)
{
        const int on = 1;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
        session->length = 0;
        session->step = GREETING;
        session->fd = dial(ntohs(address.sin_port));
        return session->fd >= 0 &&
               setsockopt(session->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
               epoll_ctl(poll_fd, EPOLL_CTL_ADD, session->fd, &event) == 0;
}

static bool say(struct session *session, const char *line, enum step step)
{
        size_t length = strlen(line);
        session->step = step;
        return send(session->fd, line, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* The port is known: connects, and says which file comes. */
static bool name_file(struct session *session, const char *reply)
{
        char text[256];
        const char *bar = strstr(reply, "|||");
        session->data = bar != NULL ? dial((unsigned)strtoul(bar + 3, NULL, 10)) : -1;
        if (session->data < 0)
                return false;
        const char *mark = strchr(folder, '#');
        int head = mark != NULL ? (int)(mark - folder) : (int)strlen(folder);
        char place[16] = "";
        if (mark != NULL)
                snprintf(place, sizeof place, "%d", session->number);
        snprintf(text, sizeof text, "STOR %.*s%s%s%d-%d-%ld.jpg\r\n", head, folder, place,
                 mark != NULL ? mark + 1 : "", process, session->number, session->file);
        return say(session, text, STOR);
}

/* Most of it straight from the kernel's memory: copying it would be the larger part of our work. */
static bool send_picture(struct session *session)
{
        off_t at = (off_t)start_size;
        if (start_size > 0) {
                char serial[16];
                snprintf(serial, sizeof serial, "%08ld", session->file % 100000000);
                memcpy(start + start_size - 8, serial, 8);
                if (send(session->data, start, start_size, MSG_MORE) != (ssize_t)start_size)
                        return false;
        }
        while (at < (off_t)picture_size) {
                if (sendfile(session->data, picture_fd, &at, picture_size - (size_t)at) <= 0)
                        return false;
        }
        close(session->data);
        session->data = -1;
        session->last_byte = now();
        session->step = STORED;
        session->file++;
        return true;
}

/* A file is stored: the next one, or the end; false when something did not work. */
static bool stored(struct session *session)
{
        double moment = now();
        size_t slot = (size_t)((moment - session->last_byte) * 20000);
        latencies[slot < SLOTS ? slot : SLOTS - 1]++;
        frames += moment < stop_at;
        if (moment < stop_at && !login_each)
                return say(session, "EPSV\r\n", EPSV);
        hang_up(session);
        return moment >= stop_at || ring(session);
}

static bool take_reply(struct session *session, int code, const char *text)
{
        char line[160];
        switch (session->step) {
        case GREETING:
                snprintf(line, sizeof line, "USER %s\r\n", user);
                return code == 220 && say(session, line, USER);
        case USER:
                if (code == 331)
                        return say(session, "PASS secret\r\n", PASS);
                return code == 230 && say(session, "TYPE I\r\n", TYPE);
        case PASS: return code == 230 && say(session, "TYPE I\r\n", TYPE);
        case TYPE: return code == 200 && say(session, "EPSV\r\n", EPSV);
        case EPSV: return code == 229 && name_file(session, text);
        case STOR: return code == 150 && send_picture(session);
        case STORED: return code == 226 && stored(session);
        }
        return false;
}

/* What came on the control connection, a line at a time; false when something did not work. */
static bool listen_to(struct session *session)
{
        size_t room = sizeof session->line - 1 - session->length;
        ssize_t got = recv(session->fd, session->line + session->length, room, 0);
        if (got <= 0)
                return false;
        session->length += (size_t)got;
        for (;;) {
                char text[sizeof session->line];
                char *end = memchr(session->line, '\n', session->length);
                if (end == NULL)
                        return session->length + 1 < sizeof session->line;
                size_t size = (size_t)(end + 1 - session->line);
                memcpy(text, session->line, size);
                text[size] = '\0';
                session->length -= size;
                memmove(session->line, end + 1, session->length);
                bool last = size > 4 && text[3] == ' ';
                if (last && !take_reply(session, (int)strtol(text, NULL, 10), text))
                        return false;
                if (session->fd < 0)
                        return true;
        }
}

static void fail(struct session *session)
{
        failures++;
        hang_up(session);
        if (now() < stop_at && !ring(session))
                hang_up(session);
}

static void run(struct session *sessions, int count)
{
        struct epoll_event events[EVENTS];
        for (int i = 0; i < count; i++) {
                sessions[i] = (struct session){.fd = -1, .data = -1, .number = i};
                if (!ring(&sessions[i]))
                        fail(&sessions[i]);
        }
        for (;;) {
                int open = 0;
                int ready = epoll_wait(poll_fd, events, EVENTS, PATIENCE_MS);
                for (int i = 0; i < ready; i++) {
                        struct session *session = events[i].data.ptr;
                        if (session->fd >= 0 && !listen_to(session))
                                fail(session);
                }
                for (int i = 0; i < count; i++)
                        open += sessions[i].fd >= 0;
                if (open == 0)
                        return;
                if (ready <= 0) {
                        failures += open;
                        return;
                }
        }
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
        double seconds = strtod(argv[6], NULL);
        login_each = argc > 8;
        signal(SIGPIPE, SIG_IGN);
        picture_fd = open(argv[7], O_RDONLY | O_CLOEXEC);
        ssize_t size = picture_fd >= 0 ? read(picture_fd, start, sizeof start) : -1;
        if (size < 0) {
                perror(argv[7]);
                return 1;
        }
        picture_size = (size_t)size;
        const char *serial = memmem(start, picture_size, "SERIAL00", 8);
        start_size = serial != NULL ? (size_t)(serial - start) + 8 : 0;
        poll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (poll_fd < 0)
                return 1;
        struct session *all = calloc((size_t)sessions, sizeof *all);
        if (all == NULL)
                return 1;
        process = (int)getpid();
        stop_at = now() + seconds;
        run(all, sessions);
        free(all);
        close(poll_fd);
        printf("{\"frames\": %ld, \"failures\": %ld, \"seconds\": %.3f, \"p50_ms\": %.2f, "
               "\"p99_ms\": %.2f}\n",
               frames, failures, seconds, percentile(0.5), percentile(0.99));
        return 0;
}
