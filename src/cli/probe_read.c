#include "cli/probe_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* If the end is not where it usually is, this much is searched for it. */
enum { TAIL_FAR = 1 << 16 };

static bool read_at(int fd, uint8_t *buffer, size_t size, int64_t offset, size_t *length_out,
                    struct error *err)
{
        size_t length = 0;
        while (length < size) {
                ssize_t got = pread(fd, buffer + length, size - length, offset + (int64_t)length);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return error_sys(err, "read");
                if (got == 0)
                        break;
                length += (size_t)got;
        }
        *length_out = length;
        return true;
}

static bool read_head(int fd, uint8_t *buffer, const struct understand_context *context,
                      struct facts *facts_out, struct error *err)
{
        size_t have = 0;
        size_t wanted = UNDERSTAND_HEAD_FIRST;
        while (wanted > 0) {
                size_t got = 0;
                if (!read_at(fd, buffer + have, wanted - have, (int64_t)have, &got, err))
                        return false;
                have += got;
                bool whole = have < wanted || (int64_t)have >= context->bytes;
                wanted = understand_head(buffer, have, whole, context, facts_out);
        }
        return true;
}

static bool read_tail(int fd, uint8_t *buffer, struct facts *facts, struct error *err)
{
        static const int sizes[] = {UNDERSTAND_TAIL, TAIL_FAR};
        uint32_t notes = facts->notes;
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] && !facts->complete; i++) {
                int64_t size = facts->bytes < sizes[i] ? facts->bytes : sizes[i];
                size_t got = 0;
                if (!read_at(fd, buffer, (size_t)size, facts->bytes - size, &got, err))
                        return false;
                facts->notes = notes;
                understand_tail(buffer, got, facts);
        }
        return true;
}

bool probe_read(const char *file, const struct understand_context *context,
                struct probed *probed_out, struct error *err)
{
        bool done = false;
        uint8_t *buffer = NULL;
        struct stat status;
        struct understand_context whole = *context;
        int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 || fstat(fd, &status) < 0) {
                (void)error_sys(err, "cannot be opened");
                goto out;
        }
        if (!S_ISREG(status.st_mode)) {
                (void)error_set(err, ERROR_INPUT, "%s",
                                S_ISDIR(status.st_mode)
                                        ? "is a folder: give its files, or use `cctvweb scan`"
                                        : "is not a regular file");
                goto out;
        }
        buffer = malloc(UNDERSTAND_HEAD_MAX);
        if (buffer == NULL) {
                (void)error_set(err, ERROR_FULL, "no memory to read it");
                goto out;
        }
        whole.bytes = status.st_size;
        whole.received = (struct utc){(int64_t)status.st_mtim.tv_sec * 1000 +
                                      status.st_mtim.tv_nsec / 1000000};
        probed_out->received = whole.received;
        done = read_head(fd, buffer, &whole, &probed_out->facts, err) &&
               read_tail(fd, buffer, &probed_out->facts, err);
out:
        free(buffer);
        if (fd >= 0)
                close(fd);
        return done;
}
