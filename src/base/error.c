#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#undef error_set /* what analysers are told in the header */
#undef error_sys
#undef error_prefix

/* Names of files and whatever else a sentence quotes may come from anybody. */
static void tame(struct error *err)
{
        utf8_tame(err->text, strlen(err->text));
}

static enum error_kind kind_of_errno(int number)
{
        switch (number) {
        case ENOENT:
        case ENOTDIR: return ERROR_NOT_FOUND;
        case EEXIST: return ERROR_CONFLICT;
        case EACCES:
        case EPERM:
        case EROFS: return ERROR_DENIED;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE: return ERROR_FULL;
        case EAGAIN:
        case EINTR:
        case EBUSY: return ERROR_BUSY;
        default: return ERROR_SYSTEM;
        }
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
        if (err == NULL)
                return false;
        va_list args;
        va_start(args, format);
        err->kind = kind;
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        tame(err);
        return false;
}

bool error_sys(struct error *err, const char *format, ...)
{
        int number = errno;
        if (err == NULL)
                return false;
        va_list args;
        va_start(args, format);
        err->kind = kind_of_errno(number);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        char words[128];
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof err->text - used, ": %s",
                 strerror_r(number, words, sizeof words));
        tame(err);
        return false;
}

bool error_prefix(struct error *err, const char *format, ...)
{
        if (err == NULL)
                return false;
        char before[sizeof err->text];
        memcpy(before, err->text, sizeof before);
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof err->text - used, ": %s", before);
        tame(err);
        return false;
}
