#pragma once

#include "base/text.h"
#include "base/utc.h"
#include "receive/ftp_tree.h"

/* Folder listings as clients read them. Pure. */
enum ftp_list_form {
        FTP_LIST_LONG,  /* LIST: as `ls -l` writes it */
        FTP_LIST_NAMES, /* NLST */
        FTP_LIST_FACTS  /* MLSD, RFC 3659 */
};

/* One entry, with its line end. `now` decides between time of day and year. */
void ftp_listing_add(enum ftp_list_form form, const char *name, const struct ftp_entry *entry,
                     struct utc now, struct text *out);

/* What is in a folder, or the one file at the path; nothing when there is none. */
void ftp_listing_write(enum ftp_list_form form, struct ftp_tree *tree, const char *path,
                       struct utc now, struct text *out);

/* "type=file;size=7;modify=20140523140820.529;" */
void ftp_listing_facts(const struct ftp_entry *entry, struct text *out);

/* YYYYMMDDHHMMSS[.sss] of RFC 3659; the fraction only when it is not 0. */
void ftp_time_format(struct utc time, struct text *out);
bool ftp_time_parse(const char *text, size_t length, struct utc *time_out)
        __attribute__((warn_unused_result));
