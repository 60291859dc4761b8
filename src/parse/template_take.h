#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/template_node.h"

/* What the nodes of a template take from a path, each by itself. */

/* What nodes have read; -1 where nothing was. */
struct fields {
        int year, month, day, day_of_year;
        int hour, hour12, half; /* half: 0 AM, 1 PM */
        int minute, second;
        int64_t epoch_ms;
        bool in_folders; /* some of it */
        bool has_mac;
        uint8_t mac[6];
};

/* How many bytes the node takes of the `left` bytes at `at`; 0 if it does not fit. Of NODE_TEXT and
 * NODE_NAME, whose end depends on what follows, always 0. */
size_t template_take(const struct node *node, const char *at, size_t left, struct fields *fields);
