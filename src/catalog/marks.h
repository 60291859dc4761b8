#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/utc.h"
#include "catalog/catalog.h"
#include "model/frame.h"
#include "model/stretch_note.h"

/*
 * What people say of time: that they have looked at it, that it is to be kept, and notes. It stays
 * with the stretch it was said of, whatever the dwell that makes events of it.
 */

/* ---- marks: stretches that of a camera and a kind neither overlap nor touch ---- */

enum mark_kind { MARK_REVIEWED = 1, MARK_PINNED };

/* Marks the stretches, or takes the mark off them; both ends belong to them. Those given may
 * overlap one another. All of it or, on an error, none. Writer only. */
bool catalog_mark(struct catalog *catalog, enum mark_kind kind, bool set,
                  const struct stretch *stretches, size_t count, struct error *err) MUST_CHECK;

/*
 * A cursor over the marked stretches that overlap the one given, whole and in order of time.
 * Returns them one by one; false with err->kind ERROR_NONE at the end.
 */
struct mark_cursor;
bool catalog_marks_open(struct catalog *catalog, enum mark_kind kind, const struct stretch *stretch,
                        struct mark_cursor **cursor_out, struct error *err) MUST_CHECK;
bool mark_cursor_next(struct mark_cursor *cursor, struct stretch *marked_out,
                      struct error *err) MUST_CHECK;
/* Accepts NULL inside. */
void mark_cursor_close(struct mark_cursor **cursor);

/* ---- notes: of stretches that may overlap ---- */

/* Sets note->id. Writer only. */
bool catalog_note_add(struct catalog *catalog, struct stretch_note *note,
                      struct error *err) MUST_CHECK;

/* ERROR_NOT_FOUND when there is none, here and below. */
bool catalog_note(struct catalog *catalog, int64_t id, struct stretch_note *note_out,
                  struct error *err) MUST_CHECK;

/* Sets stretch (but not the camera), text and time of the note->id. Writer only. */
bool catalog_note_update(struct catalog *catalog, const struct stretch_note *note,
                         struct error *err) MUST_CHECK;
bool catalog_note_remove(struct catalog *catalog, int64_t id, struct error *err) MUST_CHECK;

/* Calls `each` for each note whose stretch overlaps the one given, in order of starts, then ids,
 * until it returns false; it may use the catalog but for notes. */
bool catalog_notes(struct catalog *catalog, const struct stretch *stretch,
                   bool (*each)(void *context, const struct stretch_note *note), void *context,
                   struct error *err) MUST_CHECK;

/* The stretches of all notes of a camera that begin at or before `until`, in order of starts, as
 * the cursor gives marks. */
bool catalog_noted_open(struct catalog *catalog, struct camera_id camera, struct utc until,
                        struct mark_cursor **cursor_out, struct error *err) MUST_CHECK;
