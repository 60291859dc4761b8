#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"
#include "model/frame.h"
#include "receive/ftp_path.h"

/*
 * What an account sees: the folders it made and the files it uploaded lately, by normalised path.
 * Only names and numbers; the bytes are in the frame store. Bounded in entries and bytes: when
 * full, what was not touched for longest is forgotten, files and empty folders. Belongs to the
 * network thread; shared by the sessions of an account.
 */
struct ftp_tree;

enum { FTP_TREE_ENTRIES = 512, FTP_TREE_BYTES = 64 << 10 };

struct ftp_entry {
        bool is_folder;
        int64_t size; /* bytes, of a file */
        struct utc modified;
        uint64_t handle; /* the owner's: of a file that is held until it is renamed; else 0 */
        uint64_t part;   /* likewise: of a picture that more is to be appended to; else 0 */
        struct frame_key frame; /* what it became; camera 0: no frame */
};

/* NULL when there is no memory. Holds "/" for good. */
struct ftp_tree *ftp_tree_create(void);
void ftp_tree_destroy(struct ftp_tree **tree);

/* NULL when there is nothing at the path; lives until the next change. */
const struct ftp_entry *ftp_tree_find(struct ftp_tree *tree, const char *path);

/* Whether there is something; does not count as a touch. */
bool ftp_tree_has(const struct ftp_tree *tree, const char *path);

/* Counts a login; the number of it. */
uint64_t ftp_tree_login(struct ftp_tree *tree);

/* A folder that is not there was asked for. True when an earlier login did so as well: the camera
 * relies on a folder that it does not make, and that this server may have forgotten. */
bool ftp_tree_missed(struct ftp_tree *tree, const char *path, uint64_t login);

/* Makes the folder and its parents. False when a file is in the way, or there is no memory. */
bool ftp_tree_make_folder(struct ftp_tree *tree, const char *path, struct utc now)
        __attribute__((warn_unused_result));

/* Puts a file, in the place of one that was there; its parents are made. False as above, or when
 * the path is a folder. */
bool ftp_tree_put_file(struct ftp_tree *tree, const char *path, const struct ftp_entry *entry)
        __attribute__((warn_unused_result));

/* Forgets a file or an empty folder; false when it is not there, not empty, or the root. */
bool ftp_tree_remove(struct ftp_tree *tree, const char *path);

/* Moves a file, or a folder with what is in it; a file at the destination is replaced. False, and
 * nothing moved, when it cannot be there or a path would become too long. */
bool ftp_tree_rename(struct ftp_tree *tree, const char *from, const char *to, struct utc now)
        __attribute__((warn_unused_result));

/* Sets the time of a file; false when there is none. */
bool ftp_tree_touch(struct ftp_tree *tree, const char *path, struct utc modified);

/* Calls `each` for what is directly in a folder, in order of names. */
void ftp_tree_list(struct ftp_tree *tree, const char *path,
                   void (*each)(void *context, const char *name, const struct ftp_entry *entry),
                   void *context);

size_t ftp_tree_count(const struct ftp_tree *tree);
