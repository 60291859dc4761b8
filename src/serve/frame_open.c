#include "serve/frame_open.h"

#include <inttypes.h>
#include <unistd.h>

static bool tell_cause(const struct error *cause, const char *now, struct error *err)
{
        if (cause->kind == ERROR_GONE)
                return error_set(err, ERROR_GONE, "%s (noticed %s)", cause->text, now);
        return error_set(err, cause->kind, "%s", cause->text);
}

static bool open_received(struct catalog *catalog, const char *data_directory,
                          const struct frame *frame, struct extent *extent_out, struct error *err)
{
        char path[SEGMENT_PATH_SIZE];
        char now[UTC_TEXT_SIZE];
        struct error cause = {0};
        if (!catalog_segment_path(catalog, frame->place.segment, path, err))
                return false;
        if (!store_open_segment(data_directory, path, frame->place.offset, frame->bytes, extent_out,
                                &cause)) {
                utc_format(utc_now(), now);
                return tell_cause(&cause, now, err);
        }
        extent_out->modified = utc_known(frame->received) ? frame->received : frame->key.time;
        return true;
}

static bool open_file(struct catalog *catalog, const struct frame *frame, struct extent *extent_out,
                      struct error *err)
{
        char now[UTC_TEXT_SIZE];
        utc_format(utc_now(), now);
        const char *folder;
        struct extent extent;
        if (!catalog_folder_path(catalog, frame->place.folder, &folder, err))
                return false;
        struct error cause = {0};
        if (!store_open_file(folder, frame->place.name, &extent, &cause))
                return tell_cause(&cause, now, err);
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

bool frame_open(struct catalog *catalog, const char *data_directory, const struct frame *frame,
                struct extent *extent_out, struct error *err)
{
        if (frame->place.segment.value != 0)
                return open_received(catalog, data_directory, frame, extent_out, err);
        return open_file(catalog, frame, extent_out, err);
}
