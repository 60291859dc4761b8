#include "export/format.h"

#include <string.h>

#define UNTOUCHED "pictures are exported as they were sent; only mp4 can carry text"

const struct export_format_row export_formats[EXPORT_FORMATS] = {
        [EXPORT_MOV] = {"mov", "video/quicktime", true, true, UNTOUCHED},
        [EXPORT_ZIP] = {"zip", "application/zip", true, false, UNTOUCHED},
        [EXPORT_MJPEG] = {"mjpeg", "video/x-motion-jpeg", true, false, UNTOUCHED},
        [EXPORT_MP4] = {"mp4", "video/mp4", false, true, NULL},
};

bool export_format_parse(const char *word, enum export_format *format_out, struct error *err)
{
        for (int i = 0; i < EXPORT_FORMATS; i++) {
                if (strcmp(word, export_formats[i].word) == 0) {
                        *format_out = (enum export_format)i;
                        return true;
                }
        }
        return error_set(err, ERROR_INPUT, "format: \"%.20s\" is none of mov, mp4, zip, mjpeg",
                         word);
}
