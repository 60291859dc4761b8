#include "cli/take_in.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        GATHER_MS = 200,
        HEAP_STEP = 4 << 20 /* bytes the heap grows by */
};

/* On the writer thread; read only after ingest has stopped. */
static void note_camera(void *context, struct camera_id camera, const char *name)
{
        (void)camera;
        struct take_in *take_in = context;
        if (take_in->camera_count == take_in->camera_room) {
                size_t room = take_in->camera_room > 0 ? take_in->camera_room * 2 : 16;
                char **grown = reallocarray((void *)take_in->cameras, room, sizeof(char *));
                if (grown == NULL)
                        return;
                take_in->cameras = grown;
                take_in->camera_room = room;
        }
        char *copy = strdup(name);
        if (copy != NULL)
                take_in->cameras[take_in->camera_count++] = copy;
}

bool take_in_start(struct take_in *take_in, const char *data_directory, const char *zone,
                   const char *path_template, struct error *err)
{
        const struct ingest_config config = {
                .data_directory = data_directory,
                .zone = zone,
                .path_template = path_template,
                .gather_ms = GATHER_MS,
                .on_camera = note_camera,
                .context = take_in,
        };
        *take_in = (struct take_in){0};
        /* Batches are made by readers and freed by the writer: with a heap a thread each would grow
         * page by page, which is a tenth of what a scan costs. */
        mallopt(M_ARENA_MAX, 1);
        mallopt(M_TOP_PAD, HEAP_STEP);
        return ingest_start(&config, &take_in->ingest, err);
}

static int compare_names(const void *left, const void *right)
{
        return strcmp(*(const char *const *)left, *(const char *const *)right);
}

bool take_in_stop(struct take_in *take_in, bool ok, struct error *err)
{
        struct error late = {0};
        bool flushed = ingest_flush(take_in->ingest, &late);
        ingest_counters(take_in->ingest, &take_in->counters);
        bool stopped = ingest_stop(&take_in->ingest, &late);
        if (take_in->camera_count > 1)
                qsort((void *)take_in->cameras, take_in->camera_count, sizeof(char *),
                      compare_names);
        if (ok && !(flushed && stopped) && err != NULL)
                *err = late;
        return ok && flushed && stopped;
}

void take_in_add_cameras(const struct take_in *take_in, struct json *json)
{
        json_name(json, "cameras_new");
        json_open_array(json);
        for (size_t i = 0; i < take_in->camera_count; i++)
                json_text(json, take_in->cameras[i]);
        json_close_array(json);
}

void take_in_print_cameras(const struct take_in *take_in)
{
        if (take_in->camera_count == 0)
                return;
        fprintf(stderr, "new cameras:");
        for (size_t i = 0; i < take_in->camera_count; i++)
                fprintf(stderr, "%s %s", i > 0 ? "," : "", take_in->cameras[i]);
        fputc('\n', stderr);
}

void take_in_finish(struct take_in *take_in)
{
        for (size_t i = 0; i < take_in->camera_count; i++)
                free(take_in->cameras[i]);
        free((void *)take_in->cameras);
        *take_in = (struct take_in){0};
}
