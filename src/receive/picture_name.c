#include "receive/picture_name.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

static const char *const words[SKIP_REASONS] = {
        [SKIP_NONE] = "none",          [SKIP_EXTENSION] = "extension",
        [SKIP_HIDDEN] = "hidden",      [SKIP_TEMPORARY] = "temporary",
        [SKIP_VENDOR] = "vendor-file", [SKIP_LINK] = "symbolic-link",
        [SKIP_SPECIAL] = "no-file",    [SKIP_EMPTY] = "empty",
        [SKIP_NOT_JPEG] = "not-jpeg",  [SKIP_UNFINISHED] = "unfinished",
};

const char *skip_word(enum skip_reason reason)
{
        assert(reason >= 0 && reason < SKIP_REASONS);
        return words[reason];
}

static bool is_number(const char *text)
{
        return text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}

/* `dot` points at the last dot of the name, or at one before a number. */
static bool is_jpeg_extension(const char *dot, size_t length)
{
        static const char *const extensions[] = {".jpg", ".jpeg", ".jpe"};
        for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
                if (strlen(extensions[i]) == length && strncasecmp(dot, extensions[i], length) == 0)
                        return true;
        }
        return false;
}

/*
 * Times and windows bring dots of their own (`10.30.14`, `09_08_27.trig-01`), so only a short last
 * part of letters and digits with a letter in it counts as an extension.
 */
static bool looks_like_extension(const char *dot)
{
        size_t length = strlen(dot + 1);
        return length > 0 && length <= 8 && !is_number(dot + 1) &&
               strspn(dot + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
                       length;
}

/* `.txt` before a number, as STOU makes it of a file that is no picture. */
static bool has_letters_only(const char *dot, size_t length)
{
        if (length < 3 || length > 5)
                return false;
        for (size_t i = 1; i < length; i++) {
                if ((dot[i] | 0x20) < 'a' || (dot[i] | 0x20) > 'z')
                        return false;
        }
        return true;
}

/* What senders call a file until it is whole. */
static bool is_temporary(const char *name, const char *dot)
{
        static const char *const extensions[] = {".tmp",     ".temp",      ".part",
                                                 ".partial", ".filepart",  ".uploading",
                                                 ".upload",  ".incomplete"};
        if (dot == NULL)
                return strcasecmp(name, "tmp") == 0 || strcasecmp(name, "temp") == 0;
        for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
                if (strcasecmp(dot, extensions[i]) == 0)
                        return true;
        }
        return name[strlen(name) - 1] == '~';
}

enum skip_reason picture_name_skip(const char *name)
{
        if (name[0] == '.')
                return SKIP_HIDDEN;
        const char *dot = strrchr(name, '.');
        if (is_temporary(name, dot))
                return SKIP_TEMPORARY;
        if (dot == NULL)
                return strcmp(name, "DVRWorkDirectory") == 0 ? SKIP_VENDOR : SKIP_NONE;
        if (is_jpeg_extension(dot, strlen(dot)))
                return SKIP_NONE;
        if (is_number(dot + 1)) {
                const char *before = memrchr(name, '.', (size_t)(dot - name));
                if (before != NULL && is_jpeg_extension(before, (size_t)(dot - before)))
                        return SKIP_NONE;
                size_t length = before != NULL ? (size_t)(dot - before) : 0;
                return has_letters_only(before, length) ? SKIP_EXTENSION : SKIP_NONE;
        }
        return looks_like_extension(dot) ? SKIP_EXTENSION : SKIP_NONE;
}
