#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "catalog/catalog.h"

/*
 * How calls change the catalog: through its one writer, which belongs to whoever joins the stages.
 * A function of theirs, safe from any thread; it waits, so it is for threads of serve/writing.h.
 */
struct changes {
        void *context;
        /* Does `work` with the writing handle, outside of a transaction, and returns what it
         * returns. */
        bool (*write)(void *context,
                      bool (*work)(void *work_context, struct catalog *catalog, struct error *err),
                      void *work_context, struct error *err);
};

/* As its member; ERROR_DENIED where nothing can be changed. */
static inline bool changes_write(const struct changes *changes,
                                 bool (*work)(void *work_context, struct catalog *catalog,
                                              struct error *err),
                                 void *work_context, struct error *err)
{
        if (changes == NULL)
                return error_set(err, ERROR_DENIED, "nothing can be changed here");
        return changes->write(changes->context, work, work_context, err);
}
