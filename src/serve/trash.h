#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/deletion.h"
#include "model/frame.h"

/*
 * Deleting as the calls need it, by whoever keeps what is deleted until it goes for good. Functions
 * of theirs, safe from any thread; they wait for the catalog's writer, so they are for threads of
 * serve/writing.h.
 */
struct trash_deleted {
        struct deletion_id id; /* 0: nothing was deleted */
        struct utc until;      /* it can come back */
        int64_t frames, bytes;
        int64_t kept_pinned, kept_readonly;
};

struct trash {
        void *context;
        bool (*remove)(void *context, const struct stretch *stretches, size_t count,
                       struct trash_deleted *deleted_out, struct error *err);
        /* ERROR_NOT_FOUND when it is gone, ERROR_CONFLICT when it is too late. */
        bool (*undo)(void *context, struct deletion_id id, int64_t *frames_out, int64_t *bytes_out,
                     struct error *err);
        bool (*purge)(void *context, struct deletion_id id, struct error *err);
};
