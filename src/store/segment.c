#include "store/segment.h"

#include <string.h>
#include <sys/stat.h>

#include "store/checksum.h"
#include "store/disk.h"

static const char magic[] = "CCTVWEB1 ";

enum {
        MAGIC = sizeof magic - 1,
        HEADER_LENGTH_DIGITS = 8,
        PICTURE_LENGTH_DIGITS = 12,
        CHECKSUM_DIGITS = 16,
        /* Up to the blank before the header's own checksum. */
        CHECKED = SEGMENT_PREFIX - CHECKSUM_DIGITS - 1
};

uint64_t segment_checksum(const void *bytes, size_t length)
{
        return XXH3_64bits(bytes, length);
}

/* Of the prefix up to the checksum itself, and the facts with their line feed. */
static uint64_t header_checksum(const char *prefix, const char *facts, size_t length)
{
        XXH3_state_t state;
        XXH3_64bits_reset(&state);
        XXH3_64bits_update(&state, prefix, CHECKED);
        XXH3_64bits_update(&state, facts, length);
        return XXH3_64bits_digest(&state);
}

static char *put_hex(char *out, int digits, uint64_t value)
{
        for (int i = digits - 1; i >= 0; i--) {
                out[i] = "0123456789abcdef"[value & 15];
                value >>= 4;
        }
        out[digits] = ' ';
        return out + digits + 1;
}

/* One JSON object on one line, without the byte FF, by which players find pictures. */
static bool facts_fit(const char *facts, size_t length)
{
        if (length < 2 || length >= SEGMENT_HEADER_MAX || facts[0] != '{' ||
            facts[length - 1] != '}')
                return false;
        for (size_t i = 0; i < length; i++) {
                if ((unsigned char)facts[i] < 0x20 || (unsigned char)facts[i] == 0xff)
                        return false;
        }
        return true;
}

size_t segment_header_format(const char *facts, size_t facts_length, int64_t picture_length,
                             uint64_t checksum, char *out, size_t room)
{
        if (!facts_fit(facts, facts_length) || picture_length < 0 ||
            picture_length > SEGMENT_PICTURE_MAX || room < SEGMENT_PREFIX + facts_length + 1)
                return 0;
        memcpy(out, magic, MAGIC);
        char *at = put_hex(out + MAGIC, HEADER_LENGTH_DIGITS, facts_length + 1);
        at = put_hex(at, PICTURE_LENGTH_DIGITS, (uint64_t)picture_length);
        at = put_hex(at, CHECKSUM_DIGITS, checksum);
        memcpy(out + SEGMENT_PREFIX, facts, facts_length);
        out[SEGMENT_PREFIX + facts_length] = '\n';
        at = put_hex(at, CHECKSUM_DIGITS,
                     header_checksum(out, out + SEGMENT_PREFIX, facts_length + 1));
        at[-1] = '\n';
        return SEGMENT_PREFIX + facts_length + 1;
}

static int digit(uint8_t byte)
{
        if (byte >= '0' && byte <= '9')
                return byte - '0';
        return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* So many digits and the byte after them; moves past both. */
static bool take_hex(const uint8_t **at, int digits, char stop, uint64_t *value_out)
{
        uint64_t value = 0;
        for (int i = 0; i < digits; i++) {
                int d = digit((*at)[i]);
                if (d < 0)
                        return false;
                value = value << 4 | (unsigned)d;
        }
        *value_out = value;
        bool fits = (*at)[digits] == (uint8_t)stop;
        *at += digits + 1;
        return fits;
}

/* Whether bytes that are too few may be the start of a prefix. */
static bool may_begin(const uint8_t *bytes, size_t length)
{
        return memcmp(bytes, magic, length < MAGIC ? length : MAGIC) == 0;
}

enum segment_read segment_header_parse(const uint8_t *bytes, size_t length, int64_t offset,
                                       struct segment_record *record_out)
{
        uint64_t header_length = 0;
        uint64_t picture_length = 0;
        uint64_t checksum = 0;
        uint64_t own = 0;
        if (length == 0)
                return SEGMENT_SHORT;
        if (!may_begin(bytes, length))
                return SEGMENT_NOTHING;
        if (length < SEGMENT_PREFIX)
                return SEGMENT_SHORT;
        const uint8_t *at = bytes + MAGIC;
        if (!take_hex(&at, HEADER_LENGTH_DIGITS, ' ', &header_length) ||
            !take_hex(&at, PICTURE_LENGTH_DIGITS, ' ', &picture_length) ||
            !take_hex(&at, CHECKSUM_DIGITS, ' ', &checksum) ||
            !take_hex(&at, CHECKSUM_DIGITS, '\n', &own))
                return SEGMENT_NOTHING;
        if (header_length < 3 || header_length > SEGMENT_HEADER_MAX ||
            picture_length > SEGMENT_PICTURE_MAX ||
            offset > INT64_MAX - SEGMENT_PREFIX - SEGMENT_HEADER_MAX - SEGMENT_PICTURE_MAX)
                return SEGMENT_NOTHING;
        if (length - SEGMENT_PREFIX < header_length)
                return SEGMENT_SHORT;
        const char *facts = (const char *)bytes + SEGMENT_PREFIX;
        if (facts[header_length - 1] != '\n' || !facts_fit(facts, header_length - 1) ||
            own != header_checksum((const char *)bytes, facts, header_length))
                return SEGMENT_NOTHING;
        *record_out = (struct segment_record){
                .offset = offset,
                .picture_offset = offset + SEGMENT_PREFIX + (int64_t)header_length,
                .picture_length = (int64_t)picture_length,
                .checksum = checksum,
                .facts = facts,
                .facts_length = header_length - 1,
        };
        return SEGMENT_RECORD;
}

bool segment_header_before(const uint8_t *bytes, size_t length, int64_t picture_offset,
                           struct segment_record *record_out)
{
        for (size_t back = SEGMENT_PREFIX; back <= length; back++) {
                const uint8_t *at = bytes + length - back;
                if (segment_header_parse(at, back, picture_offset - (int64_t)back, record_out) ==
                            SEGMENT_RECORD &&
                    record_out->picture_offset == picture_offset)
                        return true;
        }
        return false;
}

bool segment_punch(int fd, int64_t offset, int64_t length, int64_t *freed_out, struct error *err)
{
        struct stat before;
        struct stat after;
        if (fstat(fd, &before) < 0)
                return error_sys(err, "stat an hour file");
        if (disk_punch(fd, offset, length) < 0)
                return error_sys(err, "free a stretch of an hour file");
        if (fstat(fd, &after) < 0)
                return error_sys(err, "stat an hour file");
        *freed_out = ((int64_t)before.st_blocks - (int64_t)after.st_blocks) * 512;
        return true;
}
