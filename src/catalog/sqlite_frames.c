#include <stdlib.h>
#include <string.h>

#include "catalog/sqlite_deleted.h"

bool frame_of_row(struct catalog *catalog, sqlite3_stmt *statement, struct frame *frame_out,
                  struct error *err)
{
        const struct traits *traits;
        if (!traits_of(catalog, sqlite3_column_int64(statement, 5), &traits, err))
                return false;
        int64_t time = sqlite3_column_int64(statement, 1);
        frame_out->key.camera.value = sqlite3_column_int(statement, 0);
        frame_out->key.time.ms = time;
        frame_out->key.tie = (uint32_t)sqlite3_column_int64(statement, 2);
        frame_out->received = UTC_NONE;
        if (sqlite3_column_type(statement, 3) != SQLITE_NULL)
                frame_out->received.ms = time + sqlite3_column_int64(statement, 3);
        frame_out->sequence = -1;
        if (sqlite3_column_type(statement, 4) != SQLITE_NULL)
                frame_out->sequence = sqlite3_column_int64(statement, 4);
        frame_out->kinds = traits->kinds;
        frame_out->windows = traits->windows;
        frame_out->has_trigger = traits->trigger != TRIGGER_NONE;
        frame_out->trigger = frame_out->has_trigger ? traits->trigger : 0;
        frame_out->width = traits->width;
        frame_out->height = traits->height;
        frame_out->time_source = (enum time_source)traits->time_source;
        frame_out->bytes = sqlite3_column_int64(statement, 6);
        frame_out->place.folder.value = sqlite3_column_int(statement, 7);
        frame_out->place.segment.value = sqlite3_column_int(statement, 9);
        frame_out->place.offset = sqlite3_column_int64(statement, 10);
        const char *name = (const char *)sqlite3_column_text(statement, 8);
        size_t length = name == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, 8);
        if (length >= sizeof frame_out->place.name)
                return error_set(err, ERROR_CORRUPT, "catalog: a name of %zu bytes", length);
        if (length > 0)
                memcpy(frame_out->place.name, name, length);
        frame_out->place.name[length] = '\0';
        return true;
}

static bool tell_vanished(struct catalog *catalog, const struct frame_key *key, struct error *err)
{
        char id[FRAME_ID_SIZE];
        char noticed[UTC_TEXT_SIZE];
        const char *path;
        sqlite3_stmt *find;
        bool row;
        frame_id_format(key, id);
        if (!statement_get(catalog, VANISHED_BY_KEY, &find, err))
                return false;
        BIND(find, key->camera.value, key->time.ms, key->tie);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "there is no frame %s", id);
        struct folder_id folder = {sqlite3_column_int(find, 0)};
        if (catalog_folder_path(catalog, folder, &path, err)) {
                utc_format((struct utc){sqlite3_column_int64(find, 2)}, noticed);
                error_set(err, ERROR_GONE, "frame %s is gone: %s/%s was missing on %s", id, path,
                          (const char *)sqlite3_column_text(find, 1), noticed);
        }
        sqlite3_reset(find);
        return false;
}

bool catalog_frame(struct catalog *catalog, const struct frame_key *key, struct frame *frame_out,
                   struct error *err)
{
        bool found;
        bool told = false;
        if (!frame_by_key(catalog, key, &found, frame_out, err))
                return false;
        if (found)
                return true;
        return deleted_tell(catalog, key, &told, err) && !told && tell_vanished(catalog, key, err);
}

bool catalog_frame_before(struct catalog *catalog, struct camera_id camera, struct utc to,
                          struct frame *frame_out, struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, FRAME_BEFORE, &find, err))
                return false;
        BIND(find, camera.value, range_end(to));
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "there is no frame before that");
        bool ok = frame_of_row(catalog, find, frame_out, err);
        sqlite3_reset(find);
        return ok;
}

bool catalog_frames_any(struct catalog *catalog, const struct stretch *stretch, bool *any_out,
                        struct error *err)
{
        sqlite3_stmt *ask;
        bool row;
        if (!statement_get(catalog, FRAMES_ANY, &ask, err))
                return false;
        BIND(ask, stretch->camera.value, stretch->from.ms, range_end(stretch->to));
        if (!statement_step(catalog, ask, &row, err))
                return false;
        *any_out = row && sqlite3_column_int(ask, 0) != 0;
        sqlite3_reset(ask);
        return true;
}

/* ---- cursor ---- */

struct frame_cursor {
        struct catalog *catalog;
        sqlite3_stmt *statement;
        bool ended;
        struct frame frame;
};

bool catalog_frames_open(struct catalog *catalog, const struct stretch *stretch,
                         const struct frame_key *after, struct frame_cursor **cursor_out,
                         struct error *err)
{
        struct frame_cursor *cursor = calloc(1, sizeof *cursor);
        if (cursor == NULL)
                return error_sys(err, "catalog");
        cursor->catalog = catalog;
        if (!statement_borrow(catalog, CURSOR_FRAMES, &cursor->statement, err)) {
                free(cursor);
                return false;
        }
        int64_t time = stretch->from.ms;
        int64_t tie = -1;
        if (after != NULL && after->time.ms >= time) {
                time = after->time.ms;
                tie = after->tie;
        }
        BIND(cursor->statement, stretch->camera.value, time, tie, range_end(stretch->to));
        *cursor_out = cursor;
        return true;
}

bool frame_cursor_next(struct frame_cursor *cursor, const struct frame **frame_out,
                       struct error *err)
{
        bool row = false;
        if (!cursor->ended && !statement_step(cursor->catalog, cursor->statement, &row, err))
                return false;
        if (!row) {
                cursor->ended = true;
                err->kind = ERROR_NONE;
                return false;
        }
        *frame_out = &cursor->frame;
        return frame_of_row(cursor->catalog, cursor->statement, &cursor->frame, err);
}

void frame_cursor_close(struct frame_cursor **cursor)
{
        if (*cursor == NULL)
                return;
        statement_return((*cursor)->catalog, CURSOR_FRAMES, (*cursor)->statement);
        free(*cursor);
        *cursor = NULL;
}
