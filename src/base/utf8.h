#pragma once

#include <stdbool.h>
#include <stddef.h>

/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF. */

/* The length in bytes (1 to 4) of the valid sequence at the start of `bytes`, 0 if there is none.
 */
size_t utf8_length(const char *bytes, size_t length);

/* True when the whole of it is valid. */
bool utf8_valid(const char *bytes, size_t length);

/* The length in bytes of what stands at the start of `bytes` and is to reach no screen, 0 if it
 * may: controls, of C1 too, which terminals obey; marks that turn the direction of what follows;
 * breaks of lines. Bytes that are no UTF-8 may, unless they are controls of 8-bit terminals. */
size_t utf8_unshown(const char *bytes, size_t length);

/* Puts a ? for each byte of that. */
void utf8_tame(char *bytes, size_t length);
