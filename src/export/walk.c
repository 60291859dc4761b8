#include "export/walk.h"

void walk_begin(struct walk *walk, const struct export_source *source)
{
        walk->source = source;
        walk->page_at = 0;
        walk->page_count = 0;
        walk->has_ahead = false;
        walk->begun = false;
        source->rewind(source->context);
}

/* Reads one frame ahead. */
static bool look_ahead(struct walk *walk, struct error *err)
{
        walk->has_ahead = false;
        if (walk->page_at == walk->page_count) {
                walk->page_at = 0;
                walk->page_count = 0;
                if (!walk->source->page(walk->source->context, walk->page, WALK_PAGE,
                                        &walk->page_count, &walk->page_stretch, err))
                        return false;
                if (walk->page_count == 0)
                        return true;
        }
        walk->ahead = walk->page[walk->page_at++];
        walk->ahead_stretch = walk->page_stretch;
        walk->has_ahead = true;
        return true;
}

/* How long the frame before the one ahead is shown. */
static int64_t shown_ms(const struct walk *walk, const struct walk_item *before, bool first)
{
        if (walk->has_ahead && walk->ahead_stretch == before->stretch) {
                int64_t due =
                        walk->stretch_at_ms + walk->ahead.key.time.ms - walk->stretch_start.ms;
                return due > before->at_ms ? due - before->at_ms : 1;
        }
        if (first || before->shown_ms > WALK_LAST_MS)
                return WALK_LAST_MS;
        return before->shown_ms;
}

bool walk_next(struct walk *walk, const struct walk_item **item_out, struct error *err)
{
        struct walk_item *item = &walk->item;
        bool at_start = !walk->begun;
        if (at_start && !look_ahead(walk, err))
                return false;
        walk->begun = true;
        if (!walk->has_ahead) {
                err->kind = ERROR_NONE;
                return false;
        }
        bool first = at_start || walk->ahead_stretch != item->stretch;
        item->at_ms = at_start ? 0 : item->at_ms + item->shown_ms;
        item->frame = walk->ahead;
        item->stretch = walk->ahead_stretch;
        if (first) {
                walk->stretch_start = item->frame.key.time;
                walk->stretch_at_ms = item->at_ms;
        }
        if (!look_ahead(walk, err))
                return false;
        item->shown_ms = shown_ms(walk, item, first);
        *item_out = item;
        return true;
}
