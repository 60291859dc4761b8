#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "catalog/sqlite_handle.h"

/* ---- reading ---- */

static void copy_text(char *out, size_t size, sqlite3_stmt *row, int column)
{
        const char *text = (const char *)sqlite3_column_text(row, column);
        snprintf(out, size, "%s", text != NULL ? text : "");
}

static bool end_key(struct catalog *catalog, enum statement which, struct camera_id camera,
                    bool *found_out, struct frame_key *key_out, struct error *err)
{
        sqlite3_stmt *find;
        if (!statement_get(catalog, which, &find, err))
                return false;
        BIND(find, camera.value);
        if (!statement_step(catalog, find, found_out, err))
                return false;
        if (*found_out) {
                *key_out = (struct frame_key){camera,
                                              {sqlite3_column_int64(find, 0)},
                                              (uint32_t)sqlite3_column_int64(find, 1)};
                sqlite3_reset(find);
        }
        return true;
}

/* Takes the row over and resets the statement. */
static bool camera_of_row(struct catalog *catalog, sqlite3_stmt *row, struct camera *camera_out,
                          struct error *err)
{
        struct camera camera = {
                .id = {sqlite3_column_int(row, 0)},
                .dwell_ms = sqlite3_column_int64(row, 6),
                .frames = sqlite3_column_int64(row, 7),
                .motion_frames = sqlite3_column_int64(row, 8),
                .bytes = sqlite3_column_int64(row, 9),
                .disabled = sqlite3_column_int(row, 11) != 0,
                .is_new = sqlite3_column_int(row, 12) != 0,
        };
        copy_text(camera.name, sizeof camera.name, row, 1);
        copy_text(camera.model, sizeof camera.model, row, 3);
        copy_text(camera.zone, sizeof camera.zone, row, 4);
        copy_text(camera.path_template, sizeof camera.path_template, row, 5);
        copy_text(camera.directory, sizeof camera.directory, row, 10);
        camera.has_mac = sqlite3_column_bytes(row, 2) == sizeof camera.mac;
        if (camera.has_mac)
                memcpy(camera.mac, sqlite3_column_blob(row, 2), sizeof camera.mac);
        sqlite3_reset(row);
        if (!end_key(catalog, CAMERA_FIRST, camera.id, &camera.has_frames, &camera.first, err) ||
            !end_key(catalog, CAMERA_LAST, camera.id, &camera.has_frames, &camera.last, err))
                return false;
        *camera_out = camera;
        return true;
}

bool catalog_camera_by_name(struct catalog *catalog, const char *name, struct camera *camera_out,
                            struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, CAMERA_BY_NAME, &find, err))
                return false;
        statement_bind_text(find, 1, name);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "there is no camera \"%.64s\"", name);
        return camera_of_row(catalog, find, camera_out, err);
}

bool catalog_camera_by_id(struct catalog *catalog, struct camera_id id, struct camera *camera_out,
                          struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, CAMERA_BY_ID, &find, err))
                return false;
        BIND(find, id.value);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "there is no camera %d", (int)id.value);
        return camera_of_row(catalog, find, camera_out, err);
}

bool catalog_camera_by_directory(struct catalog *catalog, const char *directory,
                                 struct camera *camera_out, struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, CAMERA_BY_DIRECTORY, &find, err))
                return false;
        statement_bind_text(find, 1, directory);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "no camera has its frames in \"%.64s\"",
                                 directory);
        return camera_of_row(catalog, find, camera_out, err);
}

/* Name by name, so that `each` may use the catalog. */
bool catalog_cameras(struct catalog *catalog, bool (*each)(void *context, const struct camera *),
                     void *context, struct error *err)
{
        struct camera camera = {0};
        for (;;) {
                sqlite3_stmt *list;
                bool row;
                if (!statement_get(catalog, CAMERA_LIST, &list, err))
                        return false;
                statement_bind_text(list, 1, camera.name);
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        return true;
                if (!camera_of_row(catalog, list, &camera, err))
                        return false;
                if (!each(context, &camera))
                        return true;
        }
}

/* ---- recognising ---- */

static unsigned slot_of(const void *bytes, size_t length)
{
        const uint8_t *at = bytes;
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        for (size_t i = 0; i < length; i++)
                hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
        return (unsigned)(hash >> 32) % CAMERA_SLOTS;
}

static struct camera_slot *slot_for(struct catalog *catalog, const struct facts *facts)
{
        if (facts->has_mac)
                return &catalog->cameras[slot_of(facts->mac, sizeof facts->mac)];
        return &catalog->cameras[slot_of(facts->camera_name, strlen(facts->camera_name))];
}

static bool slot_fits(const struct camera_slot *slot, const struct facts *facts)
{
        if (slot->camera.value == 0 || slot->by_mac != facts->has_mac)
                return false;
        if (!slot->has_model && facts->model[0] != '\0')
                return false;
        return facts->has_mac ? memcmp(slot->mac, facts->mac, sizeof slot->mac) == 0
                              : strcmp(slot->name, facts->camera_name) == 0;
}

static bool find_by_mac(struct catalog *catalog, const uint8_t mac[static 6],
                        struct camera_id *camera_out, struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, CAMERA_BY_MAC, &find, err))
                return false;
        sqlite3_bind_blob(find, 1, mac, 6, SQLITE_STATIC);
        if (!statement_step(catalog, find, &row, err))
                return false;
        camera_out->value = row ? sqlite3_column_int(find, 0) : 0;
        if (row)
                sqlite3_reset(find);
        return true;
}

/* The camera of a name it has or had; id 0 if none. */
static bool find_by_name(struct catalog *catalog, const char *name, struct camera_id *camera_out,
                         bool *has_mac_out, struct error *err)
{
        struct error missing = {0};
        struct camera camera = {0};
        sqlite3_stmt *find;
        bool row;
        *camera_out = (struct camera_id){0};
        bool found = catalog_camera_by_name(catalog, name, &camera, &missing);
        if (!found && missing.kind == ERROR_NOT_FOUND) {
                if (!statement_get(catalog, CAMERA_BY_ALIAS, &find, err))
                        return false;
                statement_bind_text(find, 1, name);
                if (!statement_step(catalog, find, &row, err))
                        return false;
                if (!row)
                        return true;
                struct camera_id id = {sqlite3_column_int(find, 0)};
                sqlite3_reset(find);
                found = catalog_camera_by_id(catalog, id, &camera, &missing);
        }
        if (!found) {
                *err = missing;
                return false;
        }
        *camera_out = camera.id;
        *has_mac_out = camera.has_mac;
        return true;
}

/* What a camera is recognised by, and where its frames go. */
struct camera_names {
        const char *name;
        const char *directory;
};

static bool insert_row(struct catalog *catalog, const struct facts *facts,
                       const struct camera_names *names, const struct camera_defaults *defaults,
                       struct camera_id *camera_out, struct error *err)
{
        sqlite3_stmt *insert;
        if (!statement_get(catalog, CAMERA_INSERT, &insert, err))
                return false;
        const char *zone = defaults != NULL && defaults->zone != NULL ? defaults->zone : "UTC";
        const char *path_template =
                defaults != NULL && defaults->path_template != NULL ? defaults->path_template : "";
        statement_bind_text(insert, 1, names->name);
        if (facts->has_mac)
                sqlite3_bind_blob(insert, 2, facts->mac, sizeof facts->mac, SQLITE_STATIC);
        else
                sqlite3_bind_null(insert, 2);
        statement_bind_text(insert, 3, facts->model);
        statement_bind_text(insert, 4, zone);
        statement_bind_text(insert, 5, path_template);
        sqlite3_bind_int64(insert, 6, DWELL_DEFAULT_MS);
        statement_bind_text(insert, 7, names->directory);
        sqlite3_bind_int(insert, 8, defaults != NULL && defaults->is_new);
        if (!statement_run(catalog, insert, err))
                return false;
        camera_out->value = (int32_t)sqlite3_last_insert_rowid(catalog->db);
        return true;
}

static bool insert_camera(struct catalog *catalog, const struct facts *facts, const char *name,
                          const struct camera_defaults *defaults, struct camera_id *camera_out,
                          struct error *err)
{
        char directory[CAMERA_NAME_SIZE];
        return camera_directory(catalog, name, directory, err) &&
               insert_row(catalog, facts, &(struct camera_names){name, directory}, defaults,
                          camera_out, err);
}

static bool set_mac(struct catalog *catalog, struct camera_id camera, const struct facts *facts,
                    struct error *err)
{
        sqlite3_stmt *update;
        if (!statement_get(catalog, CAMERA_SET_MAC, &update, err))
                return false;
        BIND(update, camera.value);
        sqlite3_bind_blob(update, 2, facts->mac, sizeof facts->mac, SQLITE_STATIC);
        return statement_run(catalog, update, err);
}

static bool find_or_create(struct catalog *catalog, const struct facts *facts,
                           const struct camera_defaults *defaults, struct camera_id *camera_out,
                           bool *created_out, struct error *err)
{
        char name[CAMERA_NAME_SIZE];
        *created_out = false;
        if (facts->has_mac && !find_by_mac(catalog, facts->mac, camera_out, err))
                return false;
        if (facts->has_mac && camera_out->value != 0)
                return true;
        for (int n = 0;; n++) {
                bool has_mac = false;
                camera_candidate(facts, n, name);
                if (!find_by_name(catalog, name, camera_out, &has_mac, err))
                        return false;
                if (camera_out->value == 0) {
                        *created_out = true;
                        return insert_camera(catalog, facts, name, defaults, camera_out, err);
                }
                if (!facts->has_mac)
                        return true;
                if (!has_mac)
                        return set_mac(catalog, *camera_out, facts, err);
        }
}

bool catalog_camera_restore(struct catalog *catalog, const char *directory,
                            const struct facts *facts, struct camera_id *camera_out,
                            struct error *err)
{
        struct facts own = *facts;
        char name[CAMERA_NAME_SIZE];
        struct camera_id taken = {0};
        bool ignored;
        bool begun;
        if (own.camera_name[0] == '\0')
                snprintf(own.camera_name, sizeof own.camera_name, "%s", directory);
        if (own.has_mac && !find_by_mac(catalog, own.mac, &taken, err))
                return false;
        own.has_mac = own.has_mac && taken.value == 0;
        for (int n = 0;; n++) {
                camera_candidate(&own, n, name);
                if (!find_by_name(catalog, name, &taken, &ignored, err))
                        return false;
                if (taken.value == 0)
                        break;
        }
        if (!write_enter(catalog, &begun, err))
                return false;
        bool ok = insert_row(catalog, &own, &(struct camera_names){name, directory}, NULL,
                             camera_out, err);
        return write_leave(catalog, begun, ok, err);
}

/* A camera known without its model gets it from the first picture that tells. */
static bool complete_model(struct catalog *catalog, struct camera_id id, const struct facts *facts,
                           bool *has_model_out, struct error *err)
{
        struct camera camera;
        sqlite3_stmt *update;
        if (!catalog_camera_by_id(catalog, id, &camera, err))
                return false;
        *has_model_out = camera.model[0] != '\0' || facts->model[0] != '\0';
        if (camera.model[0] != '\0' || facts->model[0] == '\0')
                return true;
        if (!statement_get(catalog, CAMERA_SET_MODEL, &update, err))
                return false;
        BIND(update, id.value);
        statement_bind_text(update, 2, facts->model);
        return statement_run(catalog, update, err);
}

bool catalog_camera_for(struct catalog *catalog, const struct facts *facts,
                        const struct camera_defaults *defaults, struct camera_id *camera_out,
                        bool *created_out, struct error *err)
{
        struct camera_slot *slot = slot_for(catalog, facts);
        /* Outside of a transaction another process may have changed what we remember. */
        if (catalog->in_transaction && slot_fits(slot, facts)) {
                *camera_out = slot->camera;
                *created_out = false;
                return true;
        }
        bool own;
        bool has_model = false;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = find_or_create(catalog, facts, defaults, camera_out, created_out, err) &&
                  complete_model(catalog, *camera_out, facts, &has_model, err);
        if (!write_leave(catalog, own, ok, err))
                return false;
        *slot = (struct camera_slot){
                .camera = *camera_out, .has_model = has_model, .by_mac = facts->has_mac};
        memcpy(slot->mac, facts->mac, sizeof slot->mac);
        snprintf(slot->name, sizeof slot->name, "%s", facts->camera_name);
        return true;
}

bool catalog_camera_learn(struct catalog *catalog, struct camera_id camera,
                          const struct facts *facts, struct error *err)
{
        sqlite3_stmt *update;
        int32_t *learned = &catalog->learned[(uint32_t)camera.value % CAMERA_SLOTS];
        if (!facts->has_mac || (catalog->in_transaction && *learned == camera.value))
                return true;
        if (!statement_get(catalog, CAMERA_LEARN, &update, err))
                return false;
        BIND(update, camera.value);
        sqlite3_bind_blob(update, 2, facts->mac, sizeof facts->mac, SQLITE_STATIC);
        statement_bind_text(update, 3, facts->model);
        if (!statement_run(catalog, update, err))
                return false;
        *learned = camera.value;
        return true;
}

/* ---- settings ---- */

/* The old name stays an alias, so that pictures that carry it still find the camera. */
static bool rename_and_set(struct catalog *catalog, const struct camera *camera, struct error *err)
{
        struct camera old;
        struct camera other;
        struct error missing = {0};
        sqlite3_stmt *update;
        if (!catalog_camera_by_id(catalog, camera->id, &old, err))
                return false;
        if (catalog_camera_by_name(catalog, camera->name, &other, &missing) &&
            other.id.value != camera->id.value)
                return error_set(err, ERROR_CONFLICT, "there is already a camera \"%s\"",
                                 camera->name);
        if (strcmp(old.name, camera->name) != 0) {
                if (!statement_get(catalog, ALIAS_INSERT, &update, err))
                        return false;
                BIND(update, camera->id.value);
                statement_bind_text(update, 2, old.name);
                if (!statement_run(catalog, update, err) ||
                    !statement_get(catalog, ALIAS_DELETE, &update, err))
                        return false;
                statement_bind_text(update, 1, camera->name);
                if (!statement_run(catalog, update, err))
                        return false;
        }
        if (!statement_get(catalog, CAMERA_UPDATE, &update, err))
                return false;
        BIND(update, camera->id.value);
        statement_bind_text(update, 2, camera->name);
        statement_bind_text(update, 3, camera->zone);
        statement_bind_text(update, 4, camera->path_template);
        sqlite3_bind_int64(update, 5, camera->dwell_ms);
        sqlite3_bind_int(update, 6, camera->disabled);
        sqlite3_bind_int(update, 7, camera->is_new);
        return statement_run(catalog, update, err);
}

bool catalog_camera_update(struct catalog *catalog, const struct camera *camera, struct error *err)
{
        if (!camera_name_valid(camera->name))
                return error_set(err, ERROR_INPUT, "\"%.64s\" cannot be the name of a camera",
                                 camera->name);
        if (camera->dwell_ms < DWELL_MIN_MS || camera->dwell_ms > DWELL_MAX_MS)
                return error_set(err, ERROR_INPUT, "dwell must be from 1 to 86400 seconds");
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = rename_and_set(catalog, camera, err);
        memset(catalog->cameras, 0, CAMERA_SLOTS * sizeof *catalog->cameras);
        return write_leave(catalog, own, ok, err);
}

bool catalog_camera_create(struct catalog *catalog, struct camera *camera, struct error *err)
{
        struct facts facts;
        struct camera other;
        struct error missing = {0};
        bool own;
        facts_init(&facts);
        if (!camera_name_valid(camera->name))
                return error_set(err, ERROR_INPUT, "\"%.64s\" cannot be the name of a camera",
                                 camera->name);
        snprintf(facts.camera_name, sizeof facts.camera_name, "%s", camera->name);
        struct camera_defaults defaults = {camera->zone, camera->path_template, camera->is_new};
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok;
        if (catalog_camera_by_name(catalog, camera->name, &other, &missing))
                ok = error_set(err, ERROR_CONFLICT, "there is already a camera \"%s\"",
                               camera->name);
        else if (missing.kind != ERROR_NOT_FOUND)
                ok = error_set(err, missing.kind, "%s", missing.text);
        else
                ok = insert_camera(catalog, &facts, camera->name, &defaults, &camera->id, err) &&
                     catalog_camera_update(catalog, camera, err) &&
                     catalog_camera_by_id(catalog, camera->id, camera, err);
        memset(catalog->cameras, 0, CAMERA_SLOTS * sizeof *catalog->cameras);
        return write_leave(catalog, own, ok, err);
}

bool catalog_camera_remove(struct catalog *catalog, struct camera_id camera, struct error *err)
{
        sqlite3_stmt *remove;
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = statement_get(catalog, CAMERA_REMOVE, &remove, err);
        if (ok) {
                BIND(remove, camera.value);
                ok = statement_run(catalog, remove, err);
        }
        if (ok && sqlite3_changes(catalog->db) == 0)
                ok = error_set(err, ERROR_CONFLICT, "camera %d has frames, or is not there",
                               (int)camera.value);
        static const enum statement rest[] = {
                ALIASES_REMOVE,          WINDOWS_REMOVE, MARKS_REMOVE, NOTES_REMOVE,
                DELETION_CAMERAS_REMOVE, BLOCKS_REMOVE,  FOLDED_REMOVE};
        for (size_t i = 0; ok && i < sizeof rest / sizeof rest[0]; i++) {
                ok = statement_get(catalog, rest[i], &remove, err);
                if (!ok)
                        break;
                BIND(remove, camera.value);
                ok = statement_run(catalog, remove, err);
        }
        memset(catalog->cameras, 0, CAMERA_SLOTS * sizeof *catalog->cameras);
        return write_leave(catalog, own, ok, err);
}
