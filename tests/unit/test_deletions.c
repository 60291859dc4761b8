#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "catalog/deletions.h"
#include "catalog_model.h"
#include "model/kind.h"

static char directory[64];

static void say(void *context, const char *sentence)
{
        (void)context;
        print_error("%s\n", sentence);
}

static int set_up(void **state)
{
        (void)state;
        temporary_make(directory);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        struct error err = {0};
        int64_t differences = -1;
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_READ);
        if (!catalog_check(catalog, say, NULL, &differences, &err) || differences != 0)
                return 1;
        catalog_close(&catalog);
        temporary_remove(directory);
        return 0;
}

#define OK(call)                                                                                   \
        do {                                                                                       \
                if (!(call))                                                                       \
                        fail_msg("%s:%d: %s: %s", __FILE__, __LINE__, #call, err.text);            \
        } while (0)

static void execute(const char *sql)
{
        char path[128];
        sqlite3 *db = NULL;
        snprintf(path, sizeof path, "%s/catalog.db", directory);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
                fail_msg("%s: %s", sql, sqlite3_errmsg(db));
        sqlite3_close(db);
}

static struct camera_id make_camera(struct catalog *catalog, const char *name)
{
        struct error err = {0};
        struct facts facts;
        struct camera_id camera;
        bool created;
        facts_init(&facts);
        snprintf(facts.camera_name, sizeof facts.camera_name, "%s", name);
        OK(catalog_camera_for(catalog, &facts, NULL, &camera, &created, &err));
        return camera;
}

static struct frame picture(struct camera_id camera, int64_t ms, struct folder_id folder,
                            const char *name)
{
        struct frame frame = {
                .key = {camera, {ms}, 0},
                .received = {ms + 10},
                .sequence = -1,
                .kinds = KIND_BIT(KIND_MOTION),
                .bytes = 1000,
                .place = {.folder = folder},
        };
        snprintf(frame.place.name, sizeof frame.place.name, "%s", name);
        return frame;
}

static void add_many(struct catalog *catalog, struct camera_id camera, struct folder_id folder,
                     int count, int64_t gap_ms)
{
        struct error err = {0};
        static struct frame frames[10000];
        struct add_result result;
        for (int i = 0; i < count; i++) {
                char name[32];
                snprintf(name, sizeof name, "%06d.jpg", i);
                frames[i] = picture(camera, i * gap_ms, folder, name);
        }
        OK(catalog_add(catalog, frames, (size_t)count, &result, &err));
        assert_int_equal(result.added, count);
}

static bool all_managed(void *context, const char *folder)
{
        (void)folder;
        int *asked = context;
        if (asked != NULL)
                (*asked)++;
        return true;
}

static struct deleting delete_stretches(struct catalog *catalog, const struct stretch *stretches,
                                        size_t count, int *steps)
{
        struct error err = {0};
        struct deleting deleting = {.stretches = stretches,
                                    .stretch_count = count,
                                    .made = {5},
                                    .until = {1005},
                                    .managed = all_managed};
        *steps = 0;
        for (; !deleting.done; (*steps)++)
                OK(catalog_delete_step(catalog, &deleting, &err));
        return deleting;
}

static struct deleting delete_all(struct catalog *catalog, const struct stretch *stretch,
                                  int *steps)
{
        return delete_stretches(catalog, stretch, 1, steps);
}

static int64_t frames_of(struct catalog *catalog, struct camera_id id)
{
        struct error err = {0};
        struct camera camera;
        OK(catalog_camera_by_id(catalog, id, &camera, &err));
        return camera.frames;
}

/* One more step, of which a crash would leave just what it says. */
static void one_step(struct catalog *catalog, struct deleting *deleting, int64_t all)
{
        struct error err = {0};
        struct deletion told;
        int64_t before = frames_of(catalog, deleting->stretches[0].camera);
        OK(catalog_delete_step(catalog, deleting, &err));
        int64_t now = frames_of(catalog, deleting->stretches[0].camera);
        assert_true(before - now <= DELETION_STEP);
        assert_true(now < before);
        OK(catalog_deletion(catalog, deleting->id, &told, &err));
        assert_int_equal(told.frames, all - now);
}

static void long_work_is_done_in_steps(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        struct camera_id camera = make_camera(catalog, "front");
        struct folder_id folder;
        struct add_result added;
        OK(catalog_folder(catalog, "/pictures", &folder, &err));
        add_many(catalog, camera, folder, 10000, 40);
        struct stretch stretch = {camera, {40}, {40 * 9000}};
        struct deleting deleting = {.stretches = &stretch,
                                    .stretch_count = 1,
                                    .made = {5},
                                    .until = {1005},
                                    .managed = all_managed};
        one_step(catalog, &deleting, 10000);
        /* What arrives behind the last frame there was when it began, stays. */
        struct frame late = picture(camera, 40 * 9000, folder, "late.jpg");
        OK(catalog_add(catalog, &late, 1, &added, &err));
        assert_int_equal(late.key.tie, 1);
        while (!deleting.done)
                one_step(catalog, &deleting, 10001);
        assert_int_equal(deleting.frames, 9000);
        assert_int_equal(deleting.bytes, 9000 * 1000);
        assert_int_equal(frames_of(catalog, camera), 1001);
        struct restoring restoring = {.id = deleting.id};
        OK(catalog_restore_begin(catalog, deleting.id, &err));
        int steps = 0;
        for (; !restoring.done; steps++)
                OK(catalog_restore_step(catalog, &restoring, &err));
        assert_true(steps >= 9000 / DELETION_STEP);
        assert_int_equal(restoring.frames, 9000);
        assert_int_equal(frames_of(catalog, camera), 10001);
        catalog_close(&catalog);
}

static void what_is_pinned_stays(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        struct camera_id camera = make_camera(catalog, "front");
        struct folder_id folder;
        int steps;
        (void)make_camera(catalog, "other");
        OK(catalog_folder(catalog, "/pictures", &folder, &err));
        add_many(catalog, camera, folder, 100, 1000);
        execute("INSERT INTO marks VALUES (1, 2, 10000, 19998), (1, 2, 50000, 50000), "
                "(1, 1, 0, 99000), (2, 2, 0, 99000), (1, 2, 98500, 400000)");
        struct stretch stretch = {camera, {5000}, {99000}};
        struct deleting deleted = delete_all(catalog, &stretch, &steps);
        assert_int_equal(deleted.kept_pinned, 12);
        assert_int_equal(deleted.frames, 95 - 12);
        assert_int_equal(frames_of(catalog, camera), 5 + 12);
        struct stretch pinned = {camera, {10000}, {19000}};
        struct deleting nothing = delete_all(catalog, &pinned, &steps);
        assert_int_equal(nothing.id.value, 0);
        assert_int_equal(nothing.kept_pinned, 10);
        /* Pinned while it waits: it comes back instead of being purged. */
        execute("INSERT INTO marks VALUES (1, 2, 20000, 29999)");
        static struct frame frames[100];
        struct purge_batch batch = {
                .id = deleted.id, .managed = all_managed, .frames = frames, .room = 100};
        OK(catalog_purge_begin(catalog, deleted.id, &err));
        OK(catalog_purge_next(catalog, &batch, &err));
        assert_int_equal(batch.kept, 10);
        assert_int_equal(batch.count, 95 - 12 - 10);
        assert_int_equal(frames_of(catalog, camera), 5 + 12 + 10);
        assert_false(catalog_restore_begin(catalog, deleted.id, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        OK(catalog_purge_done(catalog, deleted.id, frames, batch.count, 0, &err));
        assert_false(catalog_restore_begin(catalog, deleted.id, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        catalog_close(&catalog);
}

static void a_file_that_was_deleted_stays_so(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        struct camera_id camera = make_camera(catalog, "front");
        struct folder_id folder;
        struct add_result added;
        int64_t vanished = -1;
        int steps;
        OK(catalog_folder(catalog, "/pictures", &folder, &err));
        add_many(catalog, camera, folder, 100, 1000);
        OK(catalog_folder_set_fingerprint(catalog, folder, 77, &err));
        struct stretch stretch = {camera, {0}, {99000}};
        struct deleting deleted = delete_all(catalog, &stretch, &steps);
        assert_int_equal(deleted.frames, 100);
        /* Seen again: by a scan, and by a list that knows no files. */
        struct frame again[3] = {picture(camera, 3000, folder, "000003.jpg"),
                                 picture(camera, 4000, folder, "000004.jpg"),
                                 picture(camera, 5000, folder, "000005.jpg")};
        again[1].received = UTC_NONE;
        again[2].bytes = 999; /* another picture of that name */
        OK(catalog_add(catalog, again, 3, &added, &err));
        assert_int_equal(added.unchanged, 2);
        assert_int_equal(added.added, 1);
        assert_int_equal(again[2].key.tie, 1); /* the id of the other is known to browsers */
        struct deletion told;
        OK(catalog_deletion(catalog, deleted.id, &told, &err));
        assert_int_equal(told.frames, 99);
        assert_int_equal(told.bytes, 99000);
        /* The file goes, or is no picture any more. */
        struct place gone = picture(camera, 0, folder, "000010.jpg").place;
        OK(catalog_vanish(catalog, &gone, 1, (struct utc){9}, &vanished, &err));
        assert_int_equal(vanished, 0);
        gone = picture(camera, 0, folder, "000011.jpg").place;
        OK(catalog_file_skip(catalog, &gone, 0, (struct utc){9}, "empty", &err));
        OK(catalog_deletion(catalog, deleted.id, &told, &err));
        assert_int_equal(told.frames, 98);
        OK(catalog_restore_begin(catalog, deleted.id, &err));
        struct restoring restoring = {.id = deleted.id};
        while (!restoring.done)
                OK(catalog_restore_step(catalog, &restoring, &err));
        assert_int_equal(restoring.frames, 98);
        assert_int_equal(frames_of(catalog, camera), 99);
        uint64_t fingerprint = 1;
        OK(catalog_folder_fingerprint(catalog, folder, &fingerprint, &err));
        assert_int_equal(fingerprint, 0); /* so that a scan looks what became of them */
        catalog_close(&catalog);
}

static void two_who_delete_the_same_delete_it_once(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        struct camera_id camera = make_camera(catalog, "front");
        struct folder_id folder;
        OK(catalog_folder(catalog, "/pictures", &folder, &err));
        add_many(catalog, camera, folder, 6000, 100);
        struct stretch stretch = {camera, {0}, {600000}};
        struct deleting both[2];
        for (int i = 0; i < 2; i++)
                both[i] = (struct deleting){.stretches = &stretch,
                                            .stretch_count = 1,
                                            .until = {1000},
                                            .managed = all_managed};
        for (int i = 0; !both[0].done || !both[1].done; i++) {
                if (!both[i % 2].done)
                        OK(catalog_delete_step(catalog, &both[i % 2], &err));
        }
        assert_int_equal(both[0].frames + both[1].frames, 6000);
        assert_int_equal(frames_of(catalog, camera), 0);
        /* One undoes, the other is purged. */
        struct restoring restoring = {.id = both[0].id};
        OK(catalog_restore_begin(catalog, both[0].id, &err));
        assert_false(catalog_purge_begin(catalog, both[0].id, &err));
        assert_int_equal(err.kind, ERROR_CONFLICT);
        while (!restoring.done)
                OK(catalog_restore_step(catalog, &restoring, &err));
        assert_int_equal(frames_of(catalog, camera), both[0].frames);
        catalog_close(&catalog);
}

static bool count_camera(void *context, const struct stretch *stretch)
{
        (void)stretch;
        ++*(int *)context;
        return true;
}

/* Of a deletion that is purged in part a camera may be removed that has nothing left in it. */
static void a_camera_that_is_removed_leaves_deletions(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        struct camera_id cameras[2] = {make_camera(catalog, "front"), make_camera(catalog, "back")};
        static struct frame frames[100];
        struct folder_id folder;
        struct stretch stretches[2];
        size_t count = 0;
        int left = 0;
        int steps;
        for (int i = 0; i < 2; i++) {
                OK(catalog_folder(catalog, i == 0 ? "/one" : "/other", &folder, &err));
                add_many(catalog, cameras[i], folder, 10, 1000);
                stretches[i] = (struct stretch){cameras[i], {0}, {99000}};
        }
        struct deleting deleted = delete_stretches(catalog, stretches, 2, &steps);
        assert_int_equal(deleted.frames, 20);
        OK(catalog_deletion_cameras(catalog, deleted.id, count_camera, &left, &err));
        assert_int_equal(left, 2);
        struct purge_batch batch = {
                .id = deleted.id, .managed = all_managed, .frames = frames, .room = 100};
        OK(catalog_purge_begin(catalog, deleted.id, &err));
        OK(catalog_purge_next(catalog, &batch, &err));
        assert_false(catalog_camera_remove(catalog, cameras[1], &err));
        for (size_t i = 0; i < batch.count; i++) {
                if (frames[i].key.camera.value == cameras[1].value)
                        frames[count++] = frames[i];
        }
        OK(catalog_purge_done(catalog, deleted.id, frames, count, 0, &err));
        OK(catalog_camera_remove(catalog, cameras[1], &err));
        left = 0;
        OK(catalog_deletion_cameras(catalog, deleted.id, count_camera, &left, &err));
        assert_int_equal(left, 1);
        catalog_close(&catalog);
}

static void what_is_due_is_found(void **state)
{
        (void)state;
        struct error err = {0};
        struct catalog *catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        struct camera_id camera = make_camera(catalog, "front");
        struct folder_id folder;
        struct deletion due;
        int steps;
        OK(catalog_folder(catalog, "/pictures", &folder, &err));
        add_many(catalog, camera, folder, 10, 1000);
        struct stretch one = {camera, {0}, {3000}};
        struct stretch two = {camera, {3000}, {6000}};
        struct deleting first = delete_all(catalog, &one, &steps);
        struct deleting second = delete_all(catalog, &two, &steps);
        assert_int_equal(second.frames, 3);
        assert_false(catalog_deletion_due(catalog, (struct utc){1004}, (struct deletion_id){0},
                                          &due, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        OK(catalog_deletion_due(catalog, (struct utc){1005}, first.id, &due, &err));
        assert_int_equal(due.id.value, second.id.value);
        OK(catalog_deletions_later(catalog, 100, (struct utc){5000}, &err));
        assert_false(catalog_deletion_due(catalog, (struct utc){1104}, (struct deletion_id){0},
                                          &due, &err));
        /* The clock was years behind for a while: that is not how long it waits. */
        OK(catalog_deletions_later(catalog, 1000000, (struct utc){5000}, &err));
        assert_false(catalog_deletion_due(catalog, (struct utc){4999}, (struct deletion_id){0},
                                          &due, &err));
        OK(catalog_deletion_due(catalog, (struct utc){5000}, (struct deletion_id){0}, &due, &err));
        OK(catalog_deletions_later(catalog, 10, (struct utc){2000}, &err)); /* nor is it less */
        assert_false(catalog_deletion_due(catalog, (struct utc){4999}, (struct deletion_id){0},
                                          &due, &err));
        OK(catalog_restore_begin(catalog, second.id, &err));
        OK(catalog_deletion_due(catalog, (struct utc){0}, (struct deletion_id){0}, &due, &err));
        assert_int_equal(due.id.value, second.id.value);
        assert_int_equal(due.state, DELETION_RESTORING);
        catalog_close(&catalog);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(long_work_is_done_in_steps),
                TEST(what_is_pinned_stays),
                TEST(a_file_that_was_deleted_stays_so),
                TEST(two_who_delete_the_same_delete_it_once),
                TEST(a_camera_that_is_removed_leaves_deletions),
                TEST(what_is_due_is_found),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
