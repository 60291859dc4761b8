#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A file of what an FTP server acknowledged, for tests that end servers in the midst of their work
 * and for going on later: one line an upload, `SHA256-OF-THE-BYTES PATH TIME`, written with one
 * call right after the answer came. Safe from any thread.
 */
struct acks;

/* Opens it for appending. */
bool acks_open(const char *path, struct acks **acks_out, struct error *err) MUST_CHECK;
void acks_close(struct acks **acks);

bool acks_add(struct acks *acks, const uint8_t *bytes, size_t length, const char *path,
              struct error *err) MUST_CHECK;

/* Uploads of the camera in it. */
bool acks_count(const struct acks *acks, const uint8_t mac[static 6], int64_t *count_out,
                struct error *err) MUST_CHECK;

/* "00_50_1a_02_2c_be", as it stands in paths. */
#define ACKS_MAC_SIZE 18
void acks_mac_format(const uint8_t mac[static 6], char out[static ACKS_MAC_SIZE]);
