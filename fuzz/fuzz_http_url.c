#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "serve/assets.h"
#include "serve/query_string.h"
#include "serve/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A URL as it comes from outside: path, '?', query. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct error err;
        char *url = malloc(length + 1);
        assert(url != NULL);
        memcpy(url, bytes, length);
        url[length] = '\0';
        char *query = strchr(url, '?');
        if (query != NULL)
                *query++ = '\0';
        struct route_captures captures;
        unsigned methods;
        const struct route *route = route_find(METHOD_GET, url, &captures, &methods);
        for (int i = 0; route != NULL && i < ROUTE_CAPTURES_MAX; i++) {
                if (captures.length[i] > 0)
                        assert(captures.at[i] >= url &&
                               captures.at[i] + captures.length[i] <= url + strlen(url));
        }
        (void)asset_find(url);
        if (query != NULL) {
                size_t most = query_string_most(query);
                size_t whole = strlen(query);
                struct query_parameter *parameters = calloc(most, sizeof *parameters);
                assert(parameters != NULL);
                size_t count = 0;
                if (query_string_parse(query, parameters, most, &count, &err)) {
                        assert(count <= most);
                        for (size_t i = 0; i < count; i++) {
                                assert(utf8_valid(parameters[i].name, strlen(parameters[i].name)));
                                assert(utf8_valid(parameters[i].value,
                                                  strlen(parameters[i].value)));
                                assert(strlen(parameters[i].value) <= whole);
                        }
                        if (route != NULL)
                                (void)!route_check(route, parameters, count, &err);
                }
                free(parameters);
        }
        char *path = strdup(url);
        assert(path != NULL);
        if (percent_decode(path, strlen(path), false, &err)) {
                /* What was decoded, encoded again, decodes to the same. */
                size_t room = strlen(path) * 3 + 1;
                char *again = malloc(room);
                assert(again != NULL && percent_encode(path, again, room));
                assert(percent_decode(again, strlen(again), false, &err));
                assert(strcmp(again, path) == 0);
                free(again);
        }
        free(path);
        free(url);
        return 0;
}
