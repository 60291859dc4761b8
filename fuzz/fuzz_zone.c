#include "base/zone.h"
#include "base/zone_rule.h"
#include "fuzz.h"

/* Any bytes as a time zone file and as the rule at its end. Whatever the zone, a moment's local
 * time leads back to that moment, or it is one of two. */
static void check(const struct zone *zone, int64_t ms)
{
        struct utc time = {ms};
        struct civil local = zone_civil(zone, time);
        struct utc first;
        struct utc later;
        int offset = zone_offset(zone, time);
        HOLDS(offset >= -26 * 3600 && offset <= 26 * 3600);
        HOLDS(civil_valid(&local));
        enum zone_fit fit = zone_utc(zone, &local, &first, &later);
        if (fit == ZONE_TWICE)
                HOLDS(first.ms < later.ms);
        else
                HOLDS(first.ms == later.ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        struct zone *zone = NULL;
        struct zone_rule rule;
        if (zone_rule_parse((const char *)bytes, size, &rule)) {
                for (int64_t t = 0; t < INT64_C(4000000000); t += 5000011) {
                        struct zone_stretch stretch = zone_rule_at(&rule, t);
                        HOLDS(stretch.from <= t && t < stretch.to);
                }
        }
        if (!zone_parse(bytes, size, &zone, NULL))
                return 0;
        static const int64_t years[] = {UTC_MIN_MS, UTC_MAX_MS, 0, -1};
        for (size_t i = 0; i < sizeof years / sizeof years[0]; i++)
                check(zone, years[i]);
        for (int64_t ms = 0; ms < INT64_C(2500000000000); ms += INT64_C(20000000003))
                check(zone, ms);
        zone_free(&zone);
        return 0;
}
