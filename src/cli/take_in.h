#pragma once

#include "app/ingest.h"
#include "base/error.h"
#include "base/json.h"

/*
 * What the commands that take pictures in (scan, import) share: ingest of their own, the names of
 * new cameras, and the counters at the end.
 */
struct take_in {
        struct ingest *ingest;           /* between start and stop */
        struct ingest_counters counters; /* after stop */
        char **cameras;                  /* names of new ones; owned */
        size_t camera_count, camera_room;
};

bool take_in_start(struct take_in *take_in, const char *data_directory, const char *zone,
                   const char *path_template, struct error *err) MUST_CHECK;

/* Commits what is waiting. `ok` is how things went before: an earlier error is kept in *err. */
bool take_in_stop(struct take_in *take_in, bool ok, struct error *err) MUST_CHECK;

/* `"cameras_new":[...]`, in order of names; and the same as a line on standard error. */
void take_in_add_cameras(const struct take_in *take_in, struct json *json);
void take_in_print_cameras(const struct take_in *take_in);

void take_in_finish(struct take_in *take_in);
