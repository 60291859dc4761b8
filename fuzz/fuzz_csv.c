#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "receive/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A sum over all that was reported, in order. */
struct seen {
        uint64_t sum;
        int64_t rows;
        int64_t line;
        size_t most; /* bytes fed */
};

static void add(struct seen *seen, const void *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++)
                seen->sum = (seen->sum ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
        seen->sum = (seen->sum ^ length) * UINT64_C(0x100000001b3);
}

static void see(void *context, const struct csv_row *row)
{
        struct seen *seen = context;
        seen->rows++;
        assert(row->line >= seen->line); /* in order, and never the same line twice */
        assert(row->line > seen->line);
        seen->line = row->line;
        add(seen, &row->line, sizeof row->line);
        if (row->bad != NULL) {
                add(seen, row->bad, strlen(row->bad));
                return;
        }
        assert(row->path_length > 0);
        assert(row->path_length + row->json_length <= seen->most);
        add(seen, row->path, row->path_length);
        add(seen, row->json, row->json_length);
}

static struct seen feed(const uint8_t *bytes, size_t length, size_t step)
{
        struct seen seen = {.most = length};
        struct csv *csv = malloc(sizeof *csv);
        assert(csv != NULL);
        csv_init(csv, see, &seen);
        for (size_t at = 0; at < length; at += step) {
                size_t piece = length - at < step ? length - at : step;
                csv_feed(csv, (const char *)bytes + at, piece);
        }
        csv_end(csv);
        free(csv);
        return seen;
}

/* However the bytes are cut, the same rows come out. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct seen whole = feed(bytes, length, length > 0 ? length : 1);
        struct seen single = feed(bytes, length, 1);
        struct seen sevens = feed(bytes, length, 7);
        assert(whole.sum == single.sum && whole.rows == single.rows);
        assert(whole.sum == sevens.sum && whole.rows == sevens.rows);
        return 0;
}
