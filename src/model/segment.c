#include "model/segment.h"

#include <stdio.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000 };

struct utc segment_hour(struct utc time)
{
        int64_t rest = time.ms % HOUR_MS;
        return (struct utc){time.ms - (rest < 0 ? rest + HOUR_MS : rest)};
}

void segment_path(const struct segment *segment, char out[static SEGMENT_PATH_SIZE])
{
        struct civil hour = utc_civil(segment->hour);
        int used = snprintf(out, SEGMENT_PATH_SIZE, "%s/%04d-%02d-%02d/%02d", segment->directory,
                            hour.year, hour.month, hour.day, hour.hour);
        if (segment->number > 0)
                used += snprintf(out + used, SEGMENT_PATH_SIZE - (size_t)used, ".%d",
                                 segment->number);
        snprintf(out + used, SEGMENT_PATH_SIZE - (size_t)used, ".mjpeg");
}

/* So many digits as `width`, or as there are when it is 0; moves past them. */
static bool take_digits(const char **at, const char *end, int width, int *value_out)
{
        int value = 0;
        int digits = 0;
        while (*at < end && **at >= '0' && **at <= '9' && digits < (width > 0 ? width : 5)) {
                value = value * 10 + (**at - '0');
                digits++;
                (*at)++;
        }
        *value_out = value;
        return digits > 0 && (width == 0 || digits == width);
}

static bool take_char(const char **at, const char *end, char c)
{
        if (*at == end || **at != c)
                return false;
        (*at)++;
        return true;
}

bool segment_path_parse(const char *path, size_t length, struct segment *segment_out)
{
        const char *end = path + length;
        const char *slash = memchr(path, '/', length);
        struct civil civil = {0};
        struct segment segment = {0};
        if (slash == NULL || slash - path >= (ptrdiff_t)sizeof segment.directory)
                return false;
        memcpy(segment.directory, path, (size_t)(slash - path));
        const char *at = slash + 1;
        if (!take_digits(&at, end, 4, &civil.year) || !take_char(&at, end, '-') ||
            !take_digits(&at, end, 2, &civil.month) || !take_char(&at, end, '-') ||
            !take_digits(&at, end, 2, &civil.day) || !take_char(&at, end, '/') ||
            !take_digits(&at, end, 2, &civil.hour) || !take_char(&at, end, '.') ||
            !civil_valid(&civil) || !camera_name_valid(segment.directory))
                return false;
        if (at < end && *at >= '1' && *at <= '9' &&
            (!take_digits(&at, end, 0, &segment.number) || !take_char(&at, end, '.')))
                return false;
        if (end - at != 5 || memcmp(at, "mjpeg", 5) != 0)
                return false;
        segment.hour = civil_as_utc(&civil);
        *segment_out = segment;
        return true;
}
