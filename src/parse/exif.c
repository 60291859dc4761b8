#include "parse/exif.h"

#include <string.h>

#include "base/utf8.h"
#include "model/camera.h"
#include "parse/tiff.h"

/*
 * Read by hand: libexif 0.6.24 needs minutes for a directory of two hundred pointers to itself, in
 * a picture of 2,400 bytes, and nothing of it is used but what is below.
 */
enum { PREFIX = 6, TAG_EXIF = 0x8769 };

/* The entries that matter, in any directory of the two. */
enum field {
        MAKE,
        MODEL,
        CHANGED,
        ORIGINAL,
        DIGITIZED,
        CHANGED_OFFSET,
        ORIGINAL_OFFSET,
        DIGITIZED_OFFSET,
        CHANGED_FRACTION,
        ORIGINAL_FRACTION,
        DIGITIZED_FRACTION,
        ARTIST, /* Elphel puts its MAC there */
        HOURS,  /* TimeZoneOffset: whole hours, of the original and then of the changed time */
        FIELDS
};

static const uint16_t tags[FIELDS] = {
        [MAKE] = 0x010f,
        [MODEL] = 0x0110,
        [CHANGED] = 0x0132,
        [ORIGINAL] = 0x9003,
        [DIGITIZED] = 0x9004,
        [CHANGED_OFFSET] = 0x9010,
        [ORIGINAL_OFFSET] = 0x9011,
        [DIGITIZED_OFFSET] = 0x9012,
        [CHANGED_FRACTION] = 0x9290,
        [ORIGINAL_FRACTION] = 0x9291,
        [DIGITIZED_FRACTION] = 0x9292,
        [ARTIST] = 0x013b,
        [HOURS] = 0x882a,
};

struct found {
        struct tiff tiff;
        struct tiff_entry fields[FIELDS]; /* value NULL: none */
};

bool exif_is(const uint8_t *segment, size_t length)
{
        return length > PREFIX && memcmp(segment, "Exif\0", PREFIX - 1) == 0;
}

static void keep(struct found *found, const struct tiff_entry *entry)
{
        for (int field = 0; field < FIELDS; field++) {
                if (tags[field] == entry->tag && found->fields[field].value == NULL)
                        found->fields[field] = *entry;
        }
}

/* Keeps what matters of a directory; returns where the directory of EXIF is, 0 if not said. */
static size_t look_through(struct found *found, size_t directory)
{
        size_t exif = 0;
        size_t count = tiff_entries(&found->tiff, directory);
        for (size_t i = 0; i < count; i++) {
                struct tiff_entry entry;
                if (!tiff_entry(&found->tiff, directory, i, &entry))
                        continue;
                bool pointer = entry.type == TIFF_LONG || entry.type == TIFF_DIRECTORY;
                if (entry.tag == TAG_EXIF && pointer && entry.length >= 4 && exif == 0)
                        exif = tiff_u32(&found->tiff, entry.value);
                else
                        keep(found, &entry);
        }
        return exif;
}

/* The text of an entry: bytes up to a NUL, or the end. */
static bool text(const struct found *found, enum field field, const char **text_out,
                 size_t *length_out)
{
        const struct tiff_entry *entry = &found->fields[field];
        if (entry->value == NULL || (entry->type != TIFF_ASCII && entry->type != TIFF_UNDEFINED &&
                                     entry->type != TIFF_BYTE))
                return false;
        *text_out = (const char *)entry->value;
        *length_out = strnlen(*text_out, entry->length);
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

static bool read_hours(const struct found *found, size_t index, int *seconds_out)
{
        const struct tiff_entry *entry = &found->fields[HOURS];
        if (entry->value == NULL || entry->length < 2 ||
            (entry->type != TIFF_SIGNED_SHORT && entry->type != TIFF_SHORT))
                return false;
        if (entry->length < (index + 1) * 2)
                index = 0;
        int hours = (int16_t)tiff_u16(&found->tiff, entry->value + index * 2);
        if (hours < -14 || hours > 14)
                return false;
        *seconds_out = hours * 3600;
        return true;
}

static const struct source {
        enum field date, fraction, offset;
        size_t hours_index;
} sources[EXIF_TIMES] = {
        {ORIGINAL, ORIGINAL_FRACTION, ORIGINAL_OFFSET, 0},
        {DIGITIZED, DIGITIZED_FRACTION, DIGITIZED_OFFSET, 0},
        {CHANGED, CHANGED_FRACTION, CHANGED_OFFSET, 1},
};

/* An offset of its own, else that of the changed time, else whole hours. */
static bool find_offset(const struct found *found, const struct source *source, int *seconds_out)
{
        const enum field fields[] = {source->offset, CHANGED_OFFSET};
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
                const char *at = NULL;
                size_t length = 0;
                if (text(found, fields[i], &at, &length) && read_offset(at, length, seconds_out))
                        return true;
        }
        return read_hours(found, source->hours_index, seconds_out);
}

static bool read_time(const struct found *found, const struct source *source,
                      struct exif_time *time)
{
        const char *at = NULL;
        size_t length = 0;
        *time = (struct exif_time){0};
        if (!text(found, source->date, &at, &length) || !read_date(at, length, &time->civil))
                return false;
        if (text(found, source->fraction, &at, &length))
                time->civil.millisecond = read_fraction(at, length);
        time->has_offset = find_offset(found, source, &time->offset_s);
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
static void read_model(const struct found *found, char *out, size_t size)
{
        const char *make = NULL;
        const char *model = NULL;
        size_t make_length = 0;
        size_t model_length = 0;
        size_t used = 0;
        bool has_make = text(found, MAKE, &make, &make_length);
        bool has_model = text(found, MODEL, &model, &model_length);
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
        struct found found = {0};
        size_t first = 0;
        *facts_out = (struct exif_facts){0};
        if (length < PREFIX || !tiff_open(&found.tiff, segment + PREFIX, length - PREFIX, &first) ||
            tiff_entries(&found.tiff, first) == 0)
                return false;
        size_t exif = look_through(&found, first);
        if (exif != 0 && exif != first)
                (void)look_through(&found, exif);
        for (int i = 0; i < EXIF_TIMES; i++) {
                if (read_time(&found, &sources[i], &facts_out->times[facts_out->count]))
                        facts_out->count++;
        }
        read_model(&found, facts_out->model, sizeof facts_out->model);
        const char *artist = NULL;
        size_t artist_length = 0;
        facts_out->has_mac = text(&found, ARTIST, &artist, &artist_length) &&
                             mac_parse(artist, artist_length, facts_out->mac);
        return true;
}
