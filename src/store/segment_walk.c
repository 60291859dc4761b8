#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/checksum.h"
#include "store/segment.h"

/* Without pictures to check only headers are of interest, which lie far apart. */
enum { READ_ALL = 256 << 10, READ_HEADERS = 8 << 10 };

/* What a walk stands on, and a window of the file. */
struct walker {
        int fd;
        int64_t size; /* of the file, when the walk began */
        size_t step;  /* bytes to read at least */
        uint8_t *window;
        int64_t window_offset;
        size_t window_length;
        const struct segment_visit *visit;
        struct error *err;
};

static bool read_at(struct walker *walker, int64_t offset, uint8_t *out, size_t length)
{
        size_t used = 0;
        while (used < length) {
                ssize_t got = pread(walker->fd, out + used, length - used, offset + (int64_t)used);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return error_sys(walker->err, "read an hour file");
                if (got == 0)
                        return error_set(walker->err, ERROR_BUSY,
                                         "an hour file became shorter while it was read");
                used += (size_t)got;
        }
        return true;
}

/* The bytes from `offset` on: as many as `wanted`, or as the file has. */
static bool look(struct walker *walker, int64_t offset, size_t wanted, const uint8_t **bytes_out,
                 size_t *length_out)
{
        int64_t left = walker->size - offset;
        if ((int64_t)wanted > left)
                wanted = (size_t)left;
        int64_t skip = offset - walker->window_offset;
        bool inside = skip >= 0 && skip <= (int64_t)walker->window_length &&
                      wanted <= walker->window_length - (size_t)skip;
        if (!inside) {
                size_t length = wanted > walker->step ? wanted : walker->step;
                if ((int64_t)length > left)
                        length = (size_t)left;
                walker->window_length = 0;
                if (!read_at(walker, offset, walker->window, length))
                        return false;
                walker->window_offset = offset;
                walker->window_length = length;
                skip = 0;
        }
        *bytes_out = walker->window + skip;
        *length_out = wanted;
        return true;
}

static bool check_picture(struct walker *walker, const struct segment_record *record,
                          bool *intact_out)
{
        XXH3_state_t state;
        XXH3_64bits_reset(&state);
        int64_t offset = record->picture_offset;
        int64_t end = offset + record->picture_length;
        while (offset < end) {
                const uint8_t *bytes;
                size_t length;
                size_t wanted = end - offset < READ_ALL ? (size_t)(end - offset) : READ_ALL;
                if (!look(walker, offset, wanted, &bytes, &length))
                        return false;
                XXH3_64bits_update(&state, bytes, length);
                offset += (int64_t)length;
        }
        *intact_out = XXH3_64bits_digest(&state) == record->checksum;
        return true;
}

/* Past the hole or the zeros at `offset`, at least by none. */
static bool pass_zeros(struct walker *walker, int64_t offset, int64_t *next_out)
{
        while (offset < walker->size) {
                const uint8_t *bytes;
                size_t length;
                if (!look(walker, offset, READ_HEADERS, &bytes, &length))
                        return false;
                size_t zeros = 0;
                while (zeros < length && bytes[zeros] == 0)
                        zeros++;
                offset += (int64_t)zeros;
                if (zeros < length)
                        break;
                off_t data = lseek(walker->fd, offset, SEEK_DATA);
                if (data < 0 && errno == ENXIO)
                        data = walker->size; /* a hole to the end */
                if (data > offset)
                        offset = data < walker->size ? data : walker->size;
        }
        *next_out = offset;
        return true;
}

/* The next place after `offset` where a header may begin: the magic word, or zeros in number. */
static bool find_header(struct walker *walker, int64_t offset, int64_t *next_out)
{
        static const char word[] = "CCTVWEB1 ";
        enum { WORD = sizeof word - 1 };
        while (offset < walker->size) {
                const uint8_t *bytes;
                size_t length;
                if (!look(walker, offset, READ_HEADERS, &bytes, &length))
                        return false;
                const uint8_t *found = memmem(bytes, length, word, WORD);
                if (found != NULL) {
                        *next_out = offset + (found - bytes);
                        return true;
                }
                /* The word may lie across the end of what was seen. */
                offset += length > WORD ? (int64_t)(length - WORD + 1) : (int64_t)length;
        }
        *next_out = walker->size;
        return true;
}

/* Reads the header at `offset`; its facts stay until the next look. */
static bool read_header(struct walker *walker, int64_t offset, enum segment_read *read_out,
                        struct segment_record *record)
{
        const uint8_t *bytes;
        size_t length;
        if (!look(walker, offset, SEGMENT_PREFIX + SEGMENT_HEADER_MAX, &bytes, &length))
                return false;
        *read_out = segment_header_parse(bytes, length, offset, record);
        if (*read_out == SEGMENT_RECORD &&
            record->picture_length > walker->size - record->picture_offset)
                *read_out = SEGMENT_SHORT;
        return true;
}

/* Hands a whole record over. False at an error or when `each` wants no more (*more_out). */
static bool hand_over(struct walker *walker, const struct segment_record *record,
                      struct segment_walk *walk, bool *more_out)
{
        char facts[SEGMENT_HEADER_MAX];
        struct segment_record copy = *record;
        bool intact = true;
        memcpy(facts, record->facts, record->facts_length);
        copy.facts = facts;
        if (walker->visit->verify && !check_picture(walker, &copy, &intact))
                return false;
        walk->records++;
        if (intact)
                walk->end = copy.picture_offset + copy.picture_length;
        else
                walk->broken++;
        *more_out = walker->visit->each(walker->visit->context, &copy, intact);
        return true;
}

static bool walk_on(struct walker *walker, struct segment_walk *walk)
{
        int64_t offset = walker->visit->from;
        bool in_broken = false;
        bool more = true;
        while (offset < walker->size && more) {
                struct segment_record record;
                enum segment_read read;
                if (!read_header(walker, offset, &read, &record))
                        return false;
                if (read == SEGMENT_RECORD) {
                        in_broken = false;
                        if (!hand_over(walker, &record, walk, &more))
                                return false;
                        offset = record.picture_offset + record.picture_length;
                        continue;
                }
                int64_t next;
                if (!pass_zeros(walker, offset, &next))
                        return false;
                if (next > offset) {
                        offset = next;
                        continue;
                }
                /* What is short counts as broken only when a record follows: else it is the tail.
                 */
                walk->broken += in_broken ? 0 : 1;
                in_broken = true;
                if (!find_header(walker, offset + 1, &offset))
                        return false;
        }
        if (in_broken && more)
                walk->broken--; /* nothing came after it: the torn tail */
        return true;
}

bool segment_walk(int fd, const struct segment_visit *visit, struct segment_walk *walk_out,
                  struct error *err)
{
        struct stat status;
        struct segment_walk walk = {.end = visit->from};
        if (fstat(fd, &status) < 0)
                return error_sys(err, "stat an hour file");
        struct walker walker = {
                .fd = fd,
                .size = status.st_size,
                .step = visit->verify ? READ_ALL : READ_HEADERS,
                .visit = visit,
                .err = err,
        };
        walker.window = malloc(READ_ALL);
        if (walker.window == NULL)
                return error_set(err, ERROR_FULL, "no memory to read an hour file");
        walk.file_bytes = walker.size;
        bool ok = walk_on(&walker, &walk);
        free(walker.window);
        if (ok)
                *walk_out = walk;
        return ok;
}
