#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "parse/iqeye.h"
#include "parse/json_scan.h"

/* A comment's payload, as both of an IQeye's comments and as any JSON. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        struct facts facts;
        struct utc time = UTC_NONE;
        struct error err = {0};
        facts_init(&facts);
        (void)iqeye_identity(bytes, size, &facts, &time);
        bool image = iqeye_is_image(bytes, size);
        if (iqeye_image(bytes, size, &facts, &time, &err)) {
                HOLDS(image);
                HOLDS(!utc_known(time) || (time.ms >= UTC_MIN_MS && time.ms <= UTC_MAX_MS));
        } else {
                HOLDS(err.kind == ERROR_INPUT && err.text[0] != '\0');
        }
        HOLDS(facts.sequence >= -1);
        HOLDS(memchr(facts.words, '\0', sizeof facts.words) != NULL);
        HOLDS(utf8_valid(facts.words, strlen(facts.words)));
        HOLDS(strstr(facts.words, "\n\n") == NULL && facts.words[0] != '\n');

        struct json_scan scan = {(const char *)bytes, (const char *)bytes + size};
        if (json_scan_skip(&scan))
                HOLDS(scan.at > (const char *)bytes && scan.at <= scan.end);
        return 0;
}
