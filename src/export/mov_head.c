#include "export/mov_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/box.h"

enum {
        TIMESCALE = 1000,
        LANGUAGE_NONE = 0x55c4, /* "und"; also says that texts are UTF-8 */
        DOTS_PER_INCH = 72,
        NAMES_SHOWN = 5
};
#define EPOCH_1904 INT64_C(2082844800)

uint64_t mov_time(struct utc time)
{
        int64_t seconds = time.ms / 1000 + EPOCH_1904;
        return seconds > 0 ? (uint64_t)seconds : 0;
}

/* Old players know boxes of version 0 only, so 64 bits are used where 32 do not do. */
static bool needs_64(const struct mov_plan *plan)
{
        return plan->duration_ms > UINT32_MAX || mov_time(plan->first) > UINT32_MAX;
}

static size_t begin_times(struct text *out, const char type[static 4], const struct mov_plan *plan,
                          uint32_t flags)
{
        return box_begin_full(out, type, needs_64(plan) ? 1 : 0, flags);
}

static void add_time(struct text *out, const struct mov_plan *plan, uint64_t value)
{
        if (needs_64(plan))
                box_64(out, value);
        else
                box_32(out, (uint32_t)value);
}

static void add_created(struct text *out, const struct mov_plan *plan)
{
        add_time(out, plan, mov_time(plan->first));
        add_time(out, plan, mov_time(plan->first)); /* changed */
}

static void add_matrix(struct text *out)
{
        static const uint32_t unity[9] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
        for (int i = 0; i < 9; i++)
                box_32(out, unity[i]);
}

static void add_movie_header(struct text *out, const struct mov_plan *plan)
{
        size_t box = begin_times(out, "mvhd", plan, 0);
        add_created(out, plan);
        box_32(out, TIMESCALE);
        add_time(out, plan, (uint64_t)plan->duration_ms);
        box_32(out, 0x10000); /* rate */
        box_16(out, 0x100);   /* volume */
        box_zeros(out, 10);
        add_matrix(out);
        box_zeros(out, 24);
        box_32(out, 2); /* next track */
        box_end(out, box, 0);
}

static void add_track_header(struct text *out, const struct mov_plan *plan)
{
        int width = 0;
        int height = 0;
        for (size_t i = 0; i < plan->size_count; i++) {
                if (plan->sizes[i].width > width)
                        width = plan->sizes[i].width;
                if (plan->sizes[i].height > height)
                        height = plan->sizes[i].height;
        }
        size_t box = begin_times(out, "tkhd", plan, 7); /* enabled, in movie, in preview */
        add_created(out, plan);
        box_32(out, 1); /* track */
        box_zeros(out, 4);
        add_time(out, plan, (uint64_t)plan->duration_ms);
        box_zeros(out, 8 + 2 + 2 + 2 + 2); /* layer, group, volume */
        add_matrix(out);
        box_32(out, (uint32_t)width << 16);
        box_32(out, (uint32_t)height << 16);
        box_end(out, box, 0);
}

static void add_media_header(struct text *out, const struct mov_plan *plan)
{
        size_t box = begin_times(out, "mdhd", plan, 0);
        add_created(out, plan);
        box_32(out, TIMESCALE);
        add_time(out, plan, (uint64_t)plan->duration_ms);
        box_16(out, LANGUAGE_NONE);
        box_16(out, 0);
        box_end(out, box, 0);
}

static void add_handler(struct text *out, const char component[static 4], const char kind[static 4],
                        const char *name)
{
        size_t box = box_begin_full(out, "hdlr", 0, 0);
        text_add(out, component, 4);
        text_add(out, kind, 4);
        box_zeros(out, 12);
        box_8(out, (unsigned)strlen(name));
        text_add_string(out, name);
        box_end(out, box, 0);
}

/* ---- what is told of the pictures ---- */

/* The names of the cameras, each once. */
static void add_names(struct text *out, const struct export_source *source)
{
        const char *shown[NAMES_SHOWN];
        size_t count = 0;
        for (size_t i = 0; i < source->stretches; i++) {
                const char *name = source->camera(source->context, i)->camera.name;
                size_t j = 0;
                while (j < count && strcmp(shown[j], name) != 0)
                        j++;
                if (j < count)
                        continue;
                if (count == NAMES_SHOWN) {
                        text_add_string(out, ", ...");
                        return;
                }
                text_add_format(out, "%s%s", count > 0 ? ", " : "", name);
                shown[count++] = name;
        }
}

static void add_local_time(struct text *out, const struct zone *zone, struct utc time)
{
        struct civil local = zone_civil(zone, time);
        int minutes = zone_offset(zone, time) / 60;
        text_add_format(out, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d%02d", local.year, local.month,
                        local.day, local.hour, local.minute, local.second, minutes < 0 ? '-' : '+',
                        abs(minutes) / 60, abs(minutes) % 60);
}

static void add_user_text(struct text *out, const char type[static 4], const char *text)
{
        size_t box = box_begin(out, type);
        box_16(out, (unsigned)strlen(text));
        box_16(out, LANGUAGE_NONE);
        text_add_string(out, text);
        box_end(out, box, 0);
}

static void add_user_data(struct text *out, const char *names)
{
        size_t box = box_begin(out, "udta");
        add_user_text(out, "\251nam", names);
        add_user_text(out, "\251swr", "cctvweb");
        box_zeros(out, 4); /* the old end of the list */
        box_end(out, box, 0);
}

struct key {
        const char *name;
        const char *value;
};

static void add_keys(struct text *out, const struct key *keys, size_t count)
{
        size_t meta = box_begin(out, "meta");
        add_handler(out, "\0\0\0\0", "mdta", "");
        size_t box = box_begin_full(out, "keys", 0, 0);
        box_32(out, (uint32_t)count);
        for (size_t i = 0; i < count; i++) {
                size_t key = box_begin(out, "mdta");
                text_add_string(out, keys[i].name);
                box_end(out, key, 0);
        }
        box_end(out, box, 0);
        box = box_begin(out, "ilst");
        for (size_t i = 0; i < count; i++) {
                char index[4] = {0, 0, 0, (char)(i + 1)};
                size_t item = box_begin(out, index);
                size_t data = box_begin(out, "data");
                box_32(out, 1); /* UTF-8 */
                box_32(out, 0); /* any locale */
                text_add_string(out, keys[i].value);
                box_end(out, data, 0);
                box_end(out, item, 0);
        }
        box_end(out, box, 0);
        box_end(out, meta, 0);
}

static void add_metadata(struct text *out, const struct mov_plan *plan,
                         const struct export_source *source)
{
        enum { NAMES_SIZE = NAMES_SHOWN * (CAMERA_NAME_SIZE + 2) + 8 };
        char names_buffer[NAMES_SIZE];
        char time_buffer[40];
        struct text names;
        struct text time;
        const struct export_camera *camera = source->camera(source->context, 0);
        text_init(&names, names_buffer, sizeof names_buffer);
        text_init(&time, time_buffer, sizeof time_buffer);
        add_names(&names, source);
        add_local_time(&time, camera->zone, plan->first);
        struct key keys[4] = {
                {"com.apple.quicktime.title", names_buffer},
                {"com.apple.quicktime.creationdate", time_buffer},
                {"com.apple.quicktime.software", "cctvweb"},
                {"com.apple.quicktime.model", camera->camera.model},
        };
        add_user_data(out, names_buffer);
        add_keys(out, keys, source->stretches == 1 && camera->camera.model[0] != '\0' ? 4 : 3);
}

/* ---- descriptions ---- */

static void add_description(struct text *out, const struct mov_size *size)
{
        static const char compressor[] = "Photo - JPEG";
        size_t box = box_begin(out, "jpeg");
        box_zeros(out, 6);
        box_16(out, 1);     /* the one data reference */
        box_zeros(out, 8);  /* version, revision, vendor */
        box_zeros(out, 4);  /* temporal quality: every picture stands alone */
        box_32(out, 0x200); /* spatial quality: normal */
        box_16(out, (unsigned)size->width);
        box_16(out, (unsigned)size->height);
        box_32(out, DOTS_PER_INCH << 16);
        box_32(out, DOTS_PER_INCH << 16);
        box_32(out, 0);
        box_16(out, 1); /* a picture a sample */
        box_8(out, sizeof compressor - 1);
        text_add_string(out, compressor);
        box_zeros(out, 31 - (sizeof compressor - 1));
        box_16(out, 24);     /* bits a dot */
        box_16(out, 0xffff); /* no table of colours */
        box_end(out, box, 0);
}

static void add_descriptions(struct text *out, const struct mov_plan *plan)
{
        size_t box = box_begin_full(out, "stsd", 0, 0);
        box_32(out, (uint32_t)plan->size_count);
        for (size_t i = 0; i < plan->size_count; i++)
                add_description(out, &plan->sizes[i]);
        box_end(out, box, 0);
}

static void add_data_reference(struct text *out)
{
        size_t information = box_begin(out, "dinf");
        size_t references = box_begin_full(out, "dref", 0, 0);
        box_32(out, 1);
        size_t here = box_begin_full(out, "url ", 0, 1); /* in this very file */
        box_end(out, here, 0);
        box_end(out, references, 0);
        box_end(out, information, 0);
}

void mov_head_write(struct text *out, const struct mov_plan *plan,
                    const struct export_source *source)
{
        uint32_t more = plan->tables_bytes;
        size_t box = box_begin(out, "ftyp");
        text_add_string(out, "qt  ");
        box_32(out, 0x20050300);
        text_add_string(out, "qt  ");
        box_end(out, box, 0);
        size_t movie = box_begin(out, "moov");
        add_movie_header(out, plan);
        add_metadata(out, plan, source);
        size_t track = box_begin(out, "trak");
        add_track_header(out, plan);
        size_t media = box_begin(out, "mdia");
        add_media_header(out, plan);
        add_handler(out, "mhlr", "vide", "VideoHandler");
        size_t information = box_begin(out, "minf");
        box = box_begin_full(out, "vmhd", 0, 1);
        box_zeros(out, 8);
        box_end(out, box, 0);
        add_handler(out, "dhlr", "url ", "DataHandler");
        add_data_reference(out);
        size_t samples = box_begin(out, "stbl");
        add_descriptions(out, plan);
        box_end(out, samples, more);
        box_end(out, information, more);
        box_end(out, media, more);
        box_end(out, track, more);
        box_end(out, movie, more);
}
