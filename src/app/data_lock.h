#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * Who works in a data directory, as locks on DATA/lock that end with the process: any number of
 * those that share it, of them at most one receiver; or one that has it alone (reindex).
 */
enum data_use {
        DATA_SHARED,   /* scan, import, serve */
        DATA_RECEIVER, /* shared, and appends to hour files */
        DATA_ALONE
};

/* Does not wait: ERROR_CONFLICT says who is in the way as far as it is known. Creates the
 * directory. Close *fd_out to give it back. */
bool data_lock(const char *data_directory, enum data_use use, int *fd_out,
               struct error *err) MUST_CHECK;
