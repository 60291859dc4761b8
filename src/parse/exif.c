#include "parse/exif.h"

#include <limits.h>
#include <string.h>

#include <libexif/exif-data.h>
#include <libexif/exif-tag.h>

#include "base/utf8.h"

bool exif_is(const uint8_t *segment, size_t length)
{
        return length > 14 && memcmp(segment, "Exif\0", 5) == 0;
}

/* The text of an ASCII entry: bytes up to a NUL, or the end. */
static bool ascii(ExifData *data, ExifIfd ifd, ExifTag tag, const char **text_out,
                  size_t *length_out)
{
        ExifEntry *entry = exif_content_get_entry(data->ifd[ifd], tag);
        if (entry == NULL || entry->data == NULL || entry->format != EXIF_FORMAT_ASCII)
                return false;
        *text_out = (const char *)entry->data;
        *length_out = strnlen(*text_out, entry->size);
        return *length_out > 0;
}

static bool digits(const char *text, int count, int *value_out)
{
        int value = 0;
        for (int i = 0; i < count; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return false;
                value = value * 10 + (text[i] - '0');
        }
        *value_out = value;
        return true;
}

/* "2014:05:23 09:08:27"; writers that join the date otherwise are understood as well. */
static bool read_date(const char *text, size_t length, struct civil *civil)
{
        enum { WHOLE = 19 };
        if (length < WHOLE)
                return false;
        *civil = (struct civil){0};
        return digits(text, 4, &civil->year) && digits(text + 5, 2, &civil->month) &&
               digits(text + 8, 2, &civil->day) && digits(text + 11, 2, &civil->hour) &&
               digits(text + 14, 2, &civil->minute) && digits(text + 17, 2, &civil->second) &&
               strchr(":-/.", text[4]) != NULL && strchr(":-/.", text[7]) != NULL &&
               (text[10] == ' ' || text[10] == 'T') && text[13] == ':' && text[16] == ':' &&
               civil_valid(civil);
}

/* Digits of the second's fraction, as many as there are. */
static int read_fraction(const char *text, size_t length)
{
        int value = 0;
        int scale = 100;
        for (size_t i = 0; i < length && scale > 0 && text[i] >= '0' && text[i] <= '9'; i++) {
                value += (text[i] - '0') * scale;
                scale /= 10;
        }
        return value;
}

/* "+09:00" or "Z" */
static bool read_offset(const char *text, size_t length, int *seconds_out)
{
        int hours = 0;
        int minutes = 0;
        if (length >= 1 && text[0] == 'Z') {
                *seconds_out = 0;
                return true;
        }
        if (length < 6 || (text[0] != '+' && text[0] != '-') || !digits(text + 1, 2, &hours) ||
            text[3] != ':' || !digits(text + 4, 2, &minutes) || hours > 15 || minutes > 59)
                return false;
        int seconds = hours * 3600 + minutes * 60;
        *seconds_out = text[0] == '-' ? -seconds : seconds;
        return true;
}

/* TimeZoneOffset: whole hours, of the original and then of the changed time. */
static bool read_hours(ExifData *data, unsigned index, int *seconds_out)
{
        for (int ifd = EXIF_IFD_0; ifd <= EXIF_IFD_EXIF; ifd++) {
                ExifEntry *entry =
                        exif_content_get_entry(data->ifd[ifd], EXIF_TAG_TIME_ZONE_OFFSET);
                if (entry == NULL || entry->data == NULL ||
                    (entry->format != EXIF_FORMAT_SSHORT && entry->format != EXIF_FORMAT_SHORT) ||
                    entry->components == 0 || entry->size < 2 * entry->components)
                        continue;
                if (index >= entry->components)
                        index = 0;
                int hours = exif_get_sshort(entry->data + (size_t)index * 2,
                                            exif_data_get_byte_order(data));
                if (hours < -14 || hours > 14)
                        return false;
                *seconds_out = hours * 3600;
                return true;
        }
        return false;
}

static const struct source {
        ExifIfd ifd;
        ExifTag date, fraction, offset;
        unsigned hours_index;
} sources[EXIF_TIMES] = {
        {EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, EXIF_TAG_SUB_SEC_TIME_ORIGINAL,
         EXIF_TAG_OFFSET_TIME_ORIGINAL, 0},
        {EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_DIGITIZED, EXIF_TAG_SUB_SEC_TIME_DIGITIZED,
         EXIF_TAG_OFFSET_TIME_DIGITIZED, 0},
        {EXIF_IFD_0, EXIF_TAG_DATE_TIME, EXIF_TAG_SUB_SEC_TIME, EXIF_TAG_OFFSET_TIME, 1},
};

static bool read_time(ExifData *data, const struct source *source, struct exif_time *time)
{
        const char *text = NULL;
        size_t length = 0;
        *time = (struct exif_time){0};
        if (!ascii(data, source->ifd, source->date, &text, &length) ||
            !read_date(text, length, &time->civil))
                return false;
        if (ascii(data, EXIF_IFD_EXIF, source->fraction, &text, &length))
                time->civil.millisecond = read_fraction(text, length);
        time->has_offset = (ascii(data, EXIF_IFD_EXIF, source->offset, &text, &length) &&
                            read_offset(text, length, &time->offset_s)) ||
                           (ascii(data, EXIF_IFD_EXIF, EXIF_TAG_OFFSET_TIME, &text, &length) &&
                            read_offset(text, length, &time->offset_s)) ||
                           read_hours(data, source->hours_index, &time->offset_s);
        return true;
}

/* Adds words in valid UTF-8 without control bytes, blanks at the ends dropped. */
static size_t add_words(char *out, size_t used, size_t size, const char *text, size_t length)
{
        while (length > 0 && text[length - 1] == ' ')
                length--;
        while (length > 0 && *text == ' ') {
                text++;
                length--;
        }
        for (size_t i = 0; i < length;) {
                size_t valid = utf8_length(text + i, length - i);
                size_t taken = valid > 0 ? valid : 1;
                if (used + taken >= size)
                        break;
                bool plain = valid > 1 || (valid == 1 && text[i] >= 0x20 && text[i] != 0x7f);
                if (plain)
                        memcpy(out + used, text + i, taken);
                else
                        out[used] = '?';
                used += taken;
                i += taken;
        }
        out[used] = '\0';
        return used;
}

/* The model alone where it names its maker itself. */
static void read_model(ExifData *data, char *out, size_t size)
{
        const char *make = NULL;
        const char *model = NULL;
        size_t make_length = 0;
        size_t model_length = 0;
        size_t used = 0;
        bool has_make = ascii(data, EXIF_IFD_0, EXIF_TAG_MAKE, &make, &make_length);
        bool has_model = ascii(data, EXIF_IFD_0, EXIF_TAG_MODEL, &model, &model_length);
        while (has_make && make_length > 0 && make[make_length - 1] == ' ')
                make_length--;
        out[0] = '\0';
        if (has_make && !(has_model && model_length >= make_length &&
                          strncasecmp(make, model, make_length) == 0)) {
                used = add_words(out, used, size, make, make_length);
                if (has_model && used > 0 && used + 2 < size)
                        out[used++] = ' ';
        }
        if (has_model)
                used = add_words(out, used, size, model, model_length);
        while (used > 0 && out[used - 1] == ' ')
                out[--used] = '\0';
}

bool exif_read(const uint8_t *segment, size_t length, struct exif_facts *facts_out)
{
        *facts_out = (struct exif_facts){0};
        ExifData *data = exif_data_new();
        if (data == NULL || length > UINT_MAX) {
                exif_data_unref(data);
                return false;
        }
        exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
        exif_data_load_data(data, segment, (unsigned)length);
        bool any = false;
        for (int ifd = 0; ifd < EXIF_IFD_COUNT; ifd++)
                any = any || (data->ifd[ifd] != NULL && data->ifd[ifd]->count > 0);
        for (int i = 0; any && i < EXIF_TIMES; i++) {
                struct exif_time *time = &facts_out->times[facts_out->count];
                if (read_time(data, &sources[i], time))
                        facts_out->count++;
        }
        if (any)
                read_model(data, facts_out->model, sizeof facts_out->model);
        exif_data_unref(data);
        return any;
}
