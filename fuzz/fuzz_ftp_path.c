/* Arguments parted by line ends, each from where the one before led to. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "receive/ftp_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check(const char *path)
{
        size_t length = strlen(path);
        assert(length >= 1 && length < FTP_PATH_SIZE && path[0] == '/');
        assert(length == 1 || path[length - 1] != '/');
        for (size_t i = 0; i < length; i++)
                assert((unsigned char)path[i] >= 0x20 && path[i] != 0x7f);
        /* A backslash is a slash, but for one that is the second byte of a wide character. */
        for (size_t i = 0; i < length; i++)
                assert(path[i] != '\\' || (i > 0 && (unsigned char)path[i - 1] >= 0x81));
        for (const char *part = path; part != NULL; part = strchr(part + 1, '/')) {
                size_t size = strcspn(part + 1, "/");
                assert(length == 1 || (size > 0 && size <= FTP_NAME_MAX));
                assert(!(size == 1 && part[1] == '.'));
                assert(!(size == 2 && part[1] == '.' && part[2] == '.'));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        char cwd[FTP_PATH_SIZE] = "/";
        for (size_t at = 0; at < length;) {
                const uint8_t *end = memchr(bytes + at, '\n', length - at);
                size_t size = end != NULL ? (size_t)(end - (bytes + at)) : length - at;
                char path[FTP_PATH_SIZE];
                if (ftp_path_resolve(cwd, (const char *)bytes + at, size, path)) {
                        char parent[FTP_PATH_SIZE];
                        check(path);
                        ftp_path_parent(path, parent);
                        check(parent);
                        assert(strchr(ftp_path_name(path), '/') == NULL);
                        memcpy(cwd, path, sizeof cwd);
                }
                at += size + 1;
        }
        return 0;
}
