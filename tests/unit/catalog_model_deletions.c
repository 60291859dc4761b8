/* The model of a catalog: what deleting, undoing and purging do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog_model.h"

#define OK(call)                                                                                   \
        do {                                                                                       \
                if (!(call))                                                                       \
                        fail_msg("%s:%d: %s: %s", __FILE__, __LINE__, #call, err.text);            \
        } while (0)

/* The last folder is left alone by its owner's wish. */
static bool managed(void *context, const char *folder)
{
        (void)context;
        return strcmp(folder, "/pictures/3") != 0;
}

static bool is_managed(const struct model *model, const struct frame *frame)
{
        return frame->place.folder.value != model->folders[3].value;
}

void model_delete(struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        struct stretch stretches[3];
        size_t count = 1 + (size_t)random_below(&model->random, 3);
        bool taken[MODEL_FILES] = {false};
        int64_t readonly = 0;
        int64_t frames = 0;
        int64_t bytes = 0;
        for (size_t i = 0; i < count; i++) {
                int64_t a = model_time(&model->random);
                int64_t b = random_below(&model->random, 2) == 0 ? model_time(&model->random)
                                                                 : a + 2000;
                stretches[i] = (struct stretch){
                        model->cameras[random_below(&model->random, MODEL_CAMERAS)],
                        {a < b ? a : b},
                        {a < b ? b : a}};
                for (int j = 0; j < MODEL_FILES; j++) {
                        const struct model_file *file = &model->files[j];
                        const struct frame_key *key = &file->frame.key;
                        if (file->state != FILE_FRAME || taken[j] ||
                            key->camera.value != stretches[i].camera.value ||
                            key->time.ms < stretches[i].from.ms ||
                            key->time.ms > stretches[i].to.ms)
                                continue;
                        bool may =
                                is_managed(model, &file->frame) && utc_known(file->frame.received);
                        readonly += !may;
                        taken[j] = may;
                        frames += may;
                        bytes += may ? file->frame.bytes : 0;
                }
        }
        struct deleting deleting = {.stretches = stretches,
                                    .stretch_count = count,
                                    .made = {1000},
                                    .until = {2000},
                                    .managed = managed};
        while (!deleting.done)
                OK(catalog_delete_step(catalog, &deleting, &err));
        assert_int_equal(deleting.frames, frames);
        assert_int_equal(deleting.bytes, bytes);
        assert_int_equal(deleting.kept_readonly, readonly);
        assert_int_equal(deleting.kept_pinned, 0);
        assert_int_equal(deleting.id.value != 0, frames > 0);
        for (int j = 0; j < MODEL_FILES; j++) {
                if (!taken[j])
                        continue;
                model->files[j].state = FILE_DELETED;
                model->files[j].deletion = deleting.id.value;
        }
}

/* Some deletion that is there, 0 if none is. */
static int64_t some_deletion(struct model *model)
{
        int start = random_below(&model->random, MODEL_FILES);
        for (int i = 0; i < MODEL_FILES; i++) {
                const struct model_file *file = &model->files[(start + i) % MODEL_FILES];
                if (file->state == FILE_DELETED)
                        return file->deletion;
        }
        return 0;
}

static int64_t frames_in(const struct model *model, int64_t deletion, int64_t *bytes)
{
        int64_t frames = 0;
        *bytes = 0;
        for (int i = 0; i < MODEL_FILES; i++) {
                const struct model_file *file = &model->files[i];
                if (file->state != FILE_DELETED || file->deletion != deletion)
                        continue;
                frames++;
                *bytes += file->frame.bytes;
        }
        return frames;
}

void model_undo(struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        struct deletion gone;
        struct restoring restoring = {.id = {some_deletion(model)}};
        int64_t bytes = 0;
        if (restoring.id.value == 0)
                return;
        OK(catalog_restore_begin(catalog, restoring.id, &err));
        while (!restoring.done)
                OK(catalog_restore_step(catalog, &restoring, &err));
        assert_int_equal(restoring.frames, frames_in(model, restoring.id.value, &bytes));
        assert_int_equal(restoring.bytes, bytes);
        assert_false(catalog_deletion(catalog, restoring.id, &gone, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        for (int i = 0; i < MODEL_FILES; i++) {
                struct model_file *file = &model->files[i];
                if (file->state == FILE_DELETED && file->deletion == restoring.id.value)
                        file->state = FILE_FRAME;
        }
}

/* Some of a deletion, as it would be after a purge that was cut short. */
void model_purge(struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        struct frame frames[32];
        struct purge_batch batch = {.id = {some_deletion(model)},
                                    .managed = managed,
                                    .frames = frames,
                                    .room = 1 + (size_t)random_below(&model->random, 32)};
        if (batch.id.value == 0)
                return;
        OK(catalog_purge_next(catalog, &batch, &err));
        assert_true(batch.count > 0);
        assert_int_equal(batch.kept, 0);
        for (size_t i = 0; i < batch.count; i++) {
                struct model_file *file = &model->files[strtol(frames[i].place.name + 8, NULL, 10)];
                assert_int_equal(file->state, FILE_DELETED);
                assert_int_equal(file->deletion, batch.id.value);
                assert_int_equal(frame_key_compare(&file->frame.key, &frames[i].key), 0);
                file->state = FILE_UNKNOWN;
                if (model->purged_count < MODEL_PURGED)
                        model->purged[model->purged_count++] = frames[i].key;
        }
        OK(catalog_purge_done(catalog, batch.id, frames, batch.count, 0, &err));
}

struct told {
        const struct model *model;
        int64_t frames, bytes, deletions;
};

static bool tell(void *context, const struct deletion *deletion)
{
        struct told *told = context;
        int64_t bytes = 0;
        assert_int_equal(deletion->frames, frames_in(told->model, deletion->id.value, &bytes));
        assert_int_equal(deletion->bytes, bytes);
        told->frames += deletion->frames;
        told->bytes += deletion->bytes;
        told->deletions++;
        return true;
}

void model_compare_deletions(const struct model *model, struct catalog *catalog)
{
        struct error err = {0};
        struct told told = {.model = model};
        struct deletion_sums sums;
        int64_t deleted = 0;
        OK(catalog_deletions(catalog, (struct deletion_id){0}, tell, &told, &err));
        OK(catalog_deletion_sums(catalog, &sums, &err));
        for (int i = 0; i < MODEL_FILES; i++)
                deleted += model->files[i].state == FILE_DELETED;
        assert_int_equal(told.frames, deleted);
        assert_int_equal(sums.frames, deleted);
        assert_int_equal(sums.bytes, told.bytes);
        assert_int_equal(sums.deletions, told.deletions);
        for (int i = 0; i < model->purged_count; i += 17) {
                struct frame frame;
                assert_false(catalog_frame(catalog, &model->purged[i], &frame, &err));
                assert_int_equal(err.kind, ERROR_GONE);
        }
}
