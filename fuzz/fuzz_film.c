#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/film.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A film that was uploaded. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        enum film film = film_look(bytes, length);
        assert(film == FILM_UNKNOWN || film == FILM_WHOLE || film == FILM_CUT);
        assert(film == FILM_UNKNOWN || length >= 8);
        return 0;
}
