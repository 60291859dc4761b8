#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "export/burn_in.h"
#include "export/name.h"
#include "serve/disposition.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct export_camera *camera_of(void *context, size_t stretch)
{
        (void)stretch;
        return context;
}

/* One line, in which nothing is a command. */
static void check_line(const struct text *line)
{
        static const char joiner[] = "\xe2\x81\xa0";
        assert(text_ok(line) && line->length > 0 && line->bytes[line->length - 1] == '\n');
        assert(memchr(line->bytes, '\n', line->length) == line->bytes + line->length - 1);
        assert(memchr(line->bytes, '\r', line->length) == NULL);
        for (size_t i = 0; i < line->length; i++) {
                char byte = line->bytes[i];
                if (byte == '{' || byte == '}')
                        assert(i > 0 && line->bytes[i - 1] == '\\');
                if (byte == '\\')
                        assert(line->bytes[i + 1] == '{' || line->bytes[i + 1] == '}' ||
                               memcmp(line->bytes + i + 1, joiner, 3) == 0);
        }
}

static void check_name(const char *name)
{
        char header[DISPOSITION_SIZE];
        assert(strlen(name) < EXPORT_NAME_SIZE && strpbrk(name, "\\:*?\"<>|") == NULL);
        assert(name[0] != '.' && name[0] != '-' && name[0] != '/' && strstr(name, "..") != name);
        assert(strchr(name, '/') == strrchr(name, '/'));
        disposition_format(name, header);
        for (const char *at = header; *at != '\0'; at++)
                assert(*at >= 0x20 && *at < 0x7f);
        size_t quotes = 0;
        for (const char *at = header; *at != '\0'; at++)
                quotes += *at == '"';
        assert(quotes == 2);
}

/* The name of a camera, as files are named after it and as it is written into a film. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        static struct zone *zone;
        struct export_camera camera = {0};
        struct walk_item item = {.frame.key.time = {INT64_C(1400510841748)}, .shown_ms = 200};
        struct export_source source = {.context = &camera, .camera = camera_of};
        struct error err;
        char name[EXPORT_NAME_SIZE];
        struct text line;
        if (zone == NULL && !zone_load("UTC", &zone, &err))
                abort();
        if (length >= sizeof camera.camera.name)
                return 0;
        memcpy(camera.camera.name, bytes, length);
        if (!camera_name_valid(camera.camera.name))
                return 0;
        camera.camera.id.value = INT32_MAX;
        camera.zone = zone;
        item.frame.key.tie = UINT32_MAX;
        export_picture_name(&camera.camera, &item.frame, name);
        check_name(name);
        text_init_growing(&line, 4096);
        burn_in_line(&line, &source, &item);
        check_line(&line);
        text_finish(&line);
        return 0;
}
