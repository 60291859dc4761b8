#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "serve/shrink.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A picture a thumbnail is made of. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        uint8_t *small = NULL;
        size_t small_length = 0;
        struct error err = {0};
        if (shrink_jpeg(bytes, length, 160, &small, &small_length, &err)) {
                assert(small_length > 4 && small[0] == 0xff && small[1] == 0xd8);
                assert(small[small_length - 2] == 0xff && small[small_length - 1] == 0xd9);
        } else {
                assert(err.kind == ERROR_CORRUPT || err.kind == ERROR_FULL);
                assert(small == NULL);
        }
        free(small);
        return 0;
}
