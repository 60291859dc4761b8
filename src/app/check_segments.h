#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "catalog/catalog.h"

/*
 * Holds hour files and catalog against each other: every received frame has an intact record of the
 * same facts and length, every record within a committed length is catalogued, every hour file is
 * known. Calls `difference` with a sentence for each that is not so and adds to *differences. Reads
 * the catalog in one state; may run beside a receiver. `fast` leaves out the pictures' checksums.
 */
bool check_segments(const char *data_directory, struct catalog *catalog, bool fast,
                    void (*difference)(void *context, const char *sentence), void *context,
                    int64_t *differences, struct error *err) MUST_CHECK;
