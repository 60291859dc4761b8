/* Motion windows of cameras. */
#include <stdio.h>

#include "catalog/sqlite_handle.h"

bool catalog_camera_windows(struct catalog *catalog, struct camera_id camera,
                            struct camera_window windows_out[static CAMERA_WINDOWS],
                            size_t *count_out, struct error *err)
{
        sqlite3_stmt *list;
        bool row;
        *count_out = 0;
        if (!statement_get(catalog, WINDOW_LIST, &list, err))
                return false;
        BIND(list, camera.value);
        for (;;) {
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        return true;
                if (*count_out == CAMERA_WINDOWS) {
                        sqlite3_reset(list);
                        return error_set(err, ERROR_CORRUPT, "catalog: too many motion windows");
                }
                struct camera_window *window = &windows_out[(*count_out)++];
                const char *name = (const char *)sqlite3_column_text(list, 1);
                *window = (struct camera_window){
                        .number = sqlite3_column_int(list, 0),
                        .x = sqlite3_column_int(list, 2),
                        .y = sqlite3_column_int(list, 3),
                        .width = sqlite3_column_int(list, 4),
                        .height = sqlite3_column_int(list, 5),
                };
                snprintf(window->name, sizeof window->name, "%s", name != NULL ? name : "");
        }
}

static bool replace(struct catalog *catalog, struct camera_id camera,
                    const struct camera_window *windows, size_t count, struct error *err)
{
        sqlite3_stmt *statement;
        if (!statement_get(catalog, WINDOWS_REMOVE, &statement, err))
                return false;
        BIND(statement, camera.value);
        if (!statement_run(catalog, statement, err) ||
            !statement_get(catalog, WINDOW_INSERT, &statement, err))
                return false;
        for (size_t i = 0; i < count; i++) {
                const struct camera_window *window = &windows[i];
                BIND(statement, camera.value, window->number, window->x, window->y, window->width,
                     window->height);
                statement_bind_text(statement, 7, window->name);
                if (!statement_run(catalog, statement, err))
                        return false;
        }
        return true;
}

bool catalog_camera_set_windows(struct catalog *catalog, struct camera_id camera,
                                const struct camera_window *windows, size_t count,
                                struct error *err)
{
        struct camera there;
        size_t at = 0;
        bool own;
        if (!camera_windows_valid(windows, count, &at))
                return error_set(err, ERROR_INPUT,
                                 "motion window %zu is not one: a number of 1 .. %d that no other "
                                 "has, inside the picture, and not empty",
                                 at + 1, CAMERA_WINDOWS);
        if (!catalog_camera_by_id(catalog, camera, &there, err) || !write_enter(catalog, &own, err))
                return false;
        bool ok = replace(catalog, camera, windows, count, err);
        return write_leave(catalog, own, ok, err);
}
