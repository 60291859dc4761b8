#include "app/ingest_write.h"

#include <stdlib.h>
#include <string.h>

#include "app/sweep.h"

static bool no_memory(struct error *err)
{
        return error_set(err, ERROR_FULL, "no memory to write a batch");
}

static bool remember_camera(struct ingest_write *write, struct camera_id id, struct error *err)
{
        if (write->camera_count == write->camera_room) {
                size_t room = write->camera_room > 0 ? write->camera_room * 2 : 16;
                struct new_camera *grown = reallocarray(write->cameras, room, sizeof *grown);
                if (grown == NULL)
                        return no_memory(err);
                write->cameras = grown;
                write->camera_room = room;
        }
        struct camera camera;
        if (!catalog_camera_by_id(write->catalog, id, &camera, err))
                return false;
        struct new_camera *new = &write->cameras[write->camera_count++];
        new->id = id;
        memcpy(new->name, camera.name, sizeof new->name);
        write->done.cameras_new++;
        return true;
}

static bool resolve_folder(struct ingest_write *write, const struct batch *batch,
                           struct batch_folder *folder, struct error *err)
{
        const char *path = batch_name(batch, folder->path);
        struct error missing = {0};
        if (folder->needed)
                return catalog_folder(write->catalog, path, &folder->id, err);
        folder->id.value = 0;
        if (catalog_folder_find(write->catalog, path, &folder->id, &missing) ||
            missing.kind == ERROR_NOT_FOUND)
                return true;
        *err = missing;
        return false;
}

/* The numbers of the folders and cameras that the batch names. */
static bool resolve(struct ingest_write *write, struct batch *batch, struct error *err)
{
        for (size_t i = 0; i < batch->folder_count; i++) {
                if (!resolve_folder(write, batch, &batch->folders[i], err))
                        return false;
        }
        for (size_t i = 0; i < batch->camera_count; i++) {
                struct batch_camera *camera = &batch->cameras[i];
                struct facts words = camera->facts;
                bool created = false;
                words.kinds = 0;
                bool found = camera->known ? catalog_camera_learn(write->catalog, camera->id,
                                                                  &camera->facts, err)
                                           : catalog_camera_for(write->catalog, &camera->facts,
                                                                &write->defaults, &camera->id,
                                                                &created, err);
                if (!found)
                        return false;
                if (created && !remember_camera(write, camera->id, err))
                        return false;
                camera->kinds = 0;
                if (words.words[0] != '\0' &&
                    !catalog_kinds_of(write->catalog, &words, &camera->kinds, err))
                        return false;
        }
        return true;
}

/* Takes the last `count` frames off, which are none of their own. */
static bool take_repeats(struct ingest_write *write, size_t count, struct error *err)
{
        size_t wanted = write->repeat_count + count;
        if (wanted > write->repeat_room) {
                struct frame *grown = reallocarray(write->repeats, wanted, sizeof *grown);
                if (grown == NULL)
                        return no_memory(err);
                write->repeats = grown;
                write->repeat_room = wanted;
        }
        write->frame_count -= count;
        memcpy(write->repeats + write->repeat_count, write->frames + write->frame_count,
               count * sizeof *write->repeats);
        write->repeat_count = wanted;
        write->done.repeats += (int64_t)count;
        return true;
}

/* Gives the frames collected so far to the catalog. */
static bool flush(struct ingest_write *write, struct error *err)
{
        size_t count = write->frame_count - write->added_count;
        if (count == 0)
                return true;
        struct add_result result = {0};
        if (!catalog_add(write->catalog, write->frames + write->added_count, count, &result, err))
                return false;
        if (result.repeats > 0 && !take_repeats(write, (size_t)result.repeats, err))
                return false;
        write->added_count = write->frame_count;
        write->done.frames += (int64_t)count - result.repeats;
        write->done.added += result.added;
        write->done.replaced += result.replaced;
        write->done.same += result.unchanged;
        return true;
}

static bool collect(struct ingest_write *write, const struct batch *batch,
                    const struct batch_item *item, struct error *err)
{
        if (write->frame_count == write->frame_room) {
                size_t room = write->frame_room > 0 ? write->frame_room * 2 : BATCH_FULL;
                struct frame *grown = reallocarray(write->frames, room, sizeof *grown);
                if (grown == NULL)
                        return no_memory(err);
                write->frames = grown;
                write->frame_room = room;
        }
        const struct batch_camera *camera = &batch->cameras[item->camera];
        struct frame *frame = &write->frames[write->frame_count++];
        frame->key = (struct frame_key){camera->id, item->time, 0};
        frame->received = item->modified;
        frame->sequence = item->sequence;
        frame->kinds = item->kinds | camera->kinds;
        frame->windows = item->windows;
        frame->has_trigger = item->has_trigger;
        frame->trigger = item->trigger;
        frame->width = item->width;
        frame->height = item->height;
        frame->bytes = item->bytes;
        frame->time_source = (enum time_source)item->time_source;
        write->done.bytes += item->bytes;
        frame->place.segment = item->segment;
        frame->place.offset = item->offset;
        frame->place.folder.value = 0;
        frame->place.name[0] = '\0';
        if (item->kind == BATCH_RECEIVED)
                return true;
        frame->place.folder = batch->folders[item->folder].id;
        const char *name = batch_name(batch, item->name);
        size_t length = strnlen(name, PLACE_NAME_SIZE - 1);
        memcpy(frame->place.name, name, length);
        memset(frame->place.name + length, 0, PLACE_NAME_SIZE - length > 8 ? 8 : 1);
        return true;
}

static void place_of(const struct batch *batch, const struct batch_item *item, struct place *place)
{
        const char *name = batch_name(batch, item->name);
        size_t length = strnlen(name, PLACE_NAME_SIZE - 1);
        place->folder = batch->folders[item->folder].id;
        place->segment = item->segment;
        place->offset = item->offset;
        memcpy(place->name, name, length);
        place->name[length] = '\0';
}

static bool apply_skip(struct ingest_write *write, const struct batch *batch,
                       const struct batch_item *item, struct error *err)
{
        struct place place;
        place_of(batch, item, &place);
        write->done.skipped[item->reason]++;
        return catalog_file_skip(write->catalog, &place, item->bytes, item->modified,
                                 skip_word((enum skip_reason)item->reason), err);
}

static bool apply_vanish(struct ingest_write *write, const struct batch *batch,
                         const struct batch_item *item, struct error *err)
{
        struct place place;
        int64_t vanished = 0;
        place_of(batch, item, &place);
        if (place.folder.value == 0)
                return true; /* a folder never heard of */
        if (!catalog_vanish(write->catalog, &place, 1, utc_now(), &vanished, err))
                return false;
        write->done.vanished += vanished;
        return true;
}

static bool apply_sweep(struct ingest_write *write, const struct batch *batch,
                        const struct batch_item *item, struct error *err)
{
        const char *path = batch_name(batch, batch->folders[item->folder].path);
        int64_t vanished = 0;
        if (!sweep_folders(write->catalog, path, utc_now(), &vanished, err))
                return false;
        write->done.vanished += vanished;
        return true;
}

/*
 * A folder's fingerprint stands for what the catalog holds of it, so whatever changes that ends
 * it; a scan sets it anew when it is through with the folder.
 */
static bool forget_fingerprints(struct ingest_write *write, const struct batch *batch,
                                struct error *err)
{
        for (size_t i = 0; i < batch->folder_count; i++) {
                struct folder_id id = batch->folders[i].id;
                uint64_t fingerprint = 0;
                if (id.value == 0)
                        continue;
                if (!catalog_folder_fingerprint(write->catalog, id, &fingerprint, err))
                        return false;
                if (fingerprint != 0 && !catalog_folder_set_fingerprint(write->catalog, id, 0, err))
                        return false;
        }
        return true;
}

static bool apply_item(struct ingest_write *write, const struct batch *batch,
                       const struct batch_item *item, struct error *err)
{
        if (item->kind == BATCH_FRAME || item->kind == BATCH_RECEIVED)
                return collect(write, batch, item, err);
        bool looks = item->kind == BATCH_SWEEP || item->kind == BATCH_ENDED; /* at what is there */
        if ((batch->in_order || looks) && !flush(write, err))
                return false;
        switch ((enum batch_kind)item->kind) {
        case BATCH_SKIP: return apply_skip(write, batch, item, err);
        case BATCH_VANISH: return apply_vanish(write, batch, item, err);
        case BATCH_SWEEP: return apply_sweep(write, batch, item, err);
        case BATCH_FINGERPRINT:
                return catalog_folder_set_fingerprint(
                        write->catalog, batch->folders[item->folder].id,
                        write->incomplete ? 0 : item->fingerprint, err);
        case BATCH_ENDED:
                return catalog_segment_end(write->catalog, item->segment,
                                           (enum segment_state)item->reason, err);
        case BATCH_FRAME:
        case BATCH_RECEIVED: break;
        }
        return true;
}

static bool add_segments(struct ingest_write *write, const struct batch *batch, struct error *err)
{
        for (size_t i = 0; i < batch->segment_count; i++) {
                if (!catalog_segment_add(write->catalog, &batch->segments[i], err))
                        return false;
        }
        return true;
}

/* A new hour file has to be in the catalog for good before anything in it is acknowledged. */
static bool begin(struct ingest_write *write, struct batch *const *batches, size_t count,
                  struct error *err)
{
        size_t segments = 0;
        for (size_t i = 0; i < count; i++)
                segments += batches[i]->segment_count;
        return segments > 0 ? catalog_begin_durable(write->catalog, err)
                            : catalog_begin(write->catalog, err);
}

static bool apply(struct ingest_write *write, struct batch *batch, struct error *err)
{
        bool ok = add_segments(write, batch, err) && resolve(write, batch, err) &&
                  forget_fingerprints(write, batch, err) && (!batch->in_order || flush(write, err));
        for (size_t i = 0; ok && i < batch->count; i++)
                ok = apply_item(write, batch, &batch->items[i], err);
        for (size_t i = 0; ok && i < batch->committed_count; i++)
                ok = catalog_segment_commit(write->catalog, batch->committed[i].segment,
                                            batch->committed[i].length, err);
        return ok && (!batch->in_order || flush(write, err));
}

bool ingest_write(struct ingest_write *write, struct batch *const *batches, size_t count,
                  struct error *err)
{
        write->frame_count = write->added_count = write->camera_count = write->repeat_count = 0;
        write->done = (struct ingest_counters){0};
        if (!begin(write, batches, count, err))
                return false;
        bool ok = true;
        for (size_t i = 0; ok && i < count; i++)
                ok = apply(write, batches[i], err);
        ok = ok && flush(write, err) && catalog_commit(write->catalog, err);
        if (!ok) {
                catalog_rollback(write->catalog);
                write->frame_count = write->camera_count = write->repeat_count = 0;
                write->done = (struct ingest_counters){0};
        }
        return ok;
}

void ingest_write_finish(struct ingest_write *write)
{
        free(write->frames);
        free(write->repeats);
        free(write->cameras);
        *write = (struct ingest_write){0};
}
