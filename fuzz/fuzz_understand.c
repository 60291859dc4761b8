#include <string.h>

#include "../tests/facts_equal.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "model/camera.h"
#include "parse/understand.h"

/*
 * Any bytes as a picture: fed whole, grown as understand_head asks, and cut anywhere. What is final
 * for a part must be what is found in the whole.
 */
static const char path[] = "gate/2018-08-24/001/jpg/22/27/22[M][0@0][0].jpg";

static const struct understand_context context = {
        .path = path,
        .path_length = sizeof path - 1,
        .received = {1535144842000},
        .now = {1800000000000},
        .bytes = 4711,
};

static size_t understand_copy(const uint8_t *bytes, size_t length, bool whole, struct facts *facts)
{
        uint8_t *copy = malloc(length > 0 ? length : 1);
        if (length > 0)
                memcpy(copy, bytes, length);
        size_t wanted = understand_head(copy, length, whole, &context, facts);
        free(copy);
        HOLDS(wanted == 0 || (wanted > length && wanted <= UNDERSTAND_HEAD_MAX && !whole));
        return wanted;
}

static void check_sane(const struct facts *facts)
{
        HOLDS(utc_known(facts->time));
        HOLDS(!facts->complete_known);
        HOLDS(facts->width >= 0 && facts->height >= 0);
        HOLDS(memchr(facts->words, '\0', sizeof facts->words) != NULL);
        HOLDS(utf8_valid(facts->words, strlen(facts->words)));
        HOLDS(memchr(facts->model, '\0', sizeof facts->model) != NULL);
        HOLDS(utf8_valid(facts->model, strlen(facts->model)));
        HOLDS(facts->camera_name[0] == '\0' || camera_name_valid(facts->camera_name));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
        struct facts whole;
        struct facts part;
        if (size > UNDERSTAND_HEAD_MAX / 2)
                return 0;
        HOLDS(understand_copy(bytes, size, true, &whole) == 0);
        check_sane(&whole);

        size_t length = 0;
        for (int tries = 0;; tries++) {
                size_t wanted = understand_copy(bytes, length, length == size, &part);
                if (wanted == 0)
                        break;
                HOLDS(tries < 64);
                length = wanted < size ? wanted : size;
        }
        HOLDS(facts_equal(&whole, &part));

        size_t step = size < 2048 ? 1 : size / 1024;
        for (length = 0; length < size; length += step) {
                if (understand_copy(bytes, length, false, &part) == 0)
                        HOLDS(facts_equal(&whole, &part));
                (void)understand_copy(bytes, length, true, &part);
                check_sane(&part);
        }
        return 0;
}
