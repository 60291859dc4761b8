#include "catalog/sqlite_statement.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "catalog/sqlite_handle.h"

#define CAMERA_COLUMNS                                                                             \
        "id, name, mac, model, zone, path_template, dwell_ms, frames, motion_frames, bytes, "      \
        "directory, disabled, is_new"
#define ACCOUNT_COLUMNS "id, user, hash, camera, download, disabled, created"
#define SEGMENT_COLUMNS                                                                            \
        "segments.id, camera, (SELECT directory FROM cameras WHERE cameras.id = camera), hour, "   \
        "number, committed, state"
#define DELETION_COLUMNS "id, made, until, state, frames, bytes"
#define NOTE_COLUMNS "id, camera, start, end, text, changed"
#define EXPORT_COLUMNS "id, made, ended, state, tries, request, frames, file, bytes, problem"
#define RUN_COLUMNS "start, length, frames, motion_frames, bytes, traits, cover"

#define BLOCK_COLUMNS                                                                              \
        "number, frames, motion_frames, bytes, minutes, start, length, traits, cover_after, "      \
        "cover, longest_gap, gaps, windows, peak_length, peak_frames"

#define BLOCKS_FROM                                                                                \
        "SELECT " BLOCK_COLUMNS " FROM blocks WHERE camera = ?1 AND level = ?2 AND number >= ?3 "  \
        "ORDER BY number"

/* The rows of FRAMES_INSERT. */
#define ROW "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define ROWS_4 ROW ", " ROW ", " ROW ", " ROW
#define ROWS_16 ROWS_4 ", " ROWS_4 ", " ROWS_4 ", " ROWS_4
#define ROWS_32 ROWS_16 ", " ROWS_16

static const char *const sql[STATEMENTS] = {
        [BEGIN_WRITE] = "BEGIN IMMEDIATE",
        [BEGIN_READ] = "BEGIN",
        [COMMIT] = "COMMIT",
        [ROLLBACK] = "ROLLBACK",
        [DATA_VERSION] = "PRAGMA data_version",

        [CAMERA_BY_MAC] = "SELECT id, model FROM cameras WHERE mac = ?1",
        [CAMERA_BY_NAME] = "SELECT " CAMERA_COLUMNS " FROM cameras WHERE name = ?1",
        [CAMERA_BY_ALIAS] = "SELECT camera FROM camera_aliases WHERE name = ?1",
        [CAMERA_BY_ID] = "SELECT " CAMERA_COLUMNS " FROM cameras WHERE id = ?1",
        [CAMERA_BY_DIRECTORY] = "SELECT " CAMERA_COLUMNS " FROM cameras WHERE directory = ?1",
        [CAMERA_DIRECTORY_TAKEN] = "SELECT EXISTS (SELECT 1 FROM cameras WHERE directory = ?1)",
        [CAMERA_LIST] = "SELECT " CAMERA_COLUMNS " FROM cameras WHERE name > ?1 ORDER BY name "
                        "LIMIT 1",
        [CAMERA_INSERT] = "INSERT INTO cameras (name, mac, model, zone, path_template, dwell_ms, "
                          "directory, is_new) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        [CAMERA_SET_MAC] = "UPDATE cameras SET mac = ?2 WHERE id = ?1",
        [CAMERA_SET_MODEL] = "UPDATE cameras SET model = ?2 WHERE id = ?1",
        [CAMERA_LEARN] = "UPDATE cameras SET "
                         "mac = CASE WHEN mac IS NULL AND NOT EXISTS "
                         "(SELECT 1 FROM cameras WHERE mac = ?2) THEN ?2 ELSE mac END, "
                         "model = CASE WHEN model = '' THEN ?3 ELSE model END WHERE id = ?1",
        [CAMERA_UPDATE] = "UPDATE cameras SET name = ?2, zone = ?3, path_template = ?4, "
                          "dwell_ms = ?5, disabled = ?6, is_new = ?7 WHERE id = ?1",
        [CAMERA_ADD_SUMS] = "UPDATE cameras SET frames = frames + ?2, "
                            "motion_frames = motion_frames + ?3, bytes = bytes + ?4 WHERE id = ?1",
        [CAMERA_FIRST] = "SELECT time, tie FROM frames WHERE camera = ?1 "
                         "ORDER BY time, tie LIMIT 1",
        [CAMERA_LAST] = "SELECT time, tie FROM frames WHERE camera = ?1 "
                        "ORDER BY time DESC, tie DESC LIMIT 1",
        [ALIAS_INSERT] = "INSERT OR REPLACE INTO camera_aliases (name, camera) VALUES (?2, ?1)",
        [ALIAS_DELETE] = "DELETE FROM camera_aliases WHERE name = ?1",

        [CAMERA_REMOVE] = "DELETE FROM cameras WHERE id = ?1 AND "
                          "NOT EXISTS (SELECT 1 FROM frames WHERE camera = ?1) AND "
                          "NOT EXISTS (SELECT 1 FROM deleted WHERE camera = ?1) AND "
                          "NOT EXISTS (SELECT 1 FROM segments WHERE camera = ?1)",
        [ALIASES_REMOVE] = "DELETE FROM camera_aliases WHERE camera = ?1",

        [WINDOW_LIST] = "SELECT number, name, x, y, width, height FROM camera_windows "
                        "WHERE camera = ?1 ORDER BY number",
        [WINDOW_INSERT] = "INSERT INTO camera_windows (camera, number, x, y, width, height, name) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [WINDOWS_REMOVE] = "DELETE FROM camera_windows WHERE camera = ?1",

        [ACCOUNT_INSERT] = "INSERT OR IGNORE INTO accounts (user, hash, camera, download, "
                           "disabled, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        [ACCOUNT_BY_USER] = "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE user = ?1",
        [ACCOUNT_BY_NUMBER] = "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE id = ?1",
        [ACCOUNT_BY_CAMERA] = "SELECT " ACCOUNT_COLUMNS " FROM accounts WHERE camera = ?1 "
                              "ORDER BY id LIMIT 1",
        [ACCOUNT_LIST] = "SELECT " ACCOUNT_COLUMNS " FROM accounts ORDER BY id",
        [ACCOUNT_UPDATE] = "UPDATE accounts SET user = ?2, hash = ?3, download = ?4, "
                           "disabled = ?5 WHERE id = ?1",
        [ACCOUNT_REMOVE] = "DELETE FROM accounts WHERE id = ?1",

        [KIND_LIST] = "SELECT bit, word FROM kinds ORDER BY bit",
        [KIND_INSERT] = "INSERT INTO kinds (bit, word) VALUES (?1, ?2)",

        [TRAITS_FIND] = "SELECT id FROM traits WHERE kinds = ?1 AND windows = ?2 AND "
                        "trigger_role = ?3 AND width = ?4 AND height = ?5 AND time_source = ?6",
        [TRAITS_INSERT] = "INSERT INTO traits (kinds, windows, trigger_role, width, height, "
                          "time_source) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        /* Counted from -1 down: the small numbers are for frames, where each byte counts. */
        [TRAITS_INSERT_OF_RUN] =
                "INSERT INTO traits (id, kinds, windows, trigger_role, width, height, time_source) "
                "SELECT min(0, coalesce(min(id), 0)) - 1, ?1, ?2, ?3, ?4, ?5, ?6 FROM traits",
        [TRAITS_ROW] = "SELECT kinds, windows, trigger_role, width, height, time_source "
                       "FROM traits WHERE id = ?1",

        [FOLDER_FIND] = "SELECT id FROM folders WHERE path = ?1",
        [FOLDER_INSERT] = "INSERT INTO folders (path) VALUES (?1)",
        [FOLDER_PATH] = "SELECT path FROM folders WHERE id = ?1",
        [FOLDER_FINGERPRINT] = "SELECT fingerprint FROM folders WHERE id = ?1",
        [FOLDER_SET_FINGERPRINT] = "UPDATE folders SET fingerprint = ?2 WHERE id = ?1",

        [SEGMENT_LAST] = "SELECT coalesce(max(id), 0) FROM segments",
        [SEGMENT_INSERT] = "INSERT OR IGNORE INTO segments (id, camera, hour, number, committed, "
                           "state) SELECT ?1, ?2, ?3, ?4, ?5, ?6 "
                           "WHERE EXISTS (SELECT 1 FROM cameras WHERE id = ?2)",
        [SEGMENT_COMMIT] = "UPDATE segments SET committed = max(committed, ?2) WHERE id = ?1",
        [SEGMENT_SET_STATE] = "UPDATE segments SET state = ?2 WHERE id = ?1",
        [SEGMENT_BY_ID] = "SELECT " SEGMENT_COLUMNS " FROM segments WHERE id = ?1",
        [SEGMENT_BY_HOUR] = "SELECT " SEGMENT_COLUMNS " FROM segments "
                            "WHERE camera = ?1 AND hour = ?2 AND number = ?3",
        [SEGMENT_NEXT] = "SELECT " SEGMENT_COLUMNS " FROM segments WHERE id > ?1 "
                         "ORDER BY id LIMIT 1",
        /* The partial index holds the ids too, in order. */
        [SEGMENT_NEXT_OPEN] = "SELECT " SEGMENT_COLUMNS " FROM segments "
                              "INDEXED BY segments_open WHERE state = 0 AND id > ?1 "
                              "ORDER BY id LIMIT 1",
        [SEGMENT_NEXT_EMPTY] = "SELECT " SEGMENT_COLUMNS " FROM segments "
                               "INDEXED BY segments_empty WHERE state = 3 AND id > ?1 "
                               "ORDER BY id LIMIT 1",
        [SEGMENT_FREED] = "UPDATE segments SET freed = min(freed + ?2, committed) WHERE id = ?1",
        /* One that is not open for appending, and of which no frame is there. */
        [SEGMENT_EMPTIED] =
                "UPDATE segments SET state = 3 WHERE id = ?1 AND state IN (1, 2) AND freed >= ?3 "
                "AND "
                "NOT EXISTS (SELECT 1 FROM deleted WHERE deleted.segment = ?1) AND "
                "NOT EXISTS (SELECT 1 FROM frames WHERE frames.camera = segments.camera AND "
                "time >= hour * ?2 AND time < (hour + 1) * ?2 AND frames.segment = ?1)",
        [SEGMENT_REMOVE] = "DELETE FROM segments WHERE id = ?1 AND state = 3",
        [TOTAL_RECEIVED] = "SELECT value FROM totals WHERE name = 'received'",
        [EXPORTS_BYTES] = "SELECT coalesce(sum(bytes), 0) FROM exports",
        [RECEIVED_SINCE] =
                "SELECT coalesce(sum(committed), 0), min(hour) FROM cameras CROSS JOIN "
                "segments WHERE segments.camera = cameras.id AND hour >= ?1 AND committed > 0",

        [SKIPPED_ANY] = "SELECT EXISTS (SELECT 1 FROM skipped)",
        [SKIPPED_FIND] = "SELECT bytes, modified FROM skipped WHERE folder = ?1 AND name = ?2",
        [SKIPPED_INSERT] = "INSERT OR REPLACE INTO skipped (folder, name, bytes, modified, reason) "
                           "VALUES (?1, ?2, ?3, ?4, ?5)",
        [SKIPPED_DELETE] = "DELETE FROM skipped WHERE folder = ?1 AND name = ?2",
        [SKIPPED_IN_FOLDER] = "SELECT EXISTS (SELECT 1 FROM skipped WHERE folder = ?1)",
        [VANISHED_ANY] = "SELECT EXISTS (SELECT 1 FROM vanished)",
        [VANISHED_INSERT] = "INSERT OR REPLACE INTO vanished (folder, name, camera, time, tie, "
                            "traits, bytes, noticed) SELECT folder, name, camera, time, tie, "
                            "traits, bytes, ?4 FROM frames "
                            "WHERE camera = ?1 AND time = ?2 AND tie = ?3",
        [VANISHED_DELETE] = "DELETE FROM vanished WHERE folder = ?1 AND name = ?2",
        [VANISHED_IN_FOLDER] = "SELECT EXISTS (SELECT 1 FROM vanished WHERE folder = ?1)",
        [VANISHED_BY_KEY] = "SELECT folder, name, noticed FROM vanished "
                            "WHERE camera = ?1 AND time = ?2 AND tie = ?3 "
                            "ORDER BY noticed DESC LIMIT 1",

        [DELETED_ANY] = "SELECT EXISTS (SELECT 1 FROM deleted) OR EXISTS (SELECT 1 FROM purged)",
        [DELETED_BETWEEN] = "SELECT EXISTS (SELECT 1 FROM deleted WHERE camera = ?1 AND "
                            "time BETWEEN ?2 AND ?3) OR EXISTS (SELECT 1 FROM purged "
                            "WHERE camera = ?1 AND time BETWEEN ?2 AND ?3)",
        [DELETED_HAS_KEY] = "SELECT EXISTS (SELECT 1 FROM deleted WHERE camera = ?1 AND "
                            "time = ?2 AND tie = ?3) OR EXISTS (SELECT 1 FROM purged "
                            "WHERE camera = ?1 AND time = ?2 AND tie = ?3)",
        [DELETED_IN_FOLDER] = "SELECT EXISTS (SELECT 1 FROM deleted WHERE folder = ?1)",
        [DELETED_BY_PLACE] = "SELECT deletion, time + received, bytes FROM deleted "
                             "WHERE folder = ?1 AND name = ?2",
        [DELETED_FRAME_BY_PLACE] =
                "SELECT " FRAME_COLUMNS " FROM deleted WHERE folder = ?1 AND name = ?2",
        [DELETED_AT] = "SELECT 1 FROM deleted WHERE segment = ?1 AND place_offset = ?2",
        [DELETED_OF] = "SELECT " FRAME_COLUMNS " FROM deleted INDEXED BY deleted_deletion "
                       "WHERE deletion = ?1 ORDER BY segment, place_offset, camera, time, tie "
                       "LIMIT ?2 OFFSET ?3",
        [DELETED_TELL] = "SELECT state, until FROM deleted JOIN deletions ON id = deletion "
                         "WHERE camera = ?1 AND time = ?2 AND tie = ?3 "
                         "UNION ALL SELECT 1, at FROM purged "
                         "WHERE camera = ?1 AND time = ?2 AND tie = ?3 LIMIT 1",
        [DELETED_INSERT] = "INSERT INTO deleted (deletion, " FRAME_COLUMNS ") "
                           "SELECT ?1, " FRAME_COLUMNS " FROM frames "
                           "WHERE camera = ?2 AND time = ?3 AND tie = ?4",
        [DELETED_DROP] = "DELETE FROM deleted WHERE camera = ?1 AND time = ?2 AND tie = ?3",
        [DELETED_DROP_PLACE] = "DELETE FROM deleted WHERE folder = ?1 AND name = ?2",
        [DELETION_INSERT] = "INSERT INTO deletions (made, until, state, frames, bytes) "
                            "VALUES (?1, ?2, ?3, 0, 0)",
        [DELETION_ADD] = "INSERT INTO deletions (id, made, until, state, frames, bytes) "
                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET "
                         "frames = frames + excluded.frames, bytes = bytes + excluded.bytes",
        [DELETION_LESSEN] = "UPDATE deletions SET frames = frames - ?2, bytes = bytes - ?3 "
                            "WHERE id = ?1",
        [DELETION_END] = "DELETE FROM deletions WHERE id = ?1 AND frames = 0",
        [DELETION_SET_STATE] = "UPDATE deletions SET state = ?2 WHERE id = ?1",
        [DELETION_BY_ID] = "SELECT " DELETION_COLUMNS " FROM deletions WHERE id = ?1",
        [DELETION_BEFORE] = "SELECT " DELETION_COLUMNS " FROM deletions WHERE id < ?1 "
                            "ORDER BY id DESC LIMIT 1",
        [DELETION_DUE] = "SELECT id FROM deletions WHERE (state <> 0 OR until <= ?1) AND id > ?2 "
                         "ORDER BY id LIMIT 1",
        [DELETION_SUMS] = "SELECT count(*), coalesce(sum(frames), 0), coalesce(sum(bytes), 0) "
                          "FROM deletions",
        [DELETIONS_LATER] = "UPDATE deletions SET until = min(until + ?1, max(until, ?2)) "
                            "WHERE state = 0",
        [DELETION_CAMERA_PUT] = "INSERT INTO deletion_cameras (deletion, camera, start, end) "
                                "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (deletion, camera) DO UPDATE "
                                "SET start = min(start, excluded.start), "
                                "end = max(end, excluded.end)",
        [DELETION_CAMERA_NEXT] = "SELECT camera, start, end FROM deletion_cameras "
                                 "WHERE deletion = ?1 AND camera > ?2 ORDER BY camera LIMIT 1",
        [DELETION_CAMERAS_REMOVE] = "DELETE FROM deletion_cameras WHERE camera = ?1",
        [DELETION_CAMERAS_END] = "DELETE FROM deletion_cameras WHERE deletion = ?1",
        [PINNED_BETWEEN] = "SELECT start, end FROM marks WHERE camera = ?1 AND kind = 2 AND "
                           "start <= ?3 AND end >= ?2 ORDER BY start",
        [PURGED_INSERT] = "INSERT OR REPLACE INTO purged (camera, time, tie, at) "
                          "VALUES (?1, ?2, ?3, ?4)",
        [PURGED_FORGET] = "DELETE FROM purged WHERE (camera, time, tie) IN (SELECT camera, time, "
                          "tie FROM purged WHERE at < ?1 ORDER BY at LIMIT ?2)",

        [FRAME_INSERT] = "INSERT OR IGNORE INTO frames (" FRAME_COLUMNS
                         ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        [FRAMES_INSERT] = "INSERT INTO frames (" FRAME_COLUMNS ") VALUES " ROWS_32,
        [FRAME_DELETE] = "DELETE FROM frames WHERE camera = ?1 AND time = ?2 AND tie = ?3",
        [FRAME_BY_KEY] =
                "SELECT " FRAME_COLUMNS " FROM frames WHERE camera = ?1 AND time = ?2 AND tie = ?3",
        [FRAME_BY_PLACE] = "SELECT " FRAME_COLUMNS " FROM frames WHERE folder = ?1 AND name = ?2",
        [FRAME_TIES] = "SELECT tie FROM frames WHERE camera = ?1 AND time = ?2 "
                       "UNION SELECT tie FROM deleted WHERE camera = ?1 AND time = ?2 "
                       "UNION SELECT tie FROM purged WHERE camera = ?1 AND time = ?2 ORDER BY tie",
        [FRAME_LAST_UP_TO] = "SELECT time, tie FROM frames WHERE camera = ?1 AND "
                             "time BETWEEN ?2 AND ?3 ORDER BY time DESC, tie DESC LIMIT 1",
        [FRAMES_ALIKE] = "SELECT " FRAME_COLUMNS " FROM frames WHERE camera = ?1 AND time = ?2 AND "
                         "bytes = ?3 AND segment IS NOT NULL UNION ALL SELECT " FRAME_COLUMNS
                         " FROM deleted WHERE camera = ?1 AND time = ?2 AND bytes = ?3 AND "
                         "segment IS NOT NULL ORDER BY tie",
        [FRAMES_IN_RUN] = "SELECT time, tie, traits, bytes FROM frames WHERE camera = ?1 AND "
                          "time BETWEEN ?2 AND ?3 ORDER BY time, tie",
        [FRAMES_SUM] = "SELECT count(*), coalesce(sum(bytes), 0) FROM frames WHERE camera = ?1 "
                       "AND time BETWEEN ?2 AND ?3",
        [FRAME_BEFORE] = "SELECT " FRAME_COLUMNS " FROM frames WHERE camera = ?1 AND time <= ?2 "
                         "ORDER BY time DESC, tie DESC LIMIT 1",
        [FRAMES_ANY] = "SELECT EXISTS (SELECT 1 FROM frames WHERE camera = ?1 AND "
                       "time BETWEEN ?2 AND ?3)",

        [RUNS_BEFORE] = "SELECT " RUN_COLUMNS " FROM runs WHERE camera = ?1 AND start BETWEEN ?2 "
                        "AND ?3 ORDER BY start DESC",
        [RUN_AT] = "SELECT start, length FROM runs WHERE camera = ?1 AND start <= ?2 "
                   "ORDER BY start DESC LIMIT 1",
        [RUN_AFTER] = "SELECT start FROM runs WHERE camera = ?1 AND start > ?2 "
                      "ORDER BY start LIMIT 1",
        [RUNS_DELETE] = "DELETE FROM runs WHERE camera = ?1 AND start BETWEEN ?2 AND ?3",
        [RUN_PUT] = "INSERT OR REPLACE INTO runs (camera, " RUN_COLUMNS ") VALUES "
                    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        [RUNS_BACK] = "SELECT start, length FROM runs WHERE camera = ?1 AND start < ?2 "
                      "ORDER BY start DESC",

        [MINUTE_INSERT] = "INSERT OR IGNORE INTO activity (camera, minute, frames, motion_frames, "
                          "bytes, windows) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        [MINUTE_GET] = "SELECT frames, motion_frames, bytes, windows FROM activity "
                       "WHERE camera = ?1 AND minute = ?2",
        [MINUTE_PUT] = "UPDATE activity SET frames = ?3, motion_frames = ?4, bytes = ?5, "
                       "windows = ?6 WHERE camera = ?1 AND minute = ?2",
        [MINUTE_DELETE] = "DELETE FROM activity WHERE camera = ?1 AND minute = ?2",
        [MINUTES_SUM] = "SELECT coalesce(sum(frames), 0), coalesce(sum(bytes), 0) FROM activity "
                        "WHERE camera = ?1 AND minute BETWEEN ?2 AND ?3",

        [BLOCK_PUT] = "INSERT OR REPLACE INTO blocks (camera, level, " BLOCK_COLUMNS ") VALUES "
                      "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
                      "?16, ?17)",
        [BLOCK_DELETE] = "DELETE FROM blocks WHERE camera = ?1 AND level = ?2 AND number = ?3",
        [BLOCK_BEFORE] = "SELECT " BLOCK_COLUMNS " FROM blocks WHERE camera = ?1 AND level = ?2 "
                         "AND number < ?3 ORDER BY number DESC LIMIT 1",
        [BLOCKS_REMOVE] = "DELETE FROM blocks WHERE camera = ?1",
        [BLOCK_STALE] = "SELECT camera, level, number FROM blocks INDEXED BY blocks_stale "
                        "WHERE frames < 0 AND (camera, level, number) > (?1, ?2, ?3) "
                        "ORDER BY camera, level, number LIMIT 1",
        [FOLDED_GET] = "SELECT until FROM folded WHERE camera = ?1",
        [FOLDED_PUT] = "INSERT OR REPLACE INTO folded (camera, until) VALUES (?1, ?2)",
        [FOLDED_REMOVE] = "DELETE FROM folded WHERE camera = ?1",
        [CAMERA_AFTER] = "SELECT id FROM cameras WHERE id > ?1 ORDER BY id LIMIT 1",

        [MARK_BEFORE] = "SELECT start, end FROM marks WHERE camera = ?1 AND kind = ?2 AND "
                        "start <= ?3 ORDER BY start DESC LIMIT 1",
        [MARK_DELETE] = "DELETE FROM marks WHERE camera = ?1 AND kind = ?2 AND start = ?3",
        [MARK_INSERT] = "INSERT INTO marks (camera, kind, start, end) VALUES (?1, ?2, ?3, ?4)",
        [MARKS_FROM] = "SELECT start, end FROM marks WHERE camera = ?1 AND kind = ?2 AND "
                       "start BETWEEN ?3 AND ?4 ORDER BY start",
        [MARKS_REMOVE] = "DELETE FROM marks WHERE camera = ?1",

        [NOTE_INSERT] = "INSERT INTO notes (camera, start, end, changed, text) "
                        "VALUES (?1, ?2, ?3, ?4, ?5)",
        [NOTE_BY_ID] = "SELECT " NOTE_COLUMNS " FROM notes WHERE id = ?1",
        [NOTE_UPDATE] = "UPDATE notes SET start = ?2, end = ?3, changed = ?4, text = ?5 "
                        "WHERE id = ?1",
        [NOTE_DELETE] = "DELETE FROM notes WHERE id = ?1",
        [NOTES_OVERLAPPING] = "SELECT " NOTE_COLUMNS " FROM notes WHERE camera = ?1 AND "
                              "start <= ?3 AND end >= ?2 ORDER BY start, id",
        [NOTED_UNTIL] = "SELECT start, end FROM notes WHERE camera = ?1 AND start <= ?2 "
                        "ORDER BY start",
        [NOTES_REMOVE] = "DELETE FROM notes WHERE camera = ?1",

        [EXPORT_INSERT] = "INSERT INTO exports (made, ended, state, tries, request, frames, file, "
                          "bytes, problem) VALUES (?1, 0, 0, 0, ?2, ?3, '', 0, '')",
        [EXPORT_BY_ID] = "SELECT " EXPORT_COLUMNS " FROM exports WHERE id = ?1",
        [EXPORT_NEXT_WAITING] = "SELECT " EXPORT_COLUMNS " FROM exports WHERE state = 0 "
                                "ORDER BY id LIMIT 1",
        [EXPORTS_BEFORE] = "SELECT " EXPORT_COLUMNS " FROM exports WHERE id < ?1 "
                           "ORDER BY id DESC LIMIT 1",
        [EXPORTS_SUMS] = "SELECT count(*), coalesce(sum(bytes), 0) FROM exports",
        [EXPORT_UPDATE] = "UPDATE exports SET ended = ?2, state = ?3, tries = ?4, bytes = ?5, "
                          "file = ?6, problem = ?7 WHERE id = ?1",
        [EXPORT_REMOVE] = "DELETE FROM exports WHERE id = ?1",

        [CURSOR_FRAMES] = "SELECT " FRAME_COLUMNS " FROM frames WHERE camera = ?1 AND "
                          "(time, tie) > (?2, ?3) AND time <= ?4 ORDER BY time, tie",
        [CURSOR_RUNS] = "SELECT " RUN_COLUMNS " FROM runs WHERE camera = ?1 AND "
                        "start BETWEEN ?2 AND ?3 ORDER BY start",
        [CURSOR_MINUTES] = "SELECT minute, frames, motion_frames, bytes, windows FROM activity "
                           "WHERE camera = ?1 AND minute BETWEEN ?2 AND ?3 ORDER BY minute",
        [CURSOR_BLOCKS] = BLOCKS_FROM,
        [CURSOR_BLOCKS_DAYS] = BLOCKS_FROM,
        [CURSOR_BLOCKS_COARSEST] = BLOCKS_FROM,
};

static enum error_kind kind_of_code(sqlite3 *db, int code)
{
        switch (code & 0xff) {
        case SQLITE_FULL: return ERROR_FULL;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return ERROR_BUSY;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
        case SQLITE_SCHEMA: return ERROR_CORRUPT;
        case SQLITE_CONSTRAINT: return ERROR_CONFLICT; /* will not pass */
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_CANTOPEN:
        case SQLITE_AUTH: return ERROR_DENIED;
        case SQLITE_IOERR:
                if (code == SQLITE_IOERR_SHMSIZE)
                        return ERROR_FULL;
                return db != NULL && sqlite3_system_errno(db) == ENOSPC ? ERROR_FULL : ERROR_SYSTEM;
        default: return ERROR_SYSTEM;
        }
}

bool sqlite_failed(sqlite3 *db, int code, const char *what, struct error *err)
{
        enum error_kind kind = kind_of_code(db, code);
        if (kind == ERROR_FULL) /* also what SQLite calls an "I/O error" */
                code = SQLITE_FULL;
        bool by_code = db == NULL || kind == ERROR_FULL;
        return error_set(err, kind, "catalog: %s: %s", what,
                         by_code ? sqlite3_errstr(code) : sqlite3_errmsg(db));
}

bool statement_prepare(struct catalog *catalog, const char *text, sqlite3_stmt **statement_out,
                       struct error *err)
{
        int code = sqlite3_prepare_v3(catalog->db, text, -1, SQLITE_PREPARE_PERSISTENT,
                                      statement_out, NULL);
        if (code != SQLITE_OK) {
                catalog->failed = catalog->in_transaction;
                return sqlite_failed(catalog->db, code, "prepare", err);
        }
        return true;
}

bool statement_get(struct catalog *catalog, enum statement which, sqlite3_stmt **statement_out,
                   struct error *err)
{
        assert(sql[which] != NULL);
        if (catalog->statements[which] == NULL &&
            !statement_prepare(catalog, sql[which], &catalog->statements[which], err))
                return false;
        *statement_out = catalog->statements[which];
        return true;
}

bool statement_borrow(struct catalog *catalog, enum statement which, sqlite3_stmt **statement_out,
                      struct error *err)
{
        if (catalog->borrowed[which])
                return statement_prepare(catalog, sql[which], statement_out, err);
        catalog->borrowed[which] = statement_get(catalog, which, statement_out, err);
        return catalog->borrowed[which];
}

void statement_return(struct catalog *catalog, enum statement which, sqlite3_stmt *statement)
{
        if (statement == NULL)
                return;
        if (statement != catalog->statements[which]) {
                sqlite3_finalize(statement);
                return;
        }
        sqlite3_reset(statement);
        catalog->borrowed[which] = false;
}

bool statement_step(struct catalog *catalog, sqlite3_stmt *statement, bool *row_out,
                    struct error *err)
{
        int code = sqlite3_step(statement);
        *row_out = code == SQLITE_ROW;
        if (code == SQLITE_ROW)
                return true;
        if (code == SQLITE_DONE) {
                sqlite3_reset(statement);
                return true;
        }
        sqlite_failed(catalog->db, code, sqlite3_sql(statement), err);
        sqlite3_reset(statement);
        catalog->failed = catalog->in_transaction;
        return false;
}

bool statement_run(struct catalog *catalog, sqlite3_stmt *statement, struct error *err)
{
        bool row = false;
        bool ok = statement_step(catalog, statement, &row, err);
        if (row)
                sqlite3_reset(statement);
        return ok;
}

bool statement_do(struct catalog *catalog, enum statement which, struct error *err)
{
        sqlite3_stmt *statement;
        return statement_get(catalog, which, &statement, err) &&
               statement_run(catalog, statement, err);
}

void statement_bind(sqlite3_stmt *statement, int count, const int64_t *values)
{
        for (int i = 0; i < count; i++)
                sqlite3_bind_int64(statement, i + 1, values[i]);
}

void statement_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
        sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}
