#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zone_rule.h"

/* What RFC 9636 allows an offset to be, 25:59:59 each way and no more. */
enum { OFFSET_MAX = 93599, FILE_MAX = 1 << 18, NAME_MAX_LENGTH = 63, HEADER = 44 };

struct zone {
        bool has_rule;
        struct zone_rule rule; /* after the last change */
        int before;            /* offset before the first change */
        size_t count;
        int64_t *changes; /* ascending moments, seconds since 1970 */
        int32_t *offsets; /* from changes[i] on */
};

/* ---- reading ---- */

struct counts {
        uint32_t is_ut, is_std, leap, time, type, chars;
};

static uint32_t u32(const uint8_t *at)
{
        return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t i64(const uint8_t *at)
{
        return (int64_t)((uint64_t)u32(at) << 32 | u32(at + 4));
}

static bool read_header(const uint8_t *bytes, size_t length, uint8_t *version_out,
                        struct counts *counts)
{
        if (length < HEADER || memcmp(bytes, "TZif", 4) != 0)
                return false;
        *version_out = bytes[4];
        *counts = (struct counts){u32(bytes + 20), u32(bytes + 24), u32(bytes + 28),
                                  u32(bytes + 32), u32(bytes + 36), u32(bytes + 40)};
        return counts->time <= FILE_MAX && counts->type >= 1 && counts->type <= 256 &&
               counts->chars <= FILE_MAX && counts->leap <= FILE_MAX && counts->is_ut <= 256 &&
               counts->is_std <= 256;
}

/* Bytes of a data block whose moments have `width` bytes. All counts are small, no overflow. */
static size_t block_size(const struct counts *counts, size_t width)
{
        return counts->time * (width + 1) + counts->type * (size_t)6 + counts->chars +
               counts->leap * (width + 4) + counts->is_std + counts->is_ut;
}

static int64_t read_change(const uint8_t *block, size_t width, size_t index)
{
        const uint8_t *at = block + index * width;
        return width == 8 ? i64(at) : (int32_t)u32(at);
}

static bool read_types(const uint8_t *types, size_t count, int32_t offsets[256])
{
        for (size_t i = 0; i < count; i++) {
                offsets[i] = (int32_t)u32(types + i * 6);
                if (offsets[i] > OFFSET_MAX || offsets[i] < -OFFSET_MAX || types[i * 6 + 4] > 1)
                        return false;
        }
        return true;
}

/* Before the first change holds the first type that is no summer time, as in glibc, which is type 0
 * (what RFC 9636 says) in every zone there is. */
static int first_offset(const uint8_t *types, size_t count, const int32_t offsets[256])
{
        for (size_t i = 0; i < count; i++) {
                if (types[i * 6 + 4] == 0)
                        return offsets[i];
        }
        return offsets[0];
}

static bool read_block(struct zone *zone, const uint8_t *block, const struct counts *counts,
                       size_t width)
{
        const uint8_t *indices = block + counts->time * width;
        const uint8_t *types = indices + counts->time;
        int32_t offsets[256];
        if (!read_types(types, counts->type, offsets))
                return false;
        zone->before = first_offset(types, counts->type, offsets);
        for (size_t i = 0; i < counts->time; i++) {
                zone->changes[i] = read_change(block, width, i);
                if (indices[i] >= counts->type ||
                    (i > 0 && zone->changes[i] <= zone->changes[i - 1]))
                        return false;
                zone->offsets[i] = offsets[indices[i]];
        }
        zone->count = counts->time;
        return true;
}

/* The rule between two newlines; an empty one means that the last offset holds for ever. */
static bool read_footer(struct zone *zone, const uint8_t *bytes, size_t length)
{
        if (length < 2 || bytes[0] != '\n')
                return false;
        const uint8_t *end = memchr(bytes + 1, '\n', length - 1);
        if (end == NULL)
                return false;
        size_t rule_length = (size_t)(end - bytes) - 1;
        zone->has_rule = rule_length > 0;
        return rule_length == 0 ||
               zone_rule_parse((const char *)bytes + 1, rule_length, &zone->rule);
}

static bool read_zone(struct zone *zone, const uint8_t *bytes, size_t length, const char **why)
{
        *why = "is not a time zone file";
        struct counts counts;
        uint8_t version = 0;
        if (!read_header(bytes, length, &version, &counts))
                return false;
        *why = "is damaged";
        size_t width = 4;
        size_t at = HEADER;
        if (version >= '2') {
                size_t skip = at + block_size(&counts, width);
                if (skip > length || !read_header(bytes + skip, length - skip, &version, &counts))
                        return false;
                width = 8;
                at = skip + HEADER;
        }
        size_t size = block_size(&counts, width);
        if (size > length - at)
                return false;
        if (counts.leap > 0) {
                *why = "counts leap seconds, which POSIX time does not";
                return false;
        }
        zone->changes = calloc(counts.time + 1, sizeof *zone->changes);
        zone->offsets = calloc(counts.time + 1, sizeof *zone->offsets);
        if (zone->changes == NULL || zone->offsets == NULL) {
                *why = "does not fit into memory";
                return false;
        }
        if (!read_block(zone, bytes + at, &counts, width))
                return false;
        return width == 4 || read_footer(zone, bytes + at + size, length - at - size);
}

bool zone_parse(const uint8_t *bytes, size_t length, struct zone **zone_out, struct error *err)
{
        struct zone *zone = calloc(1, sizeof *zone);
        if (zone == NULL)
                return error_set(err, ERROR_FULL, "no memory for a time zone");
        const char *why = "";
        if (length > FILE_MAX || !read_zone(zone, bytes, length, &why)) {
                zone_free(&zone);
                return error_set(err, ERROR_INPUT, "the time zone data %s",
                                 length > FILE_MAX ? "is too large" : why);
        }
        *zone_out = zone;
        return true;
}

void zone_free(struct zone **zone)
{
        if (*zone == NULL)
                return;
        free((*zone)->changes);
        free((*zone)->offsets);
        free(*zone);
        *zone = NULL;
}

/* ---- loading ---- */

/* Words of letters, digits, + - _ joined by '/', as all IANA names are: no way out of the folder.
 * They begin with a capital; what else lies there ("localtime", "posix/...") no browser knows. */
static bool name_acceptable(const char *name)
{
        size_t length = strlen(name);
        if (length == 0 || length > NAME_MAX_LENGTH || name[0] < 'A' || name[0] > 'Z')
                return false;
        char before = '/';
        for (size_t i = 0; i < length; i++) {
                char c = name[i];
                bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
                if (!word && (c != '/' || before == '/'))
                        return false;
                before = c;
        }
        return before != '/';
}

static bool read_file(int fd, uint8_t *buffer, size_t size, size_t *length_out)
{
        size_t length = 0;
        while (length < size) {
                ssize_t got = read(fd, buffer + length, size - length);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return false;
                if (got == 0)
                        break;
                length += (size_t)got;
        }
        *length_out = length;
        return true;
}

static bool load_file(const char *name, int fd, struct zone **zone_out, struct error *err)
{
        struct stat status;
        if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
                return error_set(err, ERROR_INPUT, "there is no time zone \"%s\"", name);
        uint8_t *buffer = malloc(FILE_MAX + 1);
        if (buffer == NULL)
                return error_set(err, ERROR_FULL, "no memory for time zone %s", name);
        size_t length = 0;
        bool done = read_file(fd, buffer, FILE_MAX + 1, &length);
        if (!done)
                (void)error_sys(err, "read time zone %s", name);
        else if (!zone_parse(buffer, length, zone_out, err))
                done = error_prefix(err, "%s", name);
        free(buffer);
        return done;
}

static bool make_utc(struct zone **zone_out, struct error *err)
{
        *zone_out = calloc(1, sizeof **zone_out);
        return *zone_out != NULL || error_set(err, ERROR_FULL, "no memory for a time zone");
}

bool zone_load(const char *name, struct zone **zone_out, struct error *err)
{
        static const char *const folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                              "/etc/zoneinfo"};
        if (strcmp(name, "UTC") == 0)
                return make_utc(zone_out, err);
        if (!name_acceptable(name))
                return error_set(err, ERROR_INPUT,
                                 "\"%.64s\" is not the name of a time zone: write it like "
                                 "America/Chicago",
                                 name);
        for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
                int folder = open(folders[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (folder < 0)
                        continue;
                int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
                close(folder);
                if (fd < 0)
                        continue;
                bool loaded = load_file(name, fd, zone_out, err);
                close(fd);
                return loaded;
        }
        return error_set(err, ERROR_INPUT,
                         "there is no time zone \"%s\" (names are like America/Chicago; the "
                         "package tzdata holds them)",
                         name);
}

/* ---- looking up ---- */

static int64_t floor_seconds(struct utc time)
{
        return time.ms / 1000 - (time.ms % 1000 < 0);
}

static struct zone_stretch stretch_at(const struct zone *zone, int64_t t)
{
        size_t low = 0; /* changes[low - 1] <= t < changes[high] */
        size_t high = zone->count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (zone->changes[middle] <= t)
                        low = middle + 1;
                else
                        high = middle;
        }
        struct zone_stretch stretch = {INT64_MIN, INT64_MAX, zone->before};
        if (low > 0) {
                stretch.from = zone->changes[low - 1];
                stretch.offset = zone->offsets[low - 1];
        }
        if (low < zone->count) {
                stretch.to = zone->changes[low];
        } else if (zone->has_rule) {
                int64_t table_end = stretch.from;
                stretch = zone_rule_at(&zone->rule, t);
                if (stretch.from < table_end)
                        stretch.from = table_end;
        }
        return stretch;
}

int zone_offset(const struct zone *zone, struct utc time)
{
        return stretch_at(zone, floor_seconds(time)).offset;
}

struct civil zone_civil(const struct zone *zone, struct utc time)
{
        return utc_civil((struct utc){time.ms + (int64_t)zone_offset(zone, time) * 1000});
}

enum zone_fit zone_utc(const struct zone *zone, const struct civil *local, struct utc *utc_out,
                       struct utc *later_out)
{
        enum { STRETCHES_MAX = 64 }; /* of the two days around; real zones have three at most */
        int64_t wall_ms = civil_as_utc(local).ms;
        int64_t wall = floor_seconds((struct utc){wall_ms});
        int64_t found[2] = {0, 0};
        int count = 0;
        struct zone_stretch stretch = stretch_at(zone, wall - OFFSET_MAX - 1);
        int64_t skipped_by = stretch.offset; /* the offset before the gap, if there is one */
        for (int i = 0; i < STRETCHES_MAX && count < 2; i++) {
                int64_t t = wall - stretch.offset;
                if (t >= stretch.from && t < stretch.to)
                        found[count++] = stretch.offset;
                if (stretch.to > wall + OFFSET_MAX + 1 || stretch.to == INT64_MAX)
                        break;
                if (t >= stretch.to)
                        skipped_by = stretch.offset;
                stretch = stretch_at(zone, stretch.to);
        }
        int64_t offset = count > 0 ? found[0] : skipped_by;
        *utc_out = (struct utc){wall_ms - offset * 1000};
        if (later_out != NULL)
                later_out->ms = count == 2 ? wall_ms - found[1] * 1000 : utc_out->ms;
        return count == 0 ? ZONE_SKIPPED : count == 1 ? ZONE_UNIQUE : ZONE_TWICE;
}
