#pragma once

#include <sqlite3.h>

#include "catalog/catalog.h"
#include "catalog/sqlite_statement.h"
#include "model/kind.h"

/*
 * The inside of a catalog on SQLite, shared by the files sqlite_*.c.
 *
 * Caches hold only what the database says, or is about to say in the open transaction: they are
 * emptied on rollback, and at begin when another connection has written (PRAGMA data_version).
 */

/* What frames have in common; `trigger` is TRIGGER_NONE when there is none. No padding: it is
 * hashed and compared as bytes. */
struct traits {
        uint64_t kinds;
        uint64_t windows;
        int32_t trigger;
        int32_t width;
        int32_t height;
        int32_t time_source;
};

#define TRIGGER_NONE INT32_MIN

enum { TRAITS_SLOTS = 4096, CAMERA_SLOTS = 1024 };

/* Caches with one slot a hash: the newest stays. An id of 0 is an empty slot. */
struct traits_slot {
        struct traits traits;
        int64_t id;
};

struct camera_slot {
        struct camera_id camera;
        bool has_model; /* the camera's model is known */
        bool by_mac;
        uint8_t mac[6];
        char name[FACTS_NAME_SIZE];
};

/* A string that lives as long as the handle. */
struct kept_string {
        struct kept_string *next;
        char bytes[];
};

struct catalog {
        sqlite3 *db;
        enum catalog_mode mode;
        char *path;
        sqlite3_stmt *statements[STATEMENTS];
        bool borrowed[STATEMENTS];

        bool in_transaction; /* of the writer */
        bool failed;         /* something went wrong in it: it can only be rolled back */
        bool reading;        /* between read_begin and read_end */
        bool durable;        /* the transaction is synced when it is committed */
        /* Whether anything is in these tables, so that they cost nothing while empty. */
        bool may_have_skipped;
        bool may_have_vanished;
        bool may_have_deleted; /* or purged */
        bool kinds_loaded;
        int one_by_one; /* groups of frames still to be inserted singly, as one met known frames */
        int64_t data_version;

        struct kept_string *kept;
        const char *kind_words[KIND_LIMIT]; /* of bits that are no standard kinds */
        const char **folder_paths;          /* by folder id; NULL where not yet asked for */
        size_t folder_room;

        struct traits_slot *traits_ids;  /* by hash */
        struct traits_slot *traits_rows; /* by id */
        struct camera_slot *cameras;     /* by hash of MAC or name */
        int32_t learned[CAMERA_SLOTS];   /* ids of cameras whose MAC and model were looked at */

        struct segment last_segment; /* the one whose path was asked for last; it never changes */

        struct recent *recent; /* of the writer: RECENT_SLOTS, by camera */

        /* catalog_compare_by */
        bool (*same)(void *context, struct catalog *, const struct frame *, const struct frame *);
        void *same_context;
};

/* ---- sqlite_transaction.c ---- */

/* Begins a transaction unless one is open; *own_out says so. */
bool write_enter(struct catalog *catalog, bool *own_out, struct error *err) MUST_CHECK;
/* Ends it when it is our own: commits if ok, else rolls back. Returns ok and committed. */
bool write_leave(struct catalog *catalog, bool own, bool ok, struct error *err) MUST_CHECK;

const char *keep_string(struct catalog *catalog, const char *bytes, size_t length);

/* ---- sqlite_traits.c ---- */

bool traits_id(struct catalog *catalog, const struct traits *traits, int64_t *id_out,
               struct error *err) MUST_CHECK;
bool traits_id_of_run(struct catalog *catalog, uint64_t kinds, uint64_t windows, int64_t *id_out,
                      struct error *err) MUST_CHECK;
bool traits_of(struct catalog *catalog, int64_t id, const struct traits **traits_out,
               struct error *err) MUST_CHECK;
struct traits frame_traits(const struct frame *frame);

/* ---- sqlite_frames.c ---- */

/* Columns of a statement that selects FRAME_COLUMNS, from the first on. */
#define FRAME_COLUMNS                                                                              \
        "camera, time, tie, received, sequence, traits, bytes, folder, name, segment, "            \
        "place_offset"
bool frame_of_row(struct catalog *catalog, sqlite3_stmt *statement, struct frame *frame_out,
                  struct error *err) MUST_CHECK;

/* ---- sqlite_camera_names.c ---- */

/* The n-th name to try: what the picture or path says, the MAC, then either with a number. */
void camera_candidate(const struct facts *facts, int n, char out[static CAMERA_NAME_SIZE]);

/* Where a new camera's frames go: its name, or the name with a number when another camera, renamed
 * since, has its frames there. */
bool camera_directory(struct catalog *catalog, const char *name, char out[static CAMERA_NAME_SIZE],
                      struct error *err) MUST_CHECK;

/* ---- small helpers ---- */

static inline int64_t floor_div(int64_t value, int64_t by)
{
        int64_t result = value / by;
        return value % by < 0 ? result - 1 : result;
}

/* A file's place, which is looked for when a frame comes; hour files have no need of that. */
static inline bool place_known(const struct place *place)
{
        return place->folder.value != 0;
}

/* `to` as given; UTC_NONE means without end. */
static inline int64_t range_end(struct utc to)
{
        return utc_known(to) ? to.ms : INT64_MAX;
}
