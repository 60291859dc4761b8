#pragma once

#include <stdbool.h>

#include "app/aside.h"
#include "base/text.h"
#include "base/utc.h"

/*
 * Ids of what is kept aside: "20140523T140820529Z-" and the escaped name (aside_escape,
 * aside_name), and the note beside it. Pure; used by aside.c.
 */
enum { ASIDE_STAMP_SIZE = 20 };

/* "20140523T140820529Z" */
void aside_stamp_format(struct utc time, char out[static ASIDE_STAMP_SIZE]);

/* The time an id begins with; false when it is no id. */
bool aside_stamp_parse(const char *id, struct utc *time_out);

/* What is told of an item of so many bytes, as JSON: the texts first. */
void aside_note_write(const struct aside_note *note, size_t length, struct text *out);
