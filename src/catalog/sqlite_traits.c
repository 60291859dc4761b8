#include <assert.h>
#include <string.h>

#include "catalog/sqlite_handle.h"

static_assert(sizeof(struct traits) == 2 * 8 + 4 * 4, "compared as bytes");

static unsigned slot_of(const struct traits *traits)
{
        uint64_t hash = traits->kinds * UINT64_C(0x9e3779b97f4a7c15);
        hash = (hash ^ traits->windows) * UINT64_C(0xff51afd7ed558ccd);
        hash = (hash ^ (uint32_t)traits->trigger) * UINT64_C(0xc4ceb9fe1a85ec53);
        hash ^= (uint64_t)(uint32_t)traits->width << 32 | (uint32_t)traits->height;
        hash = (hash ^ (uint32_t)traits->time_source) * UINT64_C(0x9e3779b97f4a7c15);
        return (unsigned)(hash >> 40) % TRAITS_SLOTS;
}

struct traits frame_traits(const struct frame *frame)
{
        return (struct traits){
                .kinds = frame->kinds,
                .windows = frame->windows,
                .trigger = frame->has_trigger ? frame->trigger : TRIGGER_NONE,
                .width = frame->width,
                .height = frame->height,
                .time_source = (int32_t)frame->time_source,
        };
}

static void bind_traits(sqlite3_stmt *statement, const struct traits *traits)
{
        BIND(statement, (int64_t)traits->kinds, (int64_t)traits->windows, traits->trigger,
             traits->width, traits->height, traits->time_source);
}

static bool look_up(struct catalog *catalog, enum statement insert_which,
                    const struct traits *traits, int64_t *id_out, struct error *err)
{
        sqlite3_stmt *find;
        sqlite3_stmt *insert;
        bool row;
        if (!statement_get(catalog, TRAITS_FIND, &find, err))
                return false;
        bind_traits(find, traits);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (row) {
                *id_out = sqlite3_column_int64(find, 0);
                sqlite3_reset(find);
                return true;
        }
        if (!statement_get(catalog, insert_which, &insert, err))
                return false;
        bind_traits(insert, traits);
        if (!statement_run(catalog, insert, err))
                return false;
        *id_out = sqlite3_last_insert_rowid(catalog->db);
        return true;
}

static bool cached_id(struct catalog *catalog, enum statement insert_which,
                      const struct traits *traits, int64_t *id_out, struct error *err)
{
        struct traits_slot *slot = &catalog->traits_ids[slot_of(traits)];
        if (slot->id == 0 || memcmp(&slot->traits, traits, sizeof *traits) != 0) {
                int64_t id = 0;
                if (!look_up(catalog, insert_which, traits, &id, err))
                        return false;
                *slot = (struct traits_slot){*traits, id};
        }
        *id_out = slot->id;
        return true;
}

bool traits_id(struct catalog *catalog, const struct traits *traits, int64_t *id_out,
               struct error *err)
{
        return cached_id(catalog, TRAITS_INSERT, traits, id_out, err);
}

bool traits_id_of_run(struct catalog *catalog, uint64_t kinds, uint64_t windows, int64_t *id_out,
                      struct error *err)
{
        struct traits traits = {.kinds = kinds, .windows = windows, .trigger = TRIGGER_NONE};
        return cached_id(catalog, TRAITS_INSERT_OF_RUN, &traits, id_out, err);
}

bool traits_of(struct catalog *catalog, int64_t id, const struct traits **traits_out,
               struct error *err)
{
        struct traits_slot *slot = &catalog->traits_rows[(uint64_t)id % TRAITS_SLOTS];
        *traits_out = &slot->traits;
        if (slot->id == id && id != 0)
                return true;
        sqlite3_stmt *find;
        bool row;
        if (!statement_get(catalog, TRAITS_ROW, &find, err))
                return false;
        BIND(find, id);
        if (!statement_step(catalog, find, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_CORRUPT,
                                 "catalog: a frame has traits %lld, which are not there",
                                 (long long)id);
        *slot = (struct traits_slot){
                .traits =
                        {
                                .kinds = (uint64_t)sqlite3_column_int64(find, 0),
                                .windows = (uint64_t)sqlite3_column_int64(find, 1),
                                .trigger = sqlite3_column_int(find, 2),
                                .width = sqlite3_column_int(find, 3),
                                .height = sqlite3_column_int(find, 4),
                                .time_source = sqlite3_column_int(find, 5),
                        },
                .id = id,
        };
        sqlite3_reset(find);
        return true;
}
