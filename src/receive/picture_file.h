#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/utc.h"

/*
 * A picture file being read from its head, with as few system calls as there can be: open, fstat,
 * pread, close. Knows nothing of what the bytes mean. One thread.
 */
enum picture_open {
        PICTURE_OPENED,
        PICTURE_GONE,    /* no longer there */
        PICTURE_LINK,    /* a symbolic link */
        PICTURE_SPECIAL, /* no regular file */
        PICTURE_FAILED   /* errno says why */
};

struct picture_file {
        int fd;
        bool missed; /* some of it was not in memory */
        int64_t bytes;
        struct utc modified;
        struct stat status;
};

/* Opens `name` in the folder `folder_fd`, never following a link and never waiting for a pipe's
 * other end. The caller closes it when PICTURE_OPENED. */
enum picture_open picture_open(int folder_fd, const char *name, struct picture_file *file_out);
void picture_close(struct picture_file *file);

/*
 * Reads up to `length` bytes at `offset`; -1 and errno when it fails. Bytes that are not in memory
 * are read without read-ahead: of a file only the head is wanted.
 */
ssize_t picture_read(struct picture_file *file, void *buffer, size_t length, int64_t offset);

/* True when the file's last bytes are a JPEG's end marker, but for zeros behind it. */
bool picture_ended(struct picture_file *file);

/* Milliseconds since 1970 of a file's modification, rounded down. */
struct utc picture_modified(const struct stat *status);
