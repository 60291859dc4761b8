#include <string.h>

#include "app/record_facts.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "store/segment.h"

/* The JSON of a record's header. What is read can be written, fits a header and reads the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        struct record_facts first;
        struct record_facts second;
        struct error err;
        char json[RECORD_FACTS_SIZE];
        char again[RECORD_FACTS_SIZE];
        char header[SEGMENT_PREFIX + SEGMENT_HEADER_MAX];
        if (!record_facts_parse((const char *)bytes, size, &first, &err)) {
                HOLDS(err.kind == ERROR_CORRUPT);
                return 0;
        }
        HOLDS(utc_known(first.facts.time));
        HOLDS(memchr(first.path, '\0', sizeof first.path) != NULL);
        HOLDS(utf8_valid(first.facts.words, strlen(first.facts.words)));
        size_t length = record_facts_format(&first, json);
        HOLDS(length > 0);
        HOLDS(segment_header_format(json, length, 0, 0, header, sizeof header) > 0);
        HOLDS(record_facts_parse(json, length, &second, &err));
        HOLDS(record_facts_format(&second, again) == length);
        HOLDS(memcmp(json, again, length) == 0);
        return 0;
}
