#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Where the server listens and which names it answers to. Pure. Until access control exists only
 * this machine may connect, and a Host header that names anything else is refused: a web page of
 * somebody else whose name was made to point at 127.0.0.1 must not read the pictures.
 */
struct listen_address {
        bool six;
        struct in_addr v4;
        uint16_t port; /* 0: any free one */
};

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "localhost", "8080". An address that is not
 * loopback is ERROR_DENIED. */
bool listen_parse(const char *text, struct listen_address *address_out,
                  struct error *err) MUST_CHECK;

enum { HOST_SIZE = 256, LISTEN_PORT_DEFAULT = 8080 };

/* The host of a Host header, without port and brackets, lower case; false when ill-formed. */
bool host_parse(const char *header, char host_out[static HOST_SIZE]) MUST_CHECK;

/* True for 127.0.0.0/8, ::1, localhost and what ends with .localhost. */
bool host_is_loopback(const char *host) MUST_CHECK;

/* True when a request with this Host header may be answered. `allowed` are further names. */
bool host_allowed(const char *header, const char *const *allowed, size_t count) MUST_CHECK;

/* True when an Origin header ("http://localhost:8080") names the host and port of a Host header:
 * the page that asks came from here. */
bool host_is_origin(const char *origin, const char *host) MUST_CHECK;

/* Whether `text` is an origin as browsers send it, "https://cams.example.net": no path, no user,
 * and no "*", which would let any page of any site look in. */
bool origin_check(const char *text, struct error *err) MUST_CHECK;

/* The host of a request target in absolute form ("http://localhost:8080/api?x", RFC 9112, 3.2.2),
 * which counts instead of the Host header: where it begins and how long it is. False for any other
 * form. What follows it is the path, which may be missing. */
bool host_of_target(const char *target, const char **host_out, size_t *length_out) MUST_CHECK;
