#pragma once

#include <stddef.h>

#include "base/error.h"
#include "export/source.h"
#include "model/frame.h"
#include "serve/reader_pool.h"

/*
 * The frames of stretches as exports take them: from the catalog page by page, with a handle that
 * is lent for each, and from the files and hour files their bytes are in. Stretches of one camera
 * that overlap become one, and all come in order of time. Belongs to one thread at a time.
 */
struct range_source;

struct range_source_config {
        struct reader_pool *readers;
        const char *data_directory;
        const struct stretch *stretches; /* with both limits; copied */
        size_t count;
        void (*record_path)(const char *facts, size_t length, struct text *path); /* or NULL */
};

/* The pool and the folder's name are borrowed. */
bool range_source_create(const struct range_source_config *config, struct range_source **source_out,
                         struct error *err) MUST_CHECK;

/* As exports take it; lives as long as the source does. */
const struct export_source *range_source_frames(const struct range_source *source);

/* Accepts NULL inside. */
void range_source_destroy(struct range_source **source);
