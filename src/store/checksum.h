#pragma once

#define XXH_STATIC_LINKING_ONLY /* a state on the stack */
#include <xxhash.h>
/* With the widest instructions that the processor has, where the library brings them. */
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#endif
