#pragma once

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

struct catalog;

/* Every statement that is kept prepared; its SQL is a row of the table in sqlite_statement.c. */
enum statement {
        BEGIN_WRITE,
        BEGIN_READ,
        COMMIT,
        ROLLBACK,
        DATA_VERSION,

        CAMERA_BY_MAC,
        CAMERA_BY_NAME,
        CAMERA_BY_ALIAS,
        CAMERA_BY_ID,
        CAMERA_BY_DIRECTORY,
        CAMERA_DIRECTORY_TAKEN,
        CAMERA_LIST,
        CAMERA_INSERT,
        CAMERA_SET_MAC,
        CAMERA_SET_MODEL,
        CAMERA_LEARN,
        CAMERA_UPDATE,
        CAMERA_ADD_SUMS,
        CAMERA_FIRST,
        CAMERA_LAST,
        ALIAS_INSERT,
        ALIAS_DELETE,

        CAMERA_REMOVE,
        ALIASES_REMOVE,

        WINDOW_LIST,
        WINDOW_INSERT,
        WINDOWS_REMOVE,

        ACCOUNT_INSERT,
        ACCOUNT_BY_USER,
        ACCOUNT_BY_NUMBER,
        ACCOUNT_BY_CAMERA,
        ACCOUNT_LIST,
        ACCOUNT_UPDATE,
        ACCOUNT_REMOVE,

        KIND_LIST,
        KIND_INSERT,

        TRAITS_FIND,
        TRAITS_INSERT,
        TRAITS_INSERT_OF_RUN,
        TRAITS_ROW,

        FOLDER_FIND,
        FOLDER_INSERT,
        FOLDER_PATH,
        FOLDER_FINGERPRINT,
        FOLDER_SET_FINGERPRINT,

        SEGMENT_LAST,
        SEGMENT_INSERT,
        SEGMENT_COMMIT,
        SEGMENT_SET_STATE,
        SEGMENT_BY_ID,
        SEGMENT_BY_HOUR,
        SEGMENT_NEXT,
        SEGMENT_NEXT_OPEN,
        SEGMENT_NEXT_EMPTY,
        SEGMENT_FREED,
        SEGMENT_EMPTIED,
        SEGMENT_REMOVE,
        TOTAL_RECEIVED,
        EXPORTS_BYTES,
        RECEIVED_SINCE,

        SKIPPED_ANY,
        SKIPPED_FIND,
        SKIPPED_INSERT,
        SKIPPED_DELETE,
        SKIPPED_IN_FOLDER,
        VANISHED_ANY,
        VANISHED_INSERT,
        VANISHED_DELETE,
        VANISHED_IN_FOLDER,
        VANISHED_BY_KEY,

        DELETED_ANY,
        DELETED_BETWEEN,
        DELETED_HAS_KEY,
        DELETED_IN_FOLDER,
        DELETED_BY_PLACE,
        DELETED_FRAME_BY_PLACE,
        DELETED_AT,
        DELETED_OF,
        DELETED_TELL,
        DELETED_INSERT,
        DELETED_DROP,
        DELETED_DROP_PLACE,
        DELETION_INSERT,
        DELETION_ADD,
        DELETION_LESSEN,
        DELETION_END,
        DELETION_SET_STATE,
        DELETION_BY_ID,
        DELETION_BEFORE,
        DELETION_DUE,
        DELETION_SUMS,
        DELETIONS_LATER,
        DELETION_CAMERA_PUT,
        DELETION_CAMERA_NEXT,
        DELETION_CAMERAS_END,
        DELETION_CAMERAS_REMOVE,
        PINNED_BETWEEN,
        PURGED_INSERT,
        PURGED_FORGET,

        FRAME_INSERT,
        FRAMES_INSERT,
        FRAME_DELETE,
        FRAME_BY_KEY,
        FRAME_BY_PLACE,
        FRAME_TIES,
        FRAMES_ALIKE,
        FRAME_LAST_UP_TO,
        FRAMES_IN_RUN,
        FRAMES_SUM,
        FRAME_BEFORE,
        FRAMES_ANY,

        RUNS_BEFORE,
        RUN_AT,
        RUN_AFTER,
        RUNS_DELETE,
        RUN_PUT,
        RUNS_BACK,

        MINUTE_INSERT,
        MINUTE_GET,
        MINUTE_PUT,
        MINUTE_DELETE,
        MINUTES_SUM,

        BLOCK_PUT,
        BLOCK_DELETE,
        BLOCK_BEFORE,
        BLOCKS_REMOVE,
        BLOCK_STALE,
        FOLDED_GET,
        FOLDED_PUT,
        FOLDED_REMOVE,
        CAMERA_AFTER,

        MARK_BEFORE,
        MARK_DELETE,
        MARK_INSERT,
        MARKS_FROM,
        MARKS_REMOVE,

        NOTE_INSERT,
        NOTE_BY_ID,
        NOTE_UPDATE,
        NOTE_DELETE,
        NOTES_OVERLAPPING,
        NOTED_UNTIL,
        NOTES_REMOVE,

        EXPORT_INSERT,
        EXPORT_BY_ID,
        EXPORT_NEXT_WAITING,
        EXPORTS_BEFORE,
        EXPORTS_SUMS,
        EXPORT_UPDATE,
        EXPORT_REMOVE,

        CURSOR_FRAMES,
        CURSOR_RUNS,
        CURSOR_MINUTES,
        CURSOR_BLOCKS, /* and one more for each coarser level */
        CURSOR_BLOCKS_DAYS,
        CURSOR_BLOCKS_COARSEST,
        STATEMENTS
};

/* So many frames go in with one FRAMES_INSERT, each with so many parameters. */
enum { FRAMES_AT_ONCE = 32, FRAME_PARAMETERS = 11 };

/* The prepared statement, unbound and ready. */
bool statement_get(struct catalog *catalog, enum statement which, sqlite3_stmt **statement_out,
                   struct error *err) MUST_CHECK;

/* Prepares SQL for a cursor of its own. */
bool statement_prepare(struct catalog *catalog, const char *sql, sqlite3_stmt **statement_out,
                       struct error *err) MUST_CHECK;

/* A statement for a cursor, which may be open several times at once: the kept one while it is free,
 * else one of its own. Give it back with statement_return, which accepts NULL. */
bool statement_borrow(struct catalog *catalog, enum statement which, sqlite3_stmt **statement_out,
                      struct error *err) MUST_CHECK;
void statement_return(struct catalog *catalog, enum statement which, sqlite3_stmt *statement);

/* Steps: *row_out is true on a row; at the end it is false and the statement is reset. On an error
 * it is reset as well. */
bool statement_step(struct catalog *catalog, sqlite3_stmt *statement, bool *row_out,
                    struct error *err) MUST_CHECK;

/* Steps a statement that gives no rows, and resets it. */
bool statement_run(struct catalog *catalog, sqlite3_stmt *statement, struct error *err) MUST_CHECK;

/* statement_get and statement_run of one without parameters. */
bool statement_do(struct catalog *catalog, enum statement which, struct error *err) MUST_CHECK;

/* Binds integers to ?1, ?2, ... */
void statement_bind(sqlite3_stmt *statement, int count, const int64_t *values);
#define BIND(statement, ...)                                                                       \
        statement_bind((statement), sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t),            \
                       (const int64_t[]){__VA_ARGS__})

void statement_bind_text(sqlite3_stmt *statement, int index, const char *text);

/* Sets err from SQLite's words; returns false. */
bool sqlite_failed(sqlite3 *db, int code, const char *what, struct error *err);
