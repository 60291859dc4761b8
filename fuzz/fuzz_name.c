#include "fuzz.h"
#include "model/camera.h"
#include "parse/name.h"

/* Any bytes as a path. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        struct path_parts parts;
        struct named_time time;
        char camera[FACTS_NAME_SIZE];
        uint8_t mac[6];
        int trigger = 0;
        path_split((const char *)bytes, size, &parts);
        HOLDS(parts.count <= PATH_PARTS);
        for (size_t i = 0; i < parts.count; i++)
                HOLDS(parts.parts[i].length > 0);
        name_time(&parts, &time);
        if (time.form == NAMED_CIVIL || time.form == NAMED_YEARLESS)
                HOLDS(civil_valid(&time.civil));
        if (time.form == NAMED_YEARLESS &&
            name_infer_year(&time.civil, (struct utc){1700000000000}))
                HOLDS(civil_valid(&time.civil) &&
                      civil_as_utc(&time.civil).ms <= 1700000000000 + 86400000);
        if ((time.form == NAMED_ORDERLESS || time.form == NAMED_GUESSED) &&
            name_order_date(&time, (struct utc){1700000000000}))
                HOLDS(civil_valid(&time.civil));
        HOLDS(parts.count > 0 || name_kinds(&parts) == 0);
        if (name_camera(&parts, camera))
                HOLDS(camera_name_valid(camera));
        (void)name_mac(&parts, mac);
        if (name_trigger((const char *)bytes, size, &trigger))
                HOLDS(trigger > -1000 && trigger < 1000);
        return 0;
}
