#pragma once

#include <stdint.h>

#include "app/export_make.h"
#include "export/stream.h"
#include "serve/range_source.h"
#include "serve/reader_pool.h"

/* An export being made: only for the files that make them. */
struct export_work {
        const struct export_make *make;
        struct reader_pool *readers;
        struct range_source *source;
        const struct export_source *frames;
        struct export_stream *stream;
        char name[EXPORT_NAME_SIZE];
};

/* Tells of progress; false when it is not wanted any more. */
bool export_work_go_on(struct export_work *work, struct error *err) MUST_CHECK;

/* Whether a file that has so many bytes may go on growing. `fd` is on its disk. */
bool export_work_room(const struct export_work *work, int fd, int64_t bytes,
                      struct error *err) MUST_CHECK;
