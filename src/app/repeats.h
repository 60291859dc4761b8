#pragma once

#include "catalog/catalog.h"

/*
 * Frames that were received twice: a camera that does not hear its 226 sends the frame again, and
 * recovery may find one that its camera was told to send again. The catalog asks here whether two
 * records of hour files hold the same frame (catalog_compare_by).
 */

/* Whether both pictures are the same bytes; where the file's name told the time, under the same
 * name as well, as cameras number the pictures of a second. `context` is the data directory, a
 * text. When either cannot be read they are two. */
bool repeat_is(void *context, struct catalog *catalog, const struct frame *known,
               const struct frame *newcomer);

/* Gives the room of records back that nothing needs; what cannot be is logged, and stays. */
void repeats_forget(const char *data_directory, struct catalog *catalog,
                    const struct frame *repeats, size_t count);
