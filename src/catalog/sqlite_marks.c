/* Marks: sets of stretches of time. */
#include <stdlib.h>

#include "catalog/marks.h"
#include "catalog/sqlite_handle.h"

struct mark {
        struct camera_id camera;
        enum mark_kind kind;
        int64_t start;
        int64_t end;
};

/* The last stretch of the same camera and kind that starts at or before `time`. */
static bool mark_before(struct catalog *catalog, const struct mark *of, int64_t time,
                        bool *found_out, struct mark *mark_out, struct error *err)
{
        sqlite3_stmt *find;
        if (!statement_get(catalog, MARK_BEFORE, &find, err))
                return false;
        BIND(find, of->camera.value, of->kind, time);
        if (!statement_step(catalog, find, found_out, err))
                return false;
        if (!*found_out)
                return true;
        *mark_out = *of;
        mark_out->start = sqlite3_column_int64(find, 0);
        mark_out->end = sqlite3_column_int64(find, 1);
        sqlite3_reset(find);
        return true;
}

static bool delete (struct catalog *catalog, const struct mark *mark, struct error *err)
{
        sqlite3_stmt *statement;
        if (!statement_get(catalog, MARK_DELETE, &statement, err))
                return false;
        BIND(statement, mark->camera.value, mark->kind, mark->start);
        return statement_run(catalog, statement, err);
}

/* Nothing when it ends before it starts. */
static bool insert(struct catalog *catalog, const struct mark *mark, struct error *err)
{
        sqlite3_stmt *statement;
        if (mark->start > mark->end)
                return true;
        if (!statement_get(catalog, MARK_INSERT, &statement, err))
                return false;
        BIND(statement, mark->camera.value, mark->kind, mark->start, mark->end);
        return statement_run(catalog, statement, err);
}

/* Joins it with what it overlaps or touches. */
static bool set_mark(struct catalog *catalog, struct mark mark, struct error *err)
{
        struct mark other;
        bool found;
        for (;;) {
                if (!mark_before(catalog, &mark, mark.end + 1, &found, &other, err))
                        return false;
                if (!found || other.end < mark.start - 1)
                        return insert(catalog, &mark, err);
                if (other.start <= mark.start && other.end >= mark.end)
                        return true;
                if (!delete (catalog, &other, err))
                        return false;
                mark.start = other.start < mark.start ? other.start : mark.start;
                mark.end = other.end > mark.end ? other.end : mark.end;
        }
}

/* Leaves of others what lies outside. */
static bool clear_mark(struct catalog *catalog, const struct mark *mark, struct error *err)
{
        struct mark other;
        bool found;
        for (;;) {
                if (!mark_before(catalog, mark, mark->end, &found, &other, err))
                        return false;
                if (!found || other.end < mark->start)
                        return true;
                struct mark before = other;
                struct mark after = other;
                before.end = mark->start - 1;
                after.start = mark->end + 1;
                if (!delete (catalog, &other, err) || !insert(catalog, &before, err) ||
                    !insert(catalog, &after, err))
                        return false;
        }
}

bool catalog_mark(struct catalog *catalog, enum mark_kind kind, bool set,
                  const struct stretch *stretches, size_t count, struct error *err)
{
        bool own;
        if (!write_enter(catalog, &own, err))
                return false;
        bool ok = true;
        for (size_t i = 0; ok && i < count; i++) {
                struct mark mark = {stretches[i].camera, kind, stretches[i].from.ms,
                                    stretches[i].to.ms};
                if (mark.start <= mark.end)
                        ok = set ? set_mark(catalog, mark, err) : clear_mark(catalog, &mark, err);
        }
        return write_leave(catalog, own, ok, err);
}

/* ---- reading ---- */

struct mark_cursor {
        struct catalog *catalog;
        struct camera_id camera;
        enum statement which;
        sqlite3_stmt *statement; /* NULL at the end */
};

static bool open_cursor(struct catalog *catalog, struct camera_id camera, enum statement which,
                        struct mark_cursor **cursor_out, struct error *err)
{
        struct mark_cursor *cursor = calloc(1, sizeof *cursor);
        if (cursor == NULL)
                return error_sys(err, "catalog");
        *cursor = (struct mark_cursor){.catalog = catalog, .camera = camera, .which = which};
        if (!statement_borrow(catalog, which, &cursor->statement, err)) {
                free(cursor);
                return false;
        }
        *cursor_out = cursor;
        return true;
}

bool catalog_marks_open(struct catalog *catalog, enum mark_kind kind, const struct stretch *stretch,
                        struct mark_cursor **cursor_out, struct error *err)
{
        struct mark of = {stretch->camera, kind, 0, 0};
        struct mark first;
        bool found;
        int64_t from = stretch->from.ms;
        /* The one under way at the beginning. */
        if (!mark_before(catalog, &of, from, &found, &first, err) ||
            !open_cursor(catalog, stretch->camera, MARKS_FROM, cursor_out, err))
                return false;
        if (found && first.end >= from)
                from = first.start;
        BIND((*cursor_out)->statement, stretch->camera.value, kind, from, range_end(stretch->to));
        return true;
}

bool catalog_noted_open(struct catalog *catalog, struct camera_id camera, struct utc until,
                        struct mark_cursor **cursor_out, struct error *err)
{
        if (!open_cursor(catalog, camera, NOTED_UNTIL, cursor_out, err))
                return false;
        BIND((*cursor_out)->statement, camera.value, range_end(until));
        return true;
}

bool mark_cursor_next(struct mark_cursor *cursor, struct stretch *marked_out, struct error *err)
{
        bool row = false;
        if (cursor->statement != NULL &&
            !statement_step(cursor->catalog, cursor->statement, &row, err))
                return false;
        if (!row) {
                statement_return(cursor->catalog, cursor->which, cursor->statement);
                cursor->statement = NULL;
                err->kind = ERROR_NONE;
                return false;
        }
        *marked_out = (struct stretch){cursor->camera,
                                       {sqlite3_column_int64(cursor->statement, 0)},
                                       {sqlite3_column_int64(cursor->statement, 1)}};
        return true;
}

void mark_cursor_close(struct mark_cursor **cursor)
{
        if (*cursor == NULL)
                return;
        statement_return((*cursor)->catalog, (*cursor)->which, (*cursor)->statement);
        free(*cursor);
        *cursor = NULL;
}
