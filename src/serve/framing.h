#pragma once

#include <microhttpd.h>

/*
 * Whether a header says in one way only whom the request is for and where it ends. The library
 * takes the first of several Host or Content-Length and passes over odd ones; a proxy in front may
 * take the last, and then they differ on where the next request begins, which is how one is
 * smuggled past what the proxy checks.
 */

/* NULL when it does, else what is wrong with it. */
const char *framing_problem(struct MHD_Connection *connection);
