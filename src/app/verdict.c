#include "app/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "parse/film.h"
#include "receive/ftp_path.h"
#include "receive/picture_name.h"

enum { TEXT_MOST = 4096 };

/* Small and printable: what cameras write to try a server, under whatever name. */
static bool is_text(const uint8_t *bytes, int64_t size)
{
        if (size <= 0 || size > TEXT_MOST)
                return false;
        for (int64_t i = 0; i < size; i++) {
                if (bytes[i] < 0x20 && strchr("\t\r\n\f", bytes[i]) == NULL)
                        return false;
                if (bytes[i] == '\0' || bytes[i] == 0x7f)
                        return false;
        }
        return true;
}

static struct finding quarantine(enum reject reject)
{
        return (struct finding){VERDICT_QUARANTINE, reject};
}

/* It ended like a whole one, but is known not to be: its sender is gone, or meant to send more.
 * Asked of what has no end of its own. */
static bool is_cut(const struct upload *upload)
{
        return upload->left || upload->size < upload->announced;
}

/* Its sender is gone, and nothing says that it is whole all the same. How much was announced is not
 * believed of what may well be whole. */
static bool is_cut_other(const struct upload *upload, const uint8_t *bytes)
{
        return upload->left && upload->size > 0 && !is_text(bytes, upload->size) &&
               film_look(bytes, (size_t)upload->size) != FILM_WHOLE;
}

struct finding verdict_of(const struct upload *upload, const uint8_t *bytes,
                          const struct facts *facts, bool may_hold)
{
        const char *name = ftp_path_name(upload->path);
        enum skip_reason skip = picture_name_skip(name);
        bool named_picture = skip == SKIP_NONE && strchr(name, '.') != NULL;
        if (upload->end == UPLOAD_CUT)
                return quarantine(REJECT_CUT);
        if (upload->end == UPLOAD_DROPPED)
                return quarantine(REJECT_DROPPED);
        bool cut =
                facts->is_jpeg ? !facts->complete && is_cut(upload) : is_cut_other(upload, bytes);
        if (skip == SKIP_TEMPORARY && may_hold && !cut)
                return (struct finding){.verdict = VERDICT_HOLD};
        if (facts->is_jpeg && facts->complete && skip != SKIP_VENDOR)
                return (struct finding){.verdict = VERDICT_FRAME};
        if (cut)
                return quarantine(REJECT_CUT);
        if (upload->size == 0)
                return named_picture ? quarantine(REJECT_EMPTY)
                                     : (struct finding){.verdict = VERDICT_ATTACHMENT};
        if (facts->is_jpeg)
                return quarantine(REJECT_INCOMPLETE);
        if (named_picture && !is_text(bytes, upload->size))
                return quarantine(REJECT_NOT_JPEG);
        return (struct finding){.verdict = VERDICT_ATTACHMENT};
}

const char *reject_word(enum reject reject)
{
        static const char *const words[REJECTS] = {"none",  "cut",        "dropped",
                                                   "empty", "incomplete", "not-jpeg"};
        return words[reject];
}

/* With what the sentences begin. */
static const char *const beginnings[REJECTS] = {
        [REJECT_CUT] = "the connection was cut",  [REJECT_DROPPED] = "deleted by the camera",
        [REJECT_EMPTY] = "no bytes at all",       [REJECT_INCOMPLETE] = "the picture has no end",
        [REJECT_NOT_JPEG] = "named as a picture",
};

enum reject reject_of_sentence(const char *sentence)
{
        for (int reject = REJECT_NONE + 1; reject < REJECTS; reject++) {
                if (strncmp(sentence, beginnings[reject], strlen(beginnings[reject])) == 0)
                        return (enum reject)reject;
        }
        return REJECT_NONE;
}

void reject_sentence(enum reject reject, const struct upload *upload, const struct facts *facts,
                     char out[static REJECT_SENTENCE_SIZE])
{
        const char *begin = beginnings[reject];
        switch (reject) {
        case REJECT_CUT:
                if (upload->end != UPLOAD_CUT && upload->announced > upload->size)
                        snprintf(out, REJECT_SENTENCE_SIZE,
                                 "%s after %" PRId64 " bytes of %" PRId64 " that were announced",
                                 begin, upload->size, upload->announced);
                else
                        snprintf(out, REJECT_SENTENCE_SIZE, "%s after %" PRId64 " bytes%s", begin,
                                 upload->size,
                                 facts->is_jpeg && facts->complete ? ", though the picture is whole"
                                                                   : "");
                return;
        case REJECT_DROPPED:
                snprintf(out, REJECT_SENTENCE_SIZE, "%s before it had its final name", begin);
                return;
        case REJECT_EMPTY: snprintf(out, REJECT_SENTENCE_SIZE, "%s", begin); return;
        case REJECT_INCOMPLETE:
                snprintf(out, REJECT_SENTENCE_SIZE,
                         "%s: the camera closed the transfer after %" PRId64 " bytes", begin,
                         upload->size);
                return;
        case REJECT_NOT_JPEG:
                snprintf(out, REJECT_SENTENCE_SIZE, "%s, but the %" PRId64 " bytes are no JPEG",
                         begin, upload->size);
                return;
        case REJECT_NONE:
        case REJECTS: out[0] = '\0'; return;
        }
}
