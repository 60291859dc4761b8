#include "export/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Separators and wild cards of other systems, and our own mark of a changed name. */
#define RESERVED "\\/:*?\"<>|~"

static bool is_reserved(const char *name, size_t at, size_t length)
{
        unsigned char byte = (unsigned char)name[at];
        return byte < 0x20 || byte == 0x7f || strchr(RESERVED, byte) != NULL ||
               ((byte == '.' || byte == ' ' || byte == '-') && (at == 0 || at + 1 == length));
}

static void add_camera(struct text *out, const struct camera *camera)
{
        size_t length = strlen(camera->name);
        bool changed = false;
        for (size_t i = 0; i < length; i++) {
                bool reserved = is_reserved(camera->name, i, length);
                text_add_char(out, (char)(reserved ? '_' : camera->name[i]));
                changed = changed || reserved;
        }
        if (changed)
                text_add_format(out, "~%" PRId32, camera->id.value);
}

static void add_time(struct text *out, const struct civil *civil)
{
        text_add_format(out, "%04d-%02d-%02d_%02d-%02d-%02d", civil->year, civil->month, civil->day,
                        civil->hour, civil->minute, civil->second);
}

void export_picture_name(const struct camera *camera, const struct frame *frame,
                         char out[static EXPORT_NAME_SIZE])
{
        struct text text;
        struct civil civil = utc_civil(frame->key.time);
        text_init(&text, out, EXPORT_NAME_SIZE);
        add_camera(&text, camera);
        text_add_char(&text, '/');
        add_time(&text, &civil);
        text_add_format(&text, ".%03dZ", civil.millisecond);
        if (frame->key.tie > 0)
                text_add_format(&text, "-%" PRIu32, frame->key.tie);
        text_add_string(&text, ".jpg");
}

static int count_cameras(const struct export_source *source)
{
        int count = 0;
        for (size_t i = 0; i < source->stretches; i++) {
                const struct export_camera *camera = source->camera(source->context, i);
                size_t j = 0;
                while (j < i && source->camera(source->context, j) != camera)
                        j++;
                count += j == i;
        }
        return count;
}

bool export_file_name(const struct export_source *source, enum export_format format,
                      char out[static EXPORT_NAME_SIZE], struct error *err)
{
        struct frame first;
        size_t count;
        size_t stretch;
        struct text text;
        source->rewind(source->context);
        if (!source->page(source->context, &first, 1, &count, &stretch, err))
                return false;
        source->rewind(source->context);
        if (count == 0)
                return error_set(err, ERROR_NOT_FOUND, "there are no pictures in this time");
        const struct export_camera *camera = source->camera(source->context, stretch);
        int cameras = count_cameras(source);
        struct civil local = zone_civil(camera->zone, first.key.time);
        text_init(&text, out, EXPORT_NAME_SIZE);
        if (cameras > 1)
                text_add_format(&text, "%d-cameras", cameras);
        else
                add_camera(&text, &camera->camera);
        text_add_char(&text, '_');
        add_time(&text, &local);
        text_add_format(&text, ".%s", export_formats[format].word);
        return true;
}
