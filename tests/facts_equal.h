#pragma once

#include <string.h>

#include "model/facts.h"

/* Field by field, because padding has no meaning. */
static inline bool facts_equal(const struct facts *a, const struct facts *b)
{
        return a->is_jpeg == b->is_jpeg && a->complete_known == b->complete_known &&
               a->complete == b->complete && a->has_mac == b->has_mac &&
               memcmp(a->mac, b->mac, sizeof a->mac) == 0 && a->model_code == b->model_code &&
               strcmp(a->model, b->model) == 0 && strcmp(a->camera_name, b->camera_name) == 0 &&
               a->time.ms == b->time.ms && a->time_source == b->time_source &&
               a->sequence == b->sequence && a->kinds == b->kinds &&
               strcmp(a->words, b->words) == 0 && a->windows == b->windows &&
               a->has_trigger == b->has_trigger && a->trigger == b->trigger &&
               a->width == b->width && a->height == b->height && a->bytes == b->bytes &&
               a->bytes_after_eoi == b->bytes_after_eoi && a->notes == b->notes;
}
