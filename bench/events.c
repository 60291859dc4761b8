/*
 * bench/events [FRAMES [DIR]]: events of a month of one busy camera at dwell 3, from runs, against
 * reading its frame rows from the same catalog and grouping them in C, in the same run. Then a year
 * of twelve such months, for the memory. One JSON line a result.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "burst.h"
#include "query/events.h"

enum { BATCH = 4000, DWELL_MS = 3000, ROUNDS = 7, MONTHS = 12 };
#define START_MS INT64_C(1400000000000)

static _Noreturn void stop(const char *why)
{
        fprintf(stderr, "bench/events: %s\n", why);
        exit(1);
}

static double milliseconds_since(struct mono start)
{
        return (double)(mono_now().ns - start.ns) / 1e6;
}

static void fill(const char *directory, int64_t count)
{
        static struct frame batch[BATCH];
        struct catalog *catalog = NULL;
        struct error err = {0};
        struct camera_id camera;
        struct folder_id folder;
        struct add_result result;
        struct facts facts;
        struct burst burst;
        bool created;
        facts_init(&facts);
        snprintf(facts.camera_name, sizeof facts.camera_name, "street");
        if (!catalog_open(directory, CATALOG_WRITE, &catalog, &err) ||
            !catalog_camera_for(catalog, &facts, NULL, &camera, &created, &err) ||
            !catalog_folder(catalog, "/srv/ftp/street", &folder, &err))
                stop(err.text);
        burst_init(&burst, BURST_BUSY, camera, START_MS, 1);
        for (int64_t done = 0; done < count;) {
                size_t n = 0;
                for (; n < BATCH && done + (int64_t)n < count; n++) {
                        burst_next(&burst, &batch[n]);
                        batch[n].place.folder = folder;
                }
                if (!catalog_add(catalog, batch, n, &result, &err))
                        stop(err.text);
                done += (int64_t)n;
        }
        catalog_close(&catalog);
}

/* ---- from runs ---- */

static int64_t find(struct catalog *catalog, const struct camera *camera, struct utc to,
                    int64_t *frames_out)
{
        struct error err = {0};
        struct event_page page;
        struct event_query query = {
                .cameras = camera,
                .camera_count = 1,
                .from = UTC_NONE,
                .to = to,
                .dwell_ms = DWELL_MS,
                .sort = EVENT_SORT_TIME,
                .limit = EVENTS_LIMIT_DEFAULT,
        };
        if (!events_find(catalog, &query, &page, &err))
                stop(err.text);
        int64_t total = page.total;
        *frames_out = page.count > 0 ? page.events[0].frames : 0;
        event_page_free(&page);
        return total;
}

/* ---- the reference: frame rows ---- */

struct trait {
        int64_t kinds, windows;
};

static void load_traits(sqlite3 *db, struct trait traits[static 65536])
{
        sqlite3_stmt *rows = NULL;
        if (sqlite3_prepare_v2(db, "SELECT id, kinds, windows FROM traits WHERE id > 0", -1, &rows,
                               NULL) != SQLITE_OK)
                stop(sqlite3_errmsg(db));
        while (sqlite3_step(rows) == SQLITE_ROW) {
                int64_t id = sqlite3_column_int64(rows, 0);
                if (id < 65536)
                        traits[id] = (struct trait){sqlite3_column_int64(rows, 1),
                                                    sqlite3_column_int64(rows, 2)};
        }
        sqlite3_finalize(rows);
}

static int64_t group_rows(sqlite3 *db, int64_t *first_out)
{
        static struct trait traits[65536];
        sqlite3_stmt *rows = NULL;
        struct span event = {0};
        int64_t events = 0;
        load_traits(db, traits);
        if (sqlite3_prepare_v2(db,
                               "SELECT time, traits, bytes FROM frames WHERE camera = 1 "
                               "ORDER BY time, tie",
                               -1, &rows, NULL) != SQLITE_OK)
                stop(sqlite3_errmsg(db));
        while (sqlite3_step(rows) == SQLITE_ROW) {
                int64_t time = sqlite3_column_int64(rows, 0);
                const struct trait *trait = &traits[sqlite3_column_int64(rows, 1) & 65535];
                if (events == 0 || time - event.end.ms > DWELL_MS) {
                        if (events == 1)
                                *first_out = event.frames;
                        events++;
                        event = (struct span){.start = {time}};
                }
                event.end.ms = time;
                event.frames++;
                event.motion_frames += trait->windows != 0;
                event.bytes += sqlite3_column_int64(rows, 2);
                event.kinds |= (uint64_t)trait->kinds;
                event.windows |= (uint64_t)trait->windows;
        }
        sqlite3_finalize(rows);
        return events;
}

static void compare(const char *directory, int64_t count)
{
        char path[512];
        sqlite3 *db = NULL;
        struct catalog *catalog = NULL;
        struct error err = {0};
        struct camera camera;
        double best = 1e9;
        double best_reference = 1e9;
        int64_t first = 0;
        int64_t first_reference = 0;
        int64_t events = 0;
        int64_t events_reference = 0;
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        if (!catalog_open(directory, CATALOG_READ, &catalog, &err) ||
            !catalog_camera_by_name(catalog, "street", &camera, &err))
                stop(err.text);
        if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
                stop("open");
        sqlite3_exec(db, "PRAGMA cache_size = -8192", NULL, NULL, NULL);
        for (int i = 0; i < ROUNDS; i++) {
                struct mono start = mono_now();
                events = find(catalog, &camera, UTC_NONE, &first);
                double spent = milliseconds_since(start);
                best = spent < best ? spent : best;
                start = mono_now();
                events_reference = group_rows(db, &first_reference);
                spent = milliseconds_since(start);
                best_reference = spent < best_reference ? spent : best_reference;
        }
        if (events != events_reference || (events > 1 && first != first_reference))
                stop("runs and rows give different events");
        printf("{\"bench\":\"events\",\"what\":\"ms for %" PRId64 " frames, dwell 3\","
               "\"value\":%.3f,\"reference\":%.1f,\"ratio\":%.1f,\"target\":50,\"events\":%" PRId64
               "}\n",
               count, best, best_reference, best_reference / best, events);
        fflush(stdout);
        sqlite3_close(db);
        catalog_close(&catalog);
}

/* ---- memory ---- */

/* How much the process has grown from before opening the catalog to the most it had. */
static void print_memory(const char *directory, const char *what, struct utc to)
{
        if (fork() != 0) {
                int status = 0;
                if (wait(&status) < 0 || status != 0)
                        stop("memory");
                return;
        }
        struct catalog *catalog = NULL;
        struct error err = {0};
        struct camera camera;
        char line[128];
        long kib = 0;
        int64_t first;
        FILE *clear = fopen("/proc/self/clear_refs", "w"); /* forget the peak of before */
        if (clear != NULL) {
                fputs("5", clear);
                fclose(clear);
        }
        if (!catalog_open(directory, CATALOG_READ, &catalog, &err) ||
            !catalog_camera_by_name(catalog, "street", &camera, &err))
                stop(err.text);
        find(catalog, &camera, to, &first);
        FILE *status = fopen("/proc/self/status", "r");
        while (status != NULL && fgets(line, sizeof line, status) != NULL) {
                if (strncmp(line, "RssAnon:", 8) == 0) {
                        kib = strtol(line + 8, NULL, 10);
                        break;
                }
        }
        if (status != NULL)
                fclose(status);
        printf("{\"bench\":\"events\",\"what\":\"KiB of own memory, %s\",\"value\":%ld}\n", what,
               kib);
        fflush(stdout);
        _exit(0);
}

int main(int argc, char **argv)
{
        int64_t count = argc > 1 ? strtoll(argv[1], NULL, 10) : 3000000;
        char directory[256];
        char command[300];
        snprintf(directory, sizeof directory, "%s/cctvweb-bench-XXXXXX",
                 argc > 2 ? argv[2] : "/tmp");
        if (count <= 0 || mkdtemp(directory) == NULL)
                stop("usage: events [FRAMES [DIR]]");
        fill(directory, count);
        compare(directory, count);
        print_memory(directory, "a twelfth", (struct utc){START_MS + count * 860 / MONTHS});
        print_memory(directory, "all of it", UTC_NONE);
        snprintf(command, sizeof command, "rm -rf '%s'", directory);
        return system(command) == 0 ? 0 : 1;
}
