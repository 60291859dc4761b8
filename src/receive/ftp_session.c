#include "receive/ftp_session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "receive/ftp_listing.h"
#include "receive/ftp_verbs.h"

enum { FAILED_LOGINS_MAX = 5 };

/* ---- replies and what is told of them ---- */

static void tell(struct ftp_session *session, bool by_client, const char *line, size_t length)
{
        if (session->config.said != NULL)
                session->config.said(session->config.context, by_client, line, length);
}

void ftp_reply(struct ftp_session *session, struct text *replies, const char *format, ...)
{
        char line[FTP_PATH_SIZE * 2 + 128];
        va_list args;
        va_start(args, format);
        int length = vsnprintf(line, sizeof line, format, args);
        va_end(args);
        if (length < 0)
                return;
        if ((size_t)length >= sizeof line)
                length = sizeof line - 1;
        /* A name of the client's cannot end the line, or begin another. */
        for (int i = 0; i < length; i++) {
                if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
                        line[i] = '?';
        }
        text_add(replies, line, (size_t)length);
        text_add_string(replies, "\r\n");
        tell(session, false, line, (size_t)length);
}

bool ftp_take_path(struct ftp_session *session, const char *argument, size_t length,
                   struct text *replies, char out[static FTP_PATH_SIZE])
{
        if (ftp_path_resolve(session->cwd, argument, length, out))
                return true;
        ftp_reply(session, replies,
                  "553 That path is too long, too deep or has characters that cannot be in a name");
        return false;
}

void ftp_session_forget(struct ftp_session *session)
{
        session->tree = NULL;
        session->may_download = false;
        session->has_data = false;
        session->extended_only = false;
        session->restart = 0;
        session->announced = 0;
        session->rename_from[0] = '\0';
        session->unfinished[0] = '\0';
        session->unfinished_size = 0;
        memcpy(session->cwd, "/", 2);
}

void ftp_session_start(struct ftp_session *session, const struct ftp_session_config *config,
                       struct text *replies)
{
        *session = (struct ftp_session){.config = *config, .secured = config->secured};
        session->private_data = config->secured;
        memcpy(session->cwd, "/", 2);
        ftp_reply(session, replies, "220 CCTVweb is ready for pictures");
}

bool ftp_session_private_data(const struct ftp_session *session)
{
        return session->private_data;
}

/* ---- reading lines ---- */

/* The bytes of what telnet says at the start of a line: IAC and a command, or three bytes to ask
 * for an option. */
static size_t telnet_length(const char *line, size_t length)
{
        size_t at = 0;
        while (length - at >= 2 && (unsigned char)line[at] == 0xff &&
               (unsigned char)line[at + 1] >= 0xf1 && (unsigned char)line[at + 1] < 0xff) {
                size_t command = (unsigned char)line[at + 1] >= 0xfb ? 3 : 2;
                if (length - at < command)
                        break;
                at += command;
        }
        return at;
}

/* Telnet's ways of drawing attention to ABOR (RFC 959, 4.1.3: IP, Synch): IAC and what belongs to
 * it, at the start of a line whatever it is. A name may hold the byte FF in other encodings, so
 * behind the start only these pairs are taken out. */
static size_t drop_telnet(char *line, size_t length)
{
        size_t used = 0;
        size_t telnet = telnet_length(line, length);
        for (size_t i = telnet; i < length; i++) {
                unsigned char byte = (unsigned char)line[i];
                unsigned char next = i + 1 < length ? (unsigned char)line[i + 1] : 0;
                if (byte == 0xff && (next == 0xf2 || next == 0xf4)) {
                        i++;
                        continue;
                }
                line[used++] = line[i];
        }
        return used;
}

struct line {
        char bytes[FTP_LINE_MAX + 1];
        size_t length;
        const char *verb;
        size_t verb_length;
        const char *argument;
        size_t argument_length;
};

static bool is_blank(char c)
{
        return c == ' ' || c == '\t';
}

static void split_line(struct line *line)
{
        size_t at = 0;
        line->length = drop_telnet(line->bytes, line->length);
        while (line->length > 0 && line->bytes[line->length - 1] == '\r')
                line->length--;
        while (at < line->length && is_blank(line->bytes[at]))
                at++;
        line->verb = line->bytes + at;
        while (at < line->length && !is_blank(line->bytes[at]))
                at++;
        line->verb_length = (size_t)(line->bytes + at - line->verb);
        if (at < line->length)
                at++; /* one blank parts them; names may begin with further ones, paths do not */
        size_t path = at;
        while (path < line->length && is_blank(line->bytes[path]))
                path++;
        if (path < line->length && (line->bytes[path] == '/' || line->bytes[path] == '\\'))
                at = path;
        line->argument = line->bytes + at;
        line->argument_length = line->length - at;
}

static bool verb_is(const struct line *line, const char *word)
{
        return strlen(word) == line->verb_length &&
               strncasecmp(word, line->verb, line->verb_length) == 0;
}

static void tell_line(struct ftp_session *session, const struct line *line)
{
        bool secret = false;
        /* Misspelt ones ("xPASS", "PASS\0") as well. */
        for (size_t i = 0; i + 4 <= line->verb_length; i++)
                secret = secret || strncasecmp(line->verb + i, "PASS", 4) == 0;
        if (secret)
                tell(session, true, "PASS ****", 9);
        else
                tell(session, true, line->bytes, line->length);
}

/* While something is pending: only what may interrupt a transfer. */
static enum ftp_action interrupt(struct ftp_session *session, const struct line *line,
                                 struct text *replies, bool *taken_out)
{
        bool transfer = session->pending == FTP_STORE || session->pending == FTP_SEND_TEXT ||
                        session->pending == FTP_SEND_FILE;
        *taken_out = true;
        if (transfer && verb_is(line, "ABOR")) {
                tell_line(session, line);
                if (session->aborting)
                        return FTP_NOTHING;
                session->aborting = true;
                return FTP_ABORT;
        }
        if (transfer && verb_is(line, "STAT")) {
                tell_line(session, line);
                ftp_reply(session, replies, "213 Transferring, %" PRId64 " bytes so far",
                          session->transferred);
                return FTP_NOTHING;
        }
        *taken_out = line->verb_length == 0; /* blank lines mean nothing at any time */
        return FTP_NOTHING;
}

static enum ftp_action run_line(struct ftp_session *session, const struct line *line,
                                struct text *replies)
{
        if (line->verb_length == 0)
                return FTP_NOTHING;
        tell_line(session, line);
        if (memchr(line->bytes, '\0', line->length) != NULL) {
                ftp_reply(session, replies, "501 There is a NUL byte in that line");
                return FTP_NOTHING;
        }
        const struct ftp_verb *verb = ftp_verb_find(line->verb, line->verb_length);
        if (verb == NULL) {
                ftp_reply(session, replies, "502 That command is not known here");
                return FTP_NOTHING;
        }
        if (verb->when == FTP_LOGGED_IN && session->tree == NULL) {
                ftp_reply(session, replies, "530 Log in with USER and PASS first");
                return FTP_NOTHING;
        }
        session->pending = FTP_NOTHING;
        verb->run(session, line->argument, line->argument_length, replies);
        enum ftp_action action = session->pending;
        /* These need no result. */
        if (action == FTP_CONNECT_TO || action == FTP_DROP || action == FTP_END_LOGIN)
                session->pending = FTP_NOTHING;
        session->closing = session->closing || action == FTP_CLOSE;
        return action;
}

enum ftp_action ftp_session_feed(struct ftp_session *session, const char *bytes, size_t length,
                                 struct utc now, size_t *used_out, struct text *replies)
{
        size_t at = 0;
        session->now = now;
        while (at < length && !session->closing && replies->length < FTP_REPLIES_ENOUGH) {
                struct line line;
                const char *end = memchr(bytes + at, '\n', length - at);
                size_t size = end != NULL ? (size_t)(end - (bytes + at)) : length - at;
                if (session->skipping || size > FTP_LINE_MAX) {
                        if (session->pending != FTP_NOTHING)
                                break;
                        if (!session->skipping)
                                ftp_reply(session, replies, "500 That line is longer than %d bytes",
                                          FTP_LINE_MAX);
                        session->skipping = end == NULL;
                        at = end != NULL ? at + size + 1 : length;
                        continue;
                }
                if (end == NULL)
                        break;
                memcpy(line.bytes, bytes + at, size);
                line.bytes[size] = '\0';
                line.length = size;
                split_line(&line);
                bool taken = true;
                enum ftp_action action = session->pending != FTP_NOTHING
                                                 ? interrupt(session, &line, replies, &taken)
                                                 : run_line(session, &line, replies);
                if (!taken)
                        break;
                at += size + 1;
                if (action != FTP_NOTHING) {
                        *used_out = at;
                        return action;
                }
        }
        *used_out = session->closing ? length : at;
        return FTP_NOTHING;
}

/* ---- results ---- */

static void wipe_password(struct ftp_session *session)
{
        volatile char *at = session->want.password;
        for (size_t i = 0; i < sizeof session->want.password; i++)
                at[i] = '\0';
}

void ftp_session_login(struct ftp_session *session, enum ftp_login result, struct ftp_tree *tree,
                       bool may_download, struct text *replies)
{
        assert(session->pending == FTP_LOGIN);
        session->pending = FTP_NOTHING;
        wipe_password(session);
        session->greeted_user = false;
        switch (result) {
        case FTP_LOGIN_GOOD:
                session->tree = tree;
                session->login = ftp_tree_login(tree);
                session->may_download = may_download;
                memcpy(session->cwd, "/", 2);
                ftp_reply(session, replies, "230 Welcome, %s", session->want.user);
                return;
        case FTP_LOGIN_WRONG:
                if (++session->failed_logins < FAILED_LOGINS_MAX) {
                        ftp_reply(session, replies, "530 The user or the password is wrong");
                        return;
                }
                ftp_reply(session, replies, "421 Too many wrong passwords");
                break;
        case FTP_LOGIN_LATER: ftp_reply(session, replies, "421 Too busy; try again later"); break;
        }
        session->closing = true;
}

/* What comes after the transfer of a data connection, whichever way. */
static void end_transfer(struct ftp_session *session)
{
        session->pending = FTP_NOTHING;
        session->has_data = false;
        session->restart = 0;
        session->announced = 0;
        session->transferred = 0;
        session->unique = false;
}

/* ABOR is answered after the transfer that it was said in, however that ended. */
static void answer_abor(struct ftp_session *session, struct text *replies)
{
        if (session->aborting)
                ftp_reply(session, replies, "226 ABOR done");
        session->aborting = false;
}

void ftp_session_opening(struct ftp_session *session, struct text *replies)
{
        if (session->pending != FTP_STORE)
                ftp_reply(session, replies, "150 Here it comes");
        else if (session->unique)
                ftp_reply(session, replies, "150 FILE: %s", ftp_path_name(session->want.path));
        else
                ftp_reply(session, replies, "150 Send it");
}

static const char *outcome_reply(enum ftp_outcome outcome)
{
        switch (outcome) {
        case FTP_DONE:
        case FTP_HELD:
        case FTP_PART: return "226 Stored";
        case FTP_NO_DATA:
                return "425 The data connection could not be opened; check firewall and "
                       "passive mode";
        case FTP_CUT: return "426 The data connection was cut";
        case FTP_ABORTED: return "426 Aborted";
        case FTP_LOCAL_ERROR: return "451 It could not be stored";
        case FTP_NO_SPACE: return "452 There is no space left";
        case FTP_TOO_LARGE: return "552 That is larger than an upload may be";
        case FTP_REFUSED: return "550 That is not possible";
        }
        return "451 It could not be stored";
}

static void reply_outcome(struct ftp_session *session, enum ftp_outcome outcome, const char *why,
                          struct text *replies)
{
        bool good = outcome == FTP_DONE || outcome == FTP_HELD || outcome == FTP_PART;
        if (why != NULL && !good)
                ftp_reply(session, replies, "%s: %s", outcome_reply(outcome), why);
        else
                ftp_reply(session, replies, "%s", outcome_reply(outcome));
}

/* The upload is under its name. That there is no room to remember it is no failure. */
static void keep_name(struct ftp_session *session, const struct ftp_result *result)
{
        const struct ftp_entry *before = session->want.added && result->outcome == FTP_DONE
                                                 ? ftp_tree_find(session->tree, session->want.path)
                                                 : NULL;
        const struct ftp_entry entry = {
                .size = result->size + (before != NULL ? before->size : 0),
                .modified = session->now,
                .handle = result->outcome == FTP_HELD ? result->handle : 0,
                .part = result->outcome == FTP_PART ? result->handle : 0,
                .frame = result->frame,
        };
        bool kept = ftp_tree_put_file(session->tree, session->want.path, &entry);
        (void)kept;
}

/* What came of it until now is kept for the session. */
static bool may_go_on(const struct ftp_session *session, enum ftp_outcome outcome)
{
        return outcome == FTP_CUT || outcome == FTP_ABORTED ||
               (outcome == FTP_NO_DATA && session->want.resume > 0);
}

void ftp_session_stored(struct ftp_session *session, const struct ftp_result *result,
                        struct text *replies)
{
        assert(session->pending == FTP_STORE);
        end_transfer(session);
        session->unfinished[0] = '\0';
        if (result->outcome == FTP_DONE || result->outcome == FTP_HELD ||
            result->outcome == FTP_PART) {
                keep_name(session, result);
        } else if (session->want.part != 0) {
                ftp_tree_remove(session->tree, session->want.path);
        }
        if (may_go_on(session, result->outcome) && result->size > 0) {
                memcpy(session->unfinished, session->want.path, sizeof session->unfinished);
                session->unfinished_size = result->size;
        }
        reply_outcome(session, result->outcome, result->why, replies);
        answer_abor(session, replies);
}

void ftp_session_sent(struct ftp_session *session, enum ftp_outcome outcome, struct text *replies)
{
        assert(session->pending == FTP_SEND_TEXT || session->pending == FTP_SEND_FILE);
        end_transfer(session);
        if (outcome == FTP_DONE)
                ftp_reply(session, replies, "226 Sent");
        else
                reply_outcome(session, outcome, NULL, replies);
        answer_abor(session, replies);
}

void ftp_session_published(struct ftp_session *session, const struct ftp_result *result,
                           struct text *replies)
{
        assert(session->pending == FTP_PUBLISH);
        session->pending = FTP_NOTHING;
        if (result->outcome != FTP_DONE && result->outcome != FTP_HELD) {
                reply_outcome(session, result->outcome, result->why, replies);
                return;
        }
        const struct ftp_entry *held = ftp_tree_find(session->tree, session->rename_from);
        if (held != NULL) {
                struct ftp_entry entry = *held;
                entry.handle = result->outcome == FTP_HELD ? held->handle : 0;
                entry.frame = result->frame;
                ftp_tree_remove(session->tree, session->rename_from);
                bool kept = ftp_tree_put_file(session->tree, session->want.path, &entry);
                (void)kept;
        }
        session->rename_from[0] = '\0';
        ftp_reply(session, replies,
                  result->outcome == FTP_HELD ? "250 Renamed" : "250 Renamed and stored");
}

void ftp_session_listing(struct ftp_session *session, struct text *out)
{
        ftp_listing_write((enum ftp_list_form)session->list_form, session->tree, session->want.path,
                          session->now, out);
}
