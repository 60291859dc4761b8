#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "serve/request.h"

/*
 * A page of a list that is in order of keys of three numbers, which is walked through from its
 * beginning to count all of it: for lists of what people made, which are short.
 */
enum { LIST_LIMIT_DEFAULT = 100, LIST_LIMIT_MAX = 1000 };

struct list_key {
        int64_t parts[3];
};

struct list_page {
        int64_t limit;
        bool has_after;
        struct list_key after;
        int64_t total;
        int64_t written;
        bool more;
        struct list_key last;
};

/* Of the parameters `limit` and `cursor`. */
bool list_page_read(const struct request *request, struct list_page *page_out,
                    struct error *err) MUST_CHECK;

/* Counts one; true when it is to be written. */
bool list_page_take(struct list_page *page, const struct list_key *key);

/* Writes `total` and `next`. */
void list_page_end(const struct list_page *page, struct json *json);
