#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Paths as FTP clients write them, within the root that a camera lives in. Pure. A normalised path
 * is absolute, without "." and "..", double or trailing slashes, or control bytes: "/", "/a/b". It
 * is bytes, not necessarily UTF-8. ".." at the root stays there, as with any root.
 *
 * A backslash parts as a slash does, as cameras and clients with Windows in mind want it. But in
 * GBK, Big5 and Shift-JIS it is the second byte of many characters. So in what is no UTF-8 a byte
 * from 81 on and the one behind it are one character. That is right for these but where a katakana
 * of half width stands right before a backslash that parts, and not for other encodings there
 * either (Latin-1): the two parts become one name then, and nothing is lost.
 */
enum { FTP_PATH_SIZE = 1024, FTP_NAME_MAX = 255, FTP_DEPTH_MAX = 32 };

/* Joins `argument` (absolute, or relative to the normalised `cwd`) and normalises. False when it
 * does not fit the bounds or holds a control byte. */
bool ftp_path_resolve(const char *cwd, const char *argument, size_t length,
                      char out[static FTP_PATH_SIZE]) __attribute__((warn_unused_result));

/* The last part of a normalised path; "" of the root. */
const char *ftp_path_name(const char *path);

/* The folder a normalised path is in; the root of the root. */
void ftp_path_parent(const char *path, char out[static FTP_PATH_SIZE]);
