#include "store/frame_store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "store/checksum.h"
#include "store/disk.h"
#include "store/hour_files.h"
#include "store/segment.h"
#include "store/sync_pool.h"

enum {
        MOST_OPEN = 512,
        MOST_KNOWN = 4096,
        PIECES_MOST = 64,
        /* Room is kept in steps of such a part of what is free, so that even a thousand cameras
         * hold little of the disk; not at all when that is small. */
        STEP_PART = 16 * 1024,
        STEP_LEAST = 256 << 10,
        STEP_MOST = 4 << 20,
        FREE_EVERY_MS = 1000
};

struct frame_store {
        struct frame_store_config config; /* texts not kept */
        struct hour_files files;
        struct sync_pool *pool;
        struct hour_file **dirty; /* of this group */
        size_t dirty_count, dirty_room;
        char header[SEGMENT_PREFIX + SEGMENT_HEADER_MAX];
        int64_t free_bytes;
        struct mono free_asked;
        bool free_known;
};

bool frame_store_create(const struct frame_store_config *config, struct frame_store **store_out,
                        struct error *err)
{
        struct frame_store *store = calloc(1, sizeof *store);
        if (store == NULL)
                return error_set(err, ERROR_FULL, "no memory for the frame store");
        store->config = *config;
        store->config.directory = store->config.journal = NULL;
        if (store->config.most_open == 0)
                store->config.most_open = MOST_OPEN;
        if (store->config.most_known == 0)
                store->config.most_known = MOST_KNOWN;
        if (hour_files_init(&store->files, config->directory, config->journal, err) &&
            sync_pool_create(&store->pool, err)) {
                *store_out = store;
                return true;
        }
        frame_store_destroy(&store);
        return false;
}

void frame_store_destroy(struct frame_store **store)
{
        struct frame_store *gone = *store;
        if (gone == NULL)
                return;
        for (size_t i = 0; i < gone->dirty_count; i++) {
                if (gone->dirty[i]->broken)
                        hour_files_free(&gone->files, &gone->dirty[i]);
        }
        sync_pool_destroy(&gone->pool);
        hour_files_finish(&gone->files);
        free(gone->dirty);
        free(gone);
        *store = NULL;
}

bool frame_store_adopt(struct frame_store *store, const struct segment *segment, struct error *err)
{
        struct hour_file *file = NULL;
        if (hour_files_find(&store->files, segment->camera, segment->hour) != NULL)
                return error_set(err, ERROR_CONFLICT, "two hour files of one hour are open in %s",
                                 segment->directory);
        if (!hour_files_known(&store->files, segment, &file, err))
                return false;
        hour_files_insert(&store->files, file);
        bool ok = hour_files_use(&store->files, file, err);
        if (ok && disk_truncate(file->fd, segment->committed) < 0)
                ok = error_sys(err, "cut off the end of an hour file in %s", segment->directory);
        if (!ok)
                hour_files_remove(&store->files, file);
        hour_files_close(&store->files, file);
        if (!ok)
                hour_files_free(&store->files, &file);
        return ok;
}

/* ---- which file ---- */

/* Ends a file that is not in the group: nothing more will be appended to it. */
static void end_file(struct frame_store *store, struct hour_file *file, enum segment_state state)
{
        struct segment_id id = file->segment.id;
        hour_files_remove(&store->files, file);
        hour_files_free(&store->files, &file);
        if (store->config.end_segment != NULL)
                store->config.end_segment(store->config.context, id, state);
}

/* Keeps the bounds, as far as files outside of the group can be closed, and not `wanted`. */
static void make_room(struct frame_store *store, const struct hour_file *wanted)
{
        struct hour_file *file = store->files.oldest;
        while (file != NULL && (store->files.known > store->config.most_known ||
                                store->files.open > store->config.most_open)) {
                struct hour_file *newer = file->newer;
                bool free = !file->dirty && file != wanted;
                if (free && store->files.known > store->config.most_known)
                        end_file(store, file, SEGMENT_CLOSED);
                else if (free)
                        hour_files_close(&store->files, file);
                file = newer;
        }
}

static bool begin_file(struct frame_store *store, const struct frame_record *record,
                       struct utc hour, struct hour_file **file_out, struct error *err)
{
        struct segment segment = {.camera = record->camera, .hour = hour};
        size_t length = strlen(record->directory);
        if (length >= sizeof segment.directory || !camera_name_valid(record->directory))
                return error_set(err, ERROR_INPUT, "\"%.64s\" cannot be a camera's folder",
                                 record->directory);
        memcpy(segment.directory, record->directory, length + 1);
        struct hour_file *file;
        for (;;) {
                if (!hour_files_create(&store->files, &segment, &file, err))
                        return false;
                if (store->config.begin_segment(store->config.context, &segment, err))
                        break;
                /* The empty file stays; the next one has another number. */
                hour_files_free(&store->files, &file);
                if (err->kind != ERROR_CONFLICT)
                        return false;
        }
        file->segment.id = segment.id;
        hour_files_insert(&store->files, file);
        *file_out = file;
        return true;
}

static bool file_for(struct frame_store *store, const struct frame_record *record,
                     struct hour_file **file_out, struct error *err)
{
        struct utc hour = segment_hour(record->time);
        struct hour_file *file = hour_files_find(&store->files, record->camera, hour);
        if (file != NULL) {
                if (hour_files_use(&store->files, file, err)) {
                        make_room(store, file);
                        *file_out = file;
                        return true;
                }
                if (err->kind == ERROR_FULL || file->dirty)
                        return false; /* no memory or descriptors: the file may be fine */
                end_file(store, file, SEGMENT_BROKEN);
        }
        if (!begin_file(store, record, hour, file_out, err))
                return false;
        make_room(store, *file_out);
        return true;
}

bool frame_store_open_for(struct frame_store *store, struct camera_id camera, struct utc time)
{
        const struct hour_file *file = hour_files_find(&store->files, camera, segment_hour(time));
        return file != NULL && file->fd >= 0;
}

/* ---- appending ---- */

static bool reserve_dirty(struct frame_store *store, struct error *err)
{
        if (store->dirty_count < store->dirty_room)
                return true;
        size_t room = store->dirty_room > 0 ? store->dirty_room * 2 : 64;
        struct hour_file **grown = reallocarray(store->dirty, room, sizeof(struct hour_file *));
        if (grown == NULL)
                return error_set(err, ERROR_FULL, "no memory for the frame store");
        store->dirty = grown;
        store->dirty_room = room;
        return true;
}

static void mark_dirty(struct frame_store *store, struct hour_file *file)
{
        if (file->dirty)
                return;
        file->dirty = true;
        store->dirty[store->dirty_count++] = file;
}

/* Writes the header; returns lengths and the pieces with the header in front. */
static bool compose(struct frame_store *store, const struct frame_record *record,
                    struct iovec pieces[static PIECES_MOST + 1], int64_t *header_out,
                    int64_t *picture_out, struct error *err)
{
        XXH3_state_t state;
        int64_t length = 0;
        if (record->piece_count > PIECES_MOST)
                return error_set(err, ERROR_INPUT, "a picture in %zu pieces", record->piece_count);
        XXH3_64bits_reset(&state);
        for (size_t i = 0; i < record->piece_count; i++) {
                const struct frame_bytes *piece = &record->pieces[i];
                pieces[i + 1] = (struct iovec){(void *)piece->bytes, piece->length};
                XXH3_64bits_update(&state, piece->bytes, piece->length);
                length += (int64_t)piece->length;
        }
        size_t header = segment_header_format(record->facts, record->facts_length, length,
                                              XXH3_64bits_digest(&state), store->header,
                                              sizeof store->header);
        if (header == 0)
                return error_set(err, ERROR_INPUT, "facts that do not fit a record's header");
        pieces[0] = (struct iovec){store->header, header};
        *header_out = (int64_t)header;
        *picture_out = length;
        return true;
}

/* Room is kept ahead, which makes syncs cheaper and files less scattered. That it cannot be is for
 * the write to say. */
static void keep_room(struct frame_store *store, struct hour_file *file, int64_t end)
{
        if (end <= file->allocated)
                return;
        int64_t step = frame_store_free_bytes(store) / STEP_PART & -(int64_t)(64 << 10);
        if (step < STEP_LEAST)
                return;
        if (step > STEP_MOST)
                step = STEP_MOST;
        int64_t length = end - file->end + step - (end - file->end) % step;
        if (disk_allocate(file->fd, file->end, length) == 0)
                file->allocated = file->end + length;
}

/* A write failed, with errno. A full disk leaves the file as good as before; any other failure ends
 * it once this group is synced. */
static bool write_failed(struct frame_store *store, struct hour_file *file, struct error *err)
{
        bool full = errno == ENOSPC || errno == EDQUOT;
        error_sys(err, "write an hour file in %s", file->segment.directory);
        if (disk_truncate(file->fd, file->end) == 0 && full) {
                file->allocated = file->end;
                return false;
        }
        file->broken = true;
        if (!file->dirty) {
                end_file(store, file, SEGMENT_BROKEN);
                return false;
        }
        hour_files_remove(&store->files, file);
        return false;
}

bool frame_store_append(struct frame_store *store, struct frame_record *record, struct error *err)
{
        struct iovec pieces[PIECES_MOST + 1];
        struct hour_file *file = NULL;
        int64_t header = 0;
        int64_t picture = 0;
        if (record->time.ms < UTC_MIN_MS || record->time.ms > UTC_MAX_MS)
                return error_set(err, ERROR_INPUT, "a picture without a time");
        if (!compose(store, record, pieces, &header, &picture, err) || !reserve_dirty(store, err) ||
            !file_for(store, record, &file, err))
                return false;
        int64_t end = file->end + header + picture;
        if (store->config.durability == DURABILITY_SYNC)
                keep_room(store, file, end); /* else the file system does best by deciding late */
        if (disk_write(file->fd, pieces, (int)record->piece_count + 1, file->end) < 0)
                return write_failed(store, file, err);
        if (store->config.durability == DURABILITY_SYNC)
                disk_start(file->fd, file->end, end - file->end);
        record->place = (struct place){.segment = file->segment.id, .offset = file->end + header};
        record->end = end;
        file->end = end;
        mark_dirty(store, file);
        return true;
}

/* ---- making durable ---- */

static void sync_one(void *context, size_t i)
{
        struct frame_store *store = context;
        hour_files_sync(&store->files, store->dirty[i]);
}

/* What the sync said of one file. One that was removed takes along what is in it. */
static void settle(struct frame_store *store, struct hour_file *file,
                   void (*failed)(void *context, struct segment_id segment, const struct error *),
                   void *context)
{
        file->dirty = false;
        if (file->failure.kind == ERROR_NONE && hour_files_is_there(&store->files, file)) {
                file->synced = file->end;
                file->folders = 0;
                if (!file->broken)
                        return;
        }
        struct segment_id id = file->segment.id;
        struct error failure = file->failure;
        if (failure.kind != ERROR_NONE) {
                /* So that what does not count is not found again; if it cannot be, the committed
                 * length says the same. */
                (void)disk_truncate(file->fd, file->synced);
                file->end = file->allocated = file->synced;
        }
        if (!file->broken)
                hour_files_remove(&store->files, file);
        hour_files_free(&store->files, &file);
        if (failure.kind != ERROR_NONE)
                failed(context, id, &failure);
        if (store->config.end_segment != NULL)
                store->config.end_segment(store->config.context, id, SEGMENT_BROKEN);
}

void frame_store_sync(struct frame_store *store,
                      void (*failed)(void *context, struct segment_id segment,
                                     const struct error *),
                      void *context)
{
        if (store->dirty_count == 0)
                return;
        if (store->config.durability == DURABILITY_SYNC)
                sync_pool_run(store->pool, store->dirty_count, sync_one, store);
        for (size_t i = 0; i < store->dirty_count; i++)
                settle(store, store->dirty[i], failed, context);
        store->dirty_count = 0;
        make_room(store, NULL);
}

void frame_store_retire(struct frame_store *store, struct utc hour, struct mono unused_since)
{
        struct hour_file *file = store->files.oldest;
        while (file != NULL && file->used.ns < unused_since.ns) {
                struct hour_file *newer = file->newer;
                if (!file->dirty && file->segment.hour.ms < hour.ms)
                        end_file(store, file, SEGMENT_CLOSED);
                file = newer;
        }
}

int64_t frame_store_free_bytes(struct frame_store *store)
{
        struct mono now = mono_now();
        struct statvfs status;
        if (store->free_known && now.ns - store->free_asked.ns < FREE_EVERY_MS * INT64_C(1000000))
                return store->free_bytes;
        store->free_asked = now;
        store->free_known = true;
        store->free_bytes = -1;
        if (statvfs(store->files.directory, &status) == 0)
                store->free_bytes = (int64_t)status.f_bavail * (int64_t)status.f_frsize;
        return store->free_bytes;
}
