#include "receive/ftp_path.h"

#include <string.h>

#include "base/utf8.h"

static bool is_slash(char c)
{
        return c == '/' || c == '\\';
}

/* The bytes of the character at `text` in GBK, Big5 or Shift-JIS: 2 where its second byte may be
 * that of a backslash, else 1. */
static size_t wide_length(const char *text, size_t length)
{
        unsigned char lead = (unsigned char)text[0];
        unsigned char trail = length > 1 ? (unsigned char)text[1] : 0;
        return lead >= 0x81 && lead <= 0xfe && trail >= 0x40 && trail <= 0xfe && trail != 0x7f ? 2
                                                                                               : 1;
}

/* Where the part at the start of `text`, which has no slash, ends: at the first backslash that is
 * one. */
static size_t part_length(const char *text, size_t length)
{
        size_t at = 0;
        const char *first = memchr(text, '\\', length);
        if (first == NULL)
                return length;
        while (at < length && text[at] != '\\')
                at += wide_length(text + at, length - at);
        /* In UTF-8 each of them is one. */
        return utf8_valid(text, at) ? (size_t)(first - text) : at;
}

/* Drops the last part. */
static void climb(char *out, size_t *used)
{
        while (*used > 0 && out[*used - 1] != '/')
                (*used)--;
        if (*used > 0)
                (*used)--;
}

static bool add_part(const char *part, size_t length, char *out, size_t *used)
{
        if (length == 0 || (length == 1 && part[0] == '.'))
                return true;
        if (length == 2 && part[0] == '.' && part[1] == '.') {
                climb(out, used);
                return true;
        }
        if (length > FTP_NAME_MAX || *used + 1 + length >= FTP_PATH_SIZE)
                return false;
        for (size_t i = 0; i < length; i++) {
                unsigned char byte = (unsigned char)part[i];
                if (byte < 0x20 || byte == 0x7f)
                        return false;
        }
        out[(*used)++] = '/';
        memcpy(out + *used, part, length);
        *used += length;
        return true;
}

bool ftp_path_resolve(const char *cwd, const char *argument, size_t length,
                      char out[static FTP_PATH_SIZE])
{
        char path[FTP_PATH_SIZE];
        size_t used = 0;
        if (length == 0 || !is_slash(argument[0])) {
                used = strlen(cwd) > 1 ? strlen(cwd) : 0;
                memcpy(path, cwd, used);
        }
        for (size_t at = 0; at < length;) {
                const char *slash = memchr(argument + at, '/', length - at);
                size_t end = slash != NULL ? (size_t)(slash - argument) : length;
                while (at < end) {
                        size_t part = part_length(argument + at, end - at);
                        if (!add_part(argument + at, part, path, &used))
                                return false;
                        at += part + 1;
                }
                at = end + 1;
        }
        int depth = 0;
        for (size_t i = 0; i < used; i++)
                depth += path[i] == '/';
        if (depth > FTP_DEPTH_MAX)
                return false;
        if (used == 0)
                path[used++] = '/';
        memcpy(out, path, used);
        out[used] = '\0';
        return true;
}

const char *ftp_path_name(const char *path)
{
        return strrchr(path, '/') + 1;
}

void ftp_path_parent(const char *path, char out[static FTP_PATH_SIZE])
{
        size_t length = (size_t)(strrchr(path, '/') - path);
        if (length == 0)
                length = 1;
        memmove(out, path, length);
        out[length] = '\0';
}
