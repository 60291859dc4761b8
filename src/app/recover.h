#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "catalog/catalog.h"
#include "store/frame_store.h"

/*
 * Start-up after whatever happened: looks at each hour file that may have grown from its committed
 * length on, takes whole records that the catalog does not know into it, and cuts off a torn tail,
 * which was never acknowledged. Reads only tails. `catalog` is the writing handle, before ingest
 * has it; `store` goes on with the files then (NULL: only recover). A file that cannot be read, or
 * whose disk is not there, is left as it is for the next start: it holds up nothing else.
 */
struct recovery {
        int64_t segments; /* looked at */
        int64_t found;    /* records taken into the catalog */
        int64_t repeats;  /* records of frames that are there already, freed (catalog_compare_by) */
        int64_t cut;      /* files with a torn tail */
        int64_t cut_bytes;
        int64_t broken;  /* stretches that are no records, passed over and kept */
        int64_t missing; /* files that are not there any more */
        int64_t left;    /* files for the next start */
};
bool recover(const char *data_directory, struct catalog *catalog, struct frame_store *store,
             struct recovery *recovery_out, struct error *err) MUST_CHECK;
