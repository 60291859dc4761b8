#include "serve/list_page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "12.1.1400854100529": three whole numbers, the parts of a key. */
static bool parse_key(const char *text, struct list_key *key_out)
{
        for (int i = 0; i < 3; i++) {
                char *end = NULL;
                if (strspn(text, "-0123456789") == 0)
                        return false;
                errno = 0;
                key_out->parts[i] = strtoll(text, &end, 10);
                if (errno != 0 || end == text || *end != (i < 2 ? '.' : '\0'))
                        return false;
                text = end + 1;
        }
        return true;
}

bool list_page_read(const struct request *request, struct list_page *page_out, struct error *err)
{
        static const int64_t limits[2] = {1, LIST_LIMIT_MAX};
        struct list_page page = {0};
        const char *cursor = request_parameter(request, "cursor");
        if (!request_number(request, "limit", limits, LIST_LIMIT_DEFAULT, &page.limit, err))
                return false;
        if (cursor != NULL && cursor[0] != '\0') {
                page.has_after = parse_key(cursor, &page.after);
                if (!page.has_after)
                        return error_set(err, ERROR_INPUT,
                                         "cursor: wanted is the `next` of a page");
        }
        *page_out = page;
        return true;
}

static bool is_behind(const struct list_key *key, const struct list_key *after)
{
        for (int i = 0; i < 3; i++) {
                if (key->parts[i] != after->parts[i])
                        return key->parts[i] > after->parts[i];
        }
        return false;
}

bool list_page_take(struct list_page *page, const struct list_key *key)
{
        page->total++;
        if (page->has_after && !is_behind(key, &page->after))
                return false;
        if (page->written == page->limit) {
                page->more = true;
                return false;
        }
        page->written++;
        page->last = *key;
        return true;
}

void list_page_end(const struct list_page *page, struct json *json)
{
        char next[64];
        const int64_t *parts = page->last.parts;
        json_add_int(json, "total", page->total);
        if (!page->more) {
                json_add_null(json, "next");
                return;
        }
        snprintf(next, sizeof next, "%" PRId64 ".%" PRId64 ".%" PRId64, parts[0], parts[1],
                 parts[2]);
        json_add_string(json, "next", next);
}
