#include "catalog/sqlite_blocks.h"

static bool seek(struct block_walk *walk, int level, int64_t number, struct error *err)
{
        enum statement which = CURSOR_BLOCKS + (enum statement)level;
        if (walk->levels[level].rows == NULL &&
            !statement_borrow(walk->catalog, which, &walk->levels[level].rows, err))
                return false;
        sqlite3_reset(walk->levels[level].rows);
        BIND(walk->levels[level].rows, walk->camera.value, level, number);
        return true;
}

static bool step(struct block_walk *walk, int level, struct error *err)
{
        bool row;
        if (!statement_step(walk->catalog, walk->levels[level].rows, &row, err))
                return false;
        walk->levels[level].positioned = true;
        walk->levels[level].ended = !row;
        return !row || block_of_row(walk->catalog, walk->camera, level, walk->levels[level].rows,
                                    &walk->levels[level].now, err);
}

bool block_walk_at(struct block_walk *walk, int level, int64_t number,
                   const struct block **block_out, struct error *err)
{
        const struct block *now = &walk->levels[level].now;
        bool positioned = walk->levels[level].positioned;
        /* The next one is a step away, those behind a seek. */
        if (positioned && !walk->levels[level].ended && now->number < number) {
                if (!step(walk, level, err))
                        return false;
                positioned = walk->levels[level].ended || now->number >= number;
        }
        if (!positioned && (!seek(walk, level, number, err) || !step(walk, level, err)))
                return false;
        *block_out = walk->levels[level].ended ? NULL : now;
        return true;
}

bool block_walk_next(struct block_walk *walk, int level, int64_t until, int64_t *hour,
                     const struct block **block_out, struct error *err)
{
        int coarsest = level;
        *block_out = NULL;
        while (*hour < until) {
                int64_t size = block_hours[level];
                int64_t number = floor_div(*hour, size);
                int64_t end = floor_div(until, size); /* of whole blocks */
                if (level > 0 && (number * size != *hour || number >= end)) {
                        level--;
                        continue;
                }
                const struct block *block;
                if (!block_walk_at(walk, level, number, &block, err))
                        return false;
                if (block != NULL && block->number == number) {
                        if (!block->stale || level == 0) {
                                *block_out = block;
                                return true;
                        }
                        level--;
                        continue;
                }
                /* Nothing before the next one. */
                *hour = (block == NULL || block->number > end ? end : block->number) * size;
                level = coarsest;
        }
        return true;
}

void block_walk_close(struct block_walk *walk)
{
        for (int level = 0; level < BLOCK_LEVELS; level++) {
                statement_return(walk->catalog, CURSOR_BLOCKS + (enum statement)level,
                                 walk->levels[level].rows);
                walk->levels[level].rows = NULL;
                walk->levels[level].positioned = false;
        }
}
