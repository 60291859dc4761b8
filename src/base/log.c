#include "base/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/text.h"
#include "base/utc.h"
#include "base/utf8.h"

/* The longest that a pipe takes as one; the longest path fits, and what is said about it. */
enum { LINE_SIZE = 4096 };

static atomic_int level_least = LOG_INFO;

static const char *const level_words[] = {"debug", "info", "warn", "error"};

void log_set_level(enum log_level level)
{
        atomic_store(&level_least, (int)level);
}

/* Within quotes a value cannot end itself and begin another. */
static void add_string(struct text *line, const char *value, bool quoted)
{
        for (; *value != '\0'; value++) {
                if (quoted && (*value == '"' || *value == '\\'))
                        text_add_char(line, '\\');
                text_add_char(line, *value);
        }
}

/* NOLINTBEGIN(bugprone-branch-clone): which of these are the same depends on the machine */
static long long take_signed(char size, va_list *args)
{
        if (size == 'L')
                return va_arg(*args, long long);
        if (size == 'l')
                return va_arg(*args, long);
        return size == 'z' ? va_arg(*args, ssize_t) : va_arg(*args, int);
}

static unsigned long long take_unsigned(char size, va_list *args)
{
        if (size == 'L')
                return va_arg(*args, unsigned long long);
        if (size == 'l')
                return va_arg(*args, unsigned long);
        return size == 'z' ? va_arg(*args, size_t) : va_arg(*args, unsigned);
}
/* NOLINTEND(bugprone-branch-clone) */

/* Adds the value that a '%' stands for, of the few forms that lines are made of; returns the
 * conversion's letter. */
static const char *add_value(struct text *line, const char *at, bool quoted, va_list *args)
{
        char size = '\0';
        for (; *at == 'l' || *at == 'z'; at++)
                size = size == 'l' ? 'L' : *at;
        switch (*at) {
        case 's': add_string(line, va_arg(*args, const char *), quoted); break;
        case 'd': text_add_format(line, "%lld", take_signed(size, args)); break;
        case 'u': text_add_format(line, "%llu", take_unsigned(size, args)); break;
        case '%': text_add_char(line, '%'); break;
        default: assert(!"a form that the log does not know");
        }
        return at;
}

/* vsnprintf cannot tell a quote of the form from one of a value, so it is not used. */
static void add_detail(struct text *line, const char *detail, va_list *args)
{
        bool quoted = false;
        for (const char *at = detail; *at != '\0'; at++) {
                quoted ^= *at == '"';
                if (*at == '%')
                        at = add_value(line, at + 1, quoted, args);
                else
                        text_add_char(line, *at);
        }
}

void log_event(enum log_level level, const char *stage, const char *event, const char *detail, ...)
{
        if ((int)level < atomic_load_explicit(&level_least, memory_order_relaxed))
                return;
        char buffer[LINE_SIZE];
        char when[UTC_TEXT_SIZE];
        struct text line;
        utc_format(utc_now(), when);
        text_init(&line, buffer, sizeof buffer); /* what does not fit is cut */
        text_add_format(&line, "%s %s %s %s ", when, level_words[level], stage, event);
        va_list args;
        va_start(args, detail);
        add_detail(&line, detail, &args);
        va_end(args);
        utf8_tame(buffer, line.length); /* nobody outside forges lines or drives a terminal */
        buffer[line.length] = '\n';     /* where the text ended */
        ssize_t written = write(STDERR_FILENO, buffer, line.length + 1);
        (void)written; /* there is nowhere to report a log that cannot be written */
}

bool log_limit_take(struct log_limit *limit, struct mono now, int64_t *unsaid_out)
{
        const int64_t second = 1000000000;
        if (limit->full.ns < now.ns)
                limit->full = now;
        if (limit->full.ns - now.ns > (LOG_AT_ONCE - 1) * second) {
                limit->unsaid++;
                return false;
        }
        limit->full.ns += second;
        *unsaid_out = limit->unsaid;
        limit->unsaid = 0;
        return true;
}
