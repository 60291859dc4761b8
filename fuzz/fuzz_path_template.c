#include <string.h>

#include "fuzz.h"
#include "model/camera.h"
#include "parse/path_template.h"

/* A template, a zero byte, a path. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        const uint8_t *zero = size > 0 ? memchr(bytes, '\0', size) : NULL;
        size_t length = zero != NULL ? (size_t)(zero - bytes) : size;
        struct path_template *path_template = NULL;
        struct error err = {0};
        if (!path_template_compile((const char *)bytes, length, &path_template, &err)) {
                HOLDS(path_template == NULL && err.kind == ERROR_INPUT && err.text[0] != '\0');
                return 0;
        }
        const char *path = zero != NULL ? (const char *)zero + 1 : "";
        size_t path_length = zero != NULL ? size - length - 1 : 0;
        struct templated found;
        struct template_reading reading;
        bool fits = path_template_match(path_template, path, path_length, &found);
        path_template_explain(path_template, path, path_length, &reading);
        HOLDS(reading.fits == fits && reading.wanted != NULL);
        HOLDS(reading.stops_at <= path_length && (reading.template_at < length || length == 0));
        size_t at = 0;
        for (size_t i = 0; fits && i < reading.count; i++) {
                const struct template_piece *piece = &reading.pieces[i];
                HOLDS(piece->at >= at && piece->length > 0 && piece->means != NULL &&
                      piece->at + piece->length <= path_length);
                at = piece->at + piece->length;
        }
        if (fits) {
                HOLDS(found.time.form != NAMED_CIVIL || civil_valid(&found.time.civil));
                HOLDS(found.camera_name[0] == '\0' || camera_name_valid(found.camera_name));
                HOLDS(found.time.source == TIME_NAME || found.time.source == TIME_PATH);
        }
        path_template_free(&path_template);
        return 0;
}
