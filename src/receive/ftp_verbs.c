#include "receive/ftp_verbs.h"

#include <string.h>
#include <strings.h>

/* ---- login ---- */

static FTP_VERB(run_user)
{
        bool clean = length > 0 && length < FTP_USER_MAX;
        for (size_t i = 0; clean && i < length; i++)
                clean = (unsigned char)argument[i] >= 0x20 && argument[i] != 0x7f;
        if (!clean) {
                ftp_reply(session, replies,
                          "501 USER takes a name of at most %d bytes, no control bytes",
                          FTP_USER_MAX - 1);
                return;
        }
        if (session->config.tls_required && !session->secured) {
                ftp_reply(session, replies, "530 Use AUTH TLS first");
                return;
        }
        bool was_in = session->tree != NULL;
        memcpy(session->want.user, argument, length);
        session->want.user[length] = '\0';
        ftp_session_forget(session);
        session->greeted_user = true;
        ftp_reply(session, replies, "331 And the password?");
        if (was_in)
                session->pending = FTP_END_LOGIN;
}

static FTP_VERB(run_pass)
{
        if (!session->greeted_user) {
                if (session->tree != NULL)
                        ftp_reply(session, replies, "202 You are logged in already");
                else
                        ftp_reply(session, replies, "503 USER comes first");
                return;
        }
        if (length >= FTP_PASSWORD_MAX) {
                ftp_reply(session, replies, "530 The user or the password is wrong");
                return;
        }
        memcpy(session->want.password, argument, length);
        session->want.password[length] = '\0';
        session->pending = FTP_LOGIN;
}

static FTP_VERB(run_rein)
{
        (void)argument;
        (void)length;
        bool was_in = session->tree != NULL;
        ftp_session_forget(session);
        session->greeted_user = false;
        ftp_reply(session, replies, "220 Ready for another user");
        if (was_in)
                session->pending = FTP_END_LOGIN;
}

static FTP_VERB(run_quit)
{
        (void)argument;
        (void)length;
        ftp_reply(session, replies, "221 Goodbye");
        session->pending = FTP_CLOSE;
}

/* ---- TLS: RFC 2228, 4217 ---- */

static bool word_is(const char *argument, size_t length, const char *word)
{
        while (length > 0 && argument[length - 1] == ' ')
                length--;
        return strlen(word) == length && strncasecmp(argument, word, length) == 0;
}

static FTP_VERB(run_auth)
{
        static const char *const ways[] = {"TLS", "TLS-C", "SSL", "TLS-P"};
        bool known = false;
        for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
                known = known || word_is(argument, length, ways[i]);
        if (!known) {
                ftp_reply(session, replies, "504 AUTH takes TLS or SSL");
        } else if (!session->config.tls_available) {
                ftp_reply(session, replies, "431 No certificate is set up here");
        } else if (session->secured) {
                ftp_reply(session, replies, "503 This connection is encrypted already");
        } else {
                ftp_reply(session, replies, "234 Go ahead");
                /* AUTH SSL means encrypted data as well, from the days before PROT. */
                session->private_data =
                        word_is(argument, length, "SSL") || word_is(argument, length, "TLS-P");
                session->pending = FTP_START_TLS;
        }
}

void ftp_session_secured(struct ftp_session *session)
{
        session->pending = FTP_NOTHING;
        session->secured = true;
        ftp_session_forget(session);
        session->greeted_user = false;
}

static FTP_VERB(run_pbsz)
{
        (void)argument;
        (void)length;
        ftp_reply(session, replies, "200 PBSZ=0");
}

static FTP_VERB(run_prot)
{
        if (word_is(argument, length, "C")) {
                if (session->config.tls_required) {
                        ftp_reply(session, replies, "534 Data must be encrypted here");
                        return;
                }
                session->private_data = false;
                ftp_reply(session, replies, "200 Data in the clear");
        } else if (word_is(argument, length, "P")) {
                if (!session->secured) {
                        ftp_reply(session, replies, "503 AUTH TLS comes first");
                        return;
                }
                session->private_data = true;
                ftp_reply(session, replies, "200 Data encrypted");
        } else {
                ftp_reply(session, replies, "536 PROT takes C or P");
        }
}

static FTP_VERB(run_ccc)
{
        (void)argument;
        (void)length;
        ftp_reply(session, replies, "533 Commands stay encrypted");
}

/* ---- what cameras say to find out, and what is agreed to because it changes nothing ---- */

static FTP_VERB(run_type)
{
        if (length > 0 && strchr("AaIiLl", argument[0]) != NULL)
                ftp_reply(session, replies, "200 Bytes are taken as they come");
        else
                ftp_reply(session, replies, "504 TYPE takes A, I or L 8");
}

static FTP_VERB(run_stru)
{
        if (word_is(argument, length, "F"))
                ftp_reply(session, replies, "200 Files");
        else
                ftp_reply(session, replies, "504 STRU takes F");
}

static FTP_VERB(run_mode)
{
        if (word_is(argument, length, "S"))
                ftp_reply(session, replies, "200 Stream");
        else
                ftp_reply(session, replies, "504 MODE takes S");
}

static FTP_VERB(run_fine)
{
        (void)argument;
        (void)length;
        ftp_reply(session, replies, "200 Fine");
}

/* How long the next upload will be: believed only of a picture that has no end. 202, as RFC 959 has
 * it for systems that need no ALLO, makes Dahua cameras go away. */
static FTP_VERB(run_allo)
{
        int64_t bytes = 0;
        for (size_t i = 0; i < length && argument[i] >= '0' && argument[i] <= '9'; i++) {
                if (bytes > INT64_MAX / 100)
                        break;
                bytes = bytes * 10 + (argument[i] - '0');
        }
        session->announced = bytes;
        ftp_reply(session, replies, "200 Fine");
}

static FTP_VERB(run_noop)
{
        (void)argument;
        (void)length;
        ftp_reply(session, replies, "200 Here");
}

static FTP_VERB(run_syst)
{
        (void)argument;
        (void)length;
        ftp_reply(session, replies, "215 UNIX Type: L8");
}

static FTP_VERB(run_feat)
{
        (void)argument;
        (void)length;
        static const char *const features[] = {
                "CLNT",        "EPRT", "EPSV", "MDTM", "MFMT", "MLST type*;size*;modify*;",
                "REST STREAM", "SIZE", "TVFS", "UTF8"};
        ftp_reply(session, replies, "211-Features:");
        for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
                ftp_reply(session, replies, " %s", features[i]);
        if (session->config.tls_available) {
                ftp_reply(session, replies, " AUTH TLS;SSL");
                ftp_reply(session, replies, " PBSZ");
                ftp_reply(session, replies, " PROT");
        }
        ftp_reply(session, replies, "211 End");
}

static FTP_VERB(run_opts)
{
        if (length >= 4 && strncasecmp(argument, "UTF8", 4) == 0)
                ftp_reply(session, replies, "200 Names are bytes; UTF-8 is shown as such");
        else if (length >= 4 && strncasecmp(argument, "MLST", 4) == 0)
                ftp_reply(session, replies, "200 MLST OPTS type;size;modify;");
        else
                ftp_reply(session, replies, "501 There are no such options");
}

static FTP_VERB(run_site)
{
        static const char *const known[] = {"CHMOD", "UMASK", "IDLE", "UTIME", "HELP"};
        const char *end = memchr(argument, ' ', length);
        size_t word = end != NULL ? (size_t)(end - argument) : length;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
                if (word_is(argument, word, known[i])) {
                        ftp_reply(session, replies, "200 Fine");
                        return;
                }
        }
        ftp_reply(session, replies, "504 That SITE command is not known here");
}

static FTP_VERB(run_stat)
{
        if (length > 0 && session->tree != NULL) {
                char path[FTP_PATH_SIZE];
                if (!ftp_take_path(session, argument, length, replies, path))
                        return;
                const struct ftp_entry *entry = ftp_tree_find(session->tree, path);
                if (entry == NULL)
                        ftp_reply(session, replies, "450 %s is not there", path);
                else
                        ftp_reply(session, replies, "213 %s is a %s", path,
                                  entry->is_folder ? "folder" : "file");
                return;
        }
        ftp_reply(session, replies, "211 %s, %s",
                  session->tree != NULL ? "Logged in" : "Not logged in",
                  session->secured ? "encrypted" : "in the clear");
}

static FTP_VERB(run_abor)
{
        (void)argument;
        (void)length;
        session->has_data = false;
        ftp_reply(session, replies, "226 Nothing was going on");
}

static FTP_VERB(run_help);

static const struct ftp_verb verbs[] = {
        {"ABOR", FTP_ANYTIME, run_abor},
        {"ALLO", FTP_LOGGED_IN, run_allo},
        {"APPE", FTP_LOGGED_IN, ftp_verb_appe},
        {"AUTH", FTP_ANYTIME, run_auth},
        {"CCC", FTP_ANYTIME, run_ccc},
        {"CDUP", FTP_LOGGED_IN, ftp_verb_cdup},
        {"CLNT", FTP_ANYTIME, run_fine},
        {"CWD", FTP_LOGGED_IN, ftp_verb_cwd},
        {"DELE", FTP_LOGGED_IN, ftp_verb_remove},
        {"EPRT", FTP_LOGGED_IN, ftp_verb_eprt},
        {"EPSV", FTP_LOGGED_IN, ftp_verb_epsv},
        {"FEAT", FTP_ANYTIME, run_feat},
        {"HELP", FTP_ANYTIME, run_help},
        {"LIST", FTP_LOGGED_IN, ftp_verb_list},
        {"MDTM", FTP_LOGGED_IN, ftp_verb_mdtm},
        {"MFMT", FTP_LOGGED_IN, ftp_verb_mfmt},
        {"MKD", FTP_LOGGED_IN, ftp_verb_mkd},
        {"MLSD", FTP_LOGGED_IN, ftp_verb_mlsd},
        {"MLST", FTP_LOGGED_IN, ftp_verb_mlst},
        {"MODE", FTP_ANYTIME, run_mode},
        {"NLST", FTP_LOGGED_IN, ftp_verb_nlst},
        {"NOOP", FTP_ANYTIME, run_noop},
        {"OPTS", FTP_ANYTIME, run_opts},
        {"PASS", FTP_ANYTIME, run_pass},
        {"PASV", FTP_LOGGED_IN, ftp_verb_pasv},
        {"PBSZ", FTP_ANYTIME, run_pbsz},
        {"PORT", FTP_LOGGED_IN, ftp_verb_port},
        {"PROT", FTP_ANYTIME, run_prot},
        {"PWD", FTP_LOGGED_IN, ftp_verb_pwd},
        {"QUIT", FTP_ANYTIME, run_quit},
        {"REIN", FTP_ANYTIME, run_rein},
        {"REST", FTP_LOGGED_IN, ftp_verb_rest},
        {"RETR", FTP_LOGGED_IN, ftp_verb_retr},
        {"RMD", FTP_LOGGED_IN, ftp_verb_remove},
        {"RNFR", FTP_LOGGED_IN, ftp_verb_rnfr},
        {"RNTO", FTP_LOGGED_IN, ftp_verb_rnto},
        {"SITE", FTP_LOGGED_IN, run_site},
        {"SIZE", FTP_LOGGED_IN, ftp_verb_size},
        {"STAT", FTP_ANYTIME, run_stat},
        {"STOR", FTP_LOGGED_IN, ftp_verb_stor},
        {"STOU", FTP_LOGGED_IN, ftp_verb_stou},
        {"STRU", FTP_ANYTIME, run_stru},
        {"SYST", FTP_ANYTIME, run_syst},
        {"TYPE", FTP_ANYTIME, run_type},
        {"USER", FTP_ANYTIME, run_user},
        {"XCUP", FTP_LOGGED_IN, ftp_verb_cdup},
        {"XCWD", FTP_LOGGED_IN, ftp_verb_cwd},
        {"XMKD", FTP_LOGGED_IN, ftp_verb_mkd},
        {"XPWD", FTP_LOGGED_IN, ftp_verb_pwd},
        {"XRMD", FTP_LOGGED_IN, ftp_verb_remove},
};

enum { VERBS = sizeof verbs / sizeof verbs[0], VERBS_A_LINE = 8 };

static void run_help(struct ftp_session *session, const char *argument, size_t length,
                     struct text *replies)
{
        (void)argument;
        (void)length;
        ftp_reply(session, replies, "214-These are known:");
        for (size_t i = 0; i < VERBS; i += VERBS_A_LINE) {
                char line[VERBS_A_LINE * 6 + 1];
                struct text words;
                text_init(&words, line, sizeof line);
                for (size_t k = i; k < VERBS && k < i + VERBS_A_LINE; k++)
                        text_add_format(&words, " %s", verbs[k].word);
                ftp_reply(session, replies, "%s", line);
        }
        ftp_reply(session, replies, "214 End");
}

const struct ftp_verb *ftp_verb_find(const char *word, size_t length)
{
        for (size_t i = 0; i < VERBS; i++) {
                if (word_is(word, length, verbs[i].word))
                        return &verbs[i];
        }
        return NULL;
}
