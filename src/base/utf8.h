#pragma once

#include <stdbool.h>
#include <stddef.h>

/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF. */

/* The length in bytes (1 to 4) of the valid sequence at the start of `bytes`, 0 if there is none.
 */
size_t utf8_length(const char *bytes, size_t length);

/* True when the whole of it is valid. */
bool utf8_valid(const char *bytes, size_t length);
