#include "small_source.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REAL_MOST = 1 << 20 };

static const struct export_camera *camera_of(void *context, size_t stretch)
{
        const struct small_source *small = context;
        return &small->cameras[stretch];
}

static const struct stretch *stretch_at(void *context, size_t stretch)
{
        const struct small_source *small = context;
        return &small->stretches[stretch];
}

static void rewind_it(void *context)
{
        struct small_source *small = context;
        small->at = 0;
        small->rewinds++;
}

static bool page(void *context, struct frame *frames, size_t room, size_t *count_out,
                 size_t *stretch_out, struct error *err)
{
        struct small_source *small = context;
        (void)err;
        size_t count = small->count;
        if (small->drop_last_at > 0 && small->rewinds >= small->drop_last_at)
                count--;
        *count_out = 0;
        if (small->at < count)
                *stretch_out = small->stretch_of[small->at];
        while (small->at < count && *count_out < room && *count_out < small->page_most &&
               small->stretch_of[small->at] == *stretch_out)
                frames[(*count_out)++] = small->frames[small->at++];
        return true;
}

static bool open_frame(void *context, const struct frame *frame, struct extent *extent_out,
                       struct error *err)
{
        struct small_source *small = context;
        if (small->fail_open != SIZE_MAX &&
            frame->place.offset == small->frames[small->fail_open].place.offset)
                return error_set(err, ERROR_GONE, "it is no longer there");
        *extent_out = (struct extent){
                .fd = dup(small->fd), .offset = frame->place.offset, .length = frame->bytes};
        return true;
}

static bool describe(void *context, const struct frame *frame, struct json *kinds,
                     struct text *path, struct error *err)
{
        (void)context;
        (void)err;
        json_open_array(kinds);
        json_close_array(kinds);
        text_add_format(path, "pictures/%lld.jpg", (long long)frame->key.time.ms);
        return true;
}

void small_source_init(struct small_source *small)
{
        static const char *const names[SMALL_STRETCHES] = {"gate", "it's:50%\\{x}", "gate", "yard"};
        char path[] = "/tmp/cctvweb-small-XXXXXX";
        struct error err;
        memset(small, 0, sizeof *small);
        small->page_most = SIZE_MAX;
        small->fail_open = SIZE_MAX;
        small->fd = mkstemp(path);
        assert(small->fd >= 0);
        unlink(path);
        for (int i = 0; i < SMALL_STRETCHES; i++) {
                struct export_camera *camera = &small->cameras[i];
                camera->camera.id.value = i + 1;
                snprintf(camera->camera.name, sizeof camera->camera.name, "%s", names[i]);
                snprintf(camera->camera.zone, sizeof camera->camera.zone, "America/Chicago");
                bool loaded = zone_load(camera->camera.zone, &camera->zone, &err);
                assert(loaded);
                small->stretches[i].camera = camera->camera.id;
        }
        small->source = (struct export_source){
                .context = small,
                .camera = camera_of,
                .stretch = stretch_at,
                .rewind = rewind_it,
                .page = page,
                .open = open_frame,
                .describe = describe,
        };
}

void small_source_finish(struct small_source *small)
{
        for (int i = 0; i < SMALL_STRETCHES; i++)
                zone_free(&small->cameras[i].zone);
        close(small->fd);
}

unsigned char small_source_byte(size_t frame, int64_t at)
{
        return (unsigned char)(frame * 37 + (size_t)at * 11 + 5);
}

void small_source_add(struct small_source *small, size_t stretch, int64_t time_ms, int64_t bytes,
                      int width, int height)
{
        size_t i = small->count++;
        assert(i < SMALL_FRAMES);
        small->stretch_of[i] = stretch;
        small->frames[i] = (struct frame){
                .key = {small->cameras[stretch].camera.id, {time_ms}, 0},
                .received = UTC_NONE,
                .sequence = -1,
                .width = width,
                .height = height,
                .bytes = bytes,
        };
        small->frames[i].place.offset = small->file_bytes;
        if (bytes <= REAL_MOST) {
                unsigned char *pattern = malloc((size_t)bytes);
                for (int64_t at = 0; at < bytes; at++)
                        pattern[at] = small_source_byte(i, at);
                ssize_t put = pwrite(small->fd, pattern, (size_t)bytes, small->file_bytes);
                assert(put == bytes);
                free(pattern);
        }
        small->file_bytes += bytes <= REAL_MOST ? bytes : 0;
        small->source.frames++;
        small->source.bytes += bytes;
        if (stretch + 1 > small->source.stretches)
                small->source.stretches = stretch + 1;
}
