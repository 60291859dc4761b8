#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Paths as FTP clients write them, within the root that a camera lives in. Pure. A normalised path
 * is absolute, without "." and "..", double or trailing slashes, backslashes or control bytes: "/",
 * "/a/b". It is bytes, not necessarily UTF-8. ".." at the root stays there, as with any root.
 */
enum { FTP_PATH_SIZE = 1024, FTP_NAME_MAX = 255, FTP_DEPTH_MAX = 32 };

/* Joins `argument` (absolute, or relative to the normalised `cwd`) and normalises. Backslashes part
 * as slashes do. False when it does not fit the bounds or holds a control byte. */
bool ftp_path_resolve(const char *cwd, const char *argument, size_t length,
                      char out[static FTP_PATH_SIZE]) __attribute__((warn_unused_result));

/* The last part of a normalised path; "" of the root. */
const char *ftp_path_name(const char *path);

/* The folder a normalised path is in; the root of the root. */
void ftp_path_parent(const char *path, char out[static FTP_PATH_SIZE]);
