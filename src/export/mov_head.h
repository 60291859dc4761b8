#pragma once

#include "base/text.h"
#include "export/mov.h"

/*
 * The part of a film's head that needs no walk: all of moov before its tables, and the headers of
 * these. What is told of the cameras comes from the source.
 */
enum { MOV_HEAD_BOUND = 1 << 16 };

/* ftyp and moov up to the first table. Its length does not depend on the plan's head_bytes. */
void mov_head_write(struct text *out, const struct mov_plan *plan,
                    const struct export_source *source);

/* The time now used for `time` in boxes: seconds since 1904, 0 when before. */
uint64_t mov_time(struct utc time);
