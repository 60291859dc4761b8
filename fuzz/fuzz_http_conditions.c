#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/conditional.h"
#include "serve/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Five headers, a line each: If-None-Match, If-Modified-Since, If-Range, Range, Accept-Encoding;
 * an empty line is a header that is not there. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        char *text = malloc(length + 1);
        assert(text != NULL);
        memcpy(text, bytes, length);
        text[length] = '\0';
        const char *headers[5] = {NULL};
        char *at = text;
        for (int i = 0; i < 5 && at != NULL; i++) {
                char *end = strchr(at, '\n');
                if (end != NULL)
                        *end = '\0';
                headers[i] = *at != '\0' ? at : NULL;
                at = end != NULL ? end + 1 : NULL;
        }
        struct conditions conditions = {headers[0], headers[1], headers[2], headers[3]};
        for (int64_t whole = 0; whole < 3; whole++) {
                struct validators validators = {
                        .etag = "\"a-1\"",
                        .modified = {784111777500},
                        .length = whole * INT64_C(40000),
                };
                int64_t offset = -1;
                int64_t part = -1;
                enum condition decided = condition_decide(&conditions, &validators, &offset, &part);
                if (decided == CONDITION_PART) {
                        assert(offset >= 0 && part > 0);
                        assert(offset + part <= validators.length);
                }
                assert(decided == CONDITION_WHOLE || decided == CONDITION_NOT_MODIFIED ||
                       headers[3] != NULL);
        }
        enum encoding encoding = encoding_choose(headers[4]);
        assert(encoding < ENCODINGS);
        assert(encoding == ENCODING_IDENTITY || headers[4] != NULL);
        free(text);
        return 0;
}
