#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/utc.h"
#include "base/utf8.h"

static atomic_int level_least = LOG_INFO;

static const char *const level_words[] = {"debug", "info", "warn", "error"};

void log_set_level(enum log_level level)
{
        atomic_store(&level_least, (int)level);
}

void log_event(enum log_level level, const char *stage, const char *event, const char *detail, ...)
{
        if ((int)level < atomic_load_explicit(&level_least, memory_order_relaxed))
                return;
        char line[1024];
        char when[UTC_TEXT_SIZE];
        utc_format(utc_now(), when);
        int used =
                snprintf(line, sizeof line, "%s %s %s %s ", when, level_words[level], stage, event);
        if (used < 0 || (size_t)used >= sizeof line)
                return;
        va_list args;
        va_start(args, detail);
        int more = vsnprintf(line + used, sizeof line - (size_t)used, detail, args);
        va_end(args);
        if (more < 0)
                return;
        size_t length = (size_t)used + (size_t)more;
        if (length > sizeof line - 2)
                length = sizeof line - 2;
        utf8_tame(line, length); /* nobody outside forges lines or drives a terminal */
        line[length++] = '\n';
        ssize_t written = write(STDERR_FILENO, line, length);
        (void)written; /* there is nowhere to report a log that cannot be written */
}
