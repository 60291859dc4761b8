#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/marks.h"
#include "catalog_model.h"
#include "query/event_filter.h"

static char directory[64];
static struct catalog *catalog;
static struct model model;
static uint64_t seed;

static int set_up(void **state)
{
        (void)state;
        temporary_make(directory);
        catalog = catalog_open_or_fail(directory, CATALOG_WRITE);
        model_init(&model, catalog, 7);
        seed = 19;
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        catalog_close(&catalog);
        temporary_remove(directory);
        return 0;
}

static void print_difference(void *context, const char *sentence)
{
        (void)context;
        print_error("%s\n", sentence);
}

static void check_catalog(void)
{
        struct error err;
        int64_t differences;
        assert_true(catalog_check(catalog, print_difference, NULL, &differences, &err));
        assert_int_equal(differences, 0);
}

/* ---- marks are sets of milliseconds ---- */

enum { TIMES = 120, KINDS = 2 };

static bool naive[MODEL_CAMERAS][KINDS][TIMES];

/* The whole stretches of the naive set that meet [from, to], against what the cursor gives. */
static void compare_marks(int camera, int kind, int from, int to)
{
        struct stretch asked = {model.cameras[camera], {from}, {to}};
        struct mark_cursor *cursor;
        struct stretch marked;
        struct error err = {0};
        const bool *set = naive[camera][kind];
        assert_true(catalog_marks_open(catalog, (enum mark_kind)(kind + 1), &asked, &cursor, &err));
        for (int start = 0; start < TIMES; start++) {
                if (!set[start])
                        continue;
                int end = start;
                while (end + 1 < TIMES && set[end + 1])
                        end++;
                if (end >= from && start <= to) {
                        assert_true(mark_cursor_next(cursor, &marked, &err));
                        assert_int_equal(marked.camera.value, asked.camera.value);
                        assert_int_equal(marked.from.ms, start);
                        assert_int_equal(marked.to.ms, end);
                }
                start = end;
        }
        assert_false(mark_cursor_next(cursor, &marked, &err));
        assert_int_equal(err.kind, ERROR_NONE);
        assert_false(mark_cursor_next(cursor, &marked, &err)); /* the end stays the end */
        mark_cursor_close(&cursor);
}

static void marks_are_sets_of_time(void **state)
{
        (void)state;
        struct error err = {0};
        memset(naive, 0, sizeof naive);
        for (int step = 0; step < 3000; step++) {
                struct stretch stretches[4];
                int kind = random_below(&seed, KINDS);
                bool set = random_below(&seed, 5) < 3;
                size_t count = (size_t)random_below(&seed, 4) + 1;
                for (size_t i = 0; i < count; i++) {
                        int camera = random_below(&seed, MODEL_CAMERAS);
                        int from = random_below(&seed, TIMES);
                        int to = from + random_below(&seed, random_below(&seed, 8) == 0 ? 60 : 6);
                        if (to >= TIMES)
                                to = TIMES - 1;
                        stretches[i] = (struct stretch){model.cameras[camera], {from}, {to}};
                        for (int at = from; at <= to; at++)
                                naive[camera][kind][at] = set;
                }
                if (!catalog_mark(catalog, (enum mark_kind)(kind + 1), set, stretches, count, &err))
                        fail_msg("%s", err.text);
                int from = random_below(&seed, TIMES);
                compare_marks(random_below(&seed, MODEL_CAMERAS), kind, from,
                              from + random_below(&seed, TIMES));
                if (step % 300 == 0)
                        check_catalog();
        }
        for (int camera = 0; camera < MODEL_CAMERAS; camera++) {
                for (int kind = 0; kind < KINDS; kind++)
                        compare_marks(camera, kind, 0, TIMES);
        }
        check_catalog();
}

static void two_cursors_at_once(void **state)
{
        (void)state;
        struct stretch all = {model.cameras[0], {0}, UTC_NONE};
        struct stretch marks[] = {{all.camera, {1}, {2}}, {all.camera, {5}, {6}}};
        struct mark_cursor *cursors[2];
        struct stretch marked;
        struct error err = {0};
        assert_true(catalog_mark(catalog, MARK_PINNED, true, marks, 2, &err));
        for (int i = 0; i < 2; i++)
                assert_true(catalog_marks_open(catalog, MARK_PINNED, &all, &cursors[i], &err));
        for (int k = 0; k < 2; k++) {
                for (int i = 0; i < 2; i++) {
                        assert_true(mark_cursor_next(cursors[i], &marked, &err));
                        assert_int_equal(marked.from.ms, marks[k].from.ms);
                }
        }
        mark_cursor_close(&cursors[0]);
        mark_cursor_close(&cursors[1]);
        mark_cursor_close(&cursors[1]);
}

static void all_of_a_change_or_none(void **state)
{
        (void)state;
        struct stretch one = {model.cameras[0], {10}, {20}};
        struct error err = {0};
        assert_true(catalog_begin(catalog, &err));
        assert_true(catalog_mark(catalog, MARK_REVIEWED, true, &one, 1, &err));
        catalog_rollback(catalog);
        memset(naive, 0, sizeof naive);
        compare_marks(0, 0, 0, TIMES);
}

/* ---- notes ---- */

enum { NOTES_MOST = 40 };

static struct {
        bool there;
        struct stretch_note note;
} notes[NOTES_MOST];

struct listing {
        const struct stretch *asked;
        int64_t last_start, last_id;
        int count;
};

static bool compare_note(void *context, const struct stretch_note *note)
{
        struct listing *listing = context;
        assert_true(note->stretch.from.ms > listing->last_start ||
                    (note->stretch.from.ms == listing->last_start && note->id > listing->last_id));
        listing->last_start = note->stretch.from.ms;
        listing->last_id = note->id;
        for (int i = 0; i < NOTES_MOST; i++) {
                if (!notes[i].there || notes[i].note.id != note->id)
                        continue;
                assert_memory_equal(&note->stretch, &notes[i].note.stretch, sizeof note->stretch);
                assert_string_equal(note->text, notes[i].note.text);
                assert_int_equal(note->changed.ms, notes[i].note.changed.ms);
                listing->count++;
                return true;
        }
        fail_msg("note %d is not there", (int)note->id);
        return false;
}

static bool overlap(const struct stretch *a, const struct stretch *b)
{
        return a->camera.value == b->camera.value && a->from.ms <= b->to.ms &&
               b->from.ms <= a->to.ms;
}

static void random_note(struct stretch_note *note)
{
        int from = random_below(&seed, TIMES);
        int camera = random_below(&seed, MODEL_CAMERAS);
        int to = from + random_below(&seed, 30);
        note->stretch = (struct stretch){model.cameras[camera], {from}, {to}};
        note->changed.ms = random_below(&seed, 1000);
        snprintf(note->text, sizeof note->text, "a note of %d\nüber", from);
}

static void change_a_note(int64_t *newest)
{
        int i = random_below(&seed, NOTES_MOST);
        struct error err = {0};
        struct stretch_note note;
        if (!notes[i].there) {
                random_note(&notes[i].note);
                assert_true(catalog_note_add(catalog, &notes[i].note, &err));
                assert_true(notes[i].note.id > *newest); /* never one that was used */
                *newest = notes[i].note.id;
                notes[i].there = true;
        } else if (random_below(&seed, 2) == 0) {
                struct camera_id camera = notes[i].note.stretch.camera;
                int64_t id = notes[i].note.id;
                random_note(&notes[i].note);
                notes[i].note.stretch.camera = camera;
                notes[i].note.id = id;
                assert_true(catalog_note_update(catalog, &notes[i].note, &err));
        } else {
                assert_true(catalog_note_remove(catalog, notes[i].note.id, &err));
                assert_false(catalog_note_remove(catalog, notes[i].note.id, &err));
                assert_int_equal(err.kind, ERROR_NOT_FOUND);
                assert_false(catalog_note_update(catalog, &notes[i].note, &err));
                assert_int_equal(err.kind, ERROR_NOT_FOUND);
                assert_false(catalog_note(catalog, notes[i].note.id, &note, &err));
                assert_int_equal(err.kind, ERROR_NOT_FOUND);
                notes[i].there = false;
        }
}

static void notes_are_kept(void **state)
{
        (void)state;
        struct error err = {0};
        int64_t newest = 0;
        memset(notes, 0, sizeof notes);
        for (int step = 0; step < 1500; step++) {
                change_a_note(&newest);
                int from = random_below(&seed, TIMES);
                int camera = random_below(&seed, MODEL_CAMERAS);
                struct stretch asked = {
                        model.cameras[camera], {from}, {from + random_below(&seed, 20)}};
                struct listing listing = {&asked, -1, -1, 0};
                int expected = 0;
                for (int i = 0; i < NOTES_MOST; i++)
                        expected += notes[i].there && overlap(&notes[i].note.stretch, &asked);
                assert_true(catalog_notes(catalog, &asked, compare_note, &listing, &err));
                assert_int_equal(listing.count, expected);
        }
        check_catalog();
}

static void what_a_note_may_say(void **state)
{
        (void)state;
        static char most[NOTE_TEXT_SIZE + 8];
        assert_true(note_text_valid("a", 1));
        assert_true(note_text_valid("a\n\tb", 4));
        assert_false(note_text_valid("", 0));
        assert_false(note_text_valid(" \n\t ", 4));
        assert_false(note_text_valid("a\0b", 3));
        assert_false(note_text_valid("a\rb", 3));
        assert_false(note_text_valid("a\x7f", 2));
        assert_false(note_text_valid("\xff", 1));
        assert_false(note_text_valid("\xc3", 1));
        for (int i = 0; i < NOTE_CHARACTERS_MOST + 1; i++)
                memcpy(most + (ptrdiff_t)i * 4, "\xf0\x9f\x93\xb7", 4);
        assert_true(note_text_valid(most, (size_t)NOTE_CHARACTERS_MOST * 4));
        assert_false(note_text_valid(most, (size_t)NOTE_CHARACTERS_MOST * 4 + 4));
}

/* ---- what is said of events ---- */

enum { STRETCHES_MOST = 64 };

static bool within_any(const struct stretch *run, const struct stretch *sets, int count)
{
        for (int at = 0; at < count; at++) {
                if (sets[at].camera.value == run->camera.value &&
                    sets[at].from.ms <= run->from.ms && sets[at].to.ms >= run->to.ms)
                        return true;
        }
        return false;
}

static bool meets_any(const struct stretch *run, const struct stretch *sets, int count)
{
        for (int at = 0; at < count; at++) {
                if (overlap(run, &sets[at]))
                        return true;
        }
        return false;
}

/* The marks as the catalog lists them, whose merging is tested above. */
static int list_marks(enum mark_kind kind, struct stretch out[static STRETCHES_MOST])
{
        struct error err = {0};
        int count = 0;
        for (int camera = 0; camera < MODEL_CAMERAS; camera++) {
                struct stretch all = {model.cameras[camera], {UTC_MIN_MS}, UTC_NONE};
                struct mark_cursor *cursor;
                assert_true(catalog_marks_open(catalog, kind, &all, &cursor, &err));
                while (count < STRETCHES_MOST && mark_cursor_next(cursor, &out[count], &err))
                        count++;
                mark_cursor_close(&cursor);
        }
        assert_true(count < STRETCHES_MOST);
        return count;
}

static struct stretch noted[STRETCHES_MOST];
static int noted_count;

/* Times may lie before 1970. */
static int64_t hour_of(struct utc time)
{
        return (time.ms - UTC_MIN_MS) / RUN_HOUR_MS;
}

/* By the rule, from the frames. */
static void look_at(struct span *event, const struct stretch *reviewed, int reviewed_count,
                    const struct stretch *pinned, int pinned_count)
{
        struct stretch whole = {event->camera, event->start, event->end};
        struct frame_cursor *cursor;
        const struct frame *frame;
        struct error err = {0};
        struct stretch run = {event->camera, event->start, event->start};
        event->reviewed = true;
        event->pinned = false;
        event->noted = meets_any(&whole, noted, noted_count);
        assert_true(catalog_frames_open(catalog, &whole, NULL, &cursor, &err));
        bool more = true;
        while (more) {
                more = frame_cursor_next(cursor, &frame, &err);
                if (more && frame->key.time.ms - run.to.ms <= RUN_GAP_MS &&
                    hour_of(frame->key.time) == hour_of(run.from)) {
                        run.to = frame->key.time;
                        continue;
                }
                event->reviewed = event->reviewed && within_any(&run, reviewed, reviewed_count);
                event->pinned = event->pinned || meets_any(&run, pinned, pinned_count);
                if (more)
                        run.from = run.to = frame->key.time;
        }
        frame_cursor_close(&cursor);
}

static struct event_page find(const char *dwell, const char *name, const char *value)
{
        struct event_filter filter;
        struct event_plan plan;
        struct event_page page;
        struct error err = {0};
        event_filter_init(&filter);
        assert_true(event_filter_set(&filter, "dwell", dwell, &err));
        if (name != NULL)
                assert_true(event_filter_set(&filter, name, value, &err));
        if (!event_plan_open(&plan, catalog, &filter, &err))
                fail_msg("%s", err.text);
        plan.query.limit = 100000;
        if (!events_find(catalog, &plan.query, &page, &err))
                fail_msg("%s", err.text);
        event_plan_close(&plan);
        return page;
}

/* A stretch near an event: of it, of a part of it, or a little more. */
static struct stretch random_stretch(const struct event_page *page)
{
        const struct span *event = &page->events[random_below(&seed, (int)page->count)];
        struct stretch stretch = {event->camera, event->start, event->end};
        int64_t length = event->end.ms - event->start.ms;
        switch (random_below(&seed, 4)) {
        case 0: stretch.from.ms += random_below(&seed, (int)length + 1); break;
        case 1: stretch.to.ms -= random_below(&seed, (int)length + 1); break;
        case 2:
                stretch.from.ms -= random_below(&seed, 20000);
                stretch.to.ms += random_below(&seed, 20000);
                break;
        default: break;
        }
        return stretch;
}

static bool has(const struct span *event, int what)
{
        return what == 0 ? event->reviewed : what == 1 ? event->pinned : event->noted;
}

static void compare_filters(const char *dwell, const struct event_page *whole, int met[static 6])
{
        static const char *const names[] = {"reviewed", "pinned", "noted"};
        for (int what = 0; what < 3; what++) {
                for (int wish = 0; wish < 2; wish++) {
                        struct event_page page =
                                find(dwell, names[what], wish != 0 ? "true" : "false");
                        size_t at = 0;
                        for (size_t i = 0; i < whole->count; i++) {
                                if (has(&whole->events[i], what) != (wish != 0))
                                        continue;
                                assert_true(at < page.count);
                                span_assert_equal(&page.events[at++], &whole->events[i]);
                                met[what * 2 + wish]++;
                        }
                        assert_int_equal(at, page.total);
                        event_page_free(&page);
                }
        }
}

static void say_something(const struct event_page *page)
{
        struct stretch stretch = random_stretch(page);
        struct stretch_note note = {.stretch = stretch, .text = "seen"};
        struct error err = {0};
        int what = random_below(&seed, 5);
        if (what < 4) {
                enum mark_kind kind = what % 2 == 0 ? MARK_REVIEWED : MARK_PINNED;
                assert_true(catalog_mark(catalog, kind, random_below(&seed, 4) != 0, &stretch, 1,
                                         &err));
        } else if (noted_count < STRETCHES_MOST) {
                assert_true(catalog_note_add(catalog, &note, &err));
                noted[noted_count++] = stretch;
        }
}

static void events_have_what_is_said_of_them(void **state)
{
        (void)state;
        static const char *const dwells[] = {"1", "3", "30"};
        static struct stretch reviewed[STRETCHES_MOST];
        static struct stretch pinned[STRETCHES_MOST];
        int met[6] = {0};
        noted_count = 0;
        for (int i = 0; i < MODEL_FILES; i++) {
                struct frame frame = model_frame(&model, i);
                model_add(&model, catalog, &frame, 1);
        }
        for (int step = 0; step < 60; step++) {
                struct event_page page = find(dwells[step % 3], NULL, NULL);
                assert_true(page.count > 20);
                int reviewed_count = list_marks(MARK_REVIEWED, reviewed);
                int pinned_count = list_marks(MARK_PINNED, pinned);
                for (size_t i = 0; i < page.count; i++) {
                        struct span naively = page.events[i];
                        look_at(&naively, reviewed, reviewed_count, pinned, pinned_count);
                        span_assert_equal(&page.events[i], &naively);
                        for (int what = 0; what < 3; what++)
                                assert_int_equal(has(&page.events[i], what), has(&naively, what));
                }
                compare_filters(dwells[step % 3], &page, met);
                say_something(&page);
                event_page_free(&page);
        }
        for (int i = 0; i < 6; i++)
                assert_true(met[i] > 20);
        check_catalog();
}

/* A frame that comes late, outside of what was looked at, makes its event one to look at again. */
static void a_late_frame_is_not_reviewed(void **state)
{
        (void)state;
        struct error err = {0};
        struct frame frames[3] = {model_frame(&model, 0), model_frame(&model, 1),
                                  model_frame(&model, 2)};
        for (int i = 0; i < 3; i++) {
                frames[i].key.camera = model.cameras[0];
                frames[i].key.time.ms = 1400000000000 + i * 400;
        }
        struct stretch seen = {model.cameras[0], frames[0].key.time, frames[1].key.time};
        model_add(&model, catalog, frames, 2);
        assert_true(catalog_mark(catalog, MARK_REVIEWED, true, &seen, 1, &err));
        struct event_page page = find("3", "reviewed", "true");
        assert_int_equal(page.total, 1);
        event_page_free(&page);
        model_add(&model, catalog, &frames[2], 1);
        page = find("3", "reviewed", "true");
        assert_int_equal(page.total, 0);
        event_page_free(&page);
}

static void a_camera_takes_its_marks_along(void **state)
{
        (void)state;
        struct error err = {0};
        struct stretch stretch = {model.cameras[1], {0}, {100}};
        struct stretch_note note = {.stretch = stretch, .text = "gone"};
        assert_true(catalog_mark(catalog, MARK_PINNED, true, &stretch, 1, &err));
        assert_true(catalog_note_add(catalog, &note, &err));
        assert_true(catalog_camera_remove(catalog, model.cameras[1], &err));
        assert_false(catalog_note(catalog, note.id, &note, &err));
        check_catalog();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(marks_are_sets_of_time),       TEST(two_cursors_at_once),
                TEST(all_of_a_change_or_none),      TEST(notes_are_kept),
                TEST(what_a_note_may_say),          TEST(events_have_what_is_said_of_them),
                TEST(a_late_frame_is_not_reviewed), TEST(a_camera_takes_its_marks_along),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
