/*
 * What the store of received frames costs: append [GROUPS] prints a JSON line for each number of
 * cameras and each durability: the time of an append of 40 KB, of a sync of the group, and frames a
 * second, beside a write and a sync of each frame as a file of its own. In a folder of its own in
 * the current one.
 */
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utc.h"
#include "store/frame_store.h"

enum { PICTURE = 40000, GROUPS_MOST = 100000 };

static const char facts[] =
        "{\"time\":\"2014-05-23T14:08:20.529Z\",\"time_source\":\"vendor\",\"received\":"
        "\"2014-05-23T14:08:21.529Z\",\"camera\":\"yard\",\"mac\":\"00:50:1a:02:2c:be\","
        "\"sequence\":529057,\"kinds\":[\"motion\"],\"windows\":[3],\"width\":1280,\"height\":1024,"
        "\"path\":\"00_50_1a_02_2c_be/2014-05-23/14/14_08_20.trig-01.jpg\"}";

static char picture[PICTURE];
static char directory[] = "bench-append-XXXXXX";

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

static void must(bool ok, const struct error *err)
{
        if (!ok)
                failed(NULL, (struct segment_id){0}, err);
}

static int compare(const void *a, const void *b)
{
        int64_t left = *(const int64_t *)a;
        int64_t right = *(const int64_t *)b;
        return left < right ? -1 : left > right;
}

static void report(const char *what, int cameras, int64_t append_ns, int64_t *sync_ns, int groups)
{
        int64_t sum = 0;
        qsort(sync_ns, (size_t)groups, sizeof *sync_ns, compare);
        for (int i = 0; i < groups; i++)
                sum += sync_ns[i];
        int64_t frames = (int64_t)groups * cameras;
        int64_t median = sync_ns[groups / 2];
        int64_t least = sync_ns[groups / 10];
        printf("{\"bench\":\"append\",\"form\":\"%s\",\"cameras\":%d,\"append_us\":%.1f,"
               "\"sync_us_median\":%.0f,\"sync_us_p10\":%.0f,\"frames_per_second\":%.0f}\n",
               what, cameras, (double)append_ns / 1e3 / (double)frames, (double)median / 1e3,
               (double)least / 1e3, (double)frames * 1e9 / (double)(append_ns + sum));
        fflush(stdout);
}

static void append_all(struct frame_store *store, int cameras, int group)
{
        struct error err;
        struct frame_bytes piece = {picture, sizeof picture};
        for (int i = 0; i < cameras; i++) {
                char name[32];
                snprintf(name, sizeof name, "camera-%d", i);
                struct frame_record record = {
                        .camera = {i + 1},
                        .directory = name,
                        .time = {1400854100529 + group * INT64_C(100)},
                        .facts = facts,
                        .facts_length = sizeof facts - 1,
                        .pieces = &piece,
                        .piece_count = 1,
                };
                must(frame_store_append(store, &record, &err), &err);
        }
}

static void hours(int cameras, int groups, enum durability durability, int64_t *sync_ns)
{
        struct frame_store *store = NULL;
        struct error err;
        int32_t segments = 0;
        int64_t append_ns = 0;
        char frames[100];
        char journal[100];
        snprintf(frames, sizeof frames, "%s/frames-%d-%d", directory, cameras, durability);
        snprintf(journal, sizeof journal, "%s/begun", directory);
        struct frame_store_config config = {.directory = frames,
                                            .journal = journal,
                                            .durability = durability,
                                            .begin_segment = begin_segment,
                                            .context = &segments};
        must(frame_store_create(&config, &store, &err), &err);
        append_all(store, cameras, 0); /* begins the files */
        frame_store_sync(store, failed, NULL);
        for (int group = 0; group < groups; group++) {
                struct mono start = mono_now();
                append_all(store, cameras, group + 1);
                struct mono appended = mono_now();
                frame_store_sync(store, failed, NULL);
                append_ns += appended.ns - start.ns;
                sync_ns[group] = mono_now().ns - appended.ns;
        }
        frame_store_destroy(&store);
        report(durability == DURABILITY_SYNC ? "hours" : "hours-os", cameras, append_ns, sync_ns,
               groups);
}

/* As most receivers would: a file a frame, synced one by one. */
static void files(int cameras, int groups, int64_t *sync_ns)
{
        int64_t append_ns = 0;
        for (int group = 0; group < groups; group++) {
                sync_ns[group] = 0;
                for (int i = 0; i < cameras; i++) {
                        char path[100];
                        snprintf(path, sizeof path, "%s/f-%d-%d-%d.jpg", directory, cameras, group,
                                 i);
                        struct mono start = mono_now();
                        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                        if (fd < 0 || write(fd, picture, sizeof picture) != sizeof picture)
                                exit(1);
                        struct mono written = mono_now();
                        if (fdatasync(fd) < 0)
                                exit(1);
                        sync_ns[group] += mono_now().ns - written.ns;
                        append_ns += written.ns - start.ns;
                        close(fd);
                }
        }
        report("files", cameras, append_ns, sync_ns, groups);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
        (void)status;
        (void)type;
        (void)ftw;
        return remove(path);
}

int main(int argc, char **argv)
{
        static const int cameras[] = {1, 8, 32};
        int groups = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 100;
        static int64_t sync_ns[GROUPS_MOST];
        if (groups < 1 || groups > GROUPS_MOST || mkdtemp(directory) == NULL)
                return 1;
        for (size_t i = 0; i < sizeof picture; i++)
                picture[i] = (char)(i * 2654435761U >> 24);
        for (int i = 0; i < 3; i++) {
                hours(cameras[i], groups, DURABILITY_SYNC, sync_ns);
                hours(cameras[i], groups, DURABILITY_OS, sync_ns);
                files(cameras[i], groups, sync_ns);
        }
        return nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
