#include "app/emptied.h"

#include <limits.h>
#include <stdio.h>

#include "app/purge.h"
#include "base/log.h"
#include "catalog/deletions.h"

struct first {
        struct segment segment;
        bool found;
};

static bool note(void *context, const struct segment *segment)
{
        struct first *first = context;
        first->segment = *segment;
        first->found = true;
        return false;
}

bool emptied_remove_one(const char *data_directory, struct catalog *catalog, bool *found_out,
                        int64_t *freed_out, struct error *err)
{
        struct first first = {.found = false};
        char below[SEGMENT_PATH_SIZE];
        char path[PATH_MAX];
        bool empty = false;
        *freed_out = 0;
        if (!catalog_segments_empty(catalog, note, &first, err))
                return false;
        *found_out = first.found;
        if (!first.found)
                return true;
        segment_path(&first.segment, below);
        if (snprintf(path, sizeof path, "%s/frames/%s", data_directory, below) >= (int)sizeof path)
                return error_set(err, ERROR_INPUT, "the path of the data folder is too long");
        if (!purge_is_empty(path, &empty, err))
                return false;
        if (empty)
                return purge_unlink(path, freed_out, err) &&
                       catalog_segment_remove(catalog, first.segment.id, err);
        log_warn("keeper", "kept", "path=\"%s\" why=\"something is left in it\"", path);
        return catalog_segment_set_state(catalog, first.segment.id, SEGMENT_BROKEN, err);
}
