/* Deleting in steps, and what is known of deletions. */
#include <inttypes.h>
#include <stdlib.h>

#include "catalog/sqlite_deleted.h"

/* ---- one step of deleting ---- */

struct step {
        struct catalog *catalog;
        struct deleting *deleting; /* a copy, so that a failed step leaves the caller's alone */
        struct frame *frames;      /* DELETION_STEP of them */
        bool *pinned;
        size_t count;
        bool more;               /* of the stretch */
        struct folder_id folder; /* the last one asked about */
        bool managed;
        struct batch batch;
        struct utc first, last; /* deleted in this step */
        int64_t moved, bytes;
};

/* The last frame that is there when the stretch is begun. */
static bool begin_stretch(struct step *step, const struct stretch *stretch, bool *any_out,
                          struct error *err)
{
        struct deleting *deleting = step->deleting;
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(step->catalog, FRAME_LAST_UP_TO, &find, err))
                return false;
        BIND(find, stretch->camera.value, stretch->from.ms, stretch->to.ms);
        if (!statement_step(step->catalog, find, &row, err))
                return false;
        *any_out = row;
        if (!row)
                return true;
        deleting->last = (struct frame_key){stretch->camera,
                                            {sqlite3_column_int64(find, 0)},
                                            (uint32_t)sqlite3_column_int64(find, 1)};
        sqlite3_reset(find);
        deleting->begun = true;
        return true;
}

static bool read_frames(struct step *step, const struct stretch *stretch, bool first,
                        struct error *err)
{
        struct deleting *deleting = step->deleting;
        struct frame_cursor *cursor = NULL;
        const struct frame *frame;
        struct stretch part = {stretch->camera, stretch->from, deleting->last.time};
        if (!catalog_frames_open(step->catalog, &part, first ? NULL : &deleting->after, &cursor,
                                 err))
                return false;
        step->count = 0;
        step->more = true;
        bool ok = true;
        while (step->count < DELETION_STEP) {
                ok = frame_cursor_next(cursor, &frame, err);
                if (!ok || frame_key_compare(&frame->key, &deleting->last) > 0) {
                        ok = ok || err->kind == ERROR_NONE;
                        step->more = false;
                        break;
                }
                step->frames[step->count++] = *frame;
        }
        frame_cursor_close(&cursor);
        return ok;
}

static bool may_delete(struct step *step, const struct frame *frame, bool *may_out,
                       struct error *err)
{
        const char *path = NULL;
        struct deleting *deleting = step->deleting;
        *may_out = true;
        if (!place_known(&frame->place)) {
                *may_out = frame->place.segment.value != 0; /* else it has no file at all */
                return true;
        }
        if (step->folder.value != frame->place.folder.value) {
                if (!catalog_folder_path(step->catalog, frame->place.folder, &path, err))
                        return false;
                step->folder = frame->place.folder;
                step->managed =
                        deleting->managed != NULL && deleting->managed(deleting->context, path);
        }
        /* A file that was never seen cannot be told from another one later. */
        *may_out = step->managed && utc_known(frame->received) && frame->bytes > 0;
        return true;
}

/* The deletion's row, once there is something to put in it. */
static bool deletion_add(struct step *step, struct error *err)
{
        struct deleting *deleting = step->deleting;
        sqlite3_stmt *insert;
        if (deleting->id.value == 0) {
                if (!statement_get(step->catalog, DELETION_INSERT, &insert, err))
                        return false;
                BIND(insert, deleting->made.ms, deleting->until.ms, DELETION_WAITING);
                if (!statement_run(step->catalog, insert, err))
                        return false;
                deleting->id.value = sqlite3_last_insert_rowid(step->catalog->db);
                step->catalog->may_have_deleted = true;
        }
        return true;
}

static bool move(struct step *step, const struct frame *frame, struct error *err)
{
        sqlite3_stmt *insert;
        if (!deletion_add(step, err) || !statement_get(step->catalog, DELETED_INSERT, &insert, err))
                return false;
        BIND(insert, step->deleting->id.value, frame->key.camera.value, frame->key.time.ms,
             frame->key.tie);
        if (!statement_run(step->catalog, insert, err) || !frame_delete(&step->batch, frame, err))
                return false;
        if (step->moved == 0)
                step->first = frame->key.time;
        step->last = frame->key.time;
        step->moved++;
        step->bytes += frame->bytes;
        return true;
}

static bool move_all(struct step *step, struct error *err)
{
        struct deleting *deleting = step->deleting;
        bool may = false;
        if (step->count > 0 &&
            !pinned_mark(step->catalog, step->frames, step->count, step->pinned, err))
                return false;
        for (size_t i = 0; i < step->count; i++) {
                if (step->pinned[i]) {
                        deleting->kept_pinned++;
                        continue;
                }
                if (!may_delete(step, &step->frames[i], &may, err))
                        return false;
                if (!may)
                        deleting->kept_readonly++;
                else if (!move(step, &step->frames[i], err))
                        return false;
        }
        return true;
}

static bool sum_up(struct step *step, struct camera_id camera, struct error *err)
{
        struct deleting *deleting = step->deleting;
        sqlite3_stmt *put;
        deleting->removed = (struct stretch){0};
        if (step->moved == 0)
                return true;
        deleting->frames += step->moved;
        deleting->bytes += step->bytes;
        deleting->removed = (struct stretch){camera, step->first, step->last};
        /* All that was in it may have been replaced since the step before: then it is made again.
         */
        if (!statement_get(step->catalog, DELETION_ADD, &put, err))
                return false;
        BIND(put, deleting->id.value, deleting->made.ms, deleting->until.ms, DELETION_WAITING,
             step->moved, step->bytes);
        if (!statement_run(step->catalog, put, err) ||
            !statement_get(step->catalog, DELETION_CAMERA_PUT, &put, err))
                return false;
        BIND(put, deleting->id.value, camera.value, step->first.ms, step->last.ms);
        return statement_run(step->catalog, put, err);
}

static void next_stretch(struct deleting *deleting)
{
        deleting->begun = false;
        deleting->at++;
        deleting->done = deleting->at >= deleting->stretch_count;
}

static bool do_step(struct step *step, struct error *err)
{
        struct deleting *deleting = step->deleting;
        const struct stretch *stretch = &deleting->stretches[deleting->at];
        bool first = !deleting->begun;
        bool any = true;
        if (first && !begin_stretch(step, stretch, &any, err))
                return false;
        step->count = 0;
        step->more = false;
        if (any && !read_frames(step, stretch, first, err))
                return false;
        batch_init(&step->batch, step->catalog);
        bool ok = move_all(step, err);
        ok = batch_finish(&step->batch, ok, err);
        if (!ok || !sum_up(step, stretch->camera, err))
                return false;
        if (step->count > 0)
                deleting->after = step->frames[step->count - 1].key;
        if (!step->more)
                next_stretch(deleting);
        return true;
}

bool catalog_delete_step(struct catalog *catalog, struct deleting *deleting, struct error *err)
{
        struct deleting copy = *deleting;
        struct step step = {.catalog = catalog, .deleting = &copy};
        bool own;
        if (deleting->at >= deleting->stretch_count) {
                deleting->done = true;
                return true;
        }
        step.frames = malloc(DELETION_STEP * sizeof *step.frames);
        step.pinned = calloc(DELETION_STEP, sizeof *step.pinned);
        bool ok = step.frames != NULL && step.pinned != NULL;
        if (!ok)
                error_set(err, ERROR_FULL, "no memory to delete frames");
        if (ok && write_enter(catalog, &own, err))
                ok = write_leave(catalog, own, do_step(&step, err), err);
        else
                ok = false;
        free(step.frames);
        free(step.pinned);
        if (ok)
                *deleting = copy;
        return ok;
}

/* ---- looking ---- */

static struct deletion deletion_of_row(sqlite3_stmt *row)
{
        return (struct deletion){
                .id = {sqlite3_column_int64(row, 0)},
                .made = {sqlite3_column_int64(row, 1)},
                .until = {sqlite3_column_int64(row, 2)},
                .state = (enum deletion_state)sqlite3_column_int(row, 3),
                .frames = sqlite3_column_int64(row, 4),
                .bytes = sqlite3_column_int64(row, 5),
        };
}

static bool one_deletion(struct catalog *catalog, sqlite3_stmt *find, bool *found_out,
                         struct deletion *deletion_out, struct error *err)
{
        if (!statement_step(catalog, find, found_out, err))
                return false;
        if (!*found_out)
                return true;
        *deletion_out = deletion_of_row(find);
        sqlite3_reset(find);
        return true;
}

bool catalog_deletion(struct catalog *catalog, struct deletion_id id, struct deletion *deletion_out,
                      struct error *err)
{
        sqlite3_stmt *find;
        bool found = false;
        if (!statement_get(catalog, DELETION_BY_ID, &find, err))
                return false;
        BIND(find, id.value);
        if (!one_deletion(catalog, find, &found, deletion_out, err))
                return false;
        return found || error_set(err, ERROR_NOT_FOUND,
                                  "there is no deletion %" PRId64
                                  ": it was undone, or its frames are gone for good",
                                  id.value);
}

bool catalog_deletions(struct catalog *catalog, struct deletion_id before,
                       bool (*each)(void *context, const struct deletion *), void *context,
                       struct error *err)
{
        struct deletion deletion = {.id = {before.value > 0 ? before.value : INT64_MAX}};
        for (;;) {
                sqlite3_stmt *next;
                bool found = false;
                if (!statement_get(catalog, DELETION_BEFORE, &next, err))
                        return false;
                BIND(next, deletion.id.value);
                if (!one_deletion(catalog, next, &found, &deletion, err))
                        return false;
                if (!found || !each(context, &deletion))
                        return true;
        }
}

bool catalog_deletion_sums(struct catalog *catalog, struct deletion_sums *sums_out,
                           struct error *err)
{
        sqlite3_stmt *sum;
        bool row;
        if (!statement_get(catalog, DELETION_SUMS, &sum, err) ||
            !statement_step(catalog, sum, &row, err))
                return false;
        *sums_out =
                (struct deletion_sums){sqlite3_column_int64(sum, 0), sqlite3_column_int64(sum, 1),
                                       sqlite3_column_int64(sum, 2)};
        sqlite3_reset(sum);
        return true;
}

bool catalog_deletion_cameras(struct catalog *catalog, struct deletion_id id,
                              bool (*each)(void *context, const struct stretch *), void *context,
                              struct error *err)
{
        struct stretch stretch = {0};
        for (;;) {
                sqlite3_stmt *next;
                bool row;
                if (!statement_get(catalog, DELETION_CAMERA_NEXT, &next, err))
                        return false;
                BIND(next, id.value, stretch.camera.value);
                if (!statement_step(catalog, next, &row, err))
                        return false;
                if (!row)
                        return true;
                stretch = (struct stretch){{sqlite3_column_int(next, 0)},
                                           {sqlite3_column_int64(next, 1)},
                                           {sqlite3_column_int64(next, 2)}};
                sqlite3_reset(next);
                if (!each(context, &stretch))
                        return true;
        }
}

bool catalog_segment_deleted(struct catalog *catalog, const struct segment *segment,
                             bool (*each)(void *context, const struct frame *, bool purging),
                             void *context, struct error *err)
{
        sqlite3_stmt *list = NULL;
        struct frame frame;
        bool row = false;
        if (!statement_prepare(catalog,
                               "SELECT " FRAME_COLUMNS ", (SELECT state FROM deletions WHERE "
                               "id = deletion) FROM deleted WHERE segment = ?1 "
                               "ORDER BY place_offset",
                               &list, err))
                return false;
        BIND(list, segment->id.value);
        bool ok;
        for (;;) {
                ok = statement_step(catalog, list, &row, err);
                if (!ok || !row)
                        break;
                ok = frame_of_row(catalog, list, &frame, err);
                if (!ok || !each(context, &frame, sqlite3_column_int(list, 11) == DELETION_PURGING))
                        break;
        }
        sqlite3_finalize(list);
        return ok;
}

bool catalog_deleted_at(struct catalog *catalog, struct segment_id segment, int64_t offset,
                        bool *found_out, struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, DELETED_AT, &find, err))
                return false;
        BIND(find, segment.value, offset);
        if (!statement_step(catalog, find, &row, err))
                return false;
        *found_out = row;
        if (row)
                sqlite3_reset(find);
        return true;
}

/* ---- sizes ---- */

static bool ask_bytes(struct catalog *catalog, enum statement which, int64_t *bytes_out,
                      struct error *err)
{
        sqlite3_stmt *ask;
        bool row;
        if (!statement_get(catalog, which, &ask, err) || !statement_step(catalog, ask, &row, err))
                return false;
        *bytes_out = row ? sqlite3_column_int64(ask, 0) : 0;
        if (row)
                sqlite3_reset(ask);
        return true;
}

bool catalog_received_bytes(struct catalog *catalog, int64_t *bytes_out, struct error *err)
{
        return ask_bytes(catalog, TOTAL_RECEIVED, bytes_out, err);
}

bool catalog_export_bytes(struct catalog *catalog, int64_t *bytes_out, struct error *err)
{
        return ask_bytes(catalog, EXPORTS_BYTES, bytes_out, err);
}

bool catalog_received_since(struct catalog *catalog, struct utc from, int64_t *bytes_out,
                            struct utc *first_out, struct error *err)
{
        sqlite3_stmt *ask;
        bool row;
        if (!statement_get(catalog, RECEIVED_SINCE, &ask, err))
                return false;
        BIND(ask, floor_div(from.ms, RUN_HOUR_MS));
        if (!statement_step(catalog, ask, &row, err))
                return false;
        *bytes_out = sqlite3_column_int64(ask, 0);
        *first_out = UTC_NONE;
        if (sqlite3_column_type(ask, 1) != SQLITE_NULL)
                first_out->ms = sqlite3_column_int64(ask, 1) * RUN_HOUR_MS;
        sqlite3_reset(ask);
        return true;
}
