#include "export/burn_in.h"

#include <inttypes.h>
#include <stdlib.h>

enum { LINES_A_HEIGHT = 24, FONT_LEAST = 12 };

/* Shown as nothing, and keeps the sign before it from being the begin of a command. */
#define WORD_JOINER "\xe2\x81\xa0"

void burn_in_head(struct text *out, int width, int height)
{
        int font = height / LINES_A_HEIGHT;
        if (font < FONT_LEAST)
                font = FONT_LEAST;
        text_add_format(out,
                        "[Script Info]\nScriptType: v4.00+\nPlayResX: %d\nPlayResY: %d\n"
                        "WrapStyle: 2\nScaledBorderAndShadow: yes\n\n[V4+ Styles]\n"
                        "Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, "
                        "BackColour, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, "
                        "MarginV\n"
                        "Style: line,DejaVu Sans,%d,&H00ffffff,&H60000000,&H60000000,3,%d,0,1,"
                        "%d,%d,%d\n\n[Events]\nFormat: Layer, Start, End, Style, Text\n",
                        width, height, font, font / 5, font / 2, font / 2, font / 2);
}

/* A time of the film on the text's own clock. */
static void add_clock(struct text *out, int64_t at_ms)
{
        int64_t hundredths = at_ms * BURN_IN_SLOWER / 10 - 1;
        if (hundredths < 0)
                hundredths = 0;
        text_add_format(out, "%" PRId64 ":%02d:%02d.%02d", hundredths / 360000,
                        (int)(hundredths / 6000 % 60), (int)(hundredths / 100 % 60),
                        (int)(hundredths % 100));
}

/* Braces begin commands, and so do letters after a backslash. */
static void add_escaped(struct text *out, const char *name)
{
        for (; *name != '\0'; name++) {
                if (*name == '{' || *name == '}')
                        text_add_char(out, '\\');
                text_add_char(out, *name);
                if (*name == '\\')
                        text_add_string(out, WORD_JOINER);
        }
}

void burn_in_line(struct text *out, const struct export_source *source,
                  const struct walk_item *item)
{
        const struct export_camera *camera = source->camera(source->context, item->stretch);
        struct civil local = zone_civil(camera->zone, item->frame.key.time);
        int minutes = zone_offset(camera->zone, item->frame.key.time) / 60;
        text_add_string(out, "Dialogue: 0,");
        add_clock(out, item->at_ms);
        text_add_char(out, ',');
        add_clock(out, item->at_ms + item->shown_ms);
        text_add_string(out, ",line,");
        add_escaped(out, camera->camera.name);
        text_add_format(out, "  %04d-%02d-%02d %02d:%02d:%02d.%03d %c%02d:%02d\n", local.year,
                        local.month, local.day, local.hour, local.minute, local.second,
                        local.millisecond, minutes < 0 ? '-' : '+', abs(minutes) / 60,
                        abs(minutes) % 60);
}
