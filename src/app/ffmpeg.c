#include "app/ffmpeg.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

enum { BLOCK = 64 << 10, LOOK_MS = 200, SENTENCES = 3 };

extern char **environ;

struct process {
        const struct ffmpeg_run *run;
        pid_t pid;
        int in;  /* its standard input; -1: closed */
        int out; /* what it says; -1: it said all */
        char block[BLOCK];
        size_t block_at, block_end;
        char *said;
        size_t said_length;
};

/* ---- starting ---- */

static void close_one(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static bool make_pipes(int in[2], int out[2], struct error *err)
{
        in[0] = in[1] = out[0] = out[1] = -1;
        if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0)
                return true;
        return error_sys(err, "make a pipe");
}

/* Signals as a program of its own expects them, whatever we have blocked or ignored. */
static void set_attributes(posix_spawnattr_t *attributes)
{
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_init(attributes);
        posix_spawnattr_setsigmask(attributes, &none);
        posix_spawnattr_setsigdefault(attributes, &all);
        posix_spawnattr_setpgroup(attributes, 0);
        posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                     POSIX_SPAWN_SETPGROUP);
}

static int spawn(struct process *process, int in, int out)
{
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addchdir_np(&actions, process->run->directory);
        set_attributes(&attributes);
        int code = posix_spawnp(&process->pid, process->run->arguments[0], &actions, &attributes,
                                (char *const *)process->run->arguments, environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        return code;
}

static bool start(struct process *process, struct error *err)
{
        int in[2];
        int out[2];
        int code = -1;
        if (make_pipes(in, out, err)) {
                code = spawn(process, in[0], out[1]);
                if (code == ENOENT)
                        error_set(err, ERROR_NOT_FOUND,
                                  "the ffmpeg program is not installed: apt install ffmpeg");
                else if (code != 0)
                        error_set(err, ERROR_SYSTEM, "ffmpeg cannot be started: %s",
                                  strerror(code));
        }
        close_one(&in[0]);
        close_one(&out[1]);
        process->in = in[1];
        process->out = out[0];
        if (code == 0) {
                (void)fcntl(process->in, F_SETFL, O_NONBLOCK);
                (void)fcntl(process->out, F_SETFL, O_NONBLOCK);
                return true;
        }
        close_one(&process->in);
        close_one(&process->out);
        return false;
}

/* ---- running ---- */

/* Keeps the second half when there is too much. */
static void listen_to(struct process *process)
{
        size_t room = FFMPEG_SAID_SIZE - 1 - process->said_length;
        if (room < FFMPEG_SAID_SIZE / 4) {
                size_t kept = process->said_length / 2;
                memmove(process->said, process->said + process->said_length - kept, kept);
                process->said_length = kept;
                room = FFMPEG_SAID_SIZE - 1 - kept;
        }
        ssize_t got = read(process->out, process->said + process->said_length, room);
        if (got > 0)
                process->said_length += (size_t)got;
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
                close_one(&process->out);
        process->said[process->said_length] = '\0';
}

static bool feed(struct process *process, struct error *err)
{
        const struct ffmpeg_run *run = process->run;
        if (process->block_at == process->block_end) {
                process->block_at = 0;
                if (!run->feed(run->context, process->block, BLOCK, &process->block_end, err))
                        return false;
                if (process->block_end == 0) {
                        close_one(&process->in);
                        return true;
                }
        }
        ssize_t put = write(process->in, process->block + process->block_at,
                            process->block_end - process->block_at);
        if (put >= 0)
                process->block_at += (size_t)put;
        else if (errno != EAGAIN && errno != EINTR)
                close_one(&process->in); /* it ended; why, it says */
        return true;
}

static bool converse(struct process *process, struct error *err)
{
        const struct ffmpeg_run *run = process->run;
        while (process->out >= 0) {
                struct pollfd fds[2] = {
                        {.fd = process->out, .events = POLLIN},
                        {.fd = process->in, .events = POLLOUT},
                };
                if (poll(fds, 2, LOOK_MS) < 0 && errno != EINTR)
                        return error_sys(err, "wait for ffmpeg");
                if (fds[0].revents != 0)
                        listen_to(process);
                if (process->in >= 0 && fds[1].revents != 0 && !feed(process, err))
                        return false;
                if (!run->go_on(run->context, err))
                        return false;
        }
        return true;
}

static int wait_for(pid_t pid)
{
        int status;
        while (waitpid(pid, &status, 0) < 0) {
                if (errno != EINTR)
                        return -1;
        }
        return status;
}

/* What it says goes on being read until it ends, which may be after it has closed its mouth. */
static bool finish(struct process *process, bool fine, struct error *err)
{
        char complaint[200];
        if (!fine)
                kill(-process->pid, SIGKILL);
        close_one(&process->in);
        int status = wait_for(process->pid);
        close_one(&process->out);
        if (!fine || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
                return fine;
        if (WIFSIGNALED(status))
                return error_set(err, ERROR_SYSTEM, "ffmpeg was killed (signal %d)",
                                 WTERMSIG(status));
        ffmpeg_complaint(process->said, complaint, sizeof complaint);
        return error_set(err, ERROR_SYSTEM, "ffmpeg failed: %s", complaint);
}

bool ffmpeg_run(const struct ffmpeg_run *run, char said[static FFMPEG_SAID_SIZE], struct error *err)
{
        struct process process = {.run = run, .in = -1, .out = -1, .said = said};
        sigset_t broken;
        sigset_t before;
        said[0] = '\0';
        /* Writing to it after it has ended is an error like others. */
        sigemptyset(&broken);
        sigaddset(&broken, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &broken, &before);
        bool fine = start(&process, err) && finish(&process, converse(&process, err), err);
        const struct timespec now = {0};
        while (sigtimedwait(&broken, NULL, &now) > 0)
                continue;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return fine;
}

/* ---- what it said ---- */

static bool complains(const char *line, size_t length)
{
        return memmem(line, length, "[error]", 7) != NULL ||
               memmem(line, length, "[fatal]", 7) != NULL;
}

/* Without the "[x @ 0x...] [error]" before it. */
static void add_sentence(struct text *out, const char *line, size_t length)
{
        while (length > 0 && line[0] == '[') {
                const char *close = memchr(line, ']', length);
                if (close == NULL)
                        break;
                size_t head = (size_t)(close - line) + 1;
                while (head < length && line[head] == ' ')
                        head++;
                line += head;
                length -= head;
        }
        if (out->length > 0)
                text_add_string(out, "; ");
        text_add(out, line, length);
}

void ffmpeg_complaint(const char *said, char *out, size_t room)
{
        const char *lines[SENTENCES];
        size_t lengths[SENTENCES];
        size_t count = 0;
        struct text text;
        for (const char *line = said; *line != '\0';) {
                size_t length = strcspn(line, "\r\n");
                if (complains(line, length)) {
                        lines[count % SENTENCES] = line;
                        lengths[count % SENTENCES] = length;
                        count++;
                }
                line += length;
                line += strspn(line, "\r\n");
        }
        text_init(&text, out, room);
        for (size_t i = count > SENTENCES ? count - SENTENCES : 0; i < count; i++)
                add_sentence(&text, lines[i % SENTENCES], lengths[i % SENTENCES]);
        if (count == 0)
                text_add_string(&text, "it does not say why");
}
