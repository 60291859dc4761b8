#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "parse/exif.h"
#include "serve/orientation.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* An APP1 segment, as both who understand pictures and who shrink them read it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct exif_facts facts;
        int orientation = orientation_read(bytes, length);
        assert(orientation >= ORIENTATION_AS_STORED && orientation <= ORIENTATION_MOST);
        uint8_t own[ORIENTATION_SEGMENT];
        orientation_write(orientation, own);
        assert(orientation_read(own, sizeof own) == orientation);
        if (!exif_is(bytes, length) || !exif_read(bytes, length, &facts))
                return 0;
        assert(facts.count >= 0 && facts.count <= EXIF_TIMES);
        assert(utf8_valid(facts.model, strnlen(facts.model, sizeof facts.model)));
        assert(strnlen(facts.model, sizeof facts.model) < sizeof facts.model);
        for (int i = 0; i < facts.count; i++)
                assert(civil_valid(&facts.times[i].civil));
        return 0;
}
