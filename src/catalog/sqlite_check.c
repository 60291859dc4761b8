#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "catalog/sqlite_check.h"

void check_tell(struct check *check, const char *format, ...)
{
        char sentence[512];
        va_list args;
        va_start(args, format);
        vsnprintf(sentence, sizeof sentence, format, args);
        va_end(args);
        check->differences++;
        check->difference(check->context, sentence);
}

void check_number(struct check *check, const char *where, const char *what, int64_t expected,
                  int64_t found)
{
        if (expected != found)
                check_tell(check, "%s: %s should be %" PRId64 ", but is %" PRId64, where, what,
                           expected, found);
}

/* ---- the file itself ---- */

static bool check_file(struct check *check, struct error *err)
{
        sqlite3_stmt *rows = NULL;
        bool row = false;
        if (!statement_prepare(check->catalog, "PRAGMA quick_check", &rows, err))
                return false;
        bool ok = true;
        for (;;) {
                ok = statement_step(check->catalog, rows, &row, err);
                if (!ok || !row)
                        break;
                const char *text = (const char *)sqlite3_column_text(rows, 0);
                if (strcmp(text, "ok") != 0)
                        check_tell(check, "the file is damaged: %s", text);
        }
        sqlite3_finalize(rows);
        return ok;
}

/* ---- what holds between tables ---- */

static const struct {
        const char *sql; /* gives a number */
        const char *sentence;
} rules[] = {
        {"SELECT count(*) FROM vanished v JOIN frames f ON f.folder = v.folder AND f.name = v.name",
         "%" PRId64 " files are in both frames and vanished"},
        {"SELECT count(*) FROM skipped s JOIN frames f ON f.folder = s.folder AND f.name = s.name",
         "%" PRId64 " files are in both frames and skipped"},
        {"SELECT count(*) FROM vanished v JOIN skipped s ON s.folder = v.folder AND "
         "s.name = v.name",
         "%" PRId64 " files are in both skipped and vanished"},
        {"SELECT count(*) FROM deleted d JOIN frames f ON f.camera = d.camera AND "
         "f.time = d.time AND f.tie = d.tie",
         "%" PRId64 " keys are of both frames and deleted ones"},
        {"SELECT count(*) FROM deleted d JOIN frames f ON f.folder = d.folder AND f.name = d.name",
         "%" PRId64 " files are in both frames and deleted"},
        {"SELECT count(*) FROM deleted d JOIN skipped s ON s.folder = d.folder AND s.name = d.name",
         "%" PRId64 " files are in both deleted and skipped"},
        {"SELECT count(*) FROM deleted d JOIN vanished v ON v.folder = d.folder AND "
         "v.name = d.name",
         "%" PRId64 " files are in both deleted and vanished"},
        {"SELECT count(*) FROM purged p JOIN deleted d ON d.camera = p.camera AND "
         "d.time = p.time AND d.tie = p.tie",
         "%" PRId64 " keys are of both deleted and purged frames"},
        {"SELECT count(*) FROM purged p JOIN frames f ON f.camera = p.camera AND "
         "f.time = p.time AND f.tie = p.tie",
         "%" PRId64 " keys are of both frames and purged ones"},
        {"SELECT count(*) FROM deleted WHERE deletion NOT IN (SELECT id FROM deletions)",
         "%" PRId64 " deleted frames are of deletions that are not there"},
        {"SELECT count(*) FROM deletion_cameras WHERE deletion NOT IN (SELECT id FROM deletions)",
         "%" PRId64 " cameras are of deletions that are not there"},
        {"SELECT count(*) FROM deletions d WHERE frames = 0 OR frames <> "
         "(SELECT count(*) FROM deleted WHERE deletion = d.id) OR bytes <> "
         "(SELECT coalesce(sum(bytes), 0) FROM deleted WHERE deletion = d.id)",
         "%" PRId64 " deletions do not sum up what is in them"},
        {"SELECT count(*) FROM deleted d WHERE camera NOT IN (SELECT camera FROM deletion_cameras "
         "c WHERE c.deletion = d.deletion AND d.time BETWEEN start AND end)",
         "%" PRId64 " deleted frames are of cameras or times their deletion does not name"},
        {"SELECT count(*) FROM deleted d LEFT JOIN segments s ON s.id = d.segment "
         "WHERE d.segment IS NOT NULL AND (s.id IS NULL OR s.camera <> d.camera OR "
         "d.place_offset + d.bytes > s.committed OR s.state = 3)",
         "%" PRId64 " deleted frames are not in the hour file they name"},
        {"SELECT count(*) FROM deleted WHERE (folder IS NULL) = (segment IS NULL)",
         "%" PRId64 " deleted frames are in no place"},
        {"SELECT (SELECT value FROM totals WHERE name = 'received') - "
         "(SELECT coalesce(sum(committed - freed), 0) FROM segments)",
         "the bytes of hour files are %" PRId64 " more in their total than in each"},
        {"SELECT count(*) FROM segments WHERE camera NOT IN (SELECT id FROM cameras)",
         "%" PRId64 " hour files are of cameras that are not there"},
        {"SELECT count(*) FROM cameras WHERE directory IS NULL",
         "%" PRId64 " cameras have no folder for their frames"},
        {"SELECT count(*) FROM marks m WHERE start > end OR EXISTS (SELECT 1 FROM marks o WHERE "
         "o.camera = m.camera AND o.kind = m.kind AND o.start > m.start AND o.start <= m.end + 1)",
         "%" PRId64 " marks overlap or touch others, or end before they start"},
        {"SELECT count(*) FROM marks WHERE kind NOT IN (1, 2)", "%" PRId64 " marks are of no kind"},
        {"SELECT count(*) FROM notes WHERE start > end OR length(text) NOT BETWEEN 1 AND 2000",
         "%" PRId64 " notes end before they start, or say too much or nothing"},
        {"SELECT count(*) FROM (SELECT camera FROM marks UNION ALL SELECT camera FROM notes) "
         "WHERE camera NOT IN (SELECT id FROM cameras)",
         "%" PRId64 " marks and notes are of cameras that are not there"},
        {"SELECT count(*) FROM camera_aliases WHERE camera NOT IN (SELECT id FROM cameras)",
         "%" PRId64 " aliases are of cameras that are not there"},
};

static bool ask_number(struct check *check, const char *sql, int64_t *number_out, struct error *err)
{
        sqlite3_stmt *ask = NULL;
        bool row = false;
        if (!statement_prepare(check->catalog, sql, &ask, err))
                return false;
        bool ok = statement_step(check->catalog, ask, &row, err);
        *number_out = row ? sqlite3_column_int64(ask, 0) : 0;
        sqlite3_finalize(ask);
        return ok;
}

static bool check_rules(struct check *check, struct error *err)
{
        int64_t number = 0;
        for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
                if (!ask_number(check, rules[i].sql, &number, err))
                        return false;
                if (number != 0)
                        check_tell(check, rules[i].sentence, number);
        }
        if (!ask_number(check,
                        "SELECT count(*) FROM frames INDEXED BY frames_place "
                        "WHERE folder IS NOT NULL",
                        &number, err))
                return false;
        check_number(check, "frames", "places in the index", check->places, number);
        return true;
}

/* ---- cameras ---- */

/* A camera's stored sums against those counted. */
static bool check_sums(struct check *check, struct error *err)
{
        struct camera camera;
        struct error missing = {0};
        char where[128];
        if (!catalog_camera_by_id(check->catalog, check->camera, &camera, &missing)) {
                if (missing.kind != ERROR_NOT_FOUND) {
                        *err = missing;
                        return false;
                }
                check_tell(check, "cameras: camera %d is missing, but has %" PRId64 " frames",
                           (int)check->camera.value, check->sums.frames);
                return true;
        }
        snprintf(where, sizeof where, "cameras: %s", check->name);
        check_number(check, where, "frames", check->sums.frames, camera.frames);
        check_number(check, where, "frames with motion", check->sums.motion_frames,
                     camera.motion_frames);
        check_number(check, where, "bytes", check->sums.bytes, camera.bytes);
        return true;
}

static bool name_camera(struct check *check, struct error *err)
{
        sqlite3_stmt *find;
        bool row;
        snprintf(check->name, sizeof check->name, "camera %d", (int)check->camera.value);
        if (!statement_get(check->catalog, CAMERA_BY_ID, &find, err))
                return false;
        BIND(find, check->camera.value);
        if (!statement_step(check->catalog, find, &row, err))
                return false;
        if (row) {
                snprintf(check->name, sizeof check->name, "camera \"%s\"",
                         (const char *)sqlite3_column_text(find, 1));
                sqlite3_reset(find);
        }
        return true;
}

/* The next camera that any table knows of, by a few seeks. */
static bool next_camera(struct check *check, bool *found_out, struct error *err)
{
        sqlite3_stmt *next = NULL;
        bool row = false;
        if (!statement_prepare(check->catalog,
                               "SELECT min(id) FROM ("
                               "SELECT min(id) AS id FROM cameras WHERE id > ?1 UNION ALL "
                               "SELECT min(camera) FROM frames WHERE camera > ?1 UNION ALL "
                               "SELECT min(camera) FROM runs WHERE camera > ?1 UNION ALL "
                               "SELECT min(camera) FROM blocks WHERE camera > ?1 UNION ALL "
                               "SELECT min(camera) FROM activity WHERE camera > ?1)",
                               &next, err))
                return false;
        BIND(next, check->camera.value);
        bool ok = statement_step(check->catalog, next, &row, err);
        *found_out = ok && row && sqlite3_column_type(next, 0) != SQLITE_NULL;
        if (*found_out)
                check->camera.value = sqlite3_column_int(next, 0);
        sqlite3_finalize(next);
        return ok;
}

static bool check_all(struct check *check, struct error *err)
{
        bool found = true;
        if (!check_file(check, err))
                return false;
        check->camera.value = INT32_MIN;
        while (found) {
                if (!next_camera(check, &found, err))
                        return false;
                if (!found)
                        break;
                if (!name_camera(check, err) || !check_frames(check, err) ||
                    !check_blocks(check, err) || !check_sums(check, err))
                        return false;
        }
        return check_rules(check, err);
}

bool catalog_check(struct catalog *catalog, void (*difference)(void *context, const char *sentence),
                   void *context, int64_t *differences_out, struct error *err)
{
        struct check check = {.catalog = catalog, .difference = difference, .context = context};
        bool own = !catalog->reading && !catalog->in_transaction;
        if (own && !catalog_read_begin(catalog, err))
                return false;
        bool ok = check_all(&check, err);
        if (own)
                catalog_read_end(catalog);
        *differences_out = check.differences;
        return ok;
}
