#include "fuzz.h"
#include "parse/understand.h"

/* The first byte says how many bytes of the picture come before these. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        struct facts facts;
        if (size < 1)
                return 0;
        size_t before = bytes[0];
        facts_init(&facts);
        facts.is_jpeg = true;
        facts.bytes = (int64_t)(size - 1 + before);
        understand_tail(bytes + 1, size - 1, &facts);
        HOLDS(facts.complete_known);
        HOLDS(facts.bytes_after_eoi >= 0 && facts.bytes_after_eoi < (int64_t)size);
        HOLDS(facts.complete == ((facts.notes & NOTE_BIT(NOTE_TRUNCATED)) == 0));
        HOLDS((facts.bytes_after_eoi > 0) == ((facts.notes & NOTE_BIT(NOTE_AFTER_EOI)) != 0));
        if (facts.complete) {
                const uint8_t *end = bytes + size - facts.bytes_after_eoi;
                HOLDS(size - 1 >= 2 && end[-2] == 0xff && end[-1] == 0xd9);
        }
        return 0;
}
