#pragma once

#include <stdint.h>

/* Prints the motion windows of a simulated camera, as `cctvweb camera set` reads them; the exit
 * status. */
int simulate_windows(const char *name, uint64_t seed);
