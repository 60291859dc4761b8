#include "app/batch.h"

#include <stdlib.h>
#include <string.h>

struct batch *batch_create(void)
{
        return calloc(1, sizeof(struct batch));
}

void batch_free(struct batch **batch)
{
        struct batch *b = *batch;
        *batch = NULL;
        if (b == NULL)
                return;
        free(b->items);
        free(b->folders);
        free(b->cameras);
        free(b->names);
        free(b->segments);
        free(b->committed);
        free(b);
}

void batch_clear(struct batch *batch)
{
        /* Only the memory stays: whoever gets it next has another purpose. */
        *batch = (struct batch){
                .items = batch->items,
                .room = batch->room,
                .folders = batch->folders,
                .folder_room = batch->folder_room,
                .cameras = batch->cameras,
                .camera_room = batch->camera_room,
                .names = batch->names,
                .names_room = batch->names_room,
                .segments = batch->segments,
                .segment_room = batch->segment_room,
                .committed = batch->committed,
                .committed_room = batch->committed_room,
        };
}

bool batch_ok(const struct batch *batch)
{
        return !batch->failed;
}

/* Room for one more of `size` bytes each; the first time for `first`. */
static bool reserve(struct batch *batch, void **array, size_t *room, size_t wanted, size_t size)
{
        if (batch->failed)
                return false;
        if (wanted <= *room)
                return true;
        size_t more = *room * 2 > wanted ? *room * 2 : wanted;
        void *grown = reallocarray(*array, more, size);
        if (grown == NULL) {
                batch->failed = true;
                return false;
        }
        *array = grown;
        *room = more;
        return true;
}

static bool keep_text(struct batch *batch, const char *text, uint32_t *offset_out)
{
        size_t size = strlen(text) + 1;
        size_t wanted = batch->names_length + size;
        if (wanted > UINT32_MAX ||
            !reserve(batch, (void **)&batch->names, &batch->names_room,
                     wanted > batch->names_room && wanted < 4096 ? 4096 : wanted, 1)) {
                batch->failed = true;
                return false;
        }
        *offset_out = (uint32_t)batch->names_length;
        memcpy(batch->names + batch->names_length, text, size);
        batch->names_length = wanted;
        return true;
}

uint32_t batch_folder(struct batch *batch, const char *path)
{
        if (batch->folder_count > 0) {
                size_t last = batch->folder_count - 1;
                if (strcmp(batch_name(batch, batch->folders[last].path), path) == 0)
                        return (uint32_t)last;
        }
        uint32_t offset = 0;
        if (!keep_text(batch, path, &offset) ||
            !reserve(batch, (void **)&batch->folders, &batch->folder_room, batch->folder_count + 1,
                     sizeof *batch->folders))
                return 0;
        batch->folders[batch->folder_count] = (struct batch_folder){.path = offset};
        return (uint32_t)batch->folder_count++;
}

static struct batch_item *add(struct batch *batch, enum batch_kind kind, uint32_t folder)
{
        size_t wanted = batch->count + 1;
        if (!reserve(batch, (void **)&batch->items, &batch->room,
                     wanted > batch->room && wanted < 16 ? 16 : wanted, sizeof *batch->items))
                return NULL;
        struct batch_item *item = &batch->items[batch->count++];
        *item = (struct batch_item){.kind = (uint8_t)kind, .folder = folder};
        return item;
}

/* An item that has to do with a folder, which is then needed in the catalog. */
static struct batch_item *add_in(struct batch *batch, enum batch_kind kind, uint32_t folder)
{
        struct batch_item *item = add(batch, kind, folder);
        if (item != NULL)
                batch->folders[folder].needed = true;
        return item;
}

static struct batch_item *add_named(struct batch *batch, enum batch_kind kind, uint32_t folder,
                                    const char *name)
{
        uint32_t offset = 0;
        if (!keep_text(batch, name, &offset))
                return NULL;
        struct batch_item *item =
                kind == BATCH_VANISH ? add(batch, kind, folder) : add_in(batch, kind, folder);
        if (item != NULL)
                item->name = offset;
        return item;
}

static bool same_camera(const struct facts *a, const struct facts *b)
{
        return a->has_mac == b->has_mac && (!a->has_mac || memcmp(a->mac, b->mac, 6) == 0) &&
               strcmp(a->camera_name, b->camera_name) == 0 && strcmp(a->words, b->words) == 0 &&
               strcmp(a->model, b->model) == 0;
}

/* The camera may be listed twice; looking back a little finds nearly all. `known` 0: by facts. */
static uint32_t camera_of(struct batch *batch, const struct facts *facts, struct camera_id known)
{
        size_t low = batch->camera_count > 16 ? batch->camera_count - 16 : 0;
        for (size_t i = batch->camera_count; i > low; i--) {
                const struct batch_camera *camera = &batch->cameras[i - 1];
                if (camera->known == (known.value != 0) &&
                    (!camera->known || camera->id.value == known.value) &&
                    same_camera(&camera->facts, facts))
                        return (uint32_t)(i - 1);
        }
        if (!reserve(batch, (void **)&batch->cameras, &batch->camera_room, batch->camera_count + 1,
                     sizeof *batch->cameras))
                return 0;
        batch->cameras[batch->camera_count] =
                (struct batch_camera){.facts = *facts, .known = known.value != 0, .id = known};
        return (uint32_t)batch->camera_count++;
}

static void set_frame(struct batch_item *item, uint32_t camera, const struct facts *facts,
                      struct utc received)
{
        item->time_source = (uint8_t)facts->time_source;
        item->has_trigger = facts->has_trigger;
        item->camera = camera;
        item->trigger = facts->trigger;
        item->width = facts->width;
        item->height = facts->height;
        item->time = facts->time;
        item->modified = received;
        item->sequence = facts->sequence;
        item->kinds = facts->kinds;
        item->windows = facts->windows;
        item->bytes = facts->bytes > 0 ? facts->bytes : 0;
}

void batch_add_frame(struct batch *batch, uint32_t folder, const char *name,
                     const struct facts *facts, struct utc modified)
{
        uint32_t camera = camera_of(batch, facts, (struct camera_id){0});
        struct batch_item *item = add_named(batch, BATCH_FRAME, folder, name);
        if (item != NULL)
                set_frame(item, camera, facts, modified);
}

void batch_add_skip(struct batch *batch, uint32_t folder, const char *name, int64_t bytes,
                    struct utc modified, enum skip_reason reason)
{
        struct batch_item *item = add_named(batch, BATCH_SKIP, folder, name);
        if (item == NULL)
                return;
        item->bytes = bytes;
        item->modified = modified;
        item->reason = (uint8_t)reason;
}

void batch_add_vanished(struct batch *batch, uint32_t folder, const char *name)
{
        add_named(batch, BATCH_VANISH, folder, name);
}

void batch_add_fingerprint(struct batch *batch, uint32_t folder, uint64_t fingerprint)
{
        struct batch_item *item = add_in(batch, BATCH_FINGERPRINT, folder);
        if (item != NULL)
                item->fingerprint = fingerprint;
}

void batch_add_sweep(struct batch *batch, uint32_t folder)
{
        add(batch, BATCH_SWEEP, folder);
}

/* ---- received frames ---- */

void batch_add_segment(struct batch *batch, const struct segment *segment)
{
        if (reserve(batch, (void **)&batch->segments, &batch->segment_room,
                    batch->segment_count + 1, sizeof *batch->segments))
                batch->segments[batch->segment_count++] = *segment;
}

void batch_add_received(struct batch *batch, struct camera_id camera, const struct facts *facts,
                        struct utc received, const struct place *place)
{
        uint32_t index = camera_of(batch, facts, camera);
        struct batch_item *item = add(batch, BATCH_RECEIVED, 0);
        if (item == NULL)
                return;
        set_frame(item, index, facts, received);
        item->segment = place->segment;
        item->offset = place->offset;
}

void batch_add_committed(struct batch *batch, struct segment_id segment, int64_t committed)
{
        /* Each costs a statement; looking back a little finds nearly all that are there. */
        size_t low = batch->committed_count > 64 ? batch->committed_count - 64 : 0;
        for (size_t i = batch->committed_count; i > low; i--) {
                struct batch_committed *known = &batch->committed[i - 1];
                if (known->segment.value == segment.value) {
                        known->length = committed > known->length ? committed : known->length;
                        return;
                }
        }
        if (reserve(batch, (void **)&batch->committed, &batch->committed_room,
                    batch->committed_count + 1, sizeof *batch->committed))
                batch->committed[batch->committed_count++] =
                        (struct batch_committed){segment, committed};
}

void batch_add_ended(struct batch *batch, struct segment_id segment, enum segment_state state)
{
        struct batch_item *item = add(batch, BATCH_ENDED, 0);
        if (item == NULL)
                return;
        item->segment = segment;
        item->reason = (uint8_t)state;
}
