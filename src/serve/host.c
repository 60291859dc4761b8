#include "serve/host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool port_parse(const char *text, uint16_t *port_out)
{
        unsigned value = 0;
        size_t length = strlen(text);
        if (length == 0 || length > 5)
                return false;
        for (size_t i = 0; i < length; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return false;
                value = value * 10 + (unsigned)(text[i] - '0');
        }
        if (value > 65535)
                return false;
        *port_out = (uint16_t)value;
        return true;
}

/* Of names and addresses; nothing that ends a host in a URL. */
static bool is_host_byte(unsigned char byte)
{
        return byte >= 0x80 || isalnum(byte) || byte == '.' || byte == '-' || byte == '_' ||
               byte == ':';
}

/* Splits "host:port", "[six]:port", "host", "[six]" into a lower-case host and what follows the
 * colon (NULL if none). A bare IPv6 address without brackets is taken as a host. */
static bool split(const char *text, char host_out[static HOST_SIZE], const char **port_out)
{
        const char *start = text;
        size_t length;
        const char *after;
        if (text[0] == '[') {
                const char *end = strchr(text, ']');
                if (end == NULL)
                        return false;
                start = text + 1;
                length = (size_t)(end - start);
                after = end + 1;
        } else {
                const char *colon = strchr(text, ':');
                bool bare_six = colon != NULL && strchr(colon + 1, ':') != NULL;
                length = colon != NULL && !bare_six ? (size_t)(colon - text) : strlen(text);
                after = text + length;
        }
        if (length >= HOST_SIZE || (*after != '\0' && *after != ':'))
                return false;
        for (size_t i = 0; i < length; i++) {
                char byte = start[i];
                if (!is_host_byte((unsigned char)byte))
                        return false;
                host_out[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
        }
        host_out[length] = '\0';
        *port_out = *after == ':' ? after + 1 : NULL;
        return true;
}

bool host_is_loopback(const char *host)
{
        struct in_addr v4;
        struct in6_addr v6;
        if (inet_pton(AF_INET, host, &v4) == 1)
                return ntohl(v4.s_addr) >> 24 == 127;
        if (inet_pton(AF_INET6, host, &v6) == 1)
                return IN6_IS_ADDR_LOOPBACK(&v6);
        static const char suffix[] = ".localhost";
        size_t length = strlen(host);
        return strcmp(host, "localhost") == 0 ||
               (length > sizeof suffix - 1 &&
                strcmp(host + length - (sizeof suffix - 1), suffix) == 0);
}

bool listen_parse(const char *text, struct listen_address *address_out, struct error *err)
{
        struct listen_address address = {.port = LISTEN_PORT_DEFAULT};
        char host[HOST_SIZE];
        const char *port;
        if (port_parse(text, &address.port)) {
                snprintf(host, sizeof host, "localhost");
                port = NULL;
        } else if (!split(text, host, &port) || host[0] == '\0' ||
                   (port != NULL && !port_parse(port, &address.port))) {
                return error_set(err, ERROR_INPUT,
                                 "\"%s\" is not an address to listen on; wanted is one like "
                                 "127.0.0.1:8080 or [::1]:8080",
                                 text);
        }
        struct in6_addr v6;
        if (strcmp(host, "localhost") == 0) {
                address.v4.s_addr = htonl(INADDR_LOOPBACK);
        } else if (host_is_loopback(host) && inet_pton(AF_INET6, host, &v6) == 1) {
                address.six = true;
        } else if (!host_is_loopback(host) || inet_pton(AF_INET, host, &address.v4) != 1) {
                return error_set(err, ERROR_DENIED,
                                 "will not listen on \"%s\": there is no access control yet, so "
                                 "only this machine may connect (127.0.0.1, ::1 or localhost)",
                                 text);
        }
        *address_out = address;
        return true;
}

bool host_parse(const char *header, char host_out[static HOST_SIZE])
{
        const char *port;
        uint16_t number;
        return split(header, host_out, &port) && host_out[0] != '\0' &&
               (port == NULL || *port == '\0' || port_parse(port, &number));
}

bool host_allowed(const char *header, const char *const *allowed, size_t count)
{
        char host[HOST_SIZE];
        if (!host_parse(header, host))
                return false;
        if (host_is_loopback(host))
                return true;
        for (size_t i = 0; i < count; i++) {
                if (strcasecmp(host, allowed[i]) == 0)
                        return true;
        }
        return false;
}

bool host_is_origin(const char *origin, const char *host)
{
        static const struct {
                const char *word;
                uint16_t port;
        } schemes[] = {{"http://", 80}, {"https://", 443}};
        for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
                size_t length = strlen(schemes[i].word);
                char names[2][HOST_SIZE];
                const char *ports[2];
                uint16_t numbers[2] = {schemes[i].port, schemes[i].port};
                if (strncmp(origin, schemes[i].word, length) != 0)
                        continue;
                if (!split(origin + length, names[0], &ports[0]) ||
                    !split(host, names[1], &ports[1]))
                        return false;
                for (int k = 0; k < 2; k++) {
                        if (ports[k] != NULL && *ports[k] != '\0' &&
                            !port_parse(ports[k], &numbers[k]))
                                return false;
                }
                return names[0][0] != '\0' && strcmp(names[0], names[1]) == 0 &&
                       numbers[0] == numbers[1];
        }
        return false;
}

bool origin_check(const char *text, struct error *err)
{
        const char *host = strstr(text, "://");
        if (host != NULL && strpbrk(host + 3, "/?#@*, ") == NULL && host_is_origin(text, host + 3))
                return true;
        return error_set(err, ERROR_INPUT,
                         "\"%s\" is not the origin of pages; wanted is one like "
                         "https://cams.example.net or http://localhost:3000, without a path",
                         text);
}

bool host_of_target(const char *target, const char **host_out, size_t *length_out)
{
        static const char *const schemes[] = {"http://", "https://"};
        for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
                size_t length = strlen(schemes[i]);
                if (strncasecmp(target, schemes[i], length) != 0)
                        continue;
                *host_out = target + length;
                *length_out = strcspn(*host_out, "/?#");
                return true;
        }
        return false;
}
