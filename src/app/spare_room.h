#pragma once

#include <stdbool.h>

/*
 * Room kept for a start on a disk without any: the catalog cannot be opened without room for its
 * journal and index. DATA/spare holds some, and is let go of when there is none otherwise.
 */
enum { SPARE_BYTES = 1 << 20 };

/* Whether all of it is there. */
bool spare_is_kept(const char *data_directory);
/* Keeps as much as there is room for; true when that is all of it. */
bool spare_keep(const char *data_directory);

/* Before anything is opened: where the disk has no room, lets the spare go, and thumbnails, which
 * can be made again. */
void spare_use(const char *data_directory);
