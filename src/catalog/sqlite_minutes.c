#include <string.h>

#include "catalog/sqlite_blocks.h"

bool minute_windows_read(const void *blob, int size, uint64_t *used, int64_t *windows,
                         struct error *err)
{
        const uint8_t *at = blob;
        const uint8_t *end = size > 0 ? at + size : at;
        while (at < end) {
                unsigned window = *at++;
                uint64_t count = 0;
                for (unsigned shift = 0;; shift += 7) {
                        if (window >= ACTIVITY_WINDOWS || at == end || shift > 56)
                                return error_set(err, ERROR_CORRUPT,
                                                 "catalog: a minute's windows are ill-formed");
                        count |= (uint64_t)(*at & 0x7f) << shift;
                        if ((*at++ & 0x80) == 0)
                                break;
                }
                if ((*used >> window & 1) == 0)
                        windows[window] = 0;
                *used |= UINT64_C(1) << window;
                windows[window] += (int64_t)count;
        }
        return true;
}

int minute_windows_format(uint64_t used, const int64_t *windows,
                          uint8_t out[static MINUTE_WINDOWS_SIZE])
{
        int length = 0;
        for (; used != 0; used &= used - 1) {
                int window = __builtin_ctzll(used);
                uint64_t count = (uint64_t)windows[window];
                if (windows[window] <= 0)
                        continue;
                out[length++] = (uint8_t)window;
                for (; count >= 0x80; count >>= 7)
                        out[length++] = (uint8_t)(count | 0x80);
                out[length++] = (uint8_t)count;
        }
        return length;
}

static bool put(struct catalog *catalog, enum statement which, const struct minute *minute,
                struct error *err)
{
        uint8_t blob[MINUTE_WINDOWS_SIZE];
        sqlite3_stmt *write;
        if (!statement_get(catalog, which, &write, err))
                return false;
        int length = minute_windows_format(minute->used, minute->windows, blob);
        BIND(write, minute->camera.value, minute->number, minute->frames, minute->motion_frames,
             minute->bytes);
        sqlite3_bind_blob(write, 6, blob, length, SQLITE_STATIC);
        bool ok = statement_run(catalog, write, err);
        sqlite3_bind_null(write, 6); /* `blob` ends here */
        return ok;
}

/* It is stored as it now stands. */
static void remember(struct catalog *catalog, const struct minute *minute)
{
        struct minute *recent = &recent_of(catalog, minute->camera)->minute;
        *recent = *minute;
        recent->open = true;
}

static void add_known(struct minute *minute, const struct minute *stored)
{
        minute->frames += stored->frames;
        minute->motion_frames += stored->motion_frames;
        minute->bytes += stored->bytes;
        for (uint64_t bits = stored->used; bits != 0; bits &= bits - 1) {
                int window = __builtin_ctzll(bits);
                if ((minute->used >> window & 1) == 0)
                        minute->windows[window] = 0;
                minute->used |= UINT64_C(1) << window;
                minute->windows[window] += stored->windows[window];
        }
}

/* Adds what is stored of the minute to it. */
static bool take_stored(struct catalog *catalog, struct minute *minute, struct error *err)
{
        sqlite3_stmt *get;
        bool row;
        if (!statement_get(catalog, MINUTE_GET, &get, err))
                return false;
        BIND(get, minute->camera.value, minute->number);
        if (!statement_step(catalog, get, &row, err))
                return false;
        if (!row)
                return true;
        minute->frames += sqlite3_column_int64(get, 0);
        minute->motion_frames += sqlite3_column_int64(get, 1);
        minute->bytes += sqlite3_column_int64(get, 2);
        bool ok = minute_windows_read(sqlite3_column_blob(get, 3), sqlite3_column_bytes(get, 3),
                                      &minute->used, minute->windows, err);
        sqlite3_reset(get);
        return ok;
}

static bool merge(struct catalog *catalog, struct minute *minute, struct error *err)
{
        sqlite3_stmt *remove;
        if (!take_stored(catalog, minute, err))
                return false;
        if (minute->frames > 0) {
                remember(catalog, minute);
                return put(catalog, MINUTE_PUT, minute, err);
        }
        if (!statement_get(catalog, MINUTE_DELETE, &remove, err))
                return false;
        BIND(remove, minute->camera.value, minute->number);
        return statement_run(catalog, remove, err);
}

bool minute_write(struct catalog *catalog, struct minute *minute, struct error *err)
{
        if (!minute->open)
                return true;
        minute->open = false;
        if (!block_touch(catalog, minute->camera, floor_div(minute->number, 60), err))
                return false;
        struct minute *recent = &recent_of(catalog, minute->camera)->minute;
        bool known = recent->open && recent->camera.value == minute->camera.value &&
                     recent->number == minute->number;
        if (known && minute->frames > 0) {
                add_known(minute, recent);
                remember(catalog, minute);
                return put(catalog, MINUTE_PUT, minute, err);
        }
        recent->open = false;
        if (minute->frames <= 0)
                return merge(catalog, minute, err);
        /* A minute that is new, as most are while a folder is taken in, costs one statement. */
        if (!put(catalog, MINUTE_INSERT, minute, err))
                return false;
        if (sqlite3_changes(catalog->db) == 0)
                return merge(catalog, minute, err);
        remember(catalog, minute);
        return true;
}

void minute_start(struct minute *minute, struct camera_id camera, int64_t number)
{
        minute->open = true;
        minute->camera = camera;
        minute->number = number;
        minute->frames = minute->motion_frames = minute->bytes = 0;
        minute->used = 0;
}

void minute_add(struct minute *minute, const struct counted_frame *frame, int sign)
{
        minute->frames += sign;
        minute->motion_frames += frame_has_motion(frame->kinds, frame->windows) ? sign : 0;
        minute->bytes += sign * frame->bytes;
        for (uint64_t bits = frame->windows; bits != 0; bits &= bits - 1) {
                int window = __builtin_ctzll(bits);
                if ((minute->used >> window & 1) == 0)
                        minute->windows[window] = 0;
                minute->used |= UINT64_C(1) << window;
                minute->windows[window] += sign;
        }
}

bool minute_count(struct catalog *catalog, struct minute *minute, const struct counted_frame *frame,
                  int sign, struct error *err)
{
        int64_t number = floor_div(frame->key.time.ms, MINUTE_MS);
        bool same = minute->open && minute->number == number &&
                    minute->camera.value == frame->key.camera.value;
        if (!same) {
                if (!minute_write(catalog, minute, err))
                        return false;
                minute_start(minute, frame->key.camera, number);
        }
        minute_add(minute, frame, sign);
        return true;
}
