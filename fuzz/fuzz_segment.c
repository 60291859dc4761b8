#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "store/segment.h"

struct seen {
        const uint8_t *bytes;
        int64_t size;
        int64_t last_end;
        int64_t last_intact;
        int64_t records;
};

static bool see(void *context, const struct segment_record *record, bool intact)
{
        struct seen *seen = context;
        HOLDS(record->offset >= seen->last_end);
        HOLDS(record->picture_offset > record->offset);
        HOLDS(record->picture_length >= 0 &&
              record->picture_length <= seen->size - record->picture_offset);
        HOLDS(intact == (segment_checksum(seen->bytes + record->picture_offset,
                                          (size_t)record->picture_length) == record->checksum));
        HOLDS(record->facts_length >= 2 && record->facts[0] == '{');
        seen->last_end = record->picture_offset + record->picture_length;
        if (intact)
                seen->last_intact = seen->last_end;
        seen->records++;
        return true;
}

/* Any bytes as a header, and as an hour file. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        static int fd = -1;
        struct segment_record record;
        struct segment_walk walk;
        struct error err;
        if (segment_header_parse(bytes, size, 0, &record) == SEGMENT_RECORD)
                HOLDS(record.facts_length < size);
        if (fd < 0)
                fd = memfd_create("hour", MFD_CLOEXEC);
        HOLDS(fd >= 0 && ftruncate(fd, 0) == 0);
        HOLDS(pwrite(fd, bytes, size, 0) == (ssize_t)size);
        struct seen seen = {.bytes = bytes, .size = (int64_t)size};
        struct segment_visit visit = {0, true, see, &seen};
        HOLDS(segment_walk(fd, &visit, &walk, &err));
        HOLDS(walk.records == seen.records);
        HOLDS(walk.end == seen.last_intact);
        HOLDS(walk.file_bytes == (int64_t)size && walk.broken >= 0);
        return 0;
}
