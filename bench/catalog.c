/*
 * bench/catalog [FRAMES [DIR [SHUFFLED]]]: how large a catalog is on disk by table, and how fast
 * frames go in, against a bare loop of inserts into a WITHOUT ROWID table of the same key in the
 * same run. One JSON line a result. DIR is where the files go; they are removed.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "burst.h"
#include "catalog/catalog.h"

enum { CAMERAS = 10, BATCH = 4000, COMMIT_FRAMES = 40000 };
#define START_MS INT64_C(1400000000000)

static _Noreturn void stop(const char *why)
{
        fprintf(stderr, "bench/catalog: %s\n", why);
        exit(1);
}

/* Wall and processor time spent, as the machine may be busy with other things. */
struct spent {
        double wall;
        double cpu;
};

static struct spent now(void)
{
        struct timespec cpu;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
        return (struct spent){(double)mono_now().ns / 1e9,
                              (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9};
}

static void add_since(struct spent *spent, struct spent start)
{
        struct spent end = now();
        spent->wall += end.wall - start.wall;
        spent->cpu += end.cpu - start.cpu;
}

/* Frames of all cameras, an hour of each in turn as a scan would meet them. */
struct source {
        struct burst bursts[CAMERAS];
        struct frame waiting[CAMERAS]; /* of the next hour */
        int64_t hour;
        int camera;
        int32_t folder;
};

static void source_init(struct source *source, const struct camera_id cameras[static CAMERAS])
{
        *source = (struct source){.hour = START_MS / 3600000, .folder = 1};
        for (int i = 0; i < CAMERAS; i++) {
                burst_init(&source->bursts[i], BURST_SAMPLE, cameras[i], START_MS, (uint64_t)i);
                burst_next(&source->bursts[i], &source->waiting[i]);
        }
}

static void source_next(struct source *source, struct frame *frame_out)
{
        while (source->waiting[source->camera].key.time.ms / 3600000 != source->hour) {
                source->folder++;
                source->camera = (source->camera + 1) % CAMERAS;
                source->hour += source->camera == 0;
        }
        *frame_out = source->waiting[source->camera];
        frame_out->place.folder.value = source->folder;
        burst_next(&source->bursts[source->camera], &source->waiting[source->camera]);
}

/* ---- the catalog ---- */

static struct catalog *open_catalog(const char *directory, struct camera_id *cameras)
{
        struct catalog *catalog = NULL;
        struct error err = {0};
        if (!catalog_open(directory, CATALOG_WRITE, &catalog, &err) ||
            !catalog_begin(catalog, &err))
                stop(err.text);
        for (int i = 0; i < CAMERAS; i++) {
                struct facts facts;
                bool created;
                facts_init(&facts);
                facts.has_mac = true;
                facts.mac[5] = (uint8_t)i;
                if (!catalog_camera_for(catalog, &facts, NULL, &cameras[i], &created, &err))
                        stop(err.text);
        }
        return catalog;
}

/* Shuffled: batches of frames from all over the time, as the worst order of arrival would be. */
enum order { SORTED, SHUFFLED, WITHOUT_PLACES };

static struct spent fill_catalog(const char *directory, int64_t count, enum order order)
{
        static struct frame batch[BATCH];
        struct camera_id cameras[CAMERAS];
        struct source source;
        struct error err = {0};
        struct add_result result;
        struct folder_id folder;
        uint64_t random = 9;
        int32_t folders = 0;
        struct spent spent = {0};
        struct catalog *catalog = open_catalog(directory, cameras);
        source_init(&source, cameras);
        for (int64_t done = 0; done < count;) {
                int n = 0;
                for (; n < BATCH && done + n < count; n++) {
                        source_next(&source, &batch[n]);
                        if (order == WITHOUT_PLACES)
                                batch[n].place = (struct place){0};
                        if (order == SHUFFLED) {
                                batch[n].key.time.ms +=
                                        (int64_t)(burst_random(&random) % 1000000) * 3600000;
                                batch[n].received.ms = batch[n].key.time.ms + 900;
                        }
                }
                struct spent start = now();
                for (; folders < source.folder; folders++) {
                        char path[96];
                        snprintf(path, sizeof path, "/srv/ftp/cameras/%d", folders + 1);
                        if (!catalog_folder(catalog, path, &folder, &err))
                                stop(err.text);
                }
                if (!catalog_add(catalog, batch, (size_t)n, &result, &err))
                        stop(err.text);
                done += n;
                if (done % COMMIT_FRAMES == 0 &&
                    (!catalog_commit(catalog, &err) || !catalog_begin(catalog, &err)))
                        stop(err.text);
                add_since(&spent, start);
        }
        struct spent start = now();
        if (!catalog_commit(catalog, &err))
                stop(err.text);
        catalog_close(&catalog);
        add_since(&spent, start);
        return spent;
}

/* ---- the reference ---- */

static void exec(sqlite3 *db, const char *sql)
{
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
                stop(sqlite3_errmsg(db));
}

static sqlite3 *open_reference(const char *path)
{
        sqlite3 *db = NULL;
        if (sqlite3_open(path, &db) != SQLITE_OK)
                stop("reference");
        exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                 "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000;"
                 "CREATE TABLE frames (camera INTEGER, time INTEGER, tie INTEGER, received INTEGER,"
                 " sequence INTEGER, kinds INTEGER, windows INTEGER, bytes INTEGER,"
                 " PRIMARY KEY (camera, time, tie)) WITHOUT ROWID; BEGIN");
        return db;
}

static void insert_reference(sqlite3_stmt *insert, const struct frame *frame)
{
        int64_t time = frame->key.time.ms;
        const int64_t values[] = {frame->key.camera.value,
                                  time,
                                  0,
                                  frame->received.ms - time,
                                  frame->sequence,
                                  (int64_t)frame->kinds,
                                  (int64_t)frame->windows,
                                  frame->bytes};
        for (int i = 0; i < 8; i++)
                sqlite3_bind_int64(insert, i + 1, values[i]);
        if (sqlite3_step(insert) != SQLITE_DONE)
                stop("reference insert");
        sqlite3_reset(insert);
}

static struct spent fill_reference(const char *path, int64_t count)
{
        static struct frame batch[BATCH];
        struct camera_id cameras[CAMERAS];
        struct source source;
        sqlite3 *db = open_reference(path);
        sqlite3_stmt *insert = NULL;
        struct spent spent = {0};
        for (int i = 0; i < CAMERAS; i++)
                cameras[i].value = i + 1;
        source_init(&source, cameras);
        if (sqlite3_prepare_v2(db, "INSERT INTO frames VALUES (?, ?, ?, ?, ?, ?, ?, ?)", -1,
                               &insert, NULL) != SQLITE_OK)
                stop(sqlite3_errmsg(db));
        for (int64_t done = 0; done < count;) {
                int n = 0;
                for (; n < BATCH && done + n < count; n++)
                        source_next(&source, &batch[n]);
                struct spent start = now();
                for (int i = 0; i < n; i++)
                        insert_reference(insert, &batch[i]);
                done += n;
                if (done % COMMIT_FRAMES == 0)
                        exec(db, "COMMIT; BEGIN");
                add_since(&spent, start);
        }
        struct spent start = now();
        exec(db, "COMMIT");
        sqlite3_finalize(insert);
        sqlite3_close(db);
        add_since(&spent, start);
        return spent;
}

/* ---- what it takes on disk ---- */

static double ask(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *statement = NULL;
        if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
            sqlite3_step(statement) != SQLITE_ROW)
                stop(sqlite3_errmsg(db));
        double value = sqlite3_column_double(statement, 0);
        sqlite3_finalize(statement);
        return value;
}

static sqlite3 *open_to_measure(const char *directory)
{
        char path[512];
        sqlite3 *db = NULL;
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
                stop("open for size");
        return db;
}

static void print_size(const char *directory, int64_t count)
{
        sqlite3 *db = open_to_measure(directory);
        sqlite3_stmt *rows = NULL;
        if (sqlite3_prepare_v2(db,
                               "SELECT name, sum(pgsize) FROM dbstat GROUP BY name "
                               "HAVING sum(pgsize) > 1000000 ORDER BY 2 DESC",
                               -1, &rows, NULL) != SQLITE_OK)
                stop(sqlite3_errmsg(db));
        while (sqlite3_step(rows) == SQLITE_ROW)
                printf("{\"bench\":\"catalog\",\"what\":\"bytes a frame in %s\",\"value\":%.2f}\n",
                       (const char *)sqlite3_column_text(rows, 0),
                       sqlite3_column_double(rows, 1) / (double)count);
        sqlite3_finalize(rows);
        double all = ask(db, "SELECT sum(pgsize) FROM dbstat");
        double names = ask(db, "SELECT sum(length(name)) FROM frames");
        double runs = ask(db, "SELECT count(*) FROM runs");
        printf("{\"bench\":\"catalog\",\"what\":\"bytes a frame, names of %.0f bytes and all\","
               "\"value\":%.2f,\"frames_a_run\":%.2f}\n",
               names / (double)count, all / (double)count, (double)count / runs);
        fflush(stdout);
        sqlite3_close(db);
}

/* What names and places need is what a catalog of the same frames without them does not. */
static void print_size_without_places(const char *directory, int64_t count)
{
        sqlite3 *db = open_to_measure(directory);
        double each = ask(db, "SELECT sum(pgsize) FROM dbstat WHERE name NOT LIKE '%folders%'") /
                      (double)count;
        printf("{\"bench\":\"catalog\",\"what\":\"bytes a frame beside what names need\","
               "\"value\":%.2f,\"reference\":45,\"ratio\":%.2f,\"target\":1}\n",
               each, 45 / each);
        fflush(stdout);
        sqlite3_close(db);
}

static void print_rate(const char *what, int64_t count, struct spent spent, struct spent reference,
                       int64_t reference_count)
{
        double wall = spent.wall / (double)count;
        double reference_wall = reference.wall / (double)reference_count;
        printf("{\"bench\":\"catalog\",\"what\":\"frames/s %s\",\"value\":%.0f,\"reference\":%.0f,"
               "\"ratio\":%.3f,\"cpu_us_a_frame\":%.3f,\"reference_cpu_us\":%.3f}\n",
               what, 1 / wall, 1 / reference_wall, reference_wall / wall,
               spent.cpu * 1e6 / (double)count, reference.cpu * 1e6 / (double)reference_count);
        fflush(stdout);
}

int main(int argc, char **argv)
{
        int64_t count = argc > 1 ? strtoll(argv[1], NULL, 10) : 10000000;
        int64_t shuffled = argc > 3          ? strtoll(argv[3], NULL, 10)
                           : count < 1000000 ? count
                                             : 1000000;
        char directory[256];
        char path[512];
        snprintf(directory, sizeof directory, "%s/cctvweb-bench-XXXXXX",
                 argc > 2 ? argv[2] : "/tmp");
        if (count <= 0 || mkdtemp(directory) == NULL)
                stop("usage: catalog [FRAMES [DIR [SHUFFLED]]]");
        snprintf(path, sizeof path, "%s/reference.db", directory);
        struct spent reference = fill_reference(path, count);
        print_rate("sorted", count, fill_catalog(directory, count, SORTED), reference, count);
        print_size(directory, count);
        snprintf(path, sizeof path, "%s/without", directory);
        fill_catalog(path, count, WITHOUT_PLACES);
        print_size_without_places(path, count);
        snprintf(path, sizeof path, "%s/shuffled", directory);
        if (shuffled > 0)
                print_rate("shuffled", shuffled, fill_catalog(path, shuffled, SHUFFLED), reference,
                           count);
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        printf("{\"bench\":\"catalog\",\"what\":\"peak memory KiB\",\"value\":%ld}\n",
               usage.ru_maxrss);
        snprintf(path, sizeof path, "rm -rf '%s'", directory);
        return system(path) == 0 ? 0 : 1;
}
