#include "app/segment_frames.h"

#include <string.h>

#include "model/kind.h"

/* Bits of the words that are known. */
static uint64_t known_kinds(struct catalog *catalog, const struct facts *facts)
{
        uint64_t kinds = facts->kinds;
        char words[FACTS_WORDS_SIZE];
        char *rest = NULL;
        memcpy(words, facts->words, sizeof words);
        for (char *word = strtok_r(words, "\n", &rest); word != NULL;
             word = strtok_r(NULL, "\n", &rest)) {
                int bit = catalog_kind_bit(catalog, word);
                kinds |= UINT64_C(1) << (bit >= 0 ? bit : KIND_LIMIT - 1);
        }
        return kinds;
}

bool segment_frame_of_facts(struct catalog *catalog, bool learn, const struct segment *segment,
                            const struct segment_record *record, const struct facts *facts,
                            struct utc received, struct frame *frame_out, struct error *err)
{
        uint64_t kinds = 0;
        if (!learn)
                kinds = known_kinds(catalog, facts);
        else if (!catalog_kinds_of(catalog, facts, &kinds, err))
                return false;
        *frame_out = (struct frame){
                .key = {segment->camera, facts->time, 0},
                .received = received,
                .sequence = facts->sequence,
                .kinds = kinds,
                .windows = facts->windows,
                .has_trigger = facts->has_trigger,
                .trigger = facts->trigger,
                .width = facts->width,
                .height = facts->height,
                .bytes = record->picture_length,
                .time_source = facts->time_source,
                .place = {.segment = segment->id, .offset = record->picture_offset},
        };
        return true;
}

bool segment_frame(struct catalog *catalog, bool learn, const struct segment *segment,
                   const struct segment_record *record, struct frame *frame_out, struct error *err)
{
        struct record_facts facts;
        return record_facts_parse(record->facts, record->facts_length, &facts, err) &&
               segment_frame_of_facts(catalog, learn, segment, record, &facts.facts, facts.received,
                                      frame_out, err);
}
