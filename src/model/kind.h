#pragma once

#include <stdint.h>

/*
 * Why a frame was taken: a set of kinds, a bit each. The words below are those of the cameras known
 * to us and have their bit for good. Any other word a camera writes is kept as it is: the catalog
 * gives it a free bit from KIND_FIRST_FREE on and remembers the word.
 */
enum kind {
        KIND_NONE,   /* the camera says that nothing triggered it */
        KIND_MOTION, /* something moved */
        KIND_INPUT,  /* a contact, relay or button */
        KIND_TIMER,  /* periodic */
        KIND_TEST,   /* a test upload */
        KIND_ALARM,  /* an alarm the camera does not explain */
        KIND_HUMAN,  /* person seen */
        KIND_VEHICLE,
        KIND_LINE,   /* a line was crossed */
        KIND_SMART,  /* some other analysis of the camera's */
        KIND_MANUAL, /* by hand */
        KIND_TAMPER, /* the camera was covered, moved or blinded */
        KIND_AUDIO,
        KIND_FACE,
        KIND_STANDARD, /* how many have a word and a bit for good */
        KIND_FIRST_FREE = 20,
        KIND_LIMIT = 62 /* bits in use at most; further words become "other", bit 61 */
};

#define KIND_BIT(kind) (UINT64_C(1) << (kind))

/* The word of a standard kind. */
const char *kind_word(enum kind kind);

/* The standard kind of a word (exact, lower case), or -1. `length` in bytes. */
int kind_of_word(const char *word, unsigned length);
