#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A Host header, an address to listen on, or a request target. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        static const char *const allowed[] = {"cams.example.net"};
        char *text = malloc(length + 1);
        assert(text != NULL);
        memcpy(text, bytes, length);
        text[length] = '\0';
        char host[HOST_SIZE];
        bool parsed = host_parse(text, host);
        if (parsed)
                assert(strlen(host) < HOST_SIZE && host[0] != '\0' && strchr(host, ' ') == NULL);
        bool may = host_allowed(text, allowed, 1);
        if (may)
                assert(parsed && (host_is_loopback(host) || strcmp(host, allowed[0]) == 0));
        struct listen_address address;
        struct error err = {0};
        if (listen_parse(text, &address, &err))
                assert(address.six || ntohl(address.v4.s_addr) >> 24 == 127);
        else
                assert(err.kind == ERROR_INPUT || err.kind == ERROR_DENIED);
        const char *found;
        size_t found_length;
        if (host_of_target(text, &found, &found_length))
                assert(found > text && found + found_length <= text + length);
        free(text);
        return 0;
}
