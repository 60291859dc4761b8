#pragma once

#include <stdint.h>

#include "base/text.h"

/* What the feed of /live needs of it. */
struct live;

enum { LIVE_TICK_MS = 100 }; /* how often news are told at most */

/* Numbers and keeps a message; `data` is one line of JSON. Listeners are woken by the hub. */
void live_publish(struct live *live, int32_t camera, const char *event, const struct text *data);
