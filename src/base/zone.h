#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"

/*
 * Time zones by their IANA name, read from the system's time zone files (TZif, RFC 9636, with the
 * POSIX TZ rule at the end for times past the table). A zone is immutable and may be shared by
 * threads. Reading never touches TZ or any other state of the process.
 */
struct zone;

/* Loads "America/Chicago", "UTC", ... ; an unknown or ill-formed name is ERROR_INPUT. */
bool zone_load(const char *name, struct zone **zone_out, struct error *err) MUST_CHECK;
void zone_free(struct zone **zone);

/* Reads TZif bytes; the pure part of zone_load. */
bool zone_parse(const uint8_t *bytes, size_t length, struct zone **zone_out,
                struct error *err) MUST_CHECK;

/* Seconds east of UTC at a moment. */
int zone_offset(const struct zone *zone, struct utc time);

/* Local fields of a moment. */
struct civil zone_civil(const struct zone *zone, struct utc time);

enum zone_fit {
        ZONE_UNIQUE,
        ZONE_TWICE, /* the local time happens twice; *utc_out is the first, *later_out the second */
        ZONE_SKIPPED /* it does not happen; *utc_out is the moment shifted forward by the gap */
};

/* The moment of valid local fields. later_out may be NULL; it is set to *utc_out unless twice. */
enum zone_fit zone_utc(const struct zone *zone, const struct civil *local, struct utc *utc_out,
                       struct utc *later_out);
