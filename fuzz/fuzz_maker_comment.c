#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "parse/maker_comment.h"

/* A comment's payload, as the makers' own. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        struct facts facts;
        struct named_time time;
        facts_init(&facts);
        bool known = maker_comment(bytes, size, &facts, &time);
        HOLDS(known || (time.form == NAMED_NO_TIME && !facts.has_mac && facts.kinds == 0));
        HOLDS(time.source == TIME_VENDOR);
        HOLDS(time.form != NAMED_MOMENT || (time.utc.ms > UTC_MIN_MS && time.utc.ms < UTC_MAX_MS));
        HOLDS(time.form != NAMED_CIVIL || civil_valid(&time.civil));
        HOLDS(memchr(facts.model, '\0', sizeof facts.model) != NULL);
        HOLDS(memchr(facts.camera_name, '\0', sizeof facts.camera_name) != NULL);
        HOLDS(utf8_valid(facts.camera_name, strlen(facts.camera_name)));
        HOLDS(utf8_valid(facts.model, strlen(facts.model)));
        return 0;
}
