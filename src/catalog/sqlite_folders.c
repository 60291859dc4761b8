#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/sqlite_deleted.h"
#include "catalog/sqlite_handle.h"

/* ---- folders ---- */

bool catalog_folder_find(struct catalog *catalog, const char *path, struct folder_id *folder_out,
                         struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, FOLDER_FIND, &find, err))
                return false;
        statement_bind_text(find, 1, path);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "folder %s is not known", path);
        folder_out->value = sqlite3_column_int(find, 0);
        sqlite3_reset(find);
        return true;
}

static bool insert_folder(struct catalog *catalog, const char *path, struct folder_id *folder_out,
                          struct error *err)
{
        sqlite3_stmt *insert;
        if (!statement_get(catalog, FOLDER_INSERT, &insert, err))
                return false;
        statement_bind_text(insert, 1, path);
        if (!statement_run(catalog, insert, err))
                return false;
        folder_out->value = (int32_t)sqlite3_last_insert_rowid(catalog->db);
        return true;
}

bool catalog_folder(struct catalog *catalog, const char *path, struct folder_id *folder_out,
                    struct error *err)
{
        struct error missing = {0};
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = catalog_folder_find(catalog, path, folder_out, &missing);
        if (!ok && missing.kind == ERROR_NOT_FOUND)
                ok = insert_folder(catalog, path, folder_out, err);
        else if (!ok)
                *err = missing;
        return write_leave(catalog, own, ok, err);
}

static bool make_room(struct catalog *catalog, size_t id, struct error *err)
{
        if (id < catalog->folder_room)
                return true;
        size_t room = catalog->folder_room == 0 ? 64 : catalog->folder_room;
        while (room <= id)
                room *= 2;
        const char **grown = realloc(catalog->folder_paths, room * sizeof *grown);
        if (grown == NULL)
                return error_sys(err, "catalog");
        memset(grown + catalog->folder_room, 0, (room - catalog->folder_room) * sizeof *grown);
        catalog->folder_paths = grown;
        catalog->folder_room = room;
        return true;
}

bool catalog_folder_path(struct catalog *catalog, struct folder_id folder, const char **path_out,
                         struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        size_t id = (size_t)folder.value;
        if (folder.value > 0 && id < catalog->folder_room && catalog->folder_paths[id] != NULL) {
                *path_out = catalog->folder_paths[id];
                return true;
        }
        if (!statement_get(catalog, FOLDER_PATH, &find, err))
                return false;
        BIND(find, folder.value);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "there is no folder %d", (int)folder.value);
        const char *text = (const char *)sqlite3_column_text(find, 0);
        const char *kept = keep_string(catalog, text, (size_t)sqlite3_column_bytes(find, 0));
        sqlite3_reset(find);
        if (kept == NULL)
                return error_sys(err, "catalog");
        if (!make_room(catalog, id, err))
                return false;
        catalog->folder_paths[id] = kept;
        *path_out = kept;
        return true;
}

bool catalog_folders_below(struct catalog *catalog, const char *path,
                           bool (*each)(void *context, struct folder_id, const char *path,
                                        uint64_t fingerprint),
                           void *context, struct error *err)
{
        char below[PATH_MAX + 2];
        char past[PATH_MAX + 2];
        const char *slash = strcmp(path, "/") == 0 ? "" : "/";
        int length = snprintf(below, sizeof below, "%s%s", path, slash);
        if (length <= 0 || (size_t)length >= sizeof below)
                return error_set(err, ERROR_INPUT, "the path is too long");
        memcpy(past, below, sizeof past);
        past[length - 1] = '/' + 1; /* "path0" is the first that no longer begins with "path/" */
        sqlite3_stmt *list = NULL;
        if (!statement_prepare(catalog,
                               "SELECT id, path, fingerprint FROM folders WHERE path = ?1 "
                               "UNION ALL SELECT id, path, fingerprint FROM folders "
                               "WHERE path >= ?2 AND path < ?3 AND path <> ?1 ORDER BY path",
                               &list, err))
                return false;
        statement_bind_text(list, 1, path);
        statement_bind_text(list, 2, below);
        statement_bind_text(list, 3, past);
        bool ok;
        for (;;) {
                bool row;
                ok = statement_step(catalog, list, &row, err);
                if (!ok || !row)
                        break;
                if (!each(context, (struct folder_id){sqlite3_column_int(list, 0)},
                          (const char *)sqlite3_column_text(list, 1),
                          (uint64_t)sqlite3_column_int64(list, 2)))
                        break;
        }
        sqlite3_finalize(list);
        return ok;
}

bool catalog_folder_fingerprint(struct catalog *catalog, struct folder_id folder,
                                uint64_t *fingerprint_out, struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, FOLDER_FINGERPRINT, &find, err))
                return false;
        BIND(find, folder.value);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "there is no folder %d", (int)folder.value);
        *fingerprint_out = (uint64_t)sqlite3_column_int64(find, 0);
        sqlite3_reset(find);
        return true;
}

bool catalog_folder_set_fingerprint(struct catalog *catalog, struct folder_id folder,
                                    uint64_t fingerprint, struct error *err)
{
        sqlite3_stmt *update = NULL;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_get(catalog, FOLDER_SET_FINGERPRINT, &update, err);
        if (ok) {
                BIND(update, folder.value, (int64_t)fingerprint);
                ok = statement_run(catalog, update, err);
        }
        return write_leave(catalog, own, ok, err);
}

/* ---- files ---- */

static bool skipped_find(struct catalog *catalog, const struct place *place,
                         struct known_file *file_out, struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, SKIPPED_FIND, &find, err))
                return false;
        BIND(find, place->folder.value);
        statement_bind_text(find, 2, place->name);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "file %s is not known", place->name);
        *file_out = (struct known_file){
                .as = KNOWN_SKIPPED,
                .bytes = sqlite3_column_int64(find, 0),
                .modified = {sqlite3_column_int64(find, 1)},
        };
        snprintf(file_out->name, sizeof file_out->name, "%s", place->name);
        sqlite3_reset(find);
        return true;
}

static void file_of_frame(const struct frame *frame, enum known_as as, struct known_file *file_out)
{
        *file_out = (struct known_file){
                .as = as,
                .bytes = frame->bytes,
                .modified = frame->received,
                .key = frame->key,
        };
        memcpy(file_out->name, frame->place.name, sizeof file_out->name);
}

bool catalog_file_find(struct catalog *catalog, const struct place *place,
                       struct known_file *file_out, struct error *err)
{
        struct frame frame;
        bool found;
        if (!frame_by_place(catalog, place, &found, &frame, err))
                return false;
        enum known_as as = KNOWN_FRAME;
        if (!found) {
                as = KNOWN_DELETED;
                if (!deleted_by_place(catalog, place, &found, &frame, err))
                        return false;
        }
        if (!found)
                return skipped_find(catalog, place, file_out, err);
        file_of_frame(&frame, as, file_out);
        return true;
}

/* Who is told of files, and whether they want to go on. */
struct file_visit {
        bool (*each)(void *context, const struct known_file *);
        void *context;
        bool go_on;
};

static bool each_frame_of(struct catalog *catalog, sqlite3_stmt *list, enum known_as as,
                          struct file_visit *visit, struct error *err)
{
        struct frame frame;
        struct known_file file;
        bool row;
        while (visit->go_on) {
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        return true;
                if (!frame_of_row(catalog, list, &frame, err))
                        return false;
                file_of_frame(&frame, as, &file);
                visit->go_on = visit->each(visit->context, &file);
        }
        return true;
}

static bool each_skipped_of(struct catalog *catalog, sqlite3_stmt *list,
                            bool (*each)(void *context, const struct known_file *), void *context,
                            struct error *err)
{
        bool row;
        for (;;) {
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        return true;
                struct known_file file = {
                        .as = KNOWN_SKIPPED,
                        .bytes = sqlite3_column_int64(list, 1),
                        .modified = {sqlite3_column_int64(list, 2)},
                };
                snprintf(file.name, sizeof file.name, "%s",
                         (const char *)sqlite3_column_text(list, 0));
                if (!each(context, &file))
                        return true;
        }
}

bool catalog_files_of(struct catalog *catalog, struct folder_id folder,
                      bool (*each)(void *context, const struct known_file *), void *context,
                      struct error *err)
{
        sqlite3_stmt *frames = NULL;
        sqlite3_stmt *deleted = NULL;
        sqlite3_stmt *skipped = NULL;
        struct file_visit visit = {each, context, true};
        bool ok = statement_prepare(catalog,
                                    "SELECT " FRAME_COLUMNS
                                    " FROM frames WHERE folder = ?1 ORDER BY name",
                                    &frames, err) &&
                  statement_prepare(catalog,
                                    "SELECT " FRAME_COLUMNS
                                    " FROM deleted WHERE folder = ?1 ORDER BY name",
                                    &deleted, err) &&
                  statement_prepare(catalog,
                                    "SELECT name, bytes, modified FROM skipped WHERE folder = ?1",
                                    &skipped, err);
        if (ok) {
                BIND(frames, folder.value);
                BIND(deleted, folder.value);
                BIND(skipped, folder.value);
                ok = each_frame_of(catalog, frames, KNOWN_FRAME, &visit, err);
        }
        if (ok && visit.go_on)
                ok = each_frame_of(catalog, deleted, KNOWN_DELETED, &visit, err);
        if (ok && visit.go_on)
                ok = each_skipped_of(catalog, skipped, each, context, err);
        sqlite3_finalize(frames);
        sqlite3_finalize(deleted);
        sqlite3_finalize(skipped);
        return ok;
}

static bool insert_skipped(struct catalog *catalog, const struct place *place, int64_t bytes,
                           struct utc modified, const char *reason, struct error *err)
{
        sqlite3_stmt *insert;
        if (!statement_get(catalog, SKIPPED_INSERT, &insert, err))
                return false;
        BIND(insert, place->folder.value);
        statement_bind_text(insert, 2, place->name);
        sqlite3_bind_int64(insert, 3, bytes);
        sqlite3_bind_int64(insert, 4, modified.ms);
        statement_bind_text(insert, 5, reason);
        catalog->may_have_skipped = true;
        return statement_run(catalog, insert, err);
}

/* What was a frame at this place, or has vanished from it, is neither any longer. */
static bool skip(struct catalog *catalog, const struct place *place, int64_t bytes,
                 struct utc modified, const char *reason, struct error *err)
{
        struct frame frame;
        bool found;
        int64_t removed;
        if (!frame_by_place(catalog, place, &found, &frame, err))
                return false;
        if (found && !catalog_remove(catalog, &frame.key, 1, &removed, err))
                return false;
        struct place_notes notes = {0};
        return deleted_drop_place(catalog, place, err) &&
               forget_notes(catalog, &notes, place, err) &&
               insert_skipped(catalog, place, bytes, modified, reason, err);
}

bool catalog_file_skip(struct catalog *catalog, const struct place *place, int64_t bytes,
                       struct utc modified, const char *reason, struct error *err)
{
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = skip(catalog, place, bytes, modified, reason, err);
        return write_leave(catalog, own, ok, err);
}
