#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"
#include "receive/upload.h"

/*
 * What becomes of an upload, by its bytes, its name and how it ended. Pure.
 */
enum verdict {
        VERDICT_FRAME,      /* a whole picture */
        VERDICT_HOLD,       /* whole, under a temporary name: wait for its real one */
        VERDICT_QUARANTINE, /* meant to be a picture, but is none or not a whole one */
        VERDICT_ATTACHMENT, /* something else: a film, a text, a test */
        VERDICTS
};

/* Why something is in quarantine; the words are for metrics, the sentence for people. */
enum reject {
        REJECT_NONE,
        REJECT_CUT,        /* the connection was cut */
        REJECT_DROPPED,    /* deleted by its sender before it was renamed */
        REJECT_EMPTY,      /* no bytes */
        REJECT_INCOMPLETE, /* begins as a JPEG, has no end */
        REJECT_NOT_JPEG,   /* named as a picture, is none */
        REJECTS
};

struct finding {
        enum verdict verdict;
        enum reject reject; /* of VERDICT_QUARANTINE */
};

/* `facts` are understood from the bytes, the end included. `may_hold`: a temporary name may still
 * get a better one. */
struct finding verdict_of(const struct upload *upload, const uint8_t *bytes,
                          const struct facts *facts, bool may_hold);

/* "cut", "dropped", ... */
const char *reject_word(enum reject reject);

/* The reason a sentence of reject_sentence was made for; REJECT_NONE if it is none of them. */
enum reject reject_of_sentence(const char *sentence);

enum { REJECT_SENTENCE_SIZE = 200 };
void reject_sentence(enum reject reject, const struct upload *upload, const struct facts *facts,
                     char out[static REJECT_SENTENCE_SIZE]);
