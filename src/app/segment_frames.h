#pragma once

#include "app/record_facts.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "model/segment.h"
#include "store/segment.h"

/*
 * A record of an hour file as the frame that the catalog keeps of it, as recovery, reindex and
 * check need it: key.tie is 0. With `learn` (a writing catalog) words of kinds get their bit, else
 * a word without one counts as "other".
 */
bool segment_frame(struct catalog *catalog, bool learn, const struct segment *segment,
                   const struct segment_record *record, struct frame *frame_out,
                   struct error *err) MUST_CHECK;

/* The same of facts already read and bits already found. */
void segment_frame_fill(const struct segment *segment, const struct segment_record *record,
                        const struct record_facts *facts, uint64_t kinds, struct frame *frame_out);
