#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/interrupt.h"

#define SECOND_NS INT64_C(1000000000)

enum { DRAW_MS = 100, RATE_MS = 2000, BAR_WIDTH = 24 };

void progress_init(struct progress *progress, const char *task, const char *unit)
{
        *progress = (struct progress){
                .task = task,
                .unit = unit,
                .terminal = isatty(STDERR_FILENO) == 1,
                .start = mono_now(),
        };
        progress->rate_at = progress->start;
}

static int64_t per_second(int64_t count, int64_t ns)
{
        if (ns <= 0)
                return 0;
        return (int64_t)((__extension__(__int128) count * SECOND_NS) / ns);
}

int64_t progress_rate(const struct progress *progress, int64_t done)
{
        return per_second(done, mono_now().ns - progress->start.ns);
}

static void measure(struct progress *progress, int64_t done, struct mono now)
{
        int64_t since = now.ns - progress->rate_at.ns;
        if (since < RATE_MS * (SECOND_NS / 1000)) {
                if (progress->rate_at.ns == progress->start.ns)
                        progress->rate = per_second(done, since); /* so far */
                return;
        }
        progress->rate = per_second(done - progress->rate_done, since);
        progress->rate_at = now;
        progress->rate_done = done;
}

/* 1234567 as "1 234 567". */
static void add_count(struct text *text, int64_t count)
{
        char digits[24];
        int length = snprintf(digits, sizeof digits, "%" PRId64, count);
        for (int i = 0; i < length; i++) {
                if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
                        text_add_char(text, ' ');
                text_add_char(text, digits[i]);
        }
}

static void add_left(struct text *text, int64_t seconds)
{
        if (seconds >= 3600)
                text_add_format(text, "  %" PRId64 " h %02" PRId64 " min left", seconds / 3600,
                                seconds % 3600 / 60);
        else if (seconds >= 60)
                text_add_format(text, "  %" PRId64 " min %02" PRId64 " s left", seconds / 60,
                                seconds % 60);
        else
                text_add_format(text, "  %" PRId64 " s left", seconds);
}

void progress_text(const struct progress *progress, int64_t done, int64_t total,
                   char out[static PROGRESS_TEXT_SIZE])
{
        struct text text;
        text_init(&text, out, PROGRESS_TEXT_SIZE);
        text_add_format(&text, "%s ", progress->task);
        if (total > 0) {
                int64_t shown = done < total ? done : total;
                int filled = (int)(shown * BAR_WIDTH / total);
                text_add_char(&text, '[');
                for (int i = 0; i < BAR_WIDTH; i++)
                        text_add_char(&text, i < filled ? '#' : '.');
                text_add_format(&text, "] %3d %%  ", (int)(shown * 100 / total));
        }
        add_count(&text, done);
        text_add_format(&text, " %s  ", progress->unit);
        add_count(&text, progress->rate);
        text_add_string(&text, "/s");
        if (total > done && progress->rate > 0)
                add_left(&text, (total - done) / progress->rate);
}

/* A line that wraps could not be drawn over. */
static int width_of_terminal(void)
{
        struct winsize size;
        if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2)
                return 79;
        return size.ws_col - 1;
}

void progress_show(struct progress *progress, int64_t done, int64_t total)
{
        struct mono now = mono_now();
        if (!progress->terminal ||
            (progress->drawn && now.ns - progress->drawn_at.ns < DRAW_MS * (SECOND_NS / 1000)))
                return;
        char text[PROGRESS_TEXT_SIZE];
        measure(progress, done, now);
        progress_text(progress, done, total, text);
        fprintf(stderr, "\r%.*s\033[K", width_of_terminal(), text);
        fflush(stderr);
        progress->drawn = true;
        progress->drawn_at = now;
}

bool progress_go_on(void *context, int64_t done, int64_t total)
{
        struct progress *progress = context;
        switch (interrupt_wait(0)) {
        case INTERRUPT_STOP: return false;
        case INTERRUPT_REPORT: progress_log(progress, done, total); break;
        case INTERRUPT_NONE: break;
        }
        progress_show(progress, done, total);
        return true;
}

void progress_clear(struct progress *progress)
{
        if (!progress->drawn)
                return;
        fputs("\r\033[K", stderr);
        fflush(stderr);
        progress->drawn = false;
}

void progress_log(struct progress *progress, int64_t done, int64_t total)
{
        progress_clear(progress);
        int64_t rate = progress_rate(progress, done);
        if (total > 0)
                log_info(progress->task, "progress",
                         "%s=%" PRId64 " of=%" PRId64 " rate=%" PRId64 " left-s=%" PRId64,
                         progress->unit, done, total, rate,
                         rate > 0 && total > done ? (total - done) / rate : 0);
        else
                log_info(progress->task, "progress", "%s=%" PRId64 " rate=%" PRId64, progress->unit,
                         done, rate);
}
