/* Verbs about folders and files, on the tree of what the account made and uploaded. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "receive/ftp_listing.h"
#include "receive/ftp_verbs.h"
#include "receive/picture_name.h"

/* A path within quotes, those inside doubled (RFC 959, appendix II). */
static void quoted(const char *path, char *out, size_t size)
{
        struct text text;
        text_init(&text, out, size);
        text_add_char(&text, '"');
        for (; *path != '\0'; path++) {
                if (*path == '"')
                        text_add_char(&text, '"');
                text_add_char(&text, *path);
        }
        text_add_char(&text, '"');
}

enum { QUOTED_SIZE = FTP_PATH_SIZE * 2 + 3 };

/* The path of the argument and what is there; NULL after a reply. */
static const struct ftp_entry *existing(struct ftp_session *session, const char *argument,
                                        size_t length, struct text *replies,
                                        char path[static FTP_PATH_SIZE])
{
        if (!ftp_take_path(session, argument, length, replies, path))
                return NULL;
        const struct ftp_entry *entry = ftp_tree_find(session->tree, path);
        if (entry == NULL)
                ftp_reply(session, replies, "550 %s is not there", path);
        return entry;
}

static const struct ftp_entry *existing_file(struct ftp_session *session, const char *argument,
                                             size_t length, struct text *replies,
                                             char path[static FTP_PATH_SIZE])
{
        const struct ftp_entry *entry = existing(session, argument, length, replies, path);
        if (entry != NULL && entry->is_folder) {
                ftp_reply(session, replies, "550 %s is a folder", path);
                return NULL;
        }
        return entry;
}

/* False after a reply, when the argument is missing: what changes something wants a name. */
static bool named(struct ftp_session *session, size_t length, struct text *replies)
{
        if (length == 0)
                ftp_reply(session, replies, "501 A name is missing");
        return length > 0;
}

/* ---- folders ---- */

/* Most cameras make a folder that is not there. Who comes back for it without making it relies on
 * it, and would never get in: folders are forgotten when the server starts. */
FTP_VERB(ftp_verb_cwd)
{
        char path[FTP_PATH_SIZE];
        if (!ftp_take_path(session, argument, length, replies, path))
                return;
        const struct ftp_entry *entry = ftp_tree_find(session->tree, path);
        if (entry == NULL && !(ftp_tree_missed(session->tree, path, session->login) &&
                               ftp_tree_make_folder(session->tree, path, session->now))) {
                ftp_reply(session, replies, "550 %s is not there", path);
                return;
        }
        if (entry != NULL && !entry->is_folder) {
                ftp_reply(session, replies, "550 %s is a file", path);
                return;
        }
        memcpy(session->cwd, path, strlen(path) + 1);
        ftp_reply(session, replies, "250 Now in %s", path);
}

FTP_VERB(ftp_verb_cdup)
{
        (void)argument;
        (void)length;
        char path[FTP_PATH_SIZE];
        ftp_path_parent(session->cwd, path);
        memcpy(session->cwd, path, strlen(path) + 1);
        ftp_reply(session, replies, "250 Now in %s", path);
}

FTP_VERB(ftp_verb_pwd)
{
        (void)argument;
        (void)length;
        char path[QUOTED_SIZE];
        quoted(session->cwd, path, sizeof path);
        ftp_reply(session, replies, "257 %s is where you are", path);
}

FTP_VERB(ftp_verb_mkd)
{
        char path[FTP_PATH_SIZE];
        char shown[QUOTED_SIZE];
        if (!named(session, length, replies) ||
            !ftp_take_path(session, argument, length, replies, path))
                return;
        quoted(path, shown, sizeof shown);
        if (ftp_tree_find(session->tree, path) != NULL)
                ftp_reply(session, replies, "550 %s exists", shown);
        else if (!ftp_tree_make_folder(session->tree, path, session->now))
                ftp_reply(session, replies, "550 %s: a file is in the way", shown);
        else
                ftp_reply(session, replies, "257 %s was made", shown);
}

/* DELE and RMD. What was received stays received: only its name is forgotten. */
FTP_VERB(ftp_verb_remove)
{
        char path[FTP_PATH_SIZE];
        if (!named(session, length, replies))
                return;
        const struct ftp_entry *entry = existing(session, argument, length, replies, path);
        if (entry == NULL)
                return;
        uint64_t handle = entry->handle;
        if (!ftp_tree_remove(session->tree, path)) {
                ftp_reply(session, replies, "550 %s is not empty", path);
                return;
        }
        ftp_reply(session, replies, "250 %s is gone", path);
        if (handle != 0) {
                session->want.handle = handle;
                session->pending = FTP_DROP;
        }
}

/* ---- renaming ---- */

FTP_VERB(ftp_verb_rnfr)
{
        char path[FTP_PATH_SIZE];
        if (!named(session, length, replies))
                return;
        if (existing(session, argument, length, replies, path) == NULL)
                return;
        memcpy(session->rename_from, path, strlen(path) + 1);
        ftp_reply(session, replies, "350 And the new name?");
}

FTP_VERB(ftp_verb_rnto)
{
        char path[FTP_PATH_SIZE];
        if (session->rename_from[0] == '\0') {
                ftp_reply(session, replies, "503 RNFR comes first");
                return;
        }
        if (!named(session, length, replies) ||
            !ftp_take_path(session, argument, length, replies, path))
                return;
        const struct ftp_entry *from = ftp_tree_find(session->tree, session->rename_from);
        const struct ftp_entry *to = ftp_tree_find(session->tree, path);
        if (from != NULL && from->handle != 0 && (to == NULL || !to->is_folder)) {
                session->want.handle = from->handle;
                memcpy(session->want.path, path, strlen(path) + 1);
                session->pending = FTP_PUBLISH;
                return;
        }
        bool renamed = ftp_tree_rename(session->tree, session->rename_from, path, session->now);
        session->rename_from[0] = '\0';
        if (renamed)
                ftp_reply(session, replies, "250 Renamed");
        else
                ftp_reply(session, replies, "550 It cannot be renamed to %s", path);
}

/* ---- facts: RFC 3659 ---- */

FTP_VERB(ftp_verb_size)
{
        char path[FTP_PATH_SIZE];
        const struct ftp_entry *entry = existing_file(session, argument, length, replies, path);
        if (entry != NULL)
                ftp_reply(session, replies, "213 %" PRId64, entry->size);
}

/* True after a reply: "YYYYMMDDHHMMSS path" sets the time of what is there, in MFMT and, as many
 * clients have it, in MDTM. */
static bool set_time(struct ftp_session *session, const char *argument, size_t length,
                     struct text *replies)
{
        char path[FTP_PATH_SIZE];
        struct utc time;
        const char *blank = memchr(argument, ' ', length);
        size_t digits = blank != NULL ? (size_t)(blank - argument) : length;
        if (blank == NULL || !ftp_time_parse(argument, digits, &time))
                return false;
        if (existing_file(session, blank + 1, length - digits - 1, replies, path) == NULL)
                return true;
        ftp_tree_touch(session->tree, path, time);
        ftp_reply(session, replies, "213 Modify=%.*s; %s", (int)digits, argument, path);
        return true;
}

FTP_VERB(ftp_verb_mdtm)
{
        char path[FTP_PATH_SIZE];
        if (ftp_path_resolve(session->cwd, argument, length, path) &&
            ftp_tree_find(session->tree, path) == NULL &&
            set_time(session, argument, length, replies))
                return;
        const struct ftp_entry *entry = existing_file(session, argument, length, replies, path);
        if (entry == NULL)
                return;
        char time[32];
        struct text text;
        text_init(&text, time, sizeof time);
        ftp_time_format(entry->modified, &text);
        ftp_reply(session, replies, "213 %s", time);
}

FTP_VERB(ftp_verb_mfmt)
{
        if (!set_time(session, argument, length, replies))
                ftp_reply(session, replies, "501 MFMT takes YYYYMMDDHHMMSS and a path");
}

FTP_VERB(ftp_verb_mlst)
{
        char path[FTP_PATH_SIZE];
        char facts[128];
        const struct ftp_entry *entry = existing(session, argument, length, replies, path);
        if (entry == NULL)
                return;
        struct text text;
        text_init(&text, facts, sizeof facts);
        ftp_listing_facts(entry, &text);
        ftp_reply(session, replies, "250-Facts:");
        ftp_reply(session, replies, " %s %s", facts, path);
        ftp_reply(session, replies, "250 End");
}

/* ---- transfers ---- */

/* False after a reply, when no data connection was arranged, or one in the clear where nothing may
 * be (RFC 4217, 10). */
static bool has_data(struct ftp_session *session, struct text *replies)
{
        if (session->config.tls_required && !session->private_data) {
                ftp_reply(session, replies, "522 Data must be encrypted here; PROT P comes first");
                return false;
        }
        if (!session->has_data)
                ftp_reply(session, replies, "425 PASV, EPSV, PORT or EPRT comes first");
        return session->has_data;
}

static void list(struct ftp_session *session, const char *argument, size_t length,
                 struct text *replies, enum ftp_list_form form)
{
        /* `LIST -la path`: options of a program that is not here. */
        while (form != FTP_LIST_FACTS && length > 0 && argument[0] == '-') {
                const char *blank = memchr(argument, ' ', length);
                size_t skip = blank != NULL ? (size_t)(blank - argument) + 1 : length;
                argument += skip;
                length -= skip;
        }
        if (!has_data(session, replies) ||
            !ftp_take_path(session, argument, length, replies, session->want.path))
                return;
        const struct ftp_entry *entry = ftp_tree_find(session->tree, session->want.path);
        if (entry == NULL && form != FTP_LIST_LONG) {
                ftp_reply(session, replies, "550 %s is not there", session->want.path);
                return;
        }
        if (form == FTP_LIST_FACTS && !entry->is_folder) {
                ftp_reply(session, replies, "501 %s is a file", session->want.path);
                return;
        }
        session->list_form = (uint8_t)form;
        session->pending = FTP_SEND_TEXT;
}

FTP_VERB(ftp_verb_list)
{
        list(session, argument, length, replies, FTP_LIST_LONG);
}

FTP_VERB(ftp_verb_nlst)
{
        list(session, argument, length, replies, FTP_LIST_NAMES);
}

FTP_VERB(ftp_verb_mlsd)
{
        list(session, argument, length, replies, FTP_LIST_FACTS);
}

/* The common part of STOR, STOU and APPE, once want.path and want.resume are set. */
static void store(struct ftp_session *session, struct text *replies, bool unique)
{
        const struct ftp_entry *entry = ftp_tree_find(session->tree, session->want.path);
        if (entry != NULL && entry->is_folder) {
                ftp_reply(session, replies, "553 %s is a folder", session->want.path);
                return;
        }
        session->pending = FTP_STORE;
        session->unique = unique;
}

static bool take_new_path(struct ftp_session *session, const char *argument, size_t length,
                          struct text *replies)
{
        if (!named(session, length, replies))
                return false;
        if (!has_data(session, replies) ||
            !ftp_take_path(session, argument, length, replies, session->want.path))
                return false;
        session->want.resume = 0;
        session->want.append = false;
        session->want.added = false;
        session->want.part = 0;
        return true;
}

/* True when the path is the session's own cut upload, and has at least `size` bytes. */
static bool may_resume(const struct ftp_session *session, int64_t size)
{
        return session->unfinished[0] != '\0' &&
               strcmp(session->unfinished, session->want.path) == 0 &&
               size <= session->unfinished_size;
}

FTP_VERB(ftp_verb_stor)
{
        int64_t restart = session->restart;
        session->restart = 0;
        if (!take_new_path(session, argument, length, replies))
                return;
        if (restart > 0 && !may_resume(session, restart)) {
                ftp_reply(session, replies, "550 There is no unfinished upload of that name");
                return;
        }
        session->want.resume = restart;
        store(session, replies, false);
}

/* A text that a camera writes on, a film of pictures: what comes is kept as a file of its own. A
 * picture that was answered with 226 stays as it is. */
static bool may_grow(const char *path)
{
        return picture_name_skip(ftp_path_name(path)) == SKIP_EXTENSION;
}

FTP_VERB(ftp_verb_appe)
{
        session->restart = 0;
        if (!take_new_path(session, argument, length, replies))
                return;
        const struct ftp_entry *entry = ftp_tree_find(session->tree, session->want.path);
        session->want.append = true;
        if (may_resume(session, 0)) {
                session->want.resume = session->unfinished_size;
        } else if (entry != NULL && entry->part != 0) {
                session->want.resume = entry->size;
                session->want.part = entry->part;
        } else if (entry != NULL && !entry->is_folder && may_grow(session->want.path)) {
                session->want.added = true;
        } else if (entry != NULL) {
                ftp_reply(session, replies, "550 What is complete cannot be added to");
                return;
        }
        store(session, replies, false);
}

FTP_VERB(ftp_verb_stou)
{
        char path[FTP_PATH_SIZE];
        session->restart = 0;
        if (length == 0) {
                argument = "upload";
                length = strlen(argument);
        }
        if (!take_new_path(session, argument, length, replies))
                return;
        memcpy(path, session->want.path, sizeof path);
        /* From the number of names on, which is most often free at once. */
        size_t number = ftp_tree_count(session->tree);
        for (int i = 0; i <= FTP_TREE_ENTRIES && ftp_tree_has(session->tree, session->want.path);
             i++) {
                int used = snprintf(session->want.path, sizeof session->want.path, "%.*s.%zu",
                                    FTP_PATH_SIZE - 8, path, number++);
                (void)used; /* cut to fit */
        }
        store(session, replies, true);
}

FTP_VERB(ftp_verb_rest)
{
        int64_t offset = 0;
        for (size_t i = 0; i < length; i++) {
                if (argument[i] < '0' || argument[i] > '9' || offset > INT64_MAX / 100) {
                        length = 0;
                        break;
                }
                offset = offset * 10 + (argument[i] - '0');
        }
        if (length == 0) {
                ftp_reply(session, replies, "501 REST takes a number of bytes");
                return;
        }
        session->restart = offset;
        ftp_reply(session, replies, "350 From byte %" PRId64 " on", offset);
}

FTP_VERB(ftp_verb_retr)
{
        int64_t restart = session->restart;
        session->restart = 0;
        if (!session->may_download) {
                ftp_reply(session, replies, "550 This account uploads only");
                return;
        }
        if (!has_data(session, replies))
                return;
        const struct ftp_entry *entry =
                existing_file(session, argument, length, replies, session->want.path);
        if (entry == NULL)
                return;
        if (entry->frame.camera.value == 0 || restart > entry->size) {
                ftp_reply(session, replies, "550 That cannot be sent back");
                return;
        }
        session->want.frame = entry->frame;
        session->want.resume = restart;
        session->pending = FTP_SEND_FILE;
}
