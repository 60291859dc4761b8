#include "app/camera_paths.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/record_facts.h"
#include "store/segment.h"
#include "store/store.h"

enum {
        ONE_BY_ONE = 12,
        FRAMES = 32,
        STRIDE_MS = 30 * 60 * 1000,
        BEFORE = SEGMENT_PREFIX + SEGMENT_HEADER_MAX /* a picture's record begins within this */
};

/* The header that ends where the picture begins. */
static bool read_header(int fd, int64_t offset, char path[static RECEIVED_PATH_SIZE])
{
        uint8_t bytes[BEFORE];
        int64_t from = offset > BEFORE ? offset - BEFORE : 0;
        ssize_t got = pread(fd, bytes, (size_t)(offset - from), from);
        for (ssize_t at = got - SEGMENT_PREFIX; at >= 0; at--) {
                struct segment_record record;
                struct record_facts facts;
                struct error ignored;
                if (bytes[at] != 'C' ||
                    segment_header_parse(bytes + at, (size_t)(got - at), from + at, &record) !=
                            SEGMENT_RECORD ||
                    record.picture_offset != offset)
                        continue;
                if (!record_facts_parse(record.facts, record.facts_length, &facts, &ignored))
                        return false;
                snprintf(path, RECEIVED_PATH_SIZE, "%s", facts.path);
                return path[0] != '\0';
        }
        return false;
}

static bool path_in_hour_file(struct catalog *catalog, const char *data_directory,
                              const struct frame *frame, char path[static RECEIVED_PATH_SIZE])
{
        char segment[SEGMENT_PATH_SIZE];
        struct extent extent;
        struct error ignored;
        if (!catalog_segment_path(catalog, frame->place.segment, segment, &ignored) ||
            !store_open_segment(data_directory, segment, frame->place.offset, frame->bytes, &extent,
                                &ignored))
                return false;
        bool found = read_header(extent.fd, frame->place.offset, path);
        close(extent.fd);
        return found;
}

static bool path_in_folder(struct catalog *catalog, const struct roots *roots,
                           const struct frame *frame, char path[static RECEIVED_PATH_SIZE])
{
        const char *folder;
        struct error ignored;
        if (!catalog_folder_path(catalog, frame->place.folder, &folder, &ignored))
                return false;
        for (size_t i = 0; i < roots->count; i++) {
                if (!path_is_within(folder, roots->paths[i]))
                        continue;
                folder += strlen(roots->paths[i]);
                folder += *folder == '/';
                break;
        }
        int length = snprintf(path, RECEIVED_PATH_SIZE, "%s%s%s", folder,
                              *folder != '\0' ? "/" : "", frame->place.name);
        return length < RECEIVED_PATH_SIZE;
}

static bool is_new(const struct received_path *paths, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                if (strcmp(paths[i].path, paths[count].path) == 0)
                        return false;
        }
        return true;
}

size_t camera_paths(struct catalog *catalog, const char *data_directory, const struct roots *roots,
                    const struct camera *camera, struct received_path paths[static RECEIVED_PATHS])
{
        size_t count = 0;
        struct utc to = UTC_NONE;
        for (int i = 0; i < FRAMES && count < RECEIVED_PATHS; i++) {
                struct frame frame;
                struct error ignored;
                if (!catalog_frame_before(catalog, camera->id, to, &frame, &ignored))
                        break;
                struct received_path *path = &paths[count];
                path->rejected = false;
                path->time = utc_known(frame.received) ? frame.received : frame.key.time;
                bool found =
                        frame.place.segment.value != 0
                                ? path_in_hour_file(catalog, data_directory, &frame, path->path)
                                : frame.place.folder.value != 0 &&
                                          path_in_folder(catalog, roots, &frame, path->path);
                count += found && is_new(paths, count);
                to.ms = frame.key.time.ms - (i < ONE_BY_ONE ? 1 : STRIDE_MS);
        }
        return count;
}
