#include "serve/kept_hour.h"

#include <fcntl.h>
#include <unistd.h>

bool kept_hour_open(const struct kept_hour *hour, const struct frame *frame,
                    struct extent *extent_out)
{
        struct error gone;
        if (hour->segment.value == 0 || hour->segment.value != frame->place.segment.value)
                return false;
        int fd = fcntl(hour->fd, F_DUPFD_CLOEXEC, 0);
        if (fd < 0)
                return false;
        if (!store_hold(fd, frame->place.offset, frame->bytes, &gone)) {
                close(fd);
                return false;
        }
        *extent_out =
                (struct extent){.fd = fd, .offset = frame->place.offset, .length = frame->bytes};
        return true;
}

void kept_hour_keep(struct kept_hour *hour, const struct frame *frame, const struct extent *extent)
{
        kept_hour_close(hour);
        if (frame->place.segment.value == 0)
                return;
        hour->fd = fcntl(extent->fd, F_DUPFD_CLOEXEC, 0);
        if (hour->fd < 0)
                return;
        hour->segment = frame->place.segment;
        /* Descriptors made from one another share the reading ahead. */
        (void)posix_fadvise(extent->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
}

void kept_hour_close(struct kept_hour *hour)
{
        if (hour->segment.value != 0)
                close(hour->fd);
        hour->segment.value = 0;
}
