/* Marks: sets of stretches of time. */
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

bool catalog_marks(struct catalog *catalog, enum mark_kind kind, const struct stretch *stretch,
                   bool (*each)(void *context, const struct stretch *marked), void *context,
                   struct error *err)
{
        struct mark of = {stretch->camera, kind, 0, 0};
        struct mark first;
        sqlite3_stmt *list;
        bool found;
        bool row;
        int64_t from = stretch->from.ms;
        /* The one under way at the beginning. */
        if (!mark_before(catalog, &of, from, &found, &first, err))
                return false;
        if (found && first.end >= from)
                from = first.start;
        if (!statement_get(catalog, MARKS_FROM, &list, err))
                return false;
        BIND(list, stretch->camera.value, kind, from, range_end(stretch->to));
        for (;;) {
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        return true;
                struct stretch marked = {stretch->camera,
                                         {sqlite3_column_int64(list, 0)},
                                         {sqlite3_column_int64(list, 1)}};
                if (!each(context, &marked)) {
                        sqlite3_reset(list);
                        return true;
                }
        }
}
