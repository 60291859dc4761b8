#include "app/repeats.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/record_facts.h"
#include "base/log.h"
#include "store/segment.h"
#include "store/store.h"

enum { PIECE = 32 << 10, HEADER_ROOM = SEGMENT_PREFIX + SEGMENT_HEADER_MAX };

static bool open_frame(const char *data_directory, struct catalog *catalog,
                       const struct frame *frame, struct extent *extent, struct error *err)
{
        char path[SEGMENT_PATH_SIZE];
        return catalog_segment_path(catalog, frame->place.segment, path, err) &&
               store_open_segment(data_directory, path, frame->place.offset, frame->bytes, extent,
                                  err);
}

static bool same_bytes(const struct extent *a, const struct extent *b)
{
        uint8_t left[PIECE];
        uint8_t right[PIECE];
        for (int64_t at = 0; at < a->length;) {
                size_t wanted = a->length - at < PIECE ? (size_t)(a->length - at) : PIECE;
                ssize_t got = pread(a->fd, left, wanted, a->offset + at);
                if (got <= 0 || pread(b->fd, right, (size_t)got, b->offset + at) != got ||
                    memcmp(left, right, (size_t)got) != 0)
                        return false;
                at += got;
        }
        return true;
}

/* The record around a picture; its facts live in `room`. */
static bool read_record(const struct extent *extent, uint8_t room[static HEADER_ROOM],
                        struct segment_record *record_out)
{
        size_t length = extent->offset < HEADER_ROOM ? (size_t)extent->offset : HEADER_ROOM;
        return pread(extent->fd, room, length, extent->offset - (int64_t)length) ==
                       (ssize_t)length &&
               segment_header_before(room, length, extent->offset, record_out) &&
               record_out->picture_length == extent->length;
}

static bool read_path(const struct extent *extent, char out[static RECORD_PATH_SIZE])
{
        uint8_t room[HEADER_ROOM];
        struct segment_record record;
        struct record_facts facts;
        struct error unread;
        if (!read_record(extent, room, &record) ||
            !record_facts_parse(record.facts, record.facts_length, &facts, &unread))
                return false;
        memcpy(out, facts.path, RECORD_PATH_SIZE);
        return true;
}

static bool same_name(const struct extent *a, const struct extent *b)
{
        char left[RECORD_PATH_SIZE];
        char right[RECORD_PATH_SIZE];
        return read_path(a, left) && read_path(b, right) && strcmp(left, right) == 0;
}

static bool same_place(const struct place *a, const struct place *b)
{
        return a->segment.value == b->segment.value && a->offset == b->offset;
}

bool repeat_is(void *context, struct catalog *catalog, const struct frame *known,
               const struct frame *newcomer)
{
        const char *data_directory = context;
        struct extent a = {.fd = -1};
        struct extent b = {.fd = -1};
        struct error err;
        bool named = newcomer->time_source == TIME_NAME || newcomer->time_source == TIME_PATH;
        bool same = newcomer->time_source != TIME_RECEIVED &&
                    !same_place(&known->place, &newcomer->place) &&
                    open_frame(data_directory, catalog, known, &a, &err) &&
                    open_frame(data_directory, catalog, newcomer, &b, &err) && same_bytes(&a, &b) &&
                    (!named || same_name(&a, &b));
        if (a.fd >= 0)
                close(a.fd);
        if (b.fd >= 0)
                close(b.fd);
        return same;
}

static bool forget(const char *data_directory, struct catalog *catalog, const struct frame *repeat,
                   int64_t *freed_out, struct error *err)
{
        char below[SEGMENT_PATH_SIZE];
        char path[PATH_MAX];
        uint8_t room[HEADER_ROOM];
        struct segment_record record;
        struct extent extent = {.offset = repeat->place.offset, .length = repeat->bytes};
        if (!catalog_segment_path(catalog, repeat->place.segment, below, err))
                return false;
        if (snprintf(path, sizeof path, "%s/frames/%s", data_directory, below) >= PATH_MAX)
                return error_set(err, ERROR_INPUT, "the path of the data folder is too long");
        extent.fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (extent.fd < 0)
                return error_sys(err, "open %s", path);
        bool ok = read_record(&extent, room, &record)
                          ? segment_punch(extent.fd, record.offset,
                                          record.picture_offset + record.picture_length -
                                                  record.offset,
                                          freed_out, err)
                          : error_set(err, ERROR_CORRUPT, "no record ends at %" PRId64 " of %s",
                                      extent.offset, path);
        close(extent.fd);
        return ok;
}

void repeats_forget(const char *data_directory, struct catalog *catalog,
                    const struct frame *repeats, size_t count)
{
        struct error err = {0};
        int64_t freed = 0;
        size_t left = 0;
        for (size_t i = 0; i < count; i++) {
                int64_t more = 0;
                left += !forget(data_directory, catalog, &repeats[i], &more, &err);
                freed += more;
        }
        if (count > 0)
                log_info("ingest", "came-again", "frames=%zu freed=%" PRId64, count, freed);
        if (left > 0)
                log_warn("ingest", "not-freed", "records=%zu why=\"%s\"", left, err.text);
}
