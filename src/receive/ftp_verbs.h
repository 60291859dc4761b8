#pragma once

#include <stddef.h>

#include "base/text.h"
#include "receive/ftp_session.h"

/* The verbs of FTP: one row each, from which dispatch, HELP and what may be said before the login
 * follow. Used by ftp_session only. */
enum ftp_verb_when {
        FTP_ANYTIME, /* also before the login */
        FTP_LOGGED_IN
};

struct ftp_verb {
        const char *word; /* upper case */
        enum ftp_verb_when when;
        /* Adds the reply, or sets session->pending to an action. `argument` is not terminated. */
        void (*run)(struct ftp_session *session, const char *argument, size_t length,
                    struct text *replies);
};

/* The row of a word in any case; NULL when there is none. */
const struct ftp_verb *ftp_verb_find(const char *word, size_t length);

/* Verbs of the path kind, in ftp_files.c. */
#define FTP_VERB(name)                                                                             \
        void name(struct ftp_session *session, const char *argument, size_t length,                \
                  struct text *replies)
FTP_VERB(ftp_verb_cwd);
FTP_VERB(ftp_verb_cdup);
FTP_VERB(ftp_verb_pwd);
FTP_VERB(ftp_verb_mkd);
FTP_VERB(ftp_verb_remove);
FTP_VERB(ftp_verb_rnfr);
FTP_VERB(ftp_verb_rnto);
FTP_VERB(ftp_verb_size);
FTP_VERB(ftp_verb_mdtm);
FTP_VERB(ftp_verb_mfmt);
FTP_VERB(ftp_verb_mlst);
FTP_VERB(ftp_verb_list);
FTP_VERB(ftp_verb_nlst);
FTP_VERB(ftp_verb_mlsd);
FTP_VERB(ftp_verb_stor);
FTP_VERB(ftp_verb_stou);
FTP_VERB(ftp_verb_appe);
FTP_VERB(ftp_verb_rest);
FTP_VERB(ftp_verb_retr);

/* Verbs of the data connection, in ftp_data.c. */
FTP_VERB(ftp_verb_port);
FTP_VERB(ftp_verb_eprt);
FTP_VERB(ftp_verb_pasv);
FTP_VERB(ftp_verb_epsv);

/* A reply of one line. */
void ftp_reply(struct ftp_session *session, struct text *replies, const char *format, ...)
        PRINTF_LIKE(3, 4);

/* Forgets what belonged to the login: where it was and what was begun. */
void ftp_session_forget(struct ftp_session *session);

/* Resolves the path in the argument; false after a reply that says what is wrong with it. */
bool ftp_take_path(struct ftp_session *session, const char *argument, size_t length,
                   struct text *replies, char out[static FTP_PATH_SIZE]) MUST_CHECK;
