#include "model/kind.h"

#include <assert.h>
#include <string.h>

static const char *const words[KIND_STANDARD] = {
        [KIND_NONE] = "none",   [KIND_MOTION] = "motion",   [KIND_INPUT] = "input",
        [KIND_TIMER] = "timer", [KIND_TEST] = "test",       [KIND_ALARM] = "alarm",
        [KIND_HUMAN] = "human", [KIND_VEHICLE] = "vehicle", [KIND_LINE] = "line",
        [KIND_SMART] = "smart", [KIND_MANUAL] = "manual",   [KIND_TAMPER] = "tamper",
        [KIND_AUDIO] = "audio", [KIND_FACE] = "face",
};

const char *kind_word(enum kind kind)
{
        assert(kind >= 0 && kind < KIND_STANDARD);
        return words[kind];
}

int kind_of_word(const char *word, unsigned length)
{
        for (int kind = 0; kind < KIND_STANDARD; kind++) {
                if (strlen(words[kind]) == length && memcmp(words[kind], word, length) == 0)
                        return kind;
        }
        return -1;
}
