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

void segment_frame_fill(const struct segment *segment, const struct segment_record *record,
                        const struct record_facts *facts, uint64_t kinds, struct frame *frame_out)
{
        const struct facts *own = &facts->facts;
        *frame_out = (struct frame){
                .key = {segment->camera, own->time, 0},
                .received = facts->received,
                .sequence = own->sequence,
                .kinds = kinds,
                .windows = own->windows,
                .has_trigger = own->has_trigger,
                .trigger = own->trigger,
                .width = own->width,
                .height = own->height,
                .bytes = record->picture_length,
                .time_source = own->time_source,
                .place = {.segment = segment->id, .offset = record->picture_offset},
        };
}

bool segment_frame(struct catalog *catalog, bool learn, const struct segment *segment,
                   const struct segment_record *record, struct frame *frame_out, struct error *err)
{
        struct record_facts facts;
        uint64_t kinds = 0;
        if (!record_facts_parse(record->facts, record->facts_length, &facts, err))
                return false;
        if (!learn)
                kinds = known_kinds(catalog, &facts.facts);
        else if (!catalog_kinds_of(catalog, &facts.facts, &kinds, err))
                return false;
        segment_frame_fill(segment, record, &facts, kinds, frame_out);
        return true;
}
