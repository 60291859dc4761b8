/* The keeper as the calls of HTTP see it. */
#include "app/keeper.h"

static bool trash_remove(void *context, const struct stretch *stretches, size_t count,
                         struct trash_deleted *deleted_out, struct error *err)
{
        return keeper_delete(context, stretches, count, deleted_out, err);
}

static bool trash_undo(void *context, struct deletion_id id, int64_t *frames_out,
                       int64_t *bytes_out, struct error *err)
{
        return keeper_undo(context, id, frames_out, bytes_out, err);
}

static bool trash_purge(void *context, struct deletion_id id, struct error *err)
{
        return keeper_purge(context, id, err);
}

struct trash keeper_trash(struct keeper *keeper)
{
        return (struct trash){keeper, trash_remove, trash_undo, trash_purge};
}
