#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/facts.h"
#include "model/template_reading.h"
#include "parse/name.h"

/*
 * The text typed into an IQeye camera that makes the path of its uploads, folder and name joined by
 * '/', such as `$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN`, read backwards: which time, which
 * camera a path tells of.
 *
 * $SH MAC; $SI IP address; $SN name; $ST time of day; $SD date ("Wed Feb 03 2010"); $SD(..) and
 * $ST(..) with strftime's letters; $MSE milliseconds since 1970; $FN file name; $SC company, $SP
 * product, $SV firmware, $SM domain, $O(oid) any text; $$ a dollar sign. A colon arrives as one
 * of : _ . - . The template is matched to a path's end: folders before it are free.
 */
enum { TEMPLATE_BYTES = 256 };
struct path_template;

/* ERROR_INPUT says what is wrong and at which byte. `text` need not be terminated. */
bool path_template_compile(const char *text, size_t length, struct path_template **template_out,
                           struct error *err) MUST_CHECK;
void path_template_free(struct path_template **path_template);

struct templated {
        struct named_time time; /* NAMED_NO_TIME if the template has no whole time */
        bool has_mac;
        uint8_t mac[6];
        char camera_name[FACTS_NAME_SIZE]; /* of $SN; empty if none */
};

/* False when the path does not fit. Takes at most some ten thousand steps, whatever the input. */
bool path_template_match(const struct path_template *path_template, const char *path, size_t length,
                         struct templated *out) MUST_CHECK;

/* How it reads a path: sets fits, pieces and where it stops, and leaves the rest alone. */
void path_template_explain(const struct path_template *path_template, const char *path,
                           size_t length, struct template_reading *reading);

/* The same as path_template_match for a path already split. */
bool path_template_match_parts(const struct path_template *path_template,
                               const struct path_parts *parts, struct templated *out) MUST_CHECK;
