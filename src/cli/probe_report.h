#pragma once

#include "base/text.h"
#include "base/zone.h"
#include "model/facts.h"

/* What `cctvweb probe` says of one file. */
struct probed {
        const char *file;  /* as given */
        const char *error; /* why it could not be read; NULL if it could, and facts are set */
        struct utc received;
        struct facts facts;
};

/* One JSON object on a line of its own. */
void probe_report_json(const struct probed *probed, struct text *text);

/* Lines for people; local times in `zone` beside UTC if there is one (zone_name is its name). */
void probe_report_text(const struct probed *probed, const struct zone *zone, const char *zone_name,
                       struct text *text);
