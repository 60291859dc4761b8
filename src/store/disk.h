#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/*
 * The calls of the frame store that change a disk, by names of our own, so that a test can make the
 * k-th of them fail. As the system's: 0, or -1 and errno.
 */

/* Opens for reading and writing; `create`: it must not be there yet. Returns the descriptor. */
int disk_open(const char *path, bool create);

/* Writes all the pieces at `offset`, which may change them; also where the system writes less at
 * once. */
int disk_write(int fd, struct iovec *pieces, int count, int64_t offset);

/* Begins to write a stretch to the disk and waits for nothing: a sync that follows has less to do,
 * and says what failed. */
void disk_start(int fd, int64_t offset, int64_t length);

int disk_sync(int fd);
int disk_truncate(int fd, int64_t length);

/* Keeps room from `offset` on without making the file longer. Where the file system cannot, it is
 * as if it had. */
int disk_allocate(int fd, int64_t offset, int64_t length);

/* Gives a stretch back to the file system; it reads as zeros. Where holes cannot be made, zeros are
 * written. */
int disk_punch(int fd, int64_t offset, int64_t length);

/* That it is there already is fine; *created_out says so. */
int disk_make_folder(const char *path, bool *created_out);
int disk_sync_folder(const char *path);
