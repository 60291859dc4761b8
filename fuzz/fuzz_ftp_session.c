/* The first bytes choose what actions come to and how the stream is cut; the rest is what the
 * client says. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "receive/ftp_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { CHOICES = 8, REPLIES_A_LINE = 8192, TREE_LISTING_MAX = 1 << 20 };

struct play {
        struct ftp_session session;
        struct ftp_tree *tree;
        struct text replies;
        uint64_t random;
};

static unsigned below(struct play *play, unsigned limit)
{
        play->random = play->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        return (unsigned)((play->random >> 33) % limit);
}

static void check_path(const char *path)
{
        size_t length = strlen(path);
        assert(length >= 1 && length < FTP_PATH_SIZE && path[0] == '/');
        assert(length == 1 || path[length - 1] != '/');
        assert(strstr(path, "//") == NULL);
        /* A backslash is a slash, but for one that is the second byte of a wide character. */
        for (const char *at = path; (at = strchr(at, '\\')) != NULL; at++)
                assert((unsigned char)at[-1] >= 0x81);
        for (const char *at = path; (at = strstr(at, "/.")) != NULL; at += 2) {
                const char *rest = at + 2 + (at[2] == '.');
                assert(*rest != '/' && *rest != '\0');
        }
}

/* Whatever is said, each line of a reply is a line and has no other control bytes. */
static void check_replies(const struct text *replies)
{
        assert(!replies->failed);
        for (size_t i = 0; i < replies->length; i++) {
                unsigned char byte = (unsigned char)replies->bytes[i];
                if (byte == '\r')
                        assert(i + 1 < replies->length && replies->bytes[i + 1] == '\n');
                else if (byte == '\n')
                        assert(i > 0 && replies->bytes[i - 1] == '\r');
                else
                        assert(byte >= 0x20 && byte != 0x7f);
        }
}

static void finish_transfer(struct play *play)
{
        struct ftp_session *session = &play->session;
        static const char *const whys[] = {NULL, "the disk is nearly full"};
        enum ftp_outcome outcome = (enum ftp_outcome)below(play, FTP_REFUSED + 1);
        const struct ftp_result result = {
                .outcome = outcome,
                .size = (int64_t)below(play, 100000),
                .handle = 1 + below(play, 5),
                .frame.camera.value = (int64_t)below(play, 2),
                .why = whys[below(play, 2)],
        };
        if (below(play, 4) > 0)
                ftp_session_opening(session, &play->replies);
        if (session->pending == FTP_STORE) {
                ftp_session_stored(session, &result, &play->replies);
                return;
        }
        if (session->pending == FTP_SEND_TEXT) {
                struct text listing;
                text_init_growing(&listing, TREE_LISTING_MAX);
                ftp_session_listing(session, &listing);
                assert(text_ok(&listing));
                text_finish(&listing);
        }
        ftp_session_sent(session, outcome == FTP_HELD ? FTP_DONE : outcome, &play->replies);
}

/* Answers what is pending. */
static void answer(struct play *play)
{
        struct ftp_session *session = &play->session;
        enum ftp_login login = FTP_LOGIN_GOOD;
        const struct ftp_result result = {.outcome =
                                                  (enum ftp_outcome)below(play, FTP_REFUSED + 1)};
        switch (session->pending) {
        case FTP_LOGIN:
                if (below(play, 8) == 0)
                        login = (enum ftp_login)(1 + below(play, 2));
                ftp_session_login(session, login, login == FTP_LOGIN_GOOD ? play->tree : NULL,
                                  below(play, 2) == 0, &play->replies);
                assert(session->want.password[0] == '\0');
                return;
        case FTP_LISTEN:
                ftp_session_listening(session, (uint16_t)below(play, 65536), &play->replies);
                return;
        case FTP_STORE:
        case FTP_SEND_TEXT:
        case FTP_SEND_FILE: finish_transfer(play); return;
        case FTP_PUBLISH: ftp_session_published(session, &result, &play->replies); return;
        case FTP_START_TLS: ftp_session_secured(session); return;
        case FTP_NOTHING:
        case FTP_CONNECT_TO:
        case FTP_DROP:
        case FTP_ABORT:
        case FTP_END_LOGIN:
        case FTP_CLOSE: return;
        }
}

static void check_action(const struct play *play, enum ftp_action before, enum ftp_action action)
{
        const struct ftp_session *session = &play->session;
        check_path(session->cwd);
        if (before != FTP_NOTHING) { /* one thing at a time */
                assert(action == FTP_NOTHING || action == FTP_ABORT);
                assert(session->pending == before);
        }
        if (action == FTP_STORE || action == FTP_SEND_TEXT || action == FTP_PUBLISH)
                check_path(session->want.path);
        if (action == FTP_STORE) {
                assert(session->want.resume >= 0);
                bool part = session->want.part != 0; /* its owner knows how much there is */
                assert(!part || session->want.append);
                assert(part || session->want.resume <= session->unfinished_size);
                assert(part || session->want.resume == 0 ||
                       strcmp(session->unfinished, session->want.path) == 0);
        }
        if (action == FTP_SEND_FILE)
                assert(session->may_download && session->want.frame.camera.value != 0);
        if (action == FTP_CONNECT_TO)
                assert(session->want.port >= 1024);
        if (action != FTP_NOTHING && action != FTP_LOGIN && action != FTP_START_TLS &&
            action != FTP_CLOSE && action != FTP_END_LOGIN)
                assert(session->tree != NULL);
}

static void converse(struct play *play, const char *bytes, size_t length)
{
        struct ftp_session *session = &play->session;
        const struct utc now = {INT64_C(1400846900529)};
        size_t begin = 0;
        size_t end = 0;
        while (!session->closing) {
                size_t used = 0;
                enum ftp_action before = session->pending;
                text_clear(&play->replies);
                enum ftp_action action = ftp_session_feed(session, bytes + begin, end - begin, now,
                                                          &used, &play->replies);
                assert(used <= end - begin);
                /* Bounded by what came in: HELP and FEAT say most. */
                assert(play->replies.length <= used * 512 + REPLIES_A_LINE);
                begin += used;
                check_action(play, before, action);
                check_replies(&play->replies);
                if (session->pending != FTP_NOTHING && below(play, 3) == 0) {
                        text_clear(&play->replies);
                        answer(play);
                        check_replies(&play->replies);
                }
                if (action != FTP_NOTHING)
                        continue;
                if (end == length && session->pending == FTP_NOTHING && begin == end)
                        return;
                if (end == length && used == 0 && session->pending == FTP_NOTHING)
                        return; /* a line without an end */
                size_t more = 1 + below(play, 64);
                end = length - end < more ? length : end + more;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        uint8_t choices[CHOICES] = {0};
        if (length < CHOICES)
                return 0;
        memcpy(choices, bytes, CHOICES);
        struct play *play = calloc(1, sizeof *play);
        assert(play != NULL);
        play->tree = ftp_tree_create();
        assert(play->tree != NULL);
        text_init_growing(&play->replies, 16 << 20);
        memcpy(&play->random, choices, sizeof choices);
        const struct ftp_session_config config = {
                .peer = {.six = choices[7] & 1, .bytes = {127, 0, 0, 1}},
                .local = {.six = choices[7] & 1, .bytes = {127, 0, 0, 1}},
                .tls_available = choices[7] & 2,
                .tls_required = choices[7] & 4,
        };
        ftp_session_start(&play->session, &config, &play->replies);
        converse(play, (const char *)bytes + CHOICES, length - CHOICES);
        assert(ftp_tree_count(play->tree) <= FTP_TREE_ENTRIES);
        ftp_tree_destroy(&play->tree);
        text_finish(&play->replies);
        free(play);
        return 0;
}
