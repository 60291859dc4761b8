#include "serve/frame_open.h"

#include <inttypes.h>
#include <unistd.h>

bool frame_open(struct catalog *catalog, const struct frame *frame, struct extent *extent_out,
                struct error *err)
{
        char now[UTC_TEXT_SIZE];
        utc_format(utc_now(), now);
        const char *folder;
        struct extent extent;
        if (!catalog_folder_path(catalog, frame->place.folder, &folder, err))
                return false;
        struct error cause = {0};
        if (!store_open(folder, &frame->place, &extent, &cause)) {
                if (cause.kind == ERROR_GONE)
                        return error_set(err, ERROR_GONE, "%s (noticed %s)", cause.text, now);
                return error_set(err, cause.kind, "%s", cause.text);
        }
        bool same_size = frame->bytes == 0 || frame->bytes == extent.length;
        bool same_time = frame->bytes == 0 || !utc_known(frame->received) ||
                         frame->received.ms == extent.modified.ms;
        if (same_size && same_time) {
                *extent_out = extent;
                return true;
        }
        close(extent.fd);
        char then[UTC_TEXT_SIZE] = "unknown";
        char modified[UTC_TEXT_SIZE];
        if (utc_known(frame->received))
                utc_format(frame->received, then);
        utc_format(extent.modified, modified);
        return error_set(err, ERROR_GONE,
                         "%s/%s is another file than was catalogued: it had %" PRId64
                         " bytes of %s, now there are %" PRId64 " of %s (noticed %s)",
                         folder, frame->place.name, frame->bytes, then, extent.length, modified,
                         now);
}
