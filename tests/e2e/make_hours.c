/*
 * Writes hour files without a camera or a catalog: make_hours DATA reads lines "camera ms path" and
 * appends each file as a received picture. `make_hours --punch FILE OFFSET LENGTH` frees a stretch.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/record_facts.h"
#include "store/frame_store.h"
#include "store/segment.h"

static int32_t cameras; /* number of each name, by order of coming */
static char names[64][CAMERA_NAME_SIZE];

static bool begin_segment(void *context, struct segment *segment, struct error *err)
{
        (void)err;
        segment->id.value = ++*(int32_t *)context;
        return true;
}

static void failed(void *context, struct segment_id segment, const struct error *why)
{
        (void)context;
        (void)segment;
        fprintf(stderr, "%s\n", why->text);
        exit(1);
}

static int32_t number_of(const char *name)
{
        for (int32_t i = 0; i < cameras; i++) {
                if (strcmp(names[i], name) == 0)
                        return i + 1;
        }
        snprintf(names[cameras], sizeof names[0], "%s", name);
        return ++cameras;
}

static size_t read_file(const char *path, char *out, size_t room)
{
        FILE *file = fopen(path, "rbe");
        if (file == NULL)
                return 0;
        size_t length = fread(out, 1, room, file);
        fclose(file);
        return length;
}

static bool append(struct frame_store *store, const char *name, int64_t ms, const char *path,
                   struct error *err)
{
        static char picture[4 << 20];
        char json[RECORD_FACTS_SIZE];
        struct record_facts facts = {.received = {ms + 250}};
        struct frame_bytes piece = {picture, read_file(path, picture, sizeof picture)};
        facts_init(&facts.facts);
        facts.facts.time.ms = ms;
        facts.facts.time_source = TIME_NAME;
        facts.facts.kinds = 2; /* motion */
        snprintf(facts.facts.camera_name, sizeof facts.facts.camera_name, "%s", name);
        snprintf(facts.path, sizeof facts.path, "%.1000s", path);
        struct frame_record record = {
                .camera = {number_of(name)},
                .directory = name,
                .time = {ms},
                .facts = json,
                .facts_length = record_facts_format(&facts, json),
                .pieces = &piece,
                .piece_count = 1,
        };
        return frame_store_append(store, &record, err);
}

static int punch(char **argv)
{
        struct error err;
        int64_t freed = 0;
        int fd = open(argv[2], O_RDWR | O_CLOEXEC);
        if (fd < 0 || !segment_punch(fd, strtoll(argv[3], NULL, 10), strtoll(argv[4], NULL, 10),
                                     &freed, &err))
                return 1;
        printf("%" PRId64 "\n", freed);
        return 0;
}

int main(int argc, char **argv)
{
        struct frame_store *store = NULL;
        struct error err = {0};
        int32_t segments = 0;
        char frames[1000];
        char journal[1000];
        char name[64];
        char path[2000];
        long long ms = 0;
        if (argc == 5 && strcmp(argv[1], "--punch") == 0)
                return punch(argv);
        if (argc != 2)
                return 2;
        snprintf(frames, sizeof frames, "%s/frames", argv[1]);
        snprintf(journal, sizeof journal, "%s/begun", argv[1]);
        struct frame_store_config config = {.directory = frames,
                                            .journal = journal,
                                            .durability = DURABILITY_OS,
                                            .begin_segment = begin_segment,
                                            .context = &segments};
        bool ok = frame_store_create(&config, &store, &err);
        while (ok && scanf("%63s %lld %1999[^\n]", name, &ms, path) == 3) /* NOLINT(cert-err34-c) */
                ok = append(store, name, ms, path + (path[0] == ' '), &err);
        if (ok)
                frame_store_sync(store, failed, NULL);
        frame_store_destroy(&store);
        if (!ok)
                fprintf(stderr, "%s\n", err.text);
        return ok ? 0 : 1;
}
