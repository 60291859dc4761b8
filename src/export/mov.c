#include "export/mov.h"

#include <string.h>

#include "export/box.h"
#include "export/mov_head.h"

enum {
        TABLE_HEAD = 16,  /* of a table: box, version, number of entries */
        LENGTHS_HEAD = 20 /* of the one that also has a common length */
};

static size_t size_index(const struct mov_plan *plan, const struct frame *frame)
{
        for (size_t i = 0; i < plan->size_count; i++) {
                if (plan->sizes[i].width == frame->width && plan->sizes[i].height == frame->height)
                        return i;
        }
        return 0; /* not known, or one too many; the picture itself says it to whoever decodes it */
}

static bool size_fits(const struct frame *frame)
{
        return frame->width > 0 && frame->height > 0 && frame->width <= UINT16_MAX &&
               frame->height <= UINT16_MAX;
}

static void note_size(struct mov_plan *plan, const struct frame *frame)
{
        size_t index = size_index(plan, frame);
        bool known = index < plan->size_count && plan->sizes[index].width == frame->width &&
                     plan->sizes[index].height == frame->height;
        if (!known && size_fits(frame) && plan->size_count < MOV_SIZES_MAX)
                plan->sizes[plan->size_count++] = (struct mov_size){frame->width, frame->height};
}

static bool refuse_pause(const struct walk_item *item, struct error *err)
{
        char from[UTC_TEXT_SIZE];
        utc_format(item->frame.key.time, from);
        return error_set(err, ERROR_INPUT,
                         "after %s no picture follows for %lld days, longer than a film can "
                         "pause; choose a shorter time",
                         from, (long long)(item->shown_ms / 86400000));
}

/* Sizes are counted in a walk of their own kind: the index of a frame's size is the same in each
 * walk only once all sizes are known. */
static bool walk_sizes(struct mov *mov, struct error *err)
{
        struct mov_plan *plan = &mov->plan;
        const struct walk_item *item;
        size_t before = SIZE_MAX;
        walk_begin(&mov->walk, mov->source);
        while (walk_next(&mov->walk, &item, err)) {
                size_t index = size_index(plan, &item->frame);
                plan->size_entries += index != before;
                before = index;
        }
        return err->kind == ERROR_NONE;
}

static bool walk_all(struct mov *mov, struct error *err)
{
        struct mov_plan *plan = &mov->plan;
        const struct walk_item *item;
        int64_t shown_before = -1;
        walk_begin(&mov->walk, mov->source);
        while (walk_next(&mov->walk, &item, err)) {
                if (plan->frames == 0)
                        plan->first = item->frame.key.time;
                if (item->shown_ms > INT32_MAX)
                        return refuse_pause(item, err);
                if (plan->frames == MOV_FRAMES_MAX || item->frame.bytes > UINT32_MAX)
                        return error_set(err, ERROR_INPUT,
                                         "these are more pictures than a film can hold; choose a "
                                         "shorter time");
                plan->frames++;
                plan->bytes += item->frame.bytes;
                plan->duration_ms = item->at_ms + item->shown_ms;
                plan->last_shown_ms = item->shown_ms;
                plan->time_entries += item->shown_ms != shown_before;
                shown_before = item->shown_ms;
                note_size(plan, &item->frame);
        }
        if (err->kind != ERROR_NONE)
                return false;
        if (plan->frames == 0)
                return error_set(err, ERROR_NOT_FOUND, "there are no pictures in this time");
        if (plan->size_count == 0)
                plan->sizes[plan->size_count++] = (struct mov_size){640, 480};
        return true;
}

static int64_t data_head_bytes(const struct mov_plan *plan)
{
        return plan->bytes + 8 > UINT32_MAX ? 16 : 8;
}

static bool lay_out(struct mov *mov, struct error *err)
{
        struct mov_plan *plan = &mov->plan;
        struct text head;
        text_init_growing(&head, MOV_HEAD_BOUND);
        mov_head_write(&head, plan, mov->source);
        bool fine = text_ok(&head);
        plan->head_bytes = (int64_t)head.length;
        text_finish(&head);
        if (!fine)
                return error_set(err, ERROR_FULL, "no memory for the head of a film");
        int64_t tables = TABLE_HEAD + 8 * plan->time_entries + TABLE_HEAD +
                         12 * plan->size_entries + LENGTHS_HEAD + 4 * plan->frames + TABLE_HEAD;
        int64_t before = plan->head_bytes + tables + data_head_bytes(plan) + plan->bytes;
        plan->wide = before + 4 * plan->frames > UINT32_MAX;
        tables += (plan->wide ? 8 : 4) * plan->frames;
        plan->tables_bytes = (uint32_t)tables; /* MOV_FRAMES_MAX keeps it within */
        plan->length = plan->head_bytes + tables + data_head_bytes(plan) + plan->bytes;
        return true;
}

bool mov_plan(struct mov *mov, const struct export_source *source, struct error *err)
{
        *mov = (struct mov){.source = source};
        return walk_all(mov, err) &&
               (mov->plan.size_count > 1 ? walk_sizes(mov, err) : (mov->plan.size_entries = 1)) &&
               lay_out(mov, err);
}

/* ---- writing ---- */

static void table_head(struct text *out, const char type[static 4], int64_t entries,
                       uint32_t entry_bytes)
{
        size_t box = box_begin_full(out, type, 0, 0);
        box_32(out, (uint32_t)entries);
        box_end(out, box, (uint32_t)entries * entry_bytes);
}

static void lengths_head(struct text *out, const struct mov_plan *plan)
{
        size_t box = box_begin_full(out, "stsz", 0, 0);
        box_32(out, 0); /* not all the same */
        box_32(out, (uint32_t)plan->frames);
        box_end(out, box, (uint32_t)plan->frames * 4);
}

static void data_head(struct text *out, const struct mov_plan *plan)
{
        bool large = data_head_bytes(plan) > 8;
        box_32(out, large ? 1 : (uint32_t)(plan->bytes + 8));
        text_add_string(out, "mdat");
        if (large)
                box_64(out, (uint64_t)(plan->bytes + 16));
}

/* What comes before the entries of a phase; each of them walks from the start. */
static void enter(struct mov *mov, struct text *out)
{
        const struct mov_plan *plan = &mov->plan;
        mov->entered = true;
        mov->number = 0;
        mov->run = 0;
        mov->run_value = -1;
        mov->offset = plan->length - plan->bytes;
        walk_begin(&mov->walk, mov->source);
        switch (mov->phase) {
        case MOV_TIMES: table_head(out, "stts", plan->time_entries, 8); break;
        case MOV_CHUNKS: table_head(out, "stsc", plan->size_entries, 12); break;
        case MOV_LENGTHS: lengths_head(out, plan); break;
        case MOV_OFFSETS:
                table_head(out, plan->wide ? "co64" : "stco", plan->frames, plan->wide ? 8 : 4);
                break;
        case MOV_HEAD:
        case MOV_DATA_HEAD:
        case MOV_PICTURES:
        case MOV_END: break;
        }
}

static void end_run(struct mov *mov, struct text *out)
{
        if (mov->phase == MOV_TIMES && mov->run > 0) {
                box_32(out, (uint32_t)mov->run);
                box_32(out, (uint32_t)mov->run_value);
        }
}

/* A picture is a chunk of its own. */
static void add_entry(struct mov *mov, struct text *out, const struct walk_item *item)
{
        if (mov->phase == MOV_LENGTHS) {
                box_32(out, (uint32_t)item->frame.bytes);
        } else if (mov->phase == MOV_OFFSETS) {
                if (mov->plan.wide)
                        box_64(out, (uint64_t)mov->offset);
                else
                        box_32(out, (uint32_t)mov->offset);
        } else {
                bool times = mov->phase == MOV_TIMES;
                int64_t value =
                        times ? item->shown_ms : (int64_t)size_index(&mov->plan, &item->frame);
                if (value != mov->run_value) {
                        end_run(mov, out);
                        mov->run = 0;
                        mov->run_value = value;
                        if (!times) {
                                box_32(out, (uint32_t)mov->number + 1);
                                box_32(out, 1);
                                box_32(out, (uint32_t)value + 1);
                        }
                }
                mov->run++;
        }
        mov->number++;
        mov->offset += item->frame.bytes;
}

static bool changed(struct error *err)
{
        return error_set(err, ERROR_CONFLICT, "the pictures changed while they were exported");
}

/* The walk of a phase is over. */
static bool leave(struct mov *mov, struct text *out, struct error *err)
{
        if (mov->number != mov->plan.frames || mov->offset != mov->plan.length)
                return changed(err);
        end_run(mov, out);
        mov->phase++;
        mov->entered = false;
        return true;
}

static bool walk_table(struct mov *mov, struct text *out, struct error *err)
{
        const struct walk_item *item;
        for (int i = 0; i < WALK_PAGE; i++) {
                if (!walk_next(&mov->walk, &item, err))
                        return err->kind == ERROR_NONE && leave(mov, out, err);
                add_entry(mov, out, item);
        }
        return true;
}

static bool next_picture(struct mov *mov, struct text *out, const struct walk_item **picture_out,
                         struct error *err)
{
        const struct walk_item *item;
        if (!walk_next(&mov->walk, &item, err))
                return err->kind == ERROR_NONE && leave(mov, out, err);
        if (item->frame.bytes > mov->plan.length - mov->offset)
                return changed(err);
        mov->number++;
        mov->offset += item->frame.bytes;
        *picture_out = item;
        return true;
}

bool mov_next(struct mov *mov, struct text *out, const struct walk_item **picture_out,
              struct error *err)
{
        *picture_out = NULL;
        if (mov->phase == MOV_HEAD) {
                mov_head_write(out, &mov->plan, mov->source);
                mov->phase = MOV_TIMES;
        } else if (mov->phase == MOV_DATA_HEAD) {
                data_head(out, &mov->plan);
                mov->phase = MOV_PICTURES;
        } else if (mov->phase != MOV_END) {
                if (!mov->entered)
                        enter(mov, out);
                if (mov->phase == MOV_PICTURES)
                        return next_picture(mov, out, picture_out, err);
                if (!walk_table(mov, out, err))
                        return false;
        }
        return text_ok(out) || error_set(err, ERROR_FULL, "no memory for the tables of a film");
}
