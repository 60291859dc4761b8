#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * The forms in which frames leave. All but MP4 hold the pictures exactly as the cameras sent them
 * and are written here as they are read; MP4 is encoded anew by the ffmpeg program.
 */
enum export_format { EXPORT_MOV, EXPORT_ZIP, EXPORT_MJPEG, EXPORT_MP4, EXPORT_FORMATS };

struct export_format_row {
        const char *word;       /* in requests, and the ending of the file's name */
        const char *type;       /* of an HTTP answer */
        bool direct;            /* needs nothing but the frames */
        bool has_clock;         /* tells when each picture is shown */
        const char *no_burn_in; /* why there cannot be text in the picture; NULL: there can */
};

extern const struct export_format_row export_formats[EXPORT_FORMATS];

/* ERROR_INPUT names those there are. */
bool export_format_parse(const char *word, enum export_format *format_out,
                         struct error *err) MUST_CHECK;
